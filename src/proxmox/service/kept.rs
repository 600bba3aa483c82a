//! Long lists that were written a moment ago, for the next one who asks the same.
//!
//! The list of everything in a large cluster is megabytes, and monitoring asks for it again and again. Such an
//! answer depends on the world, on who asks for what, and on the second, in which its figures stand still; so it
//! is good until the world changes or the second is over. What is kept is one more lock, but none that anything
//! waits for: it is held to look or to put down, never while something is made.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;

use crate::http::compress::Compressed;
use crate::http::{Method, Reply, Request};
use crate::proxmox::identity::Identity;
use crate::proxmox::written::{Former, Notes};

/// How many are kept: a dashboard with a few views of the same cluster. Each may be megabytes.
const MOST: usize = 4;

/// The longest that is kept, in bytes: no more than four of them fit into a small machine beside a large world.
const LONGEST: usize = 16 << 20;

/// The answers, and the count of changes by which they grow old.
#[derive(Default)]
pub(super) struct Kept {
    changes: AtomicU64,
    answers: RwLock<VecDeque<Entry>>,
}

struct Entry {
    asked: Asked,
    body: Bytes,
    compressed: Arc<Compressed>,
    notes: Option<Notes>,
}

/// What was asked, by whom, and of which state of the world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    changes: u64,
    second: i64,
    caller: Option<Identity>,
    target: Box<str>,
}

impl Kept {
    /// To be called by whoever holds the world for writing, before anything is changed.
    pub(super) fn world_changes(&self) {
        self.changes.fetch_add(1, Ordering::AcqRel);
    }

    /// What is asked, to be kept under; to be called before the world is looked at, so that an answer can only be
    /// younger than it says, and is then never found. `None` for what may depend on more.
    pub(super) fn asked(
        &self,
        request: &Request,
        caller: Option<&Identity>,
        second: i64,
    ) -> Option<Asked> {
        let is_plain = request.method == Method::Get && request.body.is_empty();
        is_plain.then(|| Asked {
            changes: self.changes.load(Ordering::Acquire),
            second,
            caller: caller.cloned(),
            target: request.target.clone(),
        })
    }

    /// The body of the answer to the same, with the place for it in other codings.
    pub(super) fn find(&self, asked: &Asked) -> Option<(Bytes, Arc<Compressed>)> {
        let answers = self.answers.read().unwrap_or_else(PoisonError::into_inner);
        let found = answers.iter().find(|entry| entry.asked == *asked);
        found.map(|entry| (entry.body.clone(), Arc::clone(&entry.compressed)))
    }

    /// The answer to the same question of another world or second, if notes were made of it.
    pub(super) fn former(&self, asked: &Asked) -> Option<Former> {
        let answers = self.answers.read().unwrap_or_else(PoisonError::into_inner);
        let entry = answers
            .iter()
            .find(|entry| entry.asked.is_the_same_question(asked))?;
        Some(Former {
            body: entry.body.clone(),
            notes: entry.notes.clone()?,
        })
    }

    /// Keeps an answer, in the place of one to the same question of an older world.
    pub(super) fn put(&self, asked: Asked, reply: &mut Reply, notes: Option<Notes>) {
        if reply.bytes().len() > LONGEST {
            return;
        }
        let entry = Entry {
            body: reply.bytes(),
            compressed: Arc::clone(reply.compressed.get_or_insert_default()),
            notes,
            asked,
        };
        let mut answers = self.answers.write().unwrap_or_else(PoisonError::into_inner);
        let same = |known: &Entry| known.asked.is_the_same_question(&entry.asked);
        let at = answers.iter().position(same).unwrap_or(MOST - 1);
        let replaced = answers.remove(at);
        answers.push_front(entry);
        drop(answers);
        // Megabytes are given back where nobody waits for it.
        drop(replaced);
    }

    /// Forgets all of them.
    #[cfg(test)]
    pub(super) fn clear(&self) {
        let mut answers = self.answers.write().unwrap_or_else(PoisonError::into_inner);
        answers.clear();
    }
}

impl Asked {
    fn is_the_same_question(&self, other: &Self) -> bool {
        self.target == other.target && self.caller == other.caller
    }
}
