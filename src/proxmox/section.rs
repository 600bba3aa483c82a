//! Sections: configuration as the products keep it, one map of named things per file.
//!
//! The types here are those of the world file, so they carry serde's traits; what clients see of them is made in
//! [`super::collection`].

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::digest;
use super::product::Product;

/// One thing of a configuration: a storage, a job, a realm.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Section {
    /// Its type (`dir`, `vzdump`, `ldap`); empty where all things of a file are of one.
    #[serde(rename = "type", skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// What was set, without what was left to its default. Truth values are `true` and `false`, however the
    /// product writes them.
    #[serde(flatten)]
    pub properties: Map<String, Value>,
}

/// What a property says: anything but objects and `null`, neither of which a product's configuration has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting(pub Value);

/// All sections of one file, by id, in which order the products list them too. Below another thing (a subnet of a
/// virtual network) the id starts with that thing's: `vnet1/zone1-10.0.0.0-24`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sections(pub BTreeMap<String, Section>);

impl Sections {
    /// The digest of the whole file.
    pub fn digest(&self, product: Product) -> String {
        let written: Vec<_> = self.0.values().map(written).collect();
        let lines: Vec<Vec<(&str, &str)>> = written
            .iter()
            .map(|lines| lines.iter().map(|(key, value)| (*key, &**value)).collect())
            .collect();
        let sections = self.0.iter().zip(&lines);
        let sections = sections.map(|((id, section), properties)| digest::Section {
            kind: &section.kind,
            id,
            properties,
        });
        digest::of_sections(product, sections)
    }
}

/// Takes away what a file of sections does not keep: `PVE::SectionConfig` writes no line for an empty text
/// (`format_config_line`), and so clients clear a property.
pub fn drop_empty(properties: &mut Map<String, Value>) {
    properties.retain(|_, value| !is_empty(value));
}

/// Whether a property is the empty text.
pub fn is_empty(value: &Value) -> bool {
    value.as_str() == Some("")
}

impl<'de> Deserialize<'de> for Section {
    /// By hand, because serde's `flatten` loses the path of what is wrong inside.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Section;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Section, A::Error> {
                let mut section = Section::default();
                while let Some(key) = map.next_key::<String>()? {
                    if key == "type" {
                        section.kind = map.next_value()?;
                    } else {
                        let Setting(value) = map.next_value()?;
                        section.properties.insert(key, value);
                    }
                }
                Ok(section)
            }
        }
        from.deserialize_map(Members)
    }
}

impl<'de> Deserialize<'de> for Setting {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(from)?;
        let is_one = |value: &Value| value.is_string() || value.is_number() || value.is_boolean();
        let fits = match &value {
            Value::Array(items) => items.iter().all(is_one),
            other => is_one(other),
        };
        let refusal = "must be a text, a number, a truth value or a list of those";
        fits.then_some(Self(value))
            .ok_or_else(|| de::Error::custom(refusal))
    }
}

/// The properties in the order of their names: the order in which they were set means nothing.
fn written(section: &Section) -> Vec<(&str, Cow<'_, str>)> {
    let mut lines: Vec<_> = section
        .properties
        .iter()
        .map(|(key, value)| (&**key, line(value)))
        .collect();
    lines.sort_by_key(|(key, _)| *key);
    lines
}

fn line(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        Value::Bool(truth) => Cow::Borrowed(if *truth { "1" } else { "0" }),
        other => Cow::Owned(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sections(file: &Value) -> Sections {
        serde_json::from_value(file.clone()).unwrap()
    }

    #[test]
    fn world_files_there_and_back() {
        let file = json!({
            "local": {"type": "dir", "path": "/var/lib/vz", "shared": true},
            "nfs1": {"type": "nfs", "server": "10.0.0.1"},
        });
        let read = sections(&file);
        assert_eq!(read.0["local"].kind, "dir");
        assert_eq!(read.0["local"].properties.len(), 2);
        assert_eq!(serde_json::to_value(&read).unwrap(), file);
        assert_eq!(sections(&json!({"a": {}})).0["a"], Section::default());
    }

    #[test]
    fn files_keep_nothing_that_is_empty() {
        let mut section = sections(&json!({"a": {"comment": "", "n": 0, "on": false}}));
        let properties = &mut section.0.get_mut("a").unwrap().properties;
        drop_empty(properties);
        assert_eq!(properties.keys().collect::<Vec<_>>(), ["n", "on"]);
    }

    #[test]
    fn digests_follow_contents_only() {
        let digest = |file: Value| sections(&file).digest(Product::Pve);
        let base = digest(json!({"a": {"type": "x", "one": 1, "two": true}}));
        assert_eq!(
            base,
            digest(json!({"a": {"two": true, "type": "x", "one": 1}}))
        );
        for other in [
            json!({"a": {"type": "x", "one": 2, "two": true}}),
            json!({"a": {"type": "y", "one": 1, "two": true}}),
            json!({"b": {"type": "x", "one": 1, "two": true}}),
            json!({}),
        ] {
            assert_ne!(base, digest(other));
        }
    }
}
