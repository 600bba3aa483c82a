//! Keys that stand twice in one object of a JSON text.

use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};

use super::member;
use crate::contract::Problem;

/// Every key that stands twice. What is no JSON has none; somebody else complains about it.
pub(super) fn find(text: &str) -> Vec<Problem> {
    let found = RefCell::new(Vec::new());
    let walk = Walk {
        path: String::new(),
        found: &found,
    };
    let mut json = serde_json::Deserializer::from_str(text);
    drop(walk.deserialize(&mut json));
    found.into_inner()
}

/// Walks through a value that has this path.
struct Walk<'a> {
    path: String,
    found: &'a RefCell<Vec<Problem>>,
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen = HashSet::new();
        while let Some(key) = map.next_key::<String>()? {
            let path = member(&self.path, &key);
            if seen.contains(&key) {
                self.found.borrow_mut().push(Problem {
                    path: path.clone(),
                    message: "is there twice".to_owned(),
                });
            }
            seen.insert(key);
            let found = self.found;
            map.next_value_seed(Walk { path, found })?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let mut n = 0;
        let at = |n: usize| Walk {
            path: format!("{}[{n}]", self.path),
            found: self.found,
        };
        while list.next_element_seed(at(n))?.is_some() {
            n += 1;
        }
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}
