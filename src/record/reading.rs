//! A reading of the counters, and its textual form: the token that a test hands back to say "since then".
//!
//! A token holds the values themselves, so the server keeps nothing for it, and a test may hold as many as
//! it likes for as long as it likes.

use std::fmt::Write;

use super::Labels;

/// What the counters that tests wait for showed at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// How many resets of the counters there were before it.
    pub epoch: u64,
    /// The sequence number of the last exchange.
    pub sequence: u64,
    /// The product's own counters, in the order of [`Labels::counters`].
    pub counters: Vec<u64>,
    /// The totals of the operations, in the order of [`Labels::operations`].
    pub operations: Vec<u64>,
}

/// Why a token is of no use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// It is not one of ours.
    #[error("this is not a token: use one as an answer of the control plane gave it under `token`")]
    Unreadable,
    /// The counters it speaks of are gone.
    #[error(
        "the token is from before a reset of the counters: take a new one from /__admin/counters"
    )]
    BeforeReset,
    /// It counts more than ever happened here.
    #[error("the token is from another run of the server: take a new one from /__admin/counters")]
    OtherRun,
}

impl Reading {
    /// The reading as text that can stand in a query without escapes; zeros are left out.
    pub fn token(&self) -> String {
        let mut text = format!("r{}.{}", self.epoch, self.sequence);
        for (mark, values) in [('c', &self.counters), ('o', &self.operations)] {
            let moved = values.iter().enumerate().filter(|(_, value)| **value > 0);
            for (at, value) in moved {
                // Writing to a string does not fail.
                let _ = write!(text, ".{mark}{at}-{value}");
            }
        }
        text
    }

    /// Reads a token.
    ///
    /// # Errors
    /// [`TokenFault::Unreadable`] when it is no token, or not one for these labels.
    pub fn parse(token: &str, labels: &Labels) -> Result<Self, TokenFault> {
        read(token, labels).ok_or(TokenFault::Unreadable)
    }

    /// Checks that this reading came before `now` in the same run and after the last reset.
    ///
    /// # Errors
    /// [`TokenFault::BeforeReset`] or [`TokenFault::OtherRun`].
    pub fn precedes(&self, now: &Self) -> Result<(), TokenFault> {
        if self.epoch < now.epoch {
            return Err(TokenFault::BeforeReset);
        }
        let within = |then: &[u64], now: &[u64]| then.iter().zip(now).all(|(a, b)| a <= b);
        let possible = self.epoch == now.epoch
            && self.sequence <= now.sequence
            && within(&self.counters, &now.counters)
            && within(&self.operations, &now.operations);
        possible.then_some(()).ok_or(TokenFault::OtherRun)
    }
}

fn read(token: &str, labels: &Labels) -> Option<Reading> {
    let mut parts = token.strip_prefix('r')?.split('.');
    let mut reading = Reading {
        epoch: parts.next()?.parse().ok()?,
        sequence: parts.next()?.parse().ok()?,
        counters: vec![0; labels.counters.len()],
        operations: vec![0; labels.operations.len()],
    };
    for part in parts {
        let (values, rest) = match part.strip_prefix('c') {
            Some(rest) => (&mut reading.counters, rest),
            None => (&mut reading.operations, part.strip_prefix('o')?),
        };
        let (at, value) = rest.split_once('-')?;
        *values.get_mut(at.parse::<usize>().ok()?)? = value.parse().ok()?;
    }
    Some(reading)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels() -> Labels {
        Labels {
            counters: vec!["a".into(), "b".into(), "c".into()],
            ..Labels::default()
        }
    }

    fn reading(epoch: u64, sequence: u64, counters: [u64; 3]) -> Reading {
        Reading {
            epoch,
            sequence,
            counters: counters.into(),
            operations: Vec::new(),
        }
    }

    #[test]
    fn tokens_read_back() {
        let there = reading(2, 1234, [0, 7, 18_446_744_073_709_551_615]);
        let token = there.token();
        assert_eq!(token, "r2.1234.c1-7.c2-18446744073709551615");
        assert_eq!(Reading::parse(&token, &labels()).unwrap(), there);
    }

    #[test]
    fn anything_else_is_refused() {
        let check = |token: &str| {
            let got = Reading::parse(token, &labels());
            assert_eq!(got, Err(TokenFault::Unreadable), "{token}");
        };
        for token in [
            "",
            "r",
            "r1",
            "1.2",
            "r1.2.c9-1",
            "r1.2.c1",
            "r1.2.x0-1",
            "r-1.2",
        ] {
            check(token);
        }
        check("r1.2.c0-99999999999999999999");
        check("r1.2.o0-1");
    }

    #[test]
    fn tokens_of_other_times_are_told_apart() {
        let now = reading(2, 10, [1, 2, 3]);
        let check = |then: Reading, want: Result<(), TokenFault>| {
            assert_eq!(then.precedes(&now), want, "{then:?}");
        };
        check(now.clone(), Ok(()));
        check(reading(2, 9, [1, 2, 0]), Ok(()));
        check(reading(1, 9, [9, 9, 9]), Err(TokenFault::BeforeReset));
        check(reading(3, 1, [0, 0, 0]), Err(TokenFault::OtherRun));
        check(reading(2, 11, [1, 2, 3]), Err(TokenFault::OtherRun));
        check(reading(2, 10, [1, 2, 4]), Err(TokenFault::OtherRun));
    }
}
