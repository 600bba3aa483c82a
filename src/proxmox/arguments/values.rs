//! The arguments of a call as handlers see them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::index;
use crate::contract::Operation;

/// Checked arguments. What looks for one finds the declared default when it was not given; what was given alone is
/// in [`Arguments::given`], because a change must not write defaults.
#[derive(Debug, Clone)]
pub struct Arguments<'o> {
    operation: &'o Operation,
    given: Map<String, Value>,
    parsed: Map<String, Value>,
}

impl<'o> Arguments<'o> {
    pub(super) fn new(
        operation: &'o Operation,
        given: Map<String, Value>,
        parsed: Map<String, Value>,
    ) -> Self {
        Self {
            operation,
            given,
            parsed,
        }
    }

    /// The operation they are for.
    pub fn operation(&self) -> &'o Operation {
        self.operation
    }

    /// What was given, typed, path parameters first: booleans and numbers are those of JSON, property strings and
    /// lists in strings are strings still.
    pub fn given(&self) -> &Map<String, Value> {
        &self.given
    }

    /// What was given, moved out.
    pub fn into_given(self) -> Map<String, Value> {
        self.given
    }

    /// Whether a value was given.
    pub fn has(&self, name: &str) -> bool {
        self.given.contains_key(name)
    }

    /// A value, or its default.
    pub fn value(&self, name: &str) -> Option<&Value> {
        let default = || {
            let parameter = self.operation.parameter(name)?;
            parameter.schema.facts().default.as_ref()
        };
        self.given.get(name).or_else(default)
    }

    /// A string.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.value(name)?.as_str()
    }

    /// A whole number.
    pub fn integer(&self, name: &str) -> Option<i64> {
        self.value(name)?.as_i64()
    }

    /// A number, whole or not.
    pub fn number(&self, name: &str) -> Option<f64> {
        self.value(name)?.as_f64()
    }

    /// A boolean.
    pub fn boolean(&self, name: &str) -> Option<bool> {
        self.value(name)?.as_bool()
    }

    /// Whether a boolean is true, by itself or by default.
    pub fn is_set(&self, name: &str) -> bool {
        self.boolean(name).unwrap_or_default()
    }

    /// The items of a list, in a string (`*-list`) or of its own; none when there is none. Items that are no
    /// strings are written as JSON.
    pub fn list(&self, name: &str) -> Vec<Cow<'_, str>> {
        match self.value(name) {
            Some(Value::String(text)) => split_list(text).map(Cow::Borrowed).collect(),
            Some(Value::Array(items)) => items
                .iter()
                .map(|item| match item {
                    Value::String(text) => Cow::Borrowed(&**text),
                    other => Cow::Owned(other.to_string()),
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The values of an indexed parameter (`net` for `net[n]`) by their numbers.
    pub fn indexed(&self, base: &str) -> BTreeMap<u32, &Value> {
        let numbered = self.given.iter().filter_map(|(name, value)| {
            let (found, number) = index::split(name)?;
            (found == base).then_some((number, value))
        });
        numbered.collect()
    }

    /// What a property string stands for, typed, with aliases resolved: an object, or a list. The name of an item
    /// of a list is `name[0]` (Proxmox VE) or `name/[0]`.
    pub fn property_string(&self, name: &str) -> Option<&Value> {
        self.parsed.get(name)
    }
}

/// The items of a list in a string as the products split it: at NUL when there is one, else at commas, semicolons
/// and blanks.
pub fn split_list(text: &str) -> impl Iterator<Item = &str> {
    let by_nul = text.contains('\0');
    let separates = move |c: char| match c {
        '\0' => true,
        ',' | ';' => !by_nul,
        c => !by_nul && c.is_whitespace(),
    };
    text.split(separates).filter(|item| !item.is_empty())
}
