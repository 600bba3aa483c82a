//! Making folders, volume groups and thin pools of disks, and storages on them.

use serde_json::{Map, Value, json};

use super::{device, machine, made};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::section::Section;
use crate::proxmox::work::Job;
use crate::pve::api::storage::define;
use crate::pve::world::World;
use crate::pve::world::disk_effect::{DiskEffect, Made};
use crate::pve::world::ids::{NodeName, StorageId};
use crate::pve::world::machine::{Making, directories, groups};
use crate::pve::world::size::Size;
use crate::pve::world::storage::{Storage, StorageKind};
use crate::pve::world::task::Effect;
use crate::routes::Route;
use crate::routes::route::post;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        post("/nodes/{node}/disks/directory", Handler::Write(directory)),
        post("/nodes/{node}/disks/lvm", Handler::Write(group)),
        post("/nodes/{node}/disks/lvmthin", Handler::Write(thin_pool)),
    ]
}

/// The disk of a call, which must be unused: its path and size.
fn unused(world: &World, call: &Call<'_>) -> Result<(NodeName, String, Size), Fault> {
    let (name, node) = machine(world, call)?;
    let (path, size) = free(node, call.text("device"))?;
    Ok((name, path, size))
}

/// A disk that nothing uses.
///
/// # Errors
/// When it is no disk, or used.
pub(super) fn free(
    node: &crate::pve::world::node::Node,
    path: &str,
) -> Result<(String, Size), Fault> {
    let device = device(node, path)?;
    if device.disk.usage.is_some() || device.partition.is_some() {
        let path = device.given();
        return Err(Fault::Failed(format!("device '{path}' is already in use")));
    }
    Ok((device.path.to_owned(), device.disk.size))
}

/// The storage that `add_storage` asks for (`create_or_update`): a new one, or one of the same kind that gets one
/// more node.
///
/// # Errors
/// When there is a storage of that name that is another one, or is on the node already.
pub(super) fn storage(
    world: &World,
    call: &Call<'_>,
    node: &NodeName,
    kind: StorageKind,
    (place, size): (&[(&str, Value)], Size),
) -> Result<Option<(StorageId, Storage)>, Fault> {
    if !call.arguments.is_set("add_storage") {
        return Ok(None);
    }
    call.demand(world, "/storage", &["Datastore.Allocate"])?;
    let name = call.text("name");
    let bad = |_| Fault::parameter("name", format!("invalid storage ID '{name}'"));
    let id: StorageId = name.parse().map_err(bad)?;
    let failed = |text: String| Err(Fault::Failed(text));
    if let Some(known) = world.storages.get(&id) {
        if known.is_on(node) {
            return failed(format!("Storage ID '{id}' already exists on node {node}"));
        }
        if known.kind != kind {
            let (kind, known) = (kind.as_str(), known.kind.as_str());
            return failed(format!(
                "Option 'type' ({kind}) does not match existing storage configuration '{known}'"
            ));
        }
        for (option, want) in place {
            let got = known.options.0.get(*option);
            if got != Some(want) {
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                let (want, got) = (text(want), got.map(text).unwrap_or_default());
                return failed(format!(
                    "Option '{option}' ({want}) does not match existing storage configuration '{got}'"
                ));
            }
        }
        return Ok(Some((id, known.clone())));
    }
    let content = match kind {
        StorageKind::Dir => "rootdir,images,iso,backup,vztmpl,snippets",
        _ => "rootdir,images",
    };
    let mut given = Map::new();
    given.insert("content".to_owned(), json!(content));
    given.insert("nodes".to_owned(), json!(node.as_str()));
    for (option, value) in place {
        given.insert((*option).to_owned(), value.clone());
    }
    if kind == StorageKind::Dir {
        given.insert("is_mountpoint".to_owned(), json!("1"));
    }
    let mut storage = define(world, &id, kind, given).map_err(Fault::Failed)?;
    (storage.size, storage.foreign) = (size, Size::default());
    Ok(Some((id, storage)))
}

fn section(properties: &[(&str, Value)]) -> Section {
    let properties = properties.iter();
    Section {
        kind: String::new(),
        properties: properties
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect(),
    }
}

fn directory(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (node, path, size) = unused(world, call)?;
    let name = call.text("name");
    let folder = format!("/mnt/pve/{name}");
    let place = [("path", json!(folder))];
    let storage = storage(world, call, &node, StorageKind::Dir, (&place, size))?;
    if directories(world, &node).iter().any(|one| one.name == name) {
        let unit = made::unit_file(name);
        return Err(Fault::Failed(format!(
            "a systemd mount unit already exists: {unit}"
        )));
    }
    let filesystem = call.arguments.text("filesystem").unwrap_or("ext4");
    let job = Job::new("dircreate", name)
        .saying(format!("# /sbin/sgdisk -n1 -t1:8300 {path}"))
        .saying("The operation has completed successfully.")
        .saying(format!("# /sbin/mkfs -t {filesystem} {path}1"))
        .saying(format!("# /sbin/blkid {path}1 -o export"));
    let made = Made {
        node,
        what: Making::Directory,
        name: name.to_owned(),
        usage: filesystem.to_owned(),
        sections: vec![(
            Making::Directory,
            section(&[("device", json!(path)), ("filesystem", json!(filesystem))]),
        )],
        devices: vec![path],
        storage,
    };
    call.start(
        world,
        job.doing(Effect::Disk(DiskEffect::Make(Box::new(made)))),
    )
}

fn group(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (node, path, size) = unused(world, call)?;
    let name = call.text("name").to_owned();
    let place = [("vgname", json!(name))];
    let storage = storage(world, call, &node, StorageKind::Lvm, (&place, size))?;
    let sections = vec![(Making::Lvm, section(&[("device", json!(path))]))];
    let job = in_group(world, &node, Job::new("lvmcreate", &name), &name, &path);
    let made = Made {
        node,
        what: Making::Lvm,
        name,
        devices: vec![path],
        usage: "LVM".to_owned(),
        sections,
        storage,
    };
    call.start(
        world,
        job.doing(Effect::Disk(DiskEffect::Make(Box::new(made)))),
    )
}

fn thin_pool(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (node, path, size) = unused(world, call)?;
    let name = call.text("name").to_owned();
    let place = [("vgname", json!(name)), ("thinpool", json!(name))];
    // A little stays free, and metadata are kept twice.
    let metadata = (size.bytes() / 100).clamp(1 << 30, 16 << 30);
    let data = size.bytes().saturating_sub((128 << 20) + 2 * metadata);
    let given = (&place[..], Size(data));
    let storage = storage(world, call, &node, StorageKind::Lvmthin, given)?;
    let sections = vec![
        (Making::Lvm, section(&[("device", json!(path))])),
        (
            Making::Lvmthin,
            section(&[("volume-group", json!(name)), ("device", json!(path))]),
        ),
    ];
    let job = in_group(world, &node, Job::new("lvmthincreate", &name), &name, &path)
        .saying(format!("  Logical volume \"{name}\" created."));
    let made = Made {
        node,
        what: Making::Lvmthin,
        name,
        devices: vec![path],
        usage: "LVM".to_owned(),
        sections,
        storage,
    };
    call.start(
        world,
        job.doing(Effect::Disk(DiskEffect::Make(Box::new(made)))),
    )
}

/// A job that makes a volume group; one of that name is found in the task.
fn in_group(
    world: &World,
    node: &NodeName,
    job: Job<Effect>,
    name: &str,
    path: &str,
) -> Job<Effect> {
    if groups(world, node).iter().any(|group| group.name == name) {
        return job.failing(format!(
            "volume group with name '{name}' already exists on node '{node}'"
        ));
    }
    job.saying(format!(
        "  Physical volume \"{path}\" successfully created."
    ))
    .saying(format!("  Volume group \"{name}\" successfully created"))
}
