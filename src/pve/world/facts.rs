//! What a guest's configuration amounts to: what every list shows, read once for each change.

use super::guest::{Guest, Kind};
use super::ordered::Ordered;
use super::size::Size;
use crate::proxmox::property_string::{PropertyString, Spelling};

/// What lists show of a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Facts {
    /// Of what they were read: a key may mean something else to the other kind.
    kind: Kind,
    /// How many processors it asks for; `None` leaves it to the node (containers).
    pub(super) cpus: Option<u32>,
    /// Its memory.
    pub(super) memory: Size,
    /// The size of the disk it boots from.
    pub(super) boot_disk: Size,
    /// Whether it is that of a template.
    pub(super) is_template: bool,
    /// Where its name and its tags stand.
    pub(super) name: Option<usize>,
    pub(super) tags: Option<usize>,
}

impl Guest {
    /// What its configuration amounts to.
    pub(super) fn facts(&self) -> Facts {
        let kept = *self.config.facts(|_| self.read_facts());
        if kept.kind == self.kind {
            return kept;
        }
        self.read_facts()
    }

    fn read_facts(&self) -> Facts {
        Facts {
            kind: self.kind,
            cpus: cpus(self.kind, &self.config),
            memory: memory(&self.config),
            boot_disk: self
                .boot_disk()
                .and_then(|disk| disk.size)
                .unwrap_or_default(),
            is_template: self.config.text("template") == Some("1"),
            name: self.config.place(match self.kind {
                Kind::Qemu => "name",
                Kind::Lxc => "hostname",
            }),
            tags: self.config.place("tags"),
        }
    }
}

fn cpus(kind: Kind, config: &Ordered<String>) -> Option<u32> {
    let number = |key: &str| config.text(key)?.parse::<u32>().ok();
    match kind {
        Kind::Qemu => Some(number("vcpus").unwrap_or_else(|| {
            let sockets = number("sockets").unwrap_or(1);
            sockets.saturating_mul(number("cores").unwrap_or(1))
        })),
        Kind::Lxc => number("cores"),
    }
}

fn memory(config: &Ordered<String>) -> Size {
    let text = config.text("memory").unwrap_or("512");
    let current = PropertyString::parse(text, Some("current"), Spelling::Plain);
    let mebibytes = current
        .ok()
        .and_then(|read| read.value("current")?.parse().ok());
    Size::mebibytes(mebibytes.unwrap_or(512))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_follow_every_change() {
        let mut guest: Guest = serde_json::from_str(
            r#"{"kind": "qemu", "node": "a", "config": {"memory": "1024", "scsi0": "s1:d,size=1G"}}"#,
        )
        .unwrap();
        let seen = |guest: &Guest| {
            let facts = guest.facts();
            (facts.cpus, facts.memory.0 >> 20, facts.boot_disk.0 >> 30)
        };
        let marks = |guest: &Guest| {
            let name = guest.given_name().unwrap_or_default().to_owned();
            (name, guest.tags().map(str::to_owned), guest.is_template())
        };
        assert_eq!(seen(&guest), (Some(1), 1024, 1));
        guest.config.set("memory", "2048".to_owned());
        assert_eq!(seen(&guest), (Some(1), 2048, 1));
        guest.config.set("cores", "3".to_owned());
        assert_eq!(seen(&guest), (Some(3), 2048, 1));
        *guest.config.get_mut("scsi0").unwrap() = "s1:d,size=2G".to_owned();
        assert_eq!(seen(&guest), (Some(3), 2048, 2));
        guest.config.remove("memory");
        assert_eq!(seen(&guest), (Some(3), 512, 2));
        assert_eq!(marks(&guest), (String::new(), None, false));
        for (key, value) in [("tags", "a"), ("name", "one"), ("template", "1")] {
            guest.config.set(key, value.to_owned());
        }
        assert_eq!(
            marks(&guest),
            ("one".to_owned(), Some("a".to_owned()), true)
        );
        guest.config.remove("tags");
        guest.config.set("tags", String::new());
        guest.config.set("template", "0".to_owned());
        assert_eq!(marks(&guest), ("one".to_owned(), None, false));
        let other = guest.clone();
        assert_eq!(other, guest);
        guest.kind = Kind::Lxc;
        assert_eq!(seen(&guest), (Some(3), 512, 0));
        guest.config.set("hostname", "two".to_owned());
        assert_eq!(guest.given_name(), Some("two"));
    }
}
