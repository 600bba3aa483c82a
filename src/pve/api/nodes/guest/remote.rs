//! Migration to another cluster, and the tunnel that the other side of one opens.
//!
//! Nothing leaves this process: the task names what it would do and where, and ends well with the guest in place.
//! The tunnel's socket is a seam: its ticket is made and checked here, the stream itself is `net`'s to take over.

use serde_json::json;

use super::find::{self, lock_text};
use super::{console, journey, migrate};
use crate::proxmox::arguments::split_list;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::property_string::{PropertyString, Spelling};
use crate::proxmox::work::Job;
use crate::pve::world::World;
use crate::pve::world::guest::{Guest, Kind};
use crate::routes::Route;
use crate::routes::route::{get, post};

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    use Handler::{Read, Write};
    vec![
        post("/nodes/{node}/qemu/{vmid}/remote_migrate", Write(send)),
        post("/nodes/{node}/lxc/{vmid}/remote_migrate", Write(send)),
        post("/nodes/{node}/qemu/{vmid}/mtunnel", Write(tunnel)),
        post("/nodes/{node}/lxc/{vmid}/mtunnel", Write(tunnel)),
        get("/nodes/{node}/qemu/{vmid}/mtunnelwebsocket", Read(socket)),
        get("/nodes/{node}/lxc/{vmid}/mtunnelwebsocket", Read(socket)),
    ]
}

fn send(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (vmid, guest) = find::guest(world, call)?;
    find::not_locked(guest)?;
    must_stand(guest, call)?;
    let host = endpoint(call)?;
    journey::pairs(call.text("target-storage"), "target-storage")?;
    let bridges = split_list(call.text("target-bridge")).count();
    if bridges == 0 {
        let text = "failed to parse bridge map: empty";
        return Err(Fault::parameter("target-bridge", text));
    }
    let there = call.arguments.integer("target-vmid");
    let there = there.unwrap_or_else(|| i64::from(vmid.number()));
    let word = guest.kind.word();
    let job = Job::new(migrate::kind_of_task(guest), vmid)
        .saying(format!("remote: started tunnel worker on '{host}'"))
        .saying(format!(
            "would migrate {word} {vmid} to '{host}' as {word} {there}, storages '{}', bridges '{}'",
            call.text("target-storage"),
            call.text("target-bridge")
        ))
        .saying("no other cluster is contacted, the guest stays where it is");
    let job = match lock_text(guest) {
        Some(text) => job.failing(text),
        None => job,
    };
    call.start(world, job)
}

fn must_stand(guest: &Guest, call: &Call<'_>) -> Result<(), Fault> {
    if !guest.status.is_running() || call.arguments.is_set("online") {
        return Ok(());
    }
    if guest.kind == Kind::Lxc && call.arguments.is_set("restart") {
        return Ok(());
    }
    let text = match guest.kind {
        Kind::Qemu => "can't migrate running VM without --online",
        Kind::Lxc => "can't migrate running container without --online or --restart",
    };
    Err(Fault::Failed(text.to_owned()))
}

/// The host of `host=<address>,apitoken=<token>`.
fn endpoint(call: &Call<'_>) -> Result<String, Fault> {
    let bad = |why: &str| {
        let text = format!("failed to parse target endpoint: {why}");
        Fault::parameter("target-endpoint", text)
    };
    let text = call.text("target-endpoint");
    let read = PropertyString::parse(text, None, Spelling::Plain);
    let read = read.map_err(|fault| bad(&fault.to_string()))?;
    let host = read.value("host").ok_or_else(|| bad("missing host"))?;
    let token = read
        .value("apitoken")
        .ok_or_else(|| bad("missing apitoken"))?;
    if !token.starts_with("PVEAPIToken=") {
        return Err(bad("malformed apitoken"));
    }
    Ok(host.to_owned())
}

/// The number must be free: the tunnel makes the guest that it belongs to.
fn tunnel(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let vmid = find::vmid(call)?;
    if let Some(other) = world.guests.get(&vmid) {
        let (word, node) = (other.kind.word(), &other.node);
        let text = format!("{word} {vmid} already exists on node '{node}'");
        return Err(Fault::Failed(text));
    }
    for id in call.arguments.list("storages") {
        let known = id.parse().ok().and_then(|id| world.storages.get(&id));
        if known.is_none() {
            return Err(Fault::Failed(format!("storage '{id}' does not exist")));
        }
    }
    let kind = find::kind(call);
    let (task, folder) = match kind {
        Kind::Qemu => ("qmtunnel", "qemu-server"),
        Kind::Lxc => ("vzmtunnel", "pve-container"),
    };
    let upid = call.start(world, Job::new(task, vmid))?.data;
    let socket = format!("/run/{folder}/{vmid}.mtunnel");
    let ticket = console::tunnel_ticket(call, &socket);
    Ok(Answer::new(
        json!({"ticket": ticket, "upid": upid, "socket": socket}),
    ))
}

/// Without an upgrade the product names the socket, and that is all.
fn socket(_: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let socket = call.text("socket");
    console::verify_tunnel(call, call.text("ticket"), socket)?;
    let tunnel = Answer::console(call.request, crate::proxmox::console::Kind::Echo);
    Ok(tunnel.unwrap_or_else(|| Answer::new(json!({ "socket": socket }))))
}
