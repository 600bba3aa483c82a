//! Samples of every answer of the documents, of single values, and of schemas that no document has.

use serde_json::json;

use super::super::{Contract, Problem, Returns};
use super::*;

mod documents;
mod schemas;
mod values;

const DOCUMENTS: [(&str, &[u8], Booleans); 6] = [
    (
        "plexd",
        include_bytes!("../../../openapi/plexd-2026-02.json"),
        Booleans::Real,
    ),
    (
        "pve 9.2",
        include_bytes!("../../../openapi/pve-9.2.json"),
        Booleans::ZeroOrOne,
    ),
    (
        "pve 8.4",
        include_bytes!("../../../openapi/pve-8.4.json"),
        Booleans::ZeroOrOne,
    ),
    (
        "pve 7.4",
        include_bytes!("../../../openapi/pve-7.4.json"),
        Booleans::ZeroOrOne,
    ),
    (
        "pbs",
        include_bytes!("../../../openapi/pbs-4.json"),
        Booleans::Real,
    ),
    (
        "pdm",
        include_bytes!("../../../openapi/pdm-1.json"),
        Booleans::Real,
    ),
];

fn contract(name: &str) -> (Contract, Booleans) {
    let mut documents = DOCUMENTS.iter();
    let (name, text, booleans) = documents.find(|(known, ..)| *known == name).unwrap();
    (Contract::parse(text, name).unwrap(), *booleans)
}

fn hints(booleans: Booleans) -> Hints<'static> {
    Hints {
        values: &|_| None,
        booleans,
        limits: Limits::default(),
    }
}

/// The schema that a document has for the only answer in it.
fn schema_of(schema: &Value) -> Schema {
    let answer = json!({"description": "", "content": {"application/json": {"schema": schema}}});
    let get = json!({"operationId": "only", "responses": {"200": answer}});
    let info = json!({"title": "t", "version": "1"});
    let document = json!({"openapi": "3.0.3", "info": info, "paths": {"/": {"get": get}}});
    let contract = Contract::parse(document.to_string().as_bytes(), "only").unwrap();
    contract.operations[0].response.clone().unwrap()
}

/// The sample of an operation's answer, with what the path says.
fn answer(document: &str, id: &str, values: &Value) -> Value {
    let (contract, booleans) = contract(document);
    let mut operations = contract.operations.iter();
    let operation = operations.find(|operation| operation.id == id).unwrap();
    let Returns::Value(schema) = operation.returns() else {
        panic!("{id} declares no answer");
    };
    let values = |name: &str| values.get(name).cloned();
    let hints = Hints {
        values: &values,
        ..hints(booleans)
    };
    let answer = sample(schema, &hints);
    assert_eq!(fits(schema, &answer, booleans), [], "{id}");
    answer
}
