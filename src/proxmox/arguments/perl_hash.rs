//! The one hash that Proxmox VE makes of path, query and body (`extract_params` of pve-http-server, `rest_handler`
//! of pve-manager), and what it makes fit before it checks (`PVE::RESTHandler`).

use serde_json::{Map, Value};

use super::super::problem::{Problem, Problems};
use super::super::product::Product;
use super::variant::variant;
use super::{Body, Sent, index, number};
use crate::contract::{Kind, Operation, Parameter};

/// Adds the path to what was sent: the query wins over the body, `_dc` is for caches only.
pub(super) fn gathered(
    path: impl Iterator<Item = (String, String)>,
    sent: Sent,
) -> Result<Map<String, Value>, Problems> {
    let mut given = match sent.body {
        Body::None => Map::new(),
        Body::Form(form) => hash(form.into_pairs()),
        Body::Json(values) => values,
    };
    for (name, value) in hash(sent.query.into_pairs()) {
        given.insert(name, value);
    }
    given.shift_remove("_dc");
    let mut all: Map<String, Value> = path.map(|(name, value)| (name, value.into())).collect();
    let differs = |name: &&String| match (all.get(*name), given.get(*name)) {
        (Some(Value::String(known)), Some(value)) => {
            number::scalar(value).is_none_or(|text| text != *known)
        }
        _ => false,
    };
    // The product stops at the first one, by name.
    if let Some(name) = given.keys().filter(differs).min() {
        let mut problems = Problems::default();
        problems.add(name, &Problem::Conflict.text(Product::Pve));
        return Err(problems);
    }
    for (name, value) in given {
        all.entry(name).or_insert(value);
    }
    Ok(all)
}

/// Pairs as a hash: repeated names become lists, and a name without `=` is `undef`. Nothing after the `=` is the empty
/// text: `my ($k, $v) = split(/=/, $kv)` keeps empty fields at the end, because it assigns to a list of two. So
/// clients clear a comment with `comment=`.
fn hash(pairs: Vec<(String, Option<String>)>) -> Map<String, Value> {
    let mut hash = Map::new();
    for (name, value) in pairs {
        let known = hash.entry(name).or_insert(Value::Null);
        *known = match (known.take(), value) {
            (_, None) => Value::Null,
            (Value::Null, Some(value)) => value.into(),
            (Value::Array(mut items), Some(value)) => {
                items.push(value.into());
                Value::Array(items)
            }
            (first, Some(value)) => Value::Array(vec![first, value.into()]),
        };
    }
    hash
}

/// Wraps a scalar for a parameter that is a list, joins a list for one that is a list in a string.
pub(super) fn normalize(operation: &Operation, given: &mut Map<String, Value>) {
    let by_type = |one: &Parameter| matches!(one.schema.kind, Kind::OneOf(_));
    let types = if operation.parameters.iter().any(by_type) {
        given.clone()
    } else {
        Map::new()
    };
    for (name, value) in given.iter_mut() {
        let Some(parameter) = index::parameter(operation, name) else {
            continue;
        };
        let schema = variant(&parameter.schema, &types).unwrap_or(&parameter.schema);
        let format = schema.format().unwrap_or_default();
        let separator = match () {
            () if format.ends_with("-list") => ",",
            // Proxmox VE 7 has no arrays; words of a command may have commas and blanks in them.
            () if format.ends_with("-alist") => "\0",
            () => "",
        };
        *value = match (value.take(), &schema.kind) {
            (Value::Array(items), Kind::String(_)) if !separator.is_empty() => {
                match items.iter().map(number::scalar).collect::<Option<Vec<_>>>() {
                    Some(texts) => texts.join(separator).into(),
                    None => Value::Array(items),
                }
            }
            (scalar, Kind::Array(_)) if is_true(&scalar) => Value::Array(vec![scalar]),
            (other, _) => other,
        };
    }
}

/// Whether a scalar is true in Perl; the product wraps no others.
fn is_true(value: &Value) -> bool {
    match value {
        Value::Bool(value) => *value,
        value => number::scalar(value).is_some_and(|text| !text.is_empty() && text != "0"),
    }
}
