//! Security groups: rules under a name, which rules elsewhere refer to.

use serde_json::{Map, Value};

use super::{Purpose, digest_of, level, unchanged, with_digest};
use crate::proxmox::call::Call;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::section::Section;
use crate::pve::world::World;
use crate::pve::world::firewall::Level;

pub(super) fn list(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    Ok(Answer::new(with_digest(objects(world))))
}

/// Creates a group; with `rename` it is the change of another name, or of the comment, instead.
pub(super) fn create(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("group");
    let known = |name: &str| {
        world
            .groups()
            .is_some_and(|groups| groups.0.contains_key(name))
    };
    let comment = call.arguments.value("comment").cloned();
    let Some(old) = call.arguments.text("rename") else {
        if known(name) {
            let text = format!("Security group '{name}' already exists");
            return Err(Fault::parameter("group", text));
        }
        let group = commented(Section::default(), comment);
        world.groups_mut().0.insert(name.to_owned(), group);
        world.rules_mut(&Level::Group(name.to_owned()));
        return Ok(Answer::default());
    };
    unchanged(call, &digest_of(&objects(world)))?;
    if !known(old) {
        let text = format!("Security group '{old}' does not exist");
        return Err(Fault::parameter("group", text));
    }
    if known(name) && name != old {
        let text = format!("Security group '{name}' does already exist");
        return Err(Fault::parameter("group", text));
    }
    let group = world.groups_mut().0.get(old).cloned().unwrap_or_default();
    let rules = world.drop_group(old);
    world
        .groups_mut()
        .0
        .insert(name.to_owned(), commented(group, comment));
    *world.rules_mut(&Level::Group(name.to_owned())) = rules;
    refer(world, old, name);
    Ok(Answer::default())
}

pub(super) fn remove(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let level = level(world, call, Purpose::Change)?;
    let group = call.text("group");
    if !world.rules(&level).is_empty() {
        return Err(Fault::Failed(format!(
            "Security group '{group}' is not empty"
        )));
    }
    world.drop_group(group);
    Ok(Answer::default())
}

/// Rules at all levels follow a group to its new name.
fn refer(world: &mut World, old: &str, new: &str) {
    for rule in world
        .lists
        .iter_mut()
        .filter(|(path, _)| path.ends_with("/firewall/rules"))
    {
        for rule in rule.1 {
            let of_group = rule.0.get("type").and_then(Value::as_str) == Some("group");
            if of_group && rule.0.get("action").and_then(Value::as_str) == Some(old) {
                rule.0.insert("action".to_owned(), new.into());
            }
        }
    }
}

fn commented(mut section: Section, comment: Option<Value>) -> Section {
    if let Some(comment) = comment {
        section.properties.insert("comment".to_owned(), comment);
    }
    section
}

fn objects(world: &World) -> Vec<Map<String, Value>> {
    let groups = world.groups().into_iter().flat_map(|groups| &groups.0);
    let objects = groups.map(|(name, group)| {
        let mut object = group.properties.clone();
        object.insert("group".to_owned(), name.as_str().into());
        object
    });
    objects.collect()
}
