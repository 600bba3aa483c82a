//! Volumes: disks, backups, images, templates.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::guest::Kind;
use super::ids::Vmid;
use super::is_default;
use super::ordered::Ordered;
use super::size::Size;
use super::storage::Content;

/// The `format` of a volume in content lists (`PVE::Storage::Plugin`, `list_volumes` and `get_subdir_files`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    missing_docs,
    reason = "the names are the product's own, and those of the files"
)]
pub enum Format {
    #[serde(rename = "raw")]
    Raw,
    #[serde(rename = "qcow2")]
    Qcow2,
    #[serde(rename = "vmdk")]
    Vmdk,
    #[serde(rename = "subvol")]
    Subvol,
    #[serde(rename = "iso")]
    Iso,
    #[serde(rename = "vma")]
    Vma,
    #[serde(rename = "vma.zst")]
    VmaZst,
    #[serde(rename = "vma.gz")]
    VmaGz,
    #[serde(rename = "vma.lzo")]
    VmaLzo,
    #[serde(rename = "tar")]
    Tar,
    #[serde(rename = "tar.zst")]
    TarZst,
    #[serde(rename = "tar.gz")]
    TarGz,
    #[serde(rename = "tar.lzo")]
    TarLzo,
    #[serde(rename = "tgz")]
    Tgz,
    #[serde(rename = "txz")]
    Txz,
    #[serde(rename = "tzst")]
    Tzst,
    #[serde(rename = "pbs-vm")]
    PbsVm,
    #[serde(rename = "pbs-ct")]
    PbsCt,
    #[serde(rename = "snippet")]
    Snippet,
    #[serde(rename = "ova")]
    Ova,
    #[serde(rename = "ovf")]
    Ovf,
}

impl Format {
    /// The product's name of it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Qcow2 => "qcow2",
            Self::Vmdk => "vmdk",
            Self::Subvol => "subvol",
            Self::Iso => "iso",
            Self::Vma => "vma",
            Self::VmaZst => "vma.zst",
            Self::VmaGz => "vma.gz",
            Self::VmaLzo => "vma.lzo",
            Self::Tar => "tar",
            Self::TarZst => "tar.zst",
            Self::TarGz => "tar.gz",
            Self::TarLzo => "tar.lzo",
            Self::Tgz => "tgz",
            Self::Txz => "txz",
            Self::Tzst => "tzst",
            Self::PbsVm => "pbs-vm",
            Self::PbsCt => "pbs-ct",
            Self::Snippet => "snippet",
            Self::Ova => "ova",
            Self::Ovf => "ovf",
        }
    }
}

/// A volume. Its id is its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Volume {
    /// What it is.
    pub content: Content,
    /// Its format.
    pub format: Format,
    /// Its size.
    pub size: Size,
    /// What it takes of the storage; a thin one takes less than its size. All of it where nothing is said.
    #[serde(default, skip_serializing_if = "is_default")]
    pub used: Option<Size>,
    /// The guest that it belongs to, or that it is a backup of. That guest may be gone.
    #[serde(default, skip_serializing_if = "is_default")]
    pub owner: Option<Vmid>,
    /// When it was made.
    pub created: Timestamp,
    /// What somebody wrote about it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub notes: Option<String>,
    /// Whether its deletion is refused.
    #[serde(default, skip_serializing_if = "is_default")]
    pub protected: bool,
    /// The volume that it is a linked clone of, by name on the same storage.
    #[serde(default, skip_serializing_if = "is_default")]
    pub parent: Option<Box<str>>,
    /// What a backup remembers of the guest, which a restore brings back. A backup without it restores a guest
    /// with the disks that its size suggests.
    #[serde(default, skip_serializing_if = "is_default")]
    pub guest: Option<SavedGuest>,
}

/// A guest as a backup of it remembers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SavedGuest {
    /// What it was.
    pub kind: Kind,
    /// Its configuration at that time, as [`super::guest::Guest::config`].
    pub config: Ordered<String>,
}

impl Volume {
    /// What it takes of the storage.
    pub fn used(&self) -> Size {
        self.used.unwrap_or(self.size)
    }

    /// Whether it is a disk of a guest.
    pub fn is_disk(&self) -> bool {
        matches!(self.content, Content::Images | Content::Rootdir)
    }
}
