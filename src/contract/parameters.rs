//! The parameters of an operation, wherever they stand, as one list.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::operation::{Parameter, Place};
use super::resolve::{Fault, Resolver};
use super::schema::{Kind, Schema};

/// The type of bodies whose members are parameters.
const FORM: &str = "application/x-www-form-urlencoded";

/// Reads a list of parameters after those that are known: a parameter of an operation comes before that
/// of its path. Headers and cookies are no parameters to the products.
pub(super) fn declared<'d>(
    known: &mut Vec<Parameter>,
    list: Option<&'d Value>,
    resolver: &mut Resolver<'d>,
    at: &str,
) -> Result<(), Fault> {
    let at = &format!("{at}: parameters");
    let Some(list) = list else {
        return Ok(());
    };
    let list = list
        .as_array()
        .ok_or_else(|| Fault::at(at, "must be a list"))?;
    for item in list {
        let item = resolver.part(item, "parameters", at)?;
        let place = match item.get("in").and_then(Value::as_str) {
            Some("path") => Place::Path,
            Some("query") => Place::Rest,
            Some("header" | "cookie") => continue,
            _ => return Err(Fault::at(at, "`in` must be path, query, header or cookie")),
        };
        let name = item.get("name").and_then(Value::as_str);
        let name = name.ok_or_else(|| Fault::at(at, "`name` must be a string"))?;
        if known
            .iter()
            .any(|known| *known.name == *name && known.place == place)
        {
            continue;
        }
        let schema = match item.get("schema") {
            Some(schema) => resolver.schema(schema, &format!("{at}.{name}"))?,
            None => Schema::of(Kind::Any),
        };
        known.push(Parameter {
            name: name.into(),
            place,
            required: place == Place::Path || item.get("required") == Some(&Value::Bool(true)),
            schema,
        });
    }
    Ok(())
}

/// The names of the parameters in the path.
pub(super) fn in_path(parameters: &[Parameter]) -> BTreeSet<String> {
    let in_path = parameters
        .iter()
        .filter(|parameter| parameter.place == Place::Path);
    in_path
        .map(|parameter| parameter.name.to_string())
        .collect()
}

/// Puts the parameters of the path first, and those of a form after the others. Says whether further
/// ones pass.
pub(super) fn with_form(
    parameters: &mut Vec<Parameter>,
    body: Option<&Map<String, Value>>,
    request: Option<&Schema>,
    item: &Map<String, Value>,
) -> bool {
    parameters.sort_by_key(|parameter| parameter.place == Place::Rest);
    let content = body.and_then(|body| body.get("content"));
    let form = content.is_some_and(|content| content.get(FORM).is_some());
    match request.map(|request| (request, &request.kind)) {
        Some((request, Kind::Object(shape))) if form => {
            let members = request.properties().iter();
            parameters.extend(members.map(|property| Parameter {
                name: property.name.as_str().into(),
                place: Place::Rest,
                required: property.required,
                schema: property.schema.clone(),
            }));
            shape.additional.is_some()
        }
        _ => item
            .get("x-additional-parameters")
            .is_some_and(|value| *value != Value::Bool(false)),
    }
}
