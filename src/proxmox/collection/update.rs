//! A change of one section: what is set, what is deleted, and what is wrong with that.

use serde_json::{Map, Value};

use super::shape::{self, Choice};
use crate::proxmox::fault::Fault;
use crate::proxmox::problem::Problem;
use crate::proxmox::product::Product;

/// What a caller wants changed.
pub(super) struct Change<'a> {
    pub(super) product: Product,
    pub(super) choices: &'a [Choice],
    /// The parameter `delete`.
    pub(super) delete: Option<&'a Value>,
    /// The properties to be set.
    pub(super) set: Map<String, Value>,
}

/// Changes the properties of a section; on a refusal some may be changed already, so it works on a copy.
///
/// The Perl product's refusals are those of `PVE::SectionConfig::delete_from_config`. In the Rust products
/// `delete` is a list of known names, and what is deleted and set is set.
pub(super) fn apply(properties: &mut Map<String, Value>, change: Change<'_>) -> Result<(), Fault> {
    for name in names(change.delete) {
        let choice = shape::choice(change.choices, &name);
        match change.product {
            Product::Pve => perl_refusal(&name, choice, &change.set)?,
            Product::Pbs | Product::Pdm => rust_refusal(change.product, &name, choice)?,
        }
        properties.shift_remove(&name);
    }
    properties.extend(change.set);
    Ok(())
}

fn perl_refusal(
    name: &str,
    choice: Option<&Choice>,
    set: &Map<String, Value>,
) -> Result<(), Fault> {
    let text = match choice {
        None => format!("no such option '{name}'"),
        Some(choice) if choice.is_required => format!("unable to delete required option '{name}'"),
        Some(choice) if choice.is_fixed => format!("unable to delete fixed option '{name}'"),
        Some(_) if set.contains_key(name) => {
            format!("cannot set and delete property '{name}' at the same time!")
        }
        Some(_) => return Ok(()),
    };
    Err(Fault::Failed(text))
}

fn rust_refusal(product: Product, name: &str, choice: Option<&Choice>) -> Result<(), Fault> {
    if choice.is_some_and(|choice| !choice.is_required && !choice.is_fixed) {
        return Ok(());
    }
    let problem = Problem::Enumeration {
        got: name.to_owned(),
        allowed: Vec::new(),
    };
    Err(Fault::parameter("delete", problem.text(product)))
}

/// The names in `delete`: a list, or a text that is one.
fn names(delete: Option<&Value>) -> Vec<String> {
    let separates = |c: char| matches!(c, ',' | ';' | '\0') || c.is_whitespace();
    let split = |text: &str| {
        let names = text.split(separates).filter(|name| !name.is_empty());
        names.map(str::to_owned).collect::<Vec<_>>()
    };
    match delete {
        Some(Value::String(text)) => split(text),
        Some(Value::Array(items)) => items
            .iter()
            .filter_map(Value::as_str)
            .flat_map(split)
            .collect(),
        _ => Vec::new(),
    }
}
