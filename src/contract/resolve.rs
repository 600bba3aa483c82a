//! From the schemas of a document to ours: references followed, each component reduced once.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::sync::Arc;

use openapiv3::{AdditionalProperties, ReferenceOr, SchemaKind, Type, VariantOrUnknownOrEmpty};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::schema::{Format, Kind, Property, Schema, Shape};

/// Where in the document something is wrong, and what.
#[derive(Debug)]
pub(super) struct Fault {
    /// The part of the document.
    pub(super) at: String,
    /// A sentence without its place.
    pub(super) message: String,
}

impl Fault {
    /// A fault at a place.
    pub(super) fn at(at: &str, message: impl Into<String>) -> Self {
        Self {
            at: at.to_owned(),
            message: message.into(),
        }
    }
}

/// Follows references into the components of one document.
#[derive(Debug)]
pub(super) struct Resolver<'d> {
    /// `components`, as it stands in the document.
    components: &'d Value,
    /// The schemas that are reduced, each with how many levels it has.
    done: BTreeMap<String, (Schema, usize)>,
    /// Those that are being reduced, the outermost first.
    open: Vec<String>,
}

impl<'d> Resolver<'d> {
    /// Starts with the `components` of a document, or `null` if it has none.
    pub(super) fn new(components: &'d Value) -> Self {
        Self {
            components,
            done: BTreeMap::new(),
            open: Vec::new(),
        }
    }

    /// Reduces what no operation refers to as well, and gives all components.
    pub(super) fn finish(mut self) -> Result<BTreeMap<String, Schema>, Fault> {
        let named = self.components.get("schemas").and_then(Value::as_object);
        for name in named.into_iter().flat_map(Map::keys) {
            self.component(name, "components.schemas")?;
        }
        let schemas = self.done.into_iter();
        Ok(schemas.map(|(name, (schema, _))| (name, schema)).collect())
    }

    /// A part of the document, or what it refers to in `components.<section>`.
    pub(super) fn item<T: for<'a> Deserialize<'a>>(
        &self,
        part: ReferenceOr<T>,
        section: &str,
        at: &str,
    ) -> Result<T, Fault> {
        let reference = match part {
            ReferenceOr::Item(item) => return Ok(item),
            ReferenceOr::Reference { reference } => reference,
        };
        let found = reference
            .strip_prefix(&format!("#/components/{section}/"))
            .and_then(|name| self.components.get(section)?.get(name));
        let Some(found) = found else {
            return Err(nothing(at, &reference));
        };
        T::deserialize(found).map_err(|error| Fault::at(&reference, error.to_string()))
    }

    /// A schema of the document, reduced.
    pub(super) fn schema(
        &mut self,
        schema: &ReferenceOr<openapiv3::Schema>,
        at: &str,
    ) -> Result<Schema, Fault> {
        self.reduce(schema, at).map(|(schema, _)| schema)
    }

    /// The schema, and how many levels it has.
    fn reduce(
        &mut self,
        schema: &ReferenceOr<impl Borrow<openapiv3::Schema>>,
        at: &str,
    ) -> Result<(Schema, usize), Fault> {
        match schema {
            ReferenceOr::Item(schema) => self.inline(schema.borrow(), at),
            ReferenceOr::Reference { reference } => {
                let name = reference.strip_prefix("#/components/schemas/");
                self.component(name.ok_or_else(|| nothing(at, reference))?, at)
            }
        }
    }

    fn component(&mut self, name: &str, at: &str) -> Result<(Schema, usize), Fault> {
        if let Some(done) = self.done.get(name) {
            return Ok(done.clone());
        }
        if self.open.iter().any(|open| open == name) {
            let circle = format!("{} -> {name}", self.open.join(" -> "));
            return Err(Fault::at(
                at,
                format!("the schema contains itself: {circle}"),
            ));
        }
        let schemas = self.components.get("schemas");
        let Some(found) = schemas.and_then(|schemas| schemas.get(name)) else {
            return Err(nothing(at, &format!("#/components/schemas/{name}")));
        };
        let at = format!("components.schemas.{name}");
        let schema = ReferenceOr::<openapiv3::Schema>::deserialize(found)
            .map_err(|error| Fault::at(&at, error.to_string()))?;
        self.open.push(name.to_owned());
        if self.open.len() > Schema::DEEPEST {
            return Err(too_deep(&at));
        }
        let reduced = self.reduce(&schema, &at)?;
        self.open.pop();
        self.done.insert(name.to_owned(), reduced.clone());
        Ok(reduced)
    }

    fn inline(&mut self, schema: &openapiv3::Schema, at: &str) -> Result<(Schema, usize), Fault> {
        let mut choices = Vec::new();
        let (kind, levels) = match &schema.schema_kind {
            SchemaKind::Type(Type::String(string)) => {
                choices = values(&string.enumeration);
                (Kind::String(format(string)), 1)
            }
            SchemaKind::Type(Type::Integer(integer)) => {
                choices = values(&integer.enumeration);
                (Kind::Integer, 1)
            }
            SchemaKind::Type(Type::Number(number)) => {
                choices = values(&number.enumeration);
                (Kind::Number, 1)
            }
            SchemaKind::Type(Type::Boolean(_)) => (Kind::Boolean, 1),
            SchemaKind::Type(Type::Array(list)) => {
                let (items, levels) = match &list.items {
                    Some(items) => self.reduce(items, &format!("{at}.items"))?,
                    None => (Schema::of(Kind::Any), 1),
                };
                (Kind::Array(Arc::new(items)), levels + 1)
            }
            SchemaKind::Type(Type::Object(object)) => self.object(object, at)?,
            // The only way in OpenAPI 3.0 to say something more about a reference.
            SchemaKind::AllOf { all_of } if all_of.len() == 1 => {
                let (inner, levels) = self.reduce(&all_of[0], at)?;
                choices = inner.choices.to_vec();
                (inner.kind, levels)
            }
            SchemaKind::Any(any) if *any == openapiv3::AnySchema::default() => (Kind::Any, 1),
            _ => {
                let message = "a schema needs one `type` that its other keywords fit, a `$ref`, or nothing at all";
                return Err(Fault::at(at, message));
            }
        };
        if levels > Schema::DEEPEST {
            return Err(too_deep(at));
        }
        let schema = Schema {
            kind,
            nullable: schema.schema_data.nullable,
            choices: choices.into(),
        };
        Ok((schema, levels))
    }

    fn object(&mut self, object: &openapiv3::ObjectType, at: &str) -> Result<(Kind, usize), Fault> {
        let mut deepest = 0;
        let mut properties = Vec::with_capacity(object.properties.len());
        for (name, schema) in &object.properties {
            let (schema, levels) = self.reduce(schema, &format!("{at}.{name}"))?;
            deepest = deepest.max(levels);
            properties.push(Property {
                name: name.clone(),
                required: object.required.contains(name),
                schema,
            });
        }
        let unknown = |name: &&String| !object.properties.contains_key(*name);
        if let Some(name) = object.required.iter().find(unknown) {
            let message = format!("`{name}` is required but is no property");
            return Err(Fault::at(at, message));
        }
        let additional = match &object.additional_properties {
            None | Some(AdditionalProperties::Any(false)) => None,
            Some(AdditionalProperties::Any(true)) => Some((Schema::of(Kind::Any), 1)),
            Some(AdditionalProperties::Schema(schema)) => {
                let at = format!("{at}.additionalProperties");
                Some(self.reduce(&**schema, &at)?)
            }
        };
        deepest = deepest.max(additional.as_ref().map_or(0, |(_, levels)| *levels));
        let shape = Shape {
            properties,
            additional: additional.map(|(schema, _)| schema),
        };
        Ok((Kind::Object(Arc::new(shape)), deepest + 1))
    }
}

fn format(string: &openapiv3::StringType) -> Format {
    use openapiv3::StringFormat::{Binary, Byte, Date, DateTime, Password};
    let name = match &string.format {
        VariantOrUnknownOrEmpty::Empty => return Format::Text,
        VariantOrUnknownOrEmpty::Item(DateTime) => return Format::DateTime,
        VariantOrUnknownOrEmpty::Item(Binary) => "binary",
        VariantOrUnknownOrEmpty::Item(Byte) => "byte",
        VariantOrUnknownOrEmpty::Item(Date) => "date",
        VariantOrUnknownOrEmpty::Item(Password) => "password",
        VariantOrUnknownOrEmpty::Unknown(name) => name,
    };
    Format::Named(name.into())
}

fn values<T: Clone + Into<Value>>(choices: &[Option<T>]) -> Vec<Value> {
    choices.iter().flatten().cloned().map(Into::into).collect()
}

fn nothing(at: &str, reference: &str) -> Fault {
    Fault::at(
        at,
        format!("`$ref` refers to `{reference}`, which does not exist"),
    )
}

fn too_deep(at: &str) -> Fault {
    let message = format!(
        "schemas stand in one another more than {} deep",
        Schema::DEEPEST
    );
    Fault::at(at, message)
}
