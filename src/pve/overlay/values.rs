//! Values of answers, which are texts in one release and numbers in another.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::pve::world::options::Options;

/// One object of an answer.
pub(super) type Row = Map<String, Value>;

/// A member that is a text or a number, as text; nothing for an empty one.
pub(super) fn text(row: &Row, name: &str) -> Option<String> {
    row.get(name)
        .and_then(plain)
        .filter(|text| !text.is_empty())
}

/// A value as the product's files write it; `None` for what they cannot hold.
pub(super) fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(u8::from(*truth).to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A member that is a whole number, or its text.
pub(super) fn number(row: &Row, name: &str) -> Option<u64> {
    let value = row.get(name)?;
    let whole = || {
        let number = value.as_f64().filter(|number| *number >= 0.0)?;
        format!("{number:.0}").parse().ok()
    };
    let written = || value.as_str()?.parse().ok();
    value.as_u64().or_else(whole).or_else(written)
}

/// A member that is true: 1, `true`, or a text of it.
pub(super) fn is_set(row: &Row, name: &str) -> bool {
    text(row, name).is_some_and(|text| matches!(text.as_str(), "1" | "true" | "yes" | "on"))
}

/// A moment in seconds since 1970.
pub(super) fn moment(row: &Row, name: &str) -> Option<Timestamp> {
    let seconds = i64::try_from(number(row, name)?).ok()?;
    Timestamp::from_second(seconds).ok()
}

/// What is left of a row when its own members are taken out, as far as a configuration can hold it: nothing that
/// is an object itself.
pub(super) fn rest(row: &Row, own: &[&str]) -> Options {
    let left = row.iter().filter(|(name, _)| !own.contains(&name.as_str()));
    let held = left.filter(|(_, value)| match value {
        Value::Null | Value::Object(_) => false,
        Value::Array(items) => items
            .iter()
            .all(|item| !matches!(item, Value::Null | Value::Array(_) | Value::Object(_))),
        _ => true,
    });
    Options(
        held.map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
    )
}

/// The parts of a list written with commas, semicolons or blanks.
pub(super) fn parts(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split([',', ';', ' ', '\t']);
    parts.filter(|part| !part.is_empty())
}
