//! The releases of Backup Server: their contracts.

use crate::proxmox::Edition;
use crate::proxmox::service::Release;

/// Their names, the default first.
pub const NAMES: &[&str] = &["4"];

/// The releases that the binary carries.
pub const RELEASES: &[Release] = &[Release {
    name: "4",
    edition: Edition::Pbs,
    place: "openapi/pbs-4.json",
    document: include_bytes!("../../openapi/pbs-4.json"),
}];
