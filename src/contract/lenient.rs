//! Bodies read as a Go server reads them, and values written as a Go server writes them.
//!
//! The products behind some personalities decode with Go's `encoding/json` into typed structures. Which
//! bodies they refuse and what becomes of the ones they take follows from that decoder alone, so it is
//! followed to the letter here: the first value of the text is decoded, the rest is not looked at; names
//! match in any letter case; repeated members are decoded over one another; `null` leaves a plain value
//! as it is. A [`Schema`] stands for the Go structure: members that are not `required` carry Go's
//! `omitempty`, and objects and times among them, like everything `nullable`, are pointers.

use super::moment::Moment;
use super::scan::{Next, Scanner};
use super::schema::{Format, Kind, Property, Schema, Shape};
use super::text::{Characters, compacted, push_string};

pub use super::scan::Malformed;
pub use super::text::{compact, render_string};

#[cfg(test)]
mod tests;
mod value;

use value::{Holder, Slot, Value};

/// Says whether Go would decode the text, without allocating.
///
/// # Errors
/// When Go would refuse it.
pub fn check(schema: &Schema, text: &[u8]) -> Result<(), Malformed> {
    Reader::new(text).value(schema, Holder::of(schema), None)
}

/// The text decoded and encoded again: members in the order of the schema, unknown ones gone, missing
/// ones as their zero values or, when they are not required, left out.
///
/// # Errors
/// When Go would refuse the text.
pub fn normalize(schema: &Schema, text: &[u8]) -> Result<String, Malformed> {
    let value = decode(schema, text)?;
    let mut out = String::with_capacity(text.len());
    value.render(&mut out, schema, Holder::of(schema));
    Ok(out)
}

/// The JSON text of each named member of an object, in the order of the schema, decoded and encoded
/// again; `None` for those that are missing. Empty when the schema is no object.
///
/// # Errors
/// When Go would refuse the text.
pub fn fields(schema: &Schema, text: &[u8]) -> Result<Vec<Option<String>>, Malformed> {
    let value = decode(schema, text)?;
    let written = |(index, property): (usize, &Property)| {
        let member = value.at(index)?;
        let mut out = String::new();
        member.render(&mut out, &property.schema, Holder::of_member(property));
        Some(out)
    };
    let properties = schema.properties().iter().enumerate();
    Ok(properties.map(written).collect())
}

fn decode(schema: &Schema, text: &[u8]) -> Result<Value, Malformed> {
    let mut value = Value::Missing;
    Reader::new(text).value(schema, Holder::of(schema), Some(&mut value))?;
    Ok(value)
}

/// Reads by a schema. One walk for checking and for decoding, so that they cannot disagree; it recurses
/// only as deep as the schema does.
struct Reader<'a> {
    scan: Scanner<'a>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a [u8]) -> Self {
        Self {
            scan: Scanner::new(text),
        }
    }

    fn value(&mut self, schema: &Schema, holder: Holder, slot: Slot<'_>) -> Result<(), Malformed> {
        let first = self.scan.peek()?;
        if first == b'n' {
            self.scan.word("null")?;
            if let Some(slot) = slot {
                slot.become_null(&schema.kind, holder);
            }
            return Ok(());
        }
        match (&schema.kind, first) {
            (Kind::Array(items), b'[') => self.list(items, slot),
            (Kind::Object(shape), b'{') => match shape.map() {
                Some(values) => self.map(values, slot),
                None => self.object(shape, slot),
            },
            (Kind::String(format), b'"') => self.string(format, slot),
            (Kind::Integer | Kind::Number, b'-' | b'0'..=b'9') => self.number(&schema.kind, slot),
            (Kind::Boolean, b't') => self.word("true", slot),
            (Kind::Boolean, b'f') => self.word("false", slot),
            (Kind::Any | Kind::OneOf(_), _) => {
                let raw = self.scan.value()?;
                store(slot, || compacted(raw));
                Ok(())
            }
            _ => Err(self.scan.malformed("the value is of another type")),
        }
    }

    fn list(&mut self, items: &Schema, mut slot: Slot<'_>) -> Result<(), Malformed> {
        self.scan.open()?;
        let holder = Holder::of(items);
        let mut length = 0;
        let mut next = self.scan.empty(b']')?;
        while next == Next::Item {
            let item = slot.as_deref_mut().and_then(|list| list.item(length));
            self.value(items, holder, item)?;
            length += 1;
            next = self.scan.next(b']')?;
        }
        if let Some(list) = slot {
            list.become_list(length);
        }
        Ok(())
    }

    fn map(&mut self, values: &Schema, mut slot: Slot<'_>) -> Result<(), Malformed> {
        self.scan.open()?;
        if let Some(map) = slot.as_deref_mut() {
            map.become_map();
        }
        let holder = Holder::of(values);
        let mut next = self.scan.empty(b'}')?;
        while next == Next::Item {
            let key = self.scan.key()?;
            let entry = slot.as_deref_mut().and_then(|map| map.entry(key));
            self.value(values, holder, entry)?;
            next = self.scan.next(b'}')?;
        }
        Ok(())
    }

    fn object(&mut self, shape: &Shape, mut slot: Slot<'_>) -> Result<(), Malformed> {
        self.scan.open()?;
        if let Some(object) = slot.as_deref_mut() {
            object.become_object();
        }
        let mut expected = 0;
        let mut next = self.scan.empty(b'}')?;
        while next == Next::Item {
            let key = self.scan.key()?;
            match find(&shape.properties, key, expected) {
                Some((index, property)) => {
                    let member = slot.as_deref_mut().and_then(|object| object.member(index));
                    self.value(&property.schema, Holder::of_member(property), member)?;
                    expected = index + 1;
                }
                None => {
                    self.scan.value()?;
                }
            }
            next = self.scan.next(b'}')?;
        }
        Ok(())
    }

    fn string(&mut self, format: &Format, slot: Slot<'_>) -> Result<(), Malformed> {
        let content = self.scan.string()?;
        if *format == Format::DateTime {
            let moment = Moment::read(content).ok_or_else(|| {
                self.scan
                    .malformed("a date and time by RFC 3339 is expected")
            })?;
            store(slot, || format!("\"{moment}\""));
            return Ok(());
        }
        store(slot, || {
            let mut written = String::with_capacity(content.len() + 2);
            push_string(&mut written, Characters::new(content));
            written
        });
        Ok(())
    }

    fn number(&mut self, kind: &Kind, slot: Slot<'_>) -> Result<(), Malformed> {
        let digits = std::str::from_utf8(self.scan.number()?).unwrap_or_default();
        if *kind == Kind::Integer {
            let Ok(integer) = digits.parse::<i64>() else {
                return Err(self.scan.malformed("an integer of 64 bits is expected"));
            };
            store(slot, || integer.to_string());
            return Ok(());
        }
        match digits.parse::<f64>() {
            Ok(number) if number.is_finite() => store(slot, || value::write_number(number)),
            _ => return Err(self.scan.malformed("the number is too large")),
        }
        Ok(())
    }

    fn word(&mut self, word: &'static str, slot: Slot<'_>) -> Result<(), Malformed> {
        self.scan.word(word)?;
        store(slot, || word.to_owned());
        Ok(())
    }
}

fn store(slot: Slot<'_>, written: impl FnOnce() -> String) {
    if let Some(slot) = slot {
        *slot = Value::Scalar(written());
    }
}

/// The member that a key means: the one spelled so, or the first that differs by letter case only.
///
/// Members mostly come in the order of the schema, so `expected` is looked at first.
fn find<'s>(
    properties: &'s [Property],
    key: &[u8],
    expected: usize,
) -> Option<(usize, &'s Property)> {
    let spelled_so = |property: &Property| {
        property.name.as_bytes() == key
            || key.contains(&b'\\') && Characters::new(key).eq(property.name.chars())
    };
    if let Some(property) = properties
        .get(expected)
        .filter(|property| spelled_so(property))
    {
        return Some((expected, property));
    }
    let mut members = properties.iter().enumerate();
    members
        .clone()
        .find(|(_, property)| spelled_so(property))
        .or_else(|| {
            members.find(|(_, property)| {
                let folded = Characters::new(key).map(fold);
                folded.eq(property.name.chars().map(fold))
            })
        })
}

/// One character for all that differ by letter case only. Besides the obvious ones, Go's folding joins the
/// Kelvin sign with `k` and the long s with `s`.
fn fold(char: char) -> char {
    match char {
        '\u{212a}' => 'k',
        '\u{17f}' => 's',
        _ if char.is_ascii() => char.to_ascii_lowercase(),
        _ => char.to_lowercase().next().unwrap_or(char),
    }
}
