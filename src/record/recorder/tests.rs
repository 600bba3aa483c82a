//! The record as a whole: an exchange is in all of it, a reset takes it out of all.

use std::task::Waker;

use super::*;
use crate::record::exchange::sample;
use crate::record::waiters::testing::Bell;
use crate::record::{Tally, TokenFault};

fn recorder() -> Recorder {
    let labels = Labels {
        operations: Vec::new(),
        counters: vec!["heartbeat_count".into()],
        captures: vec!["heartbeat".into()],
    };
    Recorder::new(labels, 10)
}

fn heartbeat(body: &[u8]) -> Exchange {
    Exchange {
        tally: Tally {
            counter: Some(0),
            capture: Some(0),
            ..Tally::default()
        },
        ..sample(0, body)
    }
}

#[test]
fn an_exchange_is_counted_captured_and_kept() {
    let recorder = recorder();
    assert_eq!(recorder.record(heartbeat(b"one")), 1);
    assert_eq!(recorder.record(heartbeat(b"two")), 2);
    assert_eq!(recorder.counters(), [2]);
    assert_eq!(recorder.capture(0).unwrap(), "two");
    assert_eq!(recorder.exchange(1).unwrap().request.body, "one");
    let (reading, fresh) = recorder.glance(1);
    assert_eq!((reading.sequence, fresh.len()), (2, 1));
}

#[test]
fn a_reset_voids_tokens_and_goes_on_counting_sequences() {
    let recorder = recorder();
    recorder.record(heartbeat(b"one"));
    let token = recorder.token();
    let then = Reading::parse(&token, recorder.labels()).unwrap();
    assert_eq!(then.precedes(&recorder.reading()), Ok(()));
    recorder.reset();
    let refused = then.precedes(&recorder.reading());
    assert_eq!(refused, Err(TokenFault::BeforeReset));
    assert_eq!(recorder.counters(), [0]);
    assert!(recorder.capture(0).is_none());
    assert_eq!(recorder.journal_size().exchanges, 0);
    assert_eq!(recorder.record(heartbeat(b"two")), 2);
}

#[test]
fn every_change_wakes_who_waits() {
    let recorder = recorder();
    let bell = Arc::new(Bell::default());
    let ticket = recorder.waiters().enter();
    let check = |change: &dyn Fn(), rings: usize| {
        let waker = Waker::from(bell.clone());
        recorder.waiters().keep(&ticket, &waker);
        change();
        assert_eq!(bell.rings(), rings);
    };
    check(&|| assert_eq!(recorder.record(heartbeat(b"")), 1), 1);
    check(&|| recorder.reset(), 2);
    check(&|| recorder.reset_counters(), 3);
}
