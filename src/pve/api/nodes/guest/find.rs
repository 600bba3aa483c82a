//! The guest that a path names, and the checks that come before most of what is done to one.
//!
//! A guest answers under its own node and kind only: everywhere else its configuration file is missing, and the
//! text says so in words that clients search (proxmox.md 4.1).

use crate::proxmox::call::Call;
use crate::proxmox::fault::Fault;
use crate::pve::world::World;
use crate::pve::world::guest::{Guest, Kind};
use crate::pve::world::ids::Vmid;

/// What the path is about: containers below `/nodes/{node}/lxc`, virtual machines everywhere else.
pub(in crate::pve::api) fn kind(call: &Call<'_>) -> Kind {
    if call.operation.template.starts_with("/nodes/{node}/lxc") {
        Kind::Lxc
    } else {
        Kind::Qemu
    }
}

/// The number that the path names, whether a guest has it or not.
///
/// # Errors
/// The text of a missing configuration, for a number that no guest can have.
pub(in crate::pve::api) fn vmid(call: &Call<'_>) -> Result<Vmid, Fault> {
    let number = call.arguments.integer("vmid");
    let number = number.and_then(|number| u32::try_from(number).ok());
    number.and_then(Vmid::new).ok_or_else(|| missing(call))
}

/// The guest that the path names.
///
/// # Errors
/// The text of a missing configuration: there is none, it is on another node, or it is of the other kind.
pub(in crate::pve::api) fn guest<'w>(
    world: &'w World,
    call: &Call<'_>,
) -> Result<(Vmid, &'w Guest), Fault> {
    let vmid = vmid(call)?;
    let found = world.guests.get(&vmid).filter(|guest| is_here(guest, call));
    found
        .map(|guest| (vmid, guest))
        .ok_or_else(|| missing(call))
}

/// The same to change it.
///
/// # Errors
/// Those of [`guest`].
pub(in crate::pve::api) fn guest_mut<'w>(
    world: &'w mut World,
    call: &Call<'_>,
) -> Result<(Vmid, &'w mut Guest), Fault> {
    let vmid = vmid(call)?;
    let found = world.guests.get_mut(&vmid);
    found
        .filter(|guest| is_here(guest, call))
        .map(|guest| (vmid, guest))
        .ok_or_else(|| missing(call))
}

fn is_here(guest: &Guest, call: &Call<'_>) -> bool {
    guest.node.as_str() == call.text("node") && guest.kind == kind(call)
}

/// The words for a guest that the path names and that is not there.
pub(in crate::pve::api) fn missing(call: &Call<'_>) -> Fault {
    let (node, vmid) = (call.text("node"), call.arguments.integer("vmid"));
    let vmid = vmid.unwrap_or_default().to_string();
    match kind(call) {
        Kind::Qemu => Fault::no_such_machine(node, &vmid),
        Kind::Lxc => Fault::no_such_container(node, &vmid),
    }
}

/// The words for a guest that somebody works on; nothing while nobody does.
pub(in crate::pve::api) fn lock_text(guest: &Guest) -> Option<String> {
    let lock = guest.lock?;
    Some(format!(
        "{} is locked ({})",
        guest.kind.word(),
        lock.as_str()
    ))
}

/// Refuses a guest that somebody works on.
///
/// # Errors
/// `VM is locked (backup)`.
pub(in crate::pve::api) fn not_locked(guest: &Guest) -> Result<(), Fault> {
    lock_text(guest).map_or(Ok(()), |text| Err(Fault::Failed(text)))
}

/// Whether locks are passed over; only the superuser may say so.
///
/// # Errors
/// `Only root may use this option.`, about the parameter.
pub(in crate::pve::api) fn skips_lock(call: &Call<'_>) -> Result<bool, Fault> {
    only_root(call, "skiplock")?;
    Ok(call.arguments.is_set("skiplock"))
}

/// Refuses a parameter that only the superuser may give.
///
/// # Errors
/// `Only root may use this option.`, about the parameter (`PVE::API2::Qemu`).
pub(in crate::pve::api) fn only_root(call: &Call<'_>, name: &str) -> Result<(), Fault> {
    use serde_json::Value;
    let is_given = match call.arguments.given().get(name) {
        None | Some(Value::Bool(false) | Value::Null) => false,
        Some(_) => true,
    };
    if is_given && !call.is_root() {
        return Err(Fault::parameter(name, "Only root may use this option."));
    }
    Ok(())
}
