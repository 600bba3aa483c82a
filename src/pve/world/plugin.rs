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

const fn fixed(name: &'static str) -> Choice {
    Choice {
        name,
        is_required: true,
        is_fixed: true,
    }
}

const fn required(name: &'static str) -> Choice {
    Choice {
        name,
        is_required: true,
        is_fixed: false,
    }
}

const fn frozen(name: &'static str) -> Choice {
    Choice {
        name,
        is_required: false,
        is_fixed: true,
    }
}

const fn optional(name: &'static str) -> Choice {
    Choice {
        name,
        is_required: false,
        is_fixed: false,
    }
}

/// What every type has.
const COMMON: [Choice; 3] = [optional("nodes"), optional("disable"), optional("content")];

/// What every type has that keeps backups.
const BACKUPS: [Choice; 3] = [
    optional("prune-backups"),
    optional("max-protected-backups"),
    optional("maxfiles"),
];

/// What every type has that makes its own folders.
const FOLDERS: [Choice; 4] = [
    optional("format"),
    optional("mkdir"),
    optional("create-base-path"),
    optional("create-subdirs"),
];

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
        let backups: &[Choice] = match self {
            _ if self.contents().contains(&Backup) => &BACKUPS,
            _ => &[],
        };
        let folders: &[Choice] = if self.has_files() { &FOLDERS } else { &[] };
        let limited: &[Choice] = match self {
            Self::Btrfs | Self::Pbs | Self::Esxi => &[],
            _ => const { &[optional("bwlimit")] },
        };
        let all = [&COMMON[..], backups, folders, limited, self.own_choices()];
        all.into_iter().flatten().copied()
    }

    fn own_choices(self) -> &'static [Choice] {
        match self {
            Self::Dir => {
                const {
                    &[
                        fixed("path"),
                        optional("content-dirs"),
                        optional("shared"),
                        optional("is_mountpoint"),
                        optional("preallocation"),
                        frozen("snapshot-as-volume-chain"),
                    ]
                }
            }
            Self::Btrfs => {
                const {
                    &[
                        fixed("path"),
                        optional("shared"),
                        optional("is_mountpoint"),
                        optional("nocow"),
                        optional("preallocation"),
                    ]
                }
            }
            Self::Nfs => {
                const {
                    &[
                        fixed("path"),
                        optional("content-dirs"),
                        fixed("server"),
                        fixed("export"),
                        optional("options"),
                        optional("preallocation"),
                        frozen("snapshot-as-volume-chain"),
                    ]
                }
            }
            Self::Cifs => {
                const {
                    &[
                        fixed("path"),
                        optional("content-dirs"),
                        fixed("server"),
                        fixed("share"),
                        optional("subdir"),
                        optional("username"),
                        optional("password"),
                        optional("domain"),
                        optional("smbversion"),
                        optional("preallocation"),
                        optional("options"),
                        frozen("snapshot-as-volume-chain"),
                    ]
                }
            }
            Self::Cephfs => {
                const {
                    &[
                        fixed("path"),
                        optional("content-dirs"),
                        optional("monhost"),
                        optional("subdir"),
                        optional("options"),
                        optional("username"),
                        optional("fuse"),
                        optional("keyring"),
                        optional("fs-name"),
                    ]
                }
            }
            Self::Glusterfs => {
                const {
                    &[
                        fixed("path"),
                        optional("server"),
                        optional("server2"),
                        fixed("volume"),
                        optional("transport"),
                        optional("preallocation"),
                    ]
                }
            }
            _ => self.own_choices_of_blocks(),
        }
    }

    /// The options of the types without folders.
    fn own_choices_of_blocks(self) -> &'static [Choice] {
        match self {
            Self::Lvm => {
                const {
                    &[
                        fixed("vgname"),
                        optional("shared"),
                        optional("saferemove"),
                        optional("saferemove-stepsize"),
                        optional("saferemove_throughput"),
                        frozen("base"),
                        optional("tagged_only"),
                        optional("snapshot-as-volume-chain"),
                    ]
                }
            }
            Self::Lvmthin => const { &[fixed("thinpool"), fixed("vgname")] },
            Self::Zfs => {
                const {
                    &[
                        fixed("portal"),
                        fixed("target"),
                        fixed("pool"),
                        fixed("blocksize"),
                        fixed("iscsiprovider"),
                        optional("nowritecache"),
                        optional("sparse"),
                        optional("comstar_hg"),
                        optional("comstar_tg"),
                        optional("lio_tpg"),
                        optional("zfs-base-path"),
                    ]
                }
            }
            Self::Zfspool => {
                const {
                    &[
                        fixed("pool"),
                        optional("blocksize"),
                        optional("sparse"),
                        optional("mountpoint"),
                    ]
                }
            }
            Self::Iscsi | Self::Iscsidirect => const { &[fixed("portal"), fixed("target")] },
            Self::Rbd => {
                const {
                    &[
                        optional("monhost"),
                        optional("pool"),
                        optional("data-pool"),
                        optional("namespace"),
                        optional("username"),
                        optional("krbd"),
                        optional("keyring"),
                    ]
                }
            }
            Self::Pbs => {
                const {
                    &[
                        fixed("server"),
                        fixed("datastore"),
                        optional("namespace"),
                        optional("port"),
                        optional("username"),
                        optional("password"),
                        optional("encryption-key"),
                        optional("master-pubkey"),
                        optional("fingerprint"),
                    ]
                }
            }
            Self::Esxi => {
                const {
                    &[
                        optional("shared"),
                        required("server"),
                        required("username"),
                        optional("password"),
                        optional("skip-cert-verification"),
                        optional("port"),
                    ]
                }
            }
            _ => &[],
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
