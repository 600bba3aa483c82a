//! Answers of operations that nobody has written: made of the declared type once, then repeated.
//!
//! Making one costs more than a call should (patterns are compiled), so it is kept. What the path says replaces
//! what was made: the answer about guest 104 says 104.

use std::sync::OnceLock;

use serde_json::{Map, Value};

use crate::contract::sample::{Booleans, Hints, Limits, sample};
use crate::contract::{Contract, Kind, Operation, Place, Returns};
use crate::http::Method;
use crate::proxmox::call::Call;
use crate::proxmox::product::Product;
use crate::proxmox::work::Job;

/// The answers made so far, by the number of their operation.
#[derive(Debug)]
pub(super) struct Samples {
    product: Product,
    made: Vec<OnceLock<Value>>,
}

impl Samples {
    /// None yet.
    pub(super) fn new(product: Product, contract: &Contract) -> Self {
        let made = contract.operations.iter().map(|_| OnceLock::new());
        Self {
            product,
            made: made.collect(),
        }
    }

    /// Whether an operation answers with the id of a task: a write whose text is declared to be one.
    pub(super) fn starts_task(operation: &Operation) -> bool {
        let Returns::Value(schema) = operation.returns() else {
            return false;
        };
        let is_upid = || {
            let pattern = schema.facts().pattern.as_deref().unwrap_or_default();
            pattern.contains("UPID")
        };
        operation.method != Method::Get && matches!(schema.kind, Kind::String(_)) && is_upid()
    }

    /// The answer to a call.
    pub(super) fn answer(&self, call: &Call<'_>) -> Value {
        let operation = call.operation;
        let made = self.made[usize::from(operation.index)].get_or_init(|| self.make(operation));
        let mut answer = made.clone();
        if let Value::Object(members) = &mut answer {
            repeat_path(members, call);
        }
        answer
    }

    fn make(&self, operation: &Operation) -> Value {
        let Returns::Value(schema) = operation.returns() else {
            return Value::Null;
        };
        let hints = Hints {
            values: &|_| None,
            booleans: match self.product {
                Product::Pve => Booleans::ZeroOrOne,
                Product::Pbs | Product::Pdm => Booleans::Real,
            },
            limits: Limits::default(),
        };
        sample(schema, &hints)
    }
}

/// Puts the path's own values in the place of those that were made up, where the types agree.
fn repeat_path(members: &mut Map<String, Value>, call: &Call<'_>) {
    let parameters = call.operation.parameters.iter();
    for parameter in parameters.filter(|parameter| parameter.place == Place::Path) {
        let given = call.arguments.given().get(&*parameter.name);
        if let (Some(given), Some(member)) = (given, members.get_mut(&*parameter.name))
            && (given.is_string() == member.is_string())
            && (given.is_number() == member.is_number())
        {
            member.clone_from(given);
        }
    }
}

/// The task of an operation that says it starts one: named after the last word of its path.
pub(super) fn task<E>(call: &Call<'_>) -> Job<E> {
    let mut words = call.operation.template.split('/');
    let word = words.rfind(|word| !word.is_empty() && !word.starts_with('{'));
    Job::new(word.unwrap_or("task").replace('-', "_"), "")
}
