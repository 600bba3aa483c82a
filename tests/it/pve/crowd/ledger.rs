//! What clients did and were told, held against what the server counted.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::House;

/// How many tasks the server keeps.
const KEPT: usize = 20_000;

/// What clients did, and what they were told.
#[derive(Default)]
pub(super) struct Ledger {
    /// The calls by operation and status.
    pub(super) calls: BTreeMap<(&'static str, &'static str), BTreeMap<u16, u64>>,
    /// The refusals by text.
    pub(super) refusals: BTreeMap<String, u64>,
    /// The tasks that were started.
    pub(super) tasks: Vec<String>,
}

impl Ledger {
    pub(super) fn add(&mut self, other: Self) {
        for (operation, statuses) in other.calls {
            let mine = self.calls.entry(operation).or_default();
            for (status, count) in statuses {
                *mine.entry(status).or_default() += count;
            }
        }
        for (words, count) in other.refusals {
            *self.refusals.entry(words).or_default() += count;
        }
        self.tasks.extend(other.tasks);
    }

    fn total(&self) -> u64 {
        self.calls.values().flat_map(BTreeMap::values).sum()
    }

    /// The server counted every call once, and has every task once.
    pub(super) fn expect_at(&self, house: &House) {
        let counters = house.admin("/counters");
        let counted = |counters: &Value, method: &str, route: &str| {
            let operations = counters["operations"].as_object().unwrap();
            let found = operations
                .values()
                .find(|one| one["method"] == method && one["route"] == route);
            found.unwrap()["byStatus"].clone()
        };
        for ((method, route), statuses) in &self.calls {
            let [now, before] = [&counters, &house.before].map(|all| counted(all, method, route));
            for (status, count) in statuses {
                let [now, before] =
                    [&now, &before].map(|all| all[status.to_string()].as_u64().unwrap_or(0));
                assert_eq!(now - before, *count, "{method} {route}: {status}");
            }
        }
        if house.server.is_some() {
            assert_eq!(
                house.admin("/requests?limit=1")["meta"]["total"],
                self.total()
            );
        }
        let tasks = house.admin("/tasks");
        let listed: Vec<&str> = tasks["tasks"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["upid"].as_str().unwrap())
            .collect();
        let distinct: BTreeSet<&str> = listed.iter().copied().collect();
        assert_eq!(distinct.len(), listed.len(), "tasks that stand twice");
        if listed.len() < KEPT {
            let missing: Vec<_> = self
                .tasks
                .iter()
                .filter(|upid| !distinct.contains(upid.as_str()))
                .collect();
            assert_eq!(missing, Vec::<&String>::new());
        }
    }

    #[expect(
        clippy::print_stdout,
        clippy::cast_precision_loss,
        reason = "figures for people"
    )]
    pub(super) fn tell(&self, clients: usize, rounds: usize, seconds: f64) {
        let total = self.total();
        let rate = total as f64 / seconds;
        println!(
            "{clients} clients: {rounds} rounds, {total} calls in {seconds:.1} s ({rate:.0} a second), {} tasks",
            self.tasks.len()
        );
        for (words, count) in &self.refusals {
            println!("  {count} times: {words}");
        }
    }
}
