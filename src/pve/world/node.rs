//! Nodes: the machines of the cluster.

use std::collections::BTreeMap;
use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::certificate::Certificates;
use super::is_default;
use super::network::Interface;
use super::options::Options;
use super::ordered::Ordered;
use super::size::Size;
use super::supply::{Packages, Repositories, Subscription};

/// Whether the cluster reaches a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Presence {
    /// It does.
    #[default]
    Online,
    /// It does not: calls for it are answered 595, and its guests are `unknown`.
    Offline,
}

/// Processors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Processors {
    /// The model, as the system names it.
    pub model: String,
    /// How many chips.
    pub sockets: u32,
    /// How many cores they have together.
    pub cores: u32,
    /// How many processors the system sees: `cpus`, `maxcpu`.
    pub threads: u32,
    /// Their frequency.
    pub mhz: u32,
}

/// A size, and what is used of it while no guest runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Room {
    /// All of it.
    pub size: Size,
    /// What is used without any guest.
    #[serde(default, skip_serializing_if = "is_default")]
    pub used: Size,
}

/// Who resolves names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Dns {
    /// The search domain.
    pub search: String,
    /// Up to three servers: `dns1` to `dns3`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub servers: Vec<IpAddr>,
}

/// Whether a service runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ServiceState {
    /// It does.
    #[default]
    Running,
    /// It does not.
    Dead,
}

/// Whether a service comes up with the machine (`UnitFileState` of systemd).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// It does.
    #[default]
    Enabled,
    /// It does not.
    Disabled,
    /// Others start it.
    Static,
    /// Nobody can start it.
    Masked,
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
    /// Whether it comes up with the machine.
    #[serde(default, skip_serializing_if = "is_default")]
    pub unit: Unit,
}

/// Through what the machine started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Firmware {
    /// A BIOS.
    #[default]
    LegacyBios,
    /// EFI.
    Efi,
    /// EFI that starts signed systems only.
    SecureBoot,
}

/// What a disk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names are the product's own")]
pub enum DiskKind {
    Hdd,
    Ssd,
    Nvme,
    Usb,
}

/// A disk of the machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Disk {
    /// What it is.
    pub kind: DiskKind,
    /// Its size.
    pub size: Size,
    /// Its model.
    pub model: String,
    /// Its serial number.
    pub serial: String,
    /// What it is used for: `LVM`, `ZFS`, `BIOS boot`; nothing for a free one.
    #[serde(default, skip_serializing_if = "is_default")]
    pub usage: Option<String>,
    /// Whether a disk that is not used has a partition table (GPT) all the same.
    #[serde(default, skip_serializing_if = "is_default")]
    pub gpt: bool,
}

/// A node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Node {
    /// Its number in the cluster, from 1; a machine of its own has 0.
    pub id: u32,
    /// Its address in the cluster.
    pub address: IpAddr,
    /// Whether the cluster reaches it.
    #[serde(default)]
    pub presence: Presence,
    /// Since when it is up.
    pub started: Timestamp,
    /// The SHA-256 fingerprint of its certificate: 32 octets, upper case, with colons.
    pub fingerprint: String,
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
    /// The text of `/etc/hosts`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub hosts: String,
    /// Its network interfaces by name.
    pub network: BTreeMap<String, Interface>,
    /// The interfaces as they will be when the changes are applied.
    #[serde(default, skip_serializing_if = "is_default")]
    pub pending_network: Option<BTreeMap<String, Interface>>,
    /// Its system services by name.
    #[serde(default, skip_serializing_if = "is_default")]
    pub services: Ordered<Service>,
    /// Its disks by device path.
    #[serde(default, skip_serializing_if = "is_default")]
    pub disks: BTreeMap<String, Disk>,
    /// What its own configuration says: `description`, `wakeonlan`, `startall-onboot-delay`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub options: Options,
    /// Through what it started.
    #[serde(default, skip_serializing_if = "is_default")]
    pub firmware: Firmware,
    /// Where its packages come from.
    #[serde(default, skip_serializing_if = "is_default")]
    pub repositories: Repositories,
    /// What is known of its packages.
    #[serde(default, skip_serializing_if = "is_default")]
    pub packages: Packages,
    /// The right to support, and to the repository for those who have it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub subscription: Option<Subscription>,
    /// What it shows to those who connect.
    #[serde(default, skip_serializing_if = "is_default")]
    pub certificates: Certificates,
}

impl Node {
    /// Whether the cluster reaches it.
    pub fn is_online(&self) -> bool {
        self.presence == Presence::Online
    }

    /// The level of its support as one letter; empty without.
    pub fn level(&self) -> &str {
        let active = self.subscription.as_ref();
        active.map_or("", |subscription| subscription.level())
    }
}
