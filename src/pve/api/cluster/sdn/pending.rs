//! The view of what runs together with what will change (`pending=1`), as `pending_config` makes it.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::proxmox::Product;
use crate::proxmox::call::Call;
use crate::proxmox::section::{Section, Sections};

/// An object's members, its type among them.
pub(super) type Members = Map<String, Value>;

/// What the contract of 9.2 requires of fabrics, their nodes and entries of route maps, whether they run or not.
const REQUIRED: [&str; 9] = [
    "id",
    "redistribute",
    "fabric_id",
    "node_id",
    "protocol",
    "interfaces",
    "route-map-id",
    "order",
    "action",
];

/// One object that runs, is written, or both.
///
/// What runs stands at the top; what will be different is in `pending`, where members that go are the text
/// `deleted`. An object that does not run yet has nothing at the top but its type and its network.
fn merged(running: Option<&Members>, written: Option<&Members>) -> Members {
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
        if running.is_none() && REQUIRED.contains(&name.as_str()) {
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
        let ids: BTreeSet<&String> = running.0.keys().chain(written.0.keys()).collect();
        let objects = ids.into_iter().filter_map(|id| {
            let (now, then) = (running.0.get(id), written.0.get(id));
            let section = then.or(now)?.clone();
            let (now, then) = (
                now.map(|now| members(id, now)),
                then.map(|then| members(id, then)),
            );
            Some((id.clone(), section, merged(now.as_ref(), then.as_ref())))
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn states_and_changes() {
        let check = |running: Value, written: Value, want: Value| {
            let merged = merged(running.as_object(), written.as_object());
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
