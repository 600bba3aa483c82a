//! What each option of a container asks for (`check_ct_modify_config_perm`).

use std::collections::BTreeMap;

use super::{Change, Subject, devices, tags};
use crate::proxmox::call::Call;
use crate::proxmox::fault::Fault;
use crate::proxmox::permission::Denied;
use crate::proxmox::property_string::{PropertyString, Spelling};
use crate::pve::world::World;
use crate::pve::world::config::is_numbered;

pub(super) fn may_change(
    subject: Subject<'_>,
    world: &World,
    call: &Call<'_>,
    change: &Change<'_>,
) -> Result<(), Fault> {
    let demand = |wanted: &[&str]| subject.demand(world, call, wanted);
    match change.key {
        "cores" | "cpuunits" | "cpulimit" => demand(&["VM.Config.CPU"]),
        "memory" | "swap" => demand(&["VM.Config.Memory"]),
        key if is_numbered(key, "net") => {
            demand(&["VM.Config.Network"])?;
            let mut cards = change.values();
            cards.try_for_each(|card| devices::may_use(world, call, subject.kind, key, card))
        }
        "nameserver" | "searchdomain" | "hostname" => demand(&["VM.Config.Network"]),
        key if is_numbered(key, "dev") => Err(only_root("configuring device passthrough is")),
        "features" => may_change_features(subject, world, call, change),
        "hookscript" => Err(only_root("changing the hookscript is")),
        "tags" => tags::may_change(subject, world, call, change),
        _ => demand(&["VM.Config.Options"]),
    }
}

/// Nesting is for whoever may make containers; all else, and everything of privileged ones, for the superuser.
fn may_change_features(
    subject: Subject<'_>,
    world: &World,
    call: &Call<'_>,
    change: &Change<'_>,
) -> Result<(), Fault> {
    let is_unprivileged = match world.guests.get(&subject.vmid) {
        Some(guest) if change.verb != "set" => guest.config.text("unprivileged") == Some("1"),
        // The contract's default is that of the option, not that of new containers.
        _ => !call.arguments.has("unprivileged") || call.arguments.is_set("unprivileged"),
    };
    if !is_unprivileged {
        let what = "changing feature flags for privileged container is";
        return Err(only_root(what));
    }
    let (old, new) = (features(change.old), features(change.new));
    let changed = |key: &&String| old.get(*key) != new.get(*key);
    let keys: Vec<&String> = old.keys().chain(new.keys()).filter(changed).collect();
    if keys.iter().any(|key| *key != "nesting") {
        let what = "changing feature flags (except nesting) is";
        return Err(only_root(what));
    }
    match keys.is_empty() {
        true => Ok(()),
        false => subject.demand(world, call, &["VM.Allocate"]),
    }
}

fn features(text: Option<&str>) -> BTreeMap<String, String> {
    let read = PropertyString::parse(text.unwrap_or_default(), None, Spelling::Plain);
    let read = read.unwrap_or_default();
    let pairs = read.iter();
    pairs
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

/// To the product this is a matter of permissions.
pub(super) fn only_root(what: &str) -> Fault {
    let why = format!("{what} only allowed for root@pam");
    Fault::Denied(Denied::because(why))
}
