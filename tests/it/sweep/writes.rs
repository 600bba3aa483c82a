//! What every write refuses: parameters it does not know, those it misses, and values of a wrong type.

use mock_server::contract::{Kind, Operation, Parameter, Place};
use mock_server::http::Method;
use mock_server::proxmox::Product;
use serde_json::Value;

use super::Swept;
use super::tree::Tree;
use crate::support::api::send;
use crate::support::client::Answer;

/// A name that no operation has.
const STRANGE: &str = "x-nobody-knows-this";

/// Asks every write of every path that was found.
pub(super) fn refusals(swept: &Swept, tree: &Tree, faults: &mut Vec<String>) {
    for operation in &swept.contract.operations {
        if operation.method == Method::Get {
            continue;
        }
        let Some(path) = tree.of(&operation.template).first() else {
            continue;
        };
        let call = Call {
            swept,
            operation,
            path,
        };
        call.refuses_strangers(faults);
        call.refuses_wrong_types(faults);
    }
}

struct Call<'s> {
    swept: &'s Swept,
    operation: &'s Operation,
    path: &'s str,
}

impl Call<'_> {
    /// Sends `pairs` where the method takes them: in the query for DELETE, else as a form.
    fn send(&self, pairs: &str) -> Answer {
        let method = self.operation.method.as_str();
        let target = format!("/api2/json{}", self.path);
        let address = self.swept.server.main;
        if self.operation.method == Method::Delete {
            return send(address, method, &format!("{target}?{pairs}"), &[], b"");
        }
        let form = [("content-type", "application/x-www-form-urlencoded")];
        send(address, method, &target, &form, pairs.as_bytes())
    }

    fn refuses_strangers(&self, faults: &mut Vec<String>) {
        if self.operation.additional || self.operation.facts.upload {
            return;
        }
        let answer = self.send(&format!("{STRANGE}=1"));
        let text = match self.swept.product {
            Product::Pve => {
                "property is not defined in schema and the schema does not allow additional properties"
            }
            Product::Pbs | Product::Pdm => "schema does not allow additional properties.",
        };
        self.expect(&answer, STRANGE, text, faults);
        let required: Vec<&Parameter> = self
            .parameters()
            .filter(|parameter| parameter.required)
            .collect();
        if required.is_empty() {
            return;
        }
        // The Rust products look for what is missing once all that was sent is known.
        let answer = match self.swept.product {
            Product::Pve => answer,
            Product::Pbs | Product::Pdm => self.send(""),
        };
        let missing = match self.swept.product {
            Product::Pve => "property is missing and it is not optional",
            Product::Pbs | Product::Pdm => "parameter is missing and it is not optional.",
        };
        for parameter in required {
            self.expect(&answer, &parameter.name, missing, faults);
        }
    }

    fn refuses_wrong_types(&self, faults: &mut Vec<String>) {
        if self.operation.facts.upload {
            return;
        }
        for parameter in self
            .parameters()
            .filter(|parameter| !parameter.name.contains('['))
        {
            let (value, perl, rust) = match parameter.schema.kind {
                Kind::Integer => ("seven", "type check ('integer') failed - got 'seven'", ""),
                Kind::Number => ("seven", "type check ('number') failed - got 'seven'", ""),
                Kind::Boolean => ("maybe", "type check ('boolean') failed - got 'maybe'", ""),
                _ => continue,
            };
            let name = &parameter.name;
            let answer = self.send(&format!("{name}={value}"));
            let text = if self.swept.product.is_perl() {
                perl
            } else {
                rust
            };
            self.expect(&answer, name, text, faults);
            break;
        }
    }

    fn parameters(&self) -> impl Iterator<Item = &Parameter> {
        let parameters = self.operation.parameters.iter();
        parameters.filter(|parameter| parameter.place == Place::Rest)
    }

    /// The answer must be 400 and say `text` about the parameter.
    fn expect(&self, answer: &Answer, name: &str, text: &str, faults: &mut Vec<String>) {
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        let says = match self.swept.product {
            Product::Pve => {
                let json: Value = serde_json::from_str(&body).unwrap_or_default();
                let said = json["errors"][name].as_str().map(str::to_owned);
                said.is_some_and(|said| said.contains(text))
            }
            Product::Pbs | Product::Pdm => {
                body.contains(&format!("'{name}': ")) && body.contains(text)
            }
        };
        if answer.status() != 400 || !says {
            let (method, template) = (&self.operation.method, &self.operation.template);
            let status = answer.status();
            faults.push(format!(
                "{method} {template}: {name} should be {text:?}: {status} {body}"
            ));
        }
    }
}
