//! The words of the products' schemas: which are prose, what the others are called in a document, and
//! values that the products spell in another type than the one they mean.

use serde_json::{Map, Number, Value};

use super::tree::{Node, Tree};

/// Whether a member is there for people: it is left out, whatever it says.
pub(super) fn is_prose(name: &str) -> bool {
    name.ends_with("description") || matches!(name, "typetext" | "title")
}

/// The name of an extension for a member of this name: `x-`, then lower-case words with dashes.
fn extension(name: &str) -> String {
    let mut out = String::from("x-");
    for char in name.chars() {
        if char == '_' {
            out.push('-');
        } else if char.is_ascii_uppercase() {
            out.push('-');
            out.push(char.to_ascii_lowercase());
        } else {
            out.push(char);
        }
    }
    out
}

/// Keeps a value under the extension of a name. Two names that make the same extension are both kept.
pub(super) fn keep(out: &mut Map<String, Value>, name: &str, value: Value) {
    let mut key = extension(name);
    if out.contains_key(&key) {
        key = format!("x-{name}");
    }
    while out.contains_key(&key) {
        key.push('-');
    }
    out.insert(key, value);
}

/// The type of a schema, as far as `OpenAPI` has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A string.
    String,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// `true` or `false`; on the wire of one product 1 or 0.
    Boolean,
    /// A list.
    Array,
    /// An object.
    Object,
}

impl Kind {
    /// The type with this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        let all = [
            Self::String,
            Self::Integer,
            Self::Number,
            Self::Boolean,
            Self::Array,
            Self::Object,
        ];
        all.into_iter().find(|kind| kind.name() == name)
    }

    /// Its name, the same in `OpenAPI` and in the products.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Array => "array",
            Self::Object => "object",
        }
    }

    /// The value as one of this type. Numbers and booleans may be spelled as strings, booleans as numbers;
    /// `None` when it is none. Whole numbers have to fit 64 bits with sign.
    pub(super) fn value(self, node: &Node) -> Option<Value> {
        match (self, &node.tree) {
            (Self::String, Tree::String(text)) => Some(text.as_str().into()),
            (Self::Integer | Self::Number, _) => self.number(node).map(Value::Number),
            (Self::Boolean, _) => boolean(node).map(Value::Bool),
            (Self::Array, Tree::List(_)) | (Self::Object, Tree::Object(_)) => Some(node.bare()),
            _ => None,
        }
    }

    /// The number that a value is, or spells, if it is one of this type.
    pub(super) fn number(self, node: &Node) -> Option<Number> {
        let number = match &node.tree {
            Tree::Number(number) => number.clone(),
            Tree::String(text) => serde_json::from_str(text).ok()?,
            _ => return None,
        };
        if self != Self::Integer {
            return Some(number);
        }
        let whole = |float: f64| float.fract() == 0.0 && float.abs() < 9e15;
        let from_float = || number.as_f64().filter(|float| whole(*float));
        number
            .as_i64()
            .or_else(|| from_float().and_then(|float| format!("{float:.0}").parse().ok()))
            .map(Number::from)
    }
}

/// A boolean as a default is written: as a flag, or in words.
fn boolean(node: &Node) -> Option<bool> {
    match node.text() {
        Some("true" | "yes" | "on") => Some(true),
        Some("false" | "no" | "off") => Some(false),
        Some("") => None,
        _ => node.flag(),
    }
}

/// The length that a value is, or spells.
pub(super) fn length(node: &Node) -> Option<Number> {
    Kind::Integer
        .number(node)
        .filter(|number| number.as_u64().is_some())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tree::read;
    use super::*;

    #[test]
    fn values_are_read_as_their_type() {
        let check = |kind: Kind, text: &str, want: Option<Value>| {
            let (node, _) = read(text.as_bytes(), 0).unwrap();
            let got = kind.value(&node);
            assert_eq!(got, want, "{text} as {}", kind.name());
        };
        check(Kind::Integer, "7", Some(json!(7)));
        check(Kind::Integer, "\"16777216\"", Some(json!(16_777_216)));
        check(Kind::Integer, "2.0", Some(json!(2)));
        check(Kind::Integer, "-2.0", Some(json!(-2)));
        check(Kind::Integer, "2.5", None);
        check(Kind::Integer, "\"many\"", None);
        check(Kind::Integer, "18446744073709551615", None);
        check(Kind::Number, "\"0.5\"", Some(json!(0.5)));
        check(Kind::Number, "3", Some(json!(3)));
        check(Kind::Number, "\"\"", None);
        check(Kind::Boolean, "1", Some(json!(true)));
        check(Kind::Boolean, "\"0\"", Some(json!(false)));
        check(Kind::Boolean, "\"yes\"", Some(json!(true)));
        check(Kind::Boolean, "\"\"", None);
        check(Kind::Boolean, "2", None);
        check(Kind::String, "\"a\"", Some(json!("a")));
        check(Kind::String, "1", None);
        check(Kind::Array, "[1]", Some(json!([1])));
        check(Kind::Array, "\"a,b\"", None);
        check(Kind::Object, "{}", Some(json!({})));
    }

    #[test]
    fn extensions_never_lose_a_value() {
        let mut out = Map::new();
        keep(&mut out, "type-property", json!(1));
        keep(&mut out, "typeProperty", json!(2));
        keep(&mut out, "keyAlias", json!(3));
        keep(&mut out, "download_allowed", json!(4));
        let want = json!({"x-type-property": 1, "x-typeProperty": 2, "x-key-alias": 3, "x-download-allowed": 4});
        assert_eq!(Value::Object(out), want);
    }

    #[test]
    fn prose_is_told_by_its_name() {
        for name in "description verbose_description format_description typetext title".split(' ') {
            assert!(is_prose(name), "{name}");
        }
        assert!(!is_prose("default"));
    }
}
