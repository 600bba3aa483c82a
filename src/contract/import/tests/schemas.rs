//! Each rule for schemas, by what a schema becomes.

use serde_json::{Value, json};

use super::operation;

/// Checks what becomes of a schema, as the answer of an operation.
fn check(schema: Value, want: Value) {
    let operation = operation("GET", &json!({"returns": schema}));
    let got = &operation["responses"]["200"]["content"]["application/json"]["schema"];
    assert_eq!(*got, want, "{schema}");
}

#[test]
fn types() {
    check(
        json!({"type": "boolean", "description": "x", "title": "x"}),
        json!({"type": "boolean"}),
    );
    check(
        json!({"type": "array"}),
        json!({"type": "array", "items": {}}),
    );
    check(
        json!({"type": "object"}),
        json!({"type": "object", "additionalProperties": true}),
    );
    check(
        json!({"type": "array", "items": {"type": "any"}}),
        json!({"type": "array", "items": {"x-type": "any"}}),
    );
    check(
        json!({"items": {}}),
        json!({"type": "array", "items": {}, "x-untyped": true}),
    );
    check(
        json!({"properties": {"a": {}}}),
        json!({"type": "object", "properties": {"a": {}}, "required": ["a"], "additionalProperties": true, "x-untyped": true}),
    );
    check(
        json!({"enum": ["a"]}),
        json!({"type": "string", "enum": ["a"], "x-untyped": true}),
    );
    check(
        json!({"format": "f"}),
        json!({"type": "string", "format": "f", "x-untyped": true}),
    );
    check(json!({"enum": [1]}), json!({"x-enum": [1]}));
}

#[test]
fn words_of_another_type_are_kept_as_facts() {
    check(
        json!({"type": "array", "properties": {"{id}": {"type": "string", "optional": "1"}}}),
        json!({"type": "array", "items": {}, "x-properties": {"{id}": {"type": "string"}}}),
    );
    check(
        json!({"type": "object", "items": {"type": "integer", "optional": 1}, "additionalProperties": 0}),
        json!({"type": "object", "additionalProperties": false, "x-items": {"type": "integer", "x-optional": true}}),
    );
    check(
        json!({"type": "string", "minimum": 1, "additionalProperties": 1}),
        json!({"type": "string", "x-minimum": 1, "x-additional-properties": true}),
    );
    check(
        json!({"type": "boolean", "format": "f"}),
        json!({"type": "boolean", "x-format": "f"}),
    );
    check(
        json!({"type": "integer", "pattern": "1"}),
        json!({"type": "integer", "x-pattern": "1"}),
    );
    check(
        json!({"type": "object", "enum": ["a"]}),
        json!({"type": "object", "additionalProperties": true, "x-enum": ["a"]}),
    );
    check(
        json!({"type": "integer", "min": 1, "renderer": "bytes", "instance-types": ["a"], "newWord": [{"title": "x"}]}),
        json!({"type": "integer", "x-min": 1, "x-renderer": "bytes", "x-instance-types": ["a"], "x-new-word": [{}]}),
    );
}

#[test]
fn numbers_and_lengths() {
    check(
        json!({"type": "integer", "minimum": "0", "maximum": 9.0, "default": "5", "enum": ["1", 2]}),
        json!({"type": "integer", "minimum": 0, "maximum": 9, "x-default": "5", "enum": [1, 2]}),
    );
    check(
        json!({"type": "integer", "minimum": 0.5, "maximum": 18_446_744_073_709_551_615_u64, "default": "16"}),
        json!({"type": "integer", "x-minimum": 0.5, "x-maximum": 18_446_744_073_709_551_615_u64, "default": 16}),
    );
    check(
        json!({"type": "number", "minimum": "0.5", "maximum": "much"}),
        json!({"type": "number", "minimum": 0.5, "x-maximum": "much"}),
    );
    check(
        json!({"type": "string", "minLength": "3", "maxLength": -1}),
        json!({"type": "string", "minLength": 3, "x-max-length": -1}),
    );
    check(
        json!({"type": "array", "minLength": 1, "maxLength": 2}),
        json!({"type": "array", "minItems": 1, "maxItems": 2, "items": {}}),
    );
}

#[test]
fn choices_and_defaults() {
    check(
        json!({"type": "boolean", "default": 1}),
        json!({"type": "boolean", "default": true}),
    );
    check(
        json!({"type": "boolean", "default": "no"}),
        json!({"type": "boolean", "default": false}),
    );
    check(
        json!({"type": "boolean", "default": "maybe"}),
        json!({"type": "boolean", "x-default": "maybe"}),
    );
    check(
        json!({"type": "string", "default": 7}),
        json!({"type": "string", "x-default": 7}),
    );
    check(
        json!({"type": "string", "default": "On", "enum": ["on"]}),
        json!({"type": "string", "x-default": "On", "enum": ["on"]}),
    );
    check(
        json!({"type": "string", "enum": []}),
        json!({"type": "string", "x-enum": []}),
    );
    check(
        json!({"type": "string", "enum": ["a", 1]}),
        json!({"type": "string", "x-enum": ["a", 1]}),
    );
    check(
        json!({"type": "array", "default": "a,b"}),
        json!({"type": "array", "items": {}, "x-default": "a,b"}),
    );
    check(json!({"default": {"a": 1}}), json!({"default": {"a": 1}}));
}

#[test]
fn patterns() {
    check(
        json!({"type": "string", "pattern": "[a-z]+"}),
        json!({"type": "string", "pattern": "^[a-z]+$", "x-pattern": "[a-z]+"}),
    );
    check(
        json!({"type": "string", "pattern": "/^[a-z]+$/"}),
        json!({"type": "string", "pattern": "^[a-z]+$", "x-pattern": "/^[a-z]+$/"}),
    );
    check(
        json!({"type": "string", "pattern": "(?^:a)"}),
        json!({"type": "string", "x-pattern": "(?^:a)"}),
    );
}

#[test]
fn property_strings() {
    check(
        json!({"type": "string", "format": {
            "type": {"type": "string", "default_key": 1, "optional": 1},
            "size": {"type": "string", "requires": "type", "format": {"x": {"type": "integer", "minimum": "1"}}},
            "old": {"alias": "size"}
        }}),
        json!({"type": "string", "x-format": {
            "type": "object",
            "properties": {
                "type": {"type": "string"},
                "size": {"type": "string", "x-requires": "type", "x-format": {
                    "type": "object", "properties": {"x": {"type": "integer", "minimum": 1}},
                    "required": ["x"], "additionalProperties": false
                }},
                "old": {"x-alias": "size"}
            },
            "required": ["size"],
            "additionalProperties": false,
            "x-default-key": "type"
        }}),
    );
    check(
        json!({"type": "string", "format": {"type": "object", "default_key": "a", "properties": {"a": {"type": "boolean"}}}}),
        json!({"type": "string", "x-format": {
            "type": "object", "properties": {"a": {"type": "boolean"}}, "required": ["a"],
            "additionalProperties": true, "x-default-key": "a"
        }}),
    );
    check(
        json!({"type": "string", "format": {"type": "array", "items": {"type": "string"}, "minLength": 1}}),
        json!({"type": "string", "x-format": {"type": "array", "items": {"type": "string"}, "minItems": 1}}),
    );
}

#[test]
fn variants() {
    check(
        json!({"type": "array", "type-property": "kind", "oneOf": [
            {"type": "array", "items": {"type": "string"}, "instance-types": ["a"], "optional": 1},
            {"items": {"type": "integer"}, "instance-types": ["b"]}
        ]}),
        json!({"oneOf": [
            {"type": "array", "items": {"type": "string"}, "x-optional": true, "x-instance-types": ["a"]},
            {"type": "array", "items": {"type": "integer"}, "x-untyped": true, "x-instance-types": ["b"]}
        ], "x-type": "array", "x-type-property": "kind"}),
    );
    // The tag that tells the variants apart is a property of each.
    check(
        json!({"type": "object", "typeProperty": "kind", "typeSchema": {"type": "string", "enum": ["a", "b"]}, "oneOf": [
            {"type": "object", "properties": {}, "additionalProperties": false}, {"type": "string"}
        ]}),
        json!({"oneOf": [
            {"type": "object", "properties": {"kind": {"type": "string", "enum": ["a", "b"]}}, "additionalProperties": false},
            {"type": "string"}
        ], "x-type": "object", "x-type-property": "kind", "x-type-schema": {"type": "string", "enum": ["a", "b"]}}),
    );
    check(
        json!({"allOf": [{"type": "object"}, {"type": "object", "properties": {"a": {"type": "string"}}}]}),
        json!({"allOf": [
            {"type": "object", "additionalProperties": true},
            {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": true}
        ]}),
    );
}
