//! The tasks of a world, each with what it does when it is over, and what tests want of the next ones.
//!
//! Nothing runs: a task keeps what it will do, and its world does it once the time has come
//! ([`super::state::State::settle`]). `E` is what the tasks of a product do to its world; it is data, so that an
//! export of the world is complete.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::identity::Identity;
use super::product::Product;
use super::task::{Hold, Line, Outcome, State, Task};
use super::upid::{Process, Upid};

mod form;
mod plan;

pub use form::Entry;
pub use plan::{Plan, Wish};

/// How many finished tasks are kept. The products keep about as many in their archives; here it also bounds the
/// memory of a long run.
const KEPT: usize = 20_000;

/// All tasks of a world.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    default,
    deny_unknown_fields,
    rename_all = "kebab-case",
    bound(
        serialize = "E: Serialize + Clone",
        deserialize = "E: Deserialize<'de>"
    )
)]
pub struct Work<E> {
    /// The tasks, the oldest first.
    list: VecDeque<Entry<E>>,
    /// How many were begun, the number of the next one's process.
    begun: u64,
    /// What tests want of the next ones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    plans: Vec<Plan>,
    /// What need not be looked at again.
    #[serde(skip)]
    done: Done,
}

/// So many of the oldest tasks have nothing left to do. Every request asks whether something is due, and after a long
/// run nearly all of the list is over. It follows from the list, so it makes no difference between two of them.
#[derive(Debug, Clone, Copy, Default)]
struct Done(usize);

impl PartialEq for Done {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Done {}

/// A task about to begin.
#[derive(Debug, Clone)]
pub struct Job<E> {
    /// Its type: `qmstart`, `vzdump`, ...
    pub kind: String,
    /// What it works on, as people write it; often empty.
    pub id: String,
    /// How it ends, left alone.
    pub outcome: Outcome,
    /// Its log.
    pub lines: Vec<Line>,
    /// How long it takes, where that is not what simulated tasks take (`--task-time`).
    pub duration: Option<Duration>,
    /// What its end does.
    pub effects: Vec<E>,
}

impl<E> Job<E> {
    /// A task of this type that ends well and does nothing.
    pub fn new(kind: impl Into<String>, id: impl ToString) -> Self {
        Self {
            kind: kind.into(),
            id: id.to_string(),
            outcome: Outcome::Ok,
            lines: Vec::new(),
            duration: None,
            effects: Vec::new(),
        }
    }

    /// The same with one more thing that its end does.
    #[must_use]
    pub fn doing(mut self, effect: E) -> Self {
        self.effects.push(effect);
        self
    }

    /// The same with one more line in its log, there from the start.
    #[must_use]
    pub fn saying(mut self, line: impl Into<String>) -> Self {
        self.lines.push(Line::first(line));
        self
    }

    /// The same, taking so long whatever the others take.
    #[must_use]
    pub fn lasting(mut self, duration: Duration) -> Self {
        self.duration = Some(duration);
        self
    }

    /// The same with this error at its end.
    #[must_use]
    pub fn failing(mut self, text: impl Into<String>) -> Self {
        self.outcome = Outcome::Error(text.into());
        self
    }
}

/// Where, when and for whom a task begins.
#[derive(Debug, Clone)]
pub struct Start<'a> {
    /// Whose form of ids.
    pub product: Product,
    /// The node that it runs on.
    pub node: &'a str,
    /// Who started it.
    pub user: Identity,
    /// When.
    pub now: Timestamp,
    /// How long it takes, unless a plan says otherwise.
    pub duration: Duration,
}

impl<E> Default for Work<E> {
    fn default() -> Self {
        Self {
            list: VecDeque::new(),
            begun: 0,
            plans: Vec::new(),
            done: Done::default(),
        }
    }
}

impl<E> Work<E> {
    /// Begins a task and gives its id. The first plan that it falls under is used up.
    pub fn begin(&mut self, start: Start<'_>, job: Job<E>) -> Upid {
        let upid = Upid {
            node: start.node.to_owned(),
            process: Process::nth(start.product, self.begun),
            start: u32::try_from(start.now.as_second()).unwrap_or_default(),
            kind: job.kind,
            id: job.id,
            user: start.user,
        };
        self.begun += 1;
        let mut task = Task::new(
            upid.clone(),
            start.now,
            job.duration.unwrap_or(start.duration),
        );
        task.outcome = job.outcome;
        task.lines = job.lines;
        if let Some(wish) = plan::take(&mut self.plans, &upid) {
            wish.apply(&mut task);
        }
        let effects = job.effects;
        self.list.push_back(Entry { task, effects });
        self.pass_done();
        self.forget(start.now);
        upid
    }

    /// Gives a task that has begun one more thing that its end does: what names the task itself.
    pub fn also(&mut self, upid: &Upid, effect: E) {
        let mut entries = self.list.iter_mut().enumerate().rev();
        if let Some((at, entry)) = entries.find(|(_, entry)| entry.task.upid == *upid) {
            entry.effects.push(effect);
            self.done.0 = self.done.0.min(at);
        }
    }

    /// All tasks, the oldest first.
    pub fn tasks(&self) -> impl DoubleEndedIterator<Item = &Task> + Clone {
        self.list.iter().map(|entry| &entry.task)
    }

    /// All tasks with what they will do.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry<E>> {
        self.list.iter()
    }

    /// The task of this id.
    pub fn find(&self, upid: &Upid) -> Option<&Task> {
        self.tasks().rev().find(|task| task.upid == *upid)
    }

    /// The same to change it.
    pub fn find_mut(&mut self, upid: &Upid) -> Option<&mut Task> {
        let mut entries = self.list.iter_mut().rev();
        let found = entries.find(|entry| entry.task.upid == *upid);
        found.map(|entry| &mut entry.task)
    }

    /// Adds a task as it stands.
    pub fn add(&mut self, entry: Entry<E>) {
        self.list.push_back(entry);
    }

    /// Adds tasks as they stand, those of a file laid over the world, and drops the ones there are that are not
    /// to be kept.
    pub fn lay(
        &mut self,
        entries: impl IntoIterator<Item = Entry<E>>,
        kept: impl Fn(&Upid) -> bool,
    ) {
        self.done = Done::default();
        self.list.retain(|entry| kept(&entry.task.upid));
        self.list.extend(entries);
        let list = self.list.make_contiguous();
        list.sort_by_key(|entry| entry.task.started);
    }

    /// What tests want of the next tasks, in the order they are tried.
    pub fn plans(&self) -> &[Plan] {
        &self.plans
    }

    /// Adds a plan, after those there are.
    pub fn plan(&mut self, plan: Plan) {
        self.plans.push(plan);
    }

    /// Forgets all plans.
    pub fn clear_plans(&mut self) {
        self.plans.clear();
    }

    /// Lets go what is held and falls under a filter; gives the ids.
    pub fn release(&mut self, now: Timestamp, wanted: impl Fn(&Upid) -> bool) -> Vec<Upid> {
        let held = self.list.iter_mut().map(|entry| &mut entry.task);
        let held = held.filter(|task| task.hold == Hold::Held && wanted(&task.upid));
        held.map(|task| {
            task.release(now);
            task.upid.clone()
        })
        .collect()
    }

    /// Whether a task has ended by now whose effects are still to come.
    pub fn is_due(&self, now: Timestamp) -> bool {
        let waiting = self.list.iter().skip(self.done.0);
        let waiting = waiting.filter(|entry| !entry.effects.is_empty());
        let mut tasks = waiting.map(|entry| &entry.task);
        tasks.any(|task| !task.is_running(now))
    }

    /// What the tasks that ended by now were to do, in the order of their ends; of two that ended together the
    /// one that began first comes first. Each effect comes out once.
    pub fn take_due(&mut self, now: Timestamp) -> Vec<(Timestamp, Outcome, Vec<E>)> {
        let mut due = Vec::new();
        let waiting = self.list.iter_mut().skip(self.done.0);
        for entry in waiting.filter(|entry| !entry.effects.is_empty()) {
            if let State::Stopped { at, outcome } = entry.task.state(now) {
                due.push((at, outcome, std::mem::take(&mut entry.effects)));
            }
        }
        due.sort_by_key(|(at, ..)| *at);
        self.pass_done();
        due
    }

    fn pass_done(&mut self) {
        let rest = self.list.iter().skip(self.done.0);
        let done = rest.take_while(|entry| entry.effects.is_empty());
        self.done.0 += done.count();
    }

    /// Drops the tasks of a node that is gone, with its logs.
    pub fn forget_node(&mut self, node: &str) {
        self.done = Done::default();
        self.list.retain(|entry| entry.task.upid.node != node);
    }

    /// Drops the oldest tasks that are over, when there are too many.
    fn forget(&mut self, now: Timestamp) {
        while self.list.len() > KEPT {
            let over = |entry: &Entry<E>| entry.effects.is_empty() && !entry.task.is_running(now);
            if !self.list.front().is_some_and(over) {
                return;
            }
            self.list.pop_front();
            self.done.0 = self.done.0.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests;
