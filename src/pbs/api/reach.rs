//! How handlers come to a datastore and what is in it: existence, maintenance, permissions, owners.
//!
//! As in proxmox-backup: privileges are looked up on `/datastore/<store>/<namespace>`; some allow everything,
//! others only what one owns (`check_ns_privs_full`).

use crate::pbs::world::World;
use crate::pbs::world::content::{Group, Snapshot};
use crate::pbs::world::datastore::Datastore;
use crate::pbs::world::datastore::Mount;
use crate::pbs::world::ids::{BackupType, GroupId, Namespace, SnapshotId};
use crate::proxmox::call::Call;
use crate::proxmox::fault::Fault;
use crate::proxmox::identity::Identity;
use crate::proxmox::permission::Denied;

/// What a call wants to do with a datastore.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// Only what is known of it.
    Lookup,
    /// Read what is in it.
    Read,
    /// Change what is in it.
    Write,
}

/// Whose backups a caller may touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// Anybody's.
    All,
    /// The own ones.
    Own,
}

/// Privileges that open a namespace: all of it, or the own groups.
#[derive(Debug, Clone, Copy)]
pub(super) struct Needs {
    /// Each of these opens all of it.
    pub full: &'static [&'static str],
    /// Each of these opens what the caller owns.
    pub own: &'static [&'static str],
}

/// The datastore of the path, without asking who calls.
pub(super) fn store<'w>(world: &'w World, name: &str, usage: Use) -> Result<&'w Datastore, Fault> {
    let found = world.datastores.get(name);
    let store = found.ok_or_else(|| Fault::no_such_entry("datastore", name))?;
    available(name, store, usage)?;
    Ok(store)
}

/// Refuses a datastore in maintenance or without its device (`DataStore::lookup_datastore`).
fn available(name: &str, store: &Datastore, usage: Use) -> Result<(), Fault> {
    let why = match store.maintenance() {
        Some(("delete", _)) => Some("datastore is being deleted".to_owned()),
        _ if usage == Use::Lookup => None,
        Some(("unmount", _)) => Some("datastore is being unmounted".to_owned()),
        Some(("s3-refresh", _)) => Some("s3 refresh maintenance mode".to_owned()),
        Some(("offline", message)) => Some(format!(
            "offline maintenance mode: {}",
            message.unwrap_or("")
        )),
        Some(("read-only", message)) if usage == Use::Write => Some(format!(
            "read-only maintenance mode: {}",
            message.unwrap_or("")
        )),
        _ => None,
    };
    if let Some(why) = why {
        let text = format!("datastore '{name}' is unavailable: {why}");
        return Err(Fault::Failed(text));
    }
    if usage != Use::Lookup && store.mount == Mount::Notmounted {
        let text = format!("datastore '{name}' is not mounted");
        return Err(Fault::Failed(text));
    }
    Ok(())
}

/// The path of permissions of a namespace.
pub(super) fn acl_path(store: &str, space: &Namespace) -> String {
    match space.is_root() {
        true => format!("/datastore/{store}"),
        false => format!("/datastore/{store}/{space}"),
    }
}

/// What the caller may touch in a namespace.
pub(super) fn whose(
    world: &World,
    call: &Call<'_>,
    (store, space): (&str, &Namespace),
    needs: Needs,
) -> Option<Whose> {
    let path = acl_path(store, space);
    if call.may_any(world, &path, needs.full) {
        return Some(Whose::All);
    }
    let owns = !needs.own.is_empty() && call.may_any(world, &path, needs.own);
    owns.then_some(Whose::Own)
}

/// Whether the caller may see anything in a datastore, be it only a namespace of it.
pub(super) fn sees(world: &World, call: &Call<'_>, store: &str) -> bool {
    let privileges = ["Datastore.Audit", "Datastore.Backup"];
    if call.may_any(world, &format!("/datastore/{store}"), &privileges) {
        return true;
    }
    let spaces = world.datastores.get(store).into_iter();
    let mut spaces = spaces.flat_map(|store| store.namespaces.0.keys());
    spaces.any(|space| call.may_any(world, &acl_path(store, space), &privileges))
}

/// Opens a namespace of the path's datastore for the caller: the datastore, the namespace, and whose groups.
pub(super) fn open<'w>(
    world: &'w World,
    call: &Call<'_>,
    usage: Use,
    needs: Needs,
) -> Result<(&'w Datastore, Namespace, Whose), Fault> {
    let name = call.text("store");
    let space = namespace(call, "ns")?;
    let whose = whose(world, call, (name, &space), needs)
        .ok_or_else(|| Fault::Denied(Denied::because(acl_path(name, &space))))?;
    let store = store(world, name, usage)?;
    Ok((store, space, whose))
}

/// The namespace that a parameter names; the root without it.
pub(super) fn namespace(call: &Call<'_>, name: &str) -> Result<Namespace, Fault> {
    let text = call.text(name);
    text.parse()
        .map_err(|_| Fault::parameter(name, "value does not match the regex pattern"))
}

/// The group that the parameters name.
pub(super) fn group_id(call: &Call<'_>) -> Result<GroupId, Fault> {
    let kind = call.text("backup-type").parse::<BackupType>();
    let kind = kind.map_err(|bad| Fault::parameter("backup-type", bad.to_string()))?;
    let text = format!("{}/{}", kind.name(), call.text("backup-id"));
    text.parse()
        .map_err(|_| Fault::parameter("backup-id", "value does not match the regex pattern"))
}

/// The snapshot that the parameters name.
pub(super) fn snapshot_id(call: &Call<'_>) -> Result<SnapshotId, Fault> {
    Ok(SnapshotId {
        group: group_id(call)?,
        time: call.arguments.integer("backup-time").unwrap_or_default(),
    })
}

/// A group of a namespace, which the caller may touch.
pub(super) fn group<'s>(
    call: &Call<'_>,
    store: &'s Datastore,
    space: &Namespace,
    id: &GroupId,
    whose: Whose,
) -> Result<&'s Group, Fault> {
    let group = store.namespaces.group(space, id);
    // From memory of `BackupGroup::get_owner`, which reads the file `owner`.
    let group = group.ok_or_else(|| {
        let path = on_disk(store, space, &id.to_string());
        Fault::Failed(format!(
            "unable to read backup owner \"{path}/owner\" - No such file or directory (os error 2)"
        ))
    })?;
    if whose == Whose::Own {
        owned(&group.owner, &call.caller)?;
    }
    Ok(group)
}

/// A snapshot of a namespace, which the caller may touch.
pub(super) fn snapshot<'s>(
    call: &Call<'_>,
    store: &'s Datastore,
    space: &Namespace,
    id: &SnapshotId,
    whose: Whose,
) -> Result<&'s Snapshot, Fault> {
    if whose == Whose::Own {
        group(call, store, space, &id.group, whose)?;
    }
    let found = store.namespaces.snapshot(space, id);
    // `load_manifest` of pbs-datastore.
    found.ok_or_else(|| {
        let path = on_disk(store, space, &id.to_string());
        Fault::Failed(format!(
            "unable to load blob '\"{path}/index.json.blob\"' - No such file or directory (os error 2)"
        ))
    })
}

/// Where something of a datastore lies.
pub(super) fn on_disk(store: &Datastore, space: &Namespace, what: &str) -> String {
    let mut path = store.path.clone();
    for part in space.as_str().split('/').filter(|part| !part.is_empty()) {
        path.push_str("/ns/");
        path.push_str(part);
    }
    format!("{path}/{what}")
}

/// Refuses a group of somebody else (`check_backup_owner`): a user owns what the own tokens own.
pub(super) fn owned(owner: &Identity, caller: &Identity) -> Result<(), Fault> {
    match owns(owner, caller) {
        true => Ok(()),
        false => Err(Fault::Failed(format!(
            "backup owner check failed ({caller} != {owner})"
        ))),
    }
}

/// Whether what one owns belongs to another as well.
pub(super) fn owns(owner: &Identity, caller: &Identity) -> bool {
    let is_own_token = owner.token.is_some() && caller.token.is_none();
    owner == caller || (is_own_token && owner.user == caller.user)
}

/// The first line of notes, as lists show it.
pub(super) fn first_line(notes: &str) -> Option<&str> {
    notes.lines().next().filter(|line| !line.is_empty())
}
