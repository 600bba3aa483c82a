//! Tasks of a world, each with what it does to the world when it is over.
//!
//! Nothing runs: a task keeps what it will do, and [`super::World::settle`] does it once its time has come.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::guest::{Lock, Status};
use super::ids::Vmid;
use super::is_default;
use crate::proxmox::Product;
use crate::proxmox::task::{Hold, Line, Outcome, Stop, Task};
use crate::proxmox::upid::Upid;

/// What the end of a task does to the world.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// The guest is in this state; only if the task ends well.
    Power(Vmid, Status),
    /// The guest loses this lock, however the task ends. Another lock stays.
    Unlock(Vmid, Lock),
}

/// A task with its effects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "InFile", into = "InFile")]
pub struct Entry {
    /// The task.
    pub task: Task,
    /// What its end does; nothing any more once that is done.
    pub effects: Vec<Effect>,
}

/// A task as a world file has it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct InFile {
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
    #[serde(default, skip_serializing_if = "is_default")]
    effects: Vec<Effect>,
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

impl TryFrom<InFile> for Entry {
    type Error = String;

    fn try_from(file: InFile) -> Result<Self, String> {
        let upid = Upid::parse(&file.upid, Product::Pve).map_err(|fault| fault.to_string())?;
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

impl From<Entry> for InFile {
    fn from(Entry { task, effects }: Entry) -> Self {
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
