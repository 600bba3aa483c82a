//! `/pve/remotes/{remote}/qemu` and `/lxc`: what concerns all guests, and their curves.

use serde_json::Value;

use super::super::curve;
use super::super::pass::{guest_kind, guest_node};
use super::super::relay::{self, Ask, find, part};
use crate::pdm::world::World;
use crate::pdm::world::remote::{Kind, Remote};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::routes::Route;
use crate::routes::route::get;

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/pve/remotes/{remote}/qemu", Handler::Read(list)),
        get("/pve/remotes/{remote}/lxc", Handler::Read(list)),
        get(
            "/pve/remotes/{remote}/qemu/{vmid}/rrddata",
            Handler::Read(curve),
        ),
        get(
            "/pve/remotes/{remote}/lxc/{vmid}/rrddata",
            Handler::Read(curve),
        ),
    ]
}

/// The guests of a node, or of all nodes that answer, without those that the caller may not audit.
fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = call.text("remote");
    let remote = find(world, id, Some(Kind::Pve))?;
    let kind = guest_kind(call);
    let nodes = match call.arguments.text("node") {
        Some(node) => vec![node.to_owned()],
        None => nodes(remote, call)?,
    };
    let mut guests = Vec::new();
    for node in nodes {
        let path = format!("/nodes/{}/{kind}", part(&node));
        guests.extend(relay::list(remote, call, Ask::get(path))?);
    }
    let of_all = call.may(world, &format!("/resource/{id}"), &["Resource.Audit"]);
    guests.retain(|guest| {
        let path = format!("/resource/{id}/guest/{}", guest["vmid"]);
        of_all || call.may(world, &path, &["Resource.Audit"])
    });
    Ok(relay::typed(call, Answer::new(guests)))
}

/// The nodes of a cluster that answer. The product asks all of them, and fails when one does not; here a guest
/// list of a cluster with a node down is that of the others, so that the rest of a lab stays usable.
pub(super) fn nodes(remote: &Remote, call: &Call<'_>) -> Result<Vec<String>, Fault> {
    let nodes = relay::list(remote, call, Ask::get("/nodes"))?;
    let online = nodes.iter().filter(|node| node["status"] == "online");
    let names = online.filter_map(|node| node["node"].as_str().map(str::to_owned));
    Ok(names.collect())
}

fn curve(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let remote = find(world, call.text("remote"), Some(Kind::Pve))?;
    let node = guest_node(Some(remote), call)?;
    let vmid = call.arguments.value("vmid").map(Value::to_string);
    let (kind, vmid) = (guest_kind(call), vmid.unwrap_or_default());
    let path = format!("/nodes/{}/{kind}/{vmid}/rrddata", part(&node));
    curve::of(remote, call, path, curve::GUEST)
}
