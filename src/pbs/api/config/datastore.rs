//! `/config/datastore`: what is configured of datastores. They are made and deleted by tasks.

use serde_json::{Map, Value, json};

use crate::pbs::api::single;
use crate::pbs::world::World;
use crate::pbs::world::datastore::{Datastore, Mount, Options};
use crate::pbs::world::task::Effect;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::digest;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::product::Product;
use crate::proxmox::section::{Section, Sections};
use crate::proxmox::work::Job;
use crate::routes::Route;
use crate::routes::route::{delete, get, post, put};

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let one = "/config/datastore/{name}";
    vec![
        get("/config/datastore", Handler::Read(list)),
        post("/config/datastore", Handler::Write(create)),
        get(one, Handler::Read(read)),
        put(one, Handler::Write(update)),
        delete(one, Handler::Write(remove)),
    ]
}

/// The files of jobs that name a datastore.
const JOBS: &[&str] = &[
    "config/prune",
    "config/verify",
    "config/sync",
    "config/tape-backup-job",
];

fn shown(name: &str, store: &Datastore) -> Value {
    let mut item = store.options.0.clone();
    item.insert("name".to_owned(), json!(name));
    item.insert("path".to_owned(), json!(store.path));
    Value::Object(item)
}

/// The digest of the file of datastores.
fn digest_of(world: &World) -> String {
    let sections = world.datastores.iter().map(|(name, store)| {
        let mut properties = store.options.0.clone();
        properties.insert("path".to_owned(), json!(store.path));
        let kind = "datastore".to_owned();
        (name.clone(), Section { kind, properties })
    });
    Sections(sections.collect()).digest(Product::Pbs)
}

fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let stores = world.datastores.iter();
    let visible = stores
        .filter(|(name, _)| call.may(world, &format!("/datastore/{name}"), &["Datastore.Audit"]));
    let items: Vec<Value> = visible.map(|(name, store)| shown(name, store)).collect();
    Ok(Answer::new(items).with("digest", digest_of(world)))
}

fn find<'w>(world: &'w World, name: &str) -> Result<&'w Datastore, Fault> {
    let found = world.datastores.get(name);
    found.ok_or_else(|| Fault::no_such_entry("datastore", name))
}

fn read(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("name");
    let store = find(world, name)?;
    Ok(Answer::new(shown(name, store)).with("digest", digest_of(world)))
}

/// Steers the creation and is not kept.
const UNKEPT: &[&str] = &["name", "path", "reuse-datastore", "overwrite-in-use"];

fn create(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("name").to_owned();
    if world.datastores.contains_key(&name) {
        return Err(Fault::entry_exists("name", "datastore", &name));
    }
    let path = call.text("path").to_owned();
    let is_removable = call.arguments.has("backing-device");
    check_path(world, call, &path)?;
    let mut options = single::given(call);
    options.retain(|key, _| !UNKEPT.contains(&key.as_str()));
    let prunes = options.contains_key("prune-schedule")
        || options.keys().any(|key| key.starts_with("keep-"));
    if prunes {
        add_prune_job(world, call, &name, &mut options);
    }
    let mut store = Datastore::empty(&path, size(world, &path));
    store.foreign = foreign(world, &path);
    store.options = Options(options);
    if is_removable {
        store.mount = Mount::Mounted;
    }
    let job = Job::new("create-datastore", &name);
    let lies_there = world.left_behind.contains_key(&path);
    let job = match (lies_there, call.arguments.is_set("reuse-datastore")) {
        (true, false) => job.failing("datastore path not empty"),
        (false, true) => {
            let why = "No such file or directory (os error 2)";
            let text = format!("unable to open chunk store '{name}' at \"{path}/.chunks\" - {why}");
            job.failing(text)
        }
        _ => job
            .saying("Chunkstore create: 100%")
            .doing(Effect::CreateDatastore(name, Box::new(store))),
    };
    call.start(world, job)
}

/// A path belongs to one datastore, and none lies in another; on a removable device the path is relative to it.
fn check_path(world: &World, call: &Call<'_>, path: &str) -> Result<(), Fault> {
    let device = call.arguments.text("backing-device");
    if device.is_none() && !path.starts_with('/') {
        return Err(Fault::parameter("path", "expected absolute path"));
    }
    let inside = |outer: &str, inner: &str| {
        let rest = inner.strip_prefix(outer.trim_end_matches('/'));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    for (name, store) in &world.datastores {
        let same_device = store.options.text("backing-device") == device;
        if same_device && (inside(&store.path, path) || inside(path, &store.path)) {
            let text = format!(
                "nested datastores not allowed: '{name}' already in \"{}\"",
                store.path
            );
            return Err(Fault::parameter("path", text));
        }
    }
    Ok(())
}

/// A retention at creation becomes a job of its own, as it is since Backup Server 2.4.
fn add_prune_job(
    world: &mut World,
    call: &Call<'_>,
    store: &str,
    options: &mut Map<String, Value>,
) {
    let mut job = Map::new();
    job.insert("store".to_owned(), json!(store));
    options.retain(|key, value| {
        let moves = key.starts_with("keep-") || key == "prune-schedule";
        if moves {
            let key = key.trim_start_matches("prune-").to_owned();
            job.insert(key, value.clone());
        }
        !moves
    });
    job.entry("schedule").or_insert_with(|| json!("daily"));
    let id = format!("default-{store}-{:08x}", call.random() >> 32);
    let jobs = world.sections.entry("config/prune".to_owned()).or_default();
    jobs.0.insert(id, single::section("", job));
}

/// The size of the file system under a path: that of a mounted directory or pool, else the machine's own.
fn size(world: &World, path: &str) -> u64 {
    let pools = world.sections_of("nodes/disks/zfs");
    let pool = pools
        .filter(|(name, _)| {
            path.starts_with(&format!("/mnt/datastore/{name}"))
                || path.starts_with(&format!("/{name}"))
        })
        .find_map(|(_, pool)| pool.properties.get("size").and_then(Value::as_u64));
    pool.unwrap_or(world.node.root.size)
}

fn foreign(world: &World, path: &str) -> u64 {
    match size(world, path) == world.node.root.size {
        true => world.node.root.used,
        false => 0,
    }
}

fn update(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("name");
    fits(world, call)?;
    let store = find(world, name)?;
    let mode = call.arguments.text("maintenance-mode").unwrap_or_default();
    if mode.contains("unmount") && store.mount == Mount::Nonremovable {
        // `DataStoreConfig::set_maintenance_mode` of pbs-api-types.
        let text = "datastore is not removable, can't be unmounted";
        return Err(Fault::Failed(text.to_owned()));
    }
    if let Some(store) = world.datastores.get_mut(name) {
        single::change(&mut store.options.0, call);
        store
            .options
            .0
            .retain(|_, value| value.as_str() != Some(""));
    }
    Ok(Answer::default())
}

fn fits(world: &World, call: &Call<'_>) -> Result<(), Fault> {
    match digest::fits(call.arguments.text("digest"), &digest_of(world)) {
        true => Ok(()),
        false => Err(Fault::configuration_changed()),
    }
}

/// Jobs and permissions go at once, unless they are to stay; the datastore by the task, its data only when that
/// is asked for.
fn remove(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("name").to_owned();
    fits(world, call)?;
    if !world.datastores.contains_key(&name) {
        return Err(Fault::does_not_exist("datastore", &name));
    }
    if !call.arguments.is_set("keep-job-configs") {
        for file in JOBS {
            if let Some(jobs) = world.sections.get_mut(*file) {
                jobs.0
                    .retain(|_, job| job.properties.get("store") != Some(&json!(name)));
            }
        }
        world.access.acl.forget_path(&format!("/datastore/{name}"));
    }
    let mut job = Job::new("delete-datastore", &name)
        .saying(format!("Removing datastore '{name}' from config"));
    job = match call.arguments.is_set("destroy-data") {
        true => job
            .saying("Deleting all data in datastore")
            .doing(Effect::DestroyDatastore(name)),
        false => job.doing(Effect::DropDatastore(name)),
    };
    call.start(world, job)
}
