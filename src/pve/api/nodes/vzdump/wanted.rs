//! What a backup is to be: where to, how, and what of the older ones stays.

use serde_json::Value;

use super::parameters;
use crate::proxmox::call::Call;
use crate::proxmox::prune::Keep;
use crate::pve::api::nodes::storage::retention;
use crate::pve::world::World;
use crate::pve::world::archive::Compression;
use crate::pve::world::ids::{NodeName, StorageId};
use crate::pve::world::storage::{Content, Storage};

/// What a backup is to be.
pub(super) struct Wanted {
    pub(super) node: NodeName,
    pub(super) target: Target,
    pub(super) mode: String,
    pub(super) compression: Compression,
    pub(super) notes: Option<String>,
    pub(super) is_protected: bool,
    /// The rules of retention, and whether older backups are removed by them.
    pub(super) keep: String,
    pub(super) removes: bool,
    /// Whether guests that the caller may not save are left out silently.
    pub(super) skips_forbidden: bool,
}

/// Where backups go.
pub(super) enum Target {
    /// To a storage.
    Storage(StorageId, Storage),
    /// Into a folder of the node.
    Folder(String),
}

impl Wanted {
    /// What a call wants.
    ///
    /// # Errors
    /// What the task says about a target that cannot be used.
    pub(super) fn of(
        world: &World,
        call: &Call<'_>,
        node: NodeName,
        is_all: bool,
    ) -> Result<Self, String> {
        let arguments = &call.arguments;
        let given = arguments.given();
        let target = match (parameters::storage(given), given.get("storage")) {
            (Some(storage), _) => known(world, &node, storage)?,
            (None, Some(_)) => {
                let text = "cannot use options 'storage' and 'dumpdir' at the same time";
                return Err(text.to_owned());
            }
            (None, None) => Target::Folder(call.text("dumpdir").trim_end_matches('/').to_owned()),
        };
        let own = match &target {
            Target::Storage(_, storage) => retention(storage),
            Target::Folder(_) => None,
        };
        let rules = given.get("prune-backups").and_then(Value::as_str);
        let older = given.get("maxfiles").and_then(Value::as_u64);
        let older = older.map(|count| match count {
            0 => "keep-all=1".to_owned(),
            count => format!("keep-last={count}"),
        });
        let keep = rules.map(str::to_owned).or(older).or(own);
        let keep = keep.unwrap_or_else(|| "keep-all=1".to_owned());
        let removes = arguments.boolean("remove").unwrap_or(true);
        Ok(Self {
            node,
            target,
            mode: arguments.text("mode").unwrap_or("snapshot").to_owned(),
            compression: Compression::named(call.text("compress")),
            notes: arguments.text("notes-template").map(str::to_owned),
            is_protected: arguments.is_set("protected"),
            removes: removes && !Keep::parse(&keep).keeps_all(),
            keep,
            skips_forbidden: is_all,
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
