//! Parameters of the path and those of query and body, made one.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::form;
use crate::http::Request;
use crate::proxmox::fault::Fault;
use crate::proxmox::problem::{Problem, Problems};
use crate::proxmox::product::Product;

/// Parameters of the path may be given again, but not with another value (proxmox.md 1.1).
pub(super) fn perl(
    mut uri: Map<String, Value>,
    given: Map<String, Value>,
) -> Result<Map<String, Value>, Fault> {
    let mut problems = Problems::default();
    for (name, value) in &given {
        if uri
            .get(name)
            .is_some_and(|known| text(known) != text(value))
        {
            problems.add(name, &Problem::Conflict.text(Product::Pve));
        }
    }
    if !problems.is_empty() {
        return Err(problems.into());
    }
    for (name, value) in given {
        uri.entry(name).or_insert(value);
    }
    Ok(uri)
}

/// JSON members give way to parameters of the path; in queries and forms a second value is one too many
/// (proxmox-rest-server's `get_request_parameters`, proxmox-schema's `parse_parameter_strings`).
pub(super) fn rust(
    uri: Map<String, Value>,
    mut given: Map<String, Value>,
    request: &Request,
) -> Result<Map<String, Value>, Fault> {
    let mut problems = Problems::default();
    if !form::is_json(request) {
        for name in uri.keys().filter(|name| given.contains_key(*name)) {
            problems.add(name, &Problem::Conflict.text(Product::Pbs));
        }
    }
    if !problems.is_empty() {
        return Err(problems.into());
    }
    given.extend(uri);
    Ok(given)
}

/// A value as text; lists as in forms, truth values as Perl has them.
pub(super) fn text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        Value::Bool(truth) => Cow::Borrowed(if *truth { "1" } else { "0" }),
        Value::Null => Cow::Borrowed(""),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(",").into(),
        other => other.to_string().into(),
    }
}
