//! Rules, which go by their position.

use serde_json::{Map, Value};

use super::verify::{PROPERTIES, ip_version, verified};
use super::{Purpose, digest_of, level, unchanged, with_digest};
use crate::proxmox::arguments::split_list;
use crate::proxmox::call::Call;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::pve::world::World;
use crate::pve::world::firewall::Level;
use crate::pve::world::options::Options;

pub(super) fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let level = level(world, call, Purpose::Look)?;
    Ok(Answer::new(shown(world, &level)))
}

pub(super) fn read(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let level = level(world, call, Purpose::Look)?;
    let position = position(world, call, &level)?;
    let mut rule = shown(world, &level).get(position).cloned();
    if let Some(Value::Object(rule)) = &mut rule {
        // The product gives back the piece of the path, which is a text; in lists it counts.
        rule.insert("pos".to_owned(), position.to_string().into());
    }
    Ok(Answer::new(rule.unwrap_or_default()))
}

/// A new rule is the first one, whatever `pos` says: the product reads that parameter and does nothing with it.
pub(super) fn create(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let level = level(world, call, Purpose::Change)?;
    let mut rule = Options::default();
    set(&mut rule, call);
    rule.0.entry("enable").or_insert_with(|| 0.into());
    verified(world, &level, &mut rule)?;
    world.rules_mut(&level).insert(0, rule);
    Ok(Answer::default())
}

pub(super) fn update(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let level = level(world, call, Purpose::Change)?;
    unchanged(call, &digest(world, &level))?;
    let position = position(world, call, &level)?;
    if let Some(to) = wanted(call, "moveto").filter(|to| *to != position) {
        move_to(world, &level, position, to);
        return Ok(Answer::default());
    }
    let mut rule = world
        .rules(&level)
        .get(position)
        .cloned()
        .unwrap_or_default();
    set(&mut rule, call);
    for name in split_list(call.arguments.text("delete").unwrap_or_default()) {
        if !PROPERTIES.contains(&name) {
            return Err(Fault::parameter(
                "delete",
                format!("no such property ('{name}')"),
            ));
        }
        if matches!(name, "type" | "action") {
            let text = format!("unable to delete required property '{name}'");
            return Err(Fault::parameter("delete", text));
        }
        rule.0.shift_remove(name);
    }
    verified(world, &level, &mut rule)?;
    if let Some(kept) = world.rules_mut(&level).get_mut(position) {
        *kept = rule;
    }
    Ok(Answer::default())
}

pub(super) fn remove(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let level = level(world, call, Purpose::Change)?;
    unchanged(call, &digest(world, &level))?;
    let position = position(world, call, &level)?;
    world.rules_mut(&level).remove(position);
    Ok(Answer::default())
}

/// Puts a rule before the one that stands at `to`, or at the end.
fn move_to(world: &mut World, level: &Level, from: usize, to: usize) {
    let rules = world.rules_mut(level);
    let rule = rules.remove(from);
    // Positions behind the rule count without it now.
    let to = if to > from { to - 1 } else { to };
    let end = rules.len();
    rules.insert(to.min(end), rule);
}

/// Takes over what was given; a hyphen takes a property away.
fn set(rule: &mut Options, call: &Call<'_>) {
    let given = call.arguments.given().iter();
    for (name, value) in given.filter(|(name, _)| PROPERTIES.contains(&name.as_str())) {
        if matches!(value.as_str(), Some("" | "-")) {
            rule.0.shift_remove(name);
        } else {
            rule.0.insert(name.clone(), value.clone());
        }
    }
}

fn wanted(call: &Call<'_>, name: &str) -> Option<usize> {
    usize::try_from(call.arguments.integer(name)?).ok()
}

/// The position in the path, at which there is a rule.
fn position(world: &World, call: &Call<'_>, level: &Level) -> Result<usize, Fault> {
    let position = wanted(call, "pos").unwrap_or(usize::MAX);
    if position < world.rules(level).len() {
        return Ok(position);
    }
    let number = call.arguments.integer("pos").unwrap_or_default();
    Err(Fault::Failed(format!("no rule at position {number}")))
}

fn digest(world: &World, level: &Level) -> String {
    digest_of(&objects(world, level))
}

/// The rules as clients see them; their digest does not count positions.
fn shown(world: &World, level: &Level) -> Value {
    let mut list = with_digest(objects(world, level));
    for (position, rule) in list.as_array_mut().into_iter().flatten().enumerate() {
        if let Value::Object(rule) = rule {
            rule.insert("pos".to_owned(), position.into());
        }
    }
    list
}

fn objects(world: &World, level: &Level) -> Vec<Map<String, Value>> {
    let rules = world.rules(level).iter().map(|rule| {
        let mut object = rule.0.clone();
        // Files may say it as a truth value; clients get a number.
        if let Some(enable) = object.get_mut("enable")
            && let Some(truth) = enable.as_bool()
        {
            *enable = u8::from(truth).into();
        }
        if let Ok(Some(version)) = ip_version(world, level, rule) {
            object.insert("ipversion".to_owned(), version.into());
        }
        object
    });
    rules.collect()
}
