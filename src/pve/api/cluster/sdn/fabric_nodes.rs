//! The nodes of fabrics.

use serde_json::Value;

use super::fabrics::{changed, missing, objects, writable};
use super::pending::{self, Members, Seen};
use super::{LOOK, within};
use crate::proxmox::Product;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::section::Section;
use crate::pve::world::World;
use crate::routes::Route;
use crate::routes::route::{delete, get, post, put};

/// What is no property of a node.
const IDS: &[&str] = &["fabric_id", "node_id"];

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/cluster/sdn/fabrics/node", Handler::Read(list)),
        get(
            "/cluster/sdn/fabrics/node/{fabric_id}",
            Handler::Read(list_of_fabric),
        ),
        post(
            "/cluster/sdn/fabrics/node/{fabric_id}",
            Handler::Write(create),
        ),
        get(
            "/cluster/sdn/fabrics/node/{fabric_id}/{node_id}",
            Handler::Read(read),
        ),
        put(
            "/cluster/sdn/fabrics/node/{fabric_id}/{node_id}",
            Handler::Write(update),
        ),
        delete(
            "/cluster/sdn/fabrics/node/{fabric_id}/{node_id}",
            Handler::Write(remove),
        ),
    ]
}

fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    Ok(Answer::new(objects(visible(world, call))))
}

fn list_of_fabric(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let fabric = call.text("fabric_id");
    let states = [&world.sdn.running, world.sdn.written()];
    if !states
        .iter()
        .any(|state| state.fabrics.0.contains_key(fabric))
    {
        return Err(missing(fabric));
    }
    let seen = visible(world, call).into_iter();
    Ok(Answer::new(objects(
        seen.filter(|(id, ..)| parts(id).0 == fabric),
    )))
}

/// The nodes of all fabrics that the caller may see.
pub(super) fn visible(world: &World, call: &Call<'_>) -> Vec<Seen> {
    let (running, written) = (
        &world.sdn.running.fabric_nodes,
        &world.sdn.written().fabric_nodes,
    );
    let mut seen = pending::seen(call, running, written, members);
    seen.retain(|(id, ..)| {
        let (fabric, node) = parts(id);
        call.may_any(world, &format!("/sdn/fabrics/{fabric}"), LOOK)
            && call.may_any(
                world,
                &format!("/nodes/{node}"),
                &["Sys.Audit", "Sys.Modify"],
            )
    });
    seen
}

fn read(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let nodes = &world.sdn.written().fabric_nodes;
    let id = key(call);
    let node = existing(world, call)?;
    let mut object = members(&id, node);
    object.insert("digest".to_owned(), nodes.digest(Product::Pve).into());
    Ok(Answer::new(Value::Object(object)))
}

fn create(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let made = made(world, call);
    let node = made.map_err(|fault| within("adding node failed", fault))?;
    keep(world, call, node);
    Ok(Answer::default())
}

fn made(world: &World, call: &Call<'_>) -> Result<Section, Fault> {
    let written = world.sdn.written();
    writable(world, call, &written.fabric_nodes)?;
    let (fabric_id, node_id) = (call.text("fabric_id"), call.text("node_id"));
    let fabric = written
        .fabrics
        .0
        .get(fabric_id)
        .ok_or_else(|| missing(fabric_id))?;
    if written.fabric_nodes.0.contains_key(&key(call)) {
        let text = format!("node '{node_id}' already exists in fabric '{fabric_id}'");
        return Err(Fault::Failed(text));
    }
    let section = Section {
        kind: fabric.kind.clone(),
        properties: Members::new(),
    };
    // This refuses another protocol than the fabric's.
    changed(call, &section, IDS)
}

fn update(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let nodes = &world.sdn.written().fabric_nodes;
    let changed = writable(world, call, nodes)
        .and_then(|()| existing(world, call))
        .and_then(|node| changed(call, node, IDS));
    let node = changed.map_err(|fault| within("updating node failed", fault))?;
    keep(world, call, node);
    Ok(Answer::default())
}

fn remove(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let nodes = &world.sdn.written().fabric_nodes;
    let free = writable(world, call, nodes).and_then(|()| existing(world, call).map(|_| ()));
    free.map_err(|fault| within("deleting node failed", fault))?;
    world.sdn.write(|written| {
        written.fabric_nodes.0.remove(&key(call));
    });
    Ok(Answer::default())
}

fn keep(world: &mut World, call: &Call<'_>, node: Section) {
    world.sdn.write(|written| {
        written.fabric_nodes.0.insert(key(call), node);
    });
}

fn existing<'w>(world: &'w World, call: &Call<'_>) -> Result<&'w Section, Fault> {
    let (fabric, node) = (call.text("fabric_id"), call.text("node_id"));
    let written = world.sdn.written();
    if !written.fabrics.0.contains_key(fabric) {
        return Err(missing(fabric));
    }
    let text = || format!("node '{node}' does not exist in fabric '{fabric}'");
    let found = written.fabric_nodes.0.get(&key(call));
    found.ok_or_else(|| Fault::Failed(text()))
}

fn key(call: &Call<'_>) -> String {
    format!("{}/{}", call.text("fabric_id"), call.text("node_id"))
}

fn parts(id: &str) -> (&str, &str) {
    id.split_once('/').unwrap_or((id, ""))
}

fn members(id: &str, node: &Section) -> Members {
    let (fabric, name) = parts(id);
    let mut members = Members::new();
    members.insert("fabric_id".to_owned(), fabric.into());
    members.insert("node_id".to_owned(), name.into());
    members.insert("protocol".to_owned(), node.kind.as_str().into());
    // The contract wants them always.
    members.insert("interfaces".to_owned(), Value::Array(Vec::new()));
    members.extend(node.properties.clone());
    members
}
