//! The certificates of nodes.
//!
//! What a server of this program shows on its own port is made at its start and cannot be reached from a world;
//! these are the ones that the API tells of.

use serde::{Deserialize, Serialize};

use super::is_default;

/// The authority that signs the certificates of nodes (`pve-root-ca.pem`), made once for all worlds. Nobody has
/// its key.
pub const AUTHORITY: &str = include_str!("authority.pem");

/// What a node shows to those who connect.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Certificates {
    /// The certificate of the cluster's authority for it (`pve-ssl.pem`), as PEM. Its fingerprint is the node's.
    #[serde(default, skip_serializing_if = "is_default")]
    pub own: Option<String>,
    /// The one that is shown in its place (`pveproxy-ssl.pem`).
    #[serde(default, skip_serializing_if = "is_default")]
    pub custom: Option<CustomCertificate>,
}

/// A certificate that somebody gave to a node, or that was ordered for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CustomCertificate {
    /// The certificate and those it leads to, as PEM.
    pub chain: String,
    /// Its private key, as PEM.
    pub key: String,
}
