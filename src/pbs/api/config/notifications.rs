//! `/config/notifications`: all targets as one list, and what matchers may look at.

use serde_json::{Value, json};

use crate::pbs::sections::ENDPOINTS;
use crate::pbs::world::World;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::routes::Route;
use crate::routes::route::{delete, get, post};

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let base = "/config/notifications/endpoints";
    debug_assert_eq!(base.trim_start_matches('/'), ENDPOINTS);
    vec![
        get("/config/notifications/targets", Handler::Read(targets)),
        post(
            "/config/notifications/targets/{name}/test",
            Handler::Read(test),
        ),
        get(
            "/config/notifications/matcher-fields",
            Handler::Read(fields),
        ),
        get(
            "/config/notifications/matcher-field-values",
            Handler::Read(values),
        ),
        delete(
            "/config/notifications/endpoints/gotify/{name}",
            Handler::Write(remove),
        ),
        delete(
            "/config/notifications/endpoints/sendmail/{name}",
            Handler::Write(remove),
        ),
        delete(
            "/config/notifications/endpoints/smtp/{name}",
            Handler::Write(remove),
        ),
        delete(
            "/config/notifications/endpoints/webhook/{name}",
            Handler::Write(remove),
        ),
    ]
}

fn targets(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    let items = world.sections_of(ENDPOINTS).map(|(name, endpoint)| {
        let origin = endpoint.properties.get("origin").cloned();
        let mut item = json!({
            "name": name,
            "type": endpoint.kind,
            "origin": origin.unwrap_or_else(|| json!("user-created")),
        });
        for key in ["comment", "disable"] {
            if let Some(value) = endpoint.properties.get(key) {
                item[key] = value.clone();
            }
        }
        item
    });
    Ok(Answer::new(items.collect::<Vec<_>>()))
}

/// Sends nothing, and says that it went well.
fn test(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("name");
    match world.section(ENDPOINTS, name) {
        Some(_) => Ok(Answer::default()),
        None => Err(Fault::NotFound(format!("target '{name}' does not exist"))),
    }
}

/// A target that a matcher names stays (proxmox-notify, `ensure_safe_to_delete`).
fn remove(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("name");
    let kind = call
        .operation
        .template
        .split('/')
        .nth(4)
        .unwrap_or_default();
    let known = world.section(ENDPOINTS, name);
    if known.is_none_or(|endpoint| endpoint.kind != kind) {
        let text = format!("{kind}-endpoint '{name}' not found");
        return Err(Fault::NotFound(text));
    }
    let names_it = |(_, matcher): &(&str, &crate::proxmox::section::Section)| {
        let targets = matcher.properties.get("target").and_then(Value::as_array);
        targets.is_some_and(|targets| targets.contains(&json!(name)))
    };
    let matchers = world.sections_of("config/notifications/matchers");
    let users: Vec<&str> = matchers.filter(names_it).map(|(id, _)| id).collect();
    if !users.is_empty() {
        let text = format!(
            "cannot delete '{name}', referenced by: {}",
            users.join(", ")
        );
        return Err(Fault::Failed(text));
    }
    if let Some(endpoints) = world.sections.get_mut(ENDPOINTS) {
        endpoints.0.remove(name);
    }
    Ok(Answer::default())
}

const FIELDS: &[&str] = &["datastore", "hostname", "job-id", "media-pool", "type"];

fn fields(_: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    let items = FIELDS.iter().map(|name| json!({"name": name}));
    Ok(Answer::new(items.collect::<Vec<_>>()))
}

/// The kinds of notifications, with what people call them.
const TYPES: &[(&str, &str)] = &[
    ("acme", "ACME certificate renewal"),
    ("gc", "Garbage collection"),
    ("package-updates", "Package updates are available"),
    ("prune", "Prune job"),
    ("sync", "Sync job"),
    ("system-mail", "Forwarded mails to the local root user"),
    ("tape-backup", "Tape backup notifications"),
    ("tape-load", "Tape loading request"),
    ("tape-restore", "Tape restore notifications"),
    ("verify", "Verification job"),
];

fn values(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    let value = |field: &str, value: &str, comment: Option<&str>| {
        let mut item = json!({"field": field, "value": value});
        if let Some(comment) = comment {
            item["comment"] = json!(comment);
        }
        item
    };
    let mut items = Vec::new();
    for (name, store) in &world.datastores {
        items.push(value("datastore", name, store.options.text("comment")));
    }
    for (name, comment) in TYPES {
        items.push(value("type", name, Some(comment)));
    }
    for file in [
        "config/prune",
        "config/sync",
        "config/tape-backup-job",
        "config/verify",
    ] {
        for (id, job) in world.sections_of(file) {
            let comment = job.properties.get("comment").and_then(Value::as_str);
            items.push(value("job-id", id, comment));
        }
    }
    for (name, _) in world.sections_of("config/media-pool") {
        items.push(value("media-pool", name, None));
    }
    items.push(value("hostname", &world.node.name, None));
    Ok(Answer::new(items))
}
