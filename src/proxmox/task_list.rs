//! Lists of tasks with their filters and `total`, as each product counts.
//!
//! Which task a filter takes is `PVE::API2::Tasks` and Backup Server's `api2/node/tasks.rs`; the parameters are
//! in proxmox.md 3.2 and 3.4.

use jiff::Timestamp;

use super::arguments::Arguments;
use super::product::Product;
use super::task::{Outcome, State, Task};

/// Which tasks Proxmox VE looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Those that are over.
    Archive,
    /// Those that run.
    Active,
    /// Both.
    All,
}

/// What `statusfilter` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusKind {
    /// `OK`.
    Ok,
    /// `WARNINGS: n`.
    Warning,
    /// Any other text.
    Error,
    /// Not known; a running task counts as this in Proxmox VE.
    Unknown,
}

impl StatusKind {
    /// The kind of this name, in any case.
    pub fn named(name: &str) -> Option<Self> {
        let kinds = [
            ("ok", Self::Ok),
            ("warning", Self::Warning),
            ("error", Self::Error),
            ("unknown", Self::Unknown),
        ];
        let found = kinds
            .iter()
            .find(|(known, _)| name.eq_ignore_ascii_case(known));
        found.map(|(_, kind)| *kind)
    }

    /// The kind of a task's present state; `None` while it runs.
    pub fn of(task: &Task, now: Timestamp) -> Option<Self> {
        match task.state(now) {
            State::Running => None,
            State::Stopped { outcome, .. } => Some(match outcome {
                Outcome::Ok => Self::Ok,
                Outcome::Warnings(_) => Self::Warning,
                Outcome::Error(_) => Self::Error,
            }),
        }
    }
}

/// What a caller wants to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// Whose rules.
    pub product: Product,
    /// Which tasks are looked at.
    pub source: Source,
    /// How many matching tasks are passed over.
    pub start: usize,
    /// How many are given at the most.
    pub limit: usize,
    /// Not started before this second.
    pub since: Option<i64>,
    /// Not started after this second.
    pub until: Option<i64>,
    /// The guest (Proxmox VE): the whole id of the task.
    pub vmid: Option<String>,
    /// The datastore (Backup Server): the id of the task, or its part before a colon.
    pub store: Option<String>,
    /// The type: all of it in Proxmox VE, a part of it in the others.
    pub typefilter: Option<String>,
    /// A part of the user's or token's id, in any case in Proxmox VE.
    pub userfilter: Option<String>,
    /// The kinds of status wanted.
    pub statusfilter: Option<Vec<StatusKind>>,
    /// Whether those that ended with `OK` are left out; comes before `statusfilter`.
    pub errors: bool,
}

impl Filter {
    /// The defaults of a product: the first 50; in Proxmox VE of those that are over.
    pub fn new(product: Product) -> Self {
        Self {
            product,
            source: match product {
                Product::Pve => Source::Archive,
                Product::Pbs | Product::Pdm => Source::All,
            },
            start: 0,
            limit: 50,
            since: None,
            until: None,
            vmid: None,
            store: None,
            typefilter: None,
            userfilter: None,
            statusfilter: None,
            errors: false,
        }
    }

    /// What a caller says by parameters (proxmox.md 3.2, 3.4, 3.5).
    pub fn asked(product: Product, arguments: &Arguments) -> Self {
        let defaults = Self::new(product);
        let text = |name: &str| arguments.text(name).map(str::to_owned);
        let count = |name: &str| {
            let number = arguments.integer(name)?;
            Some(usize::try_from(number).unwrap_or_default())
        };
        let kinds = arguments.has("statusfilter").then(|| {
            let names = arguments.list("statusfilter");
            let kinds = names.iter().filter_map(|name| StatusKind::named(name));
            kinds.collect()
        });
        Self {
            product,
            source: match arguments.text("source") {
                Some("active") => Source::Active,
                Some("all") => Source::All,
                _ if arguments.is_set("running") => Source::Active,
                _ => defaults.source,
            },
            start: count("start").unwrap_or(defaults.start),
            limit: match count("limit") {
                // Nothing means everything in the products written in Rust.
                Some(0) if product != Product::Pve => usize::MAX,
                limit => limit.unwrap_or(defaults.limit),
            },
            since: arguments.integer("since"),
            until: arguments.integer("until"),
            vmid: arguments.integer("vmid").map(|vmid| vmid.to_string()),
            store: text("store"),
            typefilter: text("typefilter"),
            userfilter: text("userfilter"),
            statusfilter: kinds,
            errors: arguments.is_set("errors"),
        }
    }

    /// The tasks wanted of `tasks`, which come in the order they were started: running ones first, then the
    /// newest. `visible` says which the caller may see at all.
    pub fn select<'a>(
        &self,
        tasks: impl IntoIterator<Item = &'a Task>,
        visible: impl Fn(&Task) -> bool,
        now: Timestamp,
    ) -> Selection<'a> {
        let mut found: Vec<&Task> = tasks
            .into_iter()
            .filter(|task| self.wants(task, now) && visible(task))
            .collect();
        found.reverse();
        found.sort_by_key(|task| (!task.is_running(now), std::cmp::Reverse(task.started)));
        let matching = found.len();
        let page: Vec<_> = found
            .into_iter()
            .skip(self.start)
            .take(self.limit)
            .collect();
        let total = match self.product {
            Product::Pve => matching,
            // They stop counting at the end of the page and say only that there is more.
            Product::Pbs | Product::Pdm => {
                let more = !page.is_empty() && page.len() >= self.limit;
                self.start.saturating_add(page.len()) + usize::from(more)
            }
        };
        Selection { tasks: page, total }
    }

    fn wants(&self, task: &Task, now: Timestamp) -> bool {
        let running = task.is_running(now);
        let source = match self.source {
            Source::All => true,
            Source::Active => running,
            Source::Archive => !running,
        };
        let start = task.started.as_second();
        source
            && self.since.is_none_or(|since| start >= since)
            && self.until.is_none_or(|until| start <= until)
            && self.vmid.as_ref().is_none_or(|vmid| task.upid.id == *vmid)
            && self.wants_store(task)
            && self.wants_type(task)
            && self.wants_user(task)
            && self.wants_status(StatusKind::of(task, now))
    }

    fn wants_store(&self, task: &Task) -> bool {
        let in_store = |store: &String| {
            let rest = task.upid.id.strip_prefix(store.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
        };
        self.store.as_ref().is_none_or(in_store)
    }

    fn wants_type(&self, task: &Task) -> bool {
        let fits = |wanted: &String| match self.product {
            Product::Pve => task.upid.kind == *wanted,
            Product::Pbs | Product::Pdm => task.upid.kind.contains(wanted.as_str()),
        };
        self.typefilter.as_ref().is_none_or(fits)
    }

    fn wants_user(&self, task: &Task) -> bool {
        let user = task.upid.user.to_string();
        let fits = |wanted: &String| match self.product {
            Product::Pve => user.to_lowercase().contains(&wanted.to_lowercase()),
            Product::Pbs | Product::Pdm => user.contains(wanted.as_str()),
        };
        self.userfilter.as_ref().is_none_or(fits)
    }

    fn wants_status(&self, kind: Option<StatusKind>) -> bool {
        if self.errors && kind == Some(StatusKind::Ok) {
            return false;
        }
        match (&self.statusfilter, self.product) {
            (None, _) => true,
            (Some(_), Product::Pve) if self.errors => true,
            (Some(kinds), Product::Pve) => kinds.contains(&kind.unwrap_or(StatusKind::Unknown)),
            (Some(kinds), _) => kind.is_some_and(|kind| kinds.contains(&kind)),
        }
    }
}

/// What a filter took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection<'a> {
    /// The tasks of the page.
    pub tasks: Vec<&'a Task>,
    /// The `total` beside them.
    pub total: usize,
}

/// How many tasks a node tells the cluster about (`PVE::RESTEnvironment`, `active_workers`).
const RECENT: usize = 25;

/// What `GET /cluster/tasks` shows of one node: all that run, and finished ones until there are 25. `tasks` come
/// in the order they were started.
pub fn recent<'a>(tasks: impl IntoIterator<Item = &'a Task>, now: Timestamp) -> Vec<&'a Task> {
    let (mut running, mut over): (Vec<_>, Vec<_>) =
        tasks.into_iter().partition(|task| task.is_running(now));
    running.reverse();
    over.reverse();
    over.sort_by_key(|task| std::cmp::Reverse(task.started));
    over.truncate(RECENT.saturating_sub(running.len()));
    running.extend(over);
    running
}

#[cfg(test)]
mod tests;
