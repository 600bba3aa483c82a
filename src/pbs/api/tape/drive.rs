//! `/tape/drive`: what is in a drive, and everything done with it.

use serde_json::{Value, json};

use super::changer;
use crate::pbs::world::World;
use crate::pbs::world::tape::{Location, Medium, Status};
use crate::pbs::world::task::Effect;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::work::Job;
use crate::routes::Route;
use crate::routes::route::{get, post, put};

mod figures;

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let mut routes = vec![
        get("/tape/drive", Handler::Read(list)),
        get("/tape/drive/{drive}/read-label", Handler::Read(read_label)),
        get("/tape/drive/{drive}/inventory", Handler::Read(inventory)),
        put(
            "/tape/drive/{drive}/inventory",
            Handler::Write(update_inventory),
        ),
        post("/tape/drive/{drive}/label-media", Handler::Write(label)),
        post(
            "/tape/drive/{drive}/barcode-label-media",
            Handler::Write(label_all),
        ),
        post("/tape/drive/{drive}/format-media", Handler::Write(format)),
        post("/tape/drive/{drive}/load-media", Handler::Write(load)),
        post("/tape/drive/{drive}/load-slot", Handler::Write(load_slot)),
        post("/tape/drive/{drive}/unload", Handler::Write(unload)),
        post("/tape/drive/{drive}/eject-media", Handler::Write(eject)),
        put("/tape/drive/{drive}/export-media", Handler::Write(export)),
        post("/tape/drive/{drive}/rewind", Handler::Write(rewind)),
        put("/tape/drive/{drive}/clean", Handler::Write(clean)),
        post("/tape/drive/{drive}/catalog", Handler::Write(catalog)),
        post(
            "/tape/drive/{drive}/restore-key",
            Handler::Write(restore_key),
        ),
    ];
    routes.extend(figures::routes());
    routes
}

fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let wanted = call.arguments.text("changer");
    let with_activity = call.arguments.is_set("query-activity");
    let drives = world.sections_of("config/drive");
    let visible = drives.filter(|(name, drive)| {
        let is_it =
            wanted.is_none_or(|wanted| drive.properties.get("changer") == Some(&json!(wanted)));
        is_it && call.may(world, &format!("/tape/device/{name}"), &["Tape.Audit"])
    });
    let items = visible.map(|(name, drive)| {
        let mut item = drive.properties.clone();
        item.insert("name".to_owned(), json!(name));
        item.insert("vendor".to_owned(), json!("IBM"));
        item.insert("model".to_owned(), json!("ULTRIUM-HH9"));
        item.insert("serial".to_owned(), json!("10WT000001"));
        if let Some(task) = busy(world, call, name) {
            item.insert("state".to_owned(), json!(task));
        }
        if with_activity {
            item.insert("activity".to_owned(), json!("no-activity"));
        }
        Value::Object(item)
    });
    Ok(Answer::new(items.collect::<Vec<_>>()))
}

/// The task that works with a drive.
fn busy(world: &World, call: &Call<'_>, drive: &str) -> Option<String> {
    let mut tasks = world.tasks.tasks();
    let uses = |kind: &str| {
        [
            "eject-media",
            "load-media",
            "unload-media",
            "label-media",
            "format-media",
            "tape-",
            "rewind",
            "clean",
            "inventory",
            "barcode",
        ]
        .iter()
        .any(|known| kind.starts_with(known))
    };
    let found = tasks.find(|task| {
        uses(&task.upid.kind)
            && task.is_running(call.now)
            && task.upid.id.split(':').any(|part| part == drive)
    });
    found.map(|task| task.upid.to_string())
}

/// The drive of the path, free for a task.
fn drive<'a>(world: &World, call: &'a Call<'_>) -> Result<&'a str, Fault> {
    let name = call.text("drive");
    if !world.has_drive(name) {
        return Err(Fault::no_such_entry("lto", name));
    }
    Ok(name)
}

fn free<'a>(world: &World, call: &'a Call<'_>) -> Result<&'a str, Fault> {
    let name = drive(world, call)?;
    if busy(world, call, name).is_some() {
        let text = format!("unable to lock drive '{name}' - drive is in use");
        return Err(Fault::Failed(text));
    }
    Ok(name)
}

fn changer_of(world: &World, drive: &str) -> Option<String> {
    let drive = world.section("config/drive", drive)?;
    let changer = drive.properties.get("changer")?;
    changer.as_str().map(str::to_owned)
}

fn with_changer(world: &World, drive: &str) -> Result<String, Fault> {
    let changer = changer_of(world, drive);
    changer.ok_or_else(|| Fault::Failed(format!("drive '{drive}' has no changer device")))
}

/// The medium in a drive.
fn loaded<'w>(world: &'w World, drive: &str) -> Option<(&'w str, &'w Medium)> {
    let mut media = world.media.iter();
    let found = media.find(|(_, medium)| changer::in_drive(drive)(&medium.location));
    found.map(|(uuid, medium)| (uuid.as_str(), medium))
}

fn read_label(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = free(world, call)?;
    let Some((uuid, medium)) = loaded(world, name) else {
        return Err(Fault::Failed("no media loaded".to_owned()));
    };
    if !medium.labelled {
        return Err(Fault::Failed("Media is empty (no label).".to_owned()));
    }
    let mut data = json!({"uuid": uuid, "label-text": medium.label, "ctime": medium.created});
    if let Some(pool) = &medium.pool {
        data["pool"] = json!(pool);
    }
    if let Some(set) = &medium.set {
        data["media-set-uuid"] = json!(set.uuid);
        data["media-set-ctime"] = json!(set.created);
        data["seq-nr"] = json!(set.sequence);
    }
    Ok(Answer::new(data))
}

/// The tapes that the drive's changer holds.
fn inventory(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let changer = with_changer(world, drive(world, call)?)?;
    let drives = changer::drives(world, &changer);
    let media = world
        .media
        .iter()
        .filter(|(_, medium)| match &medium.location {
            Location::Slot { changer: other, .. } => *other == changer,
            Location::Drive { drive, .. } => drives.iter().any(|(_, name)| name == drive),
            _ => false,
        });
    let items = media.map(|(uuid, medium)| {
        let mut item = json!({"label-text": medium.label});
        if medium.labelled {
            item["uuid"] = json!(uuid);
        }
        item
    });
    Ok(Answer::new(items.collect::<Vec<_>>()))
}

fn update_inventory(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = free(world, call)?.to_owned();
    with_changer(world, &name)?;
    call.start(world, Job::new("inventory-update", name))
}

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

/// A task of the drive that the path names.
fn job(kind: &str, drive: &str) -> Job<Effect> {
    Job::new(kind, drive)
}

/// Writes a label on the tape in the drive, which must have none.
fn label(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = free(world, call)?.to_owned();
    let text = call.text("label-text").to_owned();
    let pool = pool(world, call)?;
    let mut job = job("label-media", &name);
    let known = world.medium_labelled(&text).map(str::to_owned);
    let (uuid, location) = match loaded(world, &name) {
        Some((_, medium)) if medium.labelled => {
            job = job.failing("media is not empty (format it first)");
            return call.start(world, job);
        }
        Some((uuid, medium)) => (uuid.to_owned(), medium.location.clone()),
        None if known.is_some() => {
            job = job.failing(format!("media label '{text}' already exists"));
            return call.start(world, job);
        }
        None => (
            uuid(call),
            Location::Drive {
                drive: name,
                slot: None,
            },
        ),
    };
    let medium = Medium {
        label: text.clone(),
        labelled: true,
        created: call.now.as_second(),
        location,
        status: Status::Writable,
        pool,
        set: None,
        bytes_used: 0,
        snapshots: Vec::new(),
    };
    let job = job
        .saying(format!("Label media '{text}'"))
        .doing(Effect::PutMedium(uuid, Box::new(medium)));
    call.start(world, job)
}

fn pool(world: &World, call: &Call<'_>) -> Result<Option<String>, Fault> {
    let Some(pool) = call.arguments.text("pool") else {
        return Ok(None);
    };
    match world.section("config/media-pool", pool) {
        Some(_) => Ok(Some(pool.to_owned())),
        None => Err(Fault::no_such_entry("pool", pool)),
    }
}

fn uuid(call: &Call<'_>) -> String {
    let (high, low) = (call.random(), call.random());
    format!(
        "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xFFFF,
        high & 0xFFF,
        (low >> 48) & 0xFFF,
        low & 0xFFFF_FFFF_FFFF
    )
}

/// Labels all tapes of the changer that have a bar code and no label.
fn label_all(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = free(world, call)?.to_owned();
    let changer = with_changer(world, &name)?;
    let pool = pool(world, call)?;
    let mut job = job("barcode-label-media", &name);
    for (uuid, medium) in &world.media {
        let is_there =
            matches!(&medium.location, Location::Slot { changer: other, .. } if *other == changer);
        if medium.labelled || !is_there {
            continue;
        }
        let medium = Medium {
            labelled: true,
            created: call.now.as_second(),
            pool: pool.clone(),
            ..medium.clone()
        };
        job = job
            .saying(format!("Label media '{}'", medium.label))
            .doing(Effect::PutMedium(uuid.clone(), Box::new(medium)));
    }
    call.start(world, job)
}

fn format(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = free(world, call)?.to_owned();
    let wanted = call.arguments.text("label-text");
    let mut job = job("format-media", &name);
    let found = loaded(world, &name).map(|(uuid, medium)| (uuid.to_owned(), medium.label.clone()));
    job = match found {
        None => job.failing("no media loaded"),
        Some((_, label)) if wanted.is_some_and(|wanted| wanted != label) => {
            job.failing("expected label does not match")
        }
        Some((uuid, label)) => job
            .saying(format!("format tape '{label}'"))
            .doing(Effect::EraseMedium(uuid)),
    };
    call.start(world, job)
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

fn rewind(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = free(world, call)?.to_owned();
    call.start(world, job("rewind-media", &name))
}

fn clean(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = free(world, call)?.to_owned();
    with_changer(world, &name)?;
    call.start(
        world,
        job("clean-drive", &name).saying("Starting drive clean"),
    )
}

fn catalog(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = free(world, call)?.to_owned();
    let mut job = job("catalog-media", &name);
    job = match loaded(world, &name) {
        None => job.failing("no media loaded"),
        Some((_, medium)) => job.saying(format!("Found media label: {}", medium.label)),
    };
    call.start(world, job)
}

/// The key on a tape is found by the tape's set; there is none on a tape without one.
fn restore_key(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = free(world, call)?;
    match loaded(world, name) {
        Some((_, medium)) if medium.set.is_some() => Ok(Answer::default()),
        Some(_) => Err(Fault::Failed(
            "media does not contain any encryption key configuration".to_owned(),
        )),
        None => Err(Fault::Failed("no media loaded".to_owned())),
    }
}
