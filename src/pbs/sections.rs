//! The plain collections of Backup Server: one line for each path that lists, creates, reads, changes and
//! deletes sections of a file and does nothing else.

use crate::proxmox::collection::Collection;

/// All of them.
pub static SECTIONS: &[Collection] = &[];
