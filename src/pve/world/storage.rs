//! Storages: what may lie on them, on which nodes, and how much room there is.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ids::{NodeName, Shelf, StorageId};
use super::is_default;
use super::options::Options;
use super::size::Size;

/// The types of storages (`PVE::Storage`'s plugins of 7.4 to 9.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(
    missing_docs,
    reason = "the names are the product's own, one for each plugin"
)]
pub enum StorageKind {
    Dir,
    Nfs,
    Cifs,
    Cephfs,
    Glusterfs,
    Btrfs,
    Lvm,
    Lvmthin,
    Zfs,
    Zfspool,
    Iscsi,
    Iscsidirect,
    Rbd,
    Pbs,
    Esxi,
}

impl StorageKind {
    /// The product's name of it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dir => "dir",
            Self::Nfs => "nfs",
            Self::Cifs => "cifs",
            Self::Cephfs => "cephfs",
            Self::Glusterfs => "glusterfs",
            Self::Btrfs => "btrfs",
            Self::Lvm => "lvm",
            Self::Lvmthin => "lvmthin",
            Self::Zfs => "zfs",
            Self::Zfspool => "zfspool",
            Self::Iscsi => "iscsi",
            Self::Iscsidirect => "iscsidirect",
            Self::Rbd => "rbd",
            Self::Pbs => "pbs",
            Self::Esxi => "esxi",
        }
    }

    /// Whether all nodes see the same thing, whatever `shared` says: everything that comes over a network.
    pub fn is_network(self) -> bool {
        !matches!(
            self,
            Self::Dir | Self::Btrfs | Self::Lvm | Self::Lvmthin | Self::Zfspool
        )
    }
}

/// What may lie on a storage, and what a volume is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Content {
    /// Disks of virtual machines.
    Images,
    /// Disks of containers.
    Rootdir,
    /// Backups.
    Backup,
    /// CD images.
    Iso,
    /// Templates of containers.
    Vztmpl,
    /// Hook scripts and cloud-init files.
    Snippets,
    /// Disk images and appliances to be imported.
    Import,
}

impl Content {
    /// The product's name of it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Images => "images",
            Self::Rootdir => "rootdir",
            Self::Backup => "backup",
            Self::Iso => "iso",
            Self::Vztmpl => "vztmpl",
            Self::Snippets => "snippets",
            Self::Import => "import",
        }
    }
}

/// A storage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Storage {
    /// Its type.
    pub kind: StorageKind,
    /// What may lie on it; nothing at all is `none` in the product.
    pub content: BTreeSet<Content>,
    /// The nodes that have it; none named are all.
    #[serde(default, skip_serializing_if = "is_default")]
    pub nodes: BTreeSet<NodeName>,
    /// Whether a local type is marked as shared.
    #[serde(default, skip_serializing_if = "is_default")]
    pub shared: bool,
    /// Whether it is switched off.
    #[serde(default, skip_serializing_if = "is_default")]
    pub disabled: bool,
    /// Its size: as a whole if it is shared, else on each node.
    pub size: Size,
    /// What is used besides the volumes that the world knows, likewise.
    #[serde(default, skip_serializing_if = "is_default")]
    pub foreign: Size,
    /// Everything else that its configuration says: `path`, `server`, `pool`, `prune-backups`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub options: Options,
}

impl Storage {
    /// Whether all nodes see the same volumes.
    pub fn is_shared(&self) -> bool {
        self.shared || self.kind.is_network()
    }

    /// Whether a node has it.
    pub fn is_on(&self, node: &NodeName) -> bool {
        self.nodes.is_empty() || self.nodes.contains(node)
    }

    /// Where its volumes lie that this node sees.
    pub fn shelf(&self, id: &StorageId, node: &NodeName) -> Shelf {
        Shelf {
            storage: id.clone(),
            node: (!self.is_shared()).then(|| node.clone()),
        }
    }
}

impl Storage {
    /// The rules of retention; `maxfiles` is their older form.
    pub fn retention(&self) -> Option<String> {
        let options = &self.options.0;
        let rules = options.get("prune-backups").and_then(Value::as_str);
        let older = || {
            let count = options.get("maxfiles").and_then(Value::as_u64)?;
            Some(match count {
                0 => "keep-all=1".to_owned(),
                count => format!("keep-last={count}"),
            })
        };
        rules.map(str::to_owned).or_else(older)
    }

    /// How many backups of a guest may be protected; `None` for as many as one likes, which is the default for
    /// whoever may allocate storages.
    pub fn most_protected(&self, may_allocate: impl FnOnce() -> bool) -> Option<i64> {
        let set = self.options.0.get("max-protected-backups");
        let limit = set.and_then(Value::as_i64);
        let limit = limit.unwrap_or_else(|| if may_allocate() { -1 } else { 5 });
        (limit >= 0).then_some(limit)
    }

    /// The refusal of one more.
    pub fn too_many_protected(limit: i64, id: &StorageId) -> String {
        format!("The number of protected backups per guest is limited to {limit} on storage '{id}'")
    }
}
