//! Changes of a guest's configuration: what is wrong with a call, and what it wants changed.

use std::collections::BTreeMap;

use super::find;
use super::inputs;
use super::rights::{Change, Subject};
use crate::proxmox::call::Call;
use crate::proxmox::digest;
use crate::proxmox::fault::Fault;
use crate::proxmox::property_string::PropertyString;
use crate::pve::world::World;
use crate::pve::world::disk::is_drive;
use crate::pve::world::edit::Edit;
use crate::pve::world::guest::{Guest, Kind, Lock, Pending};
use crate::pve::world::ids::Vmid;
use crate::pve::world::make::{Maker, read_drive};
use crate::pve::world::ordered::Ordered;

/// Options that configurations have and that nobody sets.
const INTERNAL: &[&str] = &[
    "vmstate",
    "runningmachine",
    "runningcpu",
    "meta",
    "parent",
    "snaptime",
    "digest",
];

/// A change that was looked at, and whose volumes are still to be made.
#[derive(Debug, Clone)]
pub(in crate::pve::api) struct Request {
    /// The guest.
    pub(in crate::pve::api) vmid: Vmid,
    /// What it is.
    pub(in crate::pve::api) kind: Kind,
    /// What goes.
    pub(in crate::pve::api) delete: Vec<String>,
    /// What is pending and does not come.
    pub(in crate::pve::api) revert: Vec<String>,
    /// Whether volumes of deleted drives go.
    pub(in crate::pve::api) force: bool,
    /// The options that are set, as they are stored.
    pub(in crate::pve::api) options: Ordered<String>,
    /// The drives that are set.
    pub(in crate::pve::api) drives: BTreeMap<String, PropertyString>,
}

impl Request {
    /// Reads what a call wants changed.
    ///
    /// # Errors
    /// Everything that is wrong with it, whatever the guest is like.
    pub(in crate::pve::api) fn read(
        world: &World,
        call: &Call<'_>,
        kind: Kind,
    ) -> Result<Self, Fault> {
        let mut options = inputs::options(call);
        let list = |name: &str| -> Vec<String> {
            let keys = call.arguments.list(name).into_iter();
            keys.map(|key| match &*key {
                "cdrom" if kind == Kind::Qemu => "ide2".to_owned(),
                key => key.to_owned(),
            })
            .collect()
        };
        let (delete, revert) = (list("delete"), list("revert"));
        if options.is_empty() && delete.is_empty() && revert.is_empty() {
            return Err(Fault::Failed("no options specified".to_owned()));
        }
        expect_keys(call, &options, &delete, &revert)?;
        let drives = inputs::take_drives(call, kind, &mut options);
        inputs::complete(world, call, kind, &mut options)?;
        Ok(Self {
            vmid: inputs::vmid(call, "vmid")?,
            kind,
            delete,
            revert,
            force: call.arguments.is_set("force"),
            options,
            drives,
        })
    }

    /// Refuses who may not change what is to be changed.
    ///
    /// # Errors
    /// Missing privileges, and storages that do not exist or do not take disks.
    pub(in crate::pve::api) fn expect_rights(
        &self,
        world: &World,
        call: &Call<'_>,
    ) -> Result<(), Fault> {
        let subject = Subject {
            vmid: self.vmid,
            pool: None,
            kind: self.kind,
        };
        let guest = world.guests.get(&self.vmid);
        let present = |key: &str| {
            let guest = guest?;
            match guest.pending.get(key) {
                Some(Pending::Set(value)) => guest.config.text(key).or(Some(value)),
                _ => guest.config.text(key),
            }
        };
        for key in self.delete.iter().chain(&self.revert) {
            if is_drive(self.kind, key) && key != "vmstate" && !key.starts_with("unused") {
                if let Some(old) = present(key) {
                    subject.may_change_drive(world, call, &read_drive(self.kind, old))?;
                }
            } else {
                subject.may_change(world, call, &Change::delete(key, present(key)))?;
            }
        }
        for (key, value) in self.options.iter() {
            let change = Change::modify(key, present(key), value);
            subject.may_change(world, call, &change)?;
        }
        for (key, drive) in &self.drives {
            let old = present(key).filter(|_| self.kind == Kind::Qemu);
            if let Some(old) = old {
                subject.may_change_drive(world, call, &read_drive(self.kind, old))?;
            }
            subject.may_change_drive(world, call, drive)?;
            subject.may_have_drive(world, call, key, drive)?;
        }
        Ok(())
    }

    /// Makes the volumes that are asked for: what is left is to do it.
    ///
    /// # Errors
    /// What cannot be made, or cannot go; nothing is changed then.
    pub(in crate::pve::api) fn prepare(
        self,
        world: &mut World,
        call: &Call<'_>,
    ) -> Result<Edit, Fault> {
        let Some(guest) = world.guests.get(&self.vmid) else {
            return Err(find::missing(call));
        };
        let mut edit = Edit {
            set: self.options,
            delete: self.delete,
            revert: self.revert,
            force: self.force,
            made: Vec::new(),
        };
        if self.kind == Kind::Qemu {
            revert_machine(guest, &mut edit);
        }
        if let Some((key, text)) = world.edit_refusal(self.vmid, &edit) {
            return Err(match key.starts_with("unused") {
                true => Fault::Failed(text),
                false => Fault::parameter(&key, text),
            });
        }
        let mut present = guest.config.clone();
        for key in &edit.delete {
            present.remove(key);
        }
        let mut maker = Maker {
            vmid: self.vmid,
            kind: self.kind,
            node: guest.node.clone(),
            storage: None,
            present,
            now: call.now,
        };
        let made = world.make_drives(&mut maker, &self.drives);
        let (texts, made) = made.map_err(|fault| Fault::Failed(fault.to_string()))?;
        for (key, text) in texts {
            edit.set.set(&key, text);
        }
        edit.made = made;
        Ok(edit)
    }
}

/// Reverting means for machines: what is set now is set again, and what is not set now is deleted.
fn revert_machine(guest: &Guest, edit: &mut Edit) {
    for key in std::mem::take(&mut edit.revert) {
        if !matches!(guest.pending.get(&key), Some(Pending::Set(_))) {
            edit.revert.push(key);
            continue;
        }
        match guest.config.text(&key) {
            Some(value) => {
                edit.set.set(&key, value.to_owned());
            }
            None => edit.delete.push(key),
        }
    }
}

/// Refuses keys that are no options, and those that are asked for twice over.
fn expect_keys(
    call: &Call<'_>,
    options: &Ordered<String>,
    delete: &[String],
    revert: &[String],
) -> Result<(), Fault> {
    let exists = |key: &str| INTERNAL.contains(&key) || is_option(call, key);
    for key in revert {
        if !exists(key) {
            return Err(Fault::parameter(
                "revert",
                format!("unknown option '{key}'"),
            ));
        }
        if options.contains(key) {
            let text = format!("you can't use '-{key}' and -revert {key}' at the same time");
            return Err(Fault::parameter("delete", text));
        }
    }
    for key in delete {
        if options.contains(key) {
            let text = format!("you can't use '-{key}' and -delete {key}' at the same time");
            return Err(Fault::parameter("delete", text));
        }
        if revert.contains(key) {
            let text = format!("you can't use '-delete {key}' and -revert {key}' at the same time");
            return Err(Fault::parameter("revert", text));
        }
        if !exists(key) {
            return Err(Fault::parameter(
                "delete",
                format!("unknown option '{key}'"),
            ));
        }
    }
    Ok(())
}

/// Whether a key is an option of such guests: the contract has it among the parameters of a change.
fn is_option(call: &Call<'_>, key: &str) -> bool {
    if inputs::is_of_the_call(key) {
        return false;
    }
    let known = |name: &str| call.operation.parameter(name).is_some();
    let stem = key.trim_end_matches(|c: char| c.is_ascii_digit());
    let is_indexed = stem.len() < key.len() && known(&format!("{stem}[n]"));
    // `unlink` takes drives only and declares none of them.
    let is_unlink = call.operation.template.ends_with("/unlink");
    known(key) || is_indexed || (is_unlink && is_drive(Kind::Qemu, key))
}

/// Refuses a guest that is locked, or not the one that the caller has read.
///
/// # Errors
/// `VM is locked (backup)`, or the words of a digest that does not fit.
pub(in crate::pve::api) fn expect_free(call: &Call<'_>, guest: &Guest) -> Result<(), Fault> {
    expect_digest(call, "digest", guest)?;
    let skips = guest.kind == Kind::Qemu && find::skips_lock(call)?;
    // Who deletes the memory of a suspended machine means to unlock it.
    let keys = call.arguments.list("delete");
    let wakes = guest.lock == Some(Lock::Suspended) && keys.iter().any(|key| key == "vmstate");
    match skips || wakes {
        true => Ok(()),
        false => find::not_locked(guest),
    }
}

/// Refuses a guest that is not the one that the caller has read.
///
/// # Errors
/// In the words of the guest's kind.
pub(in crate::pve::api) fn expect_digest(
    call: &Call<'_>,
    parameter: &str,
    guest: &Guest,
) -> Result<(), Fault> {
    let stated = call.arguments.text(parameter);
    match digest::fits(stated, &guest.digest()) {
        true => Ok(()),
        false if guest.kind == Kind::Qemu => Err(Fault::machine_changed()),
        false => Err(Fault::configuration_changed()),
    }
}

/// Refuses to take drives from a guest that is protected.
///
/// # Errors
/// `can't remove drive 'scsi1' - protection mode enabled`.
pub(in crate::pve::api) fn expect_unprotected(
    guest: &Guest,
    request: &Request,
) -> Result<(), Fault> {
    if !guest.is_protected() {
        return Ok(());
    }
    let (word, kind) = (guest.kind.word(), guest.kind);
    let mut lost = request.delete.iter().filter(|key| is_drive(kind, key));
    let what = lost.next().map(|key| match kind {
        Kind::Lxc => format!("can't remove {word} {} drive '{key}'", request.vmid),
        Kind::Qemu if key.starts_with("unused") => {
            let volume = guest.config.text(key).unwrap_or_default();
            format!("can't remove unused disk '{volume}'")
        }
        Kind::Qemu => format!("can't remove drive '{key}'"),
    });
    let changed = request.drives.keys().next().filter(|_| kind == Kind::Lxc);
    let changed = changed.map(|key| format!("can't update {word} {} drive '{key}'", request.vmid));
    match what.or(changed) {
        None => Ok(()),
        Some(what) => Err(Fault::Failed(format!("{what} - protection mode enabled"))),
    }
}
