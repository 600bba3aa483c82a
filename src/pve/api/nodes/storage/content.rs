//! What lies on a storage: the list, and one volume with its notes and protection.

use serde_json::{Value, json};

use super::{access, shown, usable};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::pve::world::World;
use crate::pve::world::archive::{Archive, Choice};
use crate::pve::world::ids::VolumeId;
use crate::pve::world::storage::{Content, Storage};
use crate::pve::world::volname;
use crate::pve::world::volume::{Format, Volume};
use crate::routes::Route;
use crate::routes::route::{get, put};

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    const LIST: &str = "/nodes/{node}/storage/{storage}/content";
    const ITEM: &str = "/nodes/{node}/storage/{storage}/content/{volume}";
    vec![
        get(LIST, Handler::Read(list)),
        get(ITEM, Handler::Read(read)),
        put(ITEM, Handler::Write(update)),
    ]
}

fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let place = usable(world, call)?;
    let content = call.arguments.text("content");
    let vmid = call.arguments.integer("vmid");
    let mut rows = Vec::new();
    for (name, volume) in world.volumes_on(&place.id, &place.node) {
        let is_wanted = content.is_none_or(|content| content == volume.content.as_str());
        let is_owned = vmid.is_none_or(|vmid| is_of(volume, vmid));
        if !is_wanted || !is_owned {
            continue;
        }
        let id = VolumeId {
            storage: place.id.clone(),
            name: name.into(),
        };
        let parsed = volname::parse(place.storage.kind, name).map_err(Fault::Failed);
        let may = parsed.and_then(|parsed| access::check(world, call, &id, &parsed));
        if may.is_ok() {
            let order = id.to_string().to_ascii_lowercase();
            rows.push((order, shown::volume(place.storage.kind, &id, volume)));
        }
    }
    rows.sort_by(|one, other| one.0.cmp(&other.0));
    Ok(Answer::new(
        rows.into_iter().map(|(_, row)| row).collect::<Value>(),
    ))
}

/// Whether a list for a guest shows a volume. What belongs to nobody is left out, but for the files that the
/// product does not ask about guests.
fn is_of(volume: &Volume, vmid: i64) -> bool {
    match volume.content {
        Content::Iso | Content::Vztmpl => false,
        Content::Snippets | Content::Import => true,
        _ => volume
            .owner
            .is_some_and(|owner| i64::from(owner.number()) == vmid),
    }
}

fn read(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let named = access::named(world, call, call.text("volume"))?;
    access::check(world, call, &named.id, &named.parsed)?;
    let (id, storage) = (&named.id, named.place.storage);
    let Some(volume) = world.volume(id, &named.place.node) else {
        let text = format!("volume_size_info on '{id}' failed - no format");
        return Err(Fault::Failed(text));
    };
    let size = volume.size.bytes();
    if size == 0 && volume.format != Format::Subvol {
        return Err(Fault::Failed(format!("volume '{id}' has size zero")));
    }
    let format = match named.parsed.content {
        Content::Images | Content::Rootdir | Content::Import => volume.format.as_str(),
        Content::Backup if storage.kind.has_files() => "raw",
        Content::Backup => volume.format.as_str(),
        Content::Iso | Content::Vztmpl | Content::Snippets => "raw",
    };
    let mut item = json!({
        "path": volname::path(&id.storage, storage, &id.name),
        "size": size,
        "used": volume.used().bytes(),
        "format": format,
    });
    if volume.content == Content::Backup {
        item["notes"] = json!(volume.notes.as_deref().unwrap_or_default());
        item["protected"] = json!(volume.protected);
    }
    Ok(Answer::new(item))
}

fn update(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let named = access::named(world, call, call.text("volume"))?;
    access::check(world, call, &named.id, &named.parsed)?;
    let (id, node, kind) = (named.id, named.place.node, named.place.storage.kind);
    let is_backup = named.parsed.content == Content::Backup;
    let notes = call.arguments.text("notes").map(str::to_owned);
    let protected = call.arguments.boolean("protected");
    let failed = |text: String| Err(Fault::Failed(text));
    if !is_backup && kind.has_files() {
        if notes.is_some() {
            return failed("only backups can have notes".to_owned());
        }
        if protected.is_some() {
            return failed("only backups support attribute 'protected'".to_owned());
        }
    }
    if !is_backup && (notes.is_some() || protected.is_some()) {
        let name = if notes.is_some() {
            "notes"
        } else {
            "protected"
        };
        let kind = kind.as_str();
        return failed(format!(
            "attribute '{name}' is not supported for storage type '{kind}'"
        ));
    }
    let Some(volume) = world.volume(&id, &node) else {
        return failed(format!("volume '{id}' does not exist"));
    };
    if protected == Some(true) && !volume.protected {
        let storage = named.place.storage;
        may_protect(world, call, &id, volume, (storage, &node))?;
    }
    let shelf = world.shelf(&id.storage, &node);
    let volumes = shelf.and_then(|shelf| world.volumes.get_mut(&shelf));
    if let Some(volume) = volumes.and_then(|volumes| volumes.get_mut(&id.name)) {
        if let Some(notes) = notes {
            volume.notes = Some(notes).filter(|notes| !notes.is_empty());
        }
        if let Some(protected) = protected {
            volume.protected = protected;
        }
    }
    Ok(Answer::default())
}

/// Whether there may be one more protected backup of a guest.
fn may_protect(
    world: &World,
    call: &Call<'_>,
    id: &VolumeId,
    volume: &Volume,
    (storage, node): (&Storage, &crate::pve::world::ids::NodeName),
) -> Result<(), Fault> {
    let path = format!("/storage/{}", id.storage);
    let limit = storage.most_protected(|| call.may(world, &path, &["Datastore.Allocate"]));
    let (Some(limit), Some(owner)) = (limit, volume.owner) else {
        return Ok(());
    };
    let choice = Choice {
        owner: Some(owner),
        kind: Archive::of(&id.name, volume).and_then(|archive| archive.kind),
    };
    let archives = world.archives(&id.storage, node, choice);
    let count = archives.filter(|archive| archive.volume.protected).count();
    match usize::try_from(limit).is_ok_and(|limit| count < limit) {
        true => Ok(()),
        false => Err(Fault::Failed(Storage::too_many_protected(
            limit,
            &id.storage,
        ))),
    }
}
