//! The releases of Proxmox VE: their contracts, and which words each uses.

use serde_json::{Value, json};

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

/// The commit that the package `pve-manager` says it was made of.
pub const COMMIT: &str = "6f3e8a1c2b7d4e90";

/// The version of the package `pve-manager`: the release with its point release.
pub fn version(edition: Edition) -> &'static str {
    match edition {
        Edition::Pve7 => "7.4-17",
        Edition::Pve8 => "8.4.1",
        _ => "9.2.1",
    }
}

/// The release of the kernel that runs.
pub fn kernel(edition: Edition) -> &'static str {
    match edition {
        Edition::Pve7 => "5.15.108-1-pve",
        Edition::Pve8 => "6.8.12-10-pve",
        _ => "6.17.4-2-pve",
    }
}

/// How the kernel says of itself when it was made.
pub fn kernel_build(edition: Edition) -> &'static str {
    match edition {
        Edition::Pve7 => "#1 SMP PVE 5.15.108-2 (2023-07-20T10:06Z)",
        Edition::Pve8 => "#1 SMP PREEMPT_DYNAMIC PMX 6.8.12-10 (2025-04-18T07:39Z)",
        _ => "#1 SMP PREEMPT_DYNAMIC PMX 6.17.4-2 (2025-12-01T09:12Z)",
    }
}

/// What `/version` and `/nodes/{node}/version` answer.
pub fn shown(edition: Edition) -> Value {
    let release = match edition {
        Edition::Pve7 => "7.4",
        Edition::Pve8 => "8.4",
        _ => "9.2",
    };
    json!({"release": release, "version": version(edition), "repoid": COMMIT})
}
