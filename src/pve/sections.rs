//! The plain collections of Proxmox VE: one line for each path that lists, creates, reads, changes and deletes
//! sections of a file and does nothing else.
//!
//! What more than the file decides (who may see what, what else must exist) stands around them, in
//! [`super::api`]. Words without a place in proxmox.md 4.6 are from memory of the product's sources.

use crate::proxmox::collection::{Collection, Kind, Text, Words};

/// All of them.
pub static SECTIONS: &[Collection] = &[
    Collection::untyped("/cluster/acme/plugins", "id", ACME_PLUGIN).typed(Kind::Parameter("type")),
    Collection::untyped("/cluster/mapping/dir", "id", MAPPING),
    Collection::untyped("/cluster/mapping/pci", "id", MAPPING),
    Collection::untyped("/cluster/mapping/usb", "id", MAPPING),
    Collection::untyped("/cluster/metrics/server", "id", METRICS).typed(Kind::Parameter("type")),
    Collection::untyped("/cluster/notifications/endpoints/gotify", "name", ENDPOINT)
        .hiding(&["token"]),
    Collection::untyped(
        "/cluster/notifications/endpoints/sendmail",
        "name",
        ENDPOINT,
    ),
    Collection::untyped("/cluster/notifications/endpoints/smtp", "name", ENDPOINT)
        .hiding(&["password"]),
    Collection::untyped("/cluster/notifications/endpoints/webhook", "name", ENDPOINT),
    Collection::untyped("/cluster/notifications/matchers", "name", MATCHER),
    Collection::untyped("/cluster/jobs/realm-sync", "id", JOB),
    Collection::untyped("/cluster/qemu/custom-cpu-models", "cputype", CPU_MODEL),
];

const ACME_PLUGIN: Words = Words::perl(
    "ACME plugin ID '{id}' already exists",
    "ACME plugin '{id}' not defined",
);

const MAPPING: Words = Words::perl(
    "mapping ID '{id}' already defined",
    "mapping '{id}' not found",
)
.deleting_nothing(Text::Silent);

const METRICS: Words = Words::perl(
    "Metric server '{id}' already exists",
    "no such server '{id}'",
);

/// Notifications are the part of the product that is written in Rust (proxmox-notify, `api/`).
const ENDPOINT: Words = Words {
    exists: Text::Invalid("Cannot create '{id}', an entity with the same name already exists"),
    missing: Text::NotFound("endpoint '{id}' not found"),
    nothing_to_delete: Text::NotFound("endpoint '{id}' not found"),
};

const MATCHER: Words = Words {
    exists: Text::Invalid("Cannot create '{id}', an entity with the same name already exists"),
    missing: Text::NotFound("matcher '{id}' not found"),
    nothing_to_delete: Text::NotFound("matcher '{id}' not found"),
};

const JOB: Words = Words {
    exists: Text::Failed("Job '{id}' already exists"),
    missing: Text::Parameter("id", "No such job '{id}'"),
    nothing_to_delete: Text::Parameter("id", "No such job '{id}'"),
};

const CPU_MODEL: Words = Words::perl(
    "custom CPU model '{id}' already exists",
    "Custom cputype '{id}' not found",
);
