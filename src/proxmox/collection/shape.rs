//! What the contract says about the things of a collection: their options, and what changes answer.

use serde_json::Value;

use super::{Collection, Kind};
use crate::contract::{Kind as Type, Operation, Place, Returns, Schema};

/// Parameters that steer a call in every product and belong to no section.
const STEERING: &[&str] = &["digest", "delete", "lock-token", "force"];

/// One property that a thing may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) name: Box<str>,
    /// Whether a thing cannot be made without it.
    pub(super) is_required: bool,
    /// Whether it cannot be changed once it is made.
    pub(super) is_fixed: bool,
    pub(super) is_boolean: bool,
}

/// What a change answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Echo {
    /// `null`.
    Nothing,
    /// The id.
    Id,
    /// These members of the thing.
    Members(Vec<String>),
}

/// The option of this name; `acmedomain[n]` stands for `acmedomain0` and so on.
pub(super) fn choice<'c>(choices: &'c [Choice], name: &str) -> Option<&'c Choice> {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let is_indexed = |known: &str| {
        stem.len() < name.len() && known.strip_suffix("[n]").is_some_and(|known| known == stem)
    };
    choices
        .iter()
        .find(|choice| *choice.name == *name || is_indexed(&choice.name))
}

/// The options that creation and change know. What only creation knows is fixed.
pub(super) fn choices(
    collection: &Collection,
    create: Option<&Operation>,
    update: Option<&Operation>,
) -> Vec<Choice> {
    let is_option = |name: &str| {
        let of_kind = matches!(collection.kind, Kind::Parameter(kind) if kind == name);
        name != collection.id
            && !of_kind
            && !STEERING.contains(&name)
            && !collection.unkept.contains(&name)
    };
    let mut choices: Vec<Choice> = Vec::new();
    for operation in [create, update].into_iter().flatten() {
        for parameter in &operation.parameters {
            let name = &*parameter.name;
            let known = choices.iter().any(|choice| *choice.name == *name);
            if parameter.place == Place::Path || !is_option(name) || known {
                continue;
            }
            let of_create = create.and_then(|create| create.parameter(name));
            let of_update = update.and_then(|update| update.parameter(name));
            choices.push(Choice {
                name: name.into(),
                is_required: of_create.is_some_and(|parameter| parameter.required),
                is_fixed: of_update.is_none(),
                is_boolean: parameter.schema.kind == Type::Boolean,
            });
        }
    }
    choices
}

/// The members of a value, or of the items of a list.
pub(super) fn members(schema: &Schema) -> Vec<String> {
    let schema = match &schema.kind {
        Type::Array(item) => item,
        _ => schema,
    };
    let properties = schema.properties().iter();
    properties.map(|property| property.name.clone()).collect()
}

pub(super) fn echo(operation: &Operation) -> Echo {
    match operation.returns() {
        Returns::Null | Returns::Undeclared => Echo::Nothing,
        Returns::Value(schema) => match &schema.kind {
            Type::String(_) => Echo::Id,
            Type::Object(_) => Echo::Members(members(schema)),
            _ => Echo::Nothing,
        },
    }
}

/// A truth value however it was written.
pub(super) fn truth(value: &Value) -> Value {
    match value {
        Value::Number(number) => Value::Bool(number.as_f64() != Some(0.0)),
        Value::String(text) => {
            let text = text.to_ascii_lowercase();
            Value::Bool(matches!(&*text, "1" | "on" | "yes" | "true"))
        }
        other => other.clone(),
    }
}
