//! The committed documents: that tools can read what is published of them, that it says what `fits` says, and
//! that requests made by it are understood.

use std::borrow::Cow;

use super::*;
use crate::contract::sample::{Booleans, Hints, Limits, fits, sample};
use crate::contract::{Contract, Kind, Operation, Returns, Schema};
use crate::http::form::{Form, Syntax};
use crate::proxmox::arguments::{Body, Reader, Sent};

const DOCUMENTS: [(&str, Edition, &[u8]); 5] = [
    (
        "pve-9.2",
        Edition::Pve9,
        include_bytes!("../../../../openapi/pve-9.2.json"),
    ),
    (
        "pve-8.4",
        Edition::Pve8,
        include_bytes!("../../../../openapi/pve-8.4.json"),
    ),
    (
        "pve-7.4",
        Edition::Pve7,
        include_bytes!("../../../../openapi/pve-7.4.json"),
    ),
    (
        "pbs-4",
        Edition::Pbs,
        include_bytes!("../../../../openapi/pbs-4.json"),
    ),
    (
        "pdm-1",
        Edition::Pdm,
        include_bytes!("../../../../openapi/pdm-1.json"),
    ),
];

/// Runs a check over every contract with its edition and what is published of it.
fn each(check: impl Fn(Edition, &Contract, &Contract)) {
    for (name, edition, text) in DOCUMENTS {
        let contract = Contract::parse(text, name).unwrap();
        let published = published(text, edition).unwrap();
        let published = Contract::parse(&published, name).unwrap();
        assert_eq!(
            published.operations.len(),
            contract.operations.len(),
            "{name}"
        );
        check(edition, &contract, &published);
    }
}

fn hints(booleans: Booleans) -> Hints<'static> {
    Hints {
        values: &|_| None,
        booleans,
        limits: Limits::default(),
    }
}

#[test]
fn a_library_of_others_reads_it() {
    for (name, edition, text) in DOCUMENTS {
        let published = published(text, edition).unwrap();
        let document: openapiv3::OpenAPI = serde_json::from_slice(&published).unwrap();
        let contract = Contract::parse(text, name).unwrap();
        assert_eq!(
            document.operations().count(),
            contract.operations.len(),
            "{name}"
        );
        let responses = document
            .operations()
            .map(|(.., operation)| operation.responses.responses.len());
        assert!(responses.min() >= Some(5), "{name}");
        assert_eq!(document.servers[0].url, "/api2/json");
    }
}

/// The published schema of an operation's answer.
fn answer(operation: &Operation) -> &Schema {
    operation.response.as_ref().unwrap()
}

/// Whether an answer or a part of it is not of the declared type.
fn differs(product: Product, template: &str) -> bool {
    is_otherwise(product, template) || !members_otherwise(product, template).is_empty()
}

#[test]
fn every_sample_of_an_answer_is_as_published() {
    each(|edition, contract, published| {
        let booleans = match edition.product() {
            Product::Pve => Booleans::ZeroOrOne,
            _ => Booleans::Real,
        };
        for (declared, served) in contract.operations.iter().zip(&published.operations) {
            assert_eq!(declared.id, served.id);
            if differs(edition.product(), &declared.template) {
                continue;
            }
            let schema = answer(served);
            let data = match declared.returns() {
                Returns::Value(schema) => sample(schema, &hints(booleans)),
                Returns::Null if schema.property("data").unwrap().schema.nullable => Value::Null,
                Returns::Null => json!([{"subdir": "x"}]),
                Returns::Undeclared => json!("x"),
            };
            let faults = fits(schema, &json!({"data": data}), Booleans::Real);
            assert_eq!(faults, [], "{edition:?} {} {data}", declared.id);
            let bare = fits(schema, &json!({}), Booleans::Real);
            assert_eq!(bare.len(), 1, "{edition:?} {}", declared.id);
        }
    });
}

#[test]
fn every_sample_of_what_is_published_fits_the_contract() {
    each(|edition, contract, published| {
        let booleans = match edition.product() {
            Product::Pve => Booleans::ZeroOrOne,
            _ => Booleans::Real,
        };
        for (declared, served) in contract.operations.iter().zip(&published.operations) {
            if differs(edition.product(), &declared.template) {
                continue;
            }
            if let Returns::Value(schema) = declared.returns() {
                let mut whole = sample(answer(served), &hints(Booleans::Real));
                let faults = fits(schema, &whole["data"].take(), booleans);
                assert_eq!(faults, [], "{edition:?} {}", declared.id);
            }
        }
    });
}

/// What an operation says to one parameter alone, about that parameter.
fn said(reader: &Reader, operation: &Operation, name: &str, text: &str) -> Vec<String> {
    let query = Form::parse(format!("{name}={text}").as_bytes(), Syntax::Standard).unwrap();
    let call = Sent {
        query,
        body: Body::None,
    };
    let path: [(&str, Cow<'_, str>); 0] = [];
    let problems = reader.read(operation, path, call).err().unwrap_or_default();
    let about = problems.iter().filter(|(at, _)| *at == name);
    about.map(|(_, text)| text.to_owned()).collect()
}

#[test]
fn every_published_name_and_truth_value_is_understood() {
    each(|edition, contract, published| {
        let reader = Reader::new(edition.product(), contract);
        let mut truths = 0;
        for (declared, asked) in contract.operations.iter().zip(&published.operations) {
            for parameter in &asked.parameters {
                let name = &*parameter.name;
                let texts = said(&reader, declared, name, "x");
                let foreign = ["not defined in schema", "additional properties"];
                let unknown = |text: &String| foreign.iter().any(|words| text.contains(words));
                assert!(
                    !texts.iter().any(unknown),
                    "{edition:?} {} {name}",
                    declared.id
                );
                let known = declared.parameter(name);
                if known.is_some_and(|known| known.schema.kind == Kind::Boolean) {
                    let choices = match parameter.schema.kind {
                        Kind::Boolean => vec![json!(true), json!(false)],
                        _ => parameter.schema.choices.to_vec(),
                    };
                    assert_eq!(choices.len(), 2, "{edition:?} {} {name}", declared.id);
                    for choice in choices {
                        let texts = said(&reader, declared, name, &choice.to_string());
                        assert_eq!(texts, [""; 0], "{edition:?} {} {name}", declared.id);
                    }
                    truths += 1;
                }
            }
        }
        assert!(truths > 50, "{edition:?} has {truths}");
    });
}

#[test]
fn order_and_size_stay_reasonable() {
    for (name, edition, text) in DOCUMENTS {
        let before: Value = serde_json::from_slice(text).unwrap();
        let bytes = published(text, edition).unwrap();
        let after: Value = serde_json::from_slice(&bytes).unwrap();
        let paths = |document: &Value| -> Vec<String> {
            document["paths"]
                .as_object()
                .unwrap()
                .keys()
                .cloned()
                .collect()
        };
        assert_eq!(paths(&before), paths(&after), "{name}");
        assert_eq!(bytes, published(text, edition).unwrap(), "{name}");
        assert!(
            bytes.len() < 2 * text.len() + 500_000,
            "{name}: {}",
            bytes.len()
        );
    }
}
