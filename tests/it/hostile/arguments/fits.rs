//! Whether accepted arguments are what their contract declares, judged anew and not by the code under test.

use serde_json::Value;

use mock_server::contract::{Kind, Operation, Parameter, Schema};
use mock_server::proxmox::arguments::Arguments;

/// All that was accepted for an operation; else the first thing that is not as declared.
pub fn all(arguments: &Arguments<'_>) -> Result<(), String> {
    let operation = arguments.operation();
    for (name, value) in arguments.given() {
        let Some(parameter) = declared(operation, name) else {
            if operation.additional {
                continue;
            }
            return Err(format!("takes {name:?}, which it does not know"));
        };
        // A parameter of another type of object is as good as unknown.
        if operation.additional && parameter.schema.facts().type_property.is_some() {
            continue;
        }
        let why = |why| format!("takes {name:?} as {value}: {why}");
        fits(&parameter.schema, value).map_err(why)?;
        let base = parameter.name.trim_end_matches("[n]");
        if base != &*parameter.name && !arguments.indexed(base).values().any(|one| *one == value) {
            return Err(why("it is not among the indexed ones".to_owned()));
        }
        if let Some(inner) = &parameter.schema.facts().property_string {
            let parsed = arguments.property_string(name);
            let parsed = parsed.ok_or_else(|| why("it is not taken apart".to_owned()))?;
            fits(inner, parsed).map_err(why)?;
        }
    }
    let missing = operation.parameters.iter().find(|one| {
        let facts = one.schema.facts();
        let depends = facts.indexed || facts.type_property.is_some() || facts.alias.is_some();
        one.required && !depends && !arguments.has(&one.name)
    });
    missing.map_or(Ok(()), |one| Err(format!("does without {}", one.name)))
}

/// The parameter of that name, or the indexed one of which the name ends with a small number.
fn declared<'o>(operation: &'o Operation, name: &str) -> Option<&'o Parameter> {
    let base = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = &name[base.len()..];
    let is_small = number
        .parse()
        .is_ok_and(|n: u32| n < 256 && n.to_string() == number);
    let indexed = format!("{base}[n]");
    operation
        .parameter(name)
        .or_else(|| operation.parameter(&indexed).filter(|_| is_small))
}

fn fits(schema: &Schema, value: &Value) -> Result<(), String> {
    let says = |holds: bool, what: &str| if holds { Ok(()) } else { Err(what.to_owned()) };
    match (&schema.kind, value) {
        (Kind::Any, _) => return Ok(()),
        (Kind::OneOf(variants), _) => {
            let fitting = variants.iter().any(|variant| fits(variant, value).is_ok());
            return says(fitting, "it is none of several types");
        }
        (Kind::Boolean, Value::Bool(_)) => {}
        (Kind::Integer, Value::Number(number)) => {
            let whole = number.as_i64().ok_or("it is no integer")?;
            whole_bounds(schema, whole)?;
        }
        (Kind::Number, Value::Number(number)) => {
            let value = number.as_f64().ok_or("it is no number")?;
            let facts = schema.facts();
            let least = facts.minimum.as_ref().and_then(serde_json::Number::as_f64);
            let most = facts.maximum.as_ref().and_then(serde_json::Number::as_f64);
            says(value.is_finite(), "it is not finite")?;
            says(least.is_none_or(|least| value >= least), "it is too small")?;
            says(most.is_none_or(|most| value <= most), "it is too large")?;
        }
        (Kind::String(_), Value::String(text)) => {
            let length = text.chars().count() as u64;
            let facts = schema.facts();
            says(
                facts.shortest.is_none_or(|least| length >= least),
                "it is too short",
            )?;
            says(
                facts.longest.is_none_or(|most| length <= most),
                "it is too long",
            )?;
        }
        (Kind::Array(items), Value::Array(values)) => {
            values.iter().try_for_each(|value| fits(items, value))?;
        }
        (Kind::Object(shape), Value::Object(members)) => {
            for (name, member) in members {
                match (schema.property(name), &shape.additional) {
                    (Some(property), _) if member.is_null() => {
                        says(!property.required, "a member is null")?
                    }
                    (Some(property), _) => fits(&property.schema, member)?,
                    (None, Some(other)) => fits(other, member)?,
                    (None, None) => return Err(format!("{name:?} is no member")),
                }
            }
        }
        _ => return Err(format!("it is not {}", schema.noun())),
    }
    let listed =
        schema.choices.is_empty() || schema.choices.iter().any(|choice| same(choice, value));
    says(listed, "it is not in the list")
}

fn whole_bounds(schema: &Schema, whole: i64) -> Result<(), String> {
    let facts = schema.facts();
    let below = |bound: &serde_json::Number| match bound.as_i64() {
        Some(bound) => whole < bound,
        None => bound.as_f64().is_some_and(|bound| (whole as f64) < bound),
    };
    let above = |bound: &serde_json::Number| match bound.as_i64() {
        Some(bound) => whole > bound,
        None => bound.as_f64().is_some_and(|bound| (whole as f64) > bound),
    };
    match () {
        () if facts.minimum.as_ref().is_some_and(below) => Err("it is too small".to_owned()),
        () if facts.maximum.as_ref().is_some_and(above) => Err("it is too large".to_owned()),
        () => Ok(()),
    }
}

/// A choice of the contract may be a text where the value is a number.
fn same(choice: &Value, value: &Value) -> bool {
    let text = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    choice == value || text(choice) == text(value)
}
