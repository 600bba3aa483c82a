//! Options that stand for themselves: one section of a file, read and changed as a whole.

use serde_json::{Map, Value};

use crate::pbs::world::World;
use crate::proxmox::call::Call;
use crate::proxmox::digest;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::product::Product;
use crate::proxmox::section::Section;
use crate::proxmox::state::State;

/// What stands in the file, with its digest; nothing set is an empty object.
pub(super) fn read(world: &World, file: &str, id: &str) -> Answer {
    let section = world.section(file, id);
    let properties = section.map(|section| section.properties.clone());
    Answer::new(Value::Object(properties.unwrap_or_default()))
        .with("digest", digest_of(world, file))
}

/// The digest of a file.
pub(super) fn digest_of(world: &World, file: &str) -> String {
    let sections = world.sections.get(file).cloned().unwrap_or_default();
    sections.digest(Product::Pbs)
}

/// Refuses a change that was meant for another state of a file.
pub(super) fn fits(world: &World, call: &Call<'_>, file: &str) -> Result<(), Fault> {
    match digest::fits(call.arguments.text("digest"), &digest_of(world, file)) {
        true => Ok(()),
        false => Err(Fault::configuration_changed()),
    }
}

/// Sets what the call says and takes out what it deletes.
pub(super) fn update(
    world: &mut World,
    call: &Call<'_>,
    file: &str,
    id: &str,
) -> Result<Answer, Fault> {
    fits(world, call, file)?;
    let section = world.sections_mut(file).0.entry(id.to_owned()).or_default();
    change(&mut section.properties, call);
    Ok(Answer::default())
}

/// The same for properties that stand elsewhere.
pub(super) fn change(properties: &mut Map<String, Value>, call: &Call<'_>) {
    for name in call.arguments.list("delete") {
        properties.shift_remove(&*name);
    }
    properties.extend(given(call));
}

/// What a call says beside its path and what steers it, as the contract types it.
pub(super) fn given(call: &Call<'_>) -> Map<String, Value> {
    let steering = ["digest", "delete", "node"];
    let in_path = |name: &str| call.operation.template.contains(&format!("{{{name}}}"));
    let given = call.arguments.given().iter();
    given
        .filter(|(name, value)| {
            !steering.contains(&name.as_str()) && !in_path(name) && !value.is_null()
        })
        .map(|(name, _)| {
            let value = call.arguments.value(name).cloned().unwrap_or_default();
            (name.clone(), value)
        })
        .collect()
}

/// A section of these properties.
pub(super) fn section(kind: &str, properties: Map<String, Value>) -> Section {
    Section {
        kind: kind.to_owned(),
        properties,
    }
}
