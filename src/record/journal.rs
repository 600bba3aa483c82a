//! The journal: the last exchanges, bounded by number and by bytes.
//!
//! A client that asks for a list of megabytes again and again must not push all else out. So the bodies of long
//! replies have a bound of their own, beyond which the oldest of them are cut; their exchanges stay.
//!
//! Each exchange stands behind an `Arc`, so that a reader takes a list of them under the lock and looks
//! into them without it, however large they are.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;

use super::Exchange;

/// The most bytes that the exchanges of a journal keep together, as [`Exchange::footprint`] counts them.
pub const BYTE_LIMIT: usize = 32 << 20;

/// The length from which on the body of a reply is a long one.
const LONG: usize = 128 << 10;

/// The most bytes of long bodies that are kept together: the last four lists of ten thousand guests.
const LONG_LIMIT: usize = 16 << 20;

/// How much is left of a long body that is cut.
const LEFT: usize = 2 << 10;

/// The last exchanges, in their order.
#[derive(Debug)]
pub struct Journal {
    exchanges: VecDeque<Arc<Exchange>>,
    bytes: usize,
    limit: usize,
    /// The exchanges with long bodies that are whole, by sequence number, and the bytes of these bodies.
    long: VecDeque<u64>,
    long_bytes: usize,
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
    bodies: Vec<Bytes>,
}

impl Journal {
    /// An empty journal for `limit` exchanges; 0 switches it off.
    pub fn new(limit: usize) -> Self {
        Self {
            exchanges: VecDeque::new(),
            bytes: 0,
            limit,
            long: VecDeque::new(),
            long_bytes: 0,
        }
    }

    /// Takes an exchange in and hands out what had to leave for it, the oldest first.
    pub fn push(&mut self, exchange: Exchange) -> Evicted {
        let mut evicted = Evicted::default();
        self.bytes += exchange.footprint();
        if is_long(&exchange) {
            self.long.push_back(exchange.sequence);
            self.long_bytes += exchange.reply_body.len();
        }
        self.exchanges.push_back(Arc::new(exchange));
        self.cut(&mut evicted);
        while self.exchanges.len() > self.limit || self.bytes > BYTE_LIMIT {
            let Some(oldest) = self.exchanges.pop_front() else {
                break;
            };
            self.bytes -= oldest.footprint();
            self.forget_long(&oldest);
            evicted.add(oldest);
        }
        evicted
    }

    /// Cuts the oldest long bodies as far as there are too many bytes of them.
    fn cut(&mut self, evicted: &mut Evicted) {
        while self.long_bytes > LONG_LIMIT {
            let Some(sequence) = self.long.front().copied() else {
                return;
            };
            let at = self
                .exchanges
                .partition_point(|exchange| exchange.sequence < sequence);
            // One that somebody reads is cut the next time.
            let Some(exchange) = self.exchanges.get_mut(at).and_then(Arc::get_mut) else {
                return;
            };
            self.bytes -= exchange.footprint();
            let body = exchange.cut(LEFT);
            self.bytes += exchange.footprint();
            self.long_bytes -= body.len();
            self.long.pop_front();
            evicted.bodies.push(body);
        }
    }

    /// Notes that an exchange is out.
    fn forget_long(&mut self, exchange: &Exchange) {
        if let Ok(at) = self.long.binary_search(&exchange.sequence) {
            self.long.remove(at);
            self.long_bytes -= exchange.reply_body.len();
        }
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
        removed.iter().for_each(|gone| self.forget_long(gone));
        removed
    }

    /// Takes out everything.
    pub fn clear(&mut self) -> VecDeque<Arc<Exchange>> {
        self.bytes = 0;
        self.long.clear();
        self.long_bytes = 0;
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

/// Whether the body of a reply is a long one, and whole.
fn is_long(exchange: &Exchange) -> bool {
    exchange.reply_length.is_none() && exchange.reply_body.len() > LONG
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
    fn long_replies_are_cut_before_anything_leaves() {
        let reply = |sequence, length: usize| Exchange {
            reply_body: vec![b'x'; length].into(),
            ..sample(sequence, b"")
        };
        let mut journal = Journal::new(1_000);
        journal.push(sample(1, b"first"));
        for number in 2..=100 {
            let evicted = journal.push(reply(number, 3 << 20));
            assert_eq!(evicted.count(), 0);
            assert!(journal.long_bytes <= LONG_LIMIT);
        }
        assert_eq!(journal.size().exchanges, 100);
        let kept = |journal: &Journal, number| {
            let one = journal.one(number).unwrap();
            (one.reply_body.len(), one.reply_length)
        };
        assert_eq!(kept(&journal, 95), (LEFT, Some(3 << 20)));
        assert_eq!(kept(&journal, 96), (3 << 20, None));
        // What somebody holds stays as it is until the next time.
        let held = journal.one(96).unwrap();
        journal.push(reply(101, 3 << 20));
        assert_eq!(held.reply_length, None);
        drop(held);
        journal.push(sample(102, b""));
        assert_eq!(kept(&journal, 96), (LEFT, Some(3 << 20)));
        // One that is too long by itself is cut at once.
        journal.push(reply(103, LONG_LIMIT + 1));
        assert_eq!(kept(&journal, 103), (LEFT, Some(LONG_LIMIT + 1)));
        journal.push(reply(104, LONG + 1));
        assert_eq!(journal.remove(&[1, 103, 104]).len(), 3);
        assert_eq!((journal.long.len(), journal.long_bytes), (0, 0));
        let all = journal.exchanges.iter().map(|one| one.footprint());
        assert_eq!(journal.bytes, all.sum::<usize>());
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
