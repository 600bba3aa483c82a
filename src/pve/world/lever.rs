//! What tests move in a cluster from outside of it: nodes that go and come back, what is inside guests, and locks.
//!
//! A node that is gone is cut off from the others, not switched off: what runs on it goes on where nobody sees it, so
//! that all is as before when it is back. Whoever wants a guest or a task of it dead says so by the means for that.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::World;
use super::agent::Agent;
use super::check;
use super::cidr::Cidr;
use super::guest::{Guest, Lock};
use super::ids::{NodeName, Vmid};
use super::node::{Node, Presence};
use crate::contract::merge;
use crate::personality::{Lever, Pull, Stuck, Watched};
use crate::proxmox::world_file;

/// How many names a refusal lists.
const LISTED: usize = 20;

impl World {
    /// How a lever stands.
    pub(super) fn lever(&self, lever: Lever<'_>, now: Timestamp) -> Result<Value, Stuck> {
        Ok(match lever {
            Lever::Node(name) => {
                let (name, node) = self.named_node(name)?;
                json!({"node": name.as_str(), "status": word(node)})
            }
            Lever::Agent(vmid) => {
                let (vmid, guest) = self.numbered(vmid)?;
                let silence = guest.agent_silence(vmid, self.running_since(guest), now);
                json!({
                    "vmid": vmid.number(),
                    "agent": guest.agent.as_deref().cloned().unwrap_or_default(),
                    "state": silence.unwrap_or_else(|| "answering".to_owned()),
                })
            }
            Lever::Lock(vmid) => {
                let (vmid, guest) = self.numbered(vmid)?;
                json!({"vmid": vmid.number(), "lock": guest.lock.map(Lock::as_str)})
            }
        })
    }

    /// Moves a lever.
    pub(super) fn move_lever(&mut self, lever: Lever<'_>, pull: Pull<'_>) -> Result<(), Stuck> {
        match lever {
            Lever::Node(name) => {
                let name = self.named_node(name)?.0.clone();
                let presence = presence(pull)?;
                self.stays_reachable(&name, presence)?;
                if let Some(node) = self.nodes.get_mut(&name) {
                    node.presence = presence;
                }
            }
            Lever::Agent(vmid) => {
                let (vmid, guest) = self.numbered(vmid)?;
                let agent = script(guest, pull)?;
                if let Some(guest) = self.guests.get_mut(&vmid) {
                    guest.agent = agent.map(Box::new);
                }
            }
            Lever::Lock(vmid) => {
                let (vmid, guest) = self.numbered(vmid)?;
                let lock = lock(guest, pull)?;
                if let Some(guest) = self.guests.get_mut(&vmid) {
                    guest.lock = lock;
                }
            }
        }
        Ok(())
    }

    /// The state of a guest or node in one word.
    pub(super) fn word_of(&self, watched: Watched<'_>) -> Option<&'static str> {
        let word = match watched {
            Watched::Guest(vmid) => self
                .numbered(vmid)
                .ok()
                .map(|(_, guest)| guest.status.word()),
            Watched::Node(name) => self.named_node(name).ok().map(|(_, node)| word(node)),
            Watched::Task(_) => return None,
        };
        Some(word.unwrap_or("absent"))
    }

    /// Whether more than half of the nodes are there.
    pub fn is_quorate(&self) -> bool {
        let online = self.nodes.values().filter(|node| node.is_online());
        online.count() * 2 > self.nodes.len()
    }

    /// Somebody has to answer.
    fn stays_reachable(&self, name: &NodeName, presence: Presence) -> Result<(), Stuck> {
        let mut others = self.nodes.iter().filter(|(other, _)| *other != name);
        if presence == Presence::Online || others.any(|(_, node)| node.is_online()) {
            return Ok(());
        }
        Err(Stuck::Senseless(match self.nodes.len() {
            1 => format!("{name} is a machine of its own: without it nobody would answer"),
            _ => format!("{name} is the last node that is online: without it nobody would answer"),
        }))
    }

    fn named_node(&self, name: &str) -> Result<(&NodeName, &Node), Stuck> {
        let mut nodes = self.nodes.iter();
        nodes
            .find(|(known, _)| known.as_str() == name)
            .ok_or_else(|| {
                let known = listed(self.nodes.keys());
                Stuck::Unknown(format!("there is no node {name}"), known)
            })
    }

    fn numbered(&self, vmid: &str) -> Result<(Vmid, &Guest), Stuck> {
        let number = vmid.parse::<Vmid>().ok();
        let found = number.and_then(|vmid| Some((vmid, self.guests.get(&vmid)?)));
        found.ok_or_else(|| {
            let known = listed(self.guests.keys());
            Stuck::Unknown(format!("there is no guest {vmid}"), known)
        })
    }
}

impl Guest {
    /// The addresses that a test gave to a network card; `None` when it did not.
    pub fn scripted_addresses(&self, card: &str) -> Option<Vec<Cidr>> {
        let texts = self.agent.as_ref()?.addresses.get(card)?;
        Some(texts.iter().filter_map(|text| text.parse().ok()).collect())
    }
}

fn word(node: &Node) -> &'static str {
    match node.presence {
        Presence::Online => "online",
        Presence::Offline => "offline",
    }
}

fn listed<T: ToString>(names: impl ExactSizeIterator<Item = T>) -> String {
    let rest = names.len().saturating_sub(LISTED);
    let names: Vec<String> = names.take(LISTED).map(|name| name.to_string()).collect();
    match (names.is_empty(), rest) {
        (true, _) => "there are none at all".to_owned(),
        (false, 0) => format!("there are {}", names.join(", ")),
        (false, rest) => format!("there are {} and {rest} more", names.join(", ")),
    }
}

fn presence(pull: Pull<'_>) -> Result<Presence, Stuck> {
    let status = match pull {
        Pull::To(body) | Pull::By(body) => body.get("status").and_then(Value::as_str),
        Pull::Back => Some("online"),
    };
    match status.map(|status| status.trim().to_lowercase()).as_deref() {
        Some("online") => Ok(Presence::Online),
        Some("offline") => Ok(Presence::Offline),
        _ => Err(Stuck::Field(
            "`status` of a node is online or offline".to_owned(),
            "/status".to_owned(),
        )),
    }
}

fn lock(guest: &Guest, pull: Pull<'_>) -> Result<Option<Lock>, Stuck> {
    let (Pull::To(body) | Pull::By(body)) = pull else {
        return Ok(None);
    };
    let wanted = body.get("lock").and_then(Value::as_str);
    let known = Lock::of(guest.kind);
    let found = known.iter().find(|lock| Some(lock.as_str()) == wanted);
    found.copied().map(Some).ok_or_else(|| {
        let known: Vec<&str> = known.iter().map(|lock| lock.as_str()).collect();
        let kind = guest.kind.as_str();
        let text = format!("`lock` of a {kind} guest is one of {}", known.join(", "));
        Stuck::Field(text, "/lock".to_owned())
    })
}

/// The script as it will be; `None` is a guest that nobody scripted.
fn script(guest: &Guest, pull: Pull<'_>) -> Result<Option<Agent>, Stuck> {
    let wanted = match pull {
        Pull::Back => return Ok(None),
        Pull::To(body) => body.clone(),
        Pull::By(patch) => {
            let now = guest.agent.as_deref().cloned().unwrap_or_default();
            // Every key of a script is a text or a number.
            let mut merged = serde_json::to_value(now).unwrap_or_default();
            merge(&mut merged, patch);
            merged
        }
    };
    let refused = |path: &str, text: &str| {
        let place = if path.is_empty() { "the script" } else { path };
        Stuck::Field(format!("{place}: {text}"), String::new())
    };
    if !wanted.is_object() {
        return Err(refused("", "must be an object"));
    }
    let agent: Agent =
        world_file::read(&wanted).map_err(|fault| refused(&fault.path, &fault.message))?;
    match check::agent::fault(&agent, guest.kind) {
        Some((path, text)) => Err(refused(&path, &text)),
        None => Ok(Some(agent).filter(|agent| *agent != Agent::default())),
    }
}
