//! `/pve`: what is behind the remotes that are clusters.

mod guests;

mod tasks;

mod firewall;

mod migration;

use serde_json::{Value, json};

use super::curve;
use super::pass::{self, Passed, row};
use super::relay::{self, Ask, find, part};
use super::remotes::updates;
use super::resources::rows;
use crate::pdm::world::World;
use crate::pdm::world::remote::Kind;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::routes::Route;
use crate::routes::route::get;

/// What is passed on as it is.
pub(super) const PASSED: &[Passed] = &[
    row("GET", "/pve/remotes/{remote}/nodes", "/nodes"),
    row(
        "GET",
        "/pve/remotes/{remote}/cluster-status",
        "/cluster/status",
    ),
    row("GET", "/pve/remotes/{remote}/options", "/cluster/options"),
    row(
        "GET",
        "/pve/remotes/{remote}/firewall/options",
        "/cluster/firewall/options",
    ),
    row(
        "PUT",
        "/pve/remotes/{remote}/firewall/options",
        "/cluster/firewall/options",
    ),
    row(
        "GET",
        "/pve/remotes/{remote}/firewall/rules",
        "/cluster/firewall/rules",
    ),
    row(
        "GET",
        "/pve/remotes/{remote}/qemu/{vmid}/config",
        "/nodes/{node}/{kind}/{vmid}/config",
    ),
    row(
        "GET",
        "/pve/remotes/{remote}/lxc/{vmid}/config",
        "/nodes/{node}/{kind}/{vmid}/config",
    ),
    row(
        "GET",
        "/pve/remotes/{remote}/qemu/{vmid}/pending",
        "/nodes/{node}/{kind}/{vmid}/pending",
    ),
    row(
        "GET",
        "/pve/remotes/{remote}/lxc/{vmid}/pending",
        "/nodes/{node}/{kind}/{vmid}/pending",
    ),
    row(
        "GET",
        "/pve/remotes/{remote}/qemu/{vmid}/status",
        "/nodes/{node}/{kind}/{vmid}/status/current",
    ),
    row(
        "GET",
        "/pve/remotes/{remote}/lxc/{vmid}/status",
        "/nodes/{node}/{kind}/{vmid}/status/current",
    ),
    row(
        "POST",
        "/pve/remotes/{remote}/qemu/{vmid}/start",
        "/nodes/{node}/{kind}/{vmid}/status/start",
    ),
    row(
        "POST",
        "/pve/remotes/{remote}/lxc/{vmid}/start",
        "/nodes/{node}/{kind}/{vmid}/status/start",
    ),
    row(
        "POST",
        "/pve/remotes/{remote}/qemu/{vmid}/stop",
        "/nodes/{node}/{kind}/{vmid}/status/stop",
    ),
    row(
        "POST",
        "/pve/remotes/{remote}/lxc/{vmid}/stop",
        "/nodes/{node}/{kind}/{vmid}/status/stop",
    ),
    row(
        "POST",
        "/pve/remotes/{remote}/qemu/{vmid}/shutdown",
        "/nodes/{node}/{kind}/{vmid}/status/shutdown",
    ),
    row(
        "POST",
        "/pve/remotes/{remote}/lxc/{vmid}/shutdown",
        "/nodes/{node}/{kind}/{vmid}/status/shutdown",
    ),
    row(
        "POST",
        "/pve/remotes/{remote}/qemu/{vmid}/resume",
        "/nodes/{node}/{kind}/{vmid}/status/resume",
    ),
    row(
        "GET",
        "/pve/remotes/{remote}/qemu/{vmid}/snapshot",
        "/nodes/{node}/{kind}/{vmid}/snapshot",
    ),
    row(
        "GET",
        "/pve/remotes/{remote}/lxc/{vmid}/snapshot",
        "/nodes/{node}/{kind}/{vmid}/snapshot",
    ),
    row(
        "POST",
        "/pve/remotes/{remote}/qemu/{vmid}/snapshot",
        "/nodes/{node}/{kind}/{vmid}/snapshot",
    ),
    row(
        "POST",
        "/pve/remotes/{remote}/lxc/{vmid}/snapshot",
        "/nodes/{node}/{kind}/{vmid}/snapshot",
    ),
    row(
        "DELETE",
        "/pve/remotes/{remote}/qemu/{vmid}/snapshot/{snapname}",
        "/nodes/{node}/{kind}/{vmid}/snapshot/{snapname}",
    ),
    row(
        "DELETE",
        "/pve/remotes/{remote}/lxc/{vmid}/snapshot/{snapname}",
        "/nodes/{node}/{kind}/{vmid}/snapshot/{snapname}",
    ),
    row(
        "PUT",
        "/pve/remotes/{remote}/qemu/{vmid}/snapshot/{snapname}/config",
        "/nodes/{node}/{kind}/{vmid}/snapshot/{snapname}/config",
    ),
    row(
        "PUT",
        "/pve/remotes/{remote}/lxc/{vmid}/snapshot/{snapname}/config",
        "/nodes/{node}/{kind}/{vmid}/snapshot/{snapname}/config",
    ),
    row(
        "POST",
        "/pve/remotes/{remote}/qemu/{vmid}/snapshot/{snapname}/rollback",
        "/nodes/{node}/{kind}/{vmid}/snapshot/{snapname}/rollback",
    ),
    row(
        "POST",
        "/pve/remotes/{remote}/lxc/{vmid}/snapshot/{snapname}/rollback",
        "/nodes/{node}/{kind}/{vmid}/snapshot/{snapname}/rollback",
    ),
    row(
        "GET",
        "/pve/remotes/{remote}/qemu/{vmid}/migrate",
        "/nodes/{node}/{kind}/{vmid}/migrate",
    ),
    row(
        "GET",
        "/pve/remotes/{remote}/qemu/{vmid}/firewall/options",
        "/nodes/{node}/{kind}/{vmid}/firewall/options",
    ),
    row(
        "GET",
        "/pve/remotes/{remote}/lxc/{vmid}/firewall/options",
        "/nodes/{node}/{kind}/{vmid}/firewall/options",
    ),
    row(
        "PUT",
        "/pve/remotes/{remote}/qemu/{vmid}/firewall/options",
        "/nodes/{node}/{kind}/{vmid}/firewall/options",
    ),
    row(
        "PUT",
        "/pve/remotes/{remote}/lxc/{vmid}/firewall/options",
        "/nodes/{node}/{kind}/{vmid}/firewall/options",
    ),
    row(
        "GET",
        "/pve/remotes/{remote}/qemu/{vmid}/firewall/rules",
        "/nodes/{node}/{kind}/{vmid}/firewall/rules",
    ),
    row(
        "GET",
        "/pve/remotes/{remote}/lxc/{vmid}/firewall/rules",
        "/nodes/{node}/{kind}/{vmid}/firewall/rules",
    ),
    row(
        "GET",
        "/pve/remotes/{remote}/nodes/{node}/apt/changelog",
        "/nodes/{node}/apt/changelog",
    ),
    row(
        "GET",
        "/pve/remotes/{remote}/nodes/{node}/apt/repositories",
        "/nodes/{node}/apt/repositories",
    ),
    row(
        "GET",
        "/pve/remotes/{remote}/nodes/{node}/apt/update",
        "/nodes/{node}/apt/update",
    ),
    row(
        "POST",
        "/pve/remotes/{remote}/nodes/{node}/apt/update",
        "/nodes/{node}/apt/update",
    ),
    row(
        "GET",
        "/pve/remotes/{remote}/nodes/{node}/config",
        "/nodes/{node}/config",
    ),
    row(
        "GET",
        "/pve/remotes/{remote}/nodes/{node}/firewall/options",
        "/nodes/{node}/firewall/options",
    ),
    row(
        "PUT",
        "/pve/remotes/{remote}/nodes/{node}/firewall/options",
        "/nodes/{node}/firewall/options",
    ),
    row(
        "GET",
        "/pve/remotes/{remote}/nodes/{node}/firewall/rules",
        "/nodes/{node}/firewall/rules",
    ),
    row(
        "GET",
        "/pve/remotes/{remote}/nodes/{node}/network",
        "/nodes/{node}/network",
    ),
    row(
        "GET",
        "/pve/remotes/{remote}/nodes/{node}/sdn/vnets/{vnet}/mac-vrf",
        "/nodes/{node}/sdn/vnets/{vnet}/mac-vrf",
    ),
    row(
        "GET",
        "/pve/remotes/{remote}/nodes/{node}/sdn/zones/{zone}/ip-vrf",
        "/nodes/{node}/sdn/zones/{zone}/ip-vrf",
    ),
    row(
        "GET",
        "/pve/remotes/{remote}/nodes/{node}/status",
        "/nodes/{node}/status",
    ),
    row(
        "GET",
        "/pve/remotes/{remote}/nodes/{node}/storage",
        "/nodes/{node}/storage",
    ),
    row(
        "GET",
        "/pve/remotes/{remote}/nodes/{node}/storage/{storage}/status",
        "/nodes/{node}/storage/{storage}/status",
    ),
    row(
        "POST",
        "/pve/remotes/{remote}/nodes/{node}/termproxy",
        "/nodes/{node}/termproxy",
    ),
    row(
        "GET",
        "/pve/remotes/{remote}/nodes/{node}/vncwebsocket",
        "/nodes/{node}/vncwebsocket",
    ),
];

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let mut routes = pass::to_remotes(PASSED);
    routes.extend([
        get("/pve/remotes", Handler::Read(remotes)),
        get(
            "/pve/remotes/{remote}/cluster-nextid",
            Handler::Read(next_id),
        ),
        get("/pve/remotes/{remote}/resources", Handler::Read(resources)),
        get(
            "/pve/remotes/{remote}/updates",
            Handler::Read(available_updates),
        ),
        get(
            "/pve/remotes/{remote}/nodes/{node}/subscription",
            Handler::Read(subscription),
        ),
        get(
            "/pve/remotes/{remote}/nodes/{node}/rrddata",
            Handler::Read(node_curve),
        ),
        get(
            "/pve/remotes/{remote}/nodes/{node}/storage/{storage}/rrddata",
            Handler::Read(storage_curve),
        ),
    ]);
    routes.extend(guests::routes());
    routes.extend(tasks::routes());
    routes.extend(firewall::routes());
    routes.extend(migration::routes());
    routes
}

fn remotes(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    Ok(Answer::new(super::remotes::names(world, Kind::Pve)))
}

/// A number, which Proxmox VE itself writes as a text.
fn next_id(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let remote = find(world, call.text("remote"), Some(Kind::Pve))?;
    let next = relay::look(remote, call, Ask::get("/cluster/nextid"))?.data;
    let number = next.as_str().and_then(|text| text.parse::<u32>().ok());
    Ok(Answer::new(number.map_or(next, Value::from)))
}

/// The resources of the cluster without its networks, by types without a prefix (`map_pve_resource` of the
/// server's `api/pve`).
fn resources(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = call.text("remote");
    let remote = find(world, id, Some(Kind::Pve))?;
    let mut ask = Ask::get("/cluster/resources");
    if let Some(kind) = call.arguments.text("kind") {
        ask = ask.with("type", kind);
    }
    let found = relay::list(remote, call, ask)?;
    let rows = found.iter().filter_map(|row| {
        let mut row = rows::of_cluster(id, row)?;
        let kind = row["type"].as_str()?.trim_start_matches("pve-").to_owned();
        row["type"] = json!(kind);
        (kind != "network").then_some(row)
    });
    Ok(Answer::new(rows.collect::<Vec<_>>()))
}

fn available_updates(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let remote = find(world, call.text("remote"), Some(Kind::Pve))?;
    Ok(Answer::new(updates::of(remote, call)))
}

/// As Proxmox VE has it: the declared type is that of a node's status by a slip of the product.
fn subscription(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let remote = find(world, call.text("remote"), Some(Kind::Pve))?;
    let path = format!("/nodes/{}/subscription", part(call.text("node")));
    let answer = relay::look(remote, call, Ask::get(path))?;
    Ok(Answer::new(answer.data))
}

fn node_curve(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let remote = find(world, call.text("remote"), Some(Kind::Pve))?;
    let path = format!("/nodes/{}/rrddata", part(call.text("node")));
    curve::of(remote, call, path, curve::NODE)
}

fn storage_curve(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let remote = find(world, call.text("remote"), Some(Kind::Pve))?;
    let (node, storage) = (part(call.text("node")), part(call.text("storage")));
    let path = format!("/nodes/{node}/storage/{storage}/rrddata");
    curve::of(remote, call, path, curve::STORAGE)
}
