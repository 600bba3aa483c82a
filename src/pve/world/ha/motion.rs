//! What rules say about where resources may be, and what stands in the way of a journey (`PVE::HA::Rules`).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Affinity, Rule, Sid, Wanted};
use crate::pve::world::World;
use crate::pve::world::guest::Guest;
use crate::pve::world::ids::NodeName;
use crate::pve::world::options::Options;

/// Why a resource stands in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// It does not belong on that node.
    Node,
    /// It and the other belong apart.
    Resource,
}

impl Cause {
    /// The product's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Node => "node-affinity",
            Self::Resource => "resource-affinity",
        }
    }
}

impl World {
    /// The guest of a resource.
    pub fn resource_guest(&self, sid: &Sid) -> Option<&Guest> {
        let guest = self.guests.get(&sid.vmid);
        guest.filter(|guest| guest.kind == sid.kind)
    }

    /// The rules in force that name a resource which is not left alone.
    fn rules_of<'a>(&'a self, sid: &'a Sid) -> impl Iterator<Item = &'a Rule> {
        let is_managed = self.is_kept(sid);
        let rules = self.ha.rules.values();
        rules.filter(move |rule| {
            is_managed && !is_set(&rule.options, "disable") && rule.resources.contains(sid)
        })
    }

    fn is_kept(&self, sid: &Sid) -> bool {
        let resource = self.ha.resources.get(sid);
        resource.is_some_and(|resource| resource.state != Wanted::Ignored)
    }

    /// Those that go where a resource goes.
    pub fn taken_along(&self, sid: &Sid) -> BTreeSet<Sid> {
        self.partners(sid, &Affinity::Together)
    }

    fn partners(&self, sid: &Sid, affinity: &Affinity) -> BTreeSet<Sid> {
        let rules = self.rules_of(sid).filter(|rule| rule.affinity == *affinity);
        let others = rules.flat_map(|rule| &rule.resources);
        let others = others.filter(|other| *other != sid && self.is_kept(other));
        others.copied().collect()
    }

    /// What keeps a resource from a node: a strict rule, or those there from which it belongs apart.
    pub fn in_the_way(&self, sid: &Sid, target: &NodeName) -> Vec<(Sid, Cause)> {
        let strict = self.rules_of(sid).filter(|rule| match &rule.affinity {
            Affinity::Nodes(nodes) => {
                is_set(&rule.options, "strict") && !nodes.contains_key(target)
            }
            Affinity::Together | Affinity::Apart => false,
        });
        let others = self.partners(sid, &Affinity::Apart).into_iter();
        let there = others.filter(|other| self.is_at(other, target));
        let there = there.map(|other| (other, Cause::Resource));
        strict.map(|_| (*sid, Cause::Node)).chain(there).collect()
    }

    fn is_at(&self, sid: &Sid, node: &NodeName) -> bool {
        let guest = self.resource_guest(sid);
        guest.is_some_and(|guest| guest.node == *node)
    }

    /// Where a resource goes whose node is gone: the node with the highest priority that rules and its group leave,
    /// beside those that it belongs to, and among equals the one with the fewest resources.
    pub(super) fn refuge(&self, sid: &Sid) -> Option<NodeName> {
        let mut nodes: BTreeMap<NodeName, u32> = self
            .nodes
            .iter()
            .filter(|(_, node)| node.is_online())
            .map(|(name, _)| (name.clone(), 0))
            .collect();
        let resource = self.ha.resources.get(sid)?;
        let group = resource
            .group
            .as_ref()
            .and_then(|name| self.ha.groups.get(name));
        let group = group.map(|group| (&group.nodes, is_set(&group.options, "restricted")));
        let rules = self.rules_of(sid).filter_map(|rule| match &rule.affinity {
            Affinity::Nodes(nodes) => Some((nodes, is_set(&rule.options, "strict"))),
            Affinity::Together | Affinity::Apart => None,
        });
        for (wanted, is_strict) in rules.chain(group) {
            let left = nodes
                .keys()
                .filter_map(|name| Some((name.clone(), *wanted.get(name)?)));
            let left: BTreeMap<NodeName, u32> = left.collect();
            if is_strict || !left.is_empty() {
                nodes = left;
            }
        }
        let apart = self.partners(sid, &Affinity::Apart);
        nodes.retain(|name, _| !apart.iter().any(|other| self.is_at(other, name)));
        let along = self.taken_along(sid);
        let beside = |name: &NodeName| along.iter().any(|other| self.is_at(other, name));
        if nodes.keys().any(beside) {
            nodes.retain(|name, _| beside(name));
        }
        let load = |name: &NodeName| {
            let there = self.ha.resources.keys().filter(|sid| self.is_at(sid, name));
            there.count()
        };
        let best = nodes
            .iter()
            .min_by_key(|(name, priority)| (u32::MAX - **priority, load(name), (*name).clone()));
        best.map(|(name, _)| name.clone())
    }
}

fn is_set(options: &Options, name: &str) -> bool {
    match options.0.get(name) {
        Some(Value::Bool(set)) => *set,
        Some(value) => value.as_u64() == Some(1),
        None => false,
    }
}
