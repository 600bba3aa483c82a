//! Reads JSON with serde's own types and remembers where it was when something did not fit.

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::Value;

use super::member;
use crate::contract::Problem;

/// What does not fit, and where, once that is known.
#[derive(Debug)]
pub(super) struct Fault {
    path: Option<String>,
    message: String,
}

impl Fault {
    /// As a problem of the file.
    pub(super) fn into_problem(self) -> Problem {
        Problem {
            path: self.path.unwrap_or_default(),
            message: self.message,
        }
    }

    /// The innermost place counts.
    fn at(mut self, path: impl FnOnce() -> String) -> Self {
        self.path.get_or_insert_with(path);
        self
    }
}

impl std::error::Error for Fault {}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self {
            path: None,
            message: message.to_string(),
        }
    }

    fn unknown_field(field: &str, known: &'static [&'static str]) -> Self {
        Self::custom(format!(
            "`{field}` is unknown; there are {}",
            known.join(", ")
        ))
    }

    fn unknown_variant(variant: &str, known: &'static [&'static str]) -> Self {
        Self::custom(format!(
            "`{variant}` is unknown; there are {}",
            known.join(", ")
        ))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::custom(format!("has no `{field}`"))
    }

    fn invalid_type(found: de::Unexpected<'_>, wanted: &dyn de::Expected) -> Self {
        Self::custom(format!("must be {wanted}, but is {found}"))
    }
}

/// A value and its place.
pub(super) struct Reader<'a> {
    value: &'a Value,
    path: String,
}

impl<'a> Reader<'a> {
    /// The value as a whole.
    pub(super) fn new(value: &'a Value) -> Self {
        Self::at(value, String::new())
    }

    /// A part of it that has this path.
    pub(super) fn at(value: &'a Value, path: String) -> Self {
        Self { value, path }
    }
}

/// serde's JSON reader has the same words, but its own type for them.
fn reworded(error: &serde_json::Error) -> Fault {
    de::Error::custom(error)
}

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let Self { value, path } = self;
        let read = match value {
            Value::Array(items) => visitor.visit_seq(Items {
                items: items.iter().enumerate(),
                path: &path,
            }),
            Value::Object(members) => visitor.visit_map(Members {
                members: members.iter(),
                value: None,
                path: &path,
            }),
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(number), ..) => visitor.visit_u64(number),
                (None, Some(number), _) => visitor.visit_i64(number),
                (None, None, number) => visitor.visit_f64(number.unwrap_or(f64::NAN)),
            },
        };
        read.map_err(|fault| fault.at(|| path))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let read = self.value.deserialize_enum(name, variants, visitor);
        read.map_err(|error| reworded(&error).at(|| self.path))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map struct identifier ignored_any
    }
}

struct Items<'a, 'p> {
    items: std::iter::Enumerate<std::slice::Iter<'a, Value>>,
    path: &'p str,
}

impl<'de> SeqAccess<'de> for Items<'de, '_> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        let Some((n, value)) = self.items.next() else {
            return Ok(None);
        };
        read(seed, value, format!("{}[{n}]", self.path)).map(Some)
    }
}

struct Members<'a, 'p> {
    members: serde_json::map::Iter<'a>,
    /// The key whose value comes next, with the value.
    value: Option<(&'a str, &'a Value)>,
    path: &'p str,
}

impl<'de> MapAccess<'de> for Members<'de, '_> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        let Some((key, value)) = self.members.next() else {
            return Ok(None);
        };
        self.value = Some((key, value));
        let read = seed.deserialize(Key(key));
        read.map(Some)
            .map_err(|fault| fault.at(|| member(self.path, key)))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let (key, value) = self.value.take().unwrap_or(("", &Value::Null));
        read(seed, value, member(self.path, key))
    }
}

/// A key: a text, of which types that are numbers are read all the same.
struct Key<'a>(&'a str);

impl<'de> Deserializer<'de> for Key<'_> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_str(self.0)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.0.parse() {
            Ok(number) => visitor.visit_u32(number),
            Err(_) => Err(de::Error::invalid_type(
                de::Unexpected::Str(self.0),
                &visitor,
            )),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let text: StrDeserializer<'_, Fault> = self.0.into_deserializer();
        text.deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// Reads what has this path. A type may refuse a text after it was read, as names do, so the path is added here
/// as well.
fn read<'de, T: DeserializeSeed<'de>>(
    seed: T,
    value: &'de Value,
    path: String,
) -> Result<T::Value, Fault> {
    let reader = Reader {
        value,
        path: path.clone(),
    };
    seed.deserialize(reader).map_err(|fault| fault.at(|| path))
}
