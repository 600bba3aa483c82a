//! Tapes on their way between slots and drives.

use super::super::changer;
use super::{changer_of, drive, free, job, loaded, with_changer};
use crate::pbs::world::World;
use crate::pbs::world::tape::Location;
use crate::pbs::world::task::Effect;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::routes::Route;
use crate::routes::route::{post, put};

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        post("/tape/drive/{drive}/load-media", Handler::Write(load)),
        post("/tape/drive/{drive}/load-slot", Handler::Write(load_slot)),
        post("/tape/drive/{drive}/unload", Handler::Write(unload)),
        post("/tape/drive/{drive}/eject-media", Handler::Write(eject)),
        put("/tape/drive/{drive}/export-media", Handler::Write(export)),
    ]
}

/// Puts a tape of the changer into the drive; what was in it goes back to its slot.
fn load(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = free(world, call)?.to_owned();
    let changer = with_changer(world, &name)?;
    let label = call.text("label-text");
    let mut job =
        job("load-media", &name).saying(format!("loading media '{label}' into drive '{name}'"));
    let found = world.medium_labelled(label).and_then(|uuid| {
        let location = &world.media.get(uuid)?.location;
        match location {
            Location::Slot {
                changer: other,
                slot,
            } if *other == changer => Some((uuid.to_owned(), *slot)),
            _ => None,
        }
    });
    let Some((uuid, slot)) = found else {
        let text = format!("media '{label}' not online");
        return call.start(world, job.failing(text));
    };
    if let Some((old, location)) = put_back(world, &name) {
        job = job.doing(Effect::MoveMedium(old, location));
    }
    let slot = Some(slot);
    let job = job.doing(Effect::MoveMedium(
        uuid,
        Location::Drive { drive: name, slot },
    ));
    call.start(world, job)
}

/// The same by the number of a slot, at once.
fn load_slot(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = free(world, call)?.to_owned();
    let changer = with_changer(world, &name)?;
    let slot = call.arguments.integer("source-slot");
    let slot = slot.and_then(|slot| u32::try_from(slot).ok()).unwrap_or(0);
    let Some((uuid, _)) = changer::at(world, changer::in_slot(&changer, slot)) else {
        return Err(Fault::Failed(format!("slot {slot} is empty")));
    };
    let uuid = uuid.to_owned();
    if loaded(world, &name).is_some() {
        return Err(Fault::Failed(format!("drive '{name}' is not empty")));
    }
    if let Some(medium) = world.media.get_mut(&uuid) {
        let slot = Some(slot);
        medium.location = Location::Drive { drive: name, slot };
    }
    Ok(Answer::default())
}

fn take_out(world: &mut World, call: &Call<'_>, kind: &str) -> Result<Answer, Fault> {
    let name = free(world, call)?.to_owned();
    let mut job = job(kind, &name);
    if let Some((uuid, mut location)) = put_back(world, &name) {
        let slot = call.arguments.integer("target-slot");
        let slot = slot.and_then(|slot| u32::try_from(slot).ok());
        if let (Some(wanted), Location::Slot { slot, .. }) = (slot, &mut location) {
            *slot = wanted;
        }
        job = job.doing(Effect::MoveMedium(uuid, location));
    }
    call.start(world, job)
}

fn unload(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    with_changer(world, drive(world, call)?)?;
    take_out(world, call, "unload-media")
}

fn eject(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    take_out(world, call, "eject-media")
}

/// Puts a tape into a slot by which it can be taken out, and answers with the slot.
fn export(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = free(world, call)?.to_owned();
    let changer = with_changer(world, &name)?;
    let label = call.text("label-text");
    let uuid = world.medium_labelled(label).map(str::to_owned);
    let uuid = uuid.ok_or_else(|| Fault::Failed(format!("media '{label}' not online")))?;
    let exports = changer::exports(world, &changer);
    let free = exports
        .into_iter()
        .find(|slot| changer::at(world, changer::in_slot(&changer, *slot)).is_none());
    let Some(slot) = free else {
        let text = format!("unable to find free import/export slot for media '{label}'");
        return Err(Fault::Failed(text));
    };
    if let Some(medium) = world.media.get_mut(&uuid) {
        medium.location = Location::Slot { changer, slot };
    }
    Ok(Answer::new(slot))
}

/// The tape in a drive, and where it goes from there.
fn put_back(world: &World, drive: &str) -> Option<(String, Location)> {
    let (uuid, medium) = loaded(world, drive)?;
    let Location::Drive { slot, .. } = &medium.location else {
        return None;
    };
    let location = match (slot, changer_of(world, drive)) {
        (Some(slot), Some(changer)) => Location::Slot {
            changer,
            slot: *slot,
        },
        _ => Location::Offline,
    };
    Some((uuid.to_owned(), location))
}
