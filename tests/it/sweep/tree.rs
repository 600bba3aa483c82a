//! Which concrete paths were found for each template.

use std::collections::BTreeMap;

/// How many concrete paths of one template are followed.
const BRANCHES: usize = 3;

/// The concrete paths by template, percent-encoded, without `/api2/json`.
#[derive(Debug, Default)]
pub(super) struct Tree(BTreeMap<String, Vec<String>>);

impl Tree {
    /// Adds a path, unless there are enough.
    pub(super) fn add(&mut self, template: &str, path: String) {
        let paths = self.0.entry(template.to_owned()).or_default();
        if paths.len() < BRANCHES && !paths.contains(&path) {
            paths.push(path);
        }
    }

    /// The paths of a template.
    pub(super) fn of(&self, template: &str) -> &[String] {
        self.0.get(template).map_or(&[], Vec::as_slice)
    }
}

/// A path template without its last part, and that part; `None` for the root.
pub(super) fn split(template: &str) -> Option<(&str, &str)> {
    let (above, last) = template.rsplit_once('/')?;
    match (above, last) {
        ("", "") => None,
        ("", last) => Some(("/", last)),
        parts => Some(parts),
    }
}

/// A path with one more part.
pub(super) fn join(above: &str, part: &str) -> String {
    match above {
        "/" => format!("/{part}"),
        above => format!("{above}/{part}"),
    }
}

/// A value as one part of a path.
pub(super) fn encoded(value: &str) -> String {
    let mut text = String::new();
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                text.push(char::from(byte));
            }
            byte => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}
