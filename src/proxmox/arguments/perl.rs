//! The checks of Proxmox VE, in the order of `PVE::JSONSchema::check_object` and `check_prop`.
//!
//! Where the product walks a hash, whose order is random, this walks the contract and then what was given.

use serde_json::{Map, Value};

use super::super::problem::Problem;
use super::super::product::Product;
use super::variant::{has_type, instance, variant};
use super::{Findings, Reader, index, number, perl_hash, perl_property};
use crate::contract::{Kind, Operation, Property, Schema};

/// The given values with their types, or the problems among the findings.
pub(super) fn checked(
    reader: &Reader,
    operation: &Operation,
    mut given: Map<String, Value>,
    findings: &mut Findings,
) -> Map<String, Value> {
    perl_hash::normalize(operation, &mut given);
    let members: Vec<Member<'_>> = operation
        .parameters
        .iter()
        .map(|parameter| Member {
            name: &parameter.name,
            required: parameter.required,
            schema: &parameter.schema,
        })
        .collect();
    let mut check = Check { reader, findings };
    let find = |name: &str| index::parameter(operation, name).map(|found| &found.schema);
    let others = if operation.additional {
        Others::Pass
    } else {
        Others::Refused
    };
    check.object(&members, &find, others, given, "")
}

/// One member of an object, or one parameter.
pub(super) struct Member<'s> {
    name: &'s str,
    required: bool,
    schema: &'s Schema,
}

impl<'s> Member<'s> {
    pub(super) fn of(property: &'s Property) -> Self {
        Self {
            name: &property.name,
            required: property.required,
            schema: &property.schema,
        }
    }
}

/// What happens to members that are not listed.
#[derive(Clone, Copy)]
pub(super) enum Others<'s> {
    Refused,
    Pass,
    Like(&'s Schema),
}

/// A check under way.
pub(super) struct Check<'r, 'f> {
    pub(super) reader: &'r Reader,
    pub(super) findings: &'f mut Findings,
}

impl Check<'_, '_> {
    fn add(&mut self, path: &str, problem: &Problem) {
        self.findings.add(Product::Pve, path, problem);
    }

    fn say(&mut self, path: &str, text: impl Into<String>) {
        self.add(path, &Problem::Other(text.into()));
    }

    /// Checks the members of an object and gives those that are right, typed.
    pub(super) fn object<'s>(
        &mut self,
        members: &[Member<'s>],
        find: &dyn Fn(&str) -> Option<&'s Schema>,
        others: Others<'s>,
        mut given: Map<String, Value>,
        path: &str,
    ) -> Map<String, Value> {
        given = self.without_aliases(find, given, path);
        for member in members
            .iter()
            .filter(|member| !member.schema.facts().indexed)
        {
            self.presence(member, &given, path);
        }
        let mut typed = Map::new();
        for (name, value) in &given {
            let at = join(path, name);
            let schema = find(name);
            if let Some(schema) = schema {
                self.required_by(schema, &given, path, &at);
            }
            let fitting = schema.filter(|schema| {
                !matches!(schema.kind, Kind::OneOf(_))
                    || schema.facts().type_property.is_none()
                    || variant(schema, &given).is_some()
            });
            let value = match (fitting, others) {
                (Some(schema), _) => {
                    self.value(variant(schema, &given).unwrap_or(schema), value, &at)
                }
                (None, Others::Refused) => {
                    self.add(&at, &Problem::Unknown);
                    None
                }
                (None, Others::Pass) => Some(value.clone()),
                (None, Others::Like(schema)) => self.value(schema, value, &at),
            };
            typed.extend(value.map(|value| (name.clone(), value)));
        }
        typed
    }

    /// Gives aliases their real names.
    fn without_aliases<'s>(
        &mut self,
        find: &dyn Fn(&str) -> Option<&'s Schema>,
        given: Map<String, Value>,
        path: &str,
    ) -> Map<String, Value> {
        let alias = |name: &str| find(name)?.facts().alias.as_deref();
        if !given.keys().any(|name| alias(name).is_some()) {
            return given;
        }
        let mut real = Map::new();
        for (name, value) in &given {
            match alias(name) {
                Some(target) if given.get(target).is_some_and(|value| !value.is_null()) => {
                    let text = format!("cannot set both '{name}' and its alias target '{target}'");
                    self.say(&join(path, name), text);
                }
                Some(target) => drop(real.insert(target.to_owned(), value.clone())),
                None => drop(real.insert(name.clone(), value.clone())),
            }
        }
        real
    }

    fn presence(&mut self, member: &Member<'_>, given: &Map<String, Value>, path: &str) {
        let facts = member.schema.facts();
        let present = given.get(member.name).is_some_and(|value| !value.is_null());
        if present || !member.required || facts.alias.is_some() {
            return;
        }
        let optional = match (&member.schema.kind, instance(member.schema, given)) {
            (Kind::OneOf(_), _) if facts.type_property.is_some() => {
                variant(member.schema, given).is_none_or(|variant| variant.facts().optional)
            }
            (_, Some(kind)) => !has_type(member.schema, &kind),
            (_, None) => false,
        };
        if !optional {
            self.add(&join(path, member.name), &Problem::Missing);
        }
    }

    fn required_by(&mut self, schema: &Schema, given: &Map<String, Value>, path: &str, by: &str) {
        if let Some(other) = schema.facts().requires.as_deref()
            && given.get(other).is_none_or(Value::is_null)
        {
            self.add(&join(path, other), &Problem::RequiredBy(by.to_owned()));
        }
    }

    /// Checks one value. `undef` is as good as not given.
    pub(super) fn value(&mut self, schema: &Schema, value: &Value, path: &str) -> Option<Value> {
        if value.is_null() {
            return None;
        }
        match &schema.kind {
            Kind::Array(items) => self.list(items, value, path),
            Kind::Object(_) => self.nested(schema, value, path),
            Kind::OneOf(variants) => self.one_of(variants, value, path),
            Kind::Any if number::scalar(value).is_none() => Some(value.clone()),
            _ => self.scalar(schema, value, path),
        }
    }

    fn list(&mut self, items: &Schema, value: &Value, path: &str) -> Option<Value> {
        let Value::Array(given) = value else {
            self.say(path, "type check ('array') failed");
            return None;
        };
        let mut typed = Vec::new();
        for (n, item) in given.iter().enumerate() {
            let at = format!("{path}[{n}]");
            if item.is_null() {
                self.add(&at, &Problem::Missing);
            }
            typed.extend(self.value(items, item, &at));
        }
        Some(Value::Array(typed))
    }

    fn nested(&mut self, schema: &Schema, value: &Value, path: &str) -> Option<Value> {
        let (Kind::Object(shape), Value::Object(given)) = (&schema.kind, value) else {
            self.say(path, "type check ('object') failed");
            return None;
        };
        let others = match &shape.additional {
            None => Others::Refused,
            Some(schema) if schema.kind == Kind::Any => Others::Pass,
            Some(schema) => Others::Like(schema),
        };
        let members: Vec<_> = shape.properties.iter().map(Member::of).collect();
        let find = |name: &str| schema.property(name).map(|property| &property.schema);
        Some(Value::Object(self.object(
            &members,
            &find,
            others,
            given.clone(),
            path,
        )))
    }

    fn one_of(&mut self, variants: &[Schema], value: &Value, path: &str) -> Option<Value> {
        let mut all = Vec::new();
        for (n, variant) in variants.iter().enumerate() {
            let mut findings = Findings::default();
            let mut check = Check {
                reader: self.reader,
                findings: &mut findings,
            };
            let typed = check.value(variant, value, &format!("{path}.oneOf[{n}]"));
            if findings.problems.is_empty() {
                return typed;
            }
            all.push(findings.problems);
        }
        for problems in all {
            for (path, text) in problems.iter() {
                self.say(path, text);
            }
        }
        None
    }

    fn scalar(&mut self, schema: &Schema, value: &Value, path: &str) -> Option<Value> {
        let wanted = match schema.kind {
            Kind::Integer => "integer",
            Kind::Number => "number",
            Kind::Boolean => "boolean",
            _ => "string",
        };
        if let (Kind::Boolean, Value::Bool(_)) = (&schema.kind, value) {
            return Some(value.clone());
        }
        let Some(text) = number::scalar(value) else {
            let got = match value {
                Value::Array(_) => "ARRAY",
                Value::Object(_) => "HASH",
                _ => "JSON::PP::Boolean",
            };
            self.say(path, format!("type check ('{wanted}') failed - got {got}"));
            return None;
        };
        let (fits, typed) = match schema.kind {
            Kind::Integer => (number::is_integer(&text), number::typed(&text)),
            Kind::Number => (number::is_number(&text), number::typed(&text)),
            Kind::Boolean => (text == "0" || text == "1", Value::Bool(text == "1")),
            Kind::Any => (true, value.clone()),
            _ => (true, Value::String(text.clone().into_owned())),
        };
        let refused = fits.then(|| perl_property::refused(self, schema, &text, path));
        let problem = match refused {
            Some(None) if is_held(schema, &typed) => None,
            Some(Some(problem)) => Some(problem),
            _ => {
                let got = text.into_owned();
                Some(Problem::Type { wanted, got })
            }
        };
        match problem {
            Some(problem) => {
                self.add(path, &problem);
                None
            }
            None => Some(typed),
        }
    }
}

/// Whether a number is one that handlers can work with. Perl takes any row of digits and counts on with what is left
/// of it; here it would be no number to whoever asks for one, and no answer of the declared type.
fn is_held(schema: &Schema, typed: &Value) -> bool {
    match schema.kind {
        Kind::Integer => typed.is_i64(),
        Kind::Number => typed.is_number(),
        _ => true,
    }
}

/// The path of a member.
fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}
