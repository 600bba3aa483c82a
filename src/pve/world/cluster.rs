//! The cluster as a whole.

use serde::{Deserialize, Serialize};

use super::is_default;
use super::options::Options;

/// What is true of all nodes together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Cluster {
    /// Its name; a machine of its own has none.
    #[serde(skip_serializing_if = "is_default")]
    pub name: Option<String>,
    /// The version of its configuration, which grows with every node that joins or leaves.
    #[serde(skip_serializing_if = "is_default")]
    pub version: u32,
    /// The options of the datacenter: `keyboard`, `mac_prefix`, `tag-style`, `migration`.
    #[serde(skip_serializing_if = "is_default")]
    pub options: Options,
}
