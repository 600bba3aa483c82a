//! `/cluster/ha/resources`: which guests are kept alive.

use serde_json::{Map, Value, json};

use super::properties::{change, deleted, digest_of, expect_digest};
use super::{follow, sid};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::product::Edition;
use crate::pve::world::World;
use crate::pve::world::ha::{Resource, Sid, Wanted};
use crate::pve::world::options::Options;
use crate::routes::Route;
use crate::routes::route::{delete, get, post, put};

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/cluster/ha/resources", Handler::Read(list)),
        post("/cluster/ha/resources", Handler::Write(create)),
        get("/cluster/ha/resources/{sid}", Handler::Read(read)),
        put("/cluster/ha/resources/{sid}", Handler::Write(update)),
        delete("/cluster/ha/resources/{sid}", Handler::Write(remove)),
    ]
}

/// What a resource may have besides its state and group.
const OPTIONS: [&str; 5] = [
    "comment",
    "max_restart",
    "max_relocate",
    "failback",
    "auto-rebalance",
];

/// A resource as it is shown, without the digest.
pub(super) fn members(call: &Call<'_>, sid: &Sid, resource: &Resource) -> Map<String, Value> {
    let mut members = resource.options.0.clone();
    let mut set = |name: &str, value: Value| members.insert(name.to_owned(), value);
    set("sid", json!(sid.to_string()));
    set("type", json!(kind(sid)));
    set("state", json!(resource.state));
    // Release 9 made rules of the groups.
    if let Some(group) = resource.group.as_ref()
        && call.context.edition != Edition::Pve9
    {
        set("group", json!(group));
    }
    members
}

fn kind(sid: &Sid) -> String {
    sid.kind.word().to_ascii_lowercase()
}

fn digest(world: &World, call: &Call<'_>) -> String {
    let entries = world.ha.resources.iter().map(|(sid, resource)| {
        let members = members(call, sid, resource);
        (sid.to_string(), Value::Object(members))
    });
    digest_of(call, entries)
}

fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let digest = digest(world, call);
    let wanted = call.arguments.text("type");
    let resources = world.ha.resources.iter();
    let resources = resources.filter(|(sid, _)| wanted.is_none_or(|wanted| wanted == kind(sid)));
    let rows = resources.map(|(sid, resource)| {
        let mut row = members(call, sid, resource);
        row.insert("digest".to_owned(), json!(digest));
        Value::Object(row)
    });
    Ok(Answer::new(rows.collect::<Value>()))
}

/// The resource that a path names.
pub(super) fn known<'a>(world: &'a World, call: &Call<'_>) -> Result<(Sid, &'a Resource), Fault> {
    let text = call.text("sid");
    let missing = |text: &str| Fault::Failed(format!("no such resource '{text}'"));
    let sid = sid(world, text).map_err(|_| missing(text))?;
    let resource = world.ha.resources.get(&sid);
    let resource = resource.ok_or_else(|| missing(&sid.to_string()))?;
    Ok((sid, resource))
}

fn read(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (sid, resource) = known(world, call)?;
    let mut shown = members(call, &sid, resource);
    shown.insert("digest".to_owned(), json!(digest(world, call)));
    Ok(Answer::new(Value::Object(shown)))
}

fn create(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let sid = sid(world, call.text("sid"))?;
    let given = call.arguments.text("type");
    if given.is_some_and(|given| given != kind(&sid)) {
        return Err(Fault::Failed("types does not match".to_owned()));
    }
    if world.resource_guest(&sid).is_none() {
        let text = format!("resource '{sid}' does not exist in cluster");
        return Err(Fault::Failed(text));
    }
    if world.ha.resources.contains_key(&sid) {
        let text = format!("resource ID '{sid}' already defined");
        return Err(Fault::Failed(text));
    }
    let mut resource = Resource {
        state: state(call).unwrap_or_default(),
        group: group(world, call)?,
        options: Options::default(),
    };
    change(call, &mut resource.options.0, &OPTIONS, &[])?;
    world.ha.resources.insert(sid, resource);
    follow(world, call);
    Ok(Answer::default())
}

fn update(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (sid, resource) = known(world, call)?;
    expect_digest(call, &digest(world, call))?;
    let mut resource = resource.clone();
    let given = group(world, call)?;
    let mut options = resource.options.0.clone();
    // Both may be deleted, but are no options here.
    options.insert("group".to_owned(), Value::Null);
    options.insert("state".to_owned(), Value::Null);
    let known = [&OPTIONS[..], &["group", "state"]].concat();
    change(call, &mut options, &known, &[])?;
    options.retain(|name, _| OPTIONS.contains(&name.as_str()));
    for name in deleted(call) {
        match name.as_str() {
            "group" => resource.group = None,
            "state" => resource.state = Wanted::default(),
            _ => {}
        }
    }
    resource.options = Options(options);
    resource.group = given.or(resource.group);
    if let Some(state) = given_state(call) {
        resource.state = state;
    }
    world.ha.resources.insert(sid, resource);
    follow(world, call);
    Ok(Answer::default())
}

/// What is wanted of a guest; `enabled` is an older word for `started`.
fn state(call: &Call<'_>) -> Option<Wanted> {
    Some(match call.arguments.text("state")? {
        "stopped" => Wanted::Stopped,
        "ignored" => Wanted::Ignored,
        "disabled" => Wanted::Disabled,
        _ => Wanted::Started,
    })
}

/// The same without the default.
fn given_state(call: &Call<'_>) -> Option<Wanted> {
    call.arguments.has("state").then(|| state(call)).flatten()
}

fn group(world: &World, call: &Call<'_>) -> Result<Option<String>, Fault> {
    let Some(group) = call.arguments.text("group") else {
        return Ok(None);
    };
    if call.context.edition == Edition::Pve9 {
        let text = "ha groups have been migrated to rules";
        return Err(Fault::parameter("group", text));
    }
    match world.ha.groups.contains_key(group) {
        true => Ok(Some(group.to_owned())),
        false => Err(Fault::Failed(format!("HA group '{group}' does not exist"))),
    }
}

/// The guest stays as it is. Rules that name it lose it.
fn remove(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let text = call.text("sid");
    let found = sid(world, text).ok();
    let Some(sid) = found.filter(|sid| world.ha.resources.contains_key(sid)) else {
        let shown = found.map_or_else(|| text.to_owned(), |sid| sid.to_string());
        return Err(Fault::Failed(format!(
            "cannot delete service '{shown}', not HA managed!"
        )));
    };
    world.ha.forget_guest(sid.vmid);
    Ok(Answer::default())
}
