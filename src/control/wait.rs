//! `/__admin/wait`: answers when everything that is waited for holds at once, or when the time is up.
//!
//! Nothing here asks again and again: the record wakes a waiter after each change, and the waiter then looks
//! once. Exchanges are looked at once each.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use serde_json::{Value, json};

use super::condition::{Condition, Sight};
use super::counters::named;
use super::refusal::Refusal;
use super::sought::{self, Sought};
use super::wanted::Wanted;
use super::{Answer, Ask, json as json_reply};
use crate::http::{Outcome, Reply, Wait};
use crate::personality::Instance;
use crate::record::{Labels, Reading, Ticket, TokenFault};
use crate::stubs::RequestPattern;

/// The most conditions of one call.
const CONDITION_LIMIT: usize = 100;

/// `GET /__admin/wait`.
pub(super) fn by_query(ask: &Ask<'_>) -> Answer {
    start(ask, &Wanted::from_query(ask)?)
}

/// `POST /__admin/wait`.
pub(super) fn by_body(ask: &Ask<'_>) -> Answer {
    start(ask, &Wanted::from_body(ask)?)
}

/// Answers at once when everything holds already, and waits otherwise.
fn start(ask: &Ask<'_>, wanted: &Wanted) -> Answer {
    let timeout = wanted.timeout()?;
    let mut waiting = Waiting::new(ask.instance, wanted)?;
    if waiting.look() {
        return Ok(Outcome::Reply(waiting.reply(true)));
    }
    let wait = Box::new(waiting);
    Ok(Outcome::Wait { wait, timeout })
}

/// One call that waits.
struct Waiting {
    instance: Arc<Instance>,
    conditions: Vec<Condition>,
    /// States of the world.
    sought: Vec<Sought>,
    /// What the record showed at the last look.
    reading: Reading,
    /// The last exchange that was looked at.
    seen: u64,
    /// The number under which the waker is left; none before the first time.
    ticket: Option<Ticket>,
}

impl Waiting {
    fn new(instance: &Arc<Instance>, wanted: &Wanted) -> Result<Self, Refusal> {
        let record = &instance.record;
        let reading = record.reading();
        let since = match &wanted.since {
            Some(token) => Some(earlier(token, &reading, record.labels()).map_err(void_token)?),
            None => None,
        };
        let conditions = conditions(instance, wanted, since.as_ref().unwrap_or(&reading))?;
        let sought = sought::all(instance, wanted)?;
        let amount = conditions.len() + sought.len();
        if amount == 0 || amount > CONDITION_LIMIT {
            let title =
                format!("a wait has 1 to {CONDITION_LIMIT} conditions, this one has {amount}");
            let detail =
                "they are atLeast, more, streams, requests, guestStatus, nodeStatus and taskEnded";
            return Err(Refusal::bad_request(title).detail(detail));
        }
        if conditions.iter().any(Condition::reads_journal) && record.journal_size().limit == 0 {
            let title = "`requests` cannot be waited for: the journal is switched off";
            return Err(Refusal::new(409, title));
        }
        Ok(Self {
            instance: Arc::clone(instance),
            conditions,
            sought,
            reading,
            seen: since.map_or(0, |since| since.sequence),
            ticket: None,
        })
    }

    /// Looks at the record and says whether everything holds.
    fn look(&mut self) -> bool {
        let record = &self.instance.record;
        let (reading, fresh) = match self.conditions.iter().any(Condition::reads_journal) {
            true => record.glance(self.seen),
            false => (record.reading(), Vec::new()),
        };
        if reading.epoch != self.reading.epoch {
            self.conditions.iter_mut().for_each(Condition::rebase);
        }
        let sight = Sight {
            reading: &reading,
            streams: record.stream_count(),
            fresh: &fresh,
            labels: record.labels(),
        };
        // Every condition is to take in what is fresh, so this must not stop at the first that fails.
        let unmet = self
            .conditions
            .iter_mut()
            .filter_map(|one| (!one.look(&sight)).then_some(()));
        let unmet = unmet.count();
        let instance = &self.instance;
        let sought = self.sought.iter_mut();
        let unsought = sought.filter_map(|one| (!one.look(instance)).then_some(()));
        let satisfied = unmet + unsought.count() == 0;
        self.seen = reading.sequence;
        self.reading = reading;
        satisfied
    }

    fn reply(&self, satisfied: bool) -> Reply {
        let mut body = json!({ "satisfied": satisfied });
        if !satisfied {
            let missing = self.conditions.iter().filter_map(Condition::missing);
            let unsought = self.sought.iter().filter_map(Sought::missing);
            body["missing"] = missing.chain(unsought).collect();
        }
        let conditions = self.conditions.iter().map(Condition::report);
        let sought = self.sought.iter().map(Sought::report);
        body["conditions"] = conditions.chain(sought).collect();
        let labels = self.instance.record.labels();
        body["counters"] = Value::Object(named(labels, &self.reading));
        body["token"] = self.reading.token().into();
        json_reply(if satisfied { 200 } else { 408 }, &body)
    }
}

impl Wait for Waiting {
    fn poll_reply(&mut self, cx: &mut Context<'_>) -> Poll<Reply> {
        let waiters = self.instance.record.waiters();
        let ticket = self.ticket.get_or_insert_with(|| waiters.enter());
        waiters.keep(ticket, cx.waker());
        match self.look() {
            true => Poll::Ready(self.reply(true)),
            false => Poll::Pending,
        }
    }

    fn next_look(&self) -> Option<Duration> {
        if self.sought.is_empty() || self.instance.clock.frozen_at().is_some() {
            return None;
        }
        let now = self.instance.clock.now();
        let next = self.instance.personality.control().next_change(now)?;
        // The clock has no finer steps than this one has.
        let wait = Duration::try_from(next.duration_since(now)).unwrap_or_default();
        Some(wait + Duration::from_millis(1))
    }

    fn timed_out(&mut self) -> Reply {
        let satisfied = self.look();
        self.reply(satisfied)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(ticket) = &self.ticket {
            self.instance.record.waiters().leave(ticket);
        }
    }
}

fn conditions(
    instance: &Instance,
    wanted: &Wanted,
    base: &Reading,
) -> Result<Vec<Condition>, Refusal> {
    let labels = instance.record.labels();
    let mut conditions = Vec::new();
    for (name, want) in &wanted.at_least {
        conditions.push(Condition::at_least(name, whole(name, want)?, labels)?);
    }
    for (name, want) in &wanted.more {
        conditions.push(Condition::more(name, whole(name, want)?, base, labels)?);
    }
    conditions.extend(wanted.streams.map(Condition::streams));
    if let Some(requests) = &wanted.requests {
        let pattern = RequestPattern::read(&Value::Object(requests.pattern.clone()))?;
        conditions.push(Condition::requests(pattern, requests.count));
    }
    Ok(conditions)
}

fn whole(name: &str, want: &Value) -> Result<u64, Refusal> {
    want.as_u64().ok_or_else(|| {
        let title = format!("the number waited for of `{name}` is a whole one, not {want}");
        Refusal::bad_request(title)
    })
}

/// The reading that a token stands for, when it is one of before `now`.
fn earlier(token: &str, now: &Reading, labels: &Labels) -> Result<Reading, TokenFault> {
    let then = Reading::parse(token, labels)?;
    then.precedes(now)?;
    Ok(then)
}

/// A token that is of no use: unreadable is the caller's error, void is the state of things.
fn void_token(fault: TokenFault) -> Refusal {
    let status = match fault {
        TokenFault::Unreadable => 400,
        TokenFault::BeforeReset | TokenFault::OtherRun => 409,
    };
    Refusal::new(status, fault.to_string())
}

#[cfg(test)]
mod tests;
