//! The plain collections of Backup Server: one line for each path that lists, creates, reads, changes and
//! deletes sections of a file and does nothing else. Words are those of proxmox-backup's `api2/config`.

use crate::proxmox::collection::{Collection, Kind, Text, Words};
use crate::proxmox::rust_access::REALMS;

/// The sections of notification targets, which share one space of names.
pub const ENDPOINTS: &str = "config/notifications/endpoints";

/// Words of jobs, which are called so whatever they do; `missing` names the type of the section.
const fn job(missing: &'static str) -> Words {
    Words::rust(
        "id",
        "job '{id}' already exists.",
        missing,
        "job '{id}' does not exist.",
    )
}

/// Words of realms.
const fn realm(missing: &'static str) -> Words {
    Words::rust(
        "realm",
        "realm '{id}' already exists.",
        missing,
        "realm '{id}' does not exist.",
    )
}

/// Words of servers for metrics.
const fn metrics(missing: &'static str) -> Words {
    Words::rust(
        "name",
        "metric server '{id}' already exists.",
        missing,
        "metric server '{id}' does not exist.",
    )
}

/// Words of notifications (proxmox-notify's `api/mod.rs`).
const fn notification(missing: &'static str) -> Words {
    Words {
        exists: Text::Failed("Cannot create '{id}', an entity with the same name already exists"),
        missing: Text::NotFound(missing),
        nothing_to_delete: Text::NotFound(missing),
    }
}

/// A kind of notification target.
#[track_caller]
const fn endpoint(path: &'static str, kind: &'static str, missing: &'static str) -> Collection {
    Collection::new(path, "name", ENDPOINTS, notification(missing)).typed(Kind::Fixed(kind))
}

/// A kind of realm.
#[track_caller]
const fn realms(path: &'static str, kind: &'static str, missing: &'static str) -> Collection {
    Collection::new(path, "realm", REALMS, realm(missing)).typed(Kind::Fixed(kind))
}

/// A device of tapes: drives and changers.
const fn device(missing: &'static str, gone: &'static str) -> Words {
    Words::rust("name", "Entry '{id}' already exists", missing, gone)
}

/// All sections of a file have no type here; it is the file's.
const UNTYPED: Kind = Kind::Fixed("");

/// All of them.
pub static SECTIONS: &[Collection] = &[
    Collection::new(
        "/config/prune",
        "id",
        "config/prune",
        job("no such prune '{id}'"),
    )
    .typed(UNTYPED),
    Collection::new(
        "/config/verify",
        "id",
        "config/verify",
        job("no such verification '{id}'"),
    )
    .typed(UNTYPED),
    Collection::new(
        "/config/sync",
        "id",
        "config/sync",
        job("no such sync '{id}'"),
    )
    .typed(UNTYPED),
    Collection::new(
        "/config/tape-backup-job",
        "id",
        "config/tape-backup-job",
        job("no such backup '{id}'"),
    )
    .typed(UNTYPED),
    Collection::new(
        "/config/remote",
        "name",
        "config/remote",
        Words::rust(
            "name",
            "remote '{id}' already exists.",
            "no such remote '{id}'",
            "remote '{id}' does not exist.",
        ),
    )
    .typed(UNTYPED)
    .listed_as("name")
    .hiding(&["password"]),
    Collection::new(
        "/config/traffic-control",
        "name",
        "config/traffic-control",
        Words::rust(
            "name",
            "traffic control rule '{id}' already exists.",
            "no such rule '{id}'",
            "traffic control rule '{id}' does not exist.",
        ),
    )
    .typed(UNTYPED),
    Collection::new(
        "/config/s3",
        "id",
        "config/s3",
        Words::rust(
            "id",
            "s3 client config '{id}' already exists.",
            "no such s3client '{id}'",
            "s3 client config '{id}' does not exist.",
        ),
    )
    .typed(UNTYPED)
    .hiding(&["secret-key"]),
    Collection::new(
        "/config/metrics/influxdb-udp",
        "name",
        "config/metrics",
        metrics("no such influxdb-udp '{id}'"),
    )
    .typed(Kind::Fixed("influxdb-udp")),
    Collection::new(
        "/config/metrics/influxdb-http",
        "name",
        "config/metrics",
        metrics("no such influxdb-http '{id}'"),
    )
    .typed(Kind::Fixed("influxdb-http"))
    .hiding(&["token"]),
    realms("/config/access/ldap", "ldap", "no such ldap '{id}'").hiding(&["password"]),
    realms("/config/access/ad", "ad", "no such ad '{id}'").hiding(&["password"]),
    realms("/config/access/openid", "openid", "no such openid '{id}'"),
    endpoint(
        "/config/notifications/endpoints/gotify",
        "gotify",
        "gotify-endpoint '{id}' not found",
    )
    .hiding(&["token"]),
    endpoint(
        "/config/notifications/endpoints/sendmail",
        "sendmail",
        "sendmail-endpoint '{id}' not found",
    ),
    endpoint(
        "/config/notifications/endpoints/smtp",
        "smtp",
        "smtp-endpoint '{id}' not found",
    )
    .hiding(&["password"]),
    endpoint(
        "/config/notifications/endpoints/webhook",
        "webhook",
        "webhook-endpoint '{id}' not found",
    )
    .hiding(&["secret"]),
    Collection::new(
        "/config/notifications/matchers",
        "name",
        "config/notifications/matchers",
        notification("matcher '{id}' not found"),
    )
    .typed(UNTYPED),
    Collection::new(
        "/config/drive",
        "name",
        "config/drive",
        device(
            "no such lto '{id}'",
            "Delete drive '{id}' failed - no such drive",
        ),
    )
    .typed(UNTYPED),
    Collection::new(
        "/config/changer",
        "name",
        "config/changer",
        device(
            "no such changer '{id}'",
            "Delete changer '{id}' failed - no such entry",
        ),
    )
    .typed(UNTYPED),
    Collection::new(
        "/config/media-pool",
        "name",
        "config/media-pool",
        Words::rust(
            "name",
            "Media pool '{id}' already exists",
            "no such pool '{id}'",
            "delete pool '{id}' failed - no such pool",
        ),
    )
    .typed(UNTYPED),
    Collection::new(
        "/config/acme/plugins",
        "id",
        "config/acme/plugins",
        Words::rust(
            "id",
            "ACME plugin ID '{id}' already exists",
            "ACME plugin '{id}' does not exist",
            "ACME plugin '{id}' does not exist",
        ),
    )
    .typed(Kind::Parameter("type"))
    .listed_as("plugin"),
];
