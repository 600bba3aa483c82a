//! Labels of tapes: written on new ones, by hand or by bar code, and taken off.

use super::{free, job, loaded, with_changer};
use crate::pbs::world::World;
use crate::pbs::world::tape::{Location, Medium, Status};
use crate::pbs::world::task::Effect;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::routes::Route;
use crate::routes::route::post;

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        post("/tape/drive/{drive}/label-media", Handler::Write(label)),
        post(
            "/tape/drive/{drive}/barcode-label-media",
            Handler::Write(label_all),
        ),
        post("/tape/drive/{drive}/format-media", Handler::Write(format)),
    ]
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
            call.uuid(),
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
