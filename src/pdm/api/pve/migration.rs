//! Guests on their way: to another node of their cluster, or to another cluster.

use super::super::pass::{along, guest_node};
use super::super::relay::{self, find};
use crate::pdm::world::World;
use crate::pdm::world::remote::{Kind, Remote};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::permission::Denied;
use crate::routes::Route;
use crate::routes::route::post;

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    use Handler::Write;
    vec![
        post("/pve/remotes/{remote}/qemu/{vmid}/migrate", Write(within)),
        post("/pve/remotes/{remote}/lxc/{vmid}/migrate", Write(within)),
        post(
            "/pve/remotes/{remote}/qemu/{vmid}/remote-migrate",
            Write(away),
        ),
        post(
            "/pve/remotes/{remote}/lxc/{vmid}/remote-migrate",
            Write(away),
        ),
    ]
}

fn within(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = call.text("remote").to_owned();
    let remote = find(world, &id, Some(Kind::Pve))?;
    if guest_node(Some(remote), call)? == call.text("target") {
        let text = "refusing migration to the same node".to_owned();
        return Err(Fault::Failed(text));
    }
    let ask = along("/nodes/{node}/{kind}/{vmid}/migrate", remote, call)?;
    let answer = relay::change(world, call, &id, ask)?;
    Ok(relay::tracked(Kind::Pve, &id, answer))
}

/// The product hands the source the address and the token of the target, and leaves the rest to it.
fn away(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = call.text("remote").to_owned();
    let target = call.text("target");
    let vmid = call.arguments.integer("vmid").unwrap_or_default();
    let there = call.arguments.integer("target-vmid").unwrap_or(vmid);
    let demand = |path: String, privilege| match call.may(world, &path, &[privilege]) {
        true => Ok(()),
        false => Err(Fault::Denied(Denied::because(path))),
    };
    demand(
        format!("/resource/{target}/guest/{there}"),
        "Resource.Migrate",
    )?;
    if call.arguments.is_set("delete") {
        demand(format!("/resource/{id}/guest/{vmid}"), "Resource.Delete")?;
    }
    if id == target {
        let text = "source and destination clusters must be different".to_owned();
        return Err(Fault::Failed(text));
    }
    let destination = find(world, target, Some(Kind::Pve))?;
    let endpoint = endpoint(destination, call)?;
    let source = find(world, &id, Some(Kind::Pve))?;
    let mut ask = along("/nodes/{node}/{kind}/{vmid}/remote_migrate", source, call)?;
    ask.parameters.remove("target");
    ask = ask.with("target-endpoint", endpoint);
    let answer = relay::change(world, call, &id, ask)?;
    Ok(relay::tracked(Kind::Pve, &id, answer))
}

/// How the source reaches the target: the address that the call names, or the first.
fn endpoint(target: &Remote, call: &Call<'_>) -> Result<String, Fault> {
    let wanted = call.arguments.text("target-endpoint");
    let node = match wanted {
        Some(host) => {
            let found = target.nodes.iter().find(|node| node.hostname == host);
            found
                .ok_or_else(|| Fault::Failed(format!("{host} not configured for target cluster")))?
        }
        None => target
            .nodes
            .first()
            .ok_or_else(|| Fault::Failed("no nodes configured for target cluster".to_owned()))?,
    };
    let (host, port) = node
        .hostname
        .rsplit_once(':')
        .unwrap_or((&node.hostname, "8006"));
    let (authid, token) = (&target.authid, &target.token);
    let mut endpoint = format!("host={host},port={port},apitoken=PVEAPIToken={authid}={token}");
    if let Some(fingerprint) = &node.fingerprint {
        endpoint.push_str(&format!(",fingerprint={fingerprint}"));
    }
    Ok(endpoint)
}
