//! A value read into a declared type, as the Rust products read what Proxmox VE answers: what is declared keeps its
//! name and gets its type, what is not falls away.
//!
//! The Perl product writes 1 for true and sometimes a text for a number; serde types that say `bool` or `u64` take
//! both (crate proxmox-serde, `perl`). What cannot be read as its type is passed on as it is.

use serde_json::{Map, Number, Value};

use crate::contract::{Kind, Schema, Shape};

/// The value as its type has it.
pub fn retyped(schema: &Schema, value: Value) -> Value {
    match (&schema.kind, value) {
        (Kind::Object(shape), Value::Object(members)) => object(shape, members),
        (Kind::Array(items), Value::Array(values)) => values
            .into_iter()
            .map(|value| retyped(items, value))
            .collect(),
        (Kind::Array(items), Value::String(text)) => text
            .split([',', ';', ' '])
            .filter(|part| !part.is_empty())
            .map(|part| retyped(items, part.into()))
            .collect(),
        (Kind::OneOf(variants), value) => match variants.iter().find(|one| suits(one, &value)) {
            Some(variant) => retyped(variant, value),
            None => value,
        },
        (Kind::Boolean, value) => boolean(value),
        (Kind::Integer, value) => integer(value),
        (Kind::Number, value) => number(value),
        (Kind::String(_), value @ (Value::Number(_) | Value::Bool(_))) => text(&value).into(),
        (_, value) => value,
    }
}

/// An object that declares nothing about its members keeps them all.
fn object(shape: &Shape, members: Map<String, Value>) -> Value {
    if shape.properties.is_empty() && shape.additional.is_none() {
        return Value::Object(members);
    }
    let mut read = Map::new();
    for (name, value) in members.into_iter().filter(|(_, value)| !value.is_null()) {
        let property = shape.properties.iter().find(|known| known.name == name);
        let schema = property
            .map(|property| &property.schema)
            .or(shape.additional.as_ref());
        if let Some(schema) = schema {
            read.insert(name, retyped(schema, value));
        }
    }
    Value::Object(read)
}

/// Whether a value could be of this type: it has what is required.
fn suits(schema: &Schema, value: &Value) -> bool {
    match (&schema.kind, value) {
        (Kind::Object(shape), Value::Object(members)) => {
            let mut required = shape.properties.iter().filter(|one| one.required);
            required.all(|one| members.contains_key(&one.name))
        }
        (Kind::OneOf(variants), value) => variants.iter().any(|one| suits(one, value)),
        (Kind::Array(_), Value::Array(_))
        | (Kind::String(_), Value::String(_))
        | (Kind::Boolean, Value::Bool(_))
        | (Kind::Integer | Kind::Number, Value::Number(_))
        | (Kind::Any, _) => true,
        _ => false,
    }
}

fn boolean(value: Value) -> Value {
    match &value {
        Value::Number(number) => Value::Bool(number.as_f64() != Some(0.0)),
        Value::String(text) => match text.as_str() {
            "1" | "on" | "yes" | "true" => Value::Bool(true),
            "" | "0" | "off" | "no" | "false" => Value::Bool(false),
            _ => value,
        },
        _ => value,
    }
}

fn integer(value: Value) -> Value {
    match &value {
        Value::Bool(truth) => Value::from(u8::from(*truth)),
        Value::String(text) => match text.trim().parse::<i64>() {
            Ok(number) => number.into(),
            Err(_) => value,
        },
        Value::Number(number) if !number.is_i64() && !number.is_u64() => {
            let whole = number.as_f64().map(f64::round);
            let text = whole.map(|whole| format!("{whole:.0}"));
            let whole = text.and_then(|text| text.parse::<i64>().ok());
            whole.map_or(value, Value::from)
        }
        _ => value,
    }
}

fn number(value: Value) -> Value {
    match &value {
        Value::Bool(truth) => Value::from(u8::from(*truth)),
        Value::String(text) => {
            let number = text.trim().parse::<f64>().ok();
            let number = number.and_then(Number::from_f64);
            number.map_or(value, Value::Number)
        }
        _ => value,
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Bool(truth) => u8::from(*truth).to_string(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::contract::{Contract, Returns};

    const DOCUMENT: &str = r#"{"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {"/a": {"get": {
        "operationId": "a", "responses": {"200": {"description": "", "content": {"application/json": {"schema": {
        "type": "object", "additionalProperties": false, "properties": {
        "on": {"type": "boolean"}, "n": {"type": "integer"}, "f": {"type": "number"}, "s": {"type": "string"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "free": {"type": "object", "additionalProperties": false}}}}}}}}}}}"#;

    #[test]
    fn what_is_declared_gets_its_type() {
        let contract = Contract::parse(DOCUMENT.as_bytes(), "test").unwrap();
        let Returns::Value(schema) = contract.operations[0].returns() else {
            panic!("declared");
        };
        let check = |value: Value, want: Value| assert_eq!(retyped(schema, value), want);
        check(json!({"on": 1, "x": 2}), json!({"on": true}));
        check(json!({"on": "0", "n": "7"}), json!({"on": false, "n": 7}));
        check(json!({"n": 7.0, "f": "1.5"}), json!({"n": 7, "f": 1.5}));
        check(json!({"s": 1.5, "n": null}), json!({"s": "1.5"}));
        check(json!({"tags": "a;b c"}), json!({"tags": ["a", "b", "c"]}));
        check(json!({"free": {"a": 1}}), json!({"free": {"a": 1}}));
        check(json!({"n": "no number"}), json!({"n": "no number"}));
    }
}
