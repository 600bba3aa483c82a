//! A guest's configuration as the file that the product keeps of it, for its digest.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::guest::{Guest, Kind, Pending};
use super::ordered::Ordered;
use crate::proxmox::{Product, digest};

impl Guest {
    /// The digest that clients read with the configuration and send back with a change: that of the whole file,
    /// so that a snapshot or a pending value changes it too.
    pub fn digest(&self) -> String {
        digest::of_text(Product::Pve, &self.file_text())
    }

    /// The file: the configuration, what is pending, then the snapshots.
    fn file_text(&self) -> String {
        let mut text = String::new();
        write_keys(&mut text, &self.config);
        if let Some(lock) = self.lock {
            write_line(&mut text, "lock", lock.as_str());
        }
        if let Some(parent) = &self.parent {
            write_line(&mut text, "parent", parent);
        }
        if !self.pending.is_empty() {
            text.push_str("\n[PENDING]\n");
            for (key, pending) in self.pending.iter() {
                match pending {
                    Pending::Set(value) => write_line(&mut text, key, value),
                    Pending::Delete => write_line(&mut text, "delete", key),
                    Pending::ForceDelete => write_line(&mut text, "delete", &format!("!{key}")),
                }
            }
        }
        for (name, snapshot) in &self.snapshots {
            let _ = writeln!(text, "\n[{name}]");
            write_keys(&mut text, &snapshot.config);
            let description = snapshot.description.as_deref();
            write_line(&mut text, "description", description.unwrap_or_default());
            let parent = snapshot.parent.as_deref();
            write_line(&mut text, "parent", parent.unwrap_or_default());
            write_line(
                &mut text,
                "snaptime",
                &snapshot.taken.as_second().to_string(),
            );
        }
        text
    }
}

fn write_keys(text: &mut String, config: &Ordered<String>) {
    let sorted: BTreeMap<_, _> = config.iter().collect();
    for (key, value) in sorted {
        write_line(text, key, value);
    }
}

fn write_line(text: &mut String, key: &str, value: &str) {
    if !value.is_empty() {
        let _ = writeln!(text, "{key}: {value}");
    }
}

/// Keys in the order of the file, which is that of the alphabet, without those that say nothing: an empty value is
/// lost when the product reads its file again.
pub(super) fn as_written(kind: Kind, config: Ordered<String>) -> Ordered<String> {
    let written: BTreeMap<String, String> = config.into_iter().collect();
    let written = written.into_iter().map(|(key, value)| {
        let value = match &*key {
            "description" => description(kind, &value),
            _ => value,
        };
        (key, value)
    });
    written.filter(|(_, value)| !value.is_empty()).collect()
}

/// A description as it comes back from the file, where each of its lines is a comment. A container's has a newline
/// behind every line (`PVE::LXC::Config`); a machine's ends with its last word (`$finish_description` of
/// `PVE::QemuServer`).
fn description(kind: Kind, text: &str) -> String {
    let trimmed = match kind {
        Kind::Qemu => return text.trim_end().to_owned(),
        Kind::Lxc => text.trim_end_matches('\n'),
    };
    if trimmed.is_empty() {
        return String::new();
    }
    format!("{trimmed}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_back_from_the_file() {
        for (kind, description) in [(Kind::Lxc, "one\ntwo\n"), (Kind::Qemu, "one\ntwo")] {
            let given = [
                ("name", "a"),
                ("description", "one\ntwo\n\n"),
                ("tags", ""),
                ("cores", "2"),
            ];
            let config = given.map(|(key, value)| (key, value.to_owned()));
            let written = as_written(kind, config.into_iter().collect());
            let written: Vec<_> = written.into_iter().collect();
            let want = [("cores", "2"), ("description", description), ("name", "a")];
            let want = want.map(|(key, value)| (key.to_owned(), value.to_owned()));
            assert_eq!(written, want);
        }
    }
}
