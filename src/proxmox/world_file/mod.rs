//! World files: JSON in, a typed world or everything that is wrong with it out, each with its path.
//!
//! Shape first (the first fault of the file and the first of each entry, so that a person need not try for each
//! anew); references are for the world itself, because a name that leads nowhere can only be judged in a world
//! that could be read.

use std::fmt::Display;
use std::str::FromStr;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::contract::Problem;

mod reader;
mod report;
mod twice;

pub use report::Report;

/// More than a person reads at once.
const MOST_PROBLEMS: usize = 100;

/// Reads a value with serde's own types.
///
/// # Errors
/// The first thing that does not fit.
pub fn read<T: DeserializeOwned>(value: &Value) -> Result<T, Problem> {
    T::deserialize(reader::Reader::new(value)).map_err(reader::Fault::into_problem)
}

/// The JSON of a text in which no key stands twice: two guests of one number are refused here, where JSON would
/// let the last one win.
///
/// # Errors
/// What is no JSON, or every key that stands twice.
pub fn json(text: &str) -> Result<Value, Vec<Problem>> {
    let value: Value = serde_json::from_str(text).map_err(|error| {
        vec![Problem {
            path: String::new(),
            message: format!("is no JSON: {error}"),
        }]
    })?;
    let twice = twice::find(text);
    if twice.is_empty() {
        Ok(value)
    } else {
        Err(twice)
    }
}

/// What is wrong with a file that could not be read: looks into its collections one by one.
#[derive(Debug)]
pub struct Faults<'a> {
    value: &'a Value,
    found: Vec<Problem>,
}

impl<'a> Faults<'a> {
    /// Begins with the file as a whole.
    pub fn of(value: &'a Value) -> Self {
        Self {
            value,
            found: Vec::new(),
        }
    }

    /// The first fault of each entry of a collection.
    #[must_use]
    pub fn entries<K, V>(mut self, collection: &str) -> Self
    where
        K: FromStr<Err: Display>,
        V: DeserializeOwned,
    {
        let members = self.value.get(collection).and_then(Value::as_object);
        for (key, entry) in members.into_iter().flatten() {
            let path = member(collection, key);
            if let Err(bad) = key.parse::<K>() {
                let message = bad.to_string();
                self.found.push(Problem { path, message });
            } else if let Err(fault) = V::deserialize(reader::Reader::at(entry, path)) {
                self.found.push(fault.into_problem());
            }
        }
        self
    }

    /// All that was found, after what stopped the reading.
    pub fn and(mut self, first: Problem) -> Vec<Problem> {
        if !self.found.contains(&first) {
            self.found.insert(0, first);
        }
        self.found.truncate(MOST_PROBLEMS);
        self.found
    }
}

/// A problem as one sentence.
pub fn sentence(problem: &Problem) -> String {
    if problem.path.is_empty() {
        return format!("the file {}", problem.message);
    }
    format!("{}: {}", problem.path, problem.message)
}

/// Problems as one text.
pub fn sentences(problems: &[Problem]) -> String {
    let sentences: Vec<String> = problems.iter().map(sentence).collect();
    sentences.join("; ")
}

/// The path of a member; a key that is no plain word is quoted, so that dots in names cannot mislead.
pub fn member(path: &str, key: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    match (path, !key.is_empty() && key.chars().all(plain)) {
        ("", true) => key.to_owned(),
        (_, true) => format!("{path}.{key}"),
        (_, false) => format!("{path}[{}]", Value::from(key)),
    }
}
