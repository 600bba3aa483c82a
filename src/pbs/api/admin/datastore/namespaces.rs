//! Namespaces of a datastore (proxmox-backup, `api2/admin/namespace.rs`).

use serde_json::{Value, json};

use crate::pbs::api::reach::{self, Use};
use crate::pbs::world::World;
use crate::pbs::world::content::Space;
use crate::pbs::world::datastore::Datastore;
use crate::pbs::world::ids::{MAX_DEPTH, Namespace, SnapshotId};
use crate::pbs::world::task::Place;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::routes::Route;
use crate::routes::route::{delete, get, post};

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let path = "/admin/datastore/{store}/namespace";
    vec![
        get(path, Handler::Read(list)),
        post(path, Handler::Write(create)),
        delete(path, Handler::Write(remove)),
    ]
}

/// A namespace that must be there.
pub(super) fn space<'s>(store: &'s Datastore, name: &Namespace) -> Result<&'s Space, Fault> {
    let found = store.namespaces.0.get(name);
    found.ok_or_else(|| Fault::Failed("ENOENT: No such file or directory".to_owned()))
}

/// The namespaces that the caller may see, that of the parameter `parent` among them.
fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("store");
    if !reach::sees(world, call, name) {
        call.demand(world, &format!("/datastore/{name}"), &["Datastore.Audit"])?;
    }
    let store = reach::store(world, name, Use::Read)?;
    let parent = reach::namespace(call, "parent")?;
    space(store, &parent)?;
    let depth = call.arguments.integer("max-depth");
    let depth = depth.and_then(|depth| usize::try_from(depth).ok());
    let spaces = store.namespaces.spaces(&parent, depth.unwrap_or(MAX_DEPTH));
    let privileges = ["Datastore.Audit", "Datastore.Backup", "Datastore.Modify"];
    let visible =
        spaces.filter(|(space, _)| call.may_any(world, &reach::acl_path(name, space), &privileges));
    let items = visible.map(|(space, content)| {
        let mut item = json!({"ns": space.as_str()});
        if let Some(comment) = &content.comment {
            item["comment"] = json!(comment);
        }
        item
    });
    Ok(Answer::new(items.collect::<Vec<Value>>()))
}

/// Makes a namespace; one that is there already is as good.
fn create(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let store = call.text("store");
    let parent = reach::namespace(call, "parent")?;
    call.demand(
        world,
        &reach::acl_path(store, &parent),
        &["Datastore.Modify"],
    )?;
    let known = reach::store(world, store, Use::Write)?;
    if !known.namespaces.0.contains_key(&parent) {
        let text = format!("cannot create new namespace, parent {parent} doesn't already exists");
        return Err(Fault::Failed(text));
    }
    if parent.depth() >= MAX_DEPTH {
        // `BackupNamespace::push` of pbs-api-types.
        let text = format!(
            "namespace to deep, {} > max {MAX_DEPTH}",
            parent.depth() + 1
        );
        return Err(Fault::Failed(text));
    }
    let child = parent.child(call.text("name"));
    let child = child.map_err(|bad| Fault::parameter("name", bad.to_string()))?;
    if let Some(store) = world.datastores.get_mut(store) {
        store.namespaces.0.entry(child.clone()).or_default();
    }
    Ok(Answer::new(child.as_str()))
}

/// Takes a namespace out with all below it: only empty ones, unless groups are to go too. What could go is gone
/// even when something could not.
fn remove(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let store = call.text("store");
    let target = reach::namespace(call, "ns")?;
    let parent = target.parent().unwrap_or_default();
    call.demand(
        world,
        &reach::acl_path(store, &parent),
        &["Datastore.Modify"],
    )?;
    let known = reach::store(world, store, Use::Write)?;
    space(known, &target)?;
    let with_groups = call.arguments.is_set("delete-groups");
    let Some(store) = world.datastores.get_mut(store) else {
        return Ok(Answer::default());
    };
    if with_groups {
        let places = all_below(store, &target);
        store.forget(&places);
    }
    let is_whole = remove_empty(store, &target);
    let tolerant = call.arguments.boolean("error-on-protected") == Some(false);
    match (is_whole, with_groups) {
        (true, _) => Ok(Answer::default()),
        (false, true) if tolerant => Ok(Answer::default()),
        (false, true) => Err(Fault::Failed(
            "group only partially deleted due to protected snapshots".to_owned(),
        )),
        (false, false) => Err(Fault::Failed(
            "only partially deleted due to existing groups but `delete-groups` not true "
                .to_owned(),
        )),
    }
}

fn all_below(store: &Datastore, target: &Namespace) -> Vec<Place> {
    let groups = store.namespaces.groups();
    let groups = groups.filter(|(space, ..)| target.contains(space));
    let places = groups.flat_map(|(space, id, group)| {
        group.snapshots.keys().map(|time| Place {
            namespace: space.clone(),
            snapshot: SnapshotId {
                group: id.clone(),
                time: time.second(),
            },
        })
    });
    places.collect()
}

/// Takes out what is empty from the bottom up; says whether nothing is left.
fn remove_empty(store: &mut Datastore, target: &Namespace) -> bool {
    let spaces = &mut store.namespaces.0;
    let mut names: Vec<Namespace> = spaces
        .keys()
        .filter(|name| target.contains(name))
        .cloned()
        .collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.depth()));
    let mut is_whole = true;
    for name in names {
        let has_groups = spaces
            .get(&name)
            .is_some_and(|space| !space.groups.is_empty());
        let has_children = spaces
            .keys()
            .any(|other| other.parent().as_ref() == Some(&name));
        if has_groups || has_children {
            is_whole = false;
        } else if !name.is_root() {
            spaces.remove(&name);
        }
    }
    is_whole
}
