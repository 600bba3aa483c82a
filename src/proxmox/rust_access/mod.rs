//! The access API that Backup Server and Datacenter Manager share: both are built on the crates
//! proxmox-access-control, proxmox-auth-api and proxmox-tfa.

mod accounts;

pub use accounts::Accounts;

/// The sections in which the realms are kept, those that every installation has among them.
pub const REALMS: &str = "config/access";
