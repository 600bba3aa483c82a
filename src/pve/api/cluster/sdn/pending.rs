//! The view of what runs together with what will change (`pending=1`), as `pending_config` makes it.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::contract::Returns;
use crate::contract::schema::{Kind, Schema};
use crate::proxmox::Product;
use crate::proxmox::call::Call;
use crate::proxmox::section::{Section, Sections};

/// An object's members, its type among them.
pub(super) type Members = Map<String, Value>;

/// One object that runs, is written, or both.
///
/// What runs stands at the top; what will be different is in `pending`, where members that go are the text
/// `deleted`. An object that does not run yet has nothing at the top but its type, its network and what the contract requires.
fn merged(
    running: Option<&Members>,
    written: Option<&Members>,
    required: &BTreeSet<&str>,
) -> Members {
    let mut object = running.cloned().unwrap_or_default();
    let mut changes = Members::new();
    let mut state = match (running, written) {
        (Some(_), None) => Some("deleted"),
        (None, Some(_)) => Some("new"),
        _ => None,
    };
    if let (Some(running), Some(written)) = (running, written) {
        for name in running.keys().filter(|name| !written.contains_key(*name)) {
            changes.insert(name.clone(), "deleted".into());
        }
    }
    for (name, value) in written.into_iter().flatten() {
        if matches!(name.as_str(), "type" | "vnet") {
            object.insert(name.clone(), value.clone());
            continue;
        }
        if running.is_none() && required.contains(name.as_str()) {
            object.insert(name.clone(), value.clone());
        }
        if running.and_then(|running| running.get(name)) != Some(value) {
            changes.insert(name.clone(), value.clone());
        }
    }
    if state.is_none() && !changes.is_empty() {
        state = Some("changed");
    }
    if let Some(state) = state {
        object.insert("state".to_owned(), state.into());
        object.insert("pending".to_owned(), Value::Object(changes));
    }
    object
}

/// An object with its id, as it was written last, and as clients see it.
pub(super) type Seen = (String, Section, Members);

/// All objects in the state that a call asks for: what is written, unless it says `running` or `pending`. What is
/// written comes with its digest.
pub(super) fn seen(
    call: &Call<'_>,
    running: &Sections,
    written: &Sections,
    members: impl Fn(&str, &Section) -> Members,
) -> Vec<Seen> {
    if call.arguments.is_set("pending") {
        let mut required = BTreeSet::new();
        if let Returns::Value(schema) = call.operation.returns() {
            add_required(schema, &mut required);
        }
        let ids: BTreeSet<&String> = running.0.keys().chain(written.0.keys()).collect();
        let objects = ids.into_iter().filter_map(|id| {
            let (now, then) = (running.0.get(id), written.0.get(id));
            let section = then.or(now)?.clone();
            let (now, then) = (
                now.map(|now| members(id, now)),
                then.map(|then| members(id, then)),
            );
            Some((
                id.clone(),
                section,
                merged(now.as_ref(), then.as_ref(), &required),
            ))
        });
        return objects.collect();
    }
    let runs = call.arguments.is_set("running");
    let digest = (!runs).then(|| written.digest(Product::Pve));
    let sections = if runs { running } else { written };
    let objects = sections.0.iter().map(|(id, section)| {
        let mut object = members(id, section);
        if let Some(digest) = &digest {
            object.insert("digest".to_owned(), digest.as_str().into());
        }
        (id.clone(), section.clone(), object)
    });
    objects.collect()
}

/// The members that a declared type requires of objects, and of those in its lists.
fn add_required<'s>(schema: &'s Schema, names: &mut BTreeSet<&'s str>) {
    match &schema.kind {
        Kind::Array(item) => add_required(item, names),
        Kind::OneOf(variants) => variants.iter().for_each(|one| add_required(one, names)),
        Kind::Object(shape) => {
            for property in &shape.properties {
                if property.required {
                    names.insert(&property.name);
                }
                if matches!(property.schema.kind, Kind::Array(_)) {
                    add_required(&property.schema, names);
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn states_and_changes() {
        let check = |running: Value, written: Value, want: Value| {
            let merged = merged(running.as_object(), written.as_object(), &BTreeSet::new());
            assert_eq!(Value::Object(merged), want);
        };
        let old = json!({"type": "simple", "mtu": 1400, "ipam": "pve"});
        check(old.clone(), old.clone(), old.clone());
        check(
            old.clone(),
            json!({"type": "simple", "mtu": 1450, "dns": "d"}),
            json!({
                "type": "simple", "mtu": 1400, "ipam": "pve", "state": "changed",
                "pending": {"ipam": "deleted", "mtu": 1450, "dns": "d"},
            }),
        );
        check(
            Value::Null,
            json!({"type": "vnet", "zone": "z"}),
            json!({"type": "vnet", "state": "new", "pending": {"zone": "z"}}),
        );
        check(
            json!({"type": "vnet", "zone": "z"}),
            Value::Null,
            json!({"type": "vnet", "zone": "z", "state": "deleted", "pending": {}}),
        );
    }
}
