//! JSON bodies of the Rust products, as `verify_json` of proxmox-schema does: real types, and words that differ from
//! those for forms in their full stops.

use serde_json::{Map, Value};

use super::super::problem::Problem;
use super::rust::{Scalars, length, within};
use super::{Findings, Reader};
use crate::contract::{Kind, Operation, Schema};

/// The given values, or the problems among the findings. What stands in the path wins.
pub(super) fn checked(
    reader: &Reader,
    operation: &Operation,
    mut given: Map<String, Value>,
    path: &[(String, String)],
    findings: &mut Findings,
) -> Map<String, Value> {
    let scalars = Scalars {
        product: reader.product,
        patterns: &reader.patterns,
    };
    for (name, text) in path {
        let Some(parameter) = operation.parameter(name) else {
            continue;
        };
        match scalars.simple(&parameter.schema, text, name, findings) {
            Ok(value) => drop(given.insert(name.clone(), value)),
            Err(problem) => findings.add(reader.product, name, &problem),
        }
    }
    if !findings.problems.is_empty() {
        return given;
    }
    let members: Vec<_> = operation
        .parameters
        .iter()
        .map(|one| (&*one.name, one.required, &one.schema))
        .collect();
    let mut verify = Verify { scalars, findings };
    let find = |name: &str| operation.parameter(name).map(|found| &found.schema);
    verify.object(&given, &members, &find, operation.additional, "");
    given.retain(|_, value| !value.is_null());
    given
}

/// A member: its name, whether it has to be there, and what it is.
type Member<'s> = (&'s str, bool, &'s Schema);

struct Verify<'r, 'f> {
    scalars: Scalars<'r>,
    findings: &'f mut Findings,
}

impl Verify<'_, '_> {
    fn say(&mut self, path: &str, text: &str) {
        self.findings.problems.add(path, text);
    }

    fn object<'s>(
        &mut self,
        given: &Map<String, Value>,
        members: &[Member<'s>],
        find: &dyn Fn(&str) -> Option<&'s Schema>,
        additional: bool,
        path: &str,
    ) {
        // The product's JSON objects are sorted.
        let mut names: Vec<&String> = given.keys().collect();
        names.sort_unstable();
        for name in names {
            let at = join(path, name);
            match find(name) {
                Some(schema) => self.value(schema, &given[name], &at),
                None if additional => {}
                None => self.say(&at, "schema does not allow additional properties"),
            }
        }
        for (name, required, _) in members {
            if *required && given.get(*name).is_none_or(Value::is_null) {
                self.say(
                    &join(path, name),
                    "property is missing and it is not optional",
                );
            }
        }
    }

    fn value(&mut self, schema: &Schema, value: &Value, path: &str) {
        match &schema.kind {
            Kind::Boolean if !value.is_boolean() => self.say(path, "Expected boolean value."),
            Kind::Integer => match value {
                Value::Number(number) if number.is_i64() => {
                    self.result(path, within(schema, number))
                }
                _ => self.say(path, "Expected integer value."),
            },
            Kind::Number => match value {
                Value::Number(number) => self.result(path, within(schema, number)),
                _ => self.say(path, "Expected number value."),
            },
            Kind::String(_) => match value {
                Value::String(text) => {
                    let result = self.scalars.text(schema, text, path, self.findings);
                    self.result(path, result);
                }
                _ => self.say(path, "Expected string value."),
            },
            Kind::Array(items) => self.list(schema, items, value, path),
            Kind::Object(_) => self.nested(schema, value, path),
            Kind::OneOf(variants) => self.one_of(variants, value, path),
            Kind::Boolean | Kind::Any => {}
        }
    }

    fn result(&mut self, path: &str, result: Result<(), Problem>) {
        if let Err(problem) = result {
            self.findings.add(self.scalars.product, path, &problem);
        }
    }

    fn list(&mut self, schema: &Schema, items: &Schema, value: &Value, path: &str) {
        let given = match value {
            Value::Array(given) => given,
            Value::Object(_) => return self.say(path, "Expected array - got object."),
            _ => return self.say(path, "Expected array - got scalar value."),
        };
        if let Err(text) = length(schema, given.len()) {
            return self.say(path, &text);
        }
        for (n, item) in given.iter().enumerate() {
            let before = self.findings.problems.len();
            self.value(items, item, &format!("{path}/[{n}]"));
            if self.findings.problems.len() > before {
                // The product stops at the first item that is wrong.
                return;
            }
        }
    }

    fn nested(&mut self, schema: &Schema, value: &Value, path: &str) {
        let (Kind::Object(shape), Value::Object(given)) = (&schema.kind, value) else {
            let got = if value.is_array() {
                "array"
            } else {
                "scalar value"
            };
            return self.say(path, &format!("Expected object - got {got}."));
        };
        let members: Vec<Member<'_>> = shape
            .properties
            .iter()
            .map(|one| (&*one.name, one.required, &one.schema))
            .collect();
        let find = |name: &str| schema.property(name).map(|property| &property.schema);
        self.object(given, &members, &find, shape.additional.is_some(), path);
    }

    /// One of several schemas has to fit; when none does, what is wrong with the last is said.
    fn one_of(&mut self, variants: &[Schema], value: &Value, path: &str) {
        let mut last = Findings::default();
        for variant in variants {
            let mut findings = Findings::default();
            let scalars = Scalars {
                product: self.scalars.product,
                patterns: self.scalars.patterns,
            };
            Verify {
                scalars,
                findings: &mut findings,
            }
            .value(variant, value, path);
            if findings.problems.is_empty() {
                self.findings.parsed.extend(findings.parsed);
                return;
            }
            last = findings;
        }
        for (path, text) in last.problems.iter() {
            self.say(path, text);
        }
    }
}

/// The path of a member.
fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}/{name}")
    }
}
