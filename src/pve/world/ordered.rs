//! A small map that keeps its order: the keys of a configuration as they were written.
//!
//! Configurations have tens of keys, so a list that is searched from its start is the fastest thing here.

use std::fmt;
use std::marker::PhantomData;
use std::sync::OnceLock;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::facts::Facts;

/// Keys with their values, in the order in which they came.
#[derive(Clone)]
pub struct Ordered<V> {
    entries: Vec<(String, V)>,
    /// What was read out of the entries, kept until one of them changes. Lists of all guests ask for it again and
    /// again: reading it anew took nine tenths of their time.
    facts: OnceLock<Box<Facts>>,
}

impl<V> Ordered<V> {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&V> {
        let found = self.entries.iter().find(|(known, _)| known == key);
        found.map(|(_, value)| value)
    }

    /// The value of a key, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut V> {
        self.facts.take();
        let found = self.entries.iter_mut().find(|(known, _)| known == key);
        found.map(|(_, value)| value)
    }

    /// Whether the key is there.
    pub fn contains(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Sets a key where it stands, or at the end; gives the value it had.
    pub fn set(&mut self, key: &str, value: V) -> Option<V> {
        if let Some(old) = self.get_mut(key) {
            return Some(std::mem::replace(old, value));
        }
        self.facts.take();
        self.entries.push((key.to_owned(), value));
        None
    }

    /// Takes a key out and gives its value.
    pub fn remove(&mut self, key: &str) -> Option<V> {
        let at = self.entries.iter().position(|(known, _)| known == key)?;
        self.facts.take();
        Some(self.entries.remove(at).1)
    }

    /// All entries in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &V)> {
        self.entries.iter().map(|(key, value)| (&**key, value))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl Ordered<String> {
    /// The text of a key.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.get(key).map(String::as_str)
    }

    /// Where a key stands, until an entry changes.
    pub(super) fn place(&self, key: &str) -> Option<usize> {
        self.entries.iter().position(|(known, _)| known == key)
    }

    /// The text at a place.
    pub(super) fn text_at(&self, place: usize) -> Option<&str> {
        self.entries.get(place).map(|(_, text)| text.as_str())
    }

    /// What the entries say, read when it is first asked for after a change.
    pub(super) fn facts(&self, read: impl FnOnce(&Self) -> Facts) -> &Facts {
        self.facts.get_or_init(|| Box::new(read(self)))
    }
}

impl<V: PartialEq> PartialEq for Ordered<V> {
    fn eq(&self, other: &Self) -> bool {
        self.entries == other.entries
    }
}

impl<V: Eq> Eq for Ordered<V> {}

impl<V: fmt::Debug> fmt::Debug for Ordered<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(self.entries.iter().map(|(key, value)| (key, value)))
            .finish()
    }
}

impl<V> Default for Ordered<V> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            facts: OnceLock::new(),
        }
    }
}

impl<V> IntoIterator for Ordered<V> {
    type Item = (String, V);
    type IntoIter = std::vec::IntoIter<(String, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

impl<K: Into<String>, V> FromIterator<(K, V)> for Ordered<V> {
    fn from_iter<T: IntoIterator<Item = (K, V)>>(entries: T) -> Self {
        let entries = entries.into_iter();
        let mut map = Self {
            // A cluster of ten thousand guests feels what every configuration has too much.
            entries: Vec::with_capacity(entries.size_hint().0),
            facts: OnceLock::new(),
        };
        for (key, value) in entries {
            map.set(&key.into(), value);
        }
        map
    }
}

impl<V: Serialize> Serialize for Ordered<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Ordered<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor<V>(PhantomData<V>);
        impl<'de, V: Deserialize<'de>> de::Visitor<'de> for Visitor<V> {
            type Value = Ordered<V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Ordered<V>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                entries.shrink_to_fit();
                let facts = OnceLock::new();
                Ok(Ordered { entries, facts })
            }
        }
        deserializer.deserialize_map(Visitor(PhantomData))
    }
}
