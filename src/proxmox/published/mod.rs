//! The document that a personality serves: what really goes over the wire, as `OpenAPI` 3.0.3.
//!
//! The contracts describe the bare `data` of each answer with real truth values, because that is what the
//! products' own descriptions say and what handlers produce. Tools that judge answers or make clients know
//! nothing of envelopes, of 0 and 1, or of `net[n]`; for them everything is spelled out. What `fits` of
//! [`crate::contract::sample`] takes for an answer, the published document takes too, and a test holds the two
//! together.

mod answer;
mod defaults;
mod otherwise;
mod patterns;
mod refusals;
mod request;
mod schemas;
mod values;

use std::mem;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::product::{Edition, Product};
pub use otherwise::{is_otherwise, members_otherwise};

use schemas::Schemas;

/// The members of a path that are operations.
const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// The document for others, made of a contract's own. Takes some hundredths of a second for the largest, so it is
/// made when it is first asked for. Parts that are no `OpenAPI` are left as they are; the contract has been
/// read before.
///
/// # Errors
/// When the document is no JSON.
pub fn published(document: &[u8], edition: Edition) -> Result<Bytes, serde_json::Error> {
    let mut document: Value = serde_json::from_slice(document)?;
    if let Value::Object(members) = &mut document {
        rewrite(members, edition);
    }
    Ok(Bytes::from(serde_json::to_vec(&document)?))
}

fn rewrite(document: &mut Map<String, Value>, edition: Edition) {
    // It says that answers are described without their envelope.
    document.shift_remove("x-envelope");
    if !document.contains_key("servers") {
        document.insert("servers".to_owned(), json!([{"url": "/api2/json"}]));
    }
    let mut paths = taken(document, "paths");
    let mut components = taken(document, "components");
    let product = edition.product();
    let mut publication = Publication {
        product,
        templates: paths.keys().cloned().collect(),
        schemas: Schemas::new(product, taken(&mut components, "schemas")),
        responses: refusals::Responses::new(edition, taken(&mut components, "responses")),
    };
    for (template, item) in &mut paths {
        if let Value::Object(item) = item {
            publication.path(template, item);
        }
    }
    publication.finish(&mut components);
    document.insert("paths".to_owned(), paths.into());
    document.insert("components".to_owned(), components.into());
}

/// The members of a member, which stays empty in its place. A member that is no object counts as absent.
fn taken(owner: &mut Map<String, Value>, name: &str) -> Map<String, Value> {
    match owner.get_mut(name) {
        Some(Value::Object(members)) => mem::take(members),
        _ => Map::new(),
    }
}

/// The parts of a section of the components.
fn parts<'c>(
    components: &'c mut Map<String, Value>,
    section: &str,
) -> impl Iterator<Item = &'c mut Value> {
    let parts = components.get_mut(section).and_then(Value::as_object_mut);
    parts.into_iter().flat_map(Map::values_mut)
}

/// A document being rewritten.
struct Publication {
    product: Product,
    /// All paths, to know what stands below which.
    templates: Vec<String>,
    schemas: Schemas,
    responses: refusals::Responses,
}

/// Where an operation stands.
#[derive(Clone, Copy)]
struct Spot<'t> {
    method: &'static str,
    template: &'t str,
}

impl Publication {
    fn path(&mut self, template: &str, item: &mut Map<String, Value>) {
        if let Some(Value::Array(parameters)) = item.get_mut("parameters") {
            request::parameters(&mut self.schemas, parameters);
        }
        for method in METHODS {
            if let Some(Value::Object(operation)) = item.get_mut(method) {
                self.operation(operation, Spot { method, template });
            }
        }
    }

    fn operation(&mut self, operation: &mut Map<String, Value>, spot: Spot<'_>) {
        if let Some(Value::Array(parameters)) = operation.get_mut("parameters") {
            request::parameters(&mut self.schemas, parameters);
        }
        let uploads = operation.get("x-upload") == Some(&Value::Bool(true));
        if let Some(Value::Object(body)) = operation.get_mut("requestBody") {
            request::body(&mut self.schemas, body, uploads);
        }
        let mut responses = taken(operation, "responses");
        for (status, response) in &mut responses {
            if status.starts_with('2') {
                self.responses.inline(response);
                self.answer(operation, response, spot);
            }
        }
        self.responses
            .add_refusals(&mut responses, operation, spot.template);
        operation.insert("responses".to_owned(), responses.into());
    }

    /// Puts the components back, each in its old place where it had one.
    fn finish(mut self, components: &mut Map<String, Value>) {
        for parameter in parts(components, "parameters") {
            request::parameter(&mut self.schemas, parameter);
        }
        for body in parts(components, "requestBodies") {
            if let Value::Object(body) = body {
                request::body(&mut self.schemas, body, false);
            }
        }
        let schemes = components.entry("securitySchemes");
        if let Value::Object(schemes) = schemes.or_insert_with(|| json!({})) {
            security(self.product, schemes);
        }
        components.insert("schemas".to_owned(), self.schemas.finish().into());
        components.insert("responses".to_owned(), self.responses.finish().into());
    }
}

/// The ways to say who calls. None is required by the document: an open server asks nobody.
fn security(product: Product, schemes: &mut Map<String, Value>) {
    let (scheme, separator) = (product.token_scheme(), product.token_separator());
    let token = format!("`{scheme}=user@realm!name{separator}secret`");
    let ours = [
        (
            "ticket",
            json!({"type": "apiKey", "in": "cookie", "name": product.cookies()[0]}),
        ),
        (
            "csrf",
            json!({
                "type": "apiKey", "in": "header", "name": "CSRFPreventionToken",
                "description": "Besides a ticket, for everything that changes something.",
            }),
        ),
        (
            "token",
            json!({"type": "apiKey", "in": "header", "name": "Authorization", "description": token}),
        ),
    ];
    for (name, scheme) in ours {
        schemes.entry(name).or_insert(scheme);
    }
}

#[cfg(test)]
mod tests;
