//! From what a client says of a drive to a drive: volumes are made, copied in, or found.
//!
//! `local-lvm:8` becomes `local-lvm:vm-100-disk-0,size=8G`. The rules are those of `create_disks` in
//! `PVE::API2::Qemu` and `PVE::LXC`.

use std::str::FromStr;

use jiff::Timestamp;

use super::World;
use super::allocate::{VolumeFault, Wanted};
use super::disk::Drive;
use super::fresh::print_drive;
use super::guest::Kind;
use super::ids::{NodeName, StorageId, Vmid, VolumeId};
use super::ordered::Ordered;
use super::size::Size;
use super::storage::{Content, StorageKind};
use super::volume::Format;
use crate::proxmox::property_string::{PropertyString, Spelling};

/// The size of the small drives: cloud-init's, and that of a TPM.
const SMALL: Size = Size(4 << 20);

/// What is taken for the size of a file of the host that no storage knows.
const UNKNOWN: Size = Size(2 << 30);

/// Whose drives are made, and when.
#[derive(Debug, Clone)]
pub struct Maker {
    /// The guest.
    pub vmid: Vmid,
    /// What it is.
    pub kind: Kind,
    /// Where it is.
    pub node: NodeName,
    /// Where disks go of which nobody says it.
    pub storage: Option<StorageId>,
    /// The drives that the guest has already, or will have.
    pub present: Ordered<String>,
    /// When.
    pub now: Timestamp,
}

/// What was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The drive as the configuration has it.
    pub text: String,
    /// The volume, if it is a new one.
    pub volume: Option<VolumeId>,
}

/// Why a drive cannot be made; some of the words are from memory.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DriveFault {
    /// A property string that cannot be read.
    #[error("unable to parse drive options")]
    Unreadable,
    /// Neither the drive nor the call names a storage.
    #[error("no storage ID specified (and no default storage)")]
    NoStorage,
    /// A second drive for cloud-init: the drive, and the one that is there.
    #[error("{0} - cloud-init drive is already attached at '{1}'")]
    SecondCloudInit(String, String),
    /// A volume that is a disk of somebody else, or of another drive of the same guest.
    #[error("volume '{0}' is already in use by {1}")]
    Taken(VolumeId, String),
    /// A source that cannot be copied.
    #[error("cannot import from '{0}' - {1}")]
    Import(String, String),
    /// What is wrong with the volume.
    #[error(transparent)]
    Volume(#[from] VolumeFault),
}

/// What a drive's backing asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Backing {
    /// Nothing, the host's drive, or a path of the host.
    Host,
    /// A drive for cloud-init, on this storage or the default one.
    CloudInit(Option<StorageId>),
    /// A new disk of this size on this storage or the default one.
    New(Option<StorageId>, Size),
    /// A volume that is there.
    Existing(VolumeId),
}

impl Backing {
    /// Reads the first part of a drive.
    ///
    /// # Errors
    /// [`DriveFault::Unreadable`].
    pub fn read(text: &str) -> Result<Self, DriveFault> {
        let unreadable = |_| DriveFault::Unreadable;
        if matches!(text, "none" | "cdrom") || text.starts_with('/') {
            return Ok(Self::Host);
        }
        let (storage, name) = match text.split_once(':') {
            Some((storage, name)) => (Some(storage), name),
            None => (None, text),
        };
        let storage = storage.map(StorageId::from_str).transpose();
        let storage = storage.map_err(unreadable)?;
        if name == "cloudinit" {
            return Ok(Self::CloudInit(storage));
        }
        let is_number = |c: char| c.is_ascii_digit() || c == '.';
        if !name.is_empty() && name.chars().all(is_number) {
            let size = format!("{name}G").parse().map_err(unreadable)?;
            return Ok(Self::New(storage, size));
        }
        Ok(Self::Existing(text.parse().map_err(unreadable)?))
    }
}

impl World {
    /// Makes a drive, and its volume where one is asked for.
    ///
    /// # Errors
    /// In the product's words; nothing is changed then.
    pub fn make_drive(
        &mut self,
        maker: &Maker,
        key: &str,
        wanted: &PropertyString,
    ) -> Result<Made, DriveFault> {
        let mut drive = wanted.clone();
        if key.starts_with("unused") {
            return self.find_unused(maker, key, &drive);
        }
        let backing = drive.value(default_key(maker.kind));
        let backing = Backing::read(backing.ok_or(DriveFault::Unreadable)?)?;
        match backing {
            Backing::Host => {
                if drive.value(default_key(maker.kind)).is_some_and(is_no_path) {
                    drive.remove("size");
                }
                Ok(Made::old(&drive, maker.kind))
            }
            Backing::CloudInit(storage) => self.make_cloud_init(maker, key, drive, storage),
            Backing::New(storage, size) => self.make_disk(maker, key, drive, storage, size),
            Backing::Existing(id) => self.find_volume(maker, key, drive, &id),
        }
    }

    /// Makes several drives in the order of the alphabet, each knowing of those before it: what the configuration
    /// will have of them, and the new volumes.
    ///
    /// # Errors
    /// The first that fails; nothing is changed then.
    pub fn make_drives(
        &mut self,
        maker: &mut Maker,
        wanted: &std::collections::BTreeMap<String, PropertyString>,
    ) -> Result<(Ordered<String>, Vec<VolumeId>), DriveFault> {
        let mut texts = Ordered::default();
        let mut volumes = Vec::new();
        for (key, drive) in wanted {
            match self.make_drive(maker, key, drive) {
                Ok(made) => {
                    maker.present.set(key, made.text.clone());
                    texts.set(key, made.text);
                    volumes.extend(made.volume);
                }
                Err(fault) => {
                    self.discard(&maker.node, &volumes);
                    return Err(fault);
                }
            }
        }
        Ok((texts, volumes))
    }

    fn make_cloud_init(
        &mut self,
        maker: &Maker,
        key: &str,
        mut drive: PropertyString,
        storage: Option<StorageId>,
    ) -> Result<Made, DriveFault> {
        let other = cloud_init_of(&maker.present).filter(|other| other != key);
        if let Some(other) = other {
            return Err(DriveFault::SecondCloudInit(key.to_owned(), other));
        }
        let storage = storage.or_else(|| maker.storage.clone());
        let storage = storage.ok_or(DriveFault::NoStorage)?;
        let kind = self.usable_storage(&storage, &maker.node)?.kind;
        let format = drive.remove("format").and_then(|name| format_of(&name));
        let wanted = Wanted {
            storage,
            owner: maker.vmid,
            content: Content::Images,
            format: Some(format.unwrap_or(kind.default_format(Content::Images))),
            size: SMALL,
            used: None,
            label: Some("cloudinit".to_owned()),
        };
        let id = self.allocate(&maker.node, wanted, maker.now)?;
        drive.set("media", "cdrom");
        drive.remove("size");
        Ok(Made::new(drive, maker.kind, id))
    }

    fn make_disk(
        &mut self,
        maker: &Maker,
        key: &str,
        mut drive: PropertyString,
        storage: Option<StorageId>,
        size: Size,
    ) -> Result<Made, DriveFault> {
        let storage = storage.or_else(|| maker.storage.clone());
        let storage = storage.ok_or(DriveFault::NoStorage)?;
        let kind = self.usable_storage(&storage, &maker.node)?.kind;
        let source = drive.remove("import-from");
        // A restore knows the size to the byte, which gibibytes do not always carry.
        let exact = drive.value("size").and_then(|size| size.parse().ok());
        let size = exact.filter(|_| size == Size::default()).unwrap_or(size);
        let (size, used) = match &source {
            Some(source) => self.source(maker, source)?,
            None => (size_of(key, &drive, kind).unwrap_or(size), None),
        };
        let format = drive.remove("format").and_then(|name| format_of(&name));
        let content = match maker.kind {
            Kind::Qemu => Content::Images,
            Kind::Lxc => Content::Rootdir,
        };
        // Nothing else limits a container's folder, so a size of 0 is one without a limit.
        let is_folder = maker.kind == Kind::Lxc && size == Size::default() && kind.has_files();
        let wanted = Wanted {
            storage,
            owner: maker.vmid,
            content,
            format: if is_folder {
                Some(Format::Subvol)
            } else {
                format
            },
            size,
            used,
            label: None,
        };
        let id = self.allocate(&maker.node, wanted, maker.now)?;
        drive.set("size", size.to_string());
        Ok(Made::new(drive, maker.kind, id))
    }

    /// How large the source of an import is, and what of it is in use.
    fn source(&self, maker: &Maker, source: &str) -> Result<(Size, Option<Size>), DriveFault> {
        if source.starts_with('/') {
            let found = self.volume_at(source, &maker.node);
            return Ok(found.unwrap_or((UNKNOWN, None)));
        }
        let refusal = |why: String| DriveFault::Import(source.to_owned(), why);
        let id: VolumeId = source.parse().map_err(|_| refusal("no such file".into()))?;
        let volume = self.volume(&id, &maker.node);
        let volume = volume.ok_or_else(|| refusal(VolumeFault::Missing(id).to_string()))?;
        Ok((volume.size, Some(volume.used())))
    }

    /// The volume that lies at a path of the host.
    fn volume_at(&self, path: &str, node: &NodeName) -> Option<(Size, Option<Size>)> {
        let (_, file) = path.rsplit_once('/')?;
        let storages = self.storages_on(node).filter(|(_, storage)| {
            let root = storage.options.0.get("path");
            let root = root.and_then(|root| root.as_str());
            root.is_some_and(|root| path.starts_with(root))
        });
        let mut volumes = storages.flat_map(|(id, _)| self.volumes_on(id, node));
        let found = volumes.find(|(name, _)| super::allocate::file_name(name) == file);
        found.map(|(_, volume)| (volume.size, Some(volume.used())))
    }

    /// What is unused is a volume of the guest, and nothing else.
    fn find_unused(
        &self,
        maker: &Maker,
        key: &str,
        drive: &PropertyString,
    ) -> Result<Made, DriveFault> {
        let id = drive.value(default_key(maker.kind)).unwrap_or_default();
        let id = id.parse().map_err(|_| DriveFault::Unreadable)?;
        self.find_volume(maker, key, drive.clone(), &id)?;
        Ok(Made {
            text: id.to_string(),
            volume: None,
        })
    }

    fn find_volume(
        &self,
        maker: &Maker,
        key: &str,
        mut drive: PropertyString,
        id: &VolumeId,
    ) -> Result<Made, DriveFault> {
        self.usable_storage(&id.storage, &maker.node)?;
        let volume = self.volume(id, &maker.node);
        let volume = volume.ok_or_else(|| VolumeFault::Missing(id.clone()))?;
        if volume.is_disk() {
            let other = volume.owner.filter(|owner| *owner != maker.vmid);
            if let Some(owner) = other {
                return Err(DriveFault::Taken(id.clone(), format!("guest {owner}")));
            }
            let uses = |drive: &Drive| {
                drive.key != key && !drive.key.starts_with("unused") && drive.names(id)
            };
            let drives = super::disk::drives(maker.kind, &maker.present);
            if let Some(other) = drives.filter_map(Result::ok).find(uses) {
                return Err(DriveFault::Taken(id.clone(), format!("'{}'", other.key)));
            }
        }
        drive.set("size", volume.size.to_string());
        Ok(Made::old(&drive, maker.kind))
    }
}

impl Made {
    fn old(drive: &PropertyString, kind: Kind) -> Self {
        Self {
            text: print_drive(drive, kind),
            volume: None,
        }
    }

    fn new(mut drive: PropertyString, kind: Kind, id: VolumeId) -> Self {
        drive.set(default_key(kind), id.to_string());
        Self {
            text: print_drive(&drive, kind),
            volume: Some(id),
        }
    }
}

/// The property of a drive that needs no name.
pub fn default_key(kind: Kind) -> &'static str {
    match kind {
        Kind::Qemu => "file",
        Kind::Lxc => "volume",
    }
}

/// A drive of a configuration, taken apart.
pub fn read_drive(kind: Kind, text: &str) -> PropertyString {
    let read = PropertyString::parse(text, Some(default_key(kind)), Spelling::Plain);
    read.unwrap_or_default()
}

/// The drive of a configuration that is cloud-init's.
pub fn cloud_init_of(config: &Ordered<String>) -> Option<String> {
    let found = super::disk::drives(Kind::Qemu, config)
        .filter_map(Result::ok)
        .find(Drive::is_cloud_init);
    found.map(|drive| drive.key)
}

/// The format of that name.
pub fn format_of(name: &str) -> Option<Format> {
    let all = [Format::Raw, Format::Qcow2, Format::Vmdk, Format::Subvol];
    all.into_iter().find(|format| format.as_str() == name)
}

fn is_no_path(backing: &str) -> bool {
    !backing.starts_with('/')
}

/// The size of drives that have one of their own: variables of the firmware and the state of a TPM. Where volumes
/// have extents, one extent is the least.
fn size_of(key: &str, drive: &PropertyString, storage: StorageKind) -> Option<Size> {
    match key {
        "tpmstate0" => Some(SMALL),
        "efidisk0" => Some(match storage {
            StorageKind::Lvm | StorageKind::Lvmthin => SMALL,
            StorageKind::Zfspool => Size(1 << 20),
            _ if drive.value("efitype") == Some("4m") => Size(528 << 10),
            _ => Size(128 << 10),
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
