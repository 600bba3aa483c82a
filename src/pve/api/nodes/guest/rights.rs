//! Which privilege each option of a guest asks for (`check_vm_modify_config_perm`, `check_ct_modify_config_perm`).
//!
//! The gate has seen that the caller may change something; which option takes what is only known here.

use super::inputs;
use crate::proxmox::call::Call;
use crate::proxmox::fault::Fault;
use crate::proxmox::permission::Denied;
use crate::proxmox::property_string::PropertyString;
use crate::pve::world::World;
use crate::pve::world::config::is_numbered;
use crate::pve::world::guest::Kind;
use crate::pve::world::ids::{NodeName, Vmid, VolumeId};
use crate::pve::world::make::{Backing, default_key};
use crate::pve::world::storage::Content;

const PROCESSORS: &[&str] = &[
    "affinity", "cores", "cpu", "cpulimit", "cpuunits", "numa", "smp", "sockets", "vcpus",
];
const MEMORY: &[&str] = &["memory", "balloon", "shares", "allow-ksm", "swap"];
const HARDWARE: &[&str] = &[
    "acpi", "hotplug", "kvm", "machine", "scsihw", "smbios1", "tablet", "vga", "watchdog",
    "audio0", "rng0",
];
const GENERAL: &[&str] = &[
    "agent",
    "autostart",
    "bios",
    "description",
    "keyboard",
    "localtime",
    "migrate_downtime",
    "migrate_speed",
    "name",
    "onboot",
    "ostype",
    "protection",
    "reboot",
    "startdate",
    "startup",
    "tdf",
    "template",
    // Tags have rules of their own in the product; whoever may set options may set those that are not registered.
    "tags",
];
const DISKS: &[&str] = &["boot", "bootdisk", "vmstatestorage"];
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

/// The guest that rights are asked on, and the pool that may give them.
#[derive(Debug, Clone, Copy)]
pub(in crate::pve::api) struct Subject<'a> {
    /// The guest, which need not exist yet.
    pub(in crate::pve::api) vmid: Vmid,
    /// The pool that it will be in.
    pub(in crate::pve::api) pool: Option<&'a str>,
    /// What it is.
    pub(in crate::pve::api) kind: Kind,
}

impl Subject<'_> {
    /// Refuses who has these privileges neither on the pool nor on the guest.
    ///
    /// # Errors
    /// [`Fault::Denied`].
    pub(in crate::pve::api) fn demand(
        self,
        world: &World,
        call: &Call<'_>,
        wanted: &[&str],
    ) -> Result<(), Fault> {
        let by_pool = |pool| call.may(world, &format!("/pool/{pool}"), wanted);
        if self.pool.is_some_and(by_pool) {
            return Ok(());
        }
        call.demand(world, &format!("/vms/{}", self.vmid), wanted)
    }

    /// Refuses who may not change an option.
    ///
    /// # Errors
    /// [`Fault::Denied`], or that only the superuser may.
    pub(in crate::pve::api) fn may_change(
        self,
        world: &World,
        call: &Call<'_>,
        key: &str,
        value: &str,
    ) -> Result<(), Fault> {
        if call.is_root() {
            return Ok(());
        }
        match self.kind {
            Kind::Qemu => self.may_change_machine(world, call, key, value),
            Kind::Lxc => self.may_change_container(world, call, key),
        }
    }

    fn may_change_machine(
        self,
        world: &World,
        call: &Call<'_>,
        key: &str,
        value: &str,
    ) -> Result<(), Fault> {
        let demand = |wanted: &[&str]| self.demand(world, call, wanted);
        let real =
            |what: &str| Fault::Failed(format!("only root can set '{key}' config for {what}"));
        match key {
            key if PROCESSORS.contains(&key) || is_numbered(key, "numa") => {
                demand(&["VM.Config.CPU"])
            }
            key if MEMORY.contains(&key) => demand(&["VM.Config.Memory"]),
            key if HARDWARE.contains(&key) => demand(&["VM.Config.HWType"]),
            "startup" => {
                demand(&["VM.Config.Options"])?;
                call.demand(world, "/", &["Sys.Modify"])
            }
            key if GENERAL.contains(&key) => demand(&["VM.Config.Options"]),
            "freeze" => demand(&["VM.PowerMgmt"]),
            key if DISKS.contains(&key) => demand(&["VM.Config.Disk"]),
            key if is_numbered(key, "unused") => demand(&["VM.Config.Disk"]),
            key if is_numbered(key, "net") => demand(&["VM.Config.Network"]),
            key if CLOUD_INIT.contains(&key) || is_numbered(key, "ipconfig") => {
                match demand(&["VM.Config.Cloudinit"]) {
                    Ok(()) => Ok(()),
                    Err(_) => demand(&["VM.Config.Network"]),
                }
            }
            "vmstate" => demand(&["VM.Config.Disk", "VM.PowerMgmt"]),
            key if is_numbered(key, "serial") => match value {
                "socket" => demand(&["VM.Config.HWType"]),
                _ => Err(real("real devices")),
            },
            key if is_numbered(key, "usb") => {
                demand(&["VM.Config.HWType"])?;
                let is_real =
                    !value.contains("mapping=") && !value.to_lowercase().contains("spice");
                if is_real {
                    Err(real("real devices"))
                } else {
                    Ok(())
                }
            }
            key if is_numbered(key, "hostpci") => match value.contains("mapping=") {
                true => demand(&["VM.Config.HWType"]),
                false => Err(real("non-mapped devices")),
            },
            key if is_numbered(key, "virtiofs") => demand(&["VM.Config.Disk"]),
            key => Err(Fault::only_root(key)),
        }
    }

    fn may_change_container(self, world: &World, call: &Call<'_>, key: &str) -> Result<(), Fault> {
        let demand = |wanted: &[&str]| self.demand(world, call, wanted);
        let only_root = |what: &str| {
            let why = format!("{what} is only allowed for root@pam");
            Err(Fault::Denied(Denied::because(why)))
        };
        match key {
            "cores" | "cpuunits" | "cpulimit" => demand(&["VM.Config.CPU"]),
            "memory" | "swap" => demand(&["VM.Config.Memory"]),
            key if is_numbered(key, "net") => demand(&["VM.Config.Network"]),
            "nameserver" | "searchdomain" | "hostname" => demand(&["VM.Config.Network"]),
            key if is_numbered(key, "dev") => only_root("configuring device passthrough"),
            "features" => demand(&["VM.Allocate"]),
            "hookscript" => only_root("changing the hookscript"),
            key if is_numbered(key, "unused") => demand(&["VM.Config.Disk"]),
            _ => demand(&["VM.Config.Options"]),
        }
    }

    /// Refuses a drive that the caller may not have, and one that no storage can give: what the product finds out
    /// before its task begins (`check_storage_access`).
    ///
    /// # Errors
    /// Missing privileges, and storages that do not exist or do not take disks.
    pub(in crate::pve::api) fn may_have_drive(
        self,
        world: &World,
        call: &Call<'_>,
        key: &str,
        drive: &PropertyString,
    ) -> Result<(), Fault> {
        let backing = drive.value(default_key(self.kind)).unwrap_or_default();
        let read = Backing::read(backing);
        let backing = read.map_err(|fault| Fault::parameter(key, fault.to_string()))?;
        let is_cd = drive.value("media") == Some("cdrom");
        let privilege = match (&backing, is_cd) {
            (Backing::CloudInit(_), _) => &["VM.Config.Cloudinit", "VM.Config.CDROM"][..],
            (_, true) => &["VM.Config.CDROM"],
            _ => &["VM.Config.Disk"],
        };
        self.demand(world, call, privilege)?;
        let default = inputs::storage(call, "storage")?;
        let (storage, is_new) = match backing {
            Backing::Host => {
                let path = drive.value(default_key(self.kind));
                let is_path = path.is_some_and(|path| path.starts_with('/'));
                if is_path && !call.is_root() {
                    let text = "Only root can pass arbitrary filesystem paths.";
                    return Err(Fault::Failed(text.to_owned()));
                }
                return Ok(());
            }
            Backing::Existing(id) => {
                self.may_use(world, call, &id)?;
                (Some(id.storage), false)
            }
            Backing::CloudInit(storage) | Backing::New(storage, _) => (storage.or(default), true),
        };
        let Some(storage) = storage else {
            let text = "no storage ID specified (and no default storage)";
            return Err(Fault::Failed(text.to_owned()));
        };
        let Some(known) = world.storages.get(&storage) else {
            return Err(Fault::Failed(format!("storage '{storage}' does not exist")));
        };
        if !is_new {
            return Ok(());
        }
        call.demand(
            world,
            &format!("/storage/{storage}"),
            &["Datastore.AllocateSpace"],
        )?;
        let (content, what) = match self.kind {
            Kind::Qemu => (Content::Images, "vm images"),
            Kind::Lxc => (Content::Rootdir, "container directories"),
        };
        if !known.content.contains(&content) {
            let text = format!("storage '{storage}' does not support {what}");
            return Err(Fault::parameter("storage", text));
        }
        Ok(())
    }

    /// Refuses a volume that the caller may not use: an image that it may not read, a disk of somebody else's.
    ///
    /// # Errors
    /// [`Fault::Denied`].
    pub(in crate::pve::api) fn may_use(
        self,
        world: &World,
        call: &Call<'_>,
        id: &VolumeId,
    ) -> Result<(), Fault> {
        let path = format!("/storage/{}", id.storage);
        if call.may(world, &path, &["Datastore.Allocate"]) {
            return Ok(());
        }
        let node: NodeName = inputs::node(call)?;
        let volume = world.volume(id, &node);
        let owner = volume.and_then(|volume| volume.owner);
        match volume.map(|volume| volume.content) {
            Some(Content::Images | Content::Rootdir) if owner == Some(self.vmid) => Ok(()),
            Some(Content::Images | Content::Rootdir) => {
                call.demand(world, &path, &["Datastore.Audit"])?;
                let owner = owner.unwrap_or(self.vmid);
                call.demand(world, &format!("/vms/{owner}"), &["VM.Config.Disk"])
            }
            Some(Content::Backup) => {
                call.demand(world, &path, &["Datastore.AllocateSpace"])?;
                let owner = owner.unwrap_or(self.vmid);
                call.demand(world, &format!("/vms/{owner}"), &["VM.Backup"])
            }
            _ if call.may(world, &path, &["Datastore.AllocateSpace"]) => Ok(()),
            _ => call.demand(world, &path, &["Datastore.Audit"]),
        }
    }
}
