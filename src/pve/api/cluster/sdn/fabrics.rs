//! Fabrics: networks of nodes below the virtual ones, since release 9.
//!
//! The product keeps them in a library of its own, whose words about duplicates and what is missing are from
//! memory here.

use serde_json::{Map, Value};

use super::pending::{self, Members, Seen};
use super::{LOOK, demand_any, fabric_nodes, unlocked, within};
use crate::proxmox::Product;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::digest;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::section::{Section, Sections};
use crate::pve::world::World;
use crate::pve::world::sdn::text;
use crate::routes::Route;
use crate::routes::route::{delete, get, post, put};

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/cluster/sdn/fabrics/all", Handler::Read(all)),
        get("/cluster/sdn/fabrics/fabric", Handler::Read(list)),
        post("/cluster/sdn/fabrics/fabric", Handler::Write(create)),
        get("/cluster/sdn/fabrics/fabric/{id}", Handler::Read(read)),
        put("/cluster/sdn/fabrics/fabric/{id}", Handler::Write(update)),
        delete("/cluster/sdn/fabrics/fabric/{id}", Handler::Write(remove)),
    ]
}

fn all(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let mut both = Map::new();
    both.insert("fabrics".to_owned(), objects(visible(world, call)));
    both.insert(
        "nodes".to_owned(),
        objects(fabric_nodes::visible(world, call)),
    );
    Ok(Answer::new(Value::Object(both)))
}

fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    Ok(Answer::new(objects(visible(world, call))))
}

/// What clients see of a list.
pub(super) fn objects(seen: impl IntoIterator<Item = Seen>) -> Value {
    seen.into_iter()
        .map(|(.., object)| Value::Object(object))
        .collect()
}

fn visible(world: &World, call: &Call<'_>) -> Vec<Seen> {
    let (running, written) = (&world.sdn.running.fabrics, &world.sdn.written().fabrics);
    let mut seen = pending::seen(call, running, written, members);
    seen.retain(|(id, ..)| call.may_any(world, &path(id), LOOK));
    seen
}

fn read(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = call.text("id");
    demand_any(world, call, &path(id), LOOK)?;
    let fabrics = &world.sdn.written().fabrics;
    let fabric = fabrics.0.get(id).ok_or_else(|| missing(id))?;
    let mut object = members(id, fabric);
    object.insert("digest".to_owned(), fabrics.digest(Product::Pve).into());
    Ok(Answer::new(Value::Object(object)))
}

fn create(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = call.text("id").to_owned();
    let fabrics = &world.sdn.written().fabrics;
    let known = fabrics.0.contains_key(&id);
    let free = writable(world, call, fabrics).and_then(|()| match known {
        true => Err(Fault::Failed(format!("fabric '{id}' already exists"))),
        false => Ok(()),
    });
    free.map_err(|fault| within("adding fabric failed", fault))?;
    let fabric = Section {
        kind: call.text("protocol").to_owned(),
        properties: given(call, &["id"]),
    };
    world.sdn.write(|written| {
        written.fabrics.0.insert(id, fabric);
    });
    Ok(Answer::default())
}

fn update(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = call.text("id").to_owned();
    let fabrics = &world.sdn.written().fabrics;
    let changed = writable(world, call, fabrics)
        .and_then(|()| fabrics.0.get(&id).ok_or_else(|| missing(&id)))
        .and_then(|fabric| changed(call, fabric, &["id"]));
    let fabric = changed.map_err(|fault| within("updating fabric failed", fault))?;
    world.sdn.write(|written| {
        written.fabrics.0.insert(id, fabric);
    });
    Ok(Answer::default())
}

fn remove(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = call.text("id").to_owned();
    let free = removable(world, call, &id);
    free.map_err(|fault| within("deleting fabric failed", fault))?;
    world.sdn.write(|written| {
        written.fabrics.0.remove(&id);
        let below = format!("{id}/");
        written
            .fabric_nodes
            .0
            .retain(|node, _| !node.starts_with(&below));
    });
    Ok(Answer::default())
}

/// The fabric is nobody's base, and the caller may change all its nodes.
fn removable(world: &World, call: &Call<'_>, id: &str) -> Result<(), Fault> {
    let written = world.sdn.written();
    writable(world, call, &written.fabrics)?;
    for (node, _) in written.nodes_of(id) {
        if !call.may(world, &format!("/nodes/{node}"), &["Sys.Modify"]) {
            let text = format!("permission check failed: missing 'Sys.Modify' on node {node}");
            return Err(Fault::Failed(text));
        }
    }
    let of = |sections: &Sections, kind: &str| {
        let mut sections = sections.0.iter();
        let user = sections.find(|(_, user)| user.kind == kind && text(user, "fabric") == Some(id));
        user.map(|(user, _)| user.clone())
    };
    if let Some(user) = of(&written.controllers, "evpn") {
        let text = format!("this fabric is still used in the EVPN controller \"{user}\"");
        return Err(Fault::Failed(text));
    }
    if let Some(user) = of(&written.zones, "vxlan") {
        let text = format!("this fabric is still used in the VXLAN zone \"{user}\"");
        return Err(Fault::Failed(text));
    }
    written
        .fabrics
        .0
        .get(id)
        .map(|_| ())
        .ok_or_else(|| missing(id))
}

fn path(id: &str) -> String {
    format!("/sdn/fabrics/{id}")
}

pub(super) fn missing(id: &str) -> Fault {
    Fault::Failed(format!("fabric '{id}' does not exist"))
}

fn members(id: &str, fabric: &Section) -> Members {
    let mut members = Members::new();
    members.insert("id".to_owned(), id.into());
    members.insert("protocol".to_owned(), fabric.kind.as_str().into());
    // The contract wants it always, of whatever protocol.
    members.insert("redistribute".to_owned(), Value::Array(Vec::new()));
    members.extend(fabric.properties.clone());
    members
}

/// Nobody else holds the lock, and the caller saw what is written.
pub(super) fn writable(world: &World, call: &Call<'_>, sections: &Sections) -> Result<(), Fault> {
    unlocked(world, call)?;
    let present = sections.digest(Product::Pve);
    if digest::fits(call.arguments.text("digest"), &present) {
        Ok(())
    } else {
        Err(Fault::configuration_changed())
    }
}

/// What a call says about the object itself; what nobody declared is not kept.
pub(super) fn given(call: &Call<'_>, ids: &[&str]) -> Members {
    let steering = ["protocol", "digest", "delete", "lock-token"];
    let given = call.arguments.given().iter();
    let own = given.filter(|(name, _)| {
        !ids.contains(&name.as_str())
            && !steering.contains(&name.as_str())
            && call.operation.parameter(name).is_some()
    });
    own.filter_map(|(name, value)| Some((name.clone(), listed(name, value)?)))
        .collect()
}

/// What is declared as a list for some protocols only comes as it was sent: once, or with nothing in it.
fn listed(name: &str, value: &Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::String(_) if name == "redistribute" => Some(Value::Array(vec![value.clone()])),
        value => Some(value.clone()),
    }
}

/// An object with what a call takes away and sets. The contract knows what may be taken away.
pub(super) fn changed(call: &Call<'_>, before: &Section, ids: &[&str]) -> Result<Section, Fault> {
    let protocol = call.arguments.text("protocol");
    if protocol.is_some_and(|protocol| protocol != before.kind) {
        let text = format!("protocol cannot be changed, it is {}", before.kind);
        return Err(Fault::parameter("protocol", text));
    }
    let mut section = before.clone();
    for name in call.arguments.list("delete") {
        section.properties.shift_remove(&*name);
    }
    section.properties.extend(given(call, ids));
    Ok(section)
}
