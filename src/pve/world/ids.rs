//! The names of things: read once, at the edge, and right from then on.
//!
//! In a world file they are texts (guests are numbers where they are not keys).

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
    pub(super) fn new(text: &str, what: &'static str) -> Self {
        Self {
            text: text.to_owned(),
            what,
        }
    }
}

/// The number of a guest: 100 to 999999999, unique in the cluster (`pve-vmid`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Vmid(u32);

impl Vmid {
    /// The lowest number that a guest may have.
    pub const FIRST: Self = Self(100);

    /// The guest of that number, where a guest may have it.
    pub fn new(number: u32) -> Option<Self> {
        (100..=999_999_999)
            .contains(&number)
            .then_some(Self(number))
    }

    /// The number.
    pub fn number(self) -> u32 {
        self.0
    }

    /// The next one, where there is one.
    pub fn next(self) -> Option<Self> {
        Self::new(self.0 + 1)
    }
}

impl FromStr for Vmid {
    type Err = BadName;

    /// Without leading zeros and signs, so that a guest has one spelling.
    fn from_str(text: &str) -> Result<Self, BadName> {
        let bad = || BadName::new(text, "guest number (100 to 999999999)");
        let number = text.parse().ok().and_then(Self::new).ok_or_else(bad)?;
        let plain = text.starts_with(|c: char| matches!(c, '1'..='9'));
        plain.then_some(number).ok_or_else(bad)
    }
}

impl fmt::Display for Vmid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Vmid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Vmid {
    /// A number, or its text where it is a key.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Vmid;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a guest number")
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Vmid, E> {
                self.visit_str(&number.to_string())
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Vmid, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Visitor)
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
pub(super) use text_in_files;

text_in_files!(NodeName, StorageId, VolumeId, Shelf);

/// The name of a node: a host name without dots (`pve-node`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeName(Box<str>);

impl NodeName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for NodeName {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        let inner = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let fits = (1..=63).contains(&text.len())
            && text.chars().all(inner)
            && !text.starts_with('-')
            && !text.ends_with('-');
        let name = fits.then(|| Self(text.into()));
        name.ok_or_else(|| BadName::new(text, "name of a node"))
    }
}

impl fmt::Display for NodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of a storage (`pve-storage-id`): a letter, then letters, digits, `-`, `_` and `.`, the last of
/// them a letter or digit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StorageId(Box<str>);

impl StorageId {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for StorageId {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let fits = text.len() > 1
            && text.chars().all(inner)
            && text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.ends_with(|c: char| c.is_ascii_alphanumeric());
        let id = fits.then(|| Self(text.into()));
        id.ok_or_else(|| BadName::new(text, "name of a storage"))
    }
}

impl fmt::Display for StorageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The id of a volume, `<storage>:<name>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VolumeId {
    /// The storage that it is on.
    pub storage: StorageId,
    /// Its name there: `vm-100-disk-0`, `iso/debian.iso`, `backup/vzdump-...`.
    pub name: Box<str>,
}

impl FromStr for VolumeId {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        let bad = || BadName::new(text, "volume id");
        let (storage, name) = text.split_once(':').ok_or_else(bad)?;
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err(bad());
        }
        Ok(Self {
            storage: storage.parse().map_err(|_| bad())?,
            name: name.into(),
        })
    }
}

impl fmt::Display for VolumeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.storage, self.name)
    }
}

/// Where volumes really lie: a shared storage as a whole (`backup`), or a local one on one node
/// (`local@pve01`), because two nodes may keep different things under one volume id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shelf {
    /// The storage.
    pub storage: StorageId,
    /// The node, for a storage that is not shared.
    pub node: Option<NodeName>,
}

impl FromStr for Shelf {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        let (storage, node) = match text.split_once('@') {
            Some((storage, node)) => (storage, Some(node.parse()?)),
            None => (text, None),
        };
        Ok(Self {
            storage: storage.parse()?,
            node,
        })
    }
}

impl fmt::Display for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.node {
            None => self.storage.fmt(f),
            Some(node) => write!(f, "{}@{node}", self.storage),
        }
    }
}
