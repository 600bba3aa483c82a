//! A task as a function of time: it keeps when it began, how long it takes and how it ends, and everything a
//! client can see follows from that and from the moment of asking. Nothing runs.
//!
//! States, texts and log lines are those of proxmox.md 3.2 and 3.4.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::product::Product;
use super::upid::Upid;

mod span;

/// How a task ends.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Well.
    #[default]
    Ok,
    /// Well, with this many warnings.
    Warnings(u32),
    /// Not well; the text is what clients show.
    Error(String),
}

impl Outcome {
    /// The `exitstatus`: clients compare with exactly `OK`.
    pub fn exit_status(&self) -> String {
        match self {
            Self::Ok => "OK".to_owned(),
            Self::Warnings(count) => format!("WARNINGS: {count}"),
            Self::Error(text) => text.clone(),
        }
    }

    /// The last line of the log.
    fn closing_line(&self) -> String {
        match self {
            Self::Ok | Self::Warnings(_) => format!("TASK {}", self.exit_status()),
            Self::Error(text) => format!("TASK ERROR: {text}"),
        }
    }
}

/// A line of a task's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// How far the task is when it appears, in thousandths of its duration.
    #[serde(default)]
    pub at: u16,
    /// The line.
    pub text: String,
}

impl Line {
    /// A line that is there from the start.
    pub fn first(text: impl Into<String>) -> Self {
        Self {
            at: 0,
            text: text.into(),
        }
    }
}

/// Whether a test keeps a task from ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hold {
    /// It ends when its time is up.
    #[default]
    Free,
    /// It goes on until it is released.
    Held,
    /// It was released then, and ends when its time is up, but not before that moment.
    Released(Timestamp),
}

/// An end before its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stop {
    /// When.
    pub at: Timestamp,
    /// The text it ends with.
    pub words: String,
}

/// One task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// Its id, which says where, what and for whom.
    pub upid: Upid,
    /// When it began.
    pub started: Timestamp,
    /// How long it takes; zero is over at the first look.
    #[serde(with = "span", default)]
    pub duration: Duration,
    /// How it ends, left alone.
    #[serde(default)]
    pub outcome: Outcome,
    /// Its log without the closing line, in order of appearance.
    #[serde(default)]
    pub lines: Vec<Line>,
    /// Whether it is kept from ending.
    #[serde(default)]
    pub hold: Hold,
    /// Set when somebody ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop: Option<Stop>,
}

/// What is to be seen of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Still at it.
    Running,
    /// Over.
    Stopped {
        /// Since when.
        at: Timestamp,
        /// How it ended.
        outcome: Outcome,
    },
}

/// One page of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Lines with their numbers, which start at 1.
    pub lines: Vec<(usize, String)>,
    /// How many lines there are at this moment.
    pub total: usize,
}

/// What a worker says that was told to stop.
pub fn stop_words(product: Product) -> &'static str {
    match product {
        Product::Pve => "received interrupt",
        Product::Pbs | Product::Pdm => "abort requested - aborting task",
    }
}

impl Task {
    /// A task that begins now, ends well and has an empty log.
    pub fn new(upid: Upid, started: Timestamp, duration: Duration) -> Self {
        Self {
            upid,
            started,
            duration,
            outcome: Outcome::Ok,
            lines: Vec::new(),
            hold: Hold::Free,
            stop: None,
        }
    }

    /// What is to be seen of it.
    pub fn state(&self, now: Timestamp) -> State {
        match self.end() {
            Some((at, outcome)) if at <= now => State::Stopped { at, outcome },
            _ => State::Running,
        }
    }

    /// Whether it is not over yet.
    pub fn is_running(&self, now: Timestamp) -> bool {
        self.state(now) == State::Running
    }

    /// When it will be over as things stand; `None` while it is held. A world settles its effects then.
    pub fn due(&self) -> Option<Timestamp> {
        self.end().map(|(at, _)| at)
    }

    /// `status` of the status answer: `running` or `stopped`, and the `exitstatus` of the latter.
    pub fn status(&self, now: Timestamp) -> (&'static str, Option<String>) {
        match self.state(now) {
            State::Running => ("running", None),
            State::Stopped { outcome, .. } => ("stopped", Some(outcome.exit_status())),
        }
    }

    /// Ends it before its time. What is over stays as it is.
    pub fn stop(&mut self, now: Timestamp, words: impl Into<String>) {
        if self.is_running(now) {
            self.stop = Some(Stop {
                at: now,
                words: words.into(),
            });
        }
    }

    /// Keeps it from ending. What is over stays over.
    pub fn hold(&mut self, now: Timestamp) {
        if self.is_running(now) {
            self.hold = Hold::Held;
        }
    }

    /// Lets a held task end.
    pub fn release(&mut self, now: Timestamp) {
        if self.hold == Hold::Held {
            self.hold = Hold::Released(now);
        }
    }

    /// A page of its log. A `limit` of 0 means everything. A log without any line shows `no content` when it is
    /// asked for from its start; a page behind the end is empty.
    pub fn log(&self, now: Timestamp, start: usize, limit: usize) -> Page {
        let mut lines = self.visible(now);
        if lines.is_empty() {
            lines.push("no content".to_owned());
        }
        let total = lines.len();
        let most = if limit == 0 { usize::MAX } else { limit };
        let numbered = lines.into_iter().enumerate().skip(start).take(most);
        Page {
            lines: numbered.map(|(n, text)| (n + 1, text)).collect(),
            total,
        }
    }

    /// When and how it ends.
    fn end(&self) -> Option<(Timestamp, Outcome)> {
        let planned = match self.hold {
            Hold::Free => Some(self.time_is_up()),
            Hold::Held => None,
            Hold::Released(at) => Some(self.time_is_up().max(at)),
        };
        match &self.stop {
            Some(stop) if planned.is_none_or(|planned| stop.at < planned) => {
                Some((stop.at, Outcome::Error(stop.words.clone())))
            }
            _ => planned.map(|at| (at, self.outcome.clone())),
        }
    }

    fn time_is_up(&self) -> Timestamp {
        self.after(self.duration)
    }

    fn after(&self, passed: Duration) -> Timestamp {
        self.started
            .saturating_add(SignedDuration::try_from(passed).unwrap_or(SignedDuration::MAX))
            .unwrap_or(Timestamp::MAX)
    }

    /// The lines that have appeared, and the closing one if it is over. Logs of the Rust products have the time
    /// in front of each line.
    fn visible(&self, now: Timestamp) -> Vec<String> {
        let end = self.end().filter(|(at, _)| *at <= now);
        let until = end.as_ref().map_or(now, |(at, _)| *at);
        let dressed = |at: Timestamp, text: &str| match self.upid.process.task {
            None => text.to_owned(),
            Some(_) => format!("{}: {text}", at.strftime("%Y-%m-%dT%H:%M:%S+00:00")),
        };
        let moment = |line: &Line| {
            let part = self.duration.checked_mul(u32::from(line.at.min(1000)));
            self.after(part.map_or(self.duration, |part| part / 1000))
        };
        let appeared = self.lines.iter().map(|line| (moment(line), line));
        let mut lines: Vec<_> = appeared
            .filter(|(at, _)| *at <= until)
            .map(|(at, line)| dressed(at, &line.text))
            .collect();
        lines.extend(end.map(|(at, outcome)| dressed(at, &outcome.closing_line())));
        lines
    }
}

#[cfg(test)]
pub(super) mod tests;
