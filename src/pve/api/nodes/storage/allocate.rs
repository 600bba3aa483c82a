//! New volumes: disks under a name that the caller chooses, and copies.

use super::{access, refused, usable};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::work::Job;
use crate::pve::world::World;
use crate::pve::world::guest::Kind;
use crate::pve::world::ids::{NodeName, Vmid, VolumeId};
use crate::pve::world::size::Size;
use crate::pve::world::storage::{Content, Storage, StorageKind};
use crate::pve::world::storage_effect::StorageEffect;
use crate::pve::world::task::Effect;
use crate::pve::world::volname::{self, disk_format};
use crate::pve::world::volume::{Format, Volume};
use crate::routes::Route;
use crate::routes::route::post;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        post(
            "/nodes/{node}/storage/{storage}/content",
            Handler::Write(create),
        ),
        post(
            "/nodes/{node}/storage/{storage}/content/{volume}",
            Handler::Write(copy),
        ),
    ]
}

fn create(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let size = size(call.text("size"))?;
    let file = call.text("filename");
    let given = call.arguments.text("format");
    let ending = file.rsplit_once('.').and_then(|(_, end)| disk_format(end));
    let ending = ending.filter(|format| *format != Format::Subvol);
    if let (Some(given), Some(ending)) = (given, ending)
        && given != ending.as_str()
    {
        let text = format!("different storage formats ({given} != {})", ending.as_str());
        return Err(Fault::parameter("format", text));
    }
    let place = usable(world, call)?;
    let storage = place.storage;
    let usual = storage.options.0.get("format");
    let usual = usual.and_then(|value| disk_format(value.as_str()?));
    let format = ending.or_else(|| given.and_then(disk_format)).or(usual);
    let format = format.unwrap_or(Format::Raw);
    let vmid = call.arguments.integer("vmid");
    let vmid = vmid.and_then(|vmid| Vmid::new(u32::try_from(vmid).ok()?));
    let vmid = vmid.ok_or_else(|| Fault::Failed("no VMID specified".to_owned()))?;
    let name = name(storage, vmid, file, format, size).map_err(Fault::Failed)?;
    let id = VolumeId {
        storage: place.id.clone(),
        name: name.into(),
    };
    if world.volume(&id, &place.node).is_some() {
        return Err(Fault::Failed(exists(storage, &id)));
    }
    let volume = Volume {
        content: content(world, storage, vmid),
        format,
        size,
        used: Some(storage.taken_at_once(format, size)).filter(|used| *used != size),
        owner: Some(vmid),
        created: call.now,
        notes: None,
        protected: false,
        parent: None,
        guest: None,
    };
    let (node, storage, name) = (place.node, place.id, id.name);
    let made = world.add_volume(&node, storage, name, volume);
    Ok(Answer::new(made.map_err(refused)?.to_string()))
}

/// A size in kibibytes, or with `M` or `G` behind it.
fn size(text: &str) -> Result<Size, Fault> {
    let bad = || Fault::parameter("size", format!("unable to parse size '{text}'"));
    let (digits, shift) = match text.strip_suffix('M') {
        Some(digits) => (digits, 20),
        None => match text.strip_suffix('G') {
            Some(digits) => (digits, 30),
            None => (text, 10),
        },
    };
    let number: u64 = digits.parse().map_err(|_| bad())?;
    let bytes = number.checked_mul(1 << shift).ok_or_else(bad)?;
    Ok(Size(bytes))
}

/// A disk of a container is `rootdir` where the storage takes those.
fn content(world: &World, storage: &Storage, vmid: Vmid) -> Content {
    let is_container = world
        .guests
        .get(&vmid)
        .is_some_and(|guest| guest.kind == Kind::Lxc);
    let has_images = storage.content.contains(&Content::Images);
    if (is_container || !has_images) && storage.content.contains(&Content::Rootdir) {
        return Content::Rootdir;
    }
    Content::Images
}

/// The name of the volume on its storage (`alloc_image` of the plugins).
fn name(
    storage: &Storage,
    vmid: Vmid,
    file: &str,
    format: Format,
    size: Size,
) -> Result<String, String> {
    let kind = storage.kind;
    if !kind.has_disks() || kind == StorageKind::Cephfs {
        return Err(format!("can't allocate space in {} storage", kind.as_str()));
    }
    if kind.has_files() {
        if file.contains(char::is_whitespace) || file.contains('/') {
            return Err(format!("unable to parse volume filename '{file}'"));
        }
        let parsed = volname::parse(kind, &format!("{vmid}/{file}"))?;
        let (got, want) = (parsed.format.as_str(), format.as_str());
        if parsed.format != format {
            return Err(format!(
                "illegal name '{file}' - wrong extension for format ('{got} != '{want}')"
            ));
        }
        if format == Format::Subvol && size.bytes() > 0 {
            return Err("storage does not support subvol quotas".to_owned());
        }
        return Ok(format!("{vmid}/{file}"));
    }
    let stem = match (kind, format) {
        (StorageKind::Zfspool, Format::Subvol) => "subvol",
        (StorageKind::Lvm, Format::Qcow2) | (_, Format::Raw) => "vm",
        _ => return Err(format!("unsupported format '{}'", format.as_str())),
    };
    let fits = file.starts_with(&format!("{stem}-{vmid}-"));
    if !fits || file.contains(['/', ' ']) {
        return Err(format!(
            "illegal name '{file}' - should be '{stem}-{vmid}-*'"
        ));
    }
    Ok(file.to_owned())
}

fn exists(storage: &Storage, id: &VolumeId) -> String {
    let path = volname::path(&id.storage, storage, &id.name);
    let name = &id.name;
    match storage.kind {
        StorageKind::Lvm | StorageKind::Lvmthin => {
            let group = storage.options.0.get("vgname");
            let group = group
                .and_then(serde_json::Value::as_str)
                .unwrap_or_default();
            format!(
                "lvcreate '{group}/{name}' error:   Logical Volume \"{name}\" already exists in volume group \"{group}\""
            )
        }
        StorageKind::Rbd => {
            format!("rbd create '{name}' error: rbd: create error: (17) File exists")
        }
        StorageKind::Zfspool | StorageKind::Zfs => {
            let pool = storage.options.0.get("pool");
            let pool = pool.and_then(serde_json::Value::as_str).unwrap_or_default();
            format!("zfs error: cannot create '{pool}/{name}': dataset already exists")
        }
        _ => format!("disk image '{path}' already exists"),
    }
}

/// "Experimental code - do not use", says the product of it; its work is done all the same.
fn copy(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let source = access::named(world, call, call.text("volume"))?;
    let target = access::named(world, call, call.text("target"))?;
    let node = source.place.node;
    let to = match call.arguments.text("target_node") {
        None | Some("localhost") => node.clone(),
        Some(name) => name.parse().map_err(|_| Fault::no_such_node(name))?,
    };
    let mut job =
        Job::new("imgcopy", "").saying(format!("DEBUG: COPY {} TO {}", source.id, target.id));
    job = match copied(
        world,
        &source.id,
        &node,
        &target.id,
        &to,
        target.parsed.owner,
    ) {
        Ok(volume) => job.doing(Effect::Storage(StorageEffect::Add {
            node: to,
            id: target.id,
            volume: Box::new(volume),
        })),
        Err(text) => job.failing(text),
    };
    call.start(world, job)
}

fn copied(
    world: &World,
    source: &VolumeId,
    node: &NodeName,
    target: &VolumeId,
    to: &NodeName,
    owner: Option<Vmid>,
) -> Result<Volume, String> {
    let missing = || format!("volume '{source}' does not exist");
    let volume = world.volume(source, node).ok_or_else(missing)?;
    world
        .usable_storage(&target.storage, to)
        .map_err(|fault| fault.to_string())?;
    if world.volume(target, to).is_some() {
        return Err(format!("volume '{target}' already exists"));
    }
    Ok(Volume {
        owner: owner.or(volume.owner),
        parent: None,
        ..volume.clone()
    })
}
