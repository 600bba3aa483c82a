//! What people say about backups: notes of snapshots and groups, and protection.

use crate::pbs::api::reach::{self, Needs, Use};
use crate::pbs::world::World;
use crate::pbs::world::content::Snapshot;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::routes::Route;
use crate::routes::route::{get, put};

const LOOK: Needs = Needs {
    full: &["Datastore.Audit"],
    own: &["Datastore.Backup"],
};

const CHANGE: Needs = Needs {
    full: &["Datastore.Modify"],
    own: &["Datastore.Backup"],
};

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let notes = "/admin/datastore/{store}/notes";
    let of_group = "/admin/datastore/{store}/group-notes";
    let protected = "/admin/datastore/{store}/protected";
    vec![
        get(notes, Handler::Read(read)),
        put(notes, Handler::Write(write)),
        get(of_group, Handler::Read(read_of_group)),
        put(of_group, Handler::Write(write_of_group)),
        get(protected, Handler::Read(is_protected)),
        put(protected, Handler::Write(protect)),
    ]
}

fn read(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (store, space, whose) = reach::open(world, call, Use::Read, LOOK)?;
    let id = reach::snapshot_id(call)?;
    let snapshot = reach::snapshot(call, store, &space, &id, whose)?;
    Ok(Answer::new(snapshot.notes.as_str()))
}

fn is_protected(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (store, space, whose) = reach::open(world, call, Use::Read, LOOK)?;
    let id = reach::snapshot_id(call)?;
    let snapshot = reach::snapshot(call, store, &space, &id, whose)?;
    Ok(Answer::new(snapshot.protected))
}

fn write(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let notes = call.text("notes").to_owned();
    change(world, call, |snapshot| snapshot.notes = notes)
}

fn protect(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let protected = call.arguments.is_set("protected");
    change(world, call, |snapshot| snapshot.protected = protected)
}

fn change(
    world: &mut World,
    call: &Call<'_>,
    change: impl FnOnce(&mut Snapshot),
) -> Result<Answer, Fault> {
    let (store, space, whose) = reach::open(world, call, Use::Write, CHANGE)?;
    let id = reach::snapshot_id(call)?;
    reach::snapshot(call, store, &space, &id, whose)?;
    let store = world.datastores.get_mut(call.text("store"));
    if let Some(snapshot) = store.and_then(|store| store.namespaces.snapshot_mut(&space, &id)) {
        change(snapshot);
    }
    Ok(Answer::default())
}

fn read_of_group(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (store, space, whose) = reach::open(world, call, Use::Read, LOOK)?;
    let id = reach::group_id(call)?;
    let group = reach::group(call, store, &space, &id, whose)?;
    Ok(Answer::new(group.notes.as_str()))
}

fn write_of_group(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (store, space, whose) = reach::open(world, call, Use::Write, CHANGE)?;
    let id = reach::group_id(call)?;
    reach::group(call, store, &space, &id, whose)?;
    let store = world.datastores.get_mut(call.text("store"));
    if let Some(group) = store.and_then(|store| store.namespaces.group_mut(&space, &id)) {
        call.text("notes").clone_into(&mut group.notes);
    }
    Ok(Answer::default())
}
