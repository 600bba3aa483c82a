//! One schema of a document reduced to ours.
//!
//! Read from plain JSON: taking each piece through a library's types costs three times the start of a
//! server that knows seven hundred operations.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::resolve::{Extent, Fault, Resolver};
use super::schema::{Format, Kind, Property, Schema, Shape};

/// The words that say what values fit. Each belongs to some types; elsewhere it would say nothing, so
/// there it is a mistake.
const STRUCTURE: [(&str, &[&str]); 23] = [
    (
        "type",
        &["string", "integer", "number", "boolean", "array", "object"],
    ),
    ("enum", &["string", "integer", "number", "boolean"]),
    ("format", &["string", "integer", "number"]),
    ("pattern", &["string"]),
    ("minLength", &["string"]),
    ("maxLength", &["string"]),
    ("minimum", &["integer", "number"]),
    ("maximum", &["integer", "number"]),
    ("exclusiveMinimum", &["integer", "number"]),
    ("exclusiveMaximum", &["integer", "number"]),
    ("multipleOf", &["integer", "number"]),
    ("items", &["array"]),
    ("minItems", &["array"]),
    ("maxItems", &["array"]),
    ("uniqueItems", &["array"]),
    ("properties", &["object"]),
    ("required", &["object"]),
    ("additionalProperties", &["object"]),
    ("minProperties", &["object"]),
    ("maxProperties", &["object"]),
    ("allOf", &["allOf"]),
    ("oneOf", &["oneOf"]),
    ("anyOf", &["anyOf"]),
];

/// What a schema without any of these words is called; it takes everything.
const ANYTHING: &str = "";

impl<'d> Resolver<'d> {
    /// A schema that is no reference, and its extent.
    pub(super) fn inline(
        &mut self,
        schema: &'d Map<String, Value>,
        at: &str,
    ) -> Result<(Schema, Extent), Fault> {
        let unfit = || {
            let message = "a schema needs one `type` that its other keywords fit, a `$ref`, or nothing at all";
            Fault::at(at, message)
        };
        let mut choices = Arc::default();
        let mut inherited = None;
        let (kind, extent) = match form(schema).ok_or_else(unfit)? {
            "string" => (Kind::String(self.format(schema)), Extent::LEAF),
            "integer" => (Kind::Integer, Extent::LEAF),
            "number" => (Kind::Number, Extent::LEAF),
            "boolean" => (Kind::Boolean, Extent::LEAF),
            "array" => match schema.get("items") {
                Some(items) => {
                    let (items, extent) = self.reduce(items, &format!("{at}.items"))?;
                    (Kind::Array(Arc::new(items)), extent.around())
                }
                None => (
                    Kind::Array(Arc::new(Schema::of(Kind::Any))),
                    Extent::LEAF.around(),
                ),
            },
            "object" => self.object(schema, at)?,
            one @ ("oneOf" | "anyOf") => self.variants(schema, one, at)?,
            "allOf" => {
                let (inner, extent) = self.all(schema, at)?;
                choices = inner.choices;
                inherited = inner.more;
                (inner.kind, extent)
            }
            ANYTHING => (Kind::Any, Extent::LEAF),
            _ => return Err(unfit()),
        };
        if let Some(list) = schema.get("enum") {
            choices = choices_of(list, &kind).ok_or_else(unfit)?;
        }
        let (more, inside) = self.facts(schema, at)?;
        let schema = Schema {
            kind,
            nullable: schema.get("nullable") == Some(&Value::Bool(true)),
            choices,
            more: more.or(inherited),
        };
        Ok((schema, extent.beside(inside)))
    }

    fn object(
        &mut self,
        schema: &'d Map<String, Value>,
        at: &str,
    ) -> Result<(Kind, Extent), Fault> {
        let empty = Map::new();
        let named = match schema.get("properties") {
            None => None,
            Some(Value::Object(named)) => Some(named),
            Some(_) => return Err(Fault::at(at, "`properties` must be an object")),
        };
        let required =
            required(schema).ok_or_else(|| Fault::at(at, "`required` must be a list of names"))?;
        let unknown = |name: &&&str| !named.unwrap_or(&empty).contains_key(**name);
        if let Some(name) = required.iter().find(unknown) {
            let message = format!("`{name}` is required but is no property");
            return Err(Fault::at(at, message));
        }
        let mut inside = Extent::default();
        let mut properties = Vec::with_capacity(named.map_or(0, Map::len));
        for (name, schema) in named.into_iter().flatten() {
            let (schema, extent) = self.reduce(schema, &format!("{at}.{name}"))?;
            inside = inside.beside(extent);
            properties.push(Property {
                name: name.clone(),
                required: required.contains(&name.as_str()),
                schema,
            });
        }
        let additional = match schema.get("additionalProperties") {
            None | Some(Value::Bool(false)) => None,
            Some(Value::Bool(true)) => Some((Schema::of(Kind::Any), Extent::LEAF)),
            Some(schema) => Some(self.reduce(schema, &format!("{at}.additionalProperties"))?),
        };
        if let Some((_, extent)) = &additional {
            inside = inside.beside(*extent);
        }
        let shape = Shape {
            properties,
            additional: additional.map(|(schema, _)| schema),
        };
        Ok((Kind::Object(Arc::new(shape)), inside.around()))
    }

    /// Both words are read alike: what fits several variants passes, as it does in the products.
    fn variants(
        &mut self,
        schema: &'d Map<String, Value>,
        name: &str,
        at: &str,
    ) -> Result<(Kind, Extent), Fault> {
        let (variants, inside) = self.list(schema, name, at)?;
        Ok((Kind::OneOf(variants.into()), inside.around()))
    }

    /// One schema that several make up together: objects whose members are put together. A single one is
    /// the only way in `OpenAPI` 3.0 to say something more about a reference.
    fn all(&mut self, schema: &'d Map<String, Value>, at: &str) -> Result<(Schema, Extent), Fault> {
        let (mut parts, extent) = self.list(schema, "allOf", at)?;
        if parts.len() == 1 {
            return Ok((parts.remove(0), extent));
        }
        let mut whole = Shape {
            properties: Vec::new(),
            additional: None,
        };
        for part in parts {
            let Kind::Object(shape) = part.kind else {
                return Err(Fault::at(
                    at,
                    "several schemas in `allOf` must all be objects",
                ));
            };
            for property in &shape.properties {
                whole.properties.retain(|known| known.name != property.name);
                whole.properties.push(property.clone());
            }
            whole.additional = whole.additional.or_else(|| shape.additional.clone());
        }
        Ok((Schema::of(Kind::Object(Arc::new(whole))), extent))
    }

    fn list(
        &mut self,
        schema: &'d Map<String, Value>,
        name: &str,
        at: &str,
    ) -> Result<(Vec<Schema>, Extent), Fault> {
        let list = schema.get(name).and_then(Value::as_array);
        let list = list.filter(|list| !list.is_empty());
        let list = list.ok_or_else(|| {
            Fault::at(at, format!("`{name}` must be a list with something in it"))
        })?;
        let mut all = Extent::default();
        let mut schemas = Vec::with_capacity(list.len());
        for (index, schema) in list.iter().enumerate() {
            let (schema, extent) = self.reduce(schema, &format!("{at}.{name}[{index}]"))?;
            all = all.beside(extent);
            schemas.push(schema);
        }
        Ok((schemas, all))
    }

    fn format(&mut self, schema: &Map<String, Value>) -> Format {
        match schema.get("format").and_then(Value::as_str) {
            None => Format::Text,
            Some("date-time") => Format::DateTime,
            Some(name) => Format::Named(self.word(name)),
        }
    }
}

/// The type of a schema, or the word that takes its place; `None` when there are several or words that do
/// not fit.
fn form(schema: &Map<String, Value>) -> Option<&str> {
    let declared = match schema.get("type") {
        Some(declared) => Some(declared.as_str()?),
        None => None,
    };
    let composed = || {
        ["allOf", "oneOf", "anyOf"]
            .into_iter()
            .find(|name| schema.contains_key(*name))
    };
    let form = declared.or_else(composed).unwrap_or(ANYTHING);
    let fits = |name: &String| {
        let word = STRUCTURE.iter().find(|(word, _)| word == name);
        word.is_none_or(|(_, forms)| forms.contains(&form))
    };
    (schema.keys().all(fits) && !schema.contains_key("not")).then_some(form)
}

/// The values of an `enum`, which have to be of the schema's type.
fn choices_of(list: &Value, kind: &Kind) -> Option<Arc<[Value]>> {
    let fits = |value: &Value| match kind {
        Kind::String(_) => value.is_string(),
        Kind::Integer => value.is_i64(),
        Kind::Number => value.is_number(),
        _ => value.is_boolean(),
    };
    let given = list.as_array()?.iter().filter(|value| !value.is_null());
    let values: Vec<Value> = given.cloned().collect();
    values.iter().all(fits).then(|| values.into())
}

fn required(schema: &Map<String, Value>) -> Option<Vec<&str>> {
    match schema.get("required") {
        None => Some(Vec::new()),
        Some(list) => list.as_array()?.iter().map(Value::as_str).collect(),
    }
}
