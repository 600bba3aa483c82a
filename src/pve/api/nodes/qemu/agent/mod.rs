//! The guest agent: what a program inside a virtual machine answers.
//!
//! What a test scripted ([`crate::pve::world::agent`]) comes first, then what follows from the configuration. Truth
//! values go out as the agent writes them, since the product hands its answers on as they are.

use serde_json::{Value, json};

use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::pve::api::nodes::guest::find;
use crate::pve::world::World;
use crate::pve::world::guest::{Guest, Status};
use crate::pve::world::ids::Vmid;
use crate::routes::Route;
use crate::routes::route::{get, post};

mod derived;

mod exec;

mod files;

mod network;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    use Handler::{Read, Write};
    let mut routes = vec![
        post("/nodes/{node}/qemu/{vmid}/agent", Write(any)),
        post(
            "/nodes/{node}/qemu/{vmid}/agent/fsfreeze-freeze",
            Write(own),
        ),
        post(
            "/nodes/{node}/qemu/{vmid}/agent/fsfreeze-status",
            Write(own),
        ),
        post("/nodes/{node}/qemu/{vmid}/agent/fsfreeze-thaw", Write(own)),
        post("/nodes/{node}/qemu/{vmid}/agent/fstrim", Write(own)),
        get("/nodes/{node}/qemu/{vmid}/agent/get-fsinfo", Read(look)),
        get("/nodes/{node}/qemu/{vmid}/agent/get-host-name", Read(look)),
        get(
            "/nodes/{node}/qemu/{vmid}/agent/get-memory-block-info",
            Read(look),
        ),
        get(
            "/nodes/{node}/qemu/{vmid}/agent/get-memory-blocks",
            Read(look),
        ),
        get("/nodes/{node}/qemu/{vmid}/agent/get-osinfo", Read(look)),
        get("/nodes/{node}/qemu/{vmid}/agent/get-time", Read(look)),
        get("/nodes/{node}/qemu/{vmid}/agent/get-timezone", Read(look)),
        get("/nodes/{node}/qemu/{vmid}/agent/get-users", Read(look)),
        get("/nodes/{node}/qemu/{vmid}/agent/get-vcpus", Read(look)),
        get("/nodes/{node}/qemu/{vmid}/agent/info", Read(look)),
        get(
            "/nodes/{node}/qemu/{vmid}/agent/network-get-interfaces",
            Read(look),
        ),
        post("/nodes/{node}/qemu/{vmid}/agent/ping", Write(own)),
        post(
            "/nodes/{node}/qemu/{vmid}/agent/set-user-password",
            Write(password),
        ),
        post("/nodes/{node}/qemu/{vmid}/agent/shutdown", Write(own)),
        post("/nodes/{node}/qemu/{vmid}/agent/suspend-disk", Write(own)),
        post("/nodes/{node}/qemu/{vmid}/agent/suspend-hybrid", Write(own)),
        post("/nodes/{node}/qemu/{vmid}/agent/suspend-ram", Write(own)),
    ];
    routes.extend(exec::routes());
    routes.extend(files::routes());
    routes
}

/// The machine that the path names, if its agent answers.
///
/// # Errors
/// The three texts that clients poll for: no agent configured, machine not running, agent not running.
fn answering<'w>(world: &'w World, call: &Call<'_>) -> Result<(Vmid, &'w Guest), Fault> {
    let (vmid, guest) = find::guest(world, call)?;
    match guest.agent_silence(vmid, world.running_since(guest), call.now) {
        None => Ok((vmid, guest)),
        Some(text) => Err(Fault::Failed(text)),
    }
}

/// Refuses a command that a test lets fail, and whatever writes or looks at files while these are frozen.
///
/// # Errors
/// `Agent error: ...`.
fn willing(guest: &Guest, command: &str) -> Result<(), Fault> {
    let Some(agent) = &guest.agent else {
        return Ok(());
    };
    if let Some(text) = agent.failures.get(command) {
        return Err(error(text));
    }
    let works_frozen = command == "ping" || command == "info" || command.starts_with("fsfreeze-");
    if agent.frozen && !works_frozen {
        return Err(error(&format!(
            "The command guest-{command} has been disabled for this instance"
        )));
    }
    Ok(())
}

/// What the agent says went wrong.
fn error(text: &str) -> Fault {
    Fault::Failed(format!("Agent error: {text}"))
}

/// An answer with the agent's truth values.
fn result(value: Value) -> Answer {
    Answer::as_it_stands(json!({ "result": value }))
}

/// The command that stands at the end of the path.
fn command<'c>(call: &'c Call<'_>) -> &'c str {
    let template = &call.operation.template;
    template.rsplit('/').next().unwrap_or(template)
}

fn look(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    seen(world, call, command(call))
}

/// A command that changes nothing.
fn seen(world: &World, call: &Call<'_>, command: &str) -> Result<Answer, Fault> {
    let (vmid, guest) = answering(world, call)?;
    willing(guest, command)?;
    let scripted = guest
        .agent
        .as_ref()
        .and_then(|agent| agent.answers.get(command));
    if let Some(value) = scripted {
        return Ok(result(value.clone()));
    }
    Ok(result(match command {
        "network-get-interfaces" => network::interfaces(world, vmid, guest, call),
        command => derived::answer(world, vmid, guest, call, command),
    }))
}

fn own(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    act(world, call, command(call))
}

/// The older way: the command is a parameter.
fn any(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    act(world, call, call.text("command"))
}

/// A command that may change the guest.
fn act(world: &mut World, call: &Call<'_>, command: &str) -> Result<Answer, Fault> {
    let answer = seen(world, call, command)?;
    let (vmid, guest) = find::guest_mut(world, call)?;
    match command {
        "fsfreeze-freeze" => guest.agent_mut().frozen = true,
        "fsfreeze-thaw" => {
            if let Some(agent) = &mut guest.agent {
                agent.frozen = false;
            }
        }
        "shutdown" if guest.obeys() => world.power(vmid, Status::Stopped, call.now),
        "suspend-disk" => world.power(vmid, Status::Stopped, call.now),
        "suspend-ram" | "suspend-hybrid" => world.power(vmid, Status::Paused, call.now),
        _ => {}
    }
    Ok(answer)
}

fn password(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (_, guest) = answering(world, call)?;
    willing(guest, "set-user-password")?;
    let (user, password) = (call.text("username"), call.text("password"));
    let (_, guest) = find::guest_mut(world, call)?;
    let passwords = &mut guest.agent_mut().passwords;
    passwords.insert(user.to_owned(), password.to_owned());
    Ok(result(json!({})))
}
