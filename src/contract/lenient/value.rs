//! What was decoded, and how Go's encoder writes it.
//!
//! Values without parts are kept as the text that they are written as: nobody computes with them.

use std::collections::BTreeMap;

use super::super::moment;
use super::super::schema::{Format, Kind, Property, Schema, Shape};
use super::super::text::{Characters, push_string};

/// What holds a value in Go: `null` means another thing for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder {
    /// The value itself.
    Plain,
    /// A pointer to it.
    Pointer,
}

impl Holder {
    /// What holds a value of this schema in a list, in a map, or as the whole.
    pub(super) fn of(schema: &Schema) -> Self {
        if schema.nullable && !is_null_itself(&schema.kind) {
            Self::Pointer
        } else {
            Self::Plain
        }
    }

    /// What holds a member of an object.
    pub(super) fn of_member(property: &Property) -> Self {
        // `omitempty` does nothing for structures and times, so Go's authors write pointers there.
        let pointless = match property.schema.kind {
            Kind::String(Format::DateTime) => true,
            Kind::Object(_) => !is_null_itself(&property.schema.kind),
            _ => false,
        };
        if pointless && !property.required {
            Self::Pointer
        } else {
            Self::of(&property.schema)
        }
    }
}

/// Whether a value of this kind can be `null` without a pointer to it.
fn is_null_itself(kind: &Kind) -> bool {
    match kind {
        Kind::Array(_) | Kind::Any | Kind::OneOf(_) => true,
        Kind::Object(shape) => shape.map().is_some(),
        _ => false,
    }
}

/// A decoded value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// Nothing was decoded: Go's zero value.
    Missing,
    /// `null`, where a pointer, a list or a map is that.
    Null,
    /// A value without parts, as the JSON text that it is written as.
    Scalar(String),
    /// A list.
    List(Vec<Value>),
    /// The named members of an object, up to the last one that was given.
    Object(Vec<Value>),
    /// A map; Go writes the keys in the order of their bytes.
    Map(BTreeMap<String, Value>),
}

/// Where a value goes; nowhere when the text is only checked.
pub(super) type Slot<'v> = Option<&'v mut Value>;

impl Value {
    /// The member of an object, if it was given.
    pub(super) fn at(&self, index: usize) -> Option<&Self> {
        let Self::Object(members) = self else {
            return None;
        };
        members
            .get(index)
            .filter(|member| !matches!(member, Self::Missing))
    }

    /// Decodes `null` over what is there.
    pub(super) fn become_null(&mut self, kind: &Kind, holder: Holder) {
        if matches!(kind, Kind::Any | Kind::OneOf(_)) {
            *self = Self::Scalar("null".to_owned());
        } else if holder == Holder::Pointer || is_null_itself(kind) {
            *self = Self::Null;
        } else if matches!(self, Self::Missing) {
            *self = match kind {
                Kind::Object(_) => Self::Object(Vec::new()),
                _ => Self::Scalar(zero(kind).to_owned()),
            };
        }
    }

    /// Ends a list after `length` items: an earlier one of the same name may have left more.
    pub(super) fn become_list(&mut self, length: usize) {
        match self {
            Self::List(items) => items.truncate(length),
            _ => *self = Self::List(Vec::new()),
        }
    }

    /// Begins an object, or goes on with the one that is there.
    pub(super) fn become_object(&mut self) {
        if !matches!(self, Self::Object(_)) {
            *self = Self::Object(Vec::new());
        }
    }

    /// Begins a map, or goes on with the one that is there.
    pub(super) fn become_map(&mut self) {
        if !matches!(self, Self::Map(_)) {
            *self = Self::Map(BTreeMap::new());
        }
    }

    /// The place of an item of a list.
    pub(super) fn item(&mut self, index: usize) -> Slot<'_> {
        if !matches!(self, Self::List(_)) {
            *self = Self::List(Vec::new());
        }
        match self {
            Self::List(items) => place(items, index),
            _ => None,
        }
    }

    /// The place of a member of an object.
    pub(super) fn member(&mut self, index: usize) -> Slot<'_> {
        match self {
            Self::Object(members) => place(members, index),
            _ => None,
        }
    }

    /// The place of an entry of a map; Go decodes each into a new value.
    pub(super) fn entry(&mut self, key: &[u8]) -> Slot<'_> {
        let Self::Map(entries) = self else {
            return None;
        };
        let entry = entries.entry(Characters::new(key).collect());
        let value = entry.or_insert(Self::Missing);
        *value = Self::Missing;
        Some(value)
    }

    /// Writes the value as Go's encoder does.
    pub(super) fn render(&self, out: &mut String, schema: &Schema, holder: Holder) {
        match (self, &schema.kind) {
            (Self::Scalar(written), _) => out.push_str(written),
            (Self::List(items), Kind::Array(schema)) => {
                separated(out, ['[', ']'], items, |out, item| {
                    item.render(out, schema, Holder::of(schema));
                });
            }
            (Self::Map(entries), Kind::Object(shape)) => render_map(out, shape, entries),
            (Self::Object(members), Kind::Object(shape)) => render_object(out, shape, members),
            (Self::Missing, Kind::Object(shape))
                if holder == Holder::Plain && shape.map().is_none() =>
            {
                render_object(out, shape, &[]);
            }
            (Self::Missing, kind) if holder == Holder::Plain => out.push_str(zero(kind)),
            _ => out.push_str("null"),
        }
    }

    /// Whether Go leaves out a member that is not required and has this value.
    fn is_empty(&self, property: &Property) -> bool {
        match self {
            Self::Missing | Self::Null => true,
            Self::List(items) => items.is_empty(),
            Self::Map(entries) => entries.is_empty(),
            Self::Object(_) => false,
            Self::Scalar(written) => match property.schema.kind {
                Kind::Any | Kind::OneOf(_) => false,
                _ if Holder::of_member(property) == Holder::Pointer => false,
                _ => matches!(&**written, "\"\"" | "0" | "-0" | "false"),
            },
        }
    }
}

fn place(values: &mut Vec<Value>, index: usize) -> Slot<'_> {
    if values.len() <= index {
        values.resize(index + 1, Value::Missing);
    }
    values.get_mut(index)
}

fn render_object(out: &mut String, shape: &Shape, members: &[Value]) {
    let written = shape
        .properties
        .iter()
        .enumerate()
        .map(|(index, property)| (property, members.get(index).unwrap_or(&Value::Missing)))
        .filter(|(property, member)| property.required || !member.is_empty(property));
    separated(out, ['{', '}'], written, |out, (property, member)| {
        push_string(out, property.name.chars());
        out.push(':');
        member.render(out, &property.schema, Holder::of_member(property));
    });
}

fn render_map(out: &mut String, shape: &Shape, entries: &BTreeMap<String, Value>) {
    let Some(schema) = shape.map() else { return };
    separated(out, ['{', '}'], entries, |out, (key, value)| {
        push_string(out, key.chars());
        out.push(':');
        value.render(out, schema, Holder::of(schema));
    });
}

fn separated<T>(
    out: &mut String,
    [opening, closing]: [char; 2],
    items: impl IntoIterator<Item = T>,
    mut render: impl FnMut(&mut String, T),
) {
    out.push(opening);
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        render(out, item);
    }
    out.push(closing);
}

/// How Go writes a value that was never set.
fn zero(kind: &Kind) -> &'static str {
    match kind {
        Kind::String(Format::DateTime) => moment::ZERO,
        Kind::String(_) => "\"\"",
        Kind::Integer | Kind::Number => "0",
        Kind::Boolean => "false",
        Kind::Array(_) | Kind::Object(_) | Kind::Any | Kind::OneOf(_) => "null",
    }
}

/// A number as Go's encoder writes it: with an exponent only where it is shorter by much.
pub(super) fn write_number(number: f64) -> String {
    let magnitude = number.abs();
    if magnitude == 0.0 || (1e-6..1e21).contains(&magnitude) {
        return number.to_string();
    }
    let written = format!("{number:e}");
    if magnitude < 1.0 {
        return written;
    }
    written.replace('e', "e+")
}
