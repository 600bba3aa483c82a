//! Counters: per operation and status, per node, and those that the product itself keeps.
//!
//! Everything is counted by position, so taking an exchange in costs no formatting and at most one look-up
//! by name (the node's). Whatever a client can choose freely is bounded: node names in number and length,
//! statuses by being numbers.

use std::collections::HashMap;

use super::{Labels, Tally};

/// The most nodes that are counted one by one; the rest is summed up in [`Counters::other_nodes`].
pub const NODE_LIMIT: usize = 10_000;

/// The longest name of a node that is counted by itself, in bytes.
pub const NODE_NAME_LIMIT: usize = 256;

/// Everything that is counted.
#[derive(Debug, Clone)]
pub struct Counters {
    /// The product's own counters, in the order of [`Labels::counters`].
    pub named: Vec<u64>,
    /// Calls of each operation, in the order of [`Labels::operations`].
    pub operations: Vec<OperationCount>,
    /// Requests that named no operation of the contract.
    pub unmatched: u64,
    /// Replies by status, over everything.
    pub statuses: Sparse,
    /// Exchanges by node.
    pub nodes: HashMap<Box<str>, NodeCount>,
    /// The exchanges of nodes beyond [`NODE_LIMIT`] and of those with too long a name.
    pub other_nodes: NodeCount,
}

/// Calls of one operation.
#[derive(Debug, Clone)]
pub struct OperationCount {
    /// All of them.
    pub total: u64,
    /// The same by status of the reply; declared statuses are always present.
    pub statuses: Sparse,
}

/// Exchanges of one node.
#[derive(Debug, Clone, Default)]
pub struct NodeCount {
    /// All of them.
    pub total: u64,
    /// The product's own counters, by position, those that moved.
    pub named: Sparse,
}

/// Counts under a few numbers out of many, in the order of the numbers.
#[derive(Debug, Clone, Default)]
pub struct Sparse(Vec<(u16, u64)>);

impl Counters {
    /// Counters that stand at zero.
    pub fn new(labels: &Labels) -> Self {
        let operations = labels.operations.iter();
        Self {
            named: vec![0; labels.counters.len()],
            operations: operations
                .map(|operation| OperationCount {
                    total: 0,
                    statuses: Sparse::seeded(&operation.statuses),
                })
                .collect(),
            unmatched: 0,
            statuses: Sparse::default(),
            nodes: HashMap::new(),
            other_nodes: NodeCount::default(),
        }
    }

    /// Counts one exchange.
    pub fn take(&mut self, tally: &Tally, status: u16) {
        self.statuses.add(status);
        let operation = tally.operation.map(usize::from);
        match operation.and_then(|at| self.operations.get_mut(at)) {
            Some(count) => {
                count.total += 1;
                count.statuses.add(status);
            }
            None => self.unmatched += 1,
        }
        let named = tally.counter.map(usize::from);
        if let Some(value) = named.and_then(|at| self.named.get_mut(at)) {
            *value += 1;
        }
        if let Some(node) = &tally.node {
            let count = self.node(node);
            count.total += 1;
            if let Some(counter) = tally.counter {
                count.named.add(counter);
            }
        }
    }

    /// Sets everything to zero. Series that exist stay, because whoever watches one would take its
    /// absence for an error.
    pub fn zero(&mut self) {
        self.named.fill(0);
        for operation in &mut self.operations {
            operation.total = 0;
            operation.statuses.zero();
        }
        self.unmatched = 0;
        self.statuses.zero();
        self.nodes = HashMap::new();
        self.other_nodes = NodeCount::default();
    }

    fn node(&mut self, name: &str) -> &mut NodeCount {
        let room = self.nodes.len() < NODE_LIMIT && name.len() <= NODE_NAME_LIMIT;
        if !self.nodes.contains_key(name) {
            if !room {
                return &mut self.other_nodes;
            }
            self.nodes.insert(name.into(), NodeCount::default());
        }
        self.nodes.get_mut(name).unwrap_or(&mut self.other_nodes)
    }
}

impl Sparse {
    /// Counts of zero under these numbers.
    pub fn seeded(numbers: &[u16]) -> Self {
        let mut counts: Vec<_> = numbers.iter().map(|&number| (number, 0)).collect();
        counts.sort_unstable();
        counts.dedup();
        Self(counts)
    }

    /// The count under a number; zero when it never occurred.
    pub fn of(&self, number: u16) -> u64 {
        let at = self.0.binary_search_by_key(&number, |&(known, _)| known);
        at.map_or(0, |at| self.0[at].1)
    }

    /// All numbers with their counts, in order.
    pub fn iter(&self) -> impl Iterator<Item = (u16, u64)> {
        self.0.iter().copied()
    }

    fn add(&mut self, number: u16) {
        match self.0.binary_search_by_key(&number, |&(known, _)| known) {
            Ok(at) => self.0[at].1 += 1,
            Err(at) => self.0.insert(at, (number, 1)),
        }
    }

    fn zero(&mut self) {
        for (_, count) in &mut self.0 {
            *count = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::OperationLabel;

    fn counters() -> Counters {
        Counters::new(&Labels {
            operations: vec![OperationLabel {
                name: "heartbeat".into(),
                method: "POST".into(),
                template: "/v1/nodes/{id}/heartbeat".into(),
                statuses: vec![400, 200, 200],
            }],
            counters: vec!["heartbeat_count".into()],
            captures: Vec::new(),
        })
    }

    fn call(node: &str) -> Tally {
        Tally {
            operation: Some(0),
            counter: Some(0),
            node: Some(node.into()),
            ..Tally::default()
        }
    }

    #[test]
    fn counts_by_operation_status_and_node() {
        let mut counters = counters();
        counters.take(&call("a"), 200);
        counters.take(&call("b"), 418);
        counters.take(&Tally::default(), 404);
        let out_of_range = Tally {
            operation: Some(9),
            counter: Some(9),
            ..Tally::default()
        };
        counters.take(&out_of_range, 404);
        assert_eq!(counters.named, [2]);
        assert_eq!(counters.unmatched, 2);
        let statuses: Vec<_> = counters.operations[0].statuses.iter().collect();
        assert_eq!(statuses, [(200, 1), (400, 0), (418, 1)]);
        assert_eq!(counters.statuses.of(404), 2);
        assert_eq!(counters.nodes["a"].total, 1);
        assert_eq!(counters.nodes["b"].named.of(0), 1);
    }

    #[test]
    fn zero_keeps_the_series() {
        let mut counters = counters();
        counters.take(&call("a"), 418);
        counters.zero();
        let statuses: Vec<_> = counters.operations[0].statuses.iter().collect();
        assert_eq!(statuses, [(200, 0), (400, 0), (418, 0)]);
        assert!(counters.nodes.is_empty());
        assert_eq!((counters.named[0], counters.operations[0].total), (0, 0));
    }

    #[test]
    fn nodes_are_bounded() {
        let mut counters = counters();
        for number in 0..NODE_LIMIT + 5 {
            counters.take(&call(&format!("node-{number}")), 200);
        }
        counters.take(&call("node-1"), 200);
        counters.take(&call(&"x".repeat(NODE_NAME_LIMIT + 1)), 200);
        assert_eq!(counters.nodes.len(), NODE_LIMIT);
        assert_eq!(counters.nodes["node-1"].total, 2);
        assert_eq!(counters.other_nodes.total, 6);
        assert_eq!(counters.other_nodes.named.of(0), 6);
    }
}
