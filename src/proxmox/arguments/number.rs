//! Numbers as text and text as numbers, by Perl's rules.
//!
//! Perl has no types: `7`, `"7"` and `7.0` of a JSON body are the same scalar, so everything is checked as text.

use std::borrow::Cow;

use serde_json::{Number, Value};

/// The text of a value that is one scalar in Perl; none for lists, objects, null and the booleans of JSON.
pub(super) fn scalar(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(text(number))),
        _ => None,
    }
}

/// A number as Perl writes it: whole when it is whole.
fn text(number: &Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < 1e15 => {
            format!("{float:.0}")
        }
        _ => number.to_string(),
    }
}

/// Whether Perl takes a text for a whole number.
pub(super) fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether Perl takes a text for a number (`1`, `-1.5`, `.5`, `2.`, `1e3`).
pub(super) fn is_number(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(is_integer)
}

/// The number that a text is, whole if it can be; the text itself when no number holds it.
pub(super) fn typed(text: &str) -> Value {
    let plain = text.strip_prefix('+').unwrap_or(text);
    if let Ok(number) = plain.parse::<i64>() {
        return number.into();
    }
    if let Ok(number) = plain.parse::<u64>() {
        return number.into();
    }
    let float = plain.parse::<f64>().ok().and_then(Number::from_f64);
    float.map_or_else(|| text.into(), Value::Number)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_a_number() {
        let check = |text: &str, integer: bool, number: bool| {
            assert_eq!(
                (is_integer(text), is_number(text)),
                (integer, number),
                "{text}"
            );
        };
        for text in ["0", "+7", "-1", "007", "99999999999999999999999"] {
            check(text, true, true);
        }
        for text in ["1.5", "2.", ".5", "1e3", "-1.5E-3"] {
            check(text, false, true);
        }
        for text in ["", "-", ".", "1e", "x", "0x10", "1 ", "1.2.3", "e5", "inf"] {
            check(text, false, false);
        }
    }

    #[test]
    fn scalars_and_types() {
        assert_eq!(scalar(&json!(5.0)).unwrap(), "5");
        assert_eq!(scalar(&json!(0.5)).unwrap(), "0.5");
        assert_eq!(scalar(&json!(true)), None);
        assert_eq!(typed("+7"), json!(7));
        assert_eq!(typed("18446744073709551615"), json!(u64::MAX));
        assert_eq!(typed("1.5"), json!(1.5));
        assert_eq!(typed(&"9".repeat(400)), json!("9".repeat(400)));
    }
}
