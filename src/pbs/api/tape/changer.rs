//! `/tape/changer`: libraries of tapes, with their slots and drives.

use serde_json::{Value, json};

use crate::pbs::world::World;
use crate::pbs::world::tape::Location;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::routes::Route;
use crate::routes::route::{get, post};

/// How many slots a library has.
const SLOTS: u32 = 8;

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/tape/changer", Handler::Read(list)),
        get("/tape/changer/{name}/status", Handler::Read(status)),
        post("/tape/changer/{name}/transfer", Handler::Write(transfer)),
        get("/tape/scan-changers", Handler::Read(scan_changers)),
        get("/tape/scan-drives", Handler::Read(scan_drives)),
    ]
}

const VENDOR: &str = "IBM";

fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let changers = world.sections_of("config/changer");
    let visible = changers
        .filter(|(name, _)| call.may(world, &format!("/tape/device/{name}"), &["Tape.Audit"]));
    let items = visible.map(|(name, changer)| {
        let mut item = changer.properties.clone();
        item.insert("name".to_owned(), json!(name));
        item.insert("vendor".to_owned(), json!(VENDOR));
        item.insert("model".to_owned(), json!("3573-TL"));
        item.insert("serial".to_owned(), json!(serial(&changer.properties)));
        Value::Object(item)
    });
    Ok(Answer::new(items.collect::<Vec<_>>()))
}

/// The serial number is the last part of a device's path.
fn serial(properties: &serde_json::Map<String, Value>) -> String {
    let path = properties
        .get("path")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let last = path.rsplit('-').find(|part| *part != "sg").unwrap_or(path);
    last.to_owned()
}

pub(super) fn exists(world: &World, name: &str) -> Result<(), Fault> {
    match world.section("config/changer", name) {
        Some(_) => Ok(()),
        None => Err(Fault::no_such_entry("changer", name)),
    }
}

/// The drives of a changer by their place in it.
pub(super) fn drives<'w>(world: &'w World, changer: &str) -> Vec<(u64, &'w str)> {
    let drives = world.sections_of("config/drive");
    let own = drives.filter(|(_, drive)| drive.properties.get("changer") == Some(&json!(changer)));
    let mut own: Vec<_> = own
        .map(|(name, drive)| {
            let place = drive
                .properties
                .get("changer-drivenum")
                .and_then(Value::as_u64);
            (place.unwrap_or(0), name)
        })
        .collect();
    own.sort_unstable();
    own
}

/// The medium at a place.
pub(super) fn at(world: &World, wanted: impl Fn(&Location) -> bool) -> Option<(&str, &str)> {
    let mut media = world.media.iter();
    let found = media.find(|(_, medium)| wanted(&medium.location));
    found.map(|(uuid, medium)| (uuid.as_str(), medium.label.as_str()))
}

pub(super) fn in_slot(changer: &str, slot: u32) -> impl Fn(&Location) -> bool {
    move |location| match location {
        Location::Slot {
            changer: other,
            slot: at,
        } => other == changer && *at == slot,
        _ => false,
    }
}

pub(super) fn in_drive(drive: &str) -> impl Fn(&Location) -> bool {
    move |location| matches!(location, Location::Drive { drive: other, .. } if other == drive)
}

fn status(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("name");
    exists(world, name)?;
    let mut items = Vec::new();
    for (place, drive) in drives(world, name) {
        let mut item = json!({"entry-kind": "drive", "entry-id": place});
        let loaded = world
            .media
            .values()
            .find(|medium| in_drive(drive)(&medium.location));
        if let Some(medium) = loaded {
            item["label-text"] = json!(medium.label);
            if let Location::Drive {
                slot: Some(slot), ..
            } = medium.location
            {
                item["loaded-slot"] = json!(slot);
            }
        }
        items.push(item);
    }
    let exports = exports(world, name);
    for slot in 1..=SLOTS {
        let kind = match exports.contains(&slot) {
            true => "import-export",
            false => "slot",
        };
        let mut item = json!({"entry-kind": kind, "entry-id": slot});
        if let Some((_, label)) = at(world, in_slot(name, slot)) {
            item["label-text"] = json!(label);
        }
        items.push(item);
    }
    Ok(Answer::new(items))
}

/// The slots by which tapes go in and out.
pub(super) fn exports(world: &World, changer: &str) -> Vec<u32> {
    let changer = world.section("config/changer", changer);
    let slots = changer.and_then(|changer| changer.properties.get("export-slots"));
    let slots = slots.and_then(Value::as_str).unwrap_or_default();
    slots
        .split([',', ';', ' '])
        .filter_map(|slot| slot.parse().ok())
        .collect()
}

/// Moves a tape from slot to slot at once (`transfer` of proxmox-backup waits for the library).
fn transfer(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("name").to_owned();
    exists(world, &name)?;
    let slot = |parameter: &str| {
        let slot = call.arguments.integer(parameter);
        slot.and_then(|slot| u32::try_from(slot).ok()).unwrap_or(0)
    };
    let (from, to) = (slot("from"), slot("to"));
    let Some((uuid, _)) = at(world, in_slot(&name, from)) else {
        return Err(Fault::Failed(format!("slot {from} is empty")));
    };
    if to == 0 || to > SLOTS {
        return Err(Fault::Failed(format!("invalid slot {to}")));
    }
    if at(world, in_slot(&name, to)).is_some() {
        return Err(Fault::Failed(format!("slot {to} is not empty")));
    }
    let uuid = uuid.to_owned();
    if let Some(medium) = world.media.get_mut(&uuid) {
        medium.location = Location::Slot {
            changer: name,
            slot: to,
        };
    }
    Ok(Answer::default())
}

fn scan(world: &World, (file, kind, model): (&str, &str, &str)) -> Answer {
    let devices = world.sections_of(file).enumerate();
    let items = devices.map(|(n, (_, device))| {
        json!({
            "kind": kind,
            "path": device.properties.get("path").cloned().unwrap_or_default(),
            "serial": serial(&device.properties),
            "vendor": VENDOR,
            "model": model,
            "major": 21,
            "minor": n + 1,
        })
    });
    Answer::new(items.collect::<Vec<_>>())
}

fn scan_changers(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    Ok(scan(world, ("config/changer", "changer", "3573-TL")))
}

fn scan_drives(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    Ok(scan(world, ("config/drive", "tape", "ULTRIUM-HH9")))
}
