//! A collection joined with the contract: which options its things have, and what its calls answer.

use serde_json::{Map, Value};

use super::shape::{self, Choice, Echo};
use super::update::{self, Change};
use super::{Action, Collection, Kind};
use crate::contract::{Contract, Operation, Returns};
use crate::proxmox::digest;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::product::Product;
use crate::proxmox::section::{Section, Sections, is_empty};

/// A collection that knows its operations.
#[derive(Debug)]
pub struct Bound {
    product: Product,
    collection: &'static Collection,
    actions: Vec<(u16, Action)>,
    choices: Vec<Choice>,
    /// The members of a list's items, where the contract names them.
    listed: Vec<String>,
    /// What creation and change answer.
    echoes: Vec<(Action, Echo)>,
    /// What creation demands.
    demanded: Vec<String>,
}

impl Bound {
    /// Joins a collection with a contract; `None` when the contract has none of its operations.
    pub fn new(
        product: Product,
        collection: &'static Collection,
        contract: &Contract,
    ) -> Option<Self> {
        let named = contract.operations.iter();
        let mut named: Vec<(&Operation, Action)> = named
            .filter_map(|operation| Some((operation, collection.action(operation)?)))
            .collect();
        let creates = |(operation, action): &(&Operation, Action)| {
            *action == Action::Create && operation.template == collection.path
        };
        if named.iter().any(creates) {
            named.retain(|named| named.1 != Action::Create || creates(named));
        }
        let of = |wanted: Action| {
            let mut named = named.iter();
            named
                .find(|(_, action)| *action == wanted)
                .map(|(operation, _)| *operation)
        };
        let listed = of(Action::List).and_then(|list| match list.returns() {
            Returns::Value(schema) => Some(shape::members(schema)),
            _ => None,
        });
        let echo = |action| of(action).map(|operation| (action, shape::echo(operation)));
        (!named.is_empty()).then(|| Self {
            product,
            collection,
            choices: shape::choices(collection, of(Action::Create), of(Action::Update)),
            listed: listed.unwrap_or_default(),
            echoes: [Action::Create, Action::Update]
                .into_iter()
                .filter_map(echo)
                .collect(),
            demanded: of(Action::Create).map_or_else(Vec::new, |create| {
                let demanded = create.parameters.iter().filter(|one| one.required);
                demanded.map(|one| one.name.to_string()).collect()
            }),
            actions: named
                .iter()
                .map(|(operation, action)| (operation.index, *action))
                .collect(),
        })
    }

    /// What it is.
    pub fn collection(&self) -> &'static Collection {
        self.collection
    }

    /// Its operations, by their index in the contract.
    pub fn actions(&self) -> impl Iterator<Item = (u16, Action)> {
        self.actions.iter().copied()
    }

    /// Answers [`Action::List`] and [`Action::Read`].
    ///
    /// # Errors
    /// When there is no such thing.
    pub fn look(
        &self,
        action: Action,
        sections: &Sections,
        given: &Map<String, Value>,
    ) -> Result<Answer, Fault> {
        let digest = sections.digest(self.product);
        let data = if action == Action::List {
            self.list(sections, given, &digest)
        } else {
            let key = self.key(given);
            let section = sections.0.get(&key).filter(|section| self.is_own(section));
            let Some(section) = section else {
                let refusal = self.collection.words.missing.fault(&self.id(given));
                return refusal.map_or(Ok(Answer::default()), Err);
            };
            let mut item = self.shown(&key, section, self.collection.id);
            if self.product.is_perl() {
                item.insert("digest".to_owned(), Value::String(digest.clone()));
            }
            Value::Object(item)
        };
        let answer = Answer::new(data);
        Ok(match self.product {
            Product::Pve => answer,
            Product::Pbs | Product::Pdm => answer.with("digest", digest),
        })
    }

    /// Answers [`Action::Create`], [`Action::Update`] and [`Action::Delete`]. `given` is
    /// [`Arguments::given`](crate::proxmox::arguments::Arguments::given): with the path, without defaults.
    ///
    /// # Errors
    /// In the product's words; nothing is changed then.
    pub fn change(
        &self,
        action: Action,
        sections: &mut Sections,
        given: &Map<String, Value>,
    ) -> Result<Answer, Fault> {
        let key = self.key(given);
        let stated = given.get("digest").and_then(Value::as_str);
        if !digest::fits(stated, &sections.digest(self.product)) {
            return Err(Fault::configuration_changed());
        }
        let words = &self.collection.words;
        let known = sections.0.get(&key).filter(|section| self.is_own(section));
        let id = self.id(given);
        match (action, known) {
            // Sections of other paths in the same file have the same space of names.
            (Action::Create, _) if sections.0.contains_key(&key) => {
                return words.exists.fault(&id).map_or(Ok(Answer::default()), Err);
            }
            (Action::Create, _) => {
                let section = Section {
                    kind: self.kind(given),
                    properties: self.kept(given),
                };
                sections.0.insert(key.clone(), self.written(section));
            }
            (Action::Delete, None) => {
                let refusal = words.nothing_to_delete.fault(&id);
                return refusal.map_or(Ok(Answer::default()), Err);
            }
            (Action::Delete, Some(_)) => {
                sections.0.remove(&key);
                return Ok(Answer::default());
            }
            (_, None) => return words.missing.fault(&id).map_or(Ok(Answer::default()), Err),
            (_, Some(section)) => {
                let mut section = section.clone();
                let change = Change {
                    product: self.product,
                    choices: &self.choices,
                    delete: given.get("delete"),
                    set: self.kept(given),
                };
                update::apply(&mut section.properties, change)?;
                sections.0.insert(key.clone(), self.written(section));
            }
        }
        let echo = self.echoes.iter().find(|(known, _)| *known == action);
        let section = sections.0.get(&key);
        Ok(Answer::new(match (echo.map(|(_, echo)| echo), section) {
            (Some(Echo::Id), _) => Value::String(id),
            (Some(Echo::Members(names)), Some(section)) => {
                let mut all = self.shown(&key, section, self.collection.id);
                all.retain(|name, _| names.contains(name));
                Value::Object(all)
            }
            _ => Value::Null,
        }))
    }

    fn list(&self, sections: &Sections, given: &Map<String, Value>, digest: &str) -> Value {
        let below = self.parent_part(given);
        let wanted = match self.collection.kind {
            Kind::Parameter(name) => given.get(name).and_then(Value::as_str),
            Kind::Fixed(_) => None,
        };
        let id = self.collection.listed_as.unwrap_or(self.collection.id);
        let items = sections.0.iter().filter(|(key, section)| {
            key.starts_with(&below)
                && self.is_own(section)
                && wanted.is_none_or(|wanted| wanted == section.kind)
        });
        items
            .map(|(key, section)| {
                let mut item = self.shown(key, section, id);
                if self.product.is_perl() && self.lists("digest") {
                    item.insert("digest".to_owned(), Value::String(digest.to_owned()));
                }
                Value::Object(item)
            })
            .collect()
    }

    /// A thing as clients see it.
    fn shown(&self, key: &str, section: &Section, id: &str) -> Map<String, Value> {
        let mut parts: Vec<&str> = Vec::new();
        let parents: Vec<_> = self.collection.parents().collect();
        let mut rest = key;
        for _ in &parents {
            let (part, after) = rest.split_once('/').unwrap_or((rest, ""));
            parts.push(part);
            rest = after;
        }
        let mut item = Map::new();
        item.insert(id.to_owned(), Value::String(rest.to_owned()));
        for (name, value) in parents.iter().zip(parts) {
            if self.lists(name) {
                item.insert((*name).to_owned(), Value::String(value.to_owned()));
            }
        }
        match self.collection.kind {
            Kind::Parameter(name) => {
                item.insert(name.to_owned(), Value::String(section.kind.clone()));
            }
            Kind::Fixed(kind) if !kind.is_empty() && self.lists("type") => {
                item.insert("type".to_owned(), Value::String(kind.to_owned()));
            }
            Kind::Fixed(_) => {}
        }
        for (name, value) in &section.properties {
            if !self.collection.hidden.contains(&name.as_str()) {
                item.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
        item
    }

    fn lists(&self, member: &str) -> bool {
        self.listed.iter().any(|listed| listed == member)
    }

    /// Whether a section of the file is one of this path.
    fn is_own(&self, section: &Section) -> bool {
        match self.collection.kind {
            Kind::Fixed(kind) => section.kind == kind || section.kind.is_empty(),
            Kind::Parameter(_) => true,
        }
    }

    fn kind(&self, given: &Map<String, Value>) -> String {
        match self.collection.kind {
            Kind::Fixed(kind) => kind.to_owned(),
            Kind::Parameter(name) => given.get(name).map(plain).unwrap_or_default(),
        }
    }

    fn id(&self, given: &Map<String, Value>) -> String {
        given.get(self.collection.id).map(plain).unwrap_or_default()
    }

    fn key(&self, given: &Map<String, Value>) -> String {
        self.parent_part(given) + &self.id(given)
    }

    fn parent_part(&self, given: &Map<String, Value>) -> String {
        let mut key = String::new();
        for name in self.collection.parents() {
            key.push_str(&given.get(name).map(plain).unwrap_or_default());
            key.push('/');
        }
        key
    }

    /// A section as the product's file has it. What creation demands stays, however empty: nobody could read the
    /// section again without it.
    fn written(&self, mut section: Section) -> Section {
        if self.product.is_perl() {
            let properties = &mut section.properties;
            properties.retain(|name, value| !is_empty(value) || self.demanded.contains(name));
        }
        section
    }

    /// What of the parameters belongs to the section.
    fn kept(&self, given: &Map<String, Value>) -> Map<String, Value> {
        given
            .iter()
            .filter(|(_, value)| !value.is_null())
            .filter_map(|(name, value)| {
                let value = match shape::choice(&self.choices, name)? {
                    choice if choice.is_boolean => shape::truth(value),
                    _ => value.clone(),
                };
                Some((name.clone(), value))
            })
            .collect()
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
