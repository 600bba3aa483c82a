//! Who may have which drive.

use super::super::inputs;
use super::Subject;
use super::container::only_root;
use crate::proxmox::call::Call;
use crate::proxmox::fault::Fault;
use crate::proxmox::property_string::PropertyString;
use crate::pve::world::World;
use crate::pve::world::guest::Kind;
use crate::pve::world::ids::{NodeName, VolumeId};
use crate::pve::world::make::{Backing, default_key};
use crate::pve::world::storage::Content;

impl Subject<'_> {
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
        let default = inputs::storage(call, "storage")?;
        let (storage, is_new) = match backing {
            Backing::Host if call.is_root() => return Ok(()),
            Backing::Host => return self.may_have_host(world, call, drive),
            // What is wrong with its storage is found when it is made.
            Backing::CloudInit(_) => return Ok(()),
            Backing::Existing(id) => {
                self.may_use(world, call, &id)?;
                (Some(id.storage), false)
            }
            Backing::New(storage, _) => (storage.or(default), true),
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

    /// Refuses what is no volume of a storage: paths and mounts of the node, and its CD drive.
    fn may_have_host(
        self,
        world: &World,
        call: &Call<'_>,
        drive: &PropertyString,
    ) -> Result<(), Fault> {
        let path = drive.value(default_key(self.kind)).unwrap_or_default();
        match self.kind {
            Kind::Qemu if path == "cdrom" => call.demand(world, "/", &["Sys.Console"]),
            Kind::Qemu if path.starts_with('/') => {
                let text = "Only root can pass arbitrary filesystem paths.";
                Err(Fault::Failed(text.to_owned()))
            }
            Kind::Qemu => Ok(()),
            Kind::Lxc if path.starts_with("/dev/") => Err(only_root("mount point type device is")),
            Kind::Lxc => Err(only_root("mount point type bind is")),
        }
    }

    /// Refuses who may not change a drive of a machine to this value, or take it away.
    ///
    /// # Errors
    /// [`Fault::Denied`].
    pub(in crate::pve::api) fn may_change_drive(
        self,
        world: &World,
        call: &Call<'_>,
        drive: &PropertyString,
    ) -> Result<(), Fault> {
        let backing = drive.value(default_key(self.kind)).unwrap_or_default();
        let is_cloud_init = backing.ends_with(":cloudinit") || backing.contains("-cloudinit");
        let is_cd = drive.value("media") == Some("cdrom");
        let privileges = match (self.kind, is_cloud_init, is_cd) {
            (Kind::Lxc, ..) | (_, false, false) => &["VM.Config.Disk"][..],
            (_, true, _) => &["VM.Config.Cloudinit", "VM.Config.CDROM"],
            (_, false, true) => &["VM.Config.CDROM"],
        };
        self.demand(world, call, privileges)
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
