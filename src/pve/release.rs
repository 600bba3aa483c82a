//! The releases of Proxmox VE: their contracts, and which words each uses.

use crate::proxmox::Edition;
use crate::proxmox::service::Release;

/// Their names, the default first.
pub const NAMES: &[&str] = &["9.2", "8.4", "7.4"];

/// The releases that the binary carries.
pub const RELEASES: &[Release] = &[
    Release {
        name: "9.2",
        edition: Edition::Pve9,
        place: "openapi/pve-9.2.json",
        document: include_bytes!("../../openapi/pve-9.2.json"),
    },
    Release {
        name: "8.4",
        edition: Edition::Pve8,
        place: "openapi/pve-8.4.json",
        document: include_bytes!("../../openapi/pve-8.4.json"),
    },
    Release {
        name: "7.4",
        edition: Edition::Pve7,
        place: "openapi/pve-7.4.json",
        document: include_bytes!("../../openapi/pve-7.4.json"),
    },
];
