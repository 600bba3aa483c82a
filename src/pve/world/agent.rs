//! What is inside a virtual machine as far as its guest agent tells: a guest that tests can script.
//!
//! Everything an unscripted guest answers is derived from its configuration when it is asked; this keeps only what
//! somebody scripted or wrote into it, so that most guests keep nothing at all.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::is_default;

/// Whether the agent in the guest does its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Presence {
    /// It answers while the guest runs.
    #[default]
    Answering,
    /// It is not there: `QEMU guest agent is not running`.
    Absent,
}

/// What the guest makes of a polite request to shut down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Manners {
    /// It shuts down.
    #[default]
    Obeys,
    /// It goes on, so that only force stops it.
    Ignores,
}

/// A scripted guest. All of it may be left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Agent {
    /// Whether the agent answers.
    #[serde(skip_serializing_if = "is_default")]
    pub presence: Presence,
    /// How many seconds after the guest's start the agent begins to answer.
    #[serde(skip_serializing_if = "is_default")]
    pub delay: u32,
    /// What becomes of a polite shutdown, by the agent or not.
    #[serde(skip_serializing_if = "is_default")]
    pub shutdown: Manners,
    /// The `result` of commands by their names (`get-osinfo`), in the place of what would be derived.
    #[serde(skip_serializing_if = "is_default")]
    pub answers: BTreeMap<String, Value>,
    /// Commands that fail, by their names, with the text of the agent's error.
    #[serde(skip_serializing_if = "is_default")]
    pub failures: BTreeMap<String, String>,
    /// What programs do that are executed, by command line: the words with one blank between them.
    #[serde(skip_serializing_if = "is_default")]
    pub programs: BTreeMap<String, Program>,
    /// The files that are in it, by path.
    #[serde(skip_serializing_if = "is_default")]
    pub files: BTreeMap<String, Content>,
    /// The passwords that were set, by user.
    #[serde(skip_serializing_if = "is_default")]
    pub passwords: BTreeMap<String, String>,
    /// Whether its file systems are frozen.
    #[serde(skip_serializing_if = "is_default")]
    pub frozen: bool,
    /// The programs that were executed and that nobody asked about since they ended, by process.
    #[serde(skip_serializing_if = "is_default")]
    pub processes: BTreeMap<String, Process>,
    /// How many programs were executed since the guest's start.
    #[serde(skip_serializing_if = "is_default")]
    pub executed: u32,
}

/// What a program does.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Program {
    /// How it exits.
    #[serde(skip_serializing_if = "is_default")]
    pub exit_code: i32,
    /// The signal that kills it, in the place of an exit.
    #[serde(skip_serializing_if = "is_default")]
    pub signal: Option<i32>,
    /// What it writes.
    #[serde(skip_serializing_if = "is_default")]
    pub out: String,
    /// What it writes about what went wrong.
    #[serde(skip_serializing_if = "is_default")]
    pub err: String,
    /// How many seconds it takes.
    #[serde(skip_serializing_if = "is_default")]
    pub seconds: u32,
}

/// A program that was executed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Process {
    /// When.
    pub started: Timestamp,
    /// What it does.
    pub program: Program,
}

/// What is in a file: text, or else bytes as base64.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Content {
    /// Text.
    Text(String),
    /// Anything else.
    Bytes {
        /// The bytes, as base64.
        base64: String,
    },
}

impl Content {
    /// The content of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Bytes {
                base64: STANDARD.encode(bytes),
            },
        }
    }

    /// The bytes; none for a base64 text that is none, which only a world file can hold.
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.clone().into_bytes(),
            Self::Bytes { base64 } => STANDARD.decode(base64).unwrap_or_default(),
        }
    }
}

impl Process {
    /// Whether it is over.
    pub fn has_ended(&self, now: Timestamp) -> bool {
        let passed = now.as_second().saturating_sub(self.started.as_second());
        passed >= i64::from(self.program.seconds)
    }
}

impl Agent {
    /// The first process of a guest; programs of its own have the lower numbers.
    const FIRST_PROCESS: u32 = 1001;

    /// Executes a program and gives its process.
    pub fn execute(&mut self, program: Program, now: Timestamp) -> u32 {
        let process = Self::FIRST_PROCESS.saturating_add(self.executed);
        self.executed = self.executed.saturating_add(1);
        let started = now;
        let process_text = process.to_string();
        self.processes
            .insert(process_text, Process { started, program });
        process
    }

    /// What does not survive the end of the guest's run.
    pub fn forget_run(&mut self) {
        self.frozen = false;
        self.processes.clear();
        self.executed = 0;
    }
}
