//! What a backup is to be: where to, how, and what of the older ones stays.

use jiff::Timestamp;
use serde_json::Value;

use super::Dump;
use crate::proxmox::prune::Keep;
use crate::pve::world::World;
use crate::pve::world::archive::Compression;
use crate::pve::world::ids::{NodeName, StorageId};
use crate::pve::world::storage::{Content, Storage};

/// What a backup is to be.
pub(super) struct Wanted {
    pub(super) node: NodeName,
    pub(super) now: Timestamp,
    pub(super) target: Target,
    pub(super) mode: String,
    pub(super) compression: Compression,
    pub(super) notes: Option<String>,
    pub(super) is_protected: bool,
    /// The rules of retention, and whether older backups are removed by them.
    pub(super) keep: String,
    pub(super) removes: bool,
    /// How many backups of a guest may be protected; nothing for as many as one likes.
    pub(super) most_protected: Option<i64>,
}

/// Where backups go.
pub(super) enum Target {
    /// To a storage.
    Storage(StorageId, Storage),
    /// Into a folder of the node.
    Folder(String),
}

impl Wanted {
    /// What options want.
    ///
    /// # Errors
    /// What the task says about a target that cannot be used.
    pub(super) fn of(world: &World, dump: &Dump<'_>) -> Result<Self, String> {
        let text = |name: &str| dump.options.get(name).and_then(Value::as_str);
        let is_set = |name: &str| dump.options.get(name).and_then(Value::as_bool);
        let target = match (text("dumpdir"), text("storage")) {
            (None, storage) => known(world, &dump.node, storage.unwrap_or("local"))?,
            (Some(_), Some(_)) => {
                let text = "cannot use options 'storage' and 'dumpdir' at the same time";
                return Err(text.to_owned());
            }
            (Some(folder), None) => Target::Folder(folder.trim_end_matches('/').to_owned()),
        };
        let (own, most_protected) = match &target {
            Target::Storage(id, storage) => {
                let path = format!("/storage/{id}");
                let most = storage.most_protected(|| (dump.may)(&path, "Datastore.Allocate"));
                (storage.retention(), most)
            }
            Target::Folder(_) => (None, None),
        };
        let older = dump.options.get("maxfiles").and_then(Value::as_u64);
        let older = older.map(|count| match count {
            0 => "keep-all=1".to_owned(),
            count => format!("keep-last={count}"),
        });
        let keep = text("prune-backups").map(str::to_owned).or(older).or(own);
        let keep = keep.unwrap_or_else(|| "keep-all=1".to_owned());
        let removes = is_set("remove").unwrap_or(true);
        Ok(Self {
            node: dump.node.clone(),
            now: dump.now,
            target,
            mode: text("mode").unwrap_or("snapshot").to_owned(),
            compression: Compression::named(text("compress").unwrap_or("0")),
            notes: text("notes-template").map(str::to_owned),
            is_protected: is_set("protected").unwrap_or(false),
            removes: removes && !Keep::parse(&keep).keeps_all(),
            keep,
            most_protected,
        })
    }
}

/// A storage that takes backups.
fn known(world: &World, node: &NodeName, name: &str) -> Result<Target, String> {
    let missing = || format!("storage '{name}' does not exist");
    let id: Option<StorageId> = name.parse().ok();
    let found = id.and_then(|id| world.storages.get_key_value(&id));
    let about = |why: String| format!("could not get storage information for '{name}': {why}");
    let (id, storage) = found.ok_or_else(|| about(missing()))?;
    world
        .usable_storage(id, node)
        .map_err(|fault| format!("could not activate storage '{name}': {fault}"))?;
    if !storage.content.contains(&Content::Backup) {
        let why = format!("can't use storage '{name}' for backups - wrong content type");
        return Err(about(why));
    }
    Ok(Target::Storage(id.clone(), storage.clone()))
}
