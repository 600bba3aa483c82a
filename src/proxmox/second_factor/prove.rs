//! What an answer to a challenge proves, and what it leaves behind.
//!
//! In two steps, because who logs in is looked at before anything is changed: [`User::prove`] finds out,
//! [`User::settle`] writes down.

use jiff::Timestamp;
use serde_json::Value;

use super::{Factor, FactorKind, Match, RECOVERY};
use crate::proxmox::account::User;

/// Wrong codes in a row after which no more codes are taken.
const MOST_TOTP_FAILURES: u32 = 8;

/// Wrong answers of any kind in a row after which nothing is taken for a while.
const MOST_FAILURES: u32 = 100;

/// How long that is, in seconds.
const LOCK_TIME: i64 = 3_600;

/// What an answer proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// The user is who they say.
    Fits(Used),
    /// Nothing; it counts as a failed attempt.
    Wrong(Tried),
    /// Nothing, because nobody looked at it: no such kind of answer, no factors, or a user who is locked out.
    Refused,
}

/// What is used up by an answer that fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Used {
    /// Nothing: a code that is always the same.
    Nothing,
    /// A step of the clock, for the factor of this id.
    Step(String, i64),
    /// The recovery key in this position.
    Key(usize),
}

/// What was tried in vain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tried {
    /// A code.
    Totp,
    /// Something else.
    Other,
}

impl Proof {
    /// Whether the user is who they say.
    pub fn fits(&self) -> bool {
        matches!(self, Self::Fits(_))
    }
}

impl User {
    /// What an answer such as `totp:123456` or `recovery:0011-2233-4455-6677` proves at a moment.
    pub fn prove(&self, answer: &str, now: Timestamp) -> Proof {
        let Some((kind, value)) = answer.split_once(':') else {
            return Proof::Refused;
        };
        if self.factors.is_empty() || self.lockout.is_locked(now) {
            return Proof::Refused;
        }
        match FactorKind::named(kind) {
            Some(FactorKind::Totp) if !self.lockout.totp_locked => self.prove_code(value, now),
            Some(FactorKind::Recovery) => self.prove_key(value),
            // Nobody here can check the signature of a security key.
            Some(FactorKind::Webauthn | FactorKind::U2f)
                if serde_json::from_str::<Value>(value).is_ok() =>
            {
                Proof::Wrong(Tried::Other)
            }
            _ => Proof::Refused,
        }
    }

    /// Writes down what an answer used up, or that it failed.
    pub fn settle(&mut self, proof: &Proof, now: Timestamp) {
        match proof {
            Proof::Refused => {}
            Proof::Fits(used) => self.use_up(used),
            Proof::Wrong(tried) => {
                let lockout = &mut self.lockout;
                lockout.tfa_failures = lockout.tfa_failures.saturating_add(1);
                if *tried == Tried::Totp {
                    lockout.totp_failures = lockout.totp_failures.saturating_add(1);
                    lockout.totp_locked |= lockout.totp_failures >= MOST_TOTP_FAILURES;
                }
                if lockout.tfa_failures >= MOST_FAILURES {
                    lockout.tfa_locked_until = Some(now.as_second().saturating_add(LOCK_TIME));
                }
            }
        }
    }

    fn prove_code(&self, code: &str, now: Timestamp) -> Proof {
        let counting = self.listed_factors().into_iter();
        let counting = counting.filter(|(_, factor)| factor.enable);
        for (id, factor) in counting {
            let found = factor.totp.as_ref();
            match found.and_then(|totp| totp.matches(code, now)) {
                None => {}
                Some(Match::Always) => return Proof::Fits(Used::Nothing),
                Some(Match::Step(step)) if factor.last_step.is_some_and(|last| step <= last) => {
                    return Proof::Wrong(Tried::Totp);
                }
                Some(Match::Step(step)) => {
                    return Proof::Fits(Used::Step(id.to_owned(), step));
                }
            }
        }
        Proof::Wrong(Tried::Totp)
    }

    fn prove_key(&self, key: &str) -> Proof {
        let keys = self.factors.get(RECOVERY).map(|factor| &factor.keys);
        let mut keys = keys.into_iter().flatten();
        let found = keys.position(|known| known.as_deref() == Some(key));
        found.map_or(Proof::Wrong(Tried::Other), |position| {
            Proof::Fits(Used::Key(position))
        })
    }

    fn use_up(&mut self, used: &Used) {
        self.lockout.tfa_failures = 0;
        self.lockout.totp_failures = 0;
        match used {
            Used::Nothing => {}
            Used::Step(id, step) => {
                if let Some(factor) = self.factors.get_mut(id) {
                    factor.last_step = Some(*step);
                }
            }
            Used::Key(position) => {
                self.lockout = super::Lockout::default();
                let keys = self.factors.get_mut(RECOVERY);
                if let Some(key) = keys.and_then(|Factor { keys, .. }| keys.get_mut(*position)) {
                    *key = None;
                }
            }
        }
    }
}
