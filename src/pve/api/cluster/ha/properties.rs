//! Properties of resources, groups and rules: how they are set, deleted and counted into digests.

use serde_json::{Map, Value};

use crate::proxmox::call::Call;
use crate::proxmox::digest;
use crate::proxmox::fault::Fault;
use crate::proxmox::section::{Section, Sections, drop_empty};

/// The digest of a file with these entries, which have no digest yet.
pub(super) fn digest_of(call: &Call<'_>, entries: impl Iterator<Item = (String, Value)>) -> String {
    let sections = entries.map(|(id, entry)| {
        let properties = match entry {
            Value::Object(members) => members,
            _ => Map::new(),
        };
        let kind = String::new();
        (id, Section { kind, properties })
    });
    Sections(sections.collect()).digest(call.context.product)
}

/// Refuses a change of what somebody else changed in between.
pub(super) fn expect_digest(call: &Call<'_>, present: &str) -> Result<(), Fault> {
    match digest::fits(call.arguments.text("digest"), present) {
        true => Ok(()),
        false => Err(Fault::configuration_changed()),
    }
}

/// Takes what the caller deletes and sets into options; `known` are those that there may be, `fixed` those that
/// are there always. What else is set is for the caller of this.
pub(super) fn change(
    call: &Call<'_>,
    options: &mut Map<String, Value>,
    known: &[&str],
    fixed: &[&str],
) -> Result<(), Fault> {
    let refused = |text: String| Err(Fault::Failed(text));
    for name in deleted(call) {
        if fixed.contains(&&*name) {
            return refused(format!("unable to delete required option '{name}'"));
        }
        if !known.contains(&&*name) {
            return refused(format!("no such option '{name}'"));
        }
        if call.arguments.has(&name) {
            return refused(format!(
                "cannot set and delete property '{name}' at the same time!"
            ));
        }
        options.shift_remove(&*name);
    }
    for name in known {
        if let Some(value) = call.arguments.given().get(*name) {
            options.insert((*name).to_owned(), value.clone());
        }
    }
    drop_empty(options);
    Ok(())
}

/// The names of what the caller deletes.
pub(super) fn deleted(call: &Call<'_>) -> Vec<String> {
    let names = call.arguments.list("delete");
    names.into_iter().map(|name| name.into_owned()).collect()
}
