//! Drives of guests: which volume a key of the configuration names, and how large it says it is.

use super::config::is_numbered;
use super::guest::{Guest, Kind};
use super::ids::{BadName, VolumeId};
use super::ordered::Ordered;
use super::size::Size;
use crate::proxmox::property_string::{PropertyString, Spelling};

/// What a drive is backed by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A volume of a storage.
    Volume(VolumeId),
    /// Nothing, the host's drive, a device or a folder of the host: `none`, `cdrom`, `/dev/sdb`, `/mnt/data`.
    Host(String),
}

/// What a drive is to its guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A disk.
    Disk,
    /// A CD drive, cloud-init's among them.
    Cd,
    /// A volume that was taken out (`unused0`).
    Unused,
    /// The memory of a suspended machine (`vmstate`).
    Memory,
}

/// One drive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drive {
    /// Its key: `scsi0`, `rootfs`, `unused1`.
    pub key: String,
    /// What it is backed by.
    pub source: Source,
    /// What it is to its guest.
    pub role: Role,
    /// The size that the configuration says.
    pub size: Option<Size>,
}

impl Drive {
    /// The volume that it is backed by, where it is one.
    pub fn volume(&self) -> Option<&VolumeId> {
        match &self.source {
            Source::Volume(id) => Some(id),
            Source::Host(_) => None,
        }
    }

    /// Whether it is backed by this volume.
    pub fn names(&self, id: &VolumeId) -> bool {
        self.volume() == Some(id)
    }

    /// Whether it is the drive that cloud-init reads, which goes when it is taken out.
    pub fn is_cloud_init(&self) -> bool {
        let is_named_so = |id: &VolumeId| {
            let file = id.name.rsplit('/').next().unwrap_or_default();
            let stem = file.split('.').next().unwrap_or_default();
            stem.starts_with("vm-") && stem.ends_with("-cloudinit")
        };
        self.role == Role::Cd && self.volume().is_some_and(is_named_so)
    }
}

impl Guest {
    /// Its drives; those that cannot be read are left out ([`drives`] says why).
    pub fn drives(&self) -> Vec<Drive> {
        drives(self.kind, &self.config)
            .filter_map(Result::ok)
            .collect()
    }

    /// `maxdisk`: the size of the disk it boots from, as the product's status shows. A virtual machine boots
    /// from the first disk in `order=` of `boot`, a container from `rootfs`.
    pub fn boot_disk(&self) -> Option<Drive> {
        let drives = self.drives();
        let order = self.config.text("boot").unwrap_or_default();
        let order = order.strip_prefix("order=").unwrap_or_default();
        let named = |key: &str| {
            let fits = |drive: &&Drive| drive.key == key && drive.role == Role::Disk;
            drives.iter().find(fits).cloned()
        };
        let first = || {
            drives
                .iter()
                .find(|drive| drive.role == Role::Disk)
                .cloned()
        };
        match self.kind {
            Kind::Qemu => order.split(';').find_map(named).or_else(first),
            Kind::Lxc => named("rootfs"),
        }
    }
}

/// Why a key that names a drive cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadDrive {
    /// The key.
    pub key: String,
    /// A clause that follows its path.
    pub message: String,
}

/// The drives of a configuration in their order.
pub fn drives(
    kind: Kind,
    config: &Ordered<String>,
) -> impl Iterator<Item = Result<Drive, BadDrive>> {
    let entries = config.iter().filter(move |(key, _)| is_drive(kind, key));
    entries.map(move |(key, text)| {
        read(kind, key, text).map_err(|message| BadDrive {
            key: key.to_owned(),
            message,
        })
    })
}

/// Whether a key names a drive of a guest.
pub fn is_drive(kind: Kind, key: &str) -> bool {
    let stems: &[&str] = match kind {
        Kind::Qemu => &[
            "ide", "sata", "scsi", "virtio", "efidisk", "tpmstate", "unused",
        ],
        Kind::Lxc => &["mp", "unused"],
    };
    let single = match kind {
        Kind::Qemu => "vmstate",
        Kind::Lxc => "rootfs",
    };
    key == single || stems.iter().any(|stem| is_numbered(key, stem))
}

fn read(kind: Kind, key: &str, text: &str) -> Result<Drive, String> {
    let default_key = match kind {
        Kind::Qemu => "file",
        Kind::Lxc => "volume",
    };
    let properties = PropertyString::parse(text, Some(default_key), Spelling::Plain)
        .map_err(|fault| fault.to_string())?;
    let backing = properties.value(default_key).ok_or("names no volume")?;
    let is_host = backing.starts_with('/') || matches!(backing, "none" | "cdrom");
    let source = if is_host {
        Source::Host(backing.to_owned())
    } else {
        Source::Volume(backing.parse().map_err(|bad: BadName| bad.to_string())?)
    };
    let size = properties.value("size").map(str::parse).transpose();
    let role = match (key, properties.value("media")) {
        ("vmstate", _) => Role::Memory,
        (_, Some("cdrom")) => Role::Cd,
        _ if key.starts_with("unused") => Role::Unused,
        _ => Role::Disk,
    };
    Ok(Drive {
        key: key.to_owned(),
        source,
        role,
        size: size.map_err(|bad: BadName| bad.to_string())?,
    })
}
