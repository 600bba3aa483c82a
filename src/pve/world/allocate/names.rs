//! How volumes of guests are named on each type of storage.

use super::super::ids::Vmid;
use super::super::storage::{Content, StorageKind};
use super::super::volume::Format;

impl StorageKind {
    /// Whether volumes are files in folders, with the guest's number as folder and the format as extension.
    pub fn has_files(self) -> bool {
        matches!(
            self,
            Self::Dir | Self::Nfs | Self::Cifs | Self::Cephfs | Self::Glusterfs | Self::Btrfs
        )
    }

    /// Whether disks of guests can be made on it.
    pub fn has_disks(self) -> bool {
        self.has_files()
            || matches!(
                self,
                Self::Lvm | Self::Lvmthin | Self::Zfs | Self::Zfspool | Self::Rbd
            )
    }

    /// The formats that its disks may have (`plugindata` of each plugin).
    pub fn formats(self) -> &'static [Format] {
        match self {
            Self::Dir | Self::Nfs | Self::Cifs | Self::Cephfs | Self::Glusterfs => {
                &[Format::Raw, Format::Qcow2, Format::Vmdk, Format::Subvol]
            }
            Self::Btrfs | Self::Zfspool => &[Format::Raw, Format::Subvol],
            _ => &[Format::Raw],
        }
    }

    /// The format of a disk of which nobody says one: `qcow2` for machines where there are files
    /// (proxmox.md 4.1), `raw` for containers there, a subvolume where the file system is the container's own.
    pub fn default_format(self, content: Content) -> Format {
        match (self, content) {
            (Self::Zfspool | Self::Btrfs, Content::Rootdir) => Format::Subvol,
            (Self::Btrfs, _) | (_, Content::Rootdir) => Format::Raw,
            (kind, _) if kind.has_files() => Format::Qcow2,
            _ => Format::Raw,
        }
    }
}

/// The name of a guest's volume: `vm-100-disk-0`, `100/vm-100-disk-0.qcow2`, `subvol-100-disk-0`.
pub(super) fn of_disk(kind: StorageKind, owner: Vmid, label: &str, format: Format) -> String {
    let prefix = match format {
        Format::Subvol => "subvol",
        _ => "vm",
    };
    let file = format!("{prefix}-{owner}-{label}");
    if kind.has_files() {
        format!("{owner}/{file}.{}", format.as_str())
    } else {
        file
    }
}

/// The last part of a volume's name, which is its own: `vm-101-disk-0` of `base-100-disk-0/vm-101-disk-0`.
pub fn file_name(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// The number of a guest's disk; `None` for volumes of others and for those that have no number.
pub fn disk_number(name: &str, owner: Vmid) -> Option<u32> {
    let prefixes = ["vm-", "base-", "subvol-", "basevol-"];
    let file = file_name(name);
    let rest = prefixes.iter().find_map(|prefix| file.strip_prefix(prefix));
    let rest = rest?.strip_prefix(&format!("{owner}-disk-"))?;
    let digits = rest.find(|c: char| !c.is_ascii_digit());
    rest.get(..digits.unwrap_or(rest.len()))?.parse().ok()
}
