//! The machine that the server runs on.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::is_default;

/// Processors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Processors {
    /// The model, as the system names it.
    pub model: String,
    /// How many chips.
    pub sockets: u32,
    /// How many processors the system sees.
    pub cpus: u32,
}

/// A size, and what is used of it, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Room {
    /// All of it.
    pub size: u64,
    /// What is used.
    #[serde(default, skip_serializing_if = "is_default")]
    pub used: u64,
}

/// Who resolves names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Dns {
    /// The search domain.
    pub search: String,
    /// Up to three servers: `dns1` to `dns3`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub servers: Vec<String>,
}

/// Whether a service runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ServiceState {
    /// It does.
    #[default]
    Running,
    /// It does not.
    Dead,
}

/// A system service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Service {
    /// What it is, in the system's words.
    pub description: String,
    /// Whether it runs.
    #[serde(default)]
    pub state: ServiceState,
}

/// What a disk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names are the product's own")]
pub enum DiskKind {
    Hdd,
    Ssd,
    Usb,
    Unknown,
}

/// What a disk is used for (`DiskUsageType` of proxmox-backup).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names are the product's own")]
pub enum DiskUsage {
    #[default]
    Unused,
    Mounted,
    Lvm,
    Zfs,
    DeviceMapper,
    Partitions,
    FileSystem,
}

/// A disk of the machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Disk {
    /// What it is.
    pub kind: DiskKind,
    /// Its size in bytes.
    pub size: u64,
    /// Its vendor.
    #[serde(default, skip_serializing_if = "is_default")]
    pub vendor: Option<String>,
    /// Its model.
    pub model: String,
    /// Its serial number.
    pub serial: String,
    /// What it is used for.
    #[serde(default, skip_serializing_if = "is_default")]
    pub usage: DiskUsage,
    /// Whether it has a partition table.
    #[serde(default, skip_serializing_if = "is_default")]
    pub gpt: bool,
    /// How much of its life is left, in percent, for what knows it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub wearout: Option<u8>,
}

/// A certificate in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Certificate {
    /// The SHA-256 fingerprint: 32 octets with colons.
    pub fingerprint: String,
    /// Whom it is for.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// The names it is good for.
    #[serde(default)]
    pub names: Vec<String>,
    /// From when.
    pub since: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// The certificate as text.
    #[serde(default, skip_serializing_if = "is_default")]
    pub pem: Option<String>,
}

/// A package for which there is something newer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Package {
    /// The version that is installed.
    pub version: String,
    /// The version that there is, where it is newer.
    #[serde(default, skip_serializing_if = "is_default")]
    pub update: Option<String>,
    /// What it is, in a few words.
    pub title: String,
}

/// A subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Subscription {
    /// Its key.
    pub key: String,
    /// When it was last looked up.
    pub checked: Timestamp,
}

/// The machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Node {
    /// Its name; `localhost` means it as well.
    pub name: String,
    /// Since when it is up.
    pub started: Timestamp,
    /// Its processors.
    pub processors: Processors,
    /// Its memory.
    pub memory: Room,
    /// Its swap space.
    pub swap: Room,
    /// Its root file system.
    pub root: Room,
    /// Who resolves its names.
    pub dns: Dns,
    /// Its time zone: `Europe/Vienna`.
    pub time_zone: String,
    /// Its certificate.
    pub certificate: Certificate,
    /// Its system services by name.
    #[serde(default)]
    pub services: BTreeMap<String, Service>,
    /// Its disks by device name: `sda`.
    #[serde(default)]
    pub disks: BTreeMap<String, Disk>,
    /// The packages that the product consists of, by name.
    #[serde(default)]
    pub packages: BTreeMap<String, Package>,
    /// Its subscription.
    #[serde(default, skip_serializing_if = "is_default")]
    pub subscription: Option<Subscription>,
}
