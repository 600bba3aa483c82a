//! Defaults that their own schema does not allow.
//!
//! The products have some: 0 for no limit where a limit is at least 1, the name of a unit where only those of its
//! parts match. Tools that check a document refuse it for them.

use regex::Regex;
use serde_json::{Map, Value};

/// Whether the default of a schema breaks one of its own rules.
pub(super) fn is_strange(schema: &Map<String, Value>) -> bool {
    let fits = match schema.get("default") {
        Some(Value::Number(number)) => {
            let bound = |name: &str| schema.get(name).and_then(Value::as_f64);
            let value = number.as_f64().unwrap_or_default();
            bound("minimum").is_none_or(|least| least <= value)
                && bound("maximum").is_none_or(|most| value <= most)
        }
        Some(Value::String(text)) => {
            let bound = |name: &str| schema.get(name).and_then(Value::as_u64);
            let length = text.chars().count() as u64;
            bound("minLength").is_none_or(|least| least <= length)
                && bound("maxLength").is_none_or(|most| length <= most)
                && matches(schema, text)
        }
        _ => true,
    };
    !fits
}

/// A pattern that nobody here reads is taken to match.
fn matches(schema: &Map<String, Value>, text: &str) -> bool {
    let pattern = schema.get("pattern").and_then(Value::as_str);
    let pattern = pattern.and_then(|pattern| Regex::new(pattern).ok());
    pattern.is_none_or(|pattern| pattern.is_match(text))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn defaults_and_their_rules() {
        let check = |schema: Value, strange: bool| {
            assert_eq!(is_strange(schema.as_object().unwrap()), strange, "{schema}");
        };
        check(json!({"default": 0, "minimum": 1}), true);
        check(json!({"default": 0.5, "minimum": 0, "maximum": 1}), false);
        check(json!({"default": 2, "maximum": 1}), true);
        check(json!({"default": "ab", "maxLength": 1}), true);
        check(json!({"default": "", "minLength": 1}), true);
        check(json!({"default": "ab", "pattern": "^a"}), false);
        check(json!({"default": "ab", "pattern": "^b"}), true);
        check(json!({"default": "ab", "pattern": "("}), false);
        check(json!({"default": true}), false);
        check(json!({"minimum": 1}), false);
    }
}
