//! Trees for the importer and documents, spoiled.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};

use mock_server::contract::import::{Labels, import};
use mock_server::contract::sample::{Booleans, Hints, Limits, sample};
use mock_server::contract::{Contract, ContractError, strict};
use mock_server::proxmox::Product;
use mock_server::proxmox::arguments::Reader;

use super::config;
use super::damage::{cuts, twists};

/// A tree with most of what trees have.
static TREE: LazyLock<Value> = LazyLock::new(|| {
    let text = |more: Value| {
        let mut schema = json!({"type": "string", "description": "Prose.", "optional": 1});
        schema
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().cloned().unwrap());
        schema
    };
    let properties = json!({
        "node": text(json!({"format": "pve-node", "optional": 0, "typetext": "<string>"})),
        "net[n]": text(json!({"format": {"model": text(json!({"default_key": 1, "enum": ["e1000", "virtio"]})),
            "mtu": {"type": "integer", "minimum": "1", "maximum": 65520, "optional": 1},
            "macaddr": text(json!({"alias": "model", "keyAlias": "model"}))}})),
        "size": text(json!({"pattern": "\\d+(?^i:[KMG])?", "maxLength": 16, "requires": "force"})),
        "force": {"type": "boolean", "optional": 1, "default": 0},
        "ratio": {"type": "number", "optional": 1, "default": 0.5, "maximum": 1},
        "names": {"type": "array", "optional": 1, "items": {"type": "string", "format": "pve-configid"}},
        "kind": {"type": "string", "enum": ["a", "b"], "optional": 1},
        "value": {"type-property": "kind", "oneOf": [{"type": "integer", "instance-types": ["a"]},
            {"type": "string", "instance-types": ["b"], "optional": 1}]},
    });
    let returns = json!({"type": "array", "links": [{"rel": "child", "href": "{id}"}], "items": {"type": "object",
        "properties": {"id": {"type": "string"}, "more": {"type": "any", "optional": 1}}}});
    let method = |name: &str, verb: &str| {
        json!({"method": verb, "name": name, "allowtoken": 1, "protected": 1,
        "description": "Prose.", "permissions": {"check": ["perm", "/vms/{vmid}", ["VM.Audit"]], "description": ""},
        "parameters": {"additionalProperties": 0, "properties": properties}, "proxyto": "node", "returns": returns})
    };
    json!([{"path": "/nodes", "text": "nodes", "leaf": 0, "children": [
        {"path": "/nodes/{node}", "text": "{node}", "leaf": 1,
         "info": {"GET": method("index", "GET"), "POST": method("create", "POST")}}
    ], "info": {}}])
});

/// The document made of it.
static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let imported = import(TREE.to_string().as_bytes(), &labels()).unwrap();
    serde_json::from_str(&imported.document).unwrap()
});

fn labels() -> Labels {
    Labels {
        source: "tree.js".to_owned(),
        ..Labels::default()
    }
}

/// A document that can be read and imports the same again, or a place in the input.
fn check_tree(text: &[u8]) -> Result<(), TestCaseError> {
    match import(text, &labels()) {
        Ok(imported) => {
            prop_assert_eq!(import(text, &labels()), Ok(imported.clone()));
            check_document(imported.document.as_bytes())?;
            let contract = Contract::parse(imported.document.as_bytes(), "x.json");
            let operations = contract.map(|contract| contract.operations.len());
            prop_assert_eq!(operations, Ok(imported.operations));
        }
        Err(error) => {
            let lines = 1 + text.iter().filter(|&&byte| byte == b'\n').count();
            prop_assert!(
                (1..=lines).contains(&error.line) && error.column > 0,
                "{error}"
            );
            prop_assert!(
                error.to_string().starts_with("tree.js, line ") && !error.message.is_empty()
            );
            prop_assert!(error.to_string().len() < text.len() + 2000, "{error}");
        }
    }
    Ok(())
}

/// A contract of which every schema can be used, or a sentence that says where.
fn check_document(text: &[u8]) -> Result<(), TestCaseError> {
    match Contract::parse(text, "x.json") {
        Ok(contract) => use_all(&contract),
        Err(ContractError::Syntax { line, message, .. }) => {
            let lines = 1 + text.iter().filter(|&&byte| byte == b'\n').count();
            prop_assert!(line <= lines && !message.is_empty(), "{line} {message}");
        }
        Err(ContractError::Content { at, message, .. }) => {
            prop_assert!(!at.is_empty() && !message.is_empty());
        }
    }
    Ok(())
}

fn use_all(contract: &Contract) {
    for product in Product::ALL {
        let _ = Reader::new(product, contract);
    }
    let hints = Hints {
        values: &|_| None,
        booleans: Booleans::ZeroOrOne,
        limits: Limits::default(),
    };
    let schemas = contract.operations.iter().flat_map(|one| {
        let parameters = one.parameters.iter().map(|parameter| &parameter.schema);
        parameters.chain(&one.response)
    });
    for schema in schemas {
        let _ = strict(schema, &sample(schema, &hints));
    }
}

proptest! {
    #![proptest_config(config(150))]

    #[test]
    fn a_twisted_tree_is_told(twists in prop::collection::vec(twists(), 1..4), script in any::<bool>()) {
        let mut tree = TREE.clone();
        twists.iter().for_each(|twist| twist.apply(&mut tree));
        let text = if script { format!("// x\nconst apiSchema = {tree:#};\nrest(") } else { format!("{tree:#}") };
        check_tree(text.as_bytes())?;
    }

    #[test]
    fn a_cut_tree_is_told(cuts in prop::collection::vec(cuts(), 1..4), script in any::<bool>()) {
        let start = if script { "var pveapi = " } else { "" };
        let mut text = format!("{start}{:#}", *TREE).into_bytes();
        cuts.iter().for_each(|cut| cut.apply(&mut text));
        check_tree(&text)?;
    }

    #[test]
    fn a_twisted_document_is_told(twists in prop::collection::vec(twists(), 1..4)) {
        let mut document = DOCUMENT.clone();
        twists.iter().for_each(|twist| twist.apply(&mut document));
        check_document(document.to_string().as_bytes())?;
    }

    #[test]
    fn a_cut_document_is_told(cuts in prop::collection::vec(cuts(), 1..4)) {
        let mut text = format!("{:#}", *DOCUMENT).into_bytes();
        cuts.iter().for_each(|cut| cut.apply(&mut text));
        check_document(&text)?;
    }
}

#[test]
fn nothing_is_too_deep() {
    let tree = TREE.to_string();
    let check = |open: &str, inner: &str, close: &str| {
        for levels in [20, 60, 90, 110, 130, 190, 210, 10_000] {
            let deep = open.repeat(levels) + inner + &close.repeat(levels);
            check_tree(deep.as_bytes()).unwrap();
            check_tree(open.repeat(levels).as_bytes()).unwrap();
            check_document(deep.as_bytes()).unwrap();
            let schema = "{\"type\":\"string\",\"description\":\"Prose.\"";
            let within = |text: &str, place: &str| text.replacen(place, &deep, 1);
            let any = "{\"type\":\"any\",\"optional\":1}";
            check_tree(within(&tree, any).as_bytes()).unwrap();
            check_tree(
                tree.replacen(schema, &format!("{schema},\"x\":{deep}"), 1)
                    .as_bytes(),
            )
            .unwrap();
            check_document(within(&DOCUMENT.to_string(), "{\"type\":\"boolean\"").as_bytes())
                .unwrap();
        }
    };
    let leaf = "{\"type\":\"integer\"}";
    check("[", "", "]");
    check("{\"a\":", "1", "}");
    check("{\"type\":\"array\",\"items\":", leaf, "}");
    check("{\"type\":\"object\",\"properties\":{\"a\":", leaf, "}}");
    check("{\"oneOf\":[", leaf, "]}");
    check("{\"type\":\"string\",\"format\":{\"a\":", leaf, "}}");
    check("[{\"path\":\"/a\",\"children\":", "[]", "}]");
}

/// A schema that refers twice to the next, and that to the one after it, stands for more than any machine holds.
#[test]
fn small_documents_do_not_unfold_without_end() {
    let check = |around: &dyn Fn(Value) -> Value| {
        let next = |n: usize| json!({"$ref": format!("#/components/schemas/s{n}")});
        let mut schemas: serde_json::Map<_, _> = (0..40)
            .map(|n| (format!("s{n}"), around(next(n + 1))))
            .collect();
        schemas.insert("s40".to_owned(), json!({"type": "integer"}));
        let document = json!({
            "openapi": "3.0.3", "info": {"title": "t", "version": "1"},
            "paths": {"/a": {"get": {"operationId": "a", "responses": {"200": {"description": "",
                "content": {"application/json": {"schema": next(0)}}}}}}},
            "components": {"schemas": schemas}
        });
        let text = document.to_string();
        check_document(text.as_bytes()).unwrap();
        if let Ok(contract) = Contract::parse(text.as_bytes(), "x.json") {
            let _ = strict(contract.schema("s0").unwrap(), &json!("x"));
        }
    };
    check(&|next| json!({"oneOf": [next, next]}));
    check(
        &|next| json!({"type": "object", "properties": {"a": next, "b": next}, "required": ["a", "b"]}),
    );
    check(&|next| {
        json!({"allOf": [{"type": "object", "properties": {"a": next}},
        {"type": "object", "properties": {"b": next}}]})
    });
    check(&|next| json!({"type": "array", "items": next, "minItems": 1000}));
}
