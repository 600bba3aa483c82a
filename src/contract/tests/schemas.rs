//! Schemas that are made of others, and what is wrong with their facts.

use serde_json::{Map, Value, json};

use super::super::{Contract, ContractError, Format, Kind, Schema, strict};

/// The schema `A` of a document that has `B`, an object, as well.
fn schema(a: &Value) -> Result<Schema, ContractError> {
    let document = json!({
        "openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {},
        "components": {"schemas": {
            "A": a,
            "B": {"type": "object", "properties": {"b": {"type": "string"}}, "required": ["b"]}
        }}
    });
    let contract = Contract::parse(document.to_string().as_bytes(), "x.json")?;
    Ok(contract.schema("A").unwrap().clone())
}

#[test]
fn one_of_several_has_to_fit() {
    let variants = json!({"oneOf": [{"type": "integer"}, {"$ref": "#/components/schemas/B"}]});
    let schema = schema(&variants).unwrap();
    let check = |value: Value, want: &[&str]| {
        let problems = strict(&schema, &value);
        let messages: Vec<&str> = problems.iter().map(|problem| &*problem.message).collect();
        assert_eq!(messages, want, "{value}");
    };
    check(json!(7), &[]);
    check(json!({"b": "x"}), &[]);
    check(json!({"b": 1}), &["must fit one of 2 types, but fits none"]);
    check(json!("x"), &["must fit one of 2 types, but fits none"]);
}

#[test]
fn objects_are_put_together() {
    let reference = json!({"$ref": "#/components/schemas/B"});
    let more = json!({"type": "object", "properties": {"c": {"type": "integer"}, "b": {"type": "boolean"}}});
    let whole = schema(&json!({"allOf": [reference, more], "description": "x"})).unwrap();
    let names: Vec<(&str, bool)> = whole
        .properties()
        .iter()
        .map(|property| (&*property.name, property.required))
        .collect();
    assert_eq!(names, [("c", false), ("b", false)]);
    assert_eq!(whole.property("b").unwrap().schema.kind, Kind::Boolean);
}

#[test]
fn facts_of_documents_written_by_hand() {
    let read = schema(&json!({"type": "string", "pattern": "^a$", "minLength": 1, "format": "f"}))
        .unwrap();
    assert_eq!(read.facts().pattern.as_deref(), Some("^a$"));
    assert_eq!(read.facts().shortest, Some(1));
    assert_eq!(read.kind, Kind::String(Format::Named("f".into())));
    assert!(schema(&json!({"type": "string"})).unwrap().more.is_none());
}

#[test]
fn wrong_facts_are_refused() {
    let check = |schema_: Value, want: &str| {
        let error = schema(&schema_).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("x.json: components.schemas.A{want}")
        );
    };
    check(
        json!({"type": "integer", "minimum": "1"}),
        ": `minimum` must be a number",
    );
    check(
        json!({"type": "string", "maxLength": -1}),
        ": `maxLength` must be a length",
    );
    check(
        json!({"type": "string", "x-requires": 1}),
        ": `x-requires` must be a string",
    );
    check(
        json!({"type": "string", "x-format": {"type": "string"}}),
        ".x-format: must be the schema of an object or a list",
    );
    let unfit =
        ": a schema needs one `type` that its other keywords fit, a `$ref`, or nothing at all";
    check(json!({"type": "string", "minimum": 1}), unfit);
    check(json!({"type": "object", "oneOf": [{}]}), unfit);
    check(json!({"type": "string", "enum": [1]}), unfit);
    check(json!({"not": {}}), unfit);
    check(json!({"anyOf": [{}], "oneOf": [{}]}), unfit);
    check(
        json!({"oneOf": []}),
        ": `oneOf` must be a list with something in it",
    );
    check(
        json!({"allOf": [{"type": "object"}, {"type": "string"}]}),
        ": several schemas in `allOf` must all be objects",
    );
    check(
        json!({"type": "object", "properties": []}),
        ": `properties` must be an object",
    );
    check(json!([]), ": must be an object");
}

/// Schemas that refer to the next one, the last of which is a number.
fn chain(length: usize, around: impl Fn(Value) -> Value) -> Result<Contract, ContractError> {
    let next = |n: usize| json!({"$ref": format!("#/components/schemas/s{n:02}")});
    let mut schemas = Map::new();
    for n in 0..length {
        schemas.insert(format!("s{n:02}"), around(next(n + 1)));
    }
    schemas.insert(format!("s{length:02}"), json!({"type": "integer"}));
    let document = json!({
        "openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {},
        "components": {"schemas": schemas}
    });
    Contract::parse(document.to_string().as_bytes(), "x.json")
}

#[test]
fn what_unfolds_without_end_is_refused() {
    let check = |around: &dyn Fn(Value) -> Value, most: usize| {
        assert!(chain(most, around).is_ok(), "{most}");
        let error = chain(most + 1, around).unwrap_err().to_string();
        let want = "the schema consists of more than 100000 others";
        assert!(error.ends_with(want), "{error}");
    };
    // 2^(n+1) - 1 schemas each.
    check(&|next| json!({"oneOf": [next, next]}), 15);
    check(
        &|next| json!({"type": "object", "properties": {"a": next, "b": next}}),
        15,
    );
    let property = |next: &Value| json!({"type": "object", "properties": {"a": next}});
    check(
        &|next| {
            json!({"type": "object", "properties": {"a": next,
            "b": {"type": "string", "x-format": property(&next)}}})
        },
        14,
    );
    // One for each level: only their depth counts.
    let list = |next| json!({"type": "array", "items": next});
    assert!(chain(40, list).is_ok());
}
