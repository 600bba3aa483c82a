//! The part of JSON Schema that the products use, reduced to what reading and checking need.
//!
//! Everything inside is shared, so that a copy costs a counter and a component that is referred to many
//! times exists once. A schema cannot contain itself and is never deeper than [`Schema::DEEPEST`]: code
//! that follows a schema may recurse.

use std::sync::{Arc, LazyLock};

use serde_json::{Number, Value};

/// What a JSON value has to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    /// Its type.
    pub kind: Kind,
    /// Whether `null` stands for no value; in Go such a field is a pointer.
    pub nullable: bool,
    /// The only values allowed (`enum`); empty when there is no such list.
    pub choices: Arc<[Value]>,
    /// What else there is to it; nothing for most. Read it with [`Schema::facts`].
    pub more: Option<Arc<Facts>>,
}

/// What a product checks in a value besides its type, and what else it says about it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// The least number.
    pub minimum: Option<Number>,
    /// The greatest number.
    pub maximum: Option<Number>,
    /// How many characters a string, or items a list, has at least.
    pub shortest: Option<u64>,
    /// How many it has at most.
    pub longest: Option<u64>,
    /// The pattern of a string as the product spells it (`x-pattern`): a pattern of Rust's `regex` when it
    /// stands between slashes, else one of Perl that is anchored on both sides. For a document written by
    /// hand, its `pattern`.
    pub pattern: Option<Arc<str>>,
    /// The value when none is given, of the right type; a boolean is `true` or `false`, whatever the
    /// product writes on the wire.
    pub default: Option<Value>,
    /// The format of a value that is no string, by its name; that of a string stands in its [`Kind`].
    pub format: Option<Arc<str>>,
    /// What a string of the form `key=value,key=value` stands for, an object or a list (`x-format`).
    pub property_string: Option<Schema>,
    /// The property of a property string whose key may be left out, on the schema of the object.
    pub default_key: Option<Arc<str>>,
    /// The property that this one is another name of.
    pub alias: Option<Arc<str>>,
    /// The property that gets the name under which the alias was given.
    pub key_alias: Option<Arc<str>>,
    /// The parameter that has to be given as well.
    pub requires: Option<Arc<str>>,
    /// Whether `name[n]` stands for `name0`, `name1` and so on.
    pub indexed: bool,
    /// Whether the product's schema calls it optional where that has no place in a document: a path
    /// parameter, a variant, a whole answer.
    pub optional: bool,
    /// Whether it is a path parameter that the product's schema forgets.
    pub undeclared: bool,
    /// How the product's interface shows it (`bytes`, `timestamp`, `duration`, ...).
    pub renderer: Option<Arc<str>>,
    /// The property that tells of which type an object is; this one belongs to some types only, or, with
    /// variants, each variant is one.
    pub type_property: Option<Arc<str>>,
    /// The types that it belongs to.
    pub instance_types: Box<[Arc<str>]>,
}

static NO_FACTS: LazyLock<Facts> = LazyLock::new(Facts::default);

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
    /// What fits one of several schemas.
    OneOf(Arc<[Schema]>),
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

    /// How many schemas one may consist of when each is counted as often as it is referred to. Whoever follows a
    /// schema may meet them all: forty that refer twice to the next would keep a server busy for years. The
    /// largest of the products consists of 6,738 (the answer of a PDM operation).
    pub const MOST_PARTS: usize = 100_000;

    /// A schema of this type with nothing else to it.
    pub fn of(kind: Kind) -> Self {
        Self {
            kind,
            nullable: false,
            choices: Arc::default(),
            more: None,
        }
    }

    /// What else there is to it.
    pub fn facts(&self) -> &Facts {
        self.more.as_deref().unwrap_or(&NO_FACTS)
    }

    /// The name of its format, if it has one.
    pub fn format(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(Format::Named(name)) => Some(name),
            Kind::String(Format::DateTime) => Some("date-time"),
            _ => self.facts().format.as_deref(),
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
            Kind::OneOf(_) => "a value of one of several types",
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
