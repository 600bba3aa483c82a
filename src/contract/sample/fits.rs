//! Whether an answer fits its declared type, read as a client of the product has to read it.
//!
//! A client meets `1` where a boolean is declared and members that no document tells of; what no client
//! could take is a missing member, a text for a number, a value outside its list. `check` holds files that
//! people write, and is stricter there, but looks at no bounds.

use serde_json::{Map, Number, Value};

use super::super::check::{self, Problem};
use super::super::moment::Moment;
use super::super::schema::{Format, Kind, Schema, Shape};
use super::pattern::Patterns;
use super::{formats, members};

/// More are not reported: nobody reads them.
const MOST: usize = 100;

/// How a product writes `true` and `false`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Booleans {
    /// As JSON does.
    Real,
    /// As `1` and `0`, like Perl; real ones pass as well.
    ZeroOrOne,
}

/// Everything that keeps an answer from fitting its declared type; at most a hundred problems. Optional
/// members may be absent or `null`, unknown ones pass unless the type forbids them, and an integer may be
/// written with a fraction of zero. Formats count where nothing but one form is meant by them (addresses,
/// users, dates), and patterns where they mean the same here as in the product.
pub fn fits(schema: &Schema, value: &Value, booleans: Booleans) -> Vec<Problem> {
    let mut inspection = Inspection {
        rules: Rules::new(booleans),
        path: String::new(),
        problems: Vec::new(),
    };
    inspection.value(schema, value);
    inspection.problems
}

/// What a single value has to be, members and items aside.
pub(super) struct Rules {
    patterns: Patterns,
    booleans: Booleans,
}

impl Rules {
    pub(super) fn new(booleans: Booleans) -> Self {
        let patterns = Patterns::default();
        Self { patterns, booleans }
    }

    /// Whether a value without members fits.
    pub(super) fn takes(&mut self, schema: &Schema, value: &Value) -> bool {
        self.fault(schema, value).is_none()
    }

    /// What is wrong with a value, in a clause that follows its path.
    fn fault(&mut self, schema: &Schema, value: &Value) -> Option<String> {
        let known = match (&schema.kind, value) {
            (Kind::String(_), Value::String(text)) => {
                let fault = self.text_fault(schema, text);
                if fault.is_some() {
                    return fault;
                }
                true
            }
            (Kind::Integer, Value::Number(number)) => is_whole(number),
            (Kind::Boolean, Value::Number(number)) => {
                let either = number.as_u64().is_some_and(|number| number <= 1);
                return (self.booleans == Booleans::Real || !either)
                    .then(|| format!("must be a boolean, but is {number}"));
            }
            (Kind::Number, Value::Number(_)) | (Kind::Boolean, Value::Bool(_)) => true,
            _ => false,
        };
        if !known {
            let is = check::noun(value);
            return Some(format!("must be {}, but is {is}", schema.noun()));
        }
        let bounds = value.as_number().and_then(|number| beyond(schema, number));
        bounds.or_else(|| chosen(schema, value))
    }

    fn text_fault(&mut self, schema: &Schema, text: &str) -> Option<String> {
        let facts = schema.facts();
        if let Some(fault) = length(schema, text.chars().count(), "characters") {
            return Some(fault);
        }
        if let Some(pattern) = &facts.pattern
            && !self.patterns.fits(pattern, text)
        {
            return Some(format!("must match {pattern}, but is {text:?}"));
        }
        if schema.kind == Kind::String(Format::DateTime) && !Moment::is_rfc_3339(text) {
            return Some(format!("must be a date and time, but is {text:?}"));
        }
        let format = schema.format()?;
        let fits = formats::rule(format).is_none_or(|rule| rule(text));
        (!fits).then(|| format!("must have the format {format}, but is {text:?}"))
    }
}

fn is_whole(number: &Number) -> bool {
    let double = || number.as_f64().is_some_and(|number| number.fract() == 0.0);
    number.is_i64() || number.is_u64() || double()
}

fn beyond(schema: &Schema, number: &Number) -> Option<String> {
    let facts = schema.facts();
    let less = |a: &Number, b: &Number| match (a.as_i64(), b.as_i64()) {
        (Some(a), Some(b)) => a < b,
        _ => a.as_f64() < b.as_f64(),
    };
    let low = facts.minimum.as_ref().filter(|least| less(number, least));
    let high = facts.maximum.as_ref().filter(|most| less(most, number));
    match (low, high) {
        (Some(least), _) => Some(format!("must be at least {least}, but is {number}")),
        (_, Some(most)) => Some(format!("must be at most {most}, but is {number}")),
        _ => None,
    }
}

fn chosen(schema: &Schema, value: &Value) -> Option<String> {
    let choices = &schema.choices;
    // A number is the same however it is written.
    let same = |choice: &Value| match (choice.as_number(), value.as_number()) {
        (Some(a), Some(b)) => a == b || a.as_f64() == b.as_f64(),
        _ => choice == value,
    };
    if choices.is_empty() || choices.iter().any(same) {
        return None;
    }
    let choices: Vec<String> = choices.iter().map(Value::to_string).collect();
    let list = choices.join(", ");
    Some(format!("must be one of {list}, but is {value}"))
}

fn length(schema: &Schema, count: usize, what: &str) -> Option<String> {
    let facts = schema.facts();
    let count = u64::try_from(count).unwrap_or(u64::MAX);
    let short = facts.shortest.filter(|least| count < *least);
    let long = facts.longest.filter(|most| count > *most);
    match (short, long) {
        (Some(least), _) => Some(format!(
            "must have at least {least} {what}, but has {count}"
        )),
        (_, Some(most)) => Some(format!("must have at most {most} {what}, but has {count}")),
        _ => None,
    }
}

struct Inspection {
    rules: Rules,
    path: String,
    problems: Vec<Problem>,
}

impl Inspection {
    fn value(&mut self, schema: &Schema, value: &Value) {
        match (&schema.kind, value) {
            (Kind::Any, _) => {}
            (_, Value::Null) if schema.nullable => {}
            (Kind::OneOf(variants), _) => self.variants(variants, value),
            (Kind::Object(shape), Value::Object(members)) => self.object(shape, members),
            (Kind::Array(items), Value::Array(values)) => {
                self.report(length(schema, values.len(), "items"));
                for (index, value) in values.iter().enumerate() {
                    if self.problems.len() >= MOST {
                        return;
                    }
                    self.at(&format!("[{index}]"), |inside| inside.value(items, value));
                }
            }
            _ => {
                let fault = self.rules.fault(schema, value);
                self.report(fault);
            }
        }
    }

    fn variants(&mut self, variants: &[Schema], value: &Value) {
        let booleans = self.rules.booleans;
        if !variants
            .iter()
            .any(|variant| fits(variant, value, booleans).is_empty())
        {
            let count = variants.len();
            self.report(Some(format!(
                "must fit one of {count} types, but fits none"
            )));
        }
    }

    fn object(&mut self, shape: &Shape, object: &Map<String, Value>) {
        for (name, value) in object {
            let mut properties = shape.properties.iter();
            let named = properties.find(|property| property.name == *name);
            let property = named.or_else(|| {
                let mut families = shape.properties.iter();
                families.find(|property| members::is_of_family(name, &property.name))
            });
            match (property, &shape.additional) {
                (Some(property), _) if value.is_null() && !property.required => {}
                (Some(property), _) => {
                    self.member(name, |inside| inside.value(&property.schema, value));
                }
                (None, Some(others)) => self.member(name, |inside| inside.value(others, value)),
                (None, None) => self.member(name, |inside| {
                    inside.report(Some("is no member of this type".to_owned()));
                }),
            }
        }
        for property in &shape.properties {
            if !object.contains_key(&property.name) && members::needed(property, shape) {
                self.member(&property.name, |inside| {
                    inside.report(Some("is missing".to_owned()));
                });
            }
        }
    }

    fn member(&mut self, name: &str, inspect: impl FnOnce(&mut Self)) {
        let step = match self.path.is_empty() {
            true => name.to_owned(),
            false => format!(".{name}"),
        };
        self.at(&step, inspect);
    }

    fn at(&mut self, step: &str, inspect: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        self.path.push_str(step);
        inspect(self);
        self.path.truncate(length);
    }

    fn report(&mut self, message: Option<String>) {
        let room = self.problems.len() < MOST;
        let path = &self.path;
        let problem = message.filter(|_| room).map(|message| Problem {
            path: path.clone(),
            message,
        });
        self.problems.extend(problem);
    }
}
