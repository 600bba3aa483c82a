//! What each type of storage is made of: its options, what may lie on it, where its files are.
//!
//! The tables are those of `PVE::Storage`'s plugins, of all releases together: an option that a release does not
//! have is refused by its contract, so nothing here needs to know releases.

use super::storage::Content::{self, Backup, Images, Import, Iso, Rootdir, Snippets, Vztmpl};
use super::storage::StorageKind;

/// An option of a type of storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// Its name in the configuration.
    pub name: &'static str,
    /// Whether a storage cannot be without it.
    pub is_required: bool,
    /// Whether it stays as it was at creation.
    pub is_fixed: bool,
}

/// Reads an option of the tables below: `path!` is required and fixed, `server+` required, `base^` fixed.
fn read(word: &'static str) -> Choice {
    let name = word.trim_end_matches(['!', '+', '^']);
    Choice {
        name,
        is_required: word.ends_with(['!', '+']),
        is_fixed: word.ends_with(['!', '^']),
    }
}

/// What every type has.
const COMMON: &str = "nodes disable content";

/// What every type has that keeps backups.
const BACKUPS: &str = "prune-backups max-protected-backups maxfiles";

/// What every type has that makes its own folders.
const FOLDERS: &str = "format mkdir create-base-path create-subdirs";

impl StorageKind {
    /// All types.
    pub const ALL: [Self; 15] = [
        Self::Dir,
        Self::Nfs,
        Self::Cifs,
        Self::Cephfs,
        Self::Glusterfs,
        Self::Btrfs,
        Self::Lvm,
        Self::Lvmthin,
        Self::Zfs,
        Self::Zfspool,
        Self::Iscsi,
        Self::Iscsidirect,
        Self::Rbd,
        Self::Pbs,
        Self::Esxi,
    ];

    /// The type of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// The option of this name, if storages of this type have it.
    pub fn choice(self, name: &str) -> Option<Choice> {
        self.choices().find(|choice| choice.name == name)
    }

    /// All options that storages of this type have.
    pub fn choices(self) -> impl Iterator<Item = Choice> {
        let has_backups = self.contents().contains(&Backup);
        let is_limited = !matches!(self, Self::Btrfs | Self::Pbs | Self::Esxi);
        let all = [
            COMMON,
            if has_backups { BACKUPS } else { "" },
            if self.has_files() { FOLDERS } else { "" },
            if is_limited { "bwlimit" } else { "" },
            self.own_choices(),
        ];
        all.into_iter().flat_map(str::split_whitespace).map(read)
    }

    fn own_choices(self) -> &'static str {
        match self {
            Self::Dir => {
                "path! content-dirs shared is_mountpoint preallocation snapshot-as-volume-chain^"
            }
            Self::Btrfs => "path! shared is_mountpoint nocow preallocation",
            Self::Nfs => {
                "path! content-dirs server! export! options preallocation snapshot-as-volume-chain^"
            }
            Self::Cifs => {
                "path! content-dirs server! share! subdir username password domain smbversion preallocation \
                 options snapshot-as-volume-chain^"
            }
            Self::Cephfs => {
                "path! content-dirs monhost subdir options username fuse keyring fs-name"
            }
            Self::Glusterfs => "path! server server2 volume! transport preallocation",
            Self::Lvm => {
                "vgname! shared saferemove saferemove-stepsize saferemove_throughput base^ tagged_only \
                 snapshot-as-volume-chain"
            }
            Self::Lvmthin => "thinpool! vgname!",
            Self::Zfs => {
                "portal! target! pool! blocksize! iscsiprovider! nowritecache sparse comstar_hg comstar_tg \
                 lio_tpg zfs-base-path"
            }
            Self::Zfspool => "pool! blocksize sparse mountpoint",
            Self::Iscsi | Self::Iscsidirect => "portal! target!",
            Self::Rbd => "monhost pool data-pool namespace username krbd keyring",
            Self::Pbs => {
                "server! datastore! namespace port username password encryption-key master-pubkey fingerprint"
            }
            Self::Esxi => "shared server+ username+ password skip-cert-verification port",
        }
    }

    /// What may lie on it.
    pub fn contents(self) -> &'static [Content] {
        match self {
            Self::Dir | Self::Nfs | Self::Cifs | Self::Btrfs => {
                &[Images, Rootdir, Vztmpl, Iso, Backup, Snippets, Import]
            }
            Self::Cephfs => &[Vztmpl, Iso, Backup, Snippets, Import],
            Self::Glusterfs => &[Images, Vztmpl, Iso, Backup, Snippets, Import],
            Self::Lvm | Self::Lvmthin | Self::Rbd | Self::Zfspool => &[Images, Rootdir],
            Self::Iscsi | Self::Iscsidirect | Self::Zfs => &[Images],
            Self::Pbs => &[Backup],
            Self::Esxi => &[Import],
        }
    }

    /// What lies on it where nobody says anything.
    pub fn default_contents(self) -> &'static [Content] {
        match self {
            Self::Dir | Self::Btrfs | Self::Lvmthin | Self::Zfspool => &[Images, Rootdir],
            Self::Cephfs | Self::Pbs => &[Backup],
            Self::Esxi => &[Import],
            _ => &[Images],
        }
    }

    /// Whether it may take nothing at all: `content none`.
    pub fn may_be_empty(self) -> bool {
        matches!(
            self,
            Self::Dir | Self::Btrfs | Self::Iscsi | Self::Iscsidirect | Self::Pbs
        )
    }

    /// Whether disks are not made on it but chosen among those that are there.
    pub fn is_select_existing(self) -> bool {
        matches!(self, Self::Iscsi | Self::Iscsidirect)
    }

    /// Options that are kept apart from the configuration and never shown.
    pub fn secrets(self) -> &'static [&'static str] {
        match self {
            Self::Cifs | Self::Esxi => &["password"],
            Self::Cephfs | Self::Rbd => &["keyring"],
            Self::Pbs => &["encryption-key", "master-pubkey", "password"],
            _ => &[],
        }
    }
}

impl Content {
    /// All of them, in the order in which the product goes through them.
    pub const ALL: [Self; 7] = [Rootdir, Images, Vztmpl, Iso, Backup, Snippets, Import];

    /// The content of this name; `none` is no content.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == name)
    }

    /// The folder of it below the path of a storage.
    pub fn folder(self) -> &'static str {
        match self {
            Images => "images",
            Rootdir => "private",
            Iso => "template/iso",
            Vztmpl => "template/cache",
            Backup => "dump",
            Snippets => "snippets",
            Import => "import",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_option_stands_twice() {
        for kind in StorageKind::ALL {
            let mut names: Vec<_> = kind.choices().map(|choice| choice.name).collect();
            let count = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), count, "{kind:?}");
            assert_eq!(StorageKind::named(kind.as_str()), Some(kind));
            for content in kind.default_contents() {
                assert!(kind.contents().contains(content), "{kind:?}");
            }
        }
    }
}
