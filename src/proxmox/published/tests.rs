//! Each rule on a small document, and all of them on the committed ones.

use serde_json::{Value, json};

use super::*;

mod answers;
mod documents;
mod refusals;
mod requests;

/// A document with one path and these components, published.
fn document(edition: Edition, paths: &Value, components: &Value) -> Value {
    let document = json!({
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "servers": [{"url": "/api2/json"}],
        "x-envelope": "data",
        "paths": paths,
        "components": components,
    });
    let bytes = published(document.to_string().as_bytes(), edition).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}
