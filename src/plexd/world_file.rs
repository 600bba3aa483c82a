//! World files: the state document itself, its eleven blocks at the top, and beside them `heartbeat` (what
//! heartbeats are answered) and `nodes` (who registered).
//!
//! So a merge patch of the state document is a merge patch of the world.

use std::collections::{BTreeMap, HashSet};

use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::call::Central;
use super::world::{Heartbeat, Node, World};
use crate::contract::{Problem, check, lenient};

/// The world that a file says. `state` spells its state document, which keeps payloads as they were written.
///
/// # Errors
/// Every field that is wrong.
pub(super) fn read(value: &Value, state: &str, central: &Central) -> Result<World, Vec<Problem>> {
    let problems = check::strict(&central.world_schema, value);
    if !problems.is_empty() {
        return Err(problems);
    }
    let state = lenient::normalize(&central.state_schema, state.as_bytes())
        .map_err(|malformed| vec![problem("", malformed)])?;
    let heartbeat = member::<Heartbeat>(value, "heartbeat")?.unwrap_or_default();
    let nodes = member::<Vec<Node>>(value, "nodes")?.unwrap_or_default();
    let problems = faults(&nodes);
    if problems.is_empty() {
        Ok(World::new(&state, heartbeat, nodes))
    } else {
        Err(problems)
    }
}

/// What no schema can say of nodes: keys are AES-256 keys, ids are unique.
fn faults(nodes: &[Node]) -> Vec<Problem> {
    let mut ids = HashSet::new();
    let mut problems = Vec::new();
    for (position, node) in nodes.iter().enumerate() {
        let length = node.node_secret_key.len();
        if length != 32 {
            let path = format!("nodes[{position}].node_secret_key");
            let message = format!("has {length} bytes, but an AES-256 key has 32");
            problems.push(problem(&path, message));
        }
        if !ids.insert(&node.node_id) {
            let path = format!("nodes[{position}].node_id");
            problems.push(problem(&path, format!("{} is there twice", node.node_id)));
        }
    }
    problems
}

fn problem(path: &str, message: impl std::fmt::Display) -> Problem {
    Problem {
        path: path.to_owned(),
        message: message.to_string(),
    }
}

fn member<T: serde::de::DeserializeOwned>(
    value: &Value,
    name: &str,
) -> Result<Option<T>, Vec<Problem>> {
    let Some(member) = value.get(name).filter(|member| !member.is_null()) else {
        return Ok(None);
    };
    serde_json::from_value(member.clone())
        .map(Some)
        .map_err(|error| vec![problem(name, error)])
}

/// A problem as a sentence reads it.
pub(super) fn sentence(problem: &Problem) -> String {
    match problem.path.as_str() {
        "" => format!("the world {}", problem.message),
        path => format!("{path}: {}", problem.message),
    }
}

/// The world as a file. A payload that no JSON tree holds (nested thousands of levels deep, or half of a
/// surrogate pair) shows as `null` for its block; the block itself stays as it is.
pub(super) fn export(world: &World, central: &Central) -> Value {
    let text = world.state();
    let blocks = blocks(&text);
    let mut file = Map::new();
    for property in central.state_schema.properties() {
        if let Some(raw) = blocks.get(&property.name) {
            let block = serde_json::from_str(raw.get()).unwrap_or_else(|error| {
                tracing::warn!(block = property.name, %error, "a block of the state cannot be shown");
                Value::Null
            });
            file.insert(property.name.clone(), block);
        }
    }
    file.insert("heartbeat".into(), json!(world.heartbeat()));
    file.insert("nodes".into(), json!(world.nodes()));
    Value::Object(file)
}

/// The blocks of a state document as text.
fn blocks(state: &[u8]) -> BTreeMap<String, &RawValue> {
    serde_json::from_slice(state).unwrap_or_default()
}

/// The changed state document, in which every block that the patch does not name keeps its very text: raw
/// payloads may hold numbers that no machine type holds.
pub(super) fn with_untouched(changed: &Value, world: &World, patch: &Value) -> String {
    let text = world.state();
    let mut blocks = blocks(&text);
    blocks.retain(|name, _| patch.is_object() && patch.get(name).is_none());
    let members = changed
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| {
            let value = match blocks.get(name) {
                Some(raw) => raw.get().to_owned(),
                None => value.to_string(),
            };
            format!("{}:{value}", lenient::render_string(name))
        });
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}
