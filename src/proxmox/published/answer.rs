//! Answers in their envelope.

use serde_json::{Map, Value, json};

use super::otherwise::{is_otherwise, members_otherwise};
use super::values::{nothing, nullable};
use super::{Publication, Spot};

const JSON: &str = "application/json";

impl Publication {
    /// Rewrites the answer of an operation.
    pub(super) fn answer(
        &mut self,
        operation: &Map<String, Value>,
        response: &mut Value,
        spot: Spot<'_>,
    ) {
        let Value::Object(response) = response else {
            return;
        };
        if operation.get("x-returns-null") == Some(&Value::Bool(true)) {
            let data = self.undeclared(operation, spot);
            response.insert(
                "content".to_owned(),
                json!({JSON: {"schema": wrapped(data)}}),
            );
            return;
        }
        let content = response
            .entry("content")
            .or_insert_with(|| json!({JSON: {}}));
        let Value::Object(content) = content else {
            return;
        };
        for (kind, media) in content {
            // A contract of one's own may tell of downloads, which have no envelope.
            if let (true, Value::Object(media)) = (kind.contains("json"), media) {
                let mut data = media.shift_remove("schema").unwrap_or_else(|| json!({}));
                if spot.method == "get" {
                    loosen(&mut data, members_otherwise(self.product, spot.template));
                }
                let optional = data.get("x-optional") == Some(&Value::Bool(true));
                let served = self.schemas.served(data);
                let data = if optional { nullable(served) } else { served };
                let is_other = spot.method == "get" && is_otherwise(self.product, spot.template);
                let data = if is_other { json!({}) } else { data };
                media.insert("schema".to_owned(), wrapped(data));
            }
        }
    }

    /// What an operation answers that is declared to answer with nothing. In the Rust products that is what is
    /// declared where nobody declared anything, tasks and lists included. They list what is below a path without
    /// declaring it: names that are fixed by `list_subdirs_api_method` of proxmox-router, which takes any
    /// parameters, and things that have a name each by a function of the product.
    fn undeclared(&self, operation: &Map<String, Value>, spot: Spot<'_>) -> Value {
        if self.product.is_perl() {
            return nothing();
        }
        if spot.method != "get" {
            return json!({});
        }
        let path = spot.template.trim_end_matches('/');
        let below = |template: &String| {
            let rest = template.strip_prefix(path)?.strip_prefix('/')?;
            (!rest.is_empty()).then(|| rest.starts_with('{'))
        };
        let children: Vec<bool> = self.templates.iter().filter_map(below).collect();
        let open = operation
            .get("x-additional-parameters")
            .is_some_and(|open| *open != Value::Bool(false));
        if open && !children.is_empty() {
            return list(json!({
                "type": "object",
                "required": ["subdir"],
                "properties": {"subdir": {"type": "string"}},
                "additionalProperties": true,
            }));
        }
        if children.contains(&true) {
            return list(json!({"type": "object", "additionalProperties": true}));
        }
        json!({})
    }
}

/// Takes the types of these members away, of the object or of the items of the list.
fn loosen(schema: &mut Value, members: &[&str]) {
    let at = if schema.get("items").is_some() {
        "/items/properties"
    } else {
        "/properties"
    };
    if let Some(Value::Object(properties)) = schema.pointer_mut(at) {
        for member in members {
            if let Some(declared) = properties.get_mut(*member) {
                *declared = json!({});
            }
        }
    }
}

fn list(items: Value) -> Value {
    json!({"type": "array", "items": items})
}

/// The envelope; attributes beside `data` depend on the operation and on what there is to say.
fn wrapped(data: Value) -> Value {
    json!({
        "type": "object",
        "required": ["data"],
        "properties": {"data": data},
        "additionalProperties": true,
    })
}
