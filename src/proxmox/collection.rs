//! Plain configuration as data: where its paths are, how its things are called, what is said when one is missing.
//!
//! Many paths of the products list, create, read, change and delete sections of a file and do nothing else. One
//! [`Collection`] describes such a path and its items; [`Bound`] joins it with the contract, which knows the
//! options, and behaves. What needs more than a file (guests, rules with positions, users) gets a handler.

use std::panic::Location;

use super::fault::Fault;
use crate::contract::Operation;

mod bound;
mod shape;
mod update;

pub use bound::Bound;

/// A plain configuration path with its items.
#[derive(Debug, Clone, Copy)]
pub struct Collection {
    /// The path that lists, and mostly creates: `/cluster/backup`.
    pub path: &'static str,
    /// The parameter that names one thing, in the item's path and when it is created.
    pub id: &'static str,
    /// The file in which its sections are kept, by the world's name for it.
    pub file: &'static str,
    /// Where the type of a section comes from.
    pub kind: Kind,
    /// What is said when things are missing or there already.
    pub words: Words,
    /// What the id is called in lists, where that is not `id`.
    pub listed_as: Option<&'static str>,
    /// Properties that are kept and never shown: passwords.
    pub hidden: &'static [&'static str],
    /// Parameters that steer a call and are not kept.
    pub unkept: &'static [&'static str],
    /// The line that describes it.
    pub location: &'static Location<'static>,
}

/// Where the type of a section comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// All sections of this path have this one; those of other paths may share the file. Empty where sections
    /// have no type.
    Fixed(&'static str),
    /// A parameter says it at creation.
    Parameter(&'static str),
}

/// What a collection says; `{id}` stands for the id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    /// When the id is taken.
    pub exists: Text,
    /// When there is no such thing.
    pub missing: Text,
    /// When what is to be deleted is not there.
    pub nothing_to_delete: Text,
}

/// A refusal in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Text {
    /// A failure of the call.
    Failed(&'static str),
    /// Something wrong with this parameter.
    Parameter(&'static str, &'static str),
    /// Not found, where the product gives that a status of its own.
    NotFound(&'static str),
    /// Something wrong with the call as a whole, where the product gives that a status of its own.
    Invalid(&'static str),
    /// No refusal: the call does nothing.
    Silent,
}

/// What a call does with a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// All things.
    List,
    /// A new thing.
    Create,
    /// One thing.
    Read,
    /// A change of one.
    Update,
    /// The end of one.
    Delete,
}

impl Collection {
    /// A collection whose items stand at `path/{id}` and all have the type `file`.
    #[track_caller]
    pub const fn new(
        path: &'static str,
        id: &'static str,
        file: &'static str,
        words: Words,
    ) -> Self {
        Self {
            path,
            id,
            file,
            kind: Kind::Fixed(file),
            words,
            listed_as: None,
            hidden: &[],
            unkept: &[],
            location: Location::caller(),
        }
    }

    /// A collection of Proxmox VE whose sections have no type, kept under its own path (without the first slash).
    #[track_caller]
    pub const fn untyped(path: &'static str, id: &'static str, words: Words) -> Self {
        let (_, file) = path.split_at(1);
        Self::new(path, id, file, words).typed(Kind::Fixed(""))
    }

    /// The same with another origin of types.
    #[must_use]
    pub const fn typed(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// The same with another name of the id in lists.
    #[must_use]
    pub const fn listed_as(mut self, name: &'static str) -> Self {
        self.listed_as = Some(name);
        self
    }

    /// The same with properties that are never shown.
    #[must_use]
    pub const fn hiding(mut self, names: &'static [&'static str]) -> Self {
        self.hidden = names;
        self
    }

    /// The same with parameters that are not kept.
    #[must_use]
    pub const fn not_keeping(mut self, names: &'static [&'static str]) -> Self {
        self.unkept = names;
        self
    }

    /// What an operation does with this collection; `None` when it is none of its paths or methods. `POST` on an
    /// item creates it; [`Bound`] takes that only where the collection itself has no `POST`.
    pub fn action(&self, operation: &Operation) -> Option<Action> {
        let method = operation.method.as_str();
        if operation.template == self.path {
            return match method {
                "GET" => Some(Action::List),
                "POST" => Some(Action::Create),
                _ => None,
            };
        }
        let item = operation.template.strip_prefix(self.path)?;
        let item = item.strip_prefix("/{")?.strip_suffix('}')?;
        match method {
            _ if item != self.id => None,
            "GET" => Some(Action::Read),
            "PUT" => Some(Action::Update),
            "POST" => Some(Action::Create),
            "DELETE" => Some(Action::Delete),
            _ => None,
        }
    }

    /// The parameters in the path: things that this collection is below.
    fn parents(&self) -> impl Iterator<Item = &'static str> {
        let parts = self.path.split('/');
        parts.filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    }
}

impl Words {
    /// Words of Proxmox VE, which names things its own way for each kind (proxmox.md, section 4).
    pub const fn perl(exists: &'static str, missing: &'static str) -> Self {
        Self {
            exists: Text::Failed(exists),
            missing: Text::Failed(missing),
            nothing_to_delete: Text::Failed(missing),
        }
    }

    /// Words of the Rust products (proxmox.md 1.2), spelled out because a constant cannot put them together:
    /// `datastore '{id}' already exists.` for the parameter `id`, `no such datastore '{id}'`, and
    /// `datastore '{id}' does not exist.`
    pub const fn rust(
        id: &'static str,
        exists: &'static str,
        missing: &'static str,
        gone: &'static str,
    ) -> Self {
        Self {
            exists: Text::Parameter(id, exists),
            missing: Text::Failed(missing),
            nothing_to_delete: Text::NotFound(gone),
        }
    }

    /// The same with other words for a deletion in vain.
    #[must_use]
    pub const fn deleting_nothing(mut self, text: Text) -> Self {
        self.nothing_to_delete = text;
        self
    }
}

impl Text {
    /// The refusal for this id; `None` when there is none.
    fn fault(self, id: &str) -> Option<Fault> {
        let filled = |text: &str| text.replace("{id}", id);
        match self {
            Self::Failed(text) => Some(Fault::Failed(filled(text))),
            Self::Parameter(name, text) => Some(Fault::parameter(name, filled(text))),
            Self::NotFound(text) => Some(Fault::NotFound(filled(text))),
            Self::Invalid(text) => Some(Fault::Invalid(filled(text))),
            Self::Silent => None,
        }
    }
}

impl Action {
    /// Whether it changes the world.
    pub fn writes(self) -> bool {
        !matches!(self, Self::List | Self::Read)
    }
}

#[cfg(test)]
mod tests;
