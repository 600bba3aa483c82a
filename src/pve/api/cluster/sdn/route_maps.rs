//! Route maps: what routing does with routes, entry by entry, since release 9.2.
//!
//! No public source tells the product's words about duplicates and what is missing: they follow those of fabrics.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::fabrics::{objects, writable};
use super::pending::{self, Members, Seen};
use super::{LOOK, within};
use crate::proxmox::Product;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::section::Section;
use crate::pve::world::World;
use crate::pve::world::sdn::View;
use crate::routes::Route;
use crate::routes::route::{delete, get, post, put};

/// What an entry says.
const PROPERTIES: &[&str] = &["action", "match", "set", "call", "exit-action"];

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/cluster/sdn/route-maps", Handler::Read(maps)),
        get("/cluster/sdn/route-maps/entries", Handler::Read(list)),
        post("/cluster/sdn/route-maps/entries", Handler::Write(create)),
        get(
            "/cluster/sdn/route-maps/entries/{route-map-id}",
            Handler::Read(list_of_map),
        ),
        get(
            "/cluster/sdn/route-maps/entries/{route-map-id}/entry/{order}",
            Handler::Read(read),
        ),
        put(
            "/cluster/sdn/route-maps/entries/{route-map-id}/entry/{order}",
            Handler::Write(update),
        ),
        delete(
            "/cluster/sdn/route-maps/entries/{route-map-id}/entry/{order}",
            Handler::Write(remove),
        ),
    ]
}

fn maps(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let view = match call.arguments.is_set("running") {
        true => View::Running,
        false => View::Written,
    };
    let ids = world
        .sdn
        .view(view)
        .route_maps
        .0
        .keys()
        .map(|id| parts(id).0);
    let ids: BTreeSet<&str> = ids
        .filter(|id| call.may_any(world, &path(id), LOOK))
        .collect();
    let list: Value = ids.into_iter().map(|id| json!({"id": id})).collect();
    Ok(Answer::new(list))
}

fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    Ok(Answer::new(objects(visible(world, call))))
}

fn list_of_map(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let map = call.text("route-map-id");
    let seen: Vec<Seen> = visible(world, call)
        .into_iter()
        .filter(|(id, ..)| parts(id).0 == map)
        .collect();
    if seen.is_empty() {
        return Err(Fault::Failed(format!("route map '{map}' does not exist")));
    }
    Ok(Answer::new(objects(seen)))
}

/// Entries in the order of their maps and numbers.
fn visible(world: &World, call: &Call<'_>) -> Vec<Seen> {
    let (running, written) = (
        &world.sdn.running.route_maps,
        &world.sdn.written().route_maps,
    );
    let mut seen = pending::seen(call, running, written, members);
    seen.retain(|(id, ..)| call.may_any(world, &path(parts(id).0), LOOK));
    seen.sort_by_key(|(id, ..)| {
        let (map, order) = parts(id);
        (map.to_owned(), order)
    });
    seen
}

fn read(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let maps = &world.sdn.written().route_maps;
    let mut object = members(&key(call), existing(world, call)?);
    object.insert("digest".to_owned(), maps.digest(Product::Pve).into());
    Ok(Answer::new(Value::Object(object)))
}

fn create(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let maps = &world.sdn.written().route_maps;
    let free = writable(world, call, maps).and_then(|()| match maps.0.contains_key(&key(call)) {
        true => Err(Fault::Failed(format!("{} already exists", name(call)))),
        false => Ok(()),
    });
    free.map_err(|fault| within("adding route map entry failed", fault))?;
    keep(world, call, with(call, Section::default()));
    Ok(Answer::default())
}

fn update(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let maps = &world.sdn.written().route_maps;
    let known = writable(world, call, maps).and_then(|()| existing(world, call).cloned());
    let mut entry = known.map_err(|fault| within("updating route map entry failed", fault))?;
    for name in call.arguments.list("delete") {
        entry.properties.shift_remove(&*name);
    }
    keep(world, call, with(call, entry));
    Ok(Answer::default())
}

fn remove(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let maps = &world.sdn.written().route_maps;
    let known = writable(world, call, maps).and_then(|()| existing(world, call).map(|_| ()));
    known.map_err(|fault| within("deleting route map entry failed", fault))?;
    world.sdn.write(|written| {
        written.route_maps.0.remove(&key(call));
    });
    Ok(Answer::default())
}

/// An entry with what a call sets.
fn with(call: &Call<'_>, mut entry: Section) -> Section {
    let given = call.arguments.given().iter();
    let own = given.filter(|(name, _)| PROPERTIES.contains(&name.as_str()));
    entry
        .properties
        .extend(own.map(|(name, value)| (name.clone(), value.clone())));
    entry
}

fn keep(world: &mut World, call: &Call<'_>, entry: Section) {
    world.sdn.write(|written| {
        written.route_maps.0.insert(key(call), entry);
    });
}

fn existing<'w>(world: &'w World, call: &Call<'_>) -> Result<&'w Section, Fault> {
    let found = world.sdn.written().route_maps.0.get(&key(call));
    found.ok_or_else(|| Fault::Failed(format!("{} does not exist", name(call))))
}

fn name(call: &Call<'_>) -> String {
    let order = call.arguments.integer("order").unwrap_or_default();
    format!("entry {order} of route map '{}'", call.text("route-map-id"))
}

fn key(call: &Call<'_>) -> String {
    let order = call.arguments.integer("order").unwrap_or_default();
    format!("{}/{order}", call.text("route-map-id"))
}

fn parts(id: &str) -> (&str, u32) {
    let (map, order) = id.split_once('/').unwrap_or((id, "0"));
    (map, order.parse().unwrap_or(0))
}

fn path(map: &str) -> String {
    format!("/sdn/route-maps/{map}")
}

fn members(id: &str, entry: &Section) -> Members {
    let (map, order) = parts(id);
    let mut members = Members::new();
    members.insert("route-map-id".to_owned(), map.into());
    members.insert("order".to_owned(), order.into());
    members.extend(entry.properties.clone());
    members
}
