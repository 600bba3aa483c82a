//! Forms and queries of the Rust products, pair by pair, as `parse_parameter_strings` of proxmox-schema does.

use serde_json::{Map, Number, Value};

use super::super::problem::{Problem, Problems};
use super::super::product::Product;
use super::super::property_string::{PropertyString, Spelling};
use super::pattern::Patterns;
use super::{Body, Findings, Reader, Sent, Values};
use crate::contract::{Kind, Operation, Schema};
use crate::http::form::Form;

/// Puts pairs in the order in which the product reads them: the form, the query, the path. With a JSON body the
/// query is ignored.
pub(super) fn gathered(path: Vec<(String, String)>, sent: Sent) -> Values {
    let form = match sent.body {
        Body::None => Form::default(),
        Body::Form(form) => form,
        Body::Json(values) => return Values::Json(values, path),
    };
    let mut query = sent.query;
    query.drop("_dc");
    let sent = form.into_pairs().into_iter().chain(query.into_pairs());
    let sent = sent.map(|(name, value)| (name, value.unwrap_or_default()));
    Values::Pairs(sent.chain(path).collect())
}

/// The given values with their types, or the problems among the findings.
pub(super) fn checked(
    reader: &Reader,
    operation: &Operation,
    pairs: &[(String, String)],
    findings: &mut Findings,
) -> Map<String, Value> {
    let scalars = Scalars {
        product: reader.product,
        patterns: &reader.patterns,
    };
    let find = |name: &str| operation.parameter(name).map(|found| &found.schema);
    let mut typed = Map::new();
    let pairs = pairs.iter().map(|(name, value)| (&**name, &**value));
    let problems = scalars.pairs(pairs, &find, operation.additional, &mut typed, findings);
    findings.problems = problems;
    if findings.problems.is_empty() {
        let required = operation.parameters.iter().filter(|one| one.required);
        for parameter in required.filter(|one| !typed.contains_key(&*one.name)) {
            findings.add(reader.product, &parameter.name, &Problem::Missing);
        }
    }
    typed
}

/// Reads texts by their schemas.
pub(super) struct Scalars<'r> {
    pub(super) product: Product,
    pub(super) patterns: &'r Patterns,
}

impl Scalars<'_> {
    /// Reads pairs, of a form or of a property string.
    fn pairs<'s, 'p>(
        &self,
        pairs: impl Iterator<Item = (&'p str, &'p str)>,
        find: &dyn Fn(&str) -> Option<&'s Schema>,
        additional: bool,
        typed: &mut Map<String, Value>,
        findings: &mut Findings,
    ) -> Problems {
        let mut problems = Problems::default();
        let mut say =
            |name: &str, problem: Problem| problems.add(name, &problem.text(self.product));
        for (name, text) in pairs {
            let schema = find(name);
            let known = typed.get_mut(name);
            match (schema, known) {
                (None, _) if !additional => say(name, Problem::Unknown),
                (None, None) => drop(typed.insert(name.to_owned(), text.into())),
                (None, Some(Value::Array(items))) => items.push(text.into()),
                (None, Some(first)) => *first = Value::Array(vec![first.take(), text.into()]),
                (Some(schema), known) => {
                    let (item, many) = match &schema.kind {
                        Kind::Array(items) => (&**items, true),
                        _ => (schema, false),
                    };
                    let value = match self.simple(item, text, name, findings) {
                        Ok(value) => value,
                        Err(problem) => {
                            say(name, problem);
                            continue;
                        }
                    };
                    match known {
                        Some(Value::Array(items)) if many => items.push(value),
                        Some(_) => say(name, Problem::Other("duplicate parameter.".to_owned())),
                        None if many => {
                            typed.insert(name.to_owned(), Value::Array(vec![value]));
                        }
                        None => drop(typed.insert(name.to_owned(), value)),
                    }
                }
            }
        }
        problems
    }

    /// One text by a schema that is neither list nor object.
    pub(super) fn simple(
        &self,
        schema: &Schema,
        text: &str,
        path: &str,
        findings: &mut Findings,
    ) -> Result<Value, Problem> {
        let other = |error: &dyn std::fmt::Display| Problem::Other(error.to_string());
        match &schema.kind {
            Kind::Boolean => boolean(text),
            Kind::Integer => {
                let value: i64 = text.parse().map_err(|error| other(&error))?;
                let number = Number::from(value);
                within(schema, &number)?;
                Ok(number.into())
            }
            Kind::Number => {
                let value: f64 = text.parse().map_err(|error| other(&error))?;
                let number =
                    Number::from_f64(value).ok_or_else(|| other(&"invalid float literal"))?;
                within(schema, &number)?;
                Ok(number.into())
            }
            Kind::String(_) | Kind::Any => {
                self.text(schema, text, path, findings)?;
                Ok(text.into())
            }
            Kind::Array(_) | Kind::Object(_) | Kind::OneOf(_) => {
                Err(other(&"unable to parse complex (sub) objects."))
            }
        }
    }

    /// What is asked of a string: length, then pattern, enumeration or property string.
    pub(super) fn text(
        &self,
        schema: &Schema,
        text: &str,
        path: &str,
        findings: &mut Findings,
    ) -> Result<(), Problem> {
        let facts = schema.facts();
        let length = text.chars().count() as u64;
        match (facts.shortest, facts.longest) {
            (Some(least), _) if length < least => return Err(Problem::TooShort(least)),
            (_, Some(most)) if length > most => return Err(Problem::TooLong(most)),
            _ => {}
        }
        if let Some(pattern) = &facts.pattern
            && !self.patterns.matches(pattern, text)
        {
            return Err(Problem::Pattern);
        }
        let listed = schema
            .choices
            .iter()
            .any(|choice| choice.as_str() == Some(text));
        if !schema.choices.is_empty() && !listed {
            return Err(Problem::Enumeration {
                got: text.to_owned(),
                allowed: Vec::new(),
            });
        }
        if let Some(inner) = &facts.property_string {
            let parsed = self.property_string(inner, text).map_err(Problem::Other)?;
            findings.parsed.insert(path.to_owned(), parsed);
        }
        Ok(())
    }

    /// What a property string stands for: an object, or a list.
    fn property_string(&self, schema: &Schema, text: &str) -> Result<Value, String> {
        let mut inside = Findings::default();
        if let Kind::Array(items) = &schema.kind {
            return self.list(schema, items, text, &mut inside);
        }
        let default_key = schema.facts().default_key.as_deref();
        let properties = PropertyString::parse(text, default_key, Spelling::Quoted)
            .map_err(|fault| fault.to_string())?;
        let find = |name: &str| schema.property(name).map(|property| &property.schema);
        let additional = matches!(&schema.kind, Kind::Object(shape) if shape.additional.is_some());
        let mut typed = Map::new();
        let pairs = properties.iter();
        let mut problems = self.pairs(pairs, &find, additional, &mut typed, &mut inside);
        if problems.is_empty() {
            let required = schema.properties().iter().filter(|one| one.required);
            for property in required.filter(|one| !typed.contains_key(&one.name)) {
                problems.add(&property.name, &Problem::Missing.text(self.product));
            }
        }
        if problems.is_empty() {
            Ok(Value::Object(typed))
        } else {
            Err(problems.rust_text())
        }
    }

    /// A list in a string, separated by commas, semicolons and blanks.
    fn list(
        &self,
        schema: &Schema,
        items: &Schema,
        text: &str,
        inside: &mut Findings,
    ) -> Result<Value, String> {
        let separates = |c: char| c == ',' || c == ';' || c.is_ascii_whitespace();
        let parts = text.split(separates).filter(|part| !part.is_empty());
        let read = |part| match self.simple(items, part, "", inside) {
            Ok(value) => Ok(value),
            Err(problem) => {
                let text = problem.text(self.product);
                Err(format!("unable to parse array element: {text}"))
            }
        };
        let list: Vec<Value> = parts.map(read).collect::<Result<_, _>>()?;
        length(schema, list.len())?;
        Ok(Value::Array(list))
    }
}

/// Whether a list has as many items as it may.
pub(super) fn length(schema: &Schema, items: usize) -> Result<(), String> {
    let facts = schema.facts();
    let items = items as u64;
    match (facts.shortest, facts.longest) {
        (Some(least), _) if items < least => {
            Err(format!("array must contain at least {least} elements"))
        }
        (_, Some(most)) if items > most => Err(format!("array may only contain {most} elements")),
        _ => Ok(()),
    }
}

/// Whether a number is within its bounds.
pub(super) fn within(schema: &Schema, number: &Number) -> Result<(), Problem> {
    let facts = schema.facts();
    let value = number.as_f64().unwrap_or_default();
    let got = number.to_string();
    if let Some(bound) = &facts.minimum
        && bound.as_f64().is_some_and(|bound| value < bound)
    {
        let bound = bound.to_string();
        return Err(Problem::Minimum { bound, got });
    }
    if let Some(bound) = &facts.maximum
        && bound.as_f64().is_some_and(|bound| value > bound)
    {
        let bound = bound.to_string();
        return Err(Problem::Maximum { bound, got });
    }
    Ok(())
}

fn boolean(text: &str) -> Result<Value, Problem> {
    match text.to_lowercase().as_str() {
        "1" | "on" | "yes" | "true" => Ok(Value::Bool(true)),
        "0" | "off" | "no" | "false" => Ok(Value::Bool(false)),
        _ => Err(Problem::Type {
            wanted: "boolean",
            got: text.to_owned(),
        }),
    }
}
