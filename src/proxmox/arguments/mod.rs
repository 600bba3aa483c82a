//! From what a client sent to checked and typed arguments of an operation.
//!
//! The Perl product collects one hash of everything and checks it against the schema afterwards, in `perl`; the
//! Rust products read pair by pair, or a JSON body on its own, in `rust`. What is wrong is said in the words of
//! [`super::problem`], in the order of the contract where the product's own order is that of a hash.
//!
//! Reading has two steps because Proxmox VE looks at permissions between them (proxmox.md 1.1, order of checks):
//! [`Reader::gather`] finds parameters that contradict the path, [`Reader::check`] everything else.

mod formats;
mod index;
mod number;
mod pattern;
mod perl;
mod perl_hash;
mod perl_property;
mod rust;
mod rust_json;
mod values;
mod variant;

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::problem::{Problem, Problems};
use super::product::Product;
use crate::contract::{Contract, Operation};
use crate::http::form::Form;

pub(super) use formats::pattern as pattern_of;
pub(super) use index::bound;
use pattern::Patterns;
pub use values::{Arguments, split_list};

/// What a client sent besides the path.
#[derive(Debug, Clone, Default)]
pub struct Sent {
    /// The query, taken apart as the product does ([`crate::http::form::Syntax`]).
    pub query: Form,
    /// The body.
    pub body: Body,
}

/// A body, taken apart.
#[derive(Debug, Clone, Default)]
pub enum Body {
    /// None, or none that the method takes.
    #[default]
    None,
    /// A form.
    Form(Form),
    /// A JSON object.
    Json(Map<String, Value>),
}

/// The values of a call in the order the product looks at them, not yet held against a schema.
#[derive(Debug, Clone)]
pub struct Gathered {
    values: Values,
}

#[derive(Debug, Clone)]
enum Values {
    /// One value for each name, lists where a name was repeated, null where Perl has `undef`.
    Hash(Map<String, Value>),
    /// Pairs as they came, those of the path last.
    Pairs(Vec<(String, String)>),
    /// A JSON body, and the values of the path.
    Json(Map<String, Value>, Vec<(String, String)>),
}

impl Gathered {
    /// The text given for a name, for permissions that are declared on a parameter. Values that repeat are joined
    /// by commas where the product makes a list of them, so that a permission is asked for each; else it is the
    /// first. None for what is no text or number.
    pub fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        let of_pairs = |pairs: &'_ [(String, String)]| {
            let found = pairs.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.clone())
        };
        match &self.values {
            Values::Hash(values) => match values.get(name)? {
                Value::Array(items) => {
                    let texts: Vec<_> = items.iter().filter_map(number::scalar).collect();
                    (!texts.is_empty()).then(|| Cow::Owned(texts.join(",")))
                }
                value => number::scalar(value),
            },
            Values::Pairs(pairs) => of_pairs(pairs).map(Cow::Owned),
            Values::Json(values, path) => match of_pairs(path) {
                Some(value) => Some(Cow::Owned(value)),
                None => number::scalar(values.get(name)?),
            },
        }
    }

    /// Puts another text in the place of a value that is there: a node's name for `localhost`.
    pub fn replace(&mut self, name: &str, text: &str) {
        let (values, pairs) = match &mut self.values {
            Values::Hash(values) => (Some(values), None),
            Values::Pairs(pairs) => (None, Some(pairs)),
            Values::Json(values, path) => (Some(values), Some(path)),
        };
        if let Some(value) = values.and_then(|values| values.get_mut(name)) {
            *value = text.into();
        }
        let pairs = pairs.into_iter().flatten();
        for (_, value) in pairs.filter(|(key, _)| key == name) {
            text.clone_into(value);
        }
    }
}

/// Reads the arguments of all operations of one contract. Made once, at the start; patterns are compiled when they
/// are first needed.
#[derive(Debug)]
pub struct Reader {
    product: Product,
    patterns: Patterns,
}

impl Reader {
    /// A reader for a product's contract.
    pub fn new(product: Product, contract: &Contract) -> Self {
        let parameters = contract.operations.iter().flat_map(|one| &one.parameters);
        let schemas = parameters.map(|parameter| &parameter.schema);
        let patterns = if product.is_perl() {
            Patterns::of(schemas.chain(formats::property_strings()))
        } else {
            Patterns::of(schemas)
        };
        Self { product, patterns }
    }

    /// Puts together what was sent and what stands in the path, decoded, by the product's precedence.
    ///
    /// # Errors
    /// Proxmox VE: a parameter that stands in the path with another value.
    pub fn gather<'p>(
        &self,
        path: impl IntoIterator<Item = (&'p str, Cow<'p, str>)>,
        sent: Sent,
    ) -> Result<Gathered, Problems> {
        let path = path
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.into_owned()));
        let values = if self.product.is_perl() {
            Values::Hash(perl_hash::gathered(path, sent)?)
        } else {
            rust::gathered(path.collect(), sent)
        };
        Ok(Gathered { values })
    }

    /// Holds what was gathered against the parameters of the operation.
    ///
    /// # Errors
    /// Everything that is wrong with them, in the product's words and order.
    pub fn check<'o>(
        &self,
        operation: &'o Operation,
        gathered: Gathered,
    ) -> Result<Arguments<'o>, Problems> {
        let mut findings = Findings::default();
        let given = match gathered.values {
            Values::Hash(values) => perl::checked(self, operation, values, &mut findings),
            Values::Pairs(pairs) => rust::checked(self, operation, &pairs, &mut findings),
            Values::Json(values, path) => {
                rust_json::checked(self, operation, values, &path, &mut findings)
            }
        };
        if !findings.problems.is_empty() {
            return Err(findings.problems);
        }
        Ok(Arguments::new(operation, given, findings.parsed))
    }

    /// Both steps at once.
    ///
    /// # Errors
    /// Those of both.
    pub fn read<'o, 'p>(
        &self,
        operation: &'o Operation,
        path: impl IntoIterator<Item = (&'p str, Cow<'p, str>)>,
        sent: Sent,
    ) -> Result<Arguments<'o>, Problems> {
        self.check(operation, self.gather(path, sent)?)
    }
}

/// What checking brings to light besides the values themselves.
#[derive(Debug, Default)]
struct Findings {
    problems: Problems,
    /// What property strings stand for, by the path of the value (`net0`, `interfaces[1]`).
    parsed: Map<String, Value>,
}

impl Findings {
    fn add(&mut self, product: Product, path: &str, problem: &Problem) {
        self.problems.add(path, &problem.text(product));
    }
}

#[cfg(test)]
mod tests;
