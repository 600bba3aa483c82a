//! `/nodes/{node}/disks/directory`: file systems on disks, mounted below `/mnt/datastore`.

use serde_json::{Map, Value, json};

use super::free;
use crate::pbs::api::single;
use crate::pbs::world::World;
use crate::pbs::world::datastore::{Datastore, Mount};
use crate::pbs::world::node::DiskUsage;
use crate::pbs::world::task::Effect;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::work::Job;
use crate::routes::Route;
use crate::routes::route::{delete, get, post};

const DIRECTORIES: &str = "nodes/disks/directory";

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let path = "/nodes/{node}/disks/directory";
    vec![
        get(path, Handler::Read(list)),
        post(path, Handler::Write(create)),
        delete(
            "/nodes/{node}/disks/directory/{name}",
            Handler::Write(remove),
        ),
    ]
}

fn list(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    let items = world.sections_of(DIRECTORIES).map(|(name, directory)| {
        let mut item = directory.properties.clone();
        item.insert("name".to_owned(), json!(name));
        item.insert("unitfile".to_owned(), json!(unit(name)));
        item.shift_remove("size");
        item.shift_remove("disk");
        Value::Object(item)
    });
    Ok(Answer::new(items.collect::<Vec<_>>()))
}

fn unit(name: &str) -> String {
    let escaped = name.replace('-', "\\x2d");
    format!("/etc/systemd/system/mnt-datastore-{escaped}.mount")
}

fn create(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (name, disk) = (call.text("name").to_owned(), call.text("disk").to_owned());
    let size = free(world, &disk)?.size;
    if world.section(DIRECTORIES, &name).is_some() {
        let text = format!("path \"/mnt/datastore/{name}\" already exists");
        return Err(Fault::Failed(text));
    }
    let is_removable = call.arguments.is_set("removable-datastore");
    let adds = call.arguments.is_set("add-datastore");
    if adds && world.datastores.contains_key(&name) {
        let text = format!("datastore '{name}' already exists.");
        return Err(Fault::Failed(text));
    }
    let uuid = call.uuid();
    let path = format!("/mnt/datastore/{name}");
    let directory = json!({
        "device": format!("/dev/disk/by-uuid/{uuid}"),
        "path": path,
        "filesystem": call.arguments.text("filesystem").unwrap_or("ext4"),
        "options": "defaults",
        "removable": is_removable,
        "size": size,
        "disk": disk,
    });
    let mut job = Job::new("dircreate", &name)
        .saying(format!("create datastore '{name}' on disk {disk}"))
        .doing(Effect::Occupy(vec![disk], "directory".to_owned()))
        .doing(Effect::Put(
            DIRECTORIES.to_owned(),
            name.clone(),
            single::section("", members(directory)),
        ));
    if adds {
        let mut store = Datastore::empty(&path, size);
        if is_removable {
            store.path.clone_from(&name);
            store.mount = Mount::Mounted;
            store
                .options
                .0
                .insert("backing-device".to_owned(), json!(uuid));
        }
        job = job.doing(Effect::CreateDatastore(name, Box::new(store)));
    }
    call.start(world, job)
}

/// A directory with a datastore in it stays (`delete_datastore_disk`).
fn remove(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("name");
    let path = format!("/mnt/datastore/{name}");
    for store in world.datastores.values() {
        if store.path == path {
            let text = format!("Can't remove '{path}' since it's required by datastore \"{path}\"");
            return Err(Fault::Failed(text));
        }
    }
    let directories = world.sections.get_mut(DIRECTORIES);
    match directories.and_then(|directories| directories.0.remove(name)) {
        Some(directory) => {
            let disk = directory.properties.get("disk").and_then(Value::as_str);
            if let Some(disk) = disk.and_then(|disk| world.node.disks.get_mut(disk)) {
                disk.usage = DiskUsage::Partitions;
            }
            Ok(Answer::default())
        }
        None => Err(Fault::Failed(format!("no mount unit for '{path}' found"))),
    }
}

fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
