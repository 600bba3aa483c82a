//! The form of a task in world files.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::proxmox::product::Product;
use crate::proxmox::task::{Hold, Line, Outcome, Stop, Task};
use crate::proxmox::upid::Upid;

/// A task with its effects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "InFile<E>", into = "InFile<E>")]
#[serde(bound(
    serialize = "E: Serialize + Clone",
    deserialize = "E: Deserialize<'de>"
))]
pub struct Entry<E> {
    /// The task.
    pub task: Task,
    /// What its end does; nothing any more once that is done.
    pub effects: Vec<E>,
}

/// A task as a world file has it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct InFile<E> {
    upid: String,
    /// More exact than the second in the UPID, where it matters.
    #[serde(default, skip_serializing_if = "is_default")]
    started: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "is_default")]
    milliseconds: u64,
    #[serde(default, skip_serializing_if = "is_default")]
    end: End,
    #[serde(default, skip_serializing_if = "is_default")]
    log: Vec<LogLine>,
    #[serde(default, skip_serializing_if = "is_default")]
    hold: HoldInFile,
    #[serde(default, skip_serializing_if = "is_default")]
    stopped: Option<Stopped>,
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    effects: Vec<E>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum End {
    #[default]
    Ok,
    Warnings(u32),
    Error(String),
}

#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct LogLine {
    /// In thousandths of the duration.
    #[serde(default, skip_serializing_if = "is_default")]
    at: u16,
    text: String,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum HoldInFile {
    #[default]
    Free,
    Held,
    Released(Timestamp),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stopped {
    at: Timestamp,
    words: String,
}

impl<E> TryFrom<InFile<E>> for Entry<E> {
    type Error = String;

    fn try_from(file: InFile<E>) -> Result<Self, String> {
        let upid: Upid = upid(&file.upid)?;
        let second = || Timestamp::from_second(i64::from(upid.start));
        let started = match file.started {
            Some(started) => started,
            None => second().map_err(|error| error.to_string())?,
        };
        let lines = file.log.into_iter();
        let task = Task {
            started,
            upid,
            duration: Duration::from_millis(file.milliseconds),
            outcome: match file.end {
                End::Ok => Outcome::Ok,
                End::Warnings(count) => Outcome::Warnings(count),
                End::Error(text) => Outcome::Error(text),
            },
            lines: lines
                .map(|LogLine { at, text }| Line { at, text })
                .collect(),
            hold: match file.hold {
                HoldInFile::Free => Hold::Free,
                HoldInFile::Held => Hold::Held,
                HoldInFile::Released(at) => Hold::Released(at),
            },
            stop: file.stopped.map(|Stopped { at, words }| Stop { at, words }),
        };
        let effects = file.effects;
        Ok(Self { task, effects })
    }
}

impl<E> From<Entry<E>> for InFile<E> {
    fn from(Entry { task, effects }: Entry<E>) -> Self {
        let second = Timestamp::from_second(i64::from(task.upid.start)).ok();
        let lines = task.lines.into_iter();
        Self {
            upid: task.upid.to_string(),
            started: Some(task.started).filter(|started| Some(*started) != second),
            milliseconds: u64::try_from(task.duration.as_millis()).unwrap_or(u64::MAX),
            end: match task.outcome {
                Outcome::Ok => End::Ok,
                Outcome::Warnings(count) => End::Warnings(count),
                Outcome::Error(text) => End::Error(text),
            },
            log: lines
                .map(|Line { at, text }| LogLine { at, text })
                .collect(),
            hold: match task.hold {
                Hold::Free => HoldInFile::Free,
                Hold::Held => HoldInFile::Held,
                Hold::Released(at) => HoldInFile::Released(at),
            },
            stopped: task.stop.map(|Stop { at, words }| Stopped { at, words }),
            effects,
        }
    }
}

/// A file does not say of which product it is; the number of parts does.
fn upid(text: &str) -> Result<Upid, String> {
    Upid::parse(text, Product::Pve)
        .or_else(|_| Upid::parse(text, Product::Pbs))
        .map_err(|_| format!("unable to parse worker upid '{text}'"))
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
