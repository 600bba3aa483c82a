//! Large clusters, grown out of the lab: as many guests as somebody wants, on as many nodes as they need.
//!
//! The same seed grows the same cluster. What the lab says of the cluster as a whole stays (users, networks,
//! notifications), so that every list has something in it; everything of nodes and guests is made anew.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::World;
use super::backup::Selection;
use super::guest::Kind;
use super::ids::{NodeName, Shelf, Vmid};
use super::node::Node;
use super::size::Size;
use super::task::Effect;
use crate::proxmox::work::Entry;
use crate::proxmox::world_file;

mod guests;

/// What a node of this size carries: 200 guests of 5 GiB on 1 TiB of memory.
const GUESTS_PER_NODE: u32 = 200;

/// The smallest cluster that stays one when a node is gone.
const FEWEST_NODES: u32 = 3;

/// How many tasks the nodes remember.
const TASKS: usize = 200;

impl World {
    /// A cluster of so many guests.
    pub(super) fn grown(mut self, guests: u32, seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        self.forget_guests();
        self.grow_nodes(
            guests.div_ceil(GUESTS_PER_NODE).max(FEWEST_NODES),
            &mut random,
        );
        self.grow_guests(guests, &mut random);
        self.grow_tasks(&mut random);
        self.grow_storages();
        self
    }

    /// Everything that is about a guest of the lab.
    fn forget_guests(&mut self) {
        self.guests.clear();
        self.volumes.clear();
        self.replication.clear();
        self.ha.resources.clear();
        self.ha.groups.clear();
        self.ha.rules.clear();
        self.tasks.lay([], |_| false);
        for pool in self.pools.values_mut() {
            pool.guests.clear();
        }
        self.backup_jobs
            .retain(|_, job| matches!(job.selection, Selection::AllBut(_)));
        let is_other = |path: &String| !path.starts_with("guests/");
        self.sections.retain(|path, _| is_other(path));
        self.lists.retain(|path, _| is_other(path));
        self.options.retain(|path, _| is_other(path));
    }

    /// Nodes like those of the lab, with more in them. The lab's own keep their names, because its networks and
    /// disks name them.
    fn grow_nodes(&mut self, count: u32, random: &mut fastrand::Rng) {
        let templates: Vec<Node> = self.nodes.values().cloned().collect();
        for number in 1..=count {
            let at = usize::try_from(number - 1).unwrap_or_default() % templates.len().max(1);
            let name: Result<NodeName, _> = format!("pve{number:02}").parse();
            if let (Ok(name), Some(template)) = (name, templates.get(at)) {
                let node = grown(template, &name, number, random);
                self.nodes.insert(name, node);
            }
        }
        self.cluster.version = count;
        for storage in self.storages.values_mut() {
            storage.nodes.clear();
        }
    }

    /// Room for everything that was put on the storages, and as much again.
    fn grow_storages(&mut self) {
        let shelves: Vec<Shelf> = self.volumes.keys().cloned().collect();
        for shelf in shelves {
            let used = self.used(&shelf);
            if let Some(storage) = self.storages.get_mut(&shelf.storage) {
                let tebibyte = 1_u64 << 40;
                let wanted = used.bytes().saturating_mul(2).div_ceil(tebibyte);
                storage.size = storage.size.max(Size(wanted.saturating_mul(tebibyte)));
            }
        }
    }

    /// The last things that happened, one to each of some guests.
    fn grow_tasks(&mut self, random: &mut fastrand::Rng) {
        let guests: Vec<(Vmid, Kind, NodeName)> = self
            .guests
            .iter()
            .map(|(vmid, guest)| (*vmid, guest.kind, guest.node.clone()))
            .collect();
        let Some(last) = self.nodes.values().map(|node| node.started).max() else {
            return;
        };
        let entries = (0..TASKS.min(guests.len())).filter_map(|n| {
            let (vmid, kind, node) = random.choice(&guests)?;
            let kinds = match kind {
                Kind::Qemu => ["qmstart", "qmsnapshot", "vzdump"],
                Kind::Lxc => ["vzstart", "vzsnapshot", "vzdump"],
            };
            let kind = random.choice(&kinds[..])?;
            let start = last.as_second() + 86_400 + i64::try_from(n).ok()? * 120;
            let (pid, began) = (random.u32(2_000..4_000_000), random.u32(0x1_0000..));
            let upid =
                format!("UPID:{node}:{pid:08X}:{began:08X}:{start:08X}:{kind}:{vmid}:root@pam:");
            let file = json!({ "upid": upid, "milliseconds": random.u32(500..90_000) });
            world_file::read::<Entry<Effect>>(&file).ok()
        });
        let entries: Vec<_> = entries.collect();
        self.tasks.lay(entries, |_| true);
    }
}

/// A node of a large cluster.
fn grown(template: &Node, name: &NodeName, number: u32, random: &mut fastrand::Rng) -> Node {
    let mut node = template.clone();
    node.id = number;
    node.started = later(node.started, random.i64(0..1_000_000));
    let old = node.address;
    node.address = moved(old, Ipv4Addr::new(10, 10, 10, 10), number);
    for interface in node.network.values_mut() {
        let cidr = interface
            .cidr
            .as_deref()
            .and_then(|cidr| cidr.split_once('/'));
        let Some((Ok(host), length)) =
            cidr.map(|(host, length)| (host.parse::<Ipv4Addr>(), length))
        else {
            continue;
        };
        let [a, b, c, _] = host.octets();
        let host = moved(host.into(), Ipv4Addr::new(a, b, c, 10), number);
        interface.cidr = Some(format!("{host}/{length}"));
    }
    node.hosts = format!(
        "127.0.0.1 localhost.localdomain localhost\n{} {name}.e2e.example {name}\n",
        node.address
    );
    let octets: Vec<String> = (0..32).map(|_| format!("{:02X}", random.u8(..))).collect();
    node.fingerprint = octets.join(":");
    node.processors.sockets = 2;
    node.processors.cores = 64;
    node.processors.threads = 128;
    node.memory.size = Size(1 << 40);
    node.memory.used = Size(12 << 30);
    node
}

/// The address so many after a first one.
fn moved(old: IpAddr, first: Ipv4Addr, number: u32) -> IpAddr {
    match u32::from(first).checked_add(number) {
        Some(address) => IpAddr::V4(address.into()),
        None => old,
    }
}

/// So many seconds later.
fn later(moment: Timestamp, seconds: i64) -> Timestamp {
    moment
        .saturating_add(SignedDuration::from_secs(seconds))
        .unwrap_or(moment)
}

/// The members of pools by name, made as they come.
type Members = BTreeMap<&'static str, Vec<Vmid>>;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pve::world::invariants;

    fn lab() -> World {
        World::read_text(include_str!("../../../fixtures/pve/default.json")).unwrap()
    }

    #[test]
    fn clusters_of_all_sizes_hold() {
        for guests in [1, 10, 1_000] {
            let world = lab().grown(guests, 7);
            assert_eq!(invariants(&world), [""; 0]);
            assert_eq!(u32::try_from(world.guests.len()).unwrap(), guests);
            assert_eq!(World::read(&world.export()).unwrap(), world);
        }
    }

    #[test]
    fn the_same_seed_grows_the_same() {
        assert_eq!(lab().grown(50, 7), lab().grown(50, 7));
        assert_ne!(lab().grown(50, 7), lab().grown(50, 8));
    }

    #[test]
    fn four_of_five_run() {
        let world = lab().grown(1_000, 7);
        let running = world
            .guests
            .values()
            .filter(|guest| guest.status.is_running());
        assert!((770..830).contains(&running.count()));
        let snapshots = world
            .guests
            .values()
            .filter(|guest| !guest.snapshots.is_empty());
        assert!(snapshots.count() > 50);
        assert_eq!(world.nodes.len(), 5);
        assert!(world.pools.values().all(|pool| !pool.guests.is_empty()));
    }
}
