//! A product's schema as `OpenAPI` has it, every fact that `OpenAPI` has no word for as an extension.

use serde_json::{Map, Value, json};

use super::keyword::{Kind, is_prose, keep, length};
use super::members::{list, object, optional, properties, property_string, wrong};
use super::pattern::portable;
use super::tree::{Fault, Node, Tree};

/// The schema at `at` in its operation, which faults name.
pub(super) fn normalise(node: &Node, at: &str) -> Result<Map<String, Value>, Fault> {
    let members = object(node, at)?;
    let mut draft = Draft::begin(node, at)?;
    for (name, member) in members {
        draft.member(name, member)?;
    }
    draft.tag_variants();
    Ok(draft.finish())
}

/// A schema while it is being rewritten.
struct Draft<'n> {
    node: &'n Node,
    at: &'n str,
    kind: Option<Kind>,
    /// What `OpenAPI` knows.
    known: Map<String, Value>,
    /// What it does not.
    facts: Map<String, Value>,
}

impl<'n> Draft<'n> {
    fn begin(node: &'n Node, at: &'n str) -> Result<Self, Fault> {
        let mut draft = Self {
            node,
            at,
            kind: None,
            known: Map::new(),
            facts: Map::new(),
        };
        let composed = node.get("oneOf").or(node.get("allOf")).is_some();
        match node.get("type") {
            None if composed => {}
            None => {
                draft.kind = inferred(node);
                if draft.kind.is_some() {
                    draft.fact("untyped", true.into());
                }
            }
            Some(declared) => {
                let name = declared.text().unwrap_or_default();
                let kind = Kind::named(name);
                if kind.is_none() && !matches!(name, "any" | "null") {
                    let message = format!("`{at}.type` is {}, which is no type", declared.called());
                    return Err(Fault::new(declared.at, message));
                }
                if composed || kind.is_none() {
                    draft.fact("type", name.into());
                } else {
                    draft.kind = kind;
                }
            }
        }
        if let Some(kind) = draft.kind {
            draft.known.insert("type".into(), kind.name().into());
        }
        if optional(node, at)? {
            draft.fact("optional", true.into());
        }
        Ok(draft)
    }

    fn member(&mut self, name: &str, node: &Node) -> Result<(), Fault> {
        let at = format!("{}.{name}", self.at);
        match name {
            "type" | "optional" => {}
            name if is_prose(name) => {}
            "properties" => self.properties(node, &at)?,
            "items" | "additionalProperties" => self.inner(name, node, &at)?,
            "oneOf" | "allOf" => self.variants(name, node, &at)?,
            "typeSchema" => self.fact(name, normalise(node, &at)?.into()),
            "format" => self.format(node, &at)?,
            "enum" => self.choices(node, &at)?,
            "default" => self.default(node),
            "minimum" | "maximum" => {
                let kind = self
                    .kind
                    .filter(|kind| matches!(kind, Kind::Integer | Kind::Number));
                let number = kind.and_then(|kind| kind.number(node));
                self.known_or_fact(name, name, number.map(Value::Number), node);
            }
            "minLength" | "maxLength" => {
                let known = match self.kind {
                    Some(Kind::String) => name,
                    Some(Kind::Array) if name == "minLength" => "minItems",
                    Some(Kind::Array) => "maxItems",
                    _ => "",
                };
                let length = length(node).filter(|_| !known.is_empty());
                self.known_or_fact(name, known, length.map(Value::Number), node);
            }
            "pattern" => self.pattern(node),
            _ => self.fact(name, node.bare()),
        }
        Ok(())
    }

    fn finish(mut self) -> Map<String, Value> {
        let missing = |out: &Map<String, Value>, name: &str| !out.contains_key(name);
        match self.kind {
            Some(Kind::Object) if missing(&self.known, "additionalProperties") => {
                self.known
                    .insert("additionalProperties".into(), true.into());
            }
            Some(Kind::Array) if missing(&self.known, "items") => {
                self.known.insert("items".into(), json!({}));
            }
            _ => {}
        }
        self.known.append(&mut self.facts);
        self.known
    }

    fn fact(&mut self, name: &str, value: Value) {
        keep(&mut self.facts, name, value);
    }

    /// Keeps the value that `OpenAPI` takes under `known`, or else the one that the product gave.
    fn known_or_fact(&mut self, name: &str, known: &str, value: Option<Value>, node: &Node) {
        match value {
            Some(value) => {
                self.known.insert(known.to_owned(), value);
            }
            None => self.fact(name, node.bare()),
        }
    }

    fn properties(&mut self, node: &Node, at: &str) -> Result<(), Fault> {
        let (schemas, required) = properties(object(node, at)?, self.at)?;
        if self.kind != Some(Kind::Object) {
            self.fact("properties", schemas.into());
            return Ok(());
        }
        self.known.insert("properties".into(), schemas.into());
        if !required.is_empty() {
            self.known.insert("required".into(), required.into());
        }
        Ok(())
    }

    /// What all items of a list, or all further members of an object, have to be.
    fn inner(&mut self, name: &str, node: &Node, at: &str) -> Result<(), Fault> {
        let value: Value = match node.flag() {
            Some(flag) if name == "additionalProperties" => flag.into(),
            _ => normalise(node, at)?.into(),
        };
        let owner = if name == "items" {
            Kind::Array
        } else {
            Kind::Object
        };
        if self.kind == Some(owner) {
            self.known.insert(name.to_owned(), value);
        } else {
            self.fact(name, value);
        }
        Ok(())
    }

    fn variants(&mut self, name: &str, node: &Node, at: &str) -> Result<(), Fault> {
        let variants = list(node, at)?.iter().enumerate();
        let schemas: Result<Vec<Value>, Fault> = variants
            .map(|(index, variant)| {
                normalise(variant, &format!("{at}[{index}]")).map(Value::Object)
            })
            .collect();
        let schemas = schemas?;
        if schemas.is_empty() {
            return Err(wrong(node, at, "a list with something in it"));
        }
        // Both at once occur nowhere; if they do, the second is a fact.
        if self.known.contains_key("oneOf") || self.known.contains_key("allOf") {
            self.fact(name, schemas.into());
        } else {
            self.known.insert(name.to_owned(), schemas.into());
        }
        Ok(())
    }

    /// Datacenter Manager leaves the property that tells the variants apart out of them, and allows no
    /// others: as it stands, no value would fit.
    fn tag_variants(&mut self) {
        let Some(name) = self.node.get("typeProperty").and_then(Node::text) else {
            return;
        };
        let tag = self
            .facts
            .get("x-type-schema")
            .cloned()
            .unwrap_or(json!({}));
        let Some(Value::Array(variants)) = self.known.get_mut("oneOf") else {
            return;
        };
        for variant in variants {
            if let Some(Value::Object(properties)) = variant.get_mut("properties") {
                properties.entry(name).or_insert_with(|| tag.clone());
            }
        }
    }

    fn format(&mut self, node: &Node, at: &str) -> Result<(), Fault> {
        match (&node.tree, self.kind) {
            (Tree::String(name), Some(Kind::String | Kind::Integer | Kind::Number)) => {
                self.known.insert("format".into(), name.as_str().into());
            }
            (Tree::String(name), _) => self.fact("format", name.as_str().into()),
            (Tree::Object(members), _) => {
                let value = property_string(node, members, at)?;
                self.fact("format", value.into());
            }
            _ => return Err(wrong(node, at, "a name or an object")),
        }
        Ok(())
    }

    fn choices(&mut self, node: &Node, at: &str) -> Result<(), Fault> {
        let list = list(node, at)?;
        let kind = self
            .kind
            .filter(|kind| !matches!(kind, Kind::Array | Kind::Object));
        let values: Option<Vec<Value>> =
            kind.and_then(|kind| list.iter().map(|item| kind.value(item)).collect());
        let values = values.filter(|values| !values.is_empty());
        self.known_or_fact("enum", "enum", values.map(Value::from), node);
        Ok(())
    }

    fn default(&mut self, node: &Node) {
        let value = match self.kind {
            Some(kind) => kind.value(node),
            None => Some(node.bare()),
        };
        let named = self.node.get("enum").map(Node::bare);
        let choices = named.as_ref().and_then(Value::as_array);
        let among = |_: &Value| choices.is_none_or(|choices| choices.contains(&node.bare()));
        self.known_or_fact("default", "default", value.filter(among), node);
    }

    fn pattern(&mut self, node: &Node) {
        let text = node.text().filter(|_| self.kind == Some(Kind::String));
        if let Some(pattern) = text.and_then(portable) {
            self.known.insert("pattern".into(), pattern.into());
        }
        self.fact("pattern", node.bare());
    }
}

/// The type of a schema that names none: what its other words fit.
fn inferred(node: &Node) -> Option<Kind> {
    let has = |name: &str| node.get(name).is_some();
    if has("properties") {
        return Some(Kind::Object);
    }
    if has("items") {
        return Some(Kind::Array);
    }
    let strings = node.get("enum").is_some_and(|choices| match &choices.tree {
        Tree::List(items) => items.iter().all(|item| item.text().is_some()),
        _ => false,
    });
    (strings || has("format") || has("pattern")).then_some(Kind::String)
}
