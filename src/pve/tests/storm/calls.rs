//! Calls that a client might make next: any operation, with things that the world holds at this moment.
//!
//! Where a path leads is found as a person with a browser finds it, by the lists above it. What is sent is what a
//! thing of the same kind has already, so that most of it is right, and now and then something else.

use std::collections::BTreeMap;

use fastrand::Rng;
use serde_json::{Map, Value};

use super::recipes::{EVENTS, RECIPES};
use crate::contract::{Kind, Operation, Parameter, Place, Returns};
use crate::http::Method;
use crate::proxmox::percent::escape;
use crate::proxmox::service::testing::Desk;
use crate::pve::world::World;

mod values;

/// The source of calls.
pub(super) struct Calls {
    random: Rng,
    /// Makes names that nothing has yet.
    names: u32,
}

/// A call in the making.
struct Draft<'a> {
    desk: &'a Desk<World>,
    random: &'a mut Rng,
    names: &'a mut u32,
    /// The values of the path's parameters.
    chosen: BTreeMap<String, String>,
    /// The path so far, encoded.
    path: String,
}

impl Calls {
    /// Those of a seed.
    pub(super) fn new(seed: u64) -> Self {
        Self {
            random: Rng::with_seed(seed),
            names: 0,
        }
    }

    /// The next line of the story.
    pub(super) fn next(&mut self, desk: &Desk<World>) -> String {
        loop {
            let dice = self.random.u32(..100);
            let mut draft = Draft {
                desk,
                random: &mut self.random,
                names: &mut self.names,
                chosen: BTreeMap::new(),
                path: String::new(),
            };
            let line = match dice {
                0..6 => draft.fill(EVENTS),
                6..40 => draft.fill(RECIPES),
                40..96 => draft.write(),
                _ => draft.read(),
            };
            if let Some(line) = line {
                return line;
            }
        }
    }

    /// A `GET` of this operation, when something leads there.
    pub(super) fn look(&mut self, desk: &Desk<World>, operation: &Operation) -> Option<String> {
        let mut draft = Draft {
            desk,
            random: &mut self.random,
            names: &mut self.names,
            chosen: BTreeMap::new(),
            path: String::new(),
        };
        draft.question(operation)
    }
}

impl Draft<'_> {
    /// One of the lines that people wrote, its gaps filled.
    fn fill(&mut self, lines: &[&str]) -> Option<String> {
        let line = lines[self.random.usize(..lines.len())];
        let (method, rest) = line.split_once(' ').unwrap_or((line, ""));
        let (template, form) = rest.split_once(' ').unwrap_or((rest, ""));
        if template.starts_with('/') {
            let (template, form) = template.split_once('?').unwrap_or((template, form));
            self.go(template)?;
            let form = self.gaps(form, encoded)?;
            return Some(self.line(method, &form));
        }
        Some(format!("{method} {}", self.gaps(rest, str::to_owned)?))
    }

    fn gaps(&mut self, text: &str, write: fn(&str) -> String) -> Option<String> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}')?;
            let thing = self.thing(name)?;
            if name == "guest" {
                self.chosen.insert("guest".to_owned(), thing.clone());
            }
            filled.push_str(before);
            filled.push_str(&write(&thing));
            rest = after;
        }
        Some(filled + rest)
    }

    /// Any operation that changes something.
    fn write(&mut self) -> Option<String> {
        let operations = self.desk.operations();
        let operation = &operations[self.random.usize(..operations.len())];
        let is_rare = match operation.method {
            Method::Get => true,
            // What is there shall stay for a while.
            Method::Delete => self.chance(50),
            _ => false,
        };
        // A cluster without nodes is none, and nobody answers for a stopped one.
        let is_rare = is_rare
            || operation.template == "/nodes/{node}/status"
            || operation.template == "/cluster/sdn/lock" && self.chance(80)
            || operation.template.starts_with("/cluster/config") && self.chance(80);
        if is_rare {
            return None;
        }
        let template = &*operation.template;
        let is_list = |one: &Operation| match one.returns() {
            Returns::Value(schema) => matches!(schema.kind, Kind::Array(_)),
            _ => false,
        };
        // What lists something below itself takes more of it.
        let names_new =
            operation.method == Method::Post && !self.get(template).is_some_and(is_list);
        match template.rsplit_once('/') {
            // Some things are made at the path that they will have.
            Some((above, last)) if names_new && last.starts_with('{') => {
                self.go(above)?;
                let name = last.trim_matches(['{', '}']);
                let fresh = self.fresh(name)?;
                self.path.push_str(&format!("/{}", encoded(&fresh)));
            }
            _ => self.go(template)?,
        }
        let known = self.known(operation);
        let form = self.form(operation, &known)?;
        Some(self.line(operation.method.as_str(), &form))
    }

    /// Any operation that reads.
    fn read(&mut self) -> Option<String> {
        let operations = self.desk.operations();
        let operation = &operations[self.random.usize(..operations.len())];
        match operation.method {
            Method::Get => self.question(operation),
            _ => None,
        }
    }

    fn question(&mut self, operation: &Operation) -> Option<String> {
        self.go(&operation.template)?;
        let form = self.form(operation, &Map::new())?;
        Some(self.line("GET", &form))
    }

    fn line(&self, method: &str, form: &str) -> String {
        let path = &self.path;
        match method {
            _ if form.is_empty() => format!("{method} {path}"),
            "GET" | "DELETE" => format!("{method} {path}?{form}"),
            _ => format!("{method} {path} {form}"),
        }
    }

    fn get(&self, template: &str) -> Option<&Operation> {
        let mut operations = self.desk.operations().iter();
        operations.find(|one| one.method == Method::Get && one.template == template)
    }

    /// What a thing of this kind has: the one that is changed, or one beside that which is made.
    fn known(&mut self, operation: &Operation) -> Map<String, Value> {
        let template = &*operation.template;
        if operation.method == Method::Delete || self.get(template).is_none() {
            return Map::new();
        }
        let data = self.asked(&self.path.clone());
        let mut known = match data {
            Value::Object(known) => known,
            Value::Array(items) if !items.is_empty() => {
                let item = &items[self.random.usize(..items.len())];
                let below = format!("{template}/{{");
                let mut operations = self.desk.operations().iter();
                let child = operations.find(|one| {
                    let rest = one.template.strip_prefix(&below);
                    rest.is_some_and(|rest| !rest.contains('/'))
                });
                let mut known = item.as_object().cloned().unwrap_or_default();
                if let Some(child) = child {
                    let name = child.template[below.len()..].trim_end_matches('}');
                    self.grown(&mut known, template, item, name, operation);
                }
                known
            }
            _ => Map::new(),
        };
        known.remove("digest");
        known
    }

    /// Adds what a thing tells of itself when it is asked alone, and gives it a name that nothing has.
    fn grown(
        &mut self,
        known: &mut Map<String, Value>,
        template: &str,
        item: &Value,
        name: &str,
        operation: &Operation,
    ) {
        let keys = self.keys(template, name);
        let Some((key, id)) = keys
            .iter()
            .find_map(|key| Some((key, text(item.get(key)?)?)))
        else {
            return;
        };
        if let Value::Object(more) = self.asked(&format!("{}/{}", self.path, encoded(&id))) {
            known.extend(more);
        }
        let declared = [name, key.as_str()].into_iter();
        let mut declared = declared.filter(|name| operation.parameter(name).is_some());
        if operation.method == Method::Post
            && let Some(id) = declared.next()
            && let Some(fresh) = self.fresh(id)
        {
            known.insert(id.to_owned(), fresh.into());
        }
    }

    fn form(&mut self, operation: &Operation, known: &Map<String, Value>) -> Option<String> {
        let rest = |parameter: &&Parameter| parameter.place == Place::Rest;
        let is_new = operation.method == Method::Post;
        let parameters: Vec<&Parameter> = operation.parameters.iter().filter(rest).collect();
        let mut pairs = Vec::new();
        let mut others = Vec::new();
        for parameter in parameters {
            let told = known.get(&*parameter.name).and_then(text);
            let chance = if parameter.required { 100 } else { 70 };
            match told {
                Some(told) if self.chance(chance) => pairs.push((&parameter.name, told)),
                None if parameter.required && is_new && &*parameter.name == "name" => {
                    pairs.push((&parameter.name, self.fresh("name")?));
                }
                None if parameter.required => {
                    pairs.push((&parameter.name, self.value(parameter)?));
                }
                _ => others.push(parameter),
            }
        }
        if !others.is_empty() && self.chance(35) {
            let other = others[self.random.usize(..others.len())];
            let is_rare = matches!(&*other.name, "lock" | "lock-token") && self.chance(90);
            if !is_rare && let Some(value) = self.value(other) {
                pairs.push((&other.name, value));
            }
        }
        if !pairs.is_empty() && self.chance(5) {
            let at = self.random.usize(..pairs.len());
            pairs[at].1 = self.wrong();
        }
        let pairs = pairs.iter().map(|(name, value)| {
            let number = self.random.u32(..3).to_string();
            let name = name.replace("[n]", &number);
            format!("{name}={}", encoded(value))
        });
        Some(pairs.collect::<Vec<_>>().join("&"))
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.random.u32(..100) < percent
    }
}

/// A value of an answer as a form has it; nothing for what no form can say.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(u8::from(*value).to_string()),
        Value::Array(items) => {
            let texts: Option<Vec<String>> = items.iter().map(text).collect();
            texts.map(|texts| texts.join(","))
        }
        Value::Null | Value::Object(_) => None,
    }
}

/// A value as one part of a path or form.
fn encoded(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~');
    escape(value, |c| !plain(c))
}
