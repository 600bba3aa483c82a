//! Which changes a running guest takes at once (`vmconfig_hotplug_pending` of both kinds).

use crate::proxmox::property_string::{PropertyString, Spelling};
use crate::pve::world::config::is_numbered;
use crate::pve::world::disk::{Role, is_drive};
use crate::pve::world::guest::{Guest, Kind, Pending};
use crate::pve::world::make::read_drive;
use crate::pve::world::ordered::Ordered;

/// What a running machine does not notice.
const MACHINE_FAST: &[&str] = &[
    "description",
    "hookscript",
    "lock",
    "migrate_downtime",
    "migrate_speed",
    "name",
    "onboot",
    "protection",
    "shares",
    "startup",
    "tags",
    "vmstatestorage",
];

/// What cloud-init reads from its drive. The configuration has it at once, the drive when it is written: at a start,
/// or when somebody asks for it.
const CLOUD_INIT: &[&str] = &[
    "cicustom",
    "cipassword",
    "citype",
    "ciuser",
    "ciupgrade",
    "nameserver",
    "searchdomain",
    "sshkeys",
];

/// What a running container does not notice, or takes from its control group.
const CONTAINER_FAST: &[&str] = &[
    "description",
    "onboot",
    "startup",
    "protection",
    "hostname",
    "hookscript",
    "cores",
    "tags",
    "lock",
    "memory",
    "swap",
    "cpulimit",
    "cpuunits",
];

/// What of a drive changes while the machine has it; everything else waits (`vmconfig_update_disk`).
const LIVE_OPTIONS: &[&str] = &[
    "backup",
    "replicate",
    "mbps",
    "mbps_rd",
    "mbps_wr",
    "mbps_max",
    "mbps_rd_max",
    "mbps_wr_max",
    "iops",
    "iops_rd",
    "iops_wr",
    "iops_max",
    "iops_rd_max",
    "iops_wr_max",
    "size",
    "shared",
    "snapshot",
];

impl Guest {
    /// Whether a pending change can be made while the guest runs.
    pub(super) fn can_plug(&self, key: &str, pending: &Pending) -> bool {
        match (self.kind, pending) {
            (Kind::Lxc, Pending::Set(_)) => self.container_takes(key),
            (Kind::Lxc, _) => {
                (CONTAINER_FAST.contains(&key) && key != "memory")
                    || is_numbered(key, "net")
                    || is_numbered(key, "unused")
            }
            (Kind::Qemu, Pending::Set(value)) => self.machine_takes(key, value),
            (Kind::Qemu, _) => self.machine_loses(key),
        }
    }

    fn container_takes(&self, key: &str) -> bool {
        let is_new = !self.config.contains(key);
        CONTAINER_FAST.contains(&key)
            || is_numbered(key, "net")
            || (is_new && (is_numbered(key, "mp") || is_numbered(key, "dev")))
    }

    fn machine_takes(&self, key: &str, value: &str) -> bool {
        if MACHINE_FAST.contains(&key) || is_cloud_init_option(key) {
            return true;
        }
        match key {
            "cpuunits" | "cpulimit" => true,
            "hotplug" => !has_slots(value) && !self.config.text(key).is_some_and(has_slots),
            "tablet" => self.plugs("usb"),
            "vcpus" => self.plugs("cpu"),
            "memory" => self.plugs("memory"),
            // The guest's own agent cannot be told of its device, only of its options.
            "agent" => self.keeps_agent(value),
            "balloon" => (value == "0") == (self.config.text(key) == Some("0")),
            key if is_numbered(key, "usb") => self.plugs("usb"),
            key if is_numbered(key, "net") => self.takes_card(key, value),
            key if is_drive(Kind::Qemu, key) => self.takes_drive(key, value),
            _ => false,
        }
    }

    fn machine_loses(&self, key: &str) -> bool {
        if MACHINE_FAST.contains(&key) || is_cloud_init_option(key) {
            return true;
        }
        match key {
            "cpuunits" | "cpulimit" => true,
            "hotplug" => !self.config.text(key).is_some_and(has_slots),
            "tablet" => self.plugs("usb"),
            "vcpus" => self.plugs("cpu"),
            "memory" => self.plugs("memory"),
            "balloon" => self.config.text(key) != Some("0"),
            key if is_numbered(key, "usb") => self.plugs("usb"),
            key if is_numbered(key, "net") => self.plugs("network"),
            key if is_hot_bus(key) => self.plugs("disk"),
            _ => false,
        }
    }

    /// A card stays plugged in while model, address and queues stay; else it is taken out and put in again.
    fn takes_card(&self, key: &str, value: &str) -> bool {
        let Some(old) = self.config.text(key) else {
            return self.plugs("network");
        };
        let read = |text: &str| {
            let read = PropertyString::parse(text, Some("model"), Spelling::Plain);
            read.unwrap_or_default()
        };
        let (old, new) = (read(old), read(value));
        let head = |card: &PropertyString| {
            let first = card.iter().next();
            first.map(|(model, address)| (model.to_owned(), address.to_owned()))
        };
        let same = |key: &str| old.value(key) == new.value(key);
        let stays = head(&old) == head(&new) && same("queues") && same("mtu");
        stays || self.plugs("network")
    }

    fn takes_drive(&self, key: &str, value: &str) -> bool {
        if matches!(key, "efidisk0" | "tpmstate0") {
            return false;
        }
        let old = self.drive(key);
        let Some(old) = old else {
            return is_hot_bus(key) && self.plugs("disk");
        };
        let new = self.pending_drive(key);
        let role = new.as_ref().map(|new| new.role);
        if old.role == Role::Cd && role == Some(Role::Cd) {
            return true;
        }
        if new.map(|new| new.source) != Some(old.source) {
            return is_hot_bus(key) && self.plugs("disk");
        }
        let text = self.config.text(key).unwrap_or_default();
        let (old, new) = (read_drive(Kind::Qemu, text), read_drive(Kind::Qemu, value));
        let keys = old.iter().chain(new.iter()).map(|(key, _)| key);
        keys.filter(|key| old.value(key) != new.value(key))
            .all(|key| LIVE_OPTIONS.contains(&key))
    }

    fn keeps_agent(&self, value: &str) -> bool {
        let read = |text: &str| {
            let read = PropertyString::parse(text, Some("enabled"), Spelling::Plain);
            let read = read.unwrap_or_default();
            let of = |key: &str| read.value(key).map(str::to_owned);
            (of("enabled"), of("type"))
        };
        self.config
            .text("agent")
            .is_some_and(|old| read(old) == read(value))
    }

    /// Whether a kind of device may be plugged in: `hotplug` is a list, or 1 for the usual three.
    fn plugs(&self, feature: &str) -> bool {
        match self.config.text("hotplug").unwrap_or("1") {
            "0" => false,
            "1" => matches!(feature, "network" | "disk" | "usb"),
            list => list.split([',', ';', ' ']).any(|known| known == feature),
        }
    }
}

/// Whether the drive of cloud-init tells of a key: its options, the name and the network cards.
fn is_told(key: &str) -> bool {
    is_cloud_init_option(key) || key == "name" || is_numbered(key, "net")
}

impl Guest {
    /// What the drive of cloud-init would be written with.
    pub(super) fn told(&self) -> Ordered<String> {
        let told = self.config.iter().filter(|(key, _)| is_told(key));
        told.map(|(key, value)| (key, value.clone())).collect()
    }

    /// Remembers what the drive of cloud-init says when it is not what it said before a change. That of a machine
    /// that does not run, or that takes it hot, is written at once.
    pub(super) fn remember_drive(&mut self, before: Ordered<String>) {
        let now = self.told();
        let is_written = !self.status.is_running() || self.plugs("cloudinit");
        let written = self.cloud_init.take().unwrap_or_else(|| Box::new(before));
        let differs = self.kind == Kind::Qemu && !is_written && *written != now;
        self.cloud_init = differs.then_some(written);
    }
}

/// Whether a key of a machine is an option of cloud-init.
pub fn is_cloud_init_option(key: &str) -> bool {
    CLOUD_INIT.contains(&key) || is_numbered(key, "ipconfig")
}

/// Memory and processors are plugged into slots, which a machine has from its start or never.
fn has_slots(features: &str) -> bool {
    features.contains("memory") || features.contains("cpu")
}

fn is_hot_bus(key: &str) -> bool {
    is_numbered(key, "scsi") || is_numbered(key, "virtio")
}
