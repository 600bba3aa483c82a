//! What a guest's configuration amounts to: the figures that every list shows, read once for each change.

use super::guest::{Guest, Kind};
use super::ordered::Ordered;
use super::size::Size;
use crate::proxmox::property_string::{PropertyString, Spelling};

/// Figures of a configuration.
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
}

impl Guest {
    /// The figures of its configuration.
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
        assert_eq!(seen(&guest), (Some(1), 1024, 1));
        guest.config.set("memory", "2048".to_owned());
        assert_eq!(seen(&guest), (Some(1), 2048, 1));
        guest.config.set("cores", "3".to_owned());
        assert_eq!(seen(&guest), (Some(3), 2048, 1));
        *guest.config.get_mut("scsi0").unwrap() = "s1:d,size=2G".to_owned();
        assert_eq!(seen(&guest), (Some(3), 2048, 2));
        guest.config.remove("memory");
        assert_eq!(seen(&guest), (Some(3), 512, 2));
        let other = guest.clone();
        assert_eq!(other, guest);
        guest.kind = Kind::Lxc;
        assert_eq!(seen(&guest), (Some(3), 512, 0));
    }
}
