//! Who waits for something to happen, without asking again and again.
//!
//! A waiter first leaves its waker here and then looks at the record; whoever changes the record does so
//! first and then wakes. Both looks and changes go through a lock of the record, so one of the two always
//! sees the other. While nobody waits, a change costs one atomic load.
//!
//! A waker is foreign code that may own a whole connection, so none is woken or dropped under a lock.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::Waker;

use super::locked;

/// The wakers of everybody who waits.
#[derive(Debug, Default)]
pub struct Waiters {
    next: AtomicU64,
    waiting: AtomicUsize,
    wakers: Mutex<BTreeMap<u64, Waker>>,
}

/// One who waits, by number.
#[derive(Debug, PartialEq, Eq)]
pub struct Ticket(u64);

impl Waiters {
    /// A number for somebody new.
    pub fn enter(&self) -> Ticket {
        Ticket(self.next.fetch_add(1, Ordering::Relaxed))
    }

    /// Keeps a waker until the next change; to be called before looking at the record.
    pub fn keep(&self, ticket: &Ticket, waker: &Waker) {
        let replaced = {
            let mut wakers = locked(&self.wakers);
            let replaced = wakers.insert(ticket.0, waker.clone());
            self.waiting.store(wakers.len(), Ordering::SeqCst);
            replaced
        };
        drop(replaced);
    }

    /// Forgets somebody who waits no longer.
    pub fn leave(&self, ticket: &Ticket) {
        let removed = {
            let mut wakers = locked(&self.wakers);
            let removed = wakers.remove(&ticket.0);
            self.waiting.store(wakers.len(), Ordering::SeqCst);
            removed
        };
        drop(removed);
    }

    /// Wakes everybody, once: who wants to know of the next change too has to leave a waker again. So a
    /// thousand changes before a waiter gets to run cost it one look.
    pub fn wake(&self) {
        if self.waiting.load(Ordering::SeqCst) == 0 {
            return;
        }
        let woken = {
            let mut wakers = locked(&self.wakers);
            self.waiting.store(0, Ordering::SeqCst);
            std::mem::take(&mut *wakers)
        };
        woken.into_values().for_each(Waker::wake);
    }
}

#[cfg(test)]
pub(crate) mod testing {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    /// A waker that counts how often it was woken.
    #[derive(Default)]
    pub(crate) struct Bell(AtomicUsize);

    impl Bell {
        pub(crate) fn rings(&self) -> usize {
            self.0.load(Ordering::SeqCst)
        }
    }

    impl Wake for Bell {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::testing::Bell;
    use super::*;

    #[test]
    fn each_waker_is_woken_once() {
        let waiters = Waiters::default();
        let (first, second) = (Arc::new(Bell::default()), Arc::new(Bell::default()));
        let (one, two) = (waiters.enter(), waiters.enter());
        waiters.wake();
        waiters.keep(&one, &Waker::from(first.clone()));
        waiters.keep(&one, &Waker::from(first.clone()));
        waiters.keep(&two, &Waker::from(second.clone()));
        waiters.leave(&two);
        waiters.wake();
        waiters.wake();
        assert_eq!((first.rings(), second.rings()), (1, 0));
        waiters.keep(&one, &Waker::from(first.clone()));
        waiters.wake();
        assert_eq!(first.rings(), 2);
        waiters.leave(&one);
    }
}
