//! World files: JSON in, a world or everything that is wrong with it out.
//!
//! Shape first (the first fault of each node, guest, storage and so on), then references (all of them): a name
//! that leads nowhere can only be judged in a world that could be read.

use std::str::FromStr;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::backup::BackupJob;
use super::guest::Guest;
use super::ids::{NodeName, StorageId, Vmid};
use super::node::Node;
use super::pool::Pool;
use super::replication::{Replication, ReplicationId};
use super::storage::Storage;
use super::{World, check};
use crate::contract::Problem;

mod reader;
mod twice;

impl World {
    /// The world that a file says.
    ///
    /// # Errors
    /// What has a wrong name or type, the first fault of each entry, or else every reference that leads nowhere.
    pub fn read(value: &Value) -> Result<Self, Vec<Problem>> {
        let world = Self::deserialize(reader::Reader::new(value));
        let world = world.map_err(|fault| faults(value, fault.into_problem()))?;
        let problems = check::problems(&world);
        if problems.is_empty() {
            Ok(world)
        } else {
            Err(problems)
        }
    }

    /// The same from text, in which a key may stand twice: two guests of one number are refused here, where
    /// JSON would let the last one win.
    ///
    /// # Errors
    /// What is no JSON, what stands twice, or what [`Self::read`] refuses.
    pub fn read_text(text: &str) -> Result<Self, Vec<Problem>> {
        let value: Value = serde_json::from_str(text).map_err(|error| {
            vec![Problem {
                path: String::new(),
                message: format!("is no JSON: {error}"),
            }]
        })?;
        let twice = twice::find(text);
        if twice.is_empty() {
            Self::read(&value)
        } else {
            Err(twice)
        }
    }

    /// The world as a file; [`Self::read`] gives the same world again.
    pub fn export(&self) -> Value {
        serde_json::to_value(self).expect("every key of a world is a text or a number")
    }
}

/// The first fault of the file and the first one of each entry, so that a person need not try for each anew.
fn faults(value: &Value, first: Problem) -> Vec<Problem> {
    let mut found = Vec::new();
    entries::<NodeName, Node>(value, "nodes", &mut found);
    entries::<Vmid, Guest>(value, "guests", &mut found);
    entries::<StorageId, Storage>(value, "storages", &mut found);
    entries::<String, Pool>(value, "pools", &mut found);
    entries::<String, BackupJob>(value, "backup-jobs", &mut found);
    entries::<ReplicationId, Replication>(value, "replication", &mut found);
    if !found.contains(&first) {
        found.insert(0, first);
    }
    found.truncate(MOST_PROBLEMS);
    found
}

/// More than a person reads at once.
const MOST_PROBLEMS: usize = 100;

fn entries<K, V>(value: &Value, collection: &str, found: &mut Vec<Problem>)
where
    K: FromStr<Err: std::fmt::Display>,
    V: DeserializeOwned,
{
    let members = value.get(collection).and_then(Value::as_object);
    for (key, entry) in members.into_iter().flatten() {
        let path = member(collection, key);
        if let Err(bad) = key.parse::<K>() {
            let message = bad.to_string();
            found.push(Problem { path, message });
        } else if let Err(fault) = V::deserialize(reader::Reader::at(entry, path)) {
            found.push(fault.into_problem());
        }
    }
}

/// The path of a member; a key that is no plain word is quoted, so that dots in names cannot mislead.
fn member(path: &str, key: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    match (path, !key.is_empty() && key.chars().all(plain)) {
        ("", true) => key.to_owned(),
        (_, true) => format!("{path}.{key}"),
        (_, false) => format!("{path}[{}]", Value::from(key)),
    }
}
