//! Replication: copies of guests on other nodes, made from time to time.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::ids::{BadName, NodeName, Vmid, text_in_files};
use super::is_default;
use super::options::Options;

text_in_files!(ReplicationId);

/// The id of a job, `<guest>-<number>`, so that `guest` and `jobnum` cannot disagree with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReplicationId {
    /// The guest.
    pub guest: Vmid,
    /// The number of the job among the guest's.
    pub number: u32,
}

impl FromStr for ReplicationId {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        let read = || {
            let (guest, number) = text.split_once('-')?;
            let id = Self {
                guest: guest.parse().ok()?,
                number: number.parse().ok()?,
            };
            (id.to_string() == text).then_some(id)
        };
        read().ok_or_else(|| BadName::new(text, "id of a replication job (<guest>-<number>)"))
    }
}

impl fmt::Display for ReplicationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.guest, self.number)
    }
}

/// A job. Its source is the node that the guest is on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Replication {
    /// Where to.
    pub target: NodeName,
    /// When: a calendar event; every quarter of an hour where nothing is said.
    #[serde(default, skip_serializing_if = "is_default")]
    pub schedule: Option<String>,
    /// Whether it is switched off.
    #[serde(default, skip_serializing_if = "is_default")]
    pub disabled: bool,
    /// When it was done last.
    #[serde(default, skip_serializing_if = "is_default")]
    pub last_sync: Option<Timestamp>,
    /// Everything else: `rate`, `comment`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub options: Options,
}
