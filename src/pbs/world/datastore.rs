//! Datastores: what is configured, what is in them, what they take.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::content::Content;
use super::is_default;
use crate::proxmox::section::Section;

/// What was set of a datastore beside its path: `comment`, `gc-schedule`, `notification-mode`, `tuning`,
/// `maintenance-mode`, `verify-new`, `backing-device`, `backend`, ...
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Options(pub Map<String, Value>);

impl<'de> Deserialize<'de> for Options {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self(Section::deserialize(from)?.properties))
    }
}

impl Options {
    /// The text of one.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }
}

/// Whether the device under a datastore is there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mount {
    /// It is part of the machine.
    #[default]
    Nonremovable,
    /// It can be taken out, and is there.
    Mounted,
    /// It can be taken out, and is not there.
    Notmounted,
}

impl Mount {
    /// The product's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nonremovable => "nonremovable",
            Self::Mounted => "mounted",
            Self::Notmounted => "notmounted",
        }
    }
}

/// What the last garbage collection found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Collected {
    /// Its task.
    pub upid: Option<String>,
    /// How many index files it read.
    pub index_file_count: u64,
    /// What they hold, in bytes.
    pub index_data_bytes: u64,
    /// What is on disk, in bytes.
    pub disk_bytes: u64,
    /// In how many chunks.
    pub disk_chunks: u64,
    /// What it removed, in bytes.
    pub removed_bytes: u64,
    /// In how many chunks.
    pub removed_chunks: u64,
    /// What is to be removed next time, in bytes.
    pub pending_bytes: u64,
    /// In how many chunks.
    pub pending_chunks: u64,
    /// How many broken chunks it removed.
    pub removed_bad: u64,
    /// How many broken chunks are left.
    pub still_bad: u64,
}

/// A datastore.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Datastore {
    /// Where it is.
    pub path: String,
    /// The size of the file system that it is on, in bytes.
    pub size: u64,
    /// What others use of that file system, in bytes.
    #[serde(default, skip_serializing_if = "is_default")]
    pub foreign: u64,
    /// What is left of deleted backups until the next garbage collection, in bytes.
    #[serde(default, skip_serializing_if = "is_default")]
    pub garbage: u64,
    /// Whether its device is there.
    #[serde(default, skip_serializing_if = "is_default")]
    pub mount: Mount,
    /// What was set.
    #[serde(default, skip_serializing_if = "is_default")]
    pub options: Options,
    /// The last garbage collection.
    #[serde(default, skip_serializing_if = "is_default")]
    pub collected: Option<Collected>,
    /// What is in it.
    #[serde(default)]
    pub namespaces: Content,
}

impl Datastore {
    /// A new one without backups.
    pub fn empty(path: &str, size: u64) -> Self {
        Self {
            path: path.to_owned(),
            size,
            foreign: 0,
            garbage: 0,
            mount: Mount::Nonremovable,
            options: Options::default(),
            collected: None,
            namespaces: Content::default(),
        }
    }

    /// What is used of its file system, in bytes.
    pub fn used(&self) -> u64 {
        let used = self.namespaces.stored().saturating_add(self.garbage);
        used.saturating_add(self.foreign).min(self.size)
    }

    /// What is free there, in bytes.
    pub fn available(&self) -> u64 {
        self.size.saturating_sub(self.used())
    }

    /// `filesystem` or `s3`.
    pub fn backend(&self) -> &'static str {
        match self.options.text("backend") {
            Some(backend) if backend.contains("type=s3") => "s3",
            _ => "filesystem",
        }
    }

    /// The mode of its maintenance and the message, where it is in maintenance:
    /// `read-only,message=...`, with the mode bare or after `type=`.
    pub fn maintenance(&self) -> Option<(&str, Option<&str>)> {
        let text = self.options.text("maintenance-mode")?;
        let mode = text.split(',').find_map(|part| match part.split_once('=') {
            Some(("type", mode)) => Some(mode),
            Some(_) => None,
            None => Some(part),
        });
        let message = text
            .split_once("message=")
            .map(|(_, message)| message.trim_matches('"'));
        mode.map(|mode| (mode, message))
    }

    /// Whether backups can be read.
    pub fn is_readable(&self) -> bool {
        let off =
            |(mode, _): (&str, _)| matches!(mode, "offline" | "delete" | "unmount" | "s3-refresh");
        self.mount != Mount::Notmounted && !self.maintenance().is_some_and(off)
    }

    /// Counts what a change of the content left behind as garbage.
    pub fn leave_garbage(&mut self, stored_before: u64) {
        let gone = stored_before.saturating_sub(self.namespaces.stored());
        self.garbage = self.garbage.saturating_add(gone);
    }
}
