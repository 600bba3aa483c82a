//! `/cluster/ha/groups`: sets of nodes, which release 9 made rules of.

use serde_json::{Map, Value, json};

use super::properties::{change, digest_of, expect_digest};
use super::{node_list, nodes};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::product::Edition;
use crate::pve::world::World;
use crate::pve::world::ha::Group;
use crate::pve::world::options::Options;
use crate::routes::Route;
use crate::routes::route::{delete, get, post, put};

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/cluster/ha/groups", Handler::Read(list)),
        post("/cluster/ha/groups", Handler::Write(create)),
        get("/cluster/ha/groups/{group}", Handler::Read(read)),
        put("/cluster/ha/groups/{group}", Handler::Write(update)),
        delete("/cluster/ha/groups/{group}", Handler::Write(remove)),
    ]
}

const OPTIONS: [&str; 3] = ["comment", "restricted", "nofailback"];

/// Clients look for `migrated to rules` (proxmox.md 4.6).
fn expect_groups(call: &Call<'_>, verb: &str) -> Result<(), Fault> {
    if call.context.edition != Edition::Pve9 {
        return Ok(());
    }
    Err(Fault::Failed(format!(
        "cannot {verb}: ha groups have been migrated to rules"
    )))
}

fn members(name: &str, group: &Group) -> Map<String, Value> {
    let mut members = group.options.0.clone();
    let mut set = |name: &str, value: Value| members.insert(name.to_owned(), value);
    set("group", json!(name));
    set("type", json!("group"));
    set("nodes", json!(node_list(&group.nodes)));
    members
}

fn digest(world: &World, call: &Call<'_>) -> String {
    let groups = world.ha.groups.iter();
    let entries = groups.map(|(name, group)| (name.clone(), Value::Object(members(name, group))));
    digest_of(call, entries)
}

fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    expect_groups(call, "index groups")?;
    let digest = digest(world, call);
    let rows = world.ha.groups.iter().map(|(name, group)| {
        let mut row = members(name, group);
        row.insert("digest".to_owned(), json!(digest));
        Value::Object(row)
    });
    Ok(Answer::new(rows.collect::<Value>()))
}

fn known<'a>(world: &'a World, call: &Call<'_>) -> Result<&'a Group, Fault> {
    let name = call.text("group");
    let group = world.ha.groups.get(name);
    group.ok_or_else(|| Fault::Failed(format!("no such ha group '{name}'")))
}

fn read(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    expect_groups(call, "read group")?;
    let mut shown = members(call.text("group"), known(world, call)?);
    shown.insert("digest".to_owned(), json!(digest(world, call)));
    Ok(Answer::new(Value::Object(shown)))
}

fn create(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    expect_groups(call, "create group")?;
    let name = call.text("group");
    if world.ha.groups.contains_key(name) {
        return Err(Fault::Failed(format!(
            "ha group ID '{name}' already defined"
        )));
    }
    let mut group = Group {
        nodes: nodes(world, call.text("nodes"))?,
        options: Options::default(),
    };
    change(call, &mut group.options.0, &OPTIONS, &[])?;
    world.ha.groups.insert(name.to_owned(), group);
    Ok(Answer::default())
}

fn update(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    expect_groups(call, "update group")?;
    let mut group = known(world, call)?.clone();
    expect_digest(call, &digest(world, call))?;
    change(call, &mut group.options.0, &OPTIONS, &["nodes"])?;
    if let Some(text) = call.arguments.text("nodes") {
        group.nodes = nodes(world, text)?;
    }
    world.ha.groups.insert(call.text("group").to_owned(), group);
    Ok(Answer::default())
}

fn remove(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    expect_groups(call, "delete group")?;
    known(world, call)?;
    let name = call.text("group");
    let mut resources = world.ha.resources.iter();
    let user = resources.find(|(_, resource)| resource.group.as_deref() == Some(name));
    if let Some((sid, _)) = user {
        return Err(Fault::Failed(format!(
            "ha group is used by service '{sid}'"
        )));
    }
    world.ha.groups.remove(name);
    Ok(Answer::default())
}
