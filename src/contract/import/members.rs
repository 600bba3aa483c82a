//! The members of objects in the products' schemas: properties, and strings that stand for objects.

use serde_json::{Map, Value};

use super::keyword::keep;
use super::schema::normalise;
use super::tree::{Fault, Node, Tree};

/// The properties of an object as `properties`, with those that cannot be left out as `required`.
pub(super) fn properties(
    members: &[(String, Node)],
    at: &str,
) -> Result<(Map<String, Value>, Vec<Value>), Fault> {
    let mut schemas = Map::new();
    let mut required = Vec::new();
    for (name, member) in members {
        let at = format!("{at}.{name}");
        let mut schema = normalise(member, &at)?;
        // An alias is another name of a property, so it is never needed.
        if !optional(member, &at)? && member.get("alias").is_none() {
            required.push(name.as_str().into());
        }
        schema.shift_remove("x-optional");
        if name.ends_with("[n]") {
            schema.insert("x-indexed".into(), true.into());
        }
        schemas.insert(name.clone(), schema.into());
    }
    Ok((schemas, required))
}

/// The object behind a string of the form `key=value,key=value`.
///
/// Proxmox VE gives the properties at once and marks the one whose key may be left out; the others give a
/// schema, an object or a list, that names it.
pub(super) fn property_string(
    node: &Node,
    members: &[(String, Node)],
    at: &str,
) -> Result<Map<String, Value>, Fault> {
    if node.get("type").is_some_and(|kind| kind.text().is_some()) {
        return normalise(node, at);
    }
    let (mut schemas, required) = properties(members, at)?;
    let marked = |(_, member): &&(String, Node)| {
        member.get("default_key").and_then(Node::flag) == Some(true)
    };
    let default_key = members.iter().find(marked).map(|(name, _)| name);
    if let Some(Value::Object(schema)) = default_key.and_then(|name| schemas.get_mut(name)) {
        schema.shift_remove("x-default-key");
    }
    let mut out = Map::new();
    out.insert("type".into(), "object".into());
    out.insert("properties".into(), schemas.into());
    if !required.is_empty() {
        out.insert("required".into(), required.into());
    }
    out.insert("additionalProperties".into(), false.into());
    if let Some(name) = default_key {
        keep(&mut out, "default_key", name.as_str().into());
    }
    Ok(out)
}

/// The members of what has to be an object.
pub(super) fn object<'n>(node: &'n Node, at: &str) -> Result<&'n [(String, Node)], Fault> {
    match &node.tree {
        Tree::Object(members) => Ok(members),
        _ => Err(wrong(node, at, "an object")),
    }
}

/// A value of the wrong type.
pub(super) fn wrong(node: &Node, at: &str, wanted: &str) -> Fault {
    let message = format!("`{at}` is {}, but must be {wanted}", node.called());
    Fault::new(node.at, message)
}

/// Whether something may be left out.
pub(super) fn optional(node: &Node, at: &str) -> Result<bool, Fault> {
    let Some(optional) = node.get("optional") else {
        return Ok(false);
    };
    let flag = optional.flag();
    flag.ok_or_else(|| wrong(optional, &format!("{at}.optional"), "0 or 1"))
}

/// The items of what has to be a list.
pub(super) fn list<'n>(node: &'n Node, at: &str) -> Result<&'n [Node], Fault> {
    match &node.tree {
        Tree::List(items) => Ok(items),
        _ => Err(wrong(node, at, "a list")),
    }
}
