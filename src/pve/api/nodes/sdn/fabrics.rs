//! How a fabric does on one of its nodes: who is next to it, what it reaches, by which interfaces.
//!
//! The product asks the routing daemon, whose words for states are from memory here.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::node;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::section::Section;
use crate::pve::world::World;
use crate::pve::world::node::Node;
use crate::pve::world::sdn::text;
use crate::routes::Route;
use crate::routes::route::get;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get(
            "/nodes/{node}/sdn/fabrics/{fabric}/interfaces",
            Handler::Read(interfaces),
        ),
        get(
            "/nodes/{node}/sdn/fabrics/{fabric}/neighbors",
            Handler::Read(neighbors),
        ),
        get(
            "/nodes/{node}/sdn/fabrics/{fabric}/routes",
            Handler::Read(reached),
        ),
    ]
}

/// The fabric's own interface, and those of the node that it uses.
fn interfaces(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let fabric = call.text("fabric");
    let Some(own) = member(world, call)? else {
        return Ok(Answer::new(json!([])));
    };
    let state = |name: &str| json!({"name": name, "type": "Broadcast", "state": "Up"});
    let dummy = json!({"name": format!("dummy_{fabric}"), "type": "Loopback", "state": "Up"});
    let ports = ports(own);
    let list: Value = [dummy]
        .into_iter()
        .chain(ports.iter().map(|name| state(name)))
        .collect();
    Ok(Answer::new(list))
}

fn neighbors(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (_, here) = node(world, call)?;
    let list: Value = others(world, call)?
        .into_iter()
        .map(|(name, there, _)| {
            let since = here.started.max(there.started);
            json!({"neighbor": name, "status": "Up", "uptime": age(since, call.now)})
        })
        .collect();
    Ok(Answer::new(list))
}

fn reached(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let Some(own) = member(world, call)? else {
        return Ok(Answer::new(json!([])));
    };
    let ports = ports(own);
    let list: Value = others(world, call)?
        .into_iter()
        .filter_map(|(_, _, section)| text(section, "ip"))
        .map(|ip| json!({"route": format!("{ip}/32"), "via": ports}))
        .collect();
    Ok(Answer::new(list))
}

/// The node of the call as a member of the fabric; nothing when it is none, or there is no such fabric.
fn member<'w>(world: &'w World, call: &Call<'_>) -> Result<Option<&'w Section>, Fault> {
    let (own, _) = node(world, call)?;
    let mut nodes = world.sdn.running.nodes_of(call.text("fabric"));
    let found = nodes.find(|(name, _)| *name == own.as_str());
    Ok(found.map(|(_, section)| section))
}

/// The other members that are there.
fn others<'w>(
    world: &'w World,
    call: &Call<'_>,
) -> Result<Vec<(&'w str, &'w Node, &'w Section)>, Fault> {
    let (own, _) = node(world, call)?;
    if member(world, call)?.is_none() {
        return Ok(Vec::new());
    }
    let nodes = world.sdn.running.nodes_of(call.text("fabric"));
    let others = nodes.filter_map(|(name, section)| {
        let (known, node) = world
            .nodes
            .iter()
            .find(|(known, _)| known.as_str() == name)?;
        (known != own && node.is_online()).then_some((name, node, section))
    });
    Ok(others.collect())
}

/// The names in `interfaces`, which are property strings.
fn ports(section: &Section) -> Vec<String> {
    let interfaces = section
        .properties
        .get("interfaces")
        .and_then(Value::as_array);
    let texts = interfaces.into_iter().flatten().filter_map(Value::as_str);
    let names =
        texts.filter_map(|text| text.split(',').find_map(|part| part.strip_prefix("name=")));
    names.map(str::to_owned).collect()
}

/// As routing daemons write it: `2d03h04m`.
fn age(since: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second().saturating_sub(since.as_second()).max(0);
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    format!("{days}d{:02}h{:02}m", rest / 3_600, rest % 3_600 / 60)
}
