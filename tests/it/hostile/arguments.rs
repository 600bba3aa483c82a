//! Arguments of every operation of the five documents, as a form and as JSON: some that are declared, with
//! values that are right, at the edge or far beyond, some that are not, some twice.
//!
//! One plan is carried out on all operations of a document, so that a few dozen plans are a hundred thousand
//! calls.

mod fits;
mod plan;

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fs;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};

use mock_server::contract::sample::{Booleans, Hints, Limits, sample};
use mock_server::contract::{Contract, Operation, Parameter, Place};
use mock_server::http::form::{Form, Syntax};
use mock_server::proxmox::Product;
use mock_server::proxmox::arguments::{Arguments, Body, Reader, Sent};
use mock_server::proxmox::problem::Problems;

use super::config;
use plan::{Given, Plan, edges, plans};

/// A document with what its operations take.
struct Document {
    product: Product,
    contract: Contract,
    reader: Reader,
    /// What fits a parameter, once it was needed: finding it takes longer than checking it.
    fitting: RefCell<HashMap<(u16, Box<str>), Value>>,
}

impl Document {
    fn load(product: Product, name: &str) -> Self {
        let path = format!("{}/openapi/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let contract = Contract::parse(&fs::read(path).unwrap(), name).unwrap();
        Self {
            product,
            reader: Reader::new(product, &contract),
            contract,
            fitting: RefCell::default(),
        }
    }

    /// Carries a plan out on all operations; says how often it was accepted.
    fn run(&self, plan: &Plan) -> Result<usize, TestCaseError> {
        let mut accepted = 0;
        for operation in &self.contract.operations {
            let given = self.given(operation, plan);
            for body in [form(&given), json_object(&given), Body::None] {
                let query = match body {
                    Body::None => as_form(&given),
                    _ => Form::default(),
                };
                let path = path_of(operation, &given);
                let path = path
                    .iter()
                    .map(|(name, value)| (*name, Cow::Borrowed(&**value)));
                match self.read(operation, path, Sent { query, body }) {
                    Ok(arguments) => {
                        accepted += 1;
                        fits::all(&arguments).map_err(|why| {
                            TestCaseError::fail(format!("{} {why}\n{given:?}", operation.id))
                        })?;
                    }
                    Err(problems) => prop_assert!(!problems.is_empty(), "{}", operation.id),
                }
            }
        }
        Ok(accepted)
    }

    /// Reads in two steps as the gate does, which asks for some texts in between.
    fn read<'o, 'p>(
        &self,
        operation: &'o Operation,
        path: impl Iterator<Item = (&'p str, Cow<'p, str>)>,
        sent: Sent,
    ) -> Result<Arguments<'o>, Problems> {
        let mut gathered = self.reader.gather(path, sent)?;
        let asked: Vec<_> = operation
            .parameters
            .iter()
            .map(|one| gathered.text(&one.name))
            .collect();
        drop(asked);
        if gathered.text("node").as_deref() == Some("localhost") {
            gathered.replace("node", "pve01");
        }
        self.reader.check(operation, gathered)
    }

    /// The names and values that a plan means for an operation.
    fn given(&self, operation: &Operation, plan: &Plan) -> Vec<(String, Value)> {
        let named = |name: &str| name.replace("[n]", &plan.number);
        let mut given = Vec::new();
        for parameter in &operation.parameters {
            let needed = parameter.required && plan.complete || parameter.place == Place::Path;
            if needed && !parameter.schema.facts().indexed {
                given.push((named(&parameter.name), self.good(operation, parameter)));
            }
        }
        for (index, what) in &plan.some {
            let Some(parameter) = operation
                .parameters
                .get(index.index(operation.parameters.len().max(1)))
            else {
                continue;
            };
            let value = match what {
                Given::Good => self.good(operation, parameter),
                Given::Edge(index) => {
                    let edges = edges(&parameter.schema);
                    edges[index.index(edges.len())].clone()
                }
                Given::Text(text) => text.as_str().into(),
                Given::Json(value) => value.clone(),
            };
            given.push((named(&parameter.name), value));
        }
        given.extend(
            plan.others
                .iter()
                .map(|(name, value)| (name.clone(), value.as_str().into())),
        );
        given
    }

    fn good(&self, operation: &Operation, parameter: &Parameter) -> Value {
        let mut fitting = self.fitting.borrow_mut();
        let key = (operation.index, parameter.name.clone());
        let found = fitting
            .entry(key)
            .or_insert_with(|| fitting_value(self.product, parameter));
        found.clone()
    }
}

fn fitting_value(product: Product, parameter: &Parameter) -> Value {
    let hints = Hints {
        values: &|_| None,
        booleans: if product.is_perl() {
            Booleans::ZeroOrOne
        } else {
            Booleans::Real
        },
        limits: Limits::default(),
    };
    match &*parameter.name {
        "node" => "pve01".into(),
        "vmid" => json!(100),
        _ => sample(&parameter.schema, &hints),
    }
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn as_form(given: &[(String, Value)]) -> Form {
    let escaped = |text: &str| {
        text.bytes()
            .map(|byte| format!("%{byte:02x}"))
            .collect::<String>()
    };
    let mut pairs = Vec::new();
    for (name, value) in given {
        let values = value
            .as_array()
            .cloned()
            .unwrap_or_else(|| vec![value.clone()]);
        pairs.extend(
            values
                .iter()
                .map(|value| escaped(name) + "=" + &escaped(&text(value))),
        );
    }
    Form::parse(pairs.join("&").as_bytes(), Syntax::Standard).unwrap()
}

fn form(given: &[(String, Value)]) -> Body {
    Body::Form(as_form(given))
}

fn json_object(given: &[(String, Value)]) -> Body {
    Body::Json(given.iter().cloned().collect::<Map<_, _>>())
}

/// The values in the path, as a client would have written the last one meant for each.
fn path_of<'o>(operation: &'o Operation, given: &[(String, Value)]) -> Vec<(&'o str, String)> {
    let places = operation
        .parameters
        .iter()
        .filter(|one| one.place == Place::Path);
    let value = |name: &str| {
        given
            .iter()
            .rev()
            .find(|(known, _)| known == name)
            .map(|(_, value)| text(value))
    };
    places
        .map(|one| (&*one.name, value(&one.name).unwrap_or_default()))
        .collect()
}

/// Carries plans out on documents. Some of them have to be accepted, else nothing was tested.
fn check(product: Product, names: &[&str], cases: u32) {
    let documents: Vec<_> = names
        .iter()
        .map(|name| Document::load(product, name))
        .collect();
    let accepted = Cell::new(0);
    let outcome = TestRunner::new(config(cases)).run(&plans(), |plan| {
        for document in &documents {
            accepted.set(accepted.get() + document.run(&plan)?);
        }
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    assert!(accepted.get() > 1000, "{}", accepted.get());
}

#[test]
fn of_proxmox_ve() {
    check(Product::Pve, &["pve-9.2", "pve-8.4", "pve-7.4"], 3);
}

#[test]
fn of_proxmox_backup_server() {
    check(Product::Pbs, &["pbs-4"], 6);
}

#[test]
fn of_proxmox_datacenter_manager() {
    check(Product::Pdm, &["pdm-1"], 6);
}

#[test]
fn bodies_as_large_as_they_come() {
    let check = |product: Product, name: &str, id: &str, values: &[Value]| {
        let document = Document::load(product, name);
        let mut operations = document.contract.operations.iter();
        let operation = operations.find(|one| one.id == id).unwrap();
        for value in values {
            let given = [
                ("net0".to_owned(), value.clone()),
                ("tags".to_owned(), value.clone()),
            ];
            for body in [form(&given), json_object(&given)] {
                let sent = Sent {
                    query: Form::default(),
                    body,
                };
                let path = [
                    ("node", Cow::Borrowed("pve01")),
                    ("vmid", Cow::Borrowed("100")),
                ];
                assert!(document.reader.read(operation, path, sent).is_err(), "{id}");
            }
        }
        // As many names as a form may have, none of them known.
        let names = (0..10_000).map(|n| (format!("net{n}x"), Value::from("x")));
        let sent = Sent {
            query: Form::default(),
            body: form(&names.collect::<Vec<_>>()),
        };
        assert!(document.reader.read(operation, [], sent).is_err());
    };
    let many: String = (0..60_000).map(|n| format!("k{n}=1,")).collect();
    let values = [
        many.into(),
        ",".repeat(500_000).into(),
        "a".repeat(500_000).into(),
        json!(vec!["x"; 4_000]),
    ];
    check(
        Product::Pve,
        "pve-9.2",
        "put_nodes_node_qemu_vmid_config",
        &values,
    );
    check(Product::Pdm, "pdm-1", "post_access_users", &values);
}
