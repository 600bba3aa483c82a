//! Which backups retention keeps, shown and done.

use serde_json::{Value, json};

use super::{defined, refused};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::prune::{Keep, Mark};
use crate::proxmox::work::Job;
use crate::pve::world::World;
use crate::pve::world::archive::{Choice, Fate};
use crate::pve::world::guest::Kind;
use crate::pve::world::ids::Vmid;
use crate::pve::world::storage::{Content, Storage};
use crate::pve::world::storage_effect::StorageEffect;
use crate::pve::world::task::Effect;
use crate::routes::Route;
use crate::routes::route::{delete, get};

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    const PATH: &str = "/nodes/{node}/storage/{storage}/prunebackups";
    vec![
        get(PATH, Handler::Read(show)),
        delete(PATH, Handler::Write(prune)),
    ]
}

fn show(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let place = defined(world, call)?;
    let keep = rules(call, place.id.as_str(), place.storage).map_err(Fault::Failed)?;
    world
        .usable_storage(&place.id, &place.node)
        .map_err(refused)?;
    let fates = world.fates(&place.id, &place.node, choice(call), Keep::parse(&keep));
    let rows = fates.into_iter().map(|(archive, fate)| {
        let mut row = json!({
            "volid": format!("{}:{}", place.id, archive.name),
            "ctime": archive.volume.created.as_second(),
            "type": archive.subtype(),
            "mark": fate.as_str(),
        });
        if let Some(owner) = archive.volume.owner {
            row["vmid"] = json!(owner.number());
        }
        row
    });
    Ok(Answer::new(rows.collect::<Value>()))
}

fn prune(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let storage = call.text("storage");
    let path = format!("/storage/{storage}");
    let choice = choice(call);
    let task = match choice.owner {
        Some(owner) => {
            call.demand(world, &path, &["Datastore.AllocateSpace"])?;
            call.demand(world, &format!("/vms/{owner}"), &["VM.Backup"])?;
            format!("{owner}@{storage}")
        }
        None => {
            call.demand(world, &path, &["Datastore.Allocate"])?;
            storage.to_owned()
        }
    };
    // Everything else is the task's affair in the product, a storage that does not exist among it.
    let job = match job(world, call, choice, &task) {
        Ok(job) => job,
        Err(text) => Job::new("prunebackups", task).failing(text),
    };
    call.start(world, job)
}

fn job(world: &World, call: &Call<'_>, choice: Choice, task: &str) -> Result<Job<Effect>, String> {
    let place = defined(world, call).map_err(|fault| match fault {
        Fault::Failed(text) => text,
        _ => "no such storage".to_owned(),
    })?;
    let keep = rules(call, place.id.as_str(), place.storage)?;
    let usable = world.usable_storage(&place.id, &place.node);
    usable.map_err(|fault| fault.to_string())?;
    let mut job = Job::new("prunebackups", task);
    for (archive, fate) in world.fates(&place.id, &place.node, choice, Keep::parse(&keep)) {
        if fate == Fate::Marked(Mark::Remove) {
            let name = archive.name;
            job = job.saying(format!("removing backup '{}:{name}'", place.id));
        }
    }
    Ok(job.doing(Effect::Storage(StorageEffect::Prune {
        node: place.node,
        storage: place.id,
        owner: choice.owner,
        kind: choice.kind,
        keep,
    })))
}

fn choice(call: &Call<'_>) -> Choice {
    let owner = call.arguments.integer("vmid");
    Choice {
        owner: owner.and_then(|vmid| Vmid::new(u32::try_from(vmid).ok()?)),
        kind: match call.arguments.text("type") {
            Some("qemu") => Some(Kind::Qemu),
            Some("lxc") => Some(Kind::Lxc),
            _ => None,
        },
    }
}

/// The rules that the caller gave, or else the storage's own.
fn rules(call: &Call<'_>, id: &str, storage: &Storage) -> Result<String, String> {
    if !storage.content.contains(&Content::Backup) {
        return Err(format!("storage '{id}' does not support backups"));
    }
    let own = storage.retention();
    let given = call.arguments.text("prune-backups").map(str::to_owned);
    given
        .or(own)
        .ok_or_else(|| format!("no prune-backups options configured for storage '{id}'"))
}
