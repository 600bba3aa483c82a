//! A file of canned answers laid over a world (`--overlay`): whole bodies by path, as testers of Proxmox clients
//! keep them (contracts/proxbox.md 1.7).
//!
//! A world takes what it understands ([`super::state::State::lay`]), so that writes change it; the rest is served
//! as it stands. Nothing in such a file but its form is ever a reason not to start: the files were made for a
//! server that ignored what it did not need.

use std::collections::BTreeMap;
use std::path::Path;

use bytes::Bytes;
use serde_json::{Map, Value};

use super::address::Address;
use super::product::Product;
use crate::contract::place::line_of;

/// What the keys of such a file start with.
const START: &str = "/api2/json/";

/// The answers of one file.
#[derive(Debug, Default)]
pub struct Overlay {
    /// By path below the format (`/nodes/pve01/network`), with the query where the key has one.
    answers: BTreeMap<String, Canned>,
    remarks: Vec<Remark>,
}

/// One answer.
#[derive(Debug)]
struct Canned {
    /// Its key in the file.
    key: String,
    /// The whole body.
    body: Value,
    /// The same as it is sent.
    text: Bytes,
    /// Whether the world holds what it says, so that the world answers.
    is_taken: bool,
}

/// Something of the file that was left out or bent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The key in the file.
    pub key: String,
    /// What is the matter; a clause that follows the key.
    pub text: String,
}

/// An entry of the file whose path is of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its path.
    pub path: String,
    /// What stands where the form has `{}`.
    pub parts: Vec<String>,
}

impl Overlay {
    /// Reads a file.
    ///
    /// # Errors
    /// When it is no JSON object, or none of its keys is a path of the API: a sentence with file and line.
    pub fn read(path: &Path) -> Result<Self, String> {
        let place = path.display();
        let text = std::fs::read_to_string(path)
            .map_err(|error| format!("cannot read overlay {place}: {error}"))?;
        Self::parse(&text).map_err(|(line, fault)| format!("overlay {place}: line {line}: {fault}"))
    }

    /// The same from text.
    ///
    /// # Errors
    /// As [`Self::read`]: the line, and what is wrong there.
    pub fn parse(text: &str) -> Result<Self, (usize, String)> {
        let file: Value = serde_json::from_str(text)
            .map_err(|error| (error.line(), format!("is no JSON: {error}")))?;
        let Value::Object(members) = file else {
            let fault = "must be an object of whole answers by path (\"/api2/json/version\")";
            return Err((1, fault.to_owned()));
        };
        let mut overlay = Self::default();
        let first = members.keys().next().cloned();
        for (key, body) in members {
            overlay.add(key, body);
        }
        match first {
            Some(first) if overlay.answers.is_empty() => {
                let line = line_of(text, &format!("[{}]", Value::from(first.as_str())));
                let fault = format!("{first:?} is no path of the API: keys start with {START}");
                Err((line.unwrap_or(1), fault))
            }
            _ => Ok(overlay),
        }
    }

    fn add(&mut self, key: String, body: Value) {
        let (path, query) = key.split_once('?').unwrap_or((&key, ""));
        let address = Address::read(Product::Pve, path);
        let target = match address {
            Ok(Address::Api(target)) if path.starts_with(START) => target,
            _ => {
                let text = format!("is left out: keys start with {START}");
                self.remarks.push(Remark { key, text });
                return;
            }
        };
        let canned = Canned {
            text: body.to_string().into(),
            body,
            is_taken: false,
            key: key.clone(),
        };
        self.answers.insert(asked(&target.path, query), canned);
    }

    /// The answer to a path below the format and the query behind it, if the file has one that the world does not
    /// give: the whole body, and the same as it is sent. One with the very query comes before the one without.
    pub fn answer(&self, path: &str, query: &str) -> Option<(&Value, Bytes)> {
        let exact = || self.answers.get(&asked(path, query));
        let canned = match self.answers.is_empty() {
            true => None,
            false => exact().or_else(|| self.answers.get(path)),
        };
        let canned = canned.filter(|canned| !canned.is_taken)?;
        Some((&canned.body, canned.text.clone()))
    }

    /// What a path answers under `data`. Files for the older server's other mode have no envelope.
    pub fn data(&self, path: &str) -> Option<&Value> {
        let body = &self.answers.get(path)?.body;
        Some(body.get("data").unwrap_or(body))
    }

    /// The object that a path answers, which the world takes.
    pub fn object(&mut self, path: &str) -> Option<Map<String, Value>> {
        match self.data(path)? {
            Value::Object(members) => {
                let members = members.clone();
                self.take(path);
                Some(members)
            }
            _ => {
                self.remark(path, "is served as it stands: it has no object under data");
                None
            }
        }
    }

    /// The objects in the list that a path answers, which the world takes. What is no object there is left out.
    pub fn rows(&mut self, path: &str) -> Option<Vec<Map<String, Value>>> {
        let Value::Array(items) = self.data(path)? else {
            self.remark(path, "is served as it stands: it has no list under data");
            return None;
        };
        let items = items.clone();
        self.take(path);
        let mut rows = Vec::new();
        for (n, item) in items.into_iter().enumerate() {
            match item {
                Value::Object(members) => rows.push(members),
                _ => self.remark(path, format!("entry {n} is left out: it is no object")),
            }
        }
        Some(rows)
    }

    /// The entries whose path has this form: `/nodes/{}/tasks`.
    pub fn like(&self, form: &str) -> Vec<Found> {
        let wanted: Vec<&str> = form.split('/').collect();
        let paths = self.answers.keys();
        let found = paths.filter_map(|path| {
            let parts: Vec<&str> = path.split('/').collect();
            let fits = parts.len() == wanted.len();
            let mut pairs = wanted.iter().zip(&parts);
            let fits = fits && pairs.all(|(form, part)| *form == "{}" || form == part);
            let free = wanted.iter().zip(&parts).filter(|(form, _)| **form == "{}");
            fits.then(|| Found {
                path: path.clone(),
                parts: free.map(|(_, part)| (*part).to_owned()).collect(),
            })
        });
        found.collect()
    }

    /// From now on the world answers this path.
    pub fn take(&mut self, path: &str) {
        if let Some(canned) = self.answers.get_mut(path) {
            canned.is_taken = true;
        }
    }

    /// Remembers something that people should know of an entry.
    pub fn remark(&mut self, path: &str, text: impl Into<String>) {
        let key = self.answers.get(path).map(|canned| canned.key.clone());
        self.remarks.push(Remark {
            key: key.unwrap_or_else(|| path.to_owned()),
            text: text.into(),
        });
    }

    /// What was remembered.
    pub fn remarks(&self) -> &[Remark] {
        &self.remarks
    }

    /// How many answers the world gives, and how many are served as they stand.
    pub fn counts(&self) -> (usize, usize) {
        let taken = self.answers.values().filter(|canned| canned.is_taken);
        let taken = taken.count();
        (taken, self.answers.len() - taken)
    }
}

fn asked(path: &str, query: &str) -> String {
    if query.is_empty() {
        return path.to_owned();
    }
    format!("{path}?{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_none() {
        let check = |text: &str, line: usize, fault: &str| {
            let (seen, said) = Overlay::parse(text).unwrap_err();
            assert!(said.starts_with(fault), "{said}");
            assert_eq!(seen, line, "{text}");
        };
        check("[]", 1, "must be an object");
        check("{\n  \"a\": 1,\n}", 3, "is no JSON");
        check("", 1, "is no JSON");
        check("{\n\n\"nodes\": {}}", 3, "\"nodes\" is no path of the API");
        assert!(Overlay::parse("{}").is_ok());
    }

    #[test]
    fn entries() {
        let text = r#"{
            "/api2/json/nodes/pve01/tasks/": {"data": [{"a": 1}, 2]},
            "/api2/json/nodes/b/tasks/UPID%3Ax:/status": {"data": {}},
            "/api2/json/cluster/status": {"error": "Not found"},
            "/health": {}
        }"#;
        let mut overlay = Overlay::parse(text).unwrap();
        let found = overlay.like("/nodes/{}/tasks");
        assert_eq!(found[0].parts, ["pve01"]);
        assert_eq!(
            overlay.like("/nodes/{}/tasks/{}/status")[0].parts,
            ["b", "UPID:x:"]
        );
        assert_eq!(overlay.rows("/nodes/pve01/tasks").unwrap().len(), 1);
        assert_eq!(overlay.rows("/cluster/status"), None);
        assert_eq!(overlay.rows("/version"), None);
        assert_eq!(overlay.counts(), (1, 2));
        let keys: Vec<_> = overlay.remarks().iter().map(|one| &*one.key).collect();
        assert_eq!(
            keys,
            [
                "/health",
                "/api2/json/nodes/pve01/tasks/",
                "/api2/json/cluster/status"
            ]
        );
    }
}
