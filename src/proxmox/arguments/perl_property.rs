//! What Proxmox VE asks of the text of a scalar: its format, which may be a property string, pattern, length,
//! bounds and enumeration. The first thing that is wrong is the only one said.

use serde_json::{Map, Value};

use super::super::problem::Problem;
use super::super::property_string::{PropertyString, Spelling};
use super::perl::{Check, Member, Others};
use super::{Findings, formats, number};
use crate::contract::{Kind, Schema};

/// What is wrong with a text of the right type.
pub(super) fn refused(
    check: &mut Check<'_, '_>,
    schema: &Schema,
    text: &str,
    path: &str,
) -> Option<Problem> {
    let facts = schema.facts();
    let named = schema.format().and_then(formats::property_string);
    if let Some(inner) = facts.property_string.as_ref().or(named) {
        match parsed(check, inner, text, path) {
            Ok(object) => drop(check.findings.parsed.insert(path.to_owned(), object)),
            Err(detail) => return Some(Problem::Format(detail)),
        }
    } else if let Some(name) = schema.format()
        && let Err(detail) = formats::check(name, text)
    {
        return Some(Problem::Format(detail));
    }
    if let Some(pattern) = &facts.pattern
        && !check.reader.patterns.matches(pattern, text)
    {
        return Some(Problem::Pattern);
    }
    let length = text.chars().count() as u64;
    match (facts.longest, facts.shortest) {
        (Some(most), _) if length > most => return Some(Problem::TooLong(most)),
        (_, Some(least)) if length < least => return Some(Problem::TooShort(least)),
        _ => {}
    }
    outside(schema, text).or_else(|| unlisted(schema, text))
}

/// Beyond a bound; the product asks this of every text that looks like a number.
fn outside(schema: &Schema, text: &str) -> Option<Problem> {
    let facts = schema.facts();
    let value = Some(text).filter(|text| number::is_number(text))?;
    let value: f64 = value.parse().ok()?;
    let got = text.to_owned();
    if let Some(bound) = &facts.maximum
        && bound.as_f64().is_some_and(|bound| value > bound)
    {
        let bound = bound.to_string();
        return Some(Problem::Maximum { bound, got });
    }
    if let Some(bound) = &facts.minimum
        && bound.as_f64().is_some_and(|bound| value < bound)
    {
        let bound = bound.to_string();
        return Some(Problem::Minimum { bound, got });
    }
    None
}

fn unlisted(schema: &Schema, text: &str) -> Option<Problem> {
    let mut choices = schema.choices.iter().filter_map(number::scalar);
    if schema.choices.is_empty() || choices.any(|choice| choice == text) {
        return None;
    }
    let allowed = schema.choices.iter().filter_map(number::scalar);
    Some(Problem::Enumeration {
        got: text.to_owned(),
        allowed: allowed.map(std::borrow::Cow::into_owned).collect(),
    })
}

/// A property string as the object that it stands for.
fn parsed(check: &Check<'_, '_>, schema: &Schema, text: &str, path: &str) -> Result<Value, String> {
    let default_key = schema.facts().default_key.as_deref();
    let properties = PropertyString::parse(text, default_key, Spelling::Plain)
        .map_err(|fault| fault.to_string())?;
    let given = without_aliases(schema, &properties)?;
    let members: Vec<_> = schema.properties().iter().map(Member::of).collect();
    let find = |name: &str| schema.property(name).map(|property| &property.schema);
    let mut findings = Findings::default();
    let mut inner = Check {
        reader: check.reader,
        findings: &mut findings,
    };
    let object = inner.object(&members, &find, Others::Refused, given, path);
    if findings.problems.is_empty() {
        return Ok(Value::Object(object));
    }
    let lines = findings.problems.iter();
    let mut all = lines.fold("format error\n".to_owned(), |all, (name, text)| {
        all + name + ": " + text + "\n"
    });
    // The product ends the text with a newline; so does whoever prints a format problem.
    all.pop();
    Err(all)
}

/// The properties under their real names, booleans as 0 and 1 in whatever word they were given.
fn without_aliases(
    schema: &Schema,
    properties: &PropertyString,
) -> Result<Map<String, Value>, String> {
    let mut given = Map::new();
    for (key, value) in properties.iter() {
        let unknown = || format!("invalid key in comma-separated list property: {key}");
        let mut property = schema.property(key).ok_or_else(unknown)?;
        let facts = property.schema.facts();
        if let Some(alias) = &facts.alias {
            if let Some(key_alias) = &facts.key_alias {
                let known = given.insert(key_alias.to_string(), key.into());
                if known.is_some() {
                    return Err(format!("key alias '{key_alias}' is already defined"));
                }
            }
            if given.contains_key(&**alias) {
                return Err(format!("key '{alias}' is already defined (via alias)"));
            }
            property = schema.property(alias).ok_or_else(unknown)?;
        }
        let value = match boolean(value) {
            Some(flag) if property.schema.kind == Kind::Boolean => {
                if flag {
                    "1"
                } else {
                    "0"
                }
            }
            _ => value,
        };
        given.insert(property.name.clone(), value.into());
    }
    Ok(given)
}

/// A boolean in a property string, in which more words are known than in a parameter.
fn boolean(text: &str) -> Option<bool> {
    let is = |words: [&str; 4]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is(["1", "on", "yes", "true"]) {
        return Some(true);
    }
    is(["0", "off", "no", "false"]).then_some(false)
}
