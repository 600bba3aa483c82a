//! `PUT` and `POST` of `/nodes/{node}/qemu/{vmid}/config`, and `unlink`, which is a short way to say `delete`.

use super::super::guest::config::{Request, expect_free, expect_unprotected};
use super::super::guest::create::Order;
use super::super::guest::{find, inputs};
use super::create::expect_drives;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::property_string::{PropertyString, Spelling};
use crate::proxmox::work::Job;
use crate::pve::world::World;
use crate::pve::world::edit::Edit;
use crate::pve::world::guest::{Guest, Kind, Lock, Pending};
use crate::pve::world::make::read_drive;
use crate::pve::world::task::Effect;
use crate::routes::Route;
use crate::routes::route::{post, put};

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        put("/nodes/{node}/qemu/{vmid}/config", Handler::Write(change)),
        post(
            "/nodes/{node}/qemu/{vmid}/config",
            Handler::Write(change_in_task),
        ),
        put("/nodes/{node}/qemu/{vmid}/unlink", Handler::Write(unlink)),
    ]
}

fn change(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let request = checked(world, call)?;
    let vmid = request.vmid;
    let edit = request.prepare(world, call)?;
    wake(world, call, &edit);
    world.edit(vmid, &edit);
    Ok(Answer::default())
}

fn change_in_task(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let request = checked(world, call)?;
    let vmid = request.vmid;
    let node = inputs::node(call)?;
    let job = Job::new("qmconfig", vmid).saying(log_line(call));
    let is_awaited = call.arguments.has("background_delay");
    let answer = match request.prepare(world, call) {
        Ok(edit) => {
            wake(world, call, &edit);
            let effect = Effect::Edit(vmid, node, Box::new(edit));
            call.start(world, job.doing(effect))?
        }
        Err(Fault::Failed(text)) if is_awaited => {
            call.start(world, job.failing(text.clone()))?;
            return Err(Fault::Failed(format!("failed to update VM {vmid}: {text}")));
        }
        Err(Fault::Failed(text)) => call.start(world, job.failing(text))?,
        Err(fault @ Fault::Parameters(_)) => call.start(world, job.failing(fault.in_task()))?,
        Err(fault) => return Err(fault),
    };
    // The product waits that long, and has nothing to tell when the task is over by then.
    match is_awaited && call.context.task_time.is_zero() {
        true => Ok(Answer::default()),
        false => Ok(answer),
    }
}

fn unlink(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (vmid, guest) = find::guest(world, call)?;
    let delete = call.arguments.list("idlist").into_iter();
    let request = Request {
        vmid,
        kind: Kind::Qemu,
        delete: delete.map(|key| key.into_owned()).collect(),
        revert: Vec::new(),
        force: call.arguments.is_set("force"),
        options: Default::default(),
        drives: Default::default(),
    };
    if request.delete.is_empty() {
        return Err(Fault::Failed("no options specified".to_owned()));
    }
    let is_disk = |key: &String| crate::pve::world::disk::is_drive(Kind::Qemu, key);
    if let Some(key) = request.delete.iter().find(|key| !is_disk(key)) {
        return Err(Fault::parameter(
            "delete",
            format!("unknown option '{key}'"),
        ));
    }
    request.expect_rights(world, call)?;
    expect_free(call, guest)?;
    expect_unprotected(guest, &request)?;
    let edit = request.prepare(world, call)?;
    world.edit(vmid, &edit);
    Ok(Answer::default())
}

/// Everything that the product finds wrong before anything is changed.
fn checked(world: &World, call: &Call<'_>) -> Result<Request, Fault> {
    find::skips_lock(call)?;
    let request = Request::read(world, call, Kind::Qemu)?;
    let order = Order {
        vmid: request.vmid,
        kind: Kind::Qemu,
        node: inputs::node(call)?,
        pool: None,
        replaces: false,
    };
    request.expect_rights(world, call)?;
    let (_, guest) = find::guest(world, call)?;
    expect_drives(world, call, &order, &request.drives)?;
    expect_free(call, guest)?;
    expect_unprotected(guest, &request)?;
    expect_balloon(guest, &request)?;
    expect_boot(guest, &request)?;
    expect_same_tpm(guest, &request)?;
    Ok(request)
}

fn expect_balloon(guest: &Guest, request: &Request) -> Result<(), Fault> {
    let memory = request.options.text("memory");
    if memory.is_none() && !request.options.contains("balloon") {
        return Ok(());
    }
    let value = |key: &str| -> Option<u64> {
        let pending = match guest.pending.get(key) {
            Some(Pending::Set(value)) => Some(value.as_str()),
            _ => None,
        };
        let text = request.options.text(key).or(pending);
        let text = text.or_else(|| guest.config.text(key))?;
        text.strip_prefix("current=").unwrap_or(text).parse().ok()
    };
    match value("balloon") {
        Some(balloon) if balloon > value("memory").unwrap_or(512) => {
            let text = "balloon value too large (must be smaller than assigned memory)";
            Err(Fault::Failed(text.to_owned()))
        }
        _ => Ok(()),
    }
}

/// Devices to boot from exist, or come with the same call.
fn expect_boot(guest: &Guest, request: &Request) -> Result<(), Fault> {
    let Some(boot) = request.options.text("boot") else {
        return Ok(());
    };
    let read = PropertyString::parse(boot, Some("legacy"), Spelling::Plain).unwrap_or_default();
    let devices = read.value("order").unwrap_or_default();
    let is_there = |device: &str| {
        let comes = request.drives.contains_key(device) || request.options.contains(device);
        let goes = request.delete.iter().any(|key| key == device);
        let is = guest.config.contains(device) || guest.pending.contains(device);
        (comes || is) && !goes
    };
    let mut devices = devices
        .split([';', ' '])
        .filter(|device| !device.is_empty());
    match devices.find(|device| !is_there(device)) {
        None => Ok(()),
        // The odd quotation mark is the product's.
        Some(device) => Err(Fault::Failed(format!(
            "invalid bootorder: device '{device}' does not exist'"
        ))),
    }
}

fn expect_same_tpm(guest: &Guest, request: &Request) -> Result<(), Fault> {
    let new = request.drives.get("tpmstate0");
    let (Some(old), Some(new)) = (guest.config.text("tpmstate0"), new) else {
        return Ok(());
    };
    let old = read_drive(Kind::Qemu, old);
    let version = |drive: &PropertyString| drive.value("version").unwrap_or("v1.2").to_owned();
    if old.value("file") == new.value("file") && version(&old) != version(new) {
        let text = "cannot change TPM state version after creation";
        return Err(Fault::Failed(text.to_owned()));
    }
    Ok(())
}

/// Who deletes the memory of a suspended machine takes its lock as well, and what was written down for waking.
fn wake(world: &mut World, call: &Call<'_>, edit: &Edit) {
    if !edit.delete.iter().any(|key| key == "vmstate") {
        return;
    }
    if let Ok((_, guest)) = find::guest_mut(world, call) {
        if guest.lock == Some(Lock::Suspended) {
            guest.lock = None;
        }
        for key in ["runningmachine", "runningcpu", "running-nets-host-mtu"] {
            guest.config.remove(key);
        }
    }
}

fn log_line(call: &Call<'_>) -> String {
    let vmid = call.arguments.integer("vmid").unwrap_or_default();
    let mut words: Vec<String> = inputs::options(call)
        .into_iter()
        .map(|(key, value)| match key.as_str() {
            "cipassword" => "-cipassword <hidden>".to_owned(),
            _ => format!("-{key} {value}"),
        })
        .collect();
    if let Some(keys) = call.arguments.text("delete") {
        words.push(format!("-delete {keys}"));
    }
    words.sort();
    format!("update VM {vmid}: {}", words.join(" "))
}

#[cfg(test)]
mod tests;
