//! Views: which resources somebody is shown, by rules that take in and leave out
//! (`FilterRule` of pdm-api-types, `views` of the server).

use serde_json::Value;

use super::World;

/// A rule that resources fall under, or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// All of a type: `qemu`, `storage`, ...
    Type(String),
    /// The guests of a pool.
    Pool(String),
    /// One resource: `remote/x/guest/101`.
    Id(String),
    /// Guests with a tag.
    Tag(String),
    /// Everything of a remote.
    Remote(String),
}

/// What a rule looks at in a resource.
#[derive(Debug, Clone, Copy)]
pub struct Traits<'r> {
    /// The remote.
    pub remote: &'r str,
    /// The type.
    pub kind: &'r str,
    /// The id.
    pub id: &'r str,
    /// The pool; empty for none.
    pub pool: &'r str,
    /// The tags.
    pub tags: &'r [Value],
}

/// A view, read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct View {
    /// Whether everything is in that no rule leaves out.
    pub all: bool,
    /// What is in.
    pub include: Vec<Rule>,
    /// What is out, whatever takes it in.
    pub exclude: Vec<Rule>,
}

impl Rule {
    /// Reads a rule: `exact:remote=x`, with or without the `exact:`.
    ///
    /// # Errors
    /// In the product's words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let plain = text.strip_prefix("exact:").unwrap_or(text);
        let Some((name, value)) = plain.split_once('=') else {
            return Err(format!("invalid filter rule: {text}"));
        };
        let types = ["storage", "qemu", "lxc", "network", "datastore", "node"];
        let value = value.to_owned();
        match name {
            "resource-type" if types.contains(&&*value) => Ok(Self::Type(value)),
            "resource-type" => Err("invalid resource type".to_owned()),
            "resource-pool" => Ok(Self::Pool(value)),
            "resource-id" => Ok(Self::Id(value)),
            "tag" => Ok(Self::Tag(value)),
            "remote" => Ok(Self::Remote(value)),
            _ => Err(format!("invalid filter rule: {text}")),
        }
    }

    fn takes(&self, traits: Traits<'_>) -> bool {
        match self {
            Self::Type(kind) => kind == traits.kind,
            Self::Pool(pool) => pool == traits.pool,
            Self::Id(id) => id == traits.id,
            Self::Tag(tag) => traits.tags.iter().any(|one| one.as_str() == Some(tag)),
            Self::Remote(remote) => remote == traits.remote,
        }
    }
}

impl View {
    /// The view of this name; `None` without one.
    pub fn of(world: &World, id: &str) -> Option<Self> {
        let section = world.machine.section("config/views", id)?;
        let rules = |name: &str| {
            let list = section.properties.get(name).and_then(Value::as_array);
            let texts = list.into_iter().flatten().filter_map(Value::as_str);
            texts.filter_map(|text| Rule::parse(text).ok()).collect()
        };
        Some(Self {
            all: section.properties.get("include-all") == Some(&Value::Bool(true)),
            include: rules("include"),
            exclude: rules("exclude"),
        })
    }

    /// Whether it shows a resource.
    pub fn shows(&self, traits: Traits<'_>) -> bool {
        let within = self.all || self.include.iter().any(|rule| rule.takes(traits));
        within && !self.exclude.iter().any(|rule| rule.takes(traits))
    }

    /// Whether nothing of a remote can be in: rules leave it out, or those that name remotes name others.
    pub fn skips(&self, remote: &str) -> bool {
        let names = |rules: &[Rule]| rules.contains(&Rule::Remote(remote.to_owned()));
        if names(&self.exclude) {
            return true;
        }
        let prefix = format!("remote/{remote}/");
        let concerns = |rule: &Rule| match rule {
            Rule::Remote(name) => name == remote,
            Rule::Id(id) => id.starts_with(&prefix),
            Rule::Type(_) | Rule::Pool(_) | Rule::Tag(_) => true,
        };
        !self.all && !self.include.iter().any(concerns)
    }

    /// Whether a rule takes in this very remote.
    pub fn names(&self, remote: &str) -> bool {
        self.include.contains(&Rule::Remote(remote.to_owned()))
    }
}
