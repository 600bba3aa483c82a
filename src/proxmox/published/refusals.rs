//! Refusals of operations, as components that all operations refer to.

use serde_json::{Map, Value, json};

use super::values::nothing;
use crate::proxmox::envelope::{Documented, Of, Shown, documented};
use crate::proxmox::product::Edition;

const RESPONSES: &str = "#/components/responses/";

/// Everything under `components.responses`.
pub(super) struct Responses {
    edition: Edition,
    /// As they came.
    originals: Map<String, Value>,
    /// Our refusals, with the names of their components.
    refusals: Vec<(&'static Documented, String)>,
}

impl Responses {
    /// Starts with those of the contract.
    pub(super) fn new(edition: Edition, originals: Map<String, Value>) -> Self {
        let named = |refusal: &'static Documented| {
            let mut name = format!("refused.{}", refusal.status);
            while originals.contains_key(&name) {
                name.push('_');
            }
            (refusal, name)
        };
        let refusals = documented(edition.product()).iter().map(named).collect();
        Self {
            edition,
            originals,
            refusals,
        }
    }

    /// Puts what a response refers to in its place: it is about to be changed for one operation.
    pub(super) fn inline(&self, response: &mut Value) {
        let target = response.get("$ref").and_then(Value::as_str);
        let name = target.and_then(|target| target.strip_prefix(RESPONSES));
        if let Some(original) = name.and_then(|name| self.originals.get(name)) {
            *response = original.clone();
        }
    }

    /// Adds the refusals of an operation to its answers. What the contract says itself stays.
    pub(super) fn add_refusals(
        &self,
        responses: &mut Map<String, Value>,
        operation: &Map<String, Value>,
        template: &str,
    ) {
        let uploads = operation.get("x-upload") == Some(&Value::Bool(true));
        for (refusal, name) in &self.refusals {
            let applies = match refusal.of {
                Of::All => true,
                Of::WithBody => operation.contains_key("requestBody"),
                Of::Nodes => template.contains("/{node}"),
            };
            if !applies {
                continue;
            }
            let described = match (refusal.shown, uploads) {
                // Who may not upload, and what breaks off, is answered before there is an envelope.
                (Shown::Message, true) => json!({"description": refusal.description}),
                _ => json!({"$ref": format!("{RESPONSES}{name}")}),
            };
            responses
                .entry(refusal.status.to_string())
                .or_insert(described);
        }
    }

    /// All components.
    pub(super) fn finish(self) -> Map<String, Value> {
        let mut all = self.originals;
        for (refusal, name) in self.refusals {
            let mut response = Map::new();
            response.insert("description".to_owned(), refusal.description.into());
            if let Some(schema) = schema(refusal.shown, self.edition) {
                let content = json!({"application/json": {"schema": schema}});
                response.insert("content".to_owned(), content);
            }
            all.insert(name, response.into());
        }
        all
    }
}

/// The body of a refusal, where it can be relied on.
fn schema(shown: Shown, edition: Edition) -> Option<Value> {
    let mut properties = Map::new();
    properties.insert("data".to_owned(), nothing());
    match shown {
        Shown::Anything => return None,
        Shown::Message => {}
        Shown::Problems => {
            let texts = json!({"type": "object", "additionalProperties": {"type": "string"}});
            properties.insert("errors".to_owned(), texts);
        }
    }
    let mut required = vec!["data"];
    // Since pve-http-server 5.2.0 of January 2025.
    if edition != Edition::Pve7 {
        properties.insert("message".to_owned(), json!({"type": "string"}));
        required.push("message");
    }
    Some(json!({
        "type": "object",
        "required": required,
        "properties": properties,
        "additionalProperties": true,
    }))
}
