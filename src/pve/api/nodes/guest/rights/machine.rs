//! What each option of a machine asks for (`check_vm_modify_config_perm`).

use super::{Change, Subject, devices, tags};
use crate::proxmox::call::Call;
use crate::proxmox::fault::Fault;
use crate::pve::world::World;
use crate::pve::world::config::is_numbered;
use crate::pve::world::edit::is_cloud_init_option;

const PROCESSORS: &[&str] = &[
    "cores", "cpulimit", "cpuunits", "numa", "smp", "sockets", "vcpus",
];
const MEMORY: &[&str] = &["memory", "balloon", "shares", "allow-ksm"];
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
    "tdf",
    "template",
];
const DISKS: &[&str] = &["boot", "bootdisk"];

/// Options of whose values more is asked; what is not there goes without a question.
const BY_VALUE: &[&str] = &["serial", "usb", "hostpci", "virtiofs", "tags", "unused"];

pub(super) fn may_change(
    subject: Subject<'_>,
    world: &World,
    call: &Call<'_>,
    change: &Change<'_>,
) -> Result<(), Fault> {
    let demand = |wanted: &[&str]| subject.demand(world, call, wanted);
    if change.values().next().is_none() && BY_VALUE.iter().any(|stem| change.key.starts_with(stem))
    {
        return Ok(());
    }
    let devices = || may_use_devices(subject, world, call, change);
    match change.key {
        "cpu" => {
            demand(&["VM.Config.CPU"])?;
            may_change_model(subject, world, call, change)
        }
        key if PROCESSORS.contains(&key) || is_numbered(key, "numa") => demand(&["VM.Config.CPU"]),
        key if MEMORY.contains(&key) => demand(&["VM.Config.Memory"]),
        key if HARDWARE.contains(&key) => {
            demand(&["VM.Config.HWType"])?;
            devices()
        }
        "startup" => {
            demand(&["VM.Config.Options"])?;
            call.demand(world, "/", &["Sys.Modify"])
        }
        "tags" => tags::may_change(subject, world, call, change),
        key if GENERAL.contains(&key) => demand(&["VM.Config.Options"]),
        "freeze" => demand(&["VM.PowerMgmt"]),
        "vmstatestorage" => {
            demand(&["VM.Config.Disk"])?;
            let Some(storage) = change.new else {
                return Ok(());
            };
            let path = format!("/storage/{storage}");
            call.demand(world, &path, &["Datastore.AllocateSpace"])
        }
        key if DISKS.contains(&key) => demand(&["VM.Config.Disk"]),
        key if is_numbered(key, "unused") => demand(&["VM.Config.Disk"]),
        key if is_numbered(key, "net") => {
            demand(&["VM.Config.Network"])?;
            devices()
        }
        key if is_cloud_init_option(key) => match demand(&["VM.Config.Cloudinit"]) {
            Ok(()) => Ok(()),
            Err(_) => demand(&["VM.Config.Network"]),
        },
        "vmstate" => demand(&["VM.Config.Disk", "VM.PowerMgmt"]),
        _ => may_change_device(subject, world, call, change),
    }
}

/// The same of devices, of which not all are for everybody.
fn may_change_device(
    subject: Subject<'_>,
    world: &World,
    call: &Call<'_>,
    change: &Change<'_>,
) -> Result<(), Fault> {
    let demand = |wanted: &[&str]| subject.demand(world, call, wanted);
    let devices = || may_use_devices(subject, world, call, change);
    match change.key {
        key if is_numbered(key, "serial") => match change.values().all(|value| value == "socket") {
            true => demand(&["VM.Config.HWType"]),
            false => Err(Fault::Failed(format!(
                "only root can {} '{key}' config for real devices",
                change.verb
            ))),
        },
        key if is_numbered(key, "usb") => {
            demand(&["VM.Config.HWType"])?;
            devices()
        }
        key if is_numbered(key, "hostpci") => {
            devices()?;
            demand(&["VM.Config.HWType"])?;
            may_set_rom(change)
        }
        key if is_numbered(key, "virtiofs") => {
            demand(&["VM.Config.Disk"])?;
            devices()
        }
        key => Err(Fault::only_root(key)),
    }
}

/// What the old value and the new one name.
fn may_use_devices(
    subject: Subject<'_>,
    world: &World,
    call: &Call<'_>,
    change: &Change<'_>,
) -> Result<(), Fault> {
    let mut values = change.values();
    values.try_for_each(|value| devices::may_use(world, call, subject.kind, change.key, value))
}

/// Whoever keeps the model and changes something else of the processor needs no right to it.
fn may_change_model(
    subject: Subject<'_>,
    world: &World,
    call: &Call<'_>,
    change: &Change<'_>,
) -> Result<(), Fault> {
    let model = |text: &str| {
        text.split(',')
            .next()
            .map(|model| model.replace("cputype=", ""))
    };
    match change.new {
        Some(new) if change.old.and_then(model) != model(new) => {
            devices::may_use(world, call, subject.kind, change.key, new)
        }
        _ => Ok(()),
    }
}

fn may_set_rom(change: &Change<'_>) -> Result<(), Fault> {
    match change.values().any(|value| value.contains("romfile=")) {
        true => Err(Fault::parameter(
            change.key,
            "only root@pam can set 'romfile' option",
        )),
        false => Ok(()),
    }
}
