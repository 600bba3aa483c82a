//! Values held against their schema strictly, for files that people write.
//!
//! A product takes a misspelled field in silence; somebody who writes a world file wants to be told. So
//! all problems are found at once, each with the path of the value that it is about.

use std::fmt::Write;

use serde_json::{Map, Value};

use super::moment::Moment;
use super::schema::{Format, Kind, Property, Schema, Shape};

/// More are not reported: nobody reads them, and a large file of another format would give millions.
const MOST: usize = 100;

/// One thing that is wrong with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where, like `peers[0].mesh_ip`; empty for the value as a whole.
    pub path: String,
    /// What, in a clause that follows the path: `must be a string, but is a number`.
    pub message: String,
}

/// Everything that keeps a value from fitting a schema, in the order of the value, the missing members of
/// an object after those that are there. At most a hundred problems.
pub fn strict(schema: &Schema, value: &Value) -> Vec<Problem> {
    let mut inspection = Inspection {
        path: String::new(),
        problems: Vec::new(),
    };
    inspection.value(schema, value);
    inspection.problems
}

struct Inspection {
    path: String,
    problems: Vec<Problem>,
}

impl Inspection {
    fn value(&mut self, schema: &Schema, value: &Value) {
        match (&schema.kind, value) {
            (Kind::Any, _) => {}
            (_, Value::Null) if schema.nullable => return,
            (Kind::OneOf(variants), _) => self.variants(variants, value),
            (Kind::Object(shape), Value::Object(members)) => self.object(shape, members),
            (Kind::Array(items), Value::Array(values)) => {
                for (index, value) in values.iter().enumerate() {
                    if self.full() {
                        return;
                    }
                    self.at(&format!("[{index}]"), |inside| inside.value(items, value));
                }
            }
            (Kind::String(Format::DateTime), Value::String(text)) => self.moment(text),
            (Kind::String(_), Value::String(_)) | (Kind::Boolean, Value::Bool(_)) => {}
            (Kind::Integer, Value::Number(number)) if number.is_i64() => {}
            (Kind::Number, Value::Number(_)) => {}
            _ => {
                let message = format!("must be {}, but is {}", schema.noun(), noun(value));
                self.report(message);
                return;
            }
        }
        if !schema.choices.is_empty() && !schema.choices.contains(value) {
            let choices: Vec<String> = schema.choices.iter().map(Value::to_string).collect();
            self.report(format!(
                "must be one of {}, but is {value}",
                choices.join(", ")
            ));
        }
    }

    /// One of the variants has to take the value as a whole.
    fn variants(&mut self, variants: &[Schema], value: &Value) {
        let fits = |variant: &Schema| strict(variant, value).is_empty();
        if !variants.iter().any(fits) {
            let count = variants.len();
            self.report(format!("must fit one of {count} types, but fits none"));
        }
    }

    fn object(&mut self, shape: &Shape, members: &Map<String, Value>) {
        for (name, value) in members {
            if self.full() {
                return;
            }
            let property = shape
                .properties
                .iter()
                .find(|property| property.name == *name);
            match (property, &shape.additional) {
                // What may be left out may as well be said to be nothing.
                (Some(property), _) if value.is_null() && !property.required => {}
                (Some(property), _) => {
                    self.member(name, |inside| inside.value(&property.schema, value))
                }
                (None, Some(schema)) => self.member(name, |inside| inside.value(schema, value)),
                (None, None) => self.member(name, |inside| inside.report(unknown(name, shape))),
            }
        }
        let missing =
            |property: &&Property| property.required && !members.contains_key(&property.name);
        for property in shape.properties.iter().filter(missing) {
            self.member(&property.name, |inside| {
                inside.report("is missing".to_owned())
            });
        }
    }

    fn moment(&mut self, text: &str) {
        if !Moment::is_rfc_3339(text) {
            let message =
                format!("must be a date and time like 2026-01-31T23:59:59Z, but is {text:?}");
            self.report(message);
        }
    }

    fn member(&mut self, name: &str, inspect: impl FnOnce(&mut Self)) {
        let plain = !name.is_empty()
            && name
                .chars()
                .all(|char| char.is_alphanumeric() || "_-".contains(char));
        let step = match (plain, self.path.is_empty()) {
            (true, true) => name.to_owned(),
            (true, false) => format!(".{name}"),
            (false, _) => format!("[{name:?}]"),
        };
        self.at(&step, inspect);
    }

    fn at(&mut self, step: &str, inspect: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        self.path.push_str(step);
        inspect(self);
        self.path.truncate(length);
    }

    fn report(&mut self, message: String) {
        if !self.full() {
            let path = self.path.clone();
            self.problems.push(Problem { path, message });
        }
    }

    fn full(&self) -> bool {
        self.problems.len() >= MOST
    }
}

/// What a value is called in a sentence.
pub(super) fn noun(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(number) if number.is_i64() => "an integer",
        Value::Number(number) if number.is_u64() => "an integer too large",
        Value::Number(_) => "a number that is no integer",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// A sentence about a member that the shape does not have.
fn unknown(name: &str, shape: &Shape) -> String {
    let names = || {
        shape
            .properties
            .iter()
            .map(|property| property.name.as_str())
    };
    let mut message = "is no field here".to_owned();
    let meant = names().find(|known| similar(name, known));
    if let Some(meant) = meant {
        // Writing to a string cannot fail.
        let _ = write!(message, "; did you mean `{meant}`?");
    }
    let known: Vec<&str> = names().collect();
    if !known.is_empty() {
        let _ = write!(message, " (known: {})", known.join(", "));
    }
    message
}

/// Whether two names differ by letter case, `-` for `_`, or one letter added, dropped, changed or swapped
/// with its neighbour.
fn similar(given: &str, known: &str) -> bool {
    let letters = |name: &str| -> Vec<char> {
        let kept = name.chars().filter(|char| !matches!(char, '_' | '-'));
        kept.flat_map(char::to_lowercase).collect()
    };
    let (given, known) = (letters(given), letters(known));
    let same = given.iter().zip(&known).take_while(|(a, b)| a == b).count();
    let (given, known) = (&given[same..], &known[same..]);
    match (given, known) {
        ([], []) => true,
        ([a, b, given @ ..], [c, d, known @ ..]) if a == d && b == c => given == known,
        ([_, rest @ ..], _) if rest == known => true,
        (_, [_, rest @ ..]) if rest == given => true,
        ([_, given @ ..], [_, known @ ..]) => given == known,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Contract;
    use super::*;

    fn problems(schema: &str, value: &Value) -> Vec<String> {
        let document = include_bytes!("../../openapi/plexd-2026-02.json");
        let contract = Contract::parse(document, "plexd-2026-02.json").unwrap();
        let problems = strict(contract.schema(schema).unwrap(), value);
        let line = |problem: Problem| format!("{}: {}", problem.path, problem.message);
        problems.into_iter().map(line).collect()
    }

    #[test]
    fn every_problem_is_named_with_its_path() {
        let world = json!({
            "peers": [
                {"id": "a", "public_key": 1, "mesh_ip": null, "endpoint": "", "allowed_ips": ["x", 2], "psk": ""},
                {"id": "b", "mesh-ip": "", "nat": true}
            ],
            "policies": null, "secret_refs": [{"key": "k", "version": 1.0}],
            "metadata": {"a b": [], "ok": "x"},
            "signing_keys": {"current": "c", "transition_expires": "2026-01-01"},
            "data": [{"key": "k", "content_type": "", "payload": [1, null], "version": 1, "updated_at": "2026-01-01T00:00:00Z"}],
            "heartbeat": null
        });
        let known = "(known: id, public_key, mesh_ip, endpoint, allowed_ips, psk)";
        let want = [
            "peers[0].public_key: must be a string, but is an integer".to_owned(),
            "peers[0].mesh_ip: must be a string, but is null".to_owned(),
            "peers[0].allowed_ips[1]: must be a string, but is an integer".to_owned(),
            format!("peers[1].mesh-ip: is no field here; did you mean `mesh_ip`? {known}"),
            format!("peers[1].nat: is no field here {known}"),
            "peers[1].public_key: is missing".to_owned(),
            "peers[1].mesh_ip: is missing".to_owned(),
            "peers[1].endpoint: is missing".to_owned(),
            "peers[1].allowed_ips: is missing".to_owned(),
            "peers[1].psk: is missing".to_owned(),
            "secret_refs[0].version: must be an integer, but is a number that is no integer".to_owned(),
            "metadata[\"a b\"]: must be a string, but is a list".to_owned(),
            "signing_keys.transition_expires: must be a date and time like 2026-01-31T23:59:59Z, but is \"2026-01-01\"".to_owned(),
        ];
        assert_eq!(problems("World", &world), want);
        assert_eq!(
            problems("World", &json!([])),
            [": must be an object, but is a list"]
        );
    }

    #[test]
    fn problems_are_not_without_end() {
        let world = json!({"peers": vec![json!(1); 1_000_000], "policies": [], "data": [], "secret_refs": []});
        assert_eq!(problems("World", &world).len(), MOST);
    }

    #[test]
    fn choices_are_listed() {
        let schema = Schema {
            choices: [json!("a"), json!("b")].into(),
            ..Schema::of(Kind::String(Format::Text))
        };
        let check = |value: Value, want: &[&str]| {
            let problems = strict(&schema, &value);
            let messages: Vec<&str> = problems.iter().map(|problem| &*problem.message).collect();
            assert_eq!(messages, want);
        };
        check(json!("a"), &[]);
        check(json!("c"), &["must be one of \"a\", \"b\", but is \"c\""]);
        check(json!(1), &["must be a string, but is an integer"]);
    }

    #[test]
    fn similar_names() {
        let check =
            |given: &str, want: bool| assert_eq!(similar(given, "mesh_ip"), want, "{given}");
        check("meshIp", true);
        check("mesh-ip", true);
        check("mesh_pi", true);
        check("mesh_i", true);
        check("mash_ip", true);
        check("mesh_ipp", true);
        check("mesh", false);
        check("", false);
        check("endpoint", false);
    }
}
