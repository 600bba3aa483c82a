//! `/tape/drive`: what is in a drive, and everything done with it.

mod label;

mod place;

mod figures;

use serde_json::{Value, json};

use super::changer;
use crate::pbs::world::World;
use crate::pbs::world::tape::{Location, Medium};
use crate::pbs::world::task::Effect;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::task::Task;
use crate::proxmox::work::Job;
use crate::routes::Route;
use crate::routes::route::{get, post, put};

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let mut routes = vec![
        get("/tape/drive", Handler::Read(list)),
        get("/tape/drive/{drive}/read-label", Handler::Read(read_label)),
        get("/tape/drive/{drive}/inventory", Handler::Read(inventory)),
        put(
            "/tape/drive/{drive}/inventory",
            Handler::Write(update_inventory),
        ),
        post("/tape/drive/{drive}/rewind", Handler::Write(rewind)),
        put("/tape/drive/{drive}/clean", Handler::Write(clean)),
        post("/tape/drive/{drive}/catalog", Handler::Write(catalog)),
        post(
            "/tape/drive/{drive}/restore-key",
            Handler::Write(restore_key),
        ),
    ];
    routes.extend(label::routes());
    routes.extend(place::routes());
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

/// How the types of tasks begin that need a drive for themselves.
const BUSY: &[&str] = &[
    "barcode-label",
    "catalog-media",
    "clean-drive",
    "eject-media",
    "format-media",
    "inventory-update",
    "label-media",
    "load-media",
    "rewind-media",
    "tape-",
    "unload-media",
];

/// The task that works with a drive.
fn busy(world: &World, call: &Call<'_>, drive: &str) -> Option<String> {
    let is_of_drive = |task: &&Task| {
        let upid = &task.upid;
        BUSY.iter().any(|kind| upid.kind.starts_with(kind))
            && upid.id.split(':').any(|part| part == drive)
    };
    let found = world
        .tasks
        .tasks()
        .filter(is_of_drive)
        .find(|task| task.is_running(call.now));
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

/// A task of the drive that the path names.
fn job(kind: &str, drive: &str) -> Job<Effect> {
    Job::new(kind, drive)
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
