//! Parameters and bodies as clients have to send them.

use serde_json::{Map, Value, json};

use super::schemas::Schemas;

const FORM: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data";

/// Rewrites the parameters of an operation or a path, one for each of a numbered family.
pub(super) fn parameters(schemas: &mut Schemas, parameters: &mut Vec<Value>) {
    let mut out = Vec::with_capacity(parameters.len());
    for mut one in parameters.drain(..) {
        let name = one.get("name").and_then(Value::as_str).unwrap_or_default();
        let schema = one.get("schema").unwrap_or(&Value::Null);
        let Some((names, schema)) = schemas.family(name, schema) else {
            parameter(schemas, &mut one);
            out.push(one);
            continue;
        };
        if let Value::Object(members) = &mut one {
            // No number has to be given.
            members.shift_remove("required");
            members.insert("schema".to_owned(), schema);
        }
        for name in names {
            one["name"] = name.into();
            out.push(one.clone());
        }
    }
    *parameters = out;
}

/// Rewrites one parameter.
pub(super) fn parameter(schemas: &mut Schemas, parameter: &mut Value) {
    let in_query = parameter.get("in").and_then(Value::as_str) == Some("query");
    let needed = in_query && parameter.get("required") == Some(&Value::Bool(true));
    if let Some(schema) = parameter.get_mut("schema") {
        *schema = match needed {
            true => schemas.needed_in_query(schema.take()),
            false => schemas.sent(schema.take()),
        };
    }
}

/// Rewrites a body.
pub(super) fn body(schemas: &mut Schemas, body: &mut Map<String, Value>, uploads: bool) {
    let Some(Value::Object(content)) = body.get_mut("content") else {
        return;
    };
    let whole = |media: &Value| media.get("schema").map(|one| schemas.resolved(one).clone());
    let form = content.get(FORM).and_then(whole);
    if content.len() > 1 && form.is_some_and(|schema| !fits_form(schemas, &schema)) {
        content.shift_remove(FORM);
    }
    for (kind, media) in content {
        let Some(schema) = media.get_mut("schema") else {
            continue;
        };
        *schema = match kind == MULTIPART && uploads {
            true => {
                let whole = schemas.resolved(schema).clone();
                upload(schemas.sent(whole))
            }
            false => schemas.sent(schema.take()),
        };
    }
}

/// Whether all that a body may hold can be written as pairs of texts, lists as repeated names.
fn fits_form(schemas: &Schemas, schema: &Value) -> bool {
    let kind = |schema: &Value| schemas.resolved(schema).get("type").cloned();
    let nested = |schema: &Value| {
        let schema = schemas.resolved(schema);
        match schema.get("type").and_then(Value::as_str) {
            Some("object") => true,
            Some("array") => {
                let items = schema.get("items").and_then(kind);
                items.is_some_and(|kind| kind == "object" || kind == "array")
            }
            _ => false,
        }
    };
    let properties = schema.get("properties").and_then(Value::as_object);
    !properties.is_some_and(|all| all.values().any(nested))
}

/// The parts of an upload: the file itself comes last, and where the server keeps it meanwhile is its own affair
/// (proxmox.md 1.1, "File upload").
fn upload(mut schema: Value) -> Value {
    if let Some(Value::Object(parts)) = schema.get_mut("properties") {
        parts.shift_remove("tmpfilename");
        parts.shift_remove("filename");
        let file = json!({"type": "string", "format": "binary"});
        parts.insert("filename".to_owned(), file);
    }
    schema
}
