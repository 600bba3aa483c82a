//! The names of things in datastores: read once, at the edge, and right from then on. In a world file they are
//! texts.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Why a text is no name of its kind; a clause that follows a path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no {what}")]
pub struct BadName {
    text: String,
    what: &'static str,
}

impl BadName {
    fn new(text: &str, what: &'static str) -> Self {
        Self {
            text: text.to_owned(),
            what,
        }
    }
}

/// A text type that is read with `FromStr` and written with `Display`, in world files too.
macro_rules! text_in_files {
    ($($name:ident),+) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    )+};
}

text_in_files!(Namespace, GroupId, SnapshotId);

/// `SAFE_ID_REGEX` of pbs-api-types: what datastores, ids of backups and parts of namespaces are made of.
fn is_safe(text: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    let first = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.starts_with(first) && text.chars().all(inner)
}

/// How deep namespaces may be nested (`MAX_NAMESPACE_DEPTH`).
pub const MAX_DEPTH: usize = 7;

/// A namespace: names with slashes between them; the root is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Namespace(Box<str>);

impl Namespace {
    /// The one that every datastore has.
    pub fn root() -> Self {
        Self::default()
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is the root.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// How many names it has; 0 for the root.
    pub fn depth(&self) -> usize {
        match self.is_root() {
            true => 0,
            false => self.0.split('/').count(),
        }
    }

    /// The one that it lies in; the root lies in none.
    pub fn parent(&self) -> Option<Self> {
        let parent = self.0.rsplit_once('/').map_or("", |(parent, _)| parent);
        (!self.is_root()).then(|| Self(parent.into()))
    }

    /// Whether `other` is this one or lies in it, however deep.
    pub fn contains(&self, other: &Self) -> bool {
        let rest = other.0.strip_prefix(&*self.0);
        self.is_root() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The one of this name in it.
    ///
    /// # Errors
    /// When that would lie too deep, or the name is none.
    pub fn child(&self, name: &str) -> Result<Self, BadName> {
        match self.is_root() {
            true => name.parse(),
            false => format!("{self}/{name}").parse(),
        }
    }

    /// The same place below `target` that this one has below `source`.
    #[must_use]
    pub fn moved(&self, source: &Self, target: &Self) -> Option<Self> {
        let rest = match source.is_root() {
            true => &*self.0,
            false => self.0.strip_prefix(&*source.0)?.trim_start_matches('/'),
        };
        match rest.is_empty() {
            true => Some(target.clone()),
            false => target.child(rest).ok(),
        }
    }
}

impl FromStr for Namespace {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        let fits = text.is_empty() || text.split('/').all(is_safe);
        let namespace = Self(text.into());
        let fits = fits && namespace.depth() <= MAX_DEPTH;
        fits.then_some(namespace)
            .ok_or_else(|| BadName::new(text, "namespace"))
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What was backed up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BackupType {
    /// A virtual machine.
    Vm,
    /// A container.
    Ct,
    /// A machine's files.
    Host,
}

impl BackupType {
    /// All, in the order of the product's lists.
    pub const ALL: [Self; 3] = [Self::Vm, Self::Ct, Self::Host];

    /// The product's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Vm => "vm",
            Self::Ct => "ct",
            Self::Host => "host",
        }
    }
}

impl FromStr for BackupType {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        let found = Self::ALL.into_iter().find(|kind| kind.name() == text);
        found.ok_or_else(|| BadName::new(text, "type of a backup (vm, ct, host)"))
    }
}

/// The id of a backup group: `vm/101`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId {
    /// What was backed up.
    pub kind: BackupType,
    /// Its number or name.
    pub id: Box<str>,
}

impl FromStr for GroupId {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        let bad = || BadName::new(text, "backup group");
        let (kind, id) = text.split_once('/').ok_or_else(bad)?;
        let kind = kind.parse().map_err(|_| bad())?;
        is_safe(id)
            .then(|| Self {
                kind,
                id: id.into(),
            })
            .ok_or_else(bad)
    }
}

impl fmt::Display for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind.name(), self.id)
    }
}

/// The id of one backup in a namespace: `vm/101/2026-01-04T02:00:00Z`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SnapshotId {
    /// The group.
    pub group: GroupId,
    /// When it was taken, in seconds since 1970.
    pub time: i64,
}

impl SnapshotId {
    /// The time as the product writes it in paths and tasks.
    pub fn moment(&self) -> String {
        written(self.time)
    }
}

impl FromStr for SnapshotId {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        let bad = || BadName::new(text, "snapshot");
        let (group, time) = text.rsplit_once('/').ok_or_else(bad)?;
        let time: jiff::Timestamp = time.parse().map_err(|_| bad())?;
        Ok(Self {
            group: group.parse().map_err(|_| bad())?,
            time: time.as_second(),
        })
    }
}

impl fmt::Display for SnapshotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.group, self.moment())
    }
}

/// A second as the product writes it (`2026-01-04T02:00:00Z`).
pub fn written(second: i64) -> String {
    let moment = jiff::Timestamp::from_second(second).unwrap_or_default();
    moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_back() {
        for text in ["", "lab", "lab/prod/db", "a/b/c/d/e/f/g"] {
            assert_eq!(text.parse::<Namespace>().unwrap().to_string(), text);
        }
        for text in ["/", "a//b", "a b", "-a", "a/b/c/d/e/f/g/h", "../x"] {
            assert!(text.parse::<Namespace>().is_err(), "{text}");
        }
        let text = "vm/101/2026-01-04T02:00:00Z";
        let snapshot: SnapshotId = text.parse().unwrap();
        assert_eq!(snapshot.to_string(), text);
        for text in [
            "vm/101",
            "lxc/1/2026-01-04T02:00:00Z",
            "vm//2026-01-04T02:00:00Z",
            "vm/1/x",
        ] {
            assert!(text.parse::<SnapshotId>().is_err(), "{text}");
        }
    }

    #[test]
    fn namespaces_nest() {
        let name = |text: &str| text.parse::<Namespace>().unwrap();
        assert_eq!(name("a/b").parent(), Some(name("a")));
        assert_eq!(name("a").parent(), Some(Namespace::root()));
        assert_eq!(Namespace::root().parent(), None);
        assert!(name("a").contains(&name("a/b")));
        assert!(!name("a").contains(&name("ab")));
        assert_eq!(name("a/b").moved(&name("a"), &name("x")), Some(name("x/b")));
        assert_eq!(name("a").moved(&name("a"), &name("")), Some(name("")));
        assert_eq!(
            name("a").moved(&name(""), &name("x/y")),
            Some(name("x/y/a"))
        );
    }
}
