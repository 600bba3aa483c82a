//! `/cluster/notifications/**`: where messages go, and which of them.
//!
//! Endpoints and matchers are plain sections ([`crate::pve::sections`]); here is what they know of each other.
//! This part of the product is written in Rust (proxmox-notify, `api/`), so refusals have statuses of their own;
//! their words are from memory of it.

use serde_json::{Map, Value, json};

use crate::proxmox::call::{Around, Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::section::Section;
use crate::pve::world::World;
use crate::routes::Route;
use crate::routes::route::{delete, get, post, put};

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let guarded = |guard| Handler::Around(Around::Guard(guard));
    let dressed = |dress| Handler::Around(Around::Dress(dress));
    vec![
        get("/cluster/notifications/targets", Handler::Read(targets)),
        post(
            "/cluster/notifications/targets/{name}/test",
            Handler::Read(test),
        ),
        get(
            "/cluster/notifications/matcher-fields",
            Handler::Read(fields),
        ),
        get(
            "/cluster/notifications/matcher-field-values",
            Handler::Read(values),
        ),
        get("/cluster/notifications/endpoints/gotify", dressed(origins)),
        get(
            "/cluster/notifications/endpoints/sendmail",
            dressed(origins),
        ),
        get("/cluster/notifications/endpoints/smtp", dressed(origins)),
        get("/cluster/notifications/endpoints/webhook", dressed(hooks)),
        get(
            "/cluster/notifications/endpoints/webhook/{name}",
            dressed(hook),
        ),
        get("/cluster/notifications/matchers", dressed(origins)),
        post("/cluster/notifications/endpoints/gotify", guarded(new)),
        post(
            "/cluster/notifications/endpoints/sendmail",
            guarded(new_mail),
        ),
        post("/cluster/notifications/endpoints/smtp", guarded(new_mail)),
        post("/cluster/notifications/endpoints/webhook", guarded(new)),
        post("/cluster/notifications/matchers", guarded(new_matcher)),
        put(
            "/cluster/notifications/matchers/{name}",
            guarded(known_targets),
        ),
        delete(
            "/cluster/notifications/endpoints/gotify/{name}",
            guarded(unused),
        ),
        delete(
            "/cluster/notifications/endpoints/sendmail/{name}",
            guarded(unused),
        ),
        delete(
            "/cluster/notifications/endpoints/smtp/{name}",
            guarded(unused),
        ),
        delete(
            "/cluster/notifications/endpoints/webhook/{name}",
            guarded(unused),
        ),
    ]
}

/// The types of endpoints.
const KINDS: [&str; 4] = ["sendmail", "gotify", "smtp", "webhook"];

const MATCHERS: &str = "cluster/notifications/matchers";

/// All endpoints with their types.
fn endpoints(world: &World) -> impl Iterator<Item = (&'static str, &str, &Section)> {
    KINDS.into_iter().flat_map(move |kind| {
        let file = format!("cluster/notifications/endpoints/{kind}");
        let sections = world.sections.get(&file).into_iter();
        let sections = sections.flat_map(|sections| &sections.0);
        sections.map(move |(name, section)| (kind, name.as_str(), section))
    })
}

fn matchers(world: &World) -> impl Iterator<Item = (&str, &Section)> {
    let sections = world.sections.get(MATCHERS).into_iter();
    let sections = sections.flat_map(|sections| &sections.0);
    sections.map(|(name, section)| (name.as_str(), section))
}

/// Who made a thing: the product ships one endpoint and one matcher.
fn origin(name: &str) -> &'static str {
    match name {
        "mail-to-root" | "default-matcher" => "builtin",
        _ => "user-created",
    }
}

fn targets(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    let rows = endpoints(world).map(|(kind, name, section)| {
        let mut row = Map::new();
        row.insert("name".to_owned(), json!(name));
        row.insert("type".to_owned(), json!(kind));
        row.insert("origin".to_owned(), json!(origin(name)));
        for member in ["comment", "disable"] {
            if let Some(value) = section.properties.get(member) {
                row.insert(member.to_owned(), value.clone());
            }
        }
        Value::Object(row)
    });
    Ok(Answer::new(rows.collect::<Value>()))
}

/// Nothing is sent from here, so every known target takes its message, but for those that are switched off.
fn test(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("name");
    let known = endpoints(world).any(|(_, known, _)| known == name);
    if !known {
        return Err(Fault::NotFound(format!("endpoint '{name}' not found")));
    }
    Ok(Answer::default())
}

fn fields(_: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    Ok(Answer::new(json!([
        {"name": "type"}, {"name": "hostname"}, {"name": "job-id"},
    ])))
}

/// The values that messages of this cluster can have.
fn values(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    let kinds = [
        ("vzdump", "Backup notifications"),
        ("replication", "Replication job notifications"),
        ("fencing", "Node fencing notifications"),
        ("package-updates", "Package update notifications"),
        ("system-mail", "Forwarded mails to the local root user"),
    ];
    let mut rows: Vec<Value> = kinds
        .iter()
        .map(|(value, comment)| json!({"field": "type", "value": value, "comment": comment}))
        .collect();
    let hosts = world.nodes.keys();
    rows.extend(hosts.map(|node| json!({"field": "hostname", "value": node.as_str()})));
    rows.extend(world.backup_jobs.iter().map(|(id, job)| {
        let mut row = json!({"field": "job-id", "value": id});
        if let Some(comment) = job.options.0.get("comment") {
            row["comment"] = comment.clone();
        }
        row
    }));
    let copies = world.replication.keys();
    rows.extend(copies.map(|id| json!({"field": "job-id", "value": id.to_string()})));
    Ok(Answer::new(rows))
}

fn origins(_: &World, _: &Call<'_>, answer: &mut Answer) {
    let items = answer.data.as_array_mut().into_iter().flatten();
    for item in items.filter_map(Value::as_object_mut) {
        let name = item.get("name").and_then(Value::as_str).unwrap_or_default();
        item.insert("origin".to_owned(), json!(origin(name)));
    }
}

fn hooks(world: &World, call: &Call<'_>, answer: &mut Answer) {
    origins(world, call, answer);
    let items = answer.data.as_array_mut().into_iter().flatten();
    items.for_each(without_secrets);
}

fn hook(_: &World, _: &Call<'_>, answer: &mut Answer) {
    without_secrets(&mut answer.data);
}

/// Secrets are shown by their names only.
fn without_secrets(item: &mut Value) {
    let secrets = item.get_mut("secret").and_then(Value::as_array_mut);
    for secret in secrets.into_iter().flatten() {
        let text = secret.as_str().unwrap_or_default();
        let name = text.split(',').find(|part| part.starts_with("name="));
        *secret = json!(name.unwrap_or_default());
    }
}

/// Endpoints of all types and matchers share one space of names.
fn new(world: &World, call: &Call<'_>) -> Result<(), Fault> {
    let name = call.text("name");
    let mut names = endpoints(world).map(|(_, known, _)| known);
    if names.any(|known| known == name) || matchers(world).any(|(known, _)| known == name) {
        let text = format!("Cannot create '{name}', an entity with the same name already exists");
        return Err(Fault::Invalid(text));
    }
    Ok(())
}

fn new_mail(world: &World, call: &Call<'_>) -> Result<(), Fault> {
    new(world, call)?;
    if call.arguments.has("mailto") || call.arguments.has("mailto-user") {
        return Ok(());
    }
    let text = "must at least provide one recipient, either in mailto or in mailto-user";
    Err(Fault::Invalid(text.to_owned()))
}

fn new_matcher(world: &World, call: &Call<'_>) -> Result<(), Fault> {
    new(world, call)?;
    known_targets(world, call)
}

fn known_targets(world: &World, call: &Call<'_>) -> Result<(), Fault> {
    for target in call.arguments.list("target") {
        if !endpoints(world).any(|(_, known, _)| known == target) {
            return Err(Fault::NotFound(format!(
                "endpoint '{target}' does not exist"
            )));
        }
    }
    Ok(())
}

/// What matchers send to cannot be deleted.
fn unused(world: &World, call: &Call<'_>) -> Result<(), Fault> {
    let name = call.text("name");
    let users: Vec<_> = matchers(world)
        .filter(|(_, matcher)| {
            let targets = matcher.properties.get("target").and_then(Value::as_array);
            targets.into_iter().flatten().any(|target| target == name)
        })
        .map(|(matcher, _)| matcher)
        .collect();
    if users.is_empty() {
        return Ok(());
    }
    let users = users.join(", ");
    let text = format!("cannot delete '{name}', referenced by: {users}");
    Err(Fault::Invalid(text))
}
