//! The options of a firewall: what was set, without what was left to its default.

use serde_json::Value;

use super::{Purpose, digest_of, level, unchanged};
use crate::proxmox::arguments::split_list;
use crate::proxmox::call::Call;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::pve::world::World;
use crate::pve::world::firewall::Level;

/// Parameters that are no options.
const OTHERS: &[&str] = &["node", "vmid", "vnet", "delete", "digest"];

pub(super) fn read(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let level = level(world, call, Purpose::Look)?;
    let mut options = world.firewall_options(&level).0;
    let digest = digest_of([&options]);
    options.insert("digest".to_owned(), digest.into());
    Ok(Answer::new(Value::Object(options)))
}

pub(super) fn update(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let level = level(world, call, Purpose::Change)?;
    let mut options = world.firewall_options(&level);
    unchanged(call, &digest_of([&options.0]))?;
    for name in split_list(call.arguments.text("delete").unwrap_or_default()) {
        let is_option = !OTHERS.contains(&name) && call.operation.parameter(name).is_some();
        if !is_option {
            return Err(Fault::parameter(
                "delete",
                format!("no such option '{name}'"),
            ));
        }
        options.0.shift_remove(name);
    }
    for (name, value) in call.arguments.given() {
        if !OTHERS.contains(&name.as_str()) {
            options.0.insert(name.clone(), value.clone());
        }
    }
    // The cluster's switch is the time at which it was switched on, for whoever says more than 1.
    let enable = options.0.get("enable").and_then(Value::as_i64);
    if level == Level::Cluster && enable.is_some_and(|enable| enable > 1) {
        options
            .0
            .insert("enable".to_owned(), call.now.as_second().into());
    }
    *world.firewall_options_mut(&level) = options;
    Ok(Answer::default())
}
