//! Groups: all backups of one guest or machine.

use serde_json::{Value, json};

use crate::pbs::api::reach::{self, Needs, Use, Whose};
use crate::pbs::world::World;
use crate::pbs::world::content::{Group, INDEX_NAME};
use crate::pbs::world::ids::{GroupId, SnapshotId};
use crate::pbs::world::task::Place;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::identity::Identity;
use crate::routes::Route;
use crate::routes::route::{delete, get, post};

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/admin/datastore/{store}/groups", Handler::Read(list)),
        delete("/admin/datastore/{store}/groups", Handler::Write(remove)),
        post(
            "/admin/datastore/{store}/change-owner",
            Handler::Write(change_owner),
        ),
    ]
}

fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let needs = Needs {
        full: &["Datastore.Audit"],
        own: &["Datastore.Backup"],
    };
    let (store, space, whose) = reach::open(world, call, Use::Read, needs)?;
    let groups = super::namespaces::space(store, &space)?.groups.iter();
    let visible =
        groups.filter(|(_, group)| whose == Whose::All || reach::owns(&group.owner, &call.caller));
    let items: Vec<Value> = visible.map(|(id, group)| shown(id, group)).collect();
    Ok(Answer::new(items))
}

/// A group as clients see it: with the files of its last backup.
pub(in crate::pbs::api) fn shown(id: &GroupId, group: &Group) -> Value {
    let last = group
        .snapshots
        .last_key_value()
        .map(|(_, snapshot)| snapshot);
    let files = last.into_iter().flat_map(|snapshot| &snapshot.files);
    let mut files: Vec<&str> = files.map(|file| &*file.name).collect();
    files.push(INDEX_NAME);
    let mut item = json!({
        "backup-type": id.kind.name(),
        "backup-id": id.id,
        "last-backup": group.last(),
        "backup-count": group.snapshots.len(),
        "files": files,
        "owner": group.owner.to_string(),
    });
    if let Some(comment) = reach::first_line(&group.notes) {
        item["comment"] = json!(comment);
    }
    item
}

/// Takes a group out, but for its protected backups; that some were left is an error unless the call says
/// otherwise, and the others are gone all the same.
fn remove(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let needs = Needs {
        full: &["Datastore.Modify"],
        own: &["Datastore.Prune"],
    };
    let (store, space, whose) = reach::open(world, call, Use::Write, needs)?;
    let id = reach::group_id(call)?;
    let group = reach::group(call, store, &space, &id, whose)?;
    let count = group.snapshots.len();
    let protected = group
        .snapshots
        .values()
        .filter(|snapshot| snapshot.protected)
        .count();
    let places: Vec<Place> = group
        .snapshots
        .keys()
        .map(|time| Place {
            namespace: space.clone(),
            snapshot: SnapshotId {
                group: id.clone(),
                time: time.second(),
            },
        })
        .collect();
    if let Some(store) = world.datastores.get_mut(call.text("store")) {
        store.forget(&places);
    }
    if protected > 0 && call.arguments.boolean("error-on-protected") != Some(false) {
        let text = "group only partially deleted due to protected snapshots";
        return Err(Fault::Failed(text.to_owned()));
    }
    Ok(Answer::new(json!({
        "removed-groups": u32::from(protected == 0),
        "removed-snapshots": count - protected,
        "protected-snapshots": protected,
    })))
}

/// Gives a group to somebody else. Who may not change everything may only pass it on between oneself and the
/// own tokens.
fn change_owner(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let needs = Needs {
        full: &["Datastore.Modify"],
        own: &["Datastore.Backup"],
    };
    let (store, space, whose) = reach::open(world, call, Use::Write, needs)?;
    let id = reach::group_id(call)?;
    let group = reach::group(call, store, &space, &id, Whose::All)?;
    let owner = &group.owner;
    let wanted = call.text("new-owner");
    let new = Identity::parse(wanted, call.context.product)
        .map_err(|fault| Fault::parameter("new-owner", fault.to_string()))?;
    if whose == Whose::Own && !may_pass(owner, &new, &call.caller) {
        let text = format!(
            "{} does not have permission to change owner of backup group '{id}' to {new}",
            call.caller
        );
        return Err(Fault::Failed(text));
    }
    let directory = &world.access.directory;
    let (exists, kind) = match new.token_id() {
        Some(token) => (directory.separation(&token).is_some(), "API token"),
        None => (directory.has_user(&new.user), "user"),
    };
    if !exists {
        let text = format!("{kind} '{new}' is inactive or non-existent");
        return Err(Fault::Failed(text));
    }
    let store = world.datastores.get_mut(call.text("store"));
    let group = store.and_then(|store| store.namespaces.group_mut(&space, &id));
    if let Some(group) = group {
        group.owner = new;
    }
    Ok(Answer::default())
}

fn may_pass(owner: &Identity, new: &Identity, caller: &Identity) -> bool {
    match (&owner.token, &new.token) {
        (Some(_), Some(_)) => owner.user == caller.user && new.user == caller.user,
        (Some(_), None) => caller.token.is_none() && owner.user == caller.user && new == caller,
        (None, Some(_)) => owner == caller && new.user == owner.user,
        (None, None) => false,
    }
}
