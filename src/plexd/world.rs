//! What tests can replace, and what registrations leave behind: the whole mutable state of the Central API.
//!
//! The state document is kept as the text that is served, so that reading it costs a copy of a pointer and
//! raw payloads stay as they were written.

use std::collections::HashMap;
use std::net::Ipv4Addr;

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::keys::Keys;

/// The state of one Central API.
#[derive(Debug, Clone)]
pub struct World {
    state: Bytes,
    heartbeat: Heartbeat,
    nodes: Vec<Node>,
    /// Positions in `nodes` by node id.
    by_id: HashMap<String, usize>,
    last_nonce: i128,
}

/// What a heartbeat is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heartbeat {
    /// Asks the agent to pull its state.
    pub reconcile: bool,
    /// Asks the agent to rotate its keys.
    pub rotate_keys: bool,
}

/// Upstream's first answer: pull the state, keep the keys.
impl Default for Heartbeat {
    fn default() -> Self {
        Self {
            reconcile: true,
            rotate_keys: false,
        }
    }
}

/// A node that registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// Its id.
    pub node_id: String,
    /// Its address in the mesh.
    pub mesh_ip: String,
    /// Its secret key: 32 characters.
    pub node_secret_key: String,
    /// The public key it sent, base64.
    #[serde(default)]
    pub public_key: String,
    /// The host name it sent.
    #[serde(default)]
    pub hostname: String,
    /// When it registered last; 1970 when a world file does not say.
    #[serde(default)]
    pub registered_at: Timestamp,
}

/// What every node is given by default: the fixture `register`.
#[derive(Debug, Clone, Deserialize)]
pub struct Identity {
    /// The node's id.
    pub node_id: String,
    /// Its address in the mesh.
    pub mesh_ip: String,
    /// The server's public key.
    pub signing_public_key: String,
    /// The node's secret key: 32 characters.
    pub node_secret_key: String,
    /// The peers it learns of.
    pub peers: Vec<Value>,
}

/// The most nodes that a mesh of 10.99.0.0/16 is given.
const MOST_NODES: usize = 65_000;

impl World {
    /// A world with this state document (normalised JSON text), heartbeat answer and registered nodes.
    pub fn new(state: &str, heartbeat: Heartbeat, nodes: Vec<Node>) -> Self {
        let ids = nodes.iter().map(|node| node.node_id.clone());
        Self {
            state: line(state),
            heartbeat,
            by_id: ids.zip(0..).collect(),
            nodes,
            last_nonce: 0,
        }
    }

    /// The state document as it is served: compact JSON with a newline.
    pub fn state(&self) -> Bytes {
        self.state.clone()
    }

    /// Replaces the state document by normalised JSON text.
    pub fn replace_state(&mut self, state: &str) {
        self.state = line(state);
    }

    /// What heartbeats are answered.
    pub fn heartbeat(&self) -> Heartbeat {
        self.heartbeat
    }

    /// Sets what later heartbeats are answered.
    pub fn replace_heartbeat(&mut self, heartbeat: Heartbeat) {
        self.heartbeat = heartbeat;
    }

    /// The nodes in the order of their first registration.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The node of that id.
    pub fn node(&self, node_id: &str) -> Option<&Node> {
        self.by_id.get(node_id).map(|&at| &self.nodes[at])
    }

    /// Takes a registration of the one node that upstream's mock knows, again and again.
    pub fn register_known(&mut self, node: Node) {
        if let Some(&at) = self.by_id.get(&node.node_id) {
            self.nodes[at] = node;
        } else {
            self.by_id.insert(node.node_id.clone(), self.nodes.len());
            self.nodes.push(node);
        }
    }

    /// Gives a registration a node of its own: the next id, mesh address and key. `None` when the mesh is
    /// full.
    pub fn register_distinct(
        &mut self,
        keys: &Keys,
        public_key: String,
        hostname: String,
        now: Timestamp,
    ) -> Option<&Node> {
        let n =
            (self.nodes.len() + 1..=MOST_NODES).find(|n| !self.by_id.contains_key(&node_id(*n)))?;
        self.register_known(Node {
            node_id: node_id(n),
            mesh_ip: mesh_ip(n).to_string(),
            node_secret_key: keys.node_secret_key(n),
            public_key,
            hostname,
            registered_at: now,
        });
        self.nodes.last()
    }

    /// A number for a nonce that was never given before: the clock's nanoseconds, or the next number when the
    /// clock stands still (an agent refuses a nonce that it saw within five minutes).
    pub fn fresh_nonce(&mut self, now: Timestamp) -> i128 {
        self.last_nonce = now.as_nanosecond().max(self.last_nonce + 1);
        self.last_nonce
    }
}

fn node_id(n: usize) -> String {
    format!("node-mock-{n:03}")
}

/// The n-th address of the mesh, counted from 1; .2 and .3 belong to the fixture peers.
fn mesh_ip(n: usize) -> Ipv4Addr {
    let host = u32::try_from(if n == 1 { 1 } else { n + 2 }).unwrap_or(u32::MAX);
    Ipv4Addr::from_bits(Ipv4Addr::new(10, 99, 0, 0).to_bits() | (host & 0xffff))
}

fn line(json: &str) -> Bytes {
    let mut line = String::with_capacity(json.len() + 1);
    line.push_str(json);
    line.push('\n');
    line.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world() -> World {
        World::new("{}", Heartbeat::default(), Vec::new())
    }

    #[test]
    fn distinct_nodes_share_nothing() {
        let (mut world, keys) = (world(), Keys::new(None));
        let mut register = || {
            let now = Timestamp::UNIX_EPOCH;
            let node = world.register_distinct(&keys, String::new(), String::new(), now);
            node.unwrap().clone()
        };
        let nodes = [register(), register(), register()];
        let ids: Vec<_> = nodes.iter().map(|node| &*node.node_id).collect();
        assert_eq!(ids, ["node-mock-001", "node-mock-002", "node-mock-003"]);
        let addresses: Vec<_> = nodes.iter().map(|node| &*node.mesh_ip).collect();
        assert_eq!(addresses, ["10.99.0.1", "10.99.0.4", "10.99.0.5"]);
        assert_ne!(nodes[0].node_secret_key, nodes[1].node_secret_key);
        assert_eq!(world.node("node-mock-002"), Some(&nodes[1]));
    }

    #[test]
    fn addresses_of_the_mesh_never_repeat() {
        let mut seen = std::collections::HashSet::new();
        assert!((1..=MOST_NODES).all(|n| seen.insert(mesh_ip(n))));
        assert!(!seen.contains(&Ipv4Addr::new(10, 99, 0, 2)));
        assert!(!seen.contains(&Ipv4Addr::new(10, 99, 0, 3)));
    }

    #[test]
    fn nonces_differ_even_when_the_clock_stands() {
        let mut world = world();
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let first = world.fresh_nonce(now);
        assert_eq!(first, now.as_nanosecond());
        assert!(world.fresh_nonce(now) > first);
    }
}
