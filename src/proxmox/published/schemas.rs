//! Schemas as they are sent and as they are served, and the components that both refer to.
//!
//! A contract has one schema for both ways; on the wire they differ. Components stay what requests refer to;
//! answers refer to copies of their own.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;

use serde_json::{Map, Value, json};

use super::patterns::portable;
use super::values::{nullable, zero_or_one};
use super::{Product, defaults};
use crate::contract::sample::is_numbered;
use crate::proxmox::arguments::{bound, pattern_of};

const SCHEMAS: &str = "#/components/schemas/";

/// The way that a value goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// To the product.
    Sent,
    /// From it.
    Served,
}

/// All schemas under `components`, and how to rewrite others.
pub(super) struct Schemas {
    product: Product,
    /// As they came.
    originals: Map<String, Value>,
    /// Those of our own.
    added: Map<String, Value>,
    /// All names that are in use.
    names: BTreeSet<String>,
    /// What answers refer to instead of an original.
    served: BTreeMap<String, String>,
    /// The component for a member of a numbered family, by its text: the same disks and networks stand in
    /// many operations, hundreds of times in each.
    families: BTreeMap<String, String>,
    /// Patterns in the spelling of tools, by that of the product: a dozen of them stand everywhere.
    patterns: BTreeMap<String, Option<String>>,
}

impl Schemas {
    /// Starts with the components of a contract.
    pub(super) fn new(product: Product, originals: Map<String, Value>) -> Self {
        Self {
            product,
            names: originals.keys().cloned().collect(),
            originals,
            added: Map::new(),
            served: BTreeMap::new(),
            families: BTreeMap::new(),
            patterns: BTreeMap::new(),
        }
    }

    /// A schema of something that a client sends.
    pub(super) fn sent(&mut self, schema: Value) -> Value {
        self.rewritten(schema, Way::Sent)
    }

    /// A schema of a parameter that has to be given in a query. Proxmox VE takes an empty one for none, because
    /// Perl's `split` drops empty fields at the end.
    pub(super) fn needed_in_query(&mut self, schema: Value) -> Value {
        let mut schema = self.sent(schema);
        if let Value::Object(members) = &mut schema
            && self.product.is_perl()
            && members.get("type").and_then(Value::as_str) == Some("string")
        {
            members.entry("minLength").or_insert_with(|| 1.into());
        }
        schema
    }

    /// A schema of something that the product answers.
    pub(super) fn served(&mut self, schema: Value) -> Value {
        self.rewritten(schema, Way::Served)
    }

    /// The schema itself, or the component that it refers to, as the contract has it.
    pub(super) fn resolved<'s>(&'s self, schema: &'s Value) -> &'s Value {
        let name = reference(schema).and_then(|target| target.strip_prefix(SCHEMAS));
        name.and_then(|name| self.originals.get(name))
            .unwrap_or(schema)
    }

    /// The names that a family stands for, and what each of them refers to; none when this is no family. Only
    /// Proxmox VE understands the numbers.
    pub(super) fn family(&mut self, name: &str, schema: &Value) -> Option<(Vec<String>, Value)> {
        self.numbered(name, schema, Way::Sent)
    }

    /// All components, rewritten.
    pub(super) fn finish(mut self) -> Map<String, Value> {
        let mut all = Map::new();
        for (name, schema) in mem::take(&mut self.originals) {
            let schema = self.rewritten(schema, Way::Sent);
            all.insert(name, schema);
        }
        all.extend(self.added);
        all
    }

    fn rewritten(&mut self, schema: Value, way: Way) -> Value {
        let Value::Object(mut members) = schema else {
            return schema;
        };
        if members.contains_key("$ref") {
            return self.referred(members, way);
        }
        if way == Way::Sent {
            self.spell_pattern(&mut members);
        }
        let kind = members.get("type").and_then(Value::as_str);
        let boolean = kind == Some("boolean") && self.product.is_perl();
        // A list of no declared type, which the standard wants said.
        let bare = kind == Some("array") && !members.contains_key("items");
        let strange = defaults::is_strange(&members);
        let required = required(&members);
        let declared: BTreeSet<String> = match members.get("properties") {
            Some(Value::Object(properties)) => properties.keys().cloned().collect(),
            _ => BTreeSet::new(),
        };
        let mut out = Map::new();
        for (key, value) in members {
            let value = match (key.as_str(), value) {
                ("properties", Value::Object(properties)) => {
                    self.properties(properties, &required, way).into()
                }
                ("required", Value::Array(names)) => match needed(names, &declared, way) {
                    names if names.is_empty() => continue,
                    names => names.into(),
                },
                ("items" | "additionalProperties", value) => self.rewritten(value, way),
                ("oneOf" | "anyOf" | "allOf", Value::Array(parts)) => {
                    let parts = parts.into_iter().map(|part| self.rewritten(part, way));
                    Value::Array(parts.collect())
                }
                (_, value) => value,
            };
            let key = match key.as_str() {
                // Products try variants in turn, or choose by another member, so a value may fit several.
                "oneOf" => "anyOf".to_owned(),
                // Some defaults mean that there is no value, and are none that may be given.
                "default" if strange => "x-default".to_owned(),
                _ => key,
            };
            out.insert(key, value);
        }
        if boolean {
            zero_or_one(&mut out);
        }
        if bare {
            out.insert("items".to_owned(), json!({}));
        }
        Value::Object(out)
    }

    /// Adds the pattern that tools need to make a text up: that of the product in their spelling, or that of a
    /// named format, which nobody but Proxmox VE knows.
    fn spell_pattern(&mut self, members: &mut Map<String, Value>) {
        let text = members.get("type").and_then(Value::as_str) == Some("string");
        let told = ["pattern", "x-format", "enum"];
        if !text || told.iter().any(|key| members.contains_key(*key)) {
            return;
        }
        let word = |name: &str| members.get(name).and_then(Value::as_str);
        let pattern = match (word("x-pattern"), word("format")) {
            (Some(pattern), _) => {
                let known = self.patterns.entry(pattern.to_owned());
                known.or_insert_with_key(|theirs| portable(theirs)).clone()
            }
            (None, Some(format)) if self.product.is_perl() => pattern_of(format),
            _ => None,
        };
        if let Some(pattern) = pattern {
            members.insert("pattern".to_owned(), pattern.into());
        }
    }

    fn properties(
        &mut self,
        properties: Map<String, Value>,
        required: &BTreeSet<String>,
        way: Way,
    ) -> Map<String, Value> {
        let mut out = Map::new();
        for (name, schema) in properties {
            if let Some((names, schema)) = self.numbered(&name, &schema, way) {
                for name in names {
                    out.entry(name).or_insert_with(|| schema.clone());
                }
                continue;
            }
            let mut schema = self.rewritten(schema, way);
            if way == Way::Served && !required.contains(&name) {
                schema = nullable(schema);
            }
            out.insert(name, schema);
        }
        out
    }

    fn numbered(&mut self, name: &str, schema: &Value, way: Way) -> Option<(Vec<String>, Value)> {
        let indexed = schema.get("x-indexed") == Some(&Value::Bool(true));
        let stem = name
            .strip_suffix("[n]")
            .filter(|_| indexed && self.product.is_perl())?;
        let names = (0..bound(stem)).map(|number| format!("{stem}{number}"));
        let mut member = self.rewritten(schema.clone(), way);
        if let Value::Object(facts) = &mut member {
            facts.shift_remove("x-indexed");
        }
        if way == Way::Served {
            member = nullable(member);
        }
        let text = member.to_string();
        let component = match self.families.get(&text) {
            Some(known) => known.clone(),
            None => {
                let component = self.free(&format!("indexed.{stem}"));
                self.families.insert(text, component.clone());
                self.added.insert(component.clone(), member);
                component
            }
        };
        Some((names.collect(), refer(&component)))
    }

    /// A reference; that of an answer goes to a copy, made when the first one asks for it.
    fn referred(&mut self, members: Map<String, Value>, way: Way) -> Value {
        let schema = Value::Object(members);
        let target = reference(&schema).and_then(|target| target.strip_prefix(SCHEMAS));
        let (Some(name), Way::Served) = (target, way) else {
            return schema;
        };
        if let Some(known) = self.served.get(name) {
            return refer(known);
        }
        let Some(original) = self.originals.get(name).cloned() else {
            return schema;
        };
        let copy = self.free(&format!("{name}.served"));
        // Known before it is made, because it may contain itself.
        self.served.insert(name.to_owned(), copy.clone());
        let served = self.rewritten(original, way);
        self.added.insert(copy.clone(), served);
        refer(&copy)
    }

    /// A name for a component that nobody has.
    fn free(&mut self, wanted: &str) -> String {
        let allowed = |char: char| char.is_ascii_alphanumeric() || "._-".contains(char);
        let mut name = wanted.replace(|char| !allowed(char), "_");
        while !self.names.insert(name.clone()) {
            name.push('_');
        }
        name
    }
}

fn required(members: &Map<String, Value>) -> BTreeSet<String> {
    let names = members.get("required").and_then(Value::as_array);
    let names = names.into_iter().flatten().filter_map(Value::as_str);
    names.map(str::to_owned).collect()
}

/// Those of the required names that really have to be there.
fn needed(names: Vec<Value>, declared: &BTreeSet<String>, way: Way) -> Vec<Value> {
    let optional = |name: &str| match way {
        Way::Served => is_numbered(name, |name| declared.contains(name)),
        Way::Sent => name.ends_with("[n]"),
    };
    let mut names = names;
    names.retain(|name| !name.as_str().is_some_and(optional));
    names
}

fn reference(schema: &Value) -> Option<&str> {
    schema.get("$ref").and_then(Value::as_str)
}

fn refer(component: &str) -> Value {
    json!({"$ref": format!("{SCHEMAS}{component}")})
}
