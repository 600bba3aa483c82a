//! The part of JSON Schema that the products use, reduced to what reading and checking need.
//!
//! Everything inside is shared, so that a copy costs a counter and a component that is referred to many
//! times exists once. A schema cannot contain itself and is never deeper than [`Schema::DEEPEST`]: code
//! that follows a schema may recurse.

use std::sync::Arc;

use serde_json::Value;

/// What a JSON value has to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    /// Its type.
    pub kind: Kind,
    /// Whether `null` stands for no value; in Go such a field is a pointer.
    pub nullable: bool,
    /// The only values allowed (`enum`); empty when there is no such list.
    pub choices: Arc<[Value]>,
}

/// The type of a JSON value.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A string.
    String(Format),
    /// A whole number that fits 64 bits with sign.
    Integer,
    /// Any number that fits a double.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A list of values of one type.
    Array(Arc<Schema>),
    /// An object.
    Object(Arc<Shape>),
    /// Any JSON at all, passed on as it came.
    Any,
}

/// What a string holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// Any text.
    Text,
    /// A date and time by RFC 3339.
    DateTime,
    /// A format that the contract names and nothing here looks at.
    Named(Arc<str>),
}

/// The members of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    /// The named ones, in the order of the contract.
    pub properties: Vec<Property>,
    /// What all others are; `None` when there are none.
    pub additional: Option<Schema>,
}

/// One named member of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Property {
    /// Its name.
    pub name: String,
    /// Whether it is always written; Go leaves the others out when they are empty.
    pub required: bool,
    /// What it is.
    pub schema: Schema,
}

impl Schema {
    /// How many schemas may stand inside one another.
    pub const DEEPEST: usize = 100;

    /// A schema of this type with nothing else to it.
    pub fn of(kind: Kind) -> Self {
        Self {
            kind,
            nullable: false,
            choices: Arc::new([]),
        }
    }

    /// The named members, in the order of the contract; none when this is no object.
    pub fn properties(&self) -> &[Property] {
        match &self.kind {
            Kind::Object(shape) => &shape.properties,
            _ => &[],
        }
    }

    /// The named member of this name, spelled exactly.
    pub fn property(&self, name: &str) -> Option<&Property> {
        self.properties()
            .iter()
            .find(|property| property.name == name)
    }

    /// What such a value is called in a sentence.
    pub fn noun(&self) -> &'static str {
        match self.kind {
            Kind::String(Format::DateTime) => "a date and time",
            Kind::String(_) => "a string",
            Kind::Integer => "an integer",
            Kind::Number => "a number",
            Kind::Boolean => "a boolean",
            Kind::Array(_) => "a list",
            Kind::Object(_) => "an object",
            Kind::Any => "any JSON value",
        }
    }
}

impl Shape {
    /// The members of a map, whose keys are data: there are no named ones, and all are alike.
    pub fn map(&self) -> Option<&Schema> {
        self.additional
            .as_ref()
            .filter(|_| self.properties.is_empty())
    }
}
