//! An imported operation as the contract reads it back: every fact arrives.

use serde_json::json;

use super::super::super::{Contract, Kind, Operation, Place, Returns};
use super::{import, labels, tree};

/// An operation with everything to it.
fn operation() -> Operation {
    let tree = tree(
        "/a/{id}",
        "PUT",
        &json!({
            "name": "set", "allowtoken": 0, "protected": 1, "proxyto": "node", "unstable": true,
            "permissions": {"user": "world"},
            "parameters": {"additionalProperties": 0, "properties": {
                "id": {"type": "integer", "format": "pve-vmid", "minimum": "100", "maximum": 999},
                "net[n]": {"type": "string", "optional": 1, "requires": "id", "format": {
                    "model": {"type": "string", "default_key": 1, "enum": ["e1000", "virtio"]},
                    "macaddr": {"type": "string", "pattern": "(?^i:[a-f:]+)", "maxLength": 17, "optional": 1},
                    "virtio": {"alias": "macaddr", "keyAlias": "model"}
                }}
            }},
            "returns": {"type": "array", "links": [{"href": "{x}"}], "items": {"oneOf": [
                {"type": "string", "instance-types": ["t"]}, {"type": "integer", "renderer": "bytes", "default": 5}
            ], "type-property": "kind"}}
        }),
    );
    let imported = import(tree.to_string().as_bytes(), &labels()).unwrap();
    let contract = Contract::parse(imported.document.as_bytes(), "x").unwrap();
    contract.operations[0].clone()
}

#[test]
fn facts_of_the_operation() {
    let operation = operation();
    assert_eq!(operation.permissions.as_ref().unwrap()["user"], "world");
    let facts = &operation.facts;
    assert_eq!(facts.name.as_deref(), Some("set"));
    assert_eq!(facts.proxy_to.as_deref(), Some("node"));
    assert_eq!(facts.links, ["{x}".into()]);
    assert!(!facts.allow_token && facts.protected && facts.unstable && !facts.returns_null);
    assert!(!operation.additional);
}

#[test]
fn parameters() {
    let operation = operation();
    let places: Vec<_> = operation
        .parameters
        .iter()
        .map(|known| (&*known.name, known.place, known.required))
        .collect();
    assert_eq!(
        places,
        [("id", Place::Path, true), ("net[n]", Place::Rest, false)]
    );
    let id = &operation.parameter("id").unwrap().schema;
    assert_eq!(id.format(), Some("pve-vmid"));
    assert_eq!(id.facts().minimum, Some(100.into()));
    let net = operation.parameter("net[n]").unwrap().schema.facts();
    assert!(net.indexed);
    assert_eq!(net.requires.as_deref(), Some("id"));
    let inner = net.property_string.as_ref().unwrap();
    assert_eq!(inner.facts().default_key.as_deref(), Some("model"));
    let required: Vec<_> = inner
        .properties()
        .iter()
        .map(|property| property.required)
        .collect();
    assert_eq!(required, [true, false, false]);
    let address = inner.property("macaddr").unwrap().schema.facts();
    assert_eq!(address.pattern.as_deref(), Some("(?^i:[a-f:]+)"));
    assert_eq!(address.longest, Some(17));
    let alias = inner.property("virtio").unwrap().schema.facts();
    assert_eq!(
        (alias.alias.as_deref(), alias.key_alias.as_deref()),
        (Some("macaddr"), Some("model"))
    );
}

#[test]
fn answers() {
    let operation = operation();
    let Returns::Value(answer) = operation.returns() else {
        panic!("a value");
    };
    let Kind::Array(items) = &answer.kind else {
        panic!("a list");
    };
    assert_eq!(items.facts().type_property.as_deref(), Some("kind"));
    let Kind::OneOf(variants) = &items.kind else {
        panic!("variants");
    };
    assert_eq!(variants[0].facts().instance_types, ["t".into()].into());
    assert_eq!(variants[1].facts().renderer.as_deref(), Some("bytes"));
    assert_eq!(variants[1].facts().default, Some(json!(5)));
}
