//! What is inside guests, as tests script it: a name that nothing looks up would be a script that does nothing.

use std::collections::BTreeMap;

use super::super::agent::{Agent, Content};
use super::super::cidr::Cidr;
use super::super::guest::Kind;
use crate::proxmox::world_file::member;

/// The commands of the agent that answer something of their own.
const COMMANDS: [&str; 20] = [
    "fsfreeze-freeze",
    "fsfreeze-status",
    "fsfreeze-thaw",
    "fstrim",
    "get-fsinfo",
    "get-host-name",
    "get-memory-block-info",
    "get-memory-blocks",
    "get-osinfo",
    "get-time",
    "get-timezone",
    "get-users",
    "get-vcpus",
    "info",
    "network-get-interfaces",
    "ping",
    "shutdown",
    "suspend-disk",
    "suspend-hybrid",
    "suspend-ram",
];

/// Those that answer what a program, a file or a user says, and can only fail.
const OTHER_COMMANDS: [&str; 6] = [
    "exec",
    "exec-status",
    "file-open",
    "file-read",
    "file-write",
    "set-user-password",
];

/// The first fault of a script in a guest of a kind: the path of the field, and a sentence.
pub(in crate::pve::world) fn fault(agent: &Agent, kind: Kind) -> Option<(String, String)> {
    if kind == Kind::Lxc {
        let own = Agent {
            addresses: agent.addresses.clone(),
            shutdown: agent.shutdown,
            ..Agent::default()
        };
        if *agent != own {
            let text = "a container has no guest agent: it takes `addresses` and `shutdown`";
            return Some((String::new(), text.to_owned()));
        }
    }
    addresses(&agent.addresses)
        .or_else(|| names("answers", &agent.answers, &[&COMMANDS]))
        .or_else(|| names("failures", &agent.failures, &[&COMMANDS, &OTHER_COMMANDS]))
        .or_else(|| files(&agent.files))
}

fn addresses(addresses: &BTreeMap<String, Vec<String>>) -> Option<(String, String)> {
    for (key, texts) in addresses {
        let path = member("addresses", key);
        let number = key.strip_prefix("net").and_then(|n| n.parse::<u8>().ok());
        if number.is_none() {
            return Some((path, "network cards are net0, net1 and so on".to_owned()));
        }
        for (n, text) in texts.iter().enumerate() {
            if text.parse::<Cidr>().is_err() || !text.contains('/') {
                let text = format!("{text:?} is no address such as 192.0.2.7/24");
                return Some((format!("{path}[{n}]"), text));
            }
        }
    }
    None
}

fn names<T>(
    field: &str,
    given: &BTreeMap<String, T>,
    known: &[&[&str]],
) -> Option<(String, String)> {
    let strange = given.keys().find(|name| {
        let mut lists = known.iter();
        !lists.any(|list| list.contains(&name.as_str()))
    })?;
    let text = format!(
        "is no such command; there are {}",
        known.concat().join(", ")
    );
    Some((member(field, strange), text))
}

fn files(files: &BTreeMap<String, Content>) -> Option<(String, String)> {
    let is_broken = |content: &Content| content.checked().is_none();
    let (path, _) = files.iter().find(|(_, content)| is_broken(content))?;
    Some((member("files", path), "its base64 is none".to_owned()))
}
