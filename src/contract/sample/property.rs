//! Property strings of a sample: `virtio=BC:24:11:00:00:01,bridge=vmbr0`.

use serde_json::{Map, Value};

use super::super::schema::{Kind, Property, Schema, Shape};
use super::{Sampler, Spot, members};

/// The optional properties that are nearly always written; the others a product leaves out while they have
/// their default.
const TELLING: [&str; 9] = [
    "bridge", "hwaddr", "ip", "macaddr", "mp", "name", "size", "storage", "type",
];

impl Sampler<'_> {
    /// The text of a sampled object or list, as a product writes it into one value.
    pub(super) fn property_string(&mut self, schema: &Schema, name: &str) -> Option<String> {
        match &schema.kind {
            Kind::Object(shape) => {
                let default = schema.facts().default_key.as_deref();
                let object = self.properties(shape, default, name)?;
                Some(print(&object, shape, default))
            }
            Kind::Array(items) => {
                let spot = Spot {
                    name,
                    owner: "",
                    depth: self.hints.limits.depth,
                };
                self.value(items, spot).as_ref().and_then(bare)
            }
            _ => None,
        }
    }

    fn properties(
        &mut self,
        shape: &Shape,
        default: Option<&str>,
        owner: &str,
    ) -> Option<Map<String, Value>> {
        let mut object = Map::new();
        let owner = members::stem(owner);
        let written = |property: &&Property| {
            let name = property.name.as_str();
            let telling = TELLING.contains(&name) || Some(name) == default;
            property.required || (telling && members::shown(property, shape, None))
        };
        for property in shape.properties.iter().filter(written) {
            let spot = Spot {
                name: &property.name,
                owner,
                depth: self.hints.limits.depth,
            };
            let value = self.value(&property.schema, spot);
            match value.filter(|value| bare(value).is_some_and(|text| !text.contains(','))) {
                Some(value) => object.insert(property.name.clone(), value),
                None if property.required => return None,
                None => continue,
            };
        }
        if object.is_empty() {
            let first = shape.properties.first()?;
            let spot = Spot {
                name: &first.name,
                owner,
                depth: self.hints.limits.depth,
            };
            object.insert(first.name.clone(), self.value(&first.schema, spot)?);
        }
        Some(object)
    }
}

/// The properties as text: a short form of two (`virtio=<address>`) or the default one first.
fn print(object: &Map<String, Value>, shape: &Shape, default: Option<&str>) -> String {
    let text = |name: &str| object.get(name).and_then(bare);
    let short = shape.properties.iter().find_map(|property| {
        let facts = property.schema.facts();
        let (long, kind) = (facts.alias.as_deref()?, facts.key_alias.as_deref()?);
        let matches = text(kind)? == property.name;
        matches.then_some((property.name.as_str(), kind, long))
    });
    let short = short.and_then(|(name, kind, long)| Some((name, kind, long, text(long)?)));
    let mut parts = Vec::with_capacity(object.len());
    let mut done = [None, None];
    if let Some((name, kind, long, value)) = short {
        parts.push(format!("{name}={value}"));
        done = [Some(kind), Some(long)];
    } else if let Some(value) = default.and_then(text) {
        parts.push(value);
        done[0] = default;
    }
    for (name, value) in object {
        if done.contains(&Some(name.as_str())) {
            continue;
        }
        parts.extend(bare(value).map(|value| format!("{name}={value}")));
    }
    parts.join(",")
}

/// A value as it stands in a property string; none for what has members.
fn bare(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}
