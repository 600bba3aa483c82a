//! Which members of an object a sample shows.

use std::borrow::Cow;

use super::super::schema::{Kind, Property, Schema, Shape};
use super::names;

/// What is there only when something is wrong or under way. A client that found a lock or an error on
/// everything would do nothing more.
const UNUSUAL: [&str; 14] = [
    "delete",
    "err-data",
    "error",
    "errors",
    "lock",
    "lock-token",
    "maintenance",
    "maintenance-mode",
    "pending",
    "reason",
    "request_state",
    "tfa-locked-until",
    "totp-locked",
    "warnings",
];

/// Whether an optional member belongs into a sample of an object of this type.
pub(super) fn shown(property: &Property, shape: &Shape, instance: Option<&str>) -> bool {
    let facts = property.schema.facts();
    let of_type = facts.instance_types.is_empty()
        || instance.is_none_or(|name| facts.instance_types.iter().any(|known| **known == *name));
    of_type
        && facts.alias.is_none()
        && !UNUSUAL.contains(&property.name.as_str())
        && !is_later(&property.name, shape)
        && !is_declared_twice(&property.name, shape)
}

/// Whether it is one of a family, but not the first: hundreds of disks would say no more than one.
fn is_later(name: &str, shape: &Shape) -> bool {
    let stem = stem(name);
    let number = name.get(stem.len()..).unwrap_or_default();
    let first = || named(shape, &format!("{stem}0"));
    let family = || named(shape, &format!("{stem}[n]"));
    match number {
        "" | "0" | "[n]" => false,
        _ => first().is_some() || family().is_some(),
    }
}

/// Whether the first of a family has a declaration of its own.
fn is_declared_twice(family: &str, shape: &Shape) -> bool {
    let first = written(family);
    *first != *family && named(shape, &first).is_some()
}

/// Whether an object must have this member.
pub(super) fn needed(property: &Property, shape: &Shape) -> bool {
    // A name in braces stands for whatever names there are: documents of older releases say it so.
    property.required
        && !property.name.starts_with('{')
        && !is_numbered(&property.name, |name| named(shape, name).is_some())
}

/// Whether a member is one of a numbered family, given which names are declared beside it. The Rust products
/// declare each of them as required (`net0` to `net31`), and yet leave out those that have no value.
pub fn is_numbered(name: &str, declared: impl Fn(&str) -> bool) -> bool {
    let stem = stem(name);
    let has = |number: &str| declared(&format!("{stem}{number}"));
    stem.len() < name.len() && (has("[n]") || (has("0") && has("1")))
}

/// The member that tells what the others mean.
pub(super) fn owner(shape: &Shape) -> &'static str {
    let mut owners = names::OWNERS.into_iter();
    owners
        .find(|name| named(shape, name).is_some())
        .unwrap_or_default()
}

/// The declared member of this name.
pub(super) fn named<'s>(shape: &'s Shape, name: &str) -> Option<&'s Property> {
    let mut properties = shape.properties.iter();
    properties.find(|property| property.name == name)
}

/// The variant of a type with variants that this object has, else the schema itself.
pub(super) fn variant<'s>(schema: &'s Schema, instance: Option<&str>) -> &'s Schema {
    let Kind::OneOf(variants) = &schema.kind else {
        return schema;
    };
    let of_type = |variant: &&Schema| {
        let mut types = variant.facts().instance_types.iter();
        types.any(|known| Some(&**known) == instance)
    };
    variants.iter().find(of_type).unwrap_or(schema)
}

/// The name of a member as it stands in a value: the first of a family for `net[n]`.
pub(super) fn written(name: &str) -> Cow<'_, str> {
    match name.strip_suffix("[n]") {
        Some(stem) => Cow::Owned(format!("{stem}0")),
        None => Cow::Borrowed(name),
    }
}

/// The name without the number that tells it from its like.
pub(super) fn stem(name: &str) -> &str {
    let name = name.strip_suffix("[n]").unwrap_or(name);
    name.trim_end_matches(|char: char| char.is_ascii_digit())
}

/// Whether `net12` is one of the family `net[n]`.
pub(super) fn is_of_family(name: &str, family: &str) -> bool {
    let Some(number) = family
        .strip_suffix("[n]")
        .and_then(|stem| name.strip_prefix(stem))
    else {
        return false;
    };
    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
}
