//! Numbers and booleans of a sample.

use serde_json::{Number, Value};

use super::super::schema::{Kind, Schema};
use super::{Booleans, Sampler, Spot, names};

impl Sampler<'_> {
    /// A number by, in this order: what is asked about, the list of choices, the default, the name, the
    /// unit, the bounds.
    pub(super) fn number(&mut self, schema: &Schema, spot: Spot<'_>) -> Option<Value> {
        let facts = schema.facts();
        let hint = self.hint(spot).map(whole);
        let owned = names::owned(spot.owner, spot.name).map(|text| whole(text.into()));
        let renderer = facts.renderer.as_deref().and_then(unit);
        let named = match schema.kind {
            Kind::Integer => names::integer(spot.name).map(Value::from),
            _ => names::number(spot.name),
        };
        let candidates = [hint, facts.default.clone(), owned, named, renderer];
        let choices = schema.choices.iter().cloned();
        let bounds = [&facts.minimum, &facts.maximum].map(|bound| bound.clone().map(Value::Number));
        let fallback = [Value::from(1), Value::from(0)].into_iter();
        let mut all = candidates
            .into_iter()
            .flatten()
            .chain(choices)
            .chain(fallback)
            .chain(bounds.into_iter().flatten().flat_map(rounded));
        all.find(|value| value.is_number() && self.rules.takes(schema, value))
    }

    /// A boolean, written as the product writes it.
    pub(super) fn boolean(&mut self, schema: &Schema, spot: Spot<'_>) -> Option<Value> {
        let hint = self.hint(spot);
        let default = schema.facts().default.clone();
        let told = hint.or(default).as_ref().and_then(truth);
        let truth = told.unwrap_or_else(|| names::holds(spot.name));
        let written = |truth| match self.hints.booleans {
            Booleans::Real => Value::Bool(truth),
            Booleans::ZeroOrOne => Value::from(u8::from(truth)),
        };
        let both = [written(truth), written(!truth)];
        both.into_iter()
            .find(|value| self.rules.takes(schema, value))
    }
}

/// What a value says when it is read as a boolean.
fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(*truth),
        Value::Number(number) => Some(number.as_f64() != Some(0.0)),
        Value::String(text) => match text.as_str() {
            "1" | "true" | "yes" | "on" => Some(true),
            "0" | "false" | "no" | "off" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// The number that a text from a path is.
fn whole(value: Value) -> Value {
    let number = value
        .as_str()
        .and_then(|text| text.parse().ok().map(|number: i64| number.into()));
    number.unwrap_or(value)
}

/// A bound, and the whole numbers beside it, which an integer needs when the bound is none.
fn rounded(bound: Value) -> impl Iterator<Item = Value> {
    let beside = bound.as_f64().map(|bound| [bound.ceil(), bound.floor()]);
    let beside = beside.into_iter().flatten();
    let numbers = beside.filter_map(|number| {
        let whole: Option<i64> = format!("{number:.0}").parse().ok();
        whole.map(Number::from)
    });
    let numbers: Vec<Value> = numbers.map(Value::Number).collect();
    std::iter::once(bound).chain(numbers)
}

/// A number in the unit that the product's interface shows it in.
fn unit(renderer: &str) -> Option<Value> {
    match renderer {
        "bytes" => Some((1_i64 << 30).into()),
        "timestamp" | "timestamp_gmt" => Some(names::NEW_YEAR.into()),
        "duration" => Some(names::DAY.into()),
        "fraction_as_percentage" => Some(0.05.into()),
        _ => None,
    }
}
