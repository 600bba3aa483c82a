//! Snapshots: single backups.

use serde_json::{Value, json};

use crate::pbs::api::reach::{self, Needs, Use, Whose};
use crate::pbs::world::World;
use crate::pbs::world::content::{INDEX_NAME, INDEX_SIZE, Snapshot};
use crate::pbs::world::ids::SnapshotId;
use crate::pbs::world::task::Place;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::identity::Identity;
use crate::routes::Route;
use crate::routes::route::{delete, get};

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/admin/datastore/{store}/snapshots", Handler::Read(list)),
        delete("/admin/datastore/{store}/snapshots", Handler::Write(remove)),
        get("/admin/datastore/{store}/files", Handler::Read(files)),
    ]
}

fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let needs = Needs {
        full: &["Datastore.Audit"],
        own: &["Datastore.Backup"],
    };
    let (store, space, whose) = reach::open(world, call, Use::Read, needs)?;
    let kind = call.arguments.text("backup-type");
    let wanted_id = call.arguments.text("backup-id");
    let groups = super::namespaces::space(store, &space)?.groups.iter();
    let groups = groups.filter(|(id, group)| {
        kind.is_none_or(|kind| kind == id.kind.name())
            && wanted_id.is_none_or(|wanted| wanted == &*id.id)
            && (whose == Whose::All || reach::owns(&group.owner, &call.caller))
    });
    let items = groups.flat_map(|(id, group)| {
        group.snapshots.iter().map(|(time, snapshot)| {
            let id = SnapshotId {
                group: id.clone(),
                time: time.second(),
            };
            shown(&id, &group.owner, snapshot)
        })
    });
    Ok(Answer::new(items.collect::<Vec<_>>()))
}

fn shown(id: &SnapshotId, owner: &Identity, snapshot: &Snapshot) -> Value {
    let mut item = json!({
        "backup-type": id.group.kind.name(),
        "backup-id": id.group.id,
        "backup-time": id.time,
        "files": file_list(snapshot),
        "owner": owner.to_string(),
        "protected": snapshot.protected,
        "size": snapshot.size(),
    });
    if let Some(comment) = reach::first_line(&snapshot.notes) {
        item["comment"] = json!(comment);
    }
    if let Some(found) = &snapshot.verification {
        item["verification"] = json!({"state": found.state, "upid": found.upid});
    }
    if let Some(fingerprint) = &snapshot.fingerprint {
        item["fingerprint"] = json!(fingerprint);
    }
    item
}

/// The files with their list, which is never encrypted but signed when others are.
fn file_list(snapshot: &Snapshot) -> Vec<Value> {
    let files = snapshot.files.iter().map(|file| {
        json!({
            "filename": file.name,
            "crypt-mode": file.crypt_mode.name(),
            "size": file.size,
        })
    });
    let signed = match snapshot.fingerprint {
        Some(_) => "sign-only",
        None => "none",
    };
    let index = json!({"filename": INDEX_NAME, "crypt-mode": signed, "size": INDEX_SIZE});
    files.chain([index]).collect()
}

fn files(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let needs = Needs {
        full: &["Datastore.Audit", "Datastore.Read"],
        own: &["Datastore.Backup"],
    };
    let (store, space, whose) = reach::open(world, call, Use::Read, needs)?;
    let id = reach::snapshot_id(call)?;
    let snapshot = reach::snapshot(call, store, &space, &id, whose)?;
    Ok(Answer::new(file_list(snapshot)))
}

fn remove(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let needs = Needs {
        full: &["Datastore.Modify"],
        own: &["Datastore.Prune"],
    };
    let (store, space, whose) = reach::open(world, call, Use::Write, needs)?;
    let id = reach::snapshot_id(call)?;
    let snapshot = reach::snapshot(call, store, &space, &id, whose)?;
    if snapshot.protected {
        let text = "cannot remove protected snapshot";
        return Err(Fault::Failed(text.to_owned()));
    }
    let place = Place {
        namespace: space,
        snapshot: id,
    };
    if let Some(store) = world.datastores.get_mut(call.text("store")) {
        store.forget(&[place]);
    }
    Ok(Answer::default())
}
