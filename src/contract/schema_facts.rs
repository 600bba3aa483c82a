//! What a schema says besides its type: bounds, patterns, and the extensions of Proxmox products.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::resolve::{Extent, Fault, Resolver};
use super::schema::{Facts, Kind, Schema};

impl<'d> Resolver<'d> {
    /// The facts of a schema, if it has any, and the extent of the schema that stands around the one within.
    pub(super) fn facts(
        &mut self,
        schema: &'d Map<String, Value>,
        at: &str,
    ) -> Result<(Option<Arc<Facts>>, Extent), Fault> {
        let mut facts = Facts::default();
        let mut inside = Extent::default();
        for (name, value) in schema {
            match name.as_str() {
                "minimum" => facts.minimum = Some(number(value, name, at)?),
                "maximum" => facts.maximum = Some(number(value, name, at)?),
                "minLength" | "minItems" => facts.shortest = Some(length(value, name, at)?),
                "maxLength" | "maxItems" => facts.longest = Some(length(value, name, at)?),
                "default" => facts.default = Some(value.clone()),
                "x-pattern" => facts.pattern = Some(self.named(value, name, at)?),
                // For tools; what the product says counts more.
                "pattern" if schema.contains_key("x-pattern") => {}
                "pattern" => facts.pattern = Some(self.named(value, name, at)?),
                "format" if schema.get("type").and_then(Value::as_str) != Some("string") => {
                    facts.format = Some(self.named(value, name, at)?);
                }
                "x-format" if value.is_string() => {
                    facts.format = Some(self.named(value, name, at)?);
                }
                "x-format" => {
                    let (inner, extent) = self.property_string(value, at)?;
                    facts.property_string = Some(inner);
                    inside = extent.around();
                }
                "x-default-key" if value.is_string() => {
                    facts.default_key = Some(self.named(value, name, at)?);
                }
                "x-alias" => facts.alias = Some(self.named(value, name, at)?),
                "x-key-alias" => facts.key_alias = Some(self.named(value, name, at)?),
                "x-requires" => facts.requires = Some(self.named(value, name, at)?),
                "x-renderer" => facts.renderer = Some(self.named(value, name, at)?),
                "x-type-property" => facts.type_property = Some(self.named(value, name, at)?),
                "x-instance-types" => {
                    let names = value.as_array().into_iter().flatten();
                    let names = names.map(|item| self.named(item, name, at));
                    facts.instance_types = names.collect::<Result<_, _>>()?;
                }
                "x-indexed" => facts.indexed = *value == Value::Bool(true),
                "x-optional" => facts.optional = *value == Value::Bool(true),
                "x-undeclared" => facts.undeclared = *value == Value::Bool(true),
                _ => {}
            }
        }
        let any = facts != Facts::default();
        Ok((any.then(|| Arc::new(facts)), inside))
    }

    fn property_string(&mut self, value: &'d Value, at: &str) -> Result<(Schema, Extent), Fault> {
        let at = format!("{at}.x-format");
        let (schema, extent) = self.reduce(value, &at)?;
        match schema.kind {
            Kind::Object(_) | Kind::Array(_) => Ok((schema, extent)),
            _ => Err(Fault::at(&at, "must be the schema of an object or a list")),
        }
    }

    fn named(&mut self, value: &Value, name: &str, at: &str) -> Result<Arc<str>, Fault> {
        let word = value.as_str();
        let word = word.ok_or_else(|| Fault::at(at, format!("`{name}` must be a string")))?;
        Ok(self.word(word))
    }
}

fn number(value: &Value, name: &str, at: &str) -> Result<serde_json::Number, Fault> {
    let number = value.as_number().cloned();
    number.ok_or_else(|| Fault::at(at, format!("`{name}` must be a number")))
}

fn length(value: &Value, name: &str, at: &str) -> Result<u64, Fault> {
    let length = value.as_u64();
    length.ok_or_else(|| Fault::at(at, format!("`{name}` must be a length")))
}
