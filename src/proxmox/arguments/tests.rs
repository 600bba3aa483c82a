//! Every rule of reading arguments, product by product.

mod calls;
mod documents;
mod perl;
mod rust;

use std::borrow::Cow;
use std::fs;
use std::sync::LazyLock;

use serde_json::{Value, json};

use super::*;
use crate::http::form::Syntax;

/// A contract with one operation `PUT /things/{id}` that takes these parameters.
fn contract(parameters: &Value, required: &[&str]) -> Contract {
    let mut schema =
        json!({"type": "object", "properties": parameters, "additionalProperties": false});
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    let content = json!({"application/x-www-form-urlencoded": {"schema": schema}});
    let id = json!({"name": "id", "in": "path", "required": true, "schema": {"type": "string"}});
    let document = json!({
        "openapi": "3.0.3", "info": {"title": "t", "version": "1"},
        "paths": {"/things/{id}": {"put": {
            "operationId": "put_thing", "parameters": [id], "requestBody": {"content": content},
            "responses": {"200": {"description": ""}}
        }}}
    });
    Contract::parse(document.to_string().as_bytes(), "x.json").unwrap()
}

/// A product with an operation.
struct Bench {
    product: Product,
    contract: Contract,
    reader: Reader,
}

/// The committed documents, each read once for all tests.
static DOCUMENTS: [(&str, Product, LazyLock<Contract>); 5] = [
    (
        "pve-9.2",
        Product::Pve,
        LazyLock::new(|| document("pve-9.2")),
    ),
    (
        "pve-8.4",
        Product::Pve,
        LazyLock::new(|| document("pve-8.4")),
    ),
    (
        "pve-7.4",
        Product::Pve,
        LazyLock::new(|| document("pve-7.4")),
    ),
    ("pbs-4", Product::Pbs, LazyLock::new(|| document("pbs-4"))),
    ("pdm-1", Product::Pdm, LazyLock::new(|| document("pdm-1"))),
];

fn document(name: &str) -> Contract {
    let path = format!("{}/openapi/{name}.json", env!("CARGO_MANIFEST_DIR"));
    Contract::parse(&fs::read(path).unwrap(), name).unwrap()
}

/// What is wrong, by name.
type Wrong = Vec<(String, String)>;

impl Bench {
    fn new(product: Product, parameters: &Value, required: &[&str]) -> Self {
        let contract = contract(parameters, required);
        Self {
            reader: Reader::new(product, &contract),
            product,
            contract,
        }
    }

    fn form(&self, text: &str) -> Form {
        let syntax = if self.product.is_perl() {
            Syntax::Perl
        } else {
            Syntax::Standard
        };
        Form::parse(text.as_bytes(), syntax).unwrap()
    }

    fn read(&self, query: &str, body: Body) -> Result<Arguments<'_>, Wrong> {
        let sent = Sent {
            query: self.form(query),
            body,
        };
        let path = [("id", Cow::Borrowed("one"))];
        let read = self.reader.read(&self.contract.operations[0], path, sent);
        let texts = |problems: Problems| {
            let all = problems.iter();
            all.map(|(name, text)| (name.to_owned(), text.to_owned()))
                .collect()
        };
        read.map_err(texts)
    }

    /// What comes of a form body, without the path parameter.
    fn good(&self, form: &str, want: Value) {
        let arguments = self.read("", Body::Form(self.form(form)));
        let mut given = arguments
            .unwrap_or_else(|wrong| panic!("{form}: {wrong:?}"))
            .into_given();
        assert_eq!(given.shift_remove("id"), Some(json!("one")));
        assert_eq!(Value::Object(given), want, "{form}");
    }

    fn good_json(&self, body: Value, want: Value) {
        let text = body.to_string();
        let arguments = self.read("", json_body(body));
        let mut given = arguments
            .unwrap_or_else(|wrong| panic!("{text}: {wrong:?}"))
            .into_given();
        given.shift_remove("id");
        assert_eq!(Value::Object(given), want, "{text}");
    }

    fn wrong(&self, form: &str, want: &[(&str, &str)]) {
        self.same(form, self.read("", Body::Form(self.form(form))), want);
    }

    fn wrong_json(&self, body: Value, want: &[(&str, &str)]) {
        let text = body.to_string();
        self.same(&text, self.read("", json_body(body)), want);
    }

    fn same(&self, text: &str, found: Result<Arguments<'_>, Wrong>, want: &[(&str, &str)]) {
        let found = found.err().unwrap_or_default();
        let found: Vec<_> = found
            .iter()
            .map(|(name, text)| (&**name, &**text))
            .collect();
        assert_eq!(found, want, "{:?}: {text}", self.product);
    }
}

fn json_body(body: Value) -> Body {
    match body {
        Value::Object(body) => Body::Json(body),
        other => panic!("{other} is no object"),
    }
}

#[test]
fn what_permissions_are_asked_about() {
    let gather = |product: Product, query: &str, body: Body| {
        let bench = Bench::new(product, &json!({}), &[]);
        let query = bench.form(query);
        let path = [("vmid", Cow::Borrowed("100"))];
        bench.reader.gather(path, Sent { query, body }).unwrap()
    };
    for product in Product::ALL {
        let found = gather(product, "pool=a&pool=b", Body::None);
        let texts = ["vmid", "pool", "x"].map(|name| found.text(name).map(Cow::into_owned));
        let pool = if product.is_perl() { "a,b" } else { "a" };
        assert_eq!(texts, [Some("100".to_owned()), Some(pool.to_owned()), None]);
        let found = gather(
            product,
            "",
            json_body(json!({"pool": 7, "x": [], "y": true})),
        );
        let texts = ["vmid", "pool", "x", "y"].map(|name| found.text(name).map(Cow::into_owned));
        assert_eq!(
            texts,
            [Some("100".to_owned()), Some("7".to_owned()), None, None]
        );
    }
}

#[test]
fn values_that_are_replaced() {
    for product in Product::ALL {
        let bench = Bench::new(product, &json!({}), &[]);
        for body in [
            Body::None,
            json_body(json!({"node": "b"})),
            Body::Form(bench.form("node=b")),
        ] {
            let sent = Sent {
                query: Form::default(),
                body,
            };
            let path = [("id", Cow::Borrowed("a"))];
            let mut found = bench.reader.gather(path, sent).unwrap();
            let had = found.text("node").is_some();
            for name in ["id", "node"] {
                found.replace(name, "c");
            }
            assert_eq!(found.text("id").as_deref(), Some("c"));
            assert_eq!(found.text("node").as_deref(), had.then_some("c"));
        }
    }
}

#[test]
fn a_body_full_of_unknown_names_is_refused_whole() {
    let body: Map<String, Value> = (0..50_000).map(|n| (format!("x{n}"), json!(n))).collect();
    for product in Product::ALL {
        let bench = Bench::new(product, &json!({"a": {"type": "string"}}), &[]);
        let wrong = bench.read("", Body::Json(body.clone())).err().unwrap();
        assert_eq!(wrong.len(), 50_000);
    }
}
