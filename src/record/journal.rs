//! The journal: the last exchanges, bounded by number and by bytes.
//!
//! Each exchange stands behind an `Arc`, so that a reader takes a list of them under the lock and looks
//! into them without it, however large they are.

use std::collections::VecDeque;
use std::sync::Arc;

use super::Exchange;

/// The most bytes that the exchanges of a journal keep together, as [`Exchange::footprint`] counts them.
pub const BYTE_LIMIT: usize = 64 << 20;

/// The last exchanges, in their order.
#[derive(Debug)]
pub struct Journal {
    exchanges: VecDeque<Arc<Exchange>>,
    bytes: usize,
    limit: usize,
}

/// How full a journal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JournalSize {
    /// Exchanges in it.
    pub exchanges: usize,
    /// Bytes that they keep.
    pub bytes: usize,
    /// The most exchanges that it keeps; 0: it is switched off.
    pub limit: usize,
}

/// Exchanges that left the journal, for the caller to free where that holds up nobody. Nearly always it
/// is one, which needs no list.
#[derive(Debug, Default)]
pub struct Evicted {
    first: Option<Arc<Exchange>>,
    rest: Vec<Arc<Exchange>>,
}

impl Journal {
    /// An empty journal for `limit` exchanges; 0 switches it off.
    pub fn new(limit: usize) -> Self {
        Self {
            exchanges: VecDeque::new(),
            bytes: 0,
            limit,
        }
    }

    /// Takes an exchange in and hands out what had to leave for it, the oldest first.
    pub fn push(&mut self, exchange: Exchange) -> Evicted {
        let mut evicted = Evicted::default();
        self.bytes += exchange.footprint();
        self.exchanges.push_back(Arc::new(exchange));
        while self.exchanges.len() > self.limit || self.bytes > BYTE_LIMIT {
            let Some(oldest) = self.exchanges.pop_front() else {
                break;
            };
            self.bytes -= oldest.footprint();
            evicted.add(oldest);
        }
        evicted
    }

    /// The exchanges after a sequence number, oldest first.
    pub fn after(&self, sequence: u64) -> Vec<Arc<Exchange>> {
        let from = self
            .exchanges
            .partition_point(|exchange| exchange.sequence <= sequence);
        self.exchanges.range(from..).cloned().collect()
    }

    /// The exchange with a sequence number.
    pub fn one(&self, sequence: u64) -> Option<Arc<Exchange>> {
        let found = self
            .exchanges
            .binary_search_by_key(&sequence, |exchange| exchange.sequence);
        self.exchanges.get(found.ok()?).cloned()
    }

    /// Takes out the exchanges with these sequence numbers, which stand in rising order.
    pub fn remove(&mut self, sequences: &[u64]) -> Vec<Arc<Exchange>> {
        let mut removed = Vec::new();
        self.exchanges.retain(|exchange| {
            let stays = sequences.binary_search(&exchange.sequence).is_err();
            if !stays {
                removed.push(Arc::clone(exchange));
            }
            stays
        });
        self.bytes -= removed.iter().map(|gone| gone.footprint()).sum::<usize>();
        removed
    }

    /// Takes out everything.
    pub fn clear(&mut self) -> VecDeque<Arc<Exchange>> {
        self.bytes = 0;
        std::mem::take(&mut self.exchanges)
    }

    /// How full it is.
    pub fn size(&self) -> JournalSize {
        JournalSize {
            exchanges: self.exchanges.len(),
            bytes: self.bytes,
            limit: self.limit,
        }
    }
}

impl Evicted {
    fn add(&mut self, exchange: Arc<Exchange>) {
        if self.first.is_none() {
            self.first = Some(exchange);
        } else {
            self.rest.push(exchange);
        }
    }

    /// How many left.
    pub fn count(&self) -> usize {
        usize::from(self.first.is_some()) + self.rest.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::exchange::sample;

    fn sequences(journal: &Journal, after: u64) -> Vec<u64> {
        let exchanges = journal.after(after);
        exchanges.iter().map(|found| found.sequence).collect()
    }

    #[test]
    fn the_oldest_leave_first() {
        let mut journal = Journal::new(3);
        for number in 1..=5 {
            let evicted = journal.push(sample(number, b""));
            assert_eq!(evicted.count(), usize::from(number > 3));
        }
        assert_eq!(sequences(&journal, 0), [3, 4, 5]);
        assert_eq!(sequences(&journal, 4), [5]);
        assert_eq!(sequences(&journal, 9), [0; 0]);
        assert_eq!(journal.one(4).unwrap().sequence, 4);
        assert!(journal.one(2).is_none());
        assert_eq!(journal.remove(&[1, 4]).len(), 1);
        assert_eq!(sequences(&journal, 0), [3, 5]);
        assert!(journal.one(4).is_none());
        assert_eq!(journal.clear().len(), 2);
        assert_eq!(journal.size().bytes, 0);
    }

    #[test]
    fn a_journal_of_none_keeps_nothing() {
        let mut journal = Journal::new(0);
        assert_eq!(journal.push(sample(1, b"x")).count(), 1);
        let size = journal.size();
        assert_eq!((size.exchanges, size.bytes), (0, 0));
    }

    #[test]
    fn a_million_exchanges_stay_within_the_number() {
        let mut journal = Journal::new(1_000);
        for number in 1..=1_000_000 {
            journal.push(sample(number, b"0123456789"));
        }
        let size = journal.size();
        let each = sample(1, b"0123456789").footprint();
        assert_eq!((size.exchanges, size.bytes), (1_000, 1_000 * each));
    }

    #[test]
    fn large_bodies_stay_within_the_bytes() {
        let large = vec![b'x'; 5 << 20];
        let mut journal = Journal::new(1_000);
        for number in 1..=200 {
            journal.push(sample(number, if number % 3 == 0 { &large } else { b"" }));
            assert!(journal.size().bytes <= BYTE_LIMIT);
        }
        assert_eq!(sequences(&journal, 199), [200]);
        journal.push(sample(201, &vec![0; BYTE_LIMIT + 1]));
        assert_eq!(journal.size().exchanges, 0);
        assert_eq!(journal.size().bytes, 0);
    }
}
