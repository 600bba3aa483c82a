//! Aliases: names for an address or a network.

use serde_json::{Map, Value};

use super::verify::version_of_address;
use super::{Purpose, digest_of, level, unchanged, with_digest};
use crate::proxmox::call::Call;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::section::Section;
use crate::pve::world::World;
use crate::pve::world::firewall::Level;

pub(super) fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let level = level(world, call, Purpose::Look)?;
    Ok(Answer::new(with_digest(objects(world, &level))))
}

pub(super) fn read(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let level = level(world, call, Purpose::Look)?;
    let name = existing(world, &level, call)?;
    let list = with_digest(objects(world, &level));
    let found = list.as_array().into_iter().flatten();
    let found = found.into_iter().find(|alias| alias["name"] == *name);
    Ok(Answer::new(found.cloned().unwrap_or_default()))
}

pub(super) fn create(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let level = level(world, call, Purpose::Change)?;
    let name = call.text("name");
    if key(world, &level, name).is_some() {
        return Err(exists(name));
    }
    world
        .aliases_mut(&level)
        .0
        .insert(name.to_owned(), section(call));
    Ok(Answer::default())
}

/// Says everything anew: a comment that is not given is gone.
pub(super) fn update(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let level = level(world, call, Purpose::Change)?;
    unchanged(call, &digest_of(&objects(world, &level)))?;
    let old = existing(world, &level, call)?;
    let rename = call
        .arguments
        .text("rename")
        .filter(|name| !name.eq_ignore_ascii_case(&old));
    if let Some(name) = rename
        && key(world, &level, name).is_some()
    {
        return Err(exists(name));
    }
    let name = rename.unwrap_or(call.text("name")).to_owned();
    let aliases = world.aliases_mut(&level);
    aliases.0.remove(&old);
    aliases.0.insert(name, section(call));
    Ok(Answer::default())
}

/// What is not there needs no deletion: the product says nothing then.
pub(super) fn remove(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let level = level(world, call, Purpose::Change)?;
    unchanged(call, &digest_of(&objects(world, &level)))?;
    if let Some(name) = key(world, &level, call.text("name")) {
        world.aliases_mut(&level).0.remove(&name);
    }
    Ok(Answer::default())
}

fn exists(name: &str) -> Fault {
    Fault::parameter("name", format!("alias '{name}' already exists"))
}

fn existing(world: &World, level: &Level, call: &Call<'_>) -> Result<String, Fault> {
    let found = key(world, level, call.text("name"));
    found.ok_or_else(|| Fault::parameter("name", "no such alias"))
}

/// The name as it was written first: upper and lower case are the same.
fn key(world: &World, level: &Level, name: &str) -> Option<String> {
    let names = &world.aliases(level)?.0;
    let found = names.keys().find(|known| known.eq_ignore_ascii_case(name));
    found.cloned()
}

fn section(call: &Call<'_>) -> Section {
    let mut section = Section::default();
    // The product's file says networks of one address without their length.
    let cidr = call.text("cidr");
    let short = cidr
        .strip_suffix("/32")
        .filter(|address| !address.contains(':'));
    let short = short.or_else(|| cidr.strip_suffix("/128")).unwrap_or(cidr);
    section.properties.insert("cidr".to_owned(), short.into());
    if let Some(comment) = call
        .arguments
        .text("comment")
        .filter(|text| !text.is_empty())
    {
        section
            .properties
            .insert("comment".to_owned(), comment.into());
    }
    section
}

fn objects(world: &World, level: &Level) -> Vec<Map<String, Value>> {
    let aliases = world
        .aliases(level)
        .into_iter()
        .flat_map(|aliases| &aliases.0);
    let objects = aliases.map(|(name, alias)| {
        let mut object = alias.properties.clone();
        object.insert("name".to_owned(), name.as_str().into());
        let cidr = alias.properties.get("cidr").and_then(Value::as_str);
        if let Some(version) = cidr.and_then(version_of_address) {
            object.insert("ipversion".to_owned(), version.into());
        }
        object
    });
    objects.collect()
}
