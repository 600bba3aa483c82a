//! Sets of addresses (`ipset`), and what is in them.

use serde_json::{Map, Value};

use super::verify::{alias, is_alias};
use super::{Purpose, digest_of, level, unchanged, with_digest};
use crate::proxmox::call::Call;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::section::{Section, Sections};
use crate::pve::world::World;
use crate::pve::world::cidr::Cidr;
use crate::pve::world::firewall::Level;

pub(super) fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let level = level(world, call, Purpose::Look)?;
    Ok(Answer::new(with_digest(objects(
        world.ip_sets(&level),
        "name",
    ))))
}

/// Creates a set; with `rename` it is the change of another name, or of the comment, instead.
pub(super) fn create(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let level = level(world, call, Purpose::Change)?;
    let name = call.text("name");
    let known = |name: &str| {
        world
            .ip_sets(&level)
            .is_some_and(|sets| sets.0.contains_key(name))
    };
    let refused = |text: String| Err(Fault::parameter("name", text));
    let comment = call.arguments.value("comment").cloned();
    let Some(old) = call.arguments.text("rename") else {
        if known(name) {
            return refused(format!("IPSet '{name}' already exists"));
        }
        let set = commented(Section::default(), comment);
        world.ip_sets_mut(&level).0.insert(name.to_owned(), set);
        world.addresses_mut(&level, name);
        return Ok(Answer::default());
    };
    unchanged(call, &digest_of(&objects(world.ip_sets(&level), "name")))?;
    if !known(old) {
        return refused(format!("IPSet '{old}' does not exist"));
    }
    if known(name) && name != old {
        return refused(format!("IPSet '{name}' does already exist"));
    }
    let set = world
        .ip_sets_mut(&level)
        .0
        .get(old)
        .cloned()
        .unwrap_or_default();
    let addresses = world.drop_ip_set(&level, old);
    world
        .ip_sets_mut(&level)
        .0
        .insert(name.to_owned(), commented(set, comment));
    *world.addresses_mut(&level, name) = addresses;
    Ok(Answer::default())
}

pub(super) fn remove(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (level, name) = set(world, call, Purpose::Change)?;
    let filled = world
        .addresses(&level, &name)
        .is_some_and(|set| !set.0.is_empty());
    if filled && !call.arguments.is_set("force") {
        return Err(Fault::Failed(format!("IPSet '{name}' is not empty")));
    }
    world.drop_ip_set(&level, &name);
    Ok(Answer::default())
}

pub(super) fn entries(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (level, name) = set(world, call, Purpose::Look)?;
    Ok(Answer::new(with_digest(objects(
        world.addresses(&level, &name),
        "cidr",
    ))))
}

pub(super) fn add(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (level, name) = set(world, call, Purpose::Change)?;
    let given = call.text("cidr");
    let address = if is_alias(given) {
        if alias(world, &level, given).is_none() {
            // The product looks without the scope, and names what it looked for.
            let bare = given.split_once('/').map_or(given, |(_, name)| name);
            return Err(Fault::Failed(format!("no such alias '{bare}'")));
        }
        given.to_owned()
    } else {
        plain(given)
    };
    let known = world.addresses(&level, &name);
    if known.is_some_and(|set| set.0.contains_key(&address)) {
        return Err(Fault::parameter(
            "cidr",
            format!("address '{address}' already exists"),
        ));
    }
    if address.ends_with("/0") {
        let text = "a zero prefix is not allowed in ipset entries";
        return Err(Fault::parameter("cidr", text));
    }
    let entry = described(call);
    world.addresses_mut(&level, &name).0.insert(address, entry);
    Ok(Answer::default())
}

pub(super) fn entry(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (level, name) = set(world, call, Purpose::Look)?;
    let list = with_digest(objects(world.addresses(&level, &name), "cidr"));
    let wanted = call.text("cidr");
    let found = list
        .as_array()
        .into_iter()
        .flatten()
        .find(|entry| entry["cidr"] == *wanted);
    let found = found.cloned().ok_or_else(missing)?;
    Ok(Answer::new(found))
}

/// Says everything anew: what is not given is gone.
pub(super) fn change(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (level, name) = set(world, call, Purpose::Change)?;
    unchanged(
        call,
        &digest_of(&objects(world.addresses(&level, &name), "cidr")),
    )?;
    let entry = world
        .addresses_mut(&level, &name)
        .0
        .get_mut(call.text("cidr"));
    *entry.ok_or_else(missing)? = described(call);
    Ok(Answer::default())
}

/// What is not there needs no deletion: the product says nothing then.
pub(super) fn take(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (level, name) = set(world, call, Purpose::Change)?;
    unchanged(
        call,
        &digest_of(&objects(world.addresses(&level, &name), "cidr")),
    )?;
    world
        .addresses_mut(&level, &name)
        .0
        .remove(call.text("cidr"));
    Ok(Answer::default())
}

fn missing() -> Fault {
    Fault::parameter("cidr", "no such IP/Network")
}

/// The set that the path names.
fn set(world: &World, call: &Call<'_>, purpose: Purpose) -> Result<(Level, String), Fault> {
    let level = level(world, call, purpose)?;
    let name = call.text("name");
    let known = world
        .ip_sets(&level)
        .is_some_and(|sets| sets.0.contains_key(name));
    let missing = || Fault::Failed(format!("no such IPSet '{name}'"));
    known.then(|| (level, name.to_owned())).ok_or_else(missing)
}

/// An address as the product's file has it: the network's own, without the length of a single address. One that has
/// no length is kept as it was written (`clean_cidr`), in capitals too.
fn plain(text: &str) -> String {
    let cidr = text.parse::<Cidr>().ok();
    let Some(cidr) = cidr.filter(|_| text.contains('/')) else {
        return text.to_owned();
    };
    let network = cidr.network();
    let single = network.prefix == if network.version() == 4 { 32 } else { 128 };
    if single {
        network.address.to_string()
    } else {
        network.to_string()
    }
}

fn described(call: &Call<'_>) -> Section {
    let mut section = Section::default();
    if call.arguments.is_set("nomatch") {
        section.properties.insert("nomatch".to_owned(), true.into());
    }
    let comment = call
        .arguments
        .text("comment")
        .filter(|text| !text.is_empty());
    commented(section, comment.map(Value::from))
}

fn commented(mut section: Section, comment: Option<Value>) -> Section {
    if let Some(comment) = comment {
        section.properties.insert("comment".to_owned(), comment);
    }
    section
}

fn objects(sections: Option<&Sections>, key: &str) -> Vec<Map<String, Value>> {
    let sections = sections.into_iter().flat_map(|sections| &sections.0);
    let objects = sections.map(|(name, section)| {
        let mut object = section.properties.clone();
        object.insert(key.to_owned(), name.as_str().into());
        object
    });
    objects.collect()
}
