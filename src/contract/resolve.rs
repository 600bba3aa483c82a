//! References of a document followed into its components, each schema among them reduced once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::schema::Schema;

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

/// How much a schema is with everything that it refers to written out.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Extent {
    /// How many levels it has.
    pub(super) levels: usize,
    /// How many schemas it consists of.
    pub(super) parts: usize,
}

impl Extent {
    /// That of a schema with nothing inside.
    pub(super) const LEAF: Self = Self {
        levels: 1,
        parts: 1,
    };

    /// That of two things side by side.
    pub(super) fn beside(self, other: Self) -> Self {
        Self {
            levels: self.levels.max(other.levels),
            parts: self.parts.saturating_add(other.parts),
        }
    }

    /// That of what has these things inside.
    pub(super) fn around(self) -> Self {
        Self {
            levels: self.levels.saturating_add(1),
            parts: self.parts.saturating_add(1),
        }
    }
}

/// Follows references into the components of one document.
#[derive(Debug)]
pub(super) struct Resolver<'d> {
    /// `components`, as it stands in the document.
    components: &'d Value,
    /// The schemas that are reduced, each with its extent.
    done: BTreeMap<&'d str, (Schema, Extent)>,
    /// Those that are being reduced, the outermost first.
    open: Vec<&'d str>,
    /// How many schemas stand around the one that is being reduced.
    depth: usize,
    /// The words of schemas that were met: most are met many times.
    words: BTreeSet<Arc<str>>,
}

impl<'d> Resolver<'d> {
    /// Starts with the `components` of a document, or `null` if it has none.
    pub(super) fn new(components: &'d Value) -> Self {
        Self {
            components,
            done: BTreeMap::new(),
            open: Vec::new(),
            depth: 0,
            words: BTreeSet::new(),
        }
    }

    /// Reduces what no operation refers to as well, and gives all components.
    pub(super) fn finish(mut self) -> Result<BTreeMap<String, Schema>, Fault> {
        let named = self.components.get("schemas").and_then(Value::as_object);
        for name in named.into_iter().flat_map(Map::keys) {
            self.component(name, "components.schemas")?;
        }
        let schemas = self.done.into_iter();
        Ok(schemas
            .map(|(name, (schema, _))| (name.to_owned(), schema))
            .collect())
    }

    /// A part of the document that is an object, or what it refers to in `components.<section>`.
    pub(super) fn part(
        &self,
        part: &'d Value,
        section: &str,
        at: &str,
    ) -> Result<&'d Map<String, Value>, Fault> {
        let Some(reference) = reference(part) else {
            return members(part, at);
        };
        let found = reference
            .strip_prefix(&format!("#/components/{section}/"))
            .and_then(|name| self.components.get(section)?.get(name));
        match found {
            Some(found) => members(found, reference),
            None => Err(nothing(at, reference)),
        }
    }

    /// A schema of the document, reduced.
    pub(super) fn schema(&mut self, schema: &'d Value, at: &str) -> Result<Schema, Fault> {
        self.reduce(schema, at).map(|(schema, _)| schema)
    }

    /// The schema, and its extent.
    pub(super) fn reduce(
        &mut self,
        schema: &'d Value,
        at: &str,
    ) -> Result<(Schema, Extent), Fault> {
        // Counted on the way in for the sake of the stack, and on the way out because what is reduced
        // already may be deep as well.
        if self.depth > Schema::DEEPEST {
            return Err(too_deep(at));
        }
        self.depth += 1;
        let reduced = match reference(schema) {
            Some(reference) => match reference.strip_prefix("#/components/schemas/") {
                Some(name) => self.component(name, at),
                None => Err(nothing(at, reference)),
            },
            None => members(schema, at).and_then(|schema| self.inline(schema, at)),
        };
        self.depth -= 1;
        let (schema, extent) = reduced?;
        if extent.levels > Schema::DEEPEST {
            return Err(too_deep(at));
        }
        if extent.parts > Schema::MOST_PARTS {
            let message = format!(
                "the schema consists of more than {} others",
                Schema::MOST_PARTS
            );
            return Err(Fault::at(at, message));
        }
        Ok((schema, extent))
    }

    /// A word that is shared with all schemas that have it.
    pub(super) fn word(&mut self, word: &str) -> Arc<str> {
        if let Some(known) = self.words.get(word) {
            return Arc::clone(known);
        }
        let word: Arc<str> = word.into();
        self.words.insert(Arc::clone(&word));
        word
    }

    fn component(&mut self, name: &'d str, at: &str) -> Result<(Schema, Extent), Fault> {
        if let Some(done) = self.done.get(name) {
            return Ok(done.clone());
        }
        if self.open.contains(&name) {
            let circle = format!("{} -> {name}", self.open.join(" -> "));
            let message = format!("the schema contains itself: {circle}");
            return Err(Fault::at(at, message));
        }
        let schemas = self.components.get("schemas");
        let Some(found) = schemas.and_then(|schemas| schemas.get(name)) else {
            return Err(nothing(at, &format!("#/components/schemas/{name}")));
        };
        let at = format!("components.schemas.{name}");
        self.open.push(name);
        let reduced = self.reduce(found, &at)?;
        self.open.pop();
        self.done.insert(name, reduced.clone());
        Ok(reduced)
    }
}

/// The members of what has to be an object.
pub(super) fn members<'d>(part: &'d Value, at: &str) -> Result<&'d Map<String, Value>, Fault> {
    let members = part.as_object();
    members.ok_or_else(|| Fault::at(at, "must be an object"))
}

fn reference(part: &Value) -> Option<&str> {
    part.get("$ref").and_then(Value::as_str)
}

fn nothing(at: &str, reference: &str) -> Fault {
    let message = format!("`$ref` refers to `{reference}`, which does not exist");
    Fault::at(at, message)
}

fn too_deep(at: &str) -> Fault {
    let message = format!(
        "schemas stand in one another more than {} deep",
        Schema::DEEPEST
    );
    Fault::at(at, message)
}
