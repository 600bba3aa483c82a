//! The plain collections of Datacenter Manager: one line for each path that lists, creates, reads, changes and
//! deletes sections of a file and does nothing else. All that it has do more.

use crate::proxmox::collection::Collection;

/// All of them.
pub static SECTIONS: &[Collection] = &[];
