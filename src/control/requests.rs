//! The journal: list, show, find, count, remove.

use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::entry::{Entries, Shape, event, sequence};
use super::input::number;
use super::refusal::Refusal;
use super::{Answer, Ask, ok};
use crate::record::Exchange;
use crate::stubs::{RequestPattern, Subject};

/// `GET /__admin/requests` as `WireMock` has it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page<'a> {
    requests: Entries<'a>,
    meta: Meta,
    request_journal_disabled: bool,
}

/// How many exchanges there are, before `limit` and `since`.
#[derive(Serialize)]
struct Meta {
    total: usize,
}

/// A list of logged requests.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Found<'a> {
    requests: Entries<'a>,
    request_journal_disabled: bool,
}

/// What was taken out.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Removed<'a> {
    serve_events: Entries<'a>,
}

/// `GET /__admin/requests`: newest first; `limit` keeps the newest.
pub(super) fn list(ask: &Ask<'_>) -> Answer {
    let mut limit = usize::MAX;
    let (mut after, mut since, mut only_unmatched) = (0, None, false);
    for (key, value) in ask.query(&["limit", "since", "afterSequence", "unmatched"])? {
        match &*key {
            "limit" => limit = usize::try_from(number(&key, &value)?).unwrap_or(usize::MAX),
            "since" => since = Some(time(&value)?),
            "afterSequence" => after = number(&key, &value)?,
            _ => only_unmatched = value != "false",
        }
    }
    let mut exchanges = ask.instance.record.exchanges_after(0);
    exchanges.retain(|one| !only_unmatched || one.tally.operation.is_none());
    let total = exchanges.len();
    exchanges.retain(|one| one.sequence > after && since.is_none_or(|since| one.at > since));
    exchanges.reverse();
    exchanges.truncate(limit);
    ok(&Page {
        requests: entries(ask, &exchanges, Shape::Event),
        meta: Meta { total },
        request_journal_disabled: disabled(ask),
    })
}

/// `DELETE /__admin/requests`.
pub(super) fn clear(ask: &Ask<'_>) -> Answer {
    ask.query(&[])?;
    ask.instance.record.clear_journal();
    ok(&json!({}))
}

/// `POST /__admin/requests/count`.
pub(super) fn count(ask: &Ask<'_>) -> Answer {
    let found = matching(ask)?;
    ok(&json!({ "count": found.len(), "requestJournalDisabled": disabled(ask) }))
}

/// `POST /__admin/requests/find`.
pub(super) fn find(ask: &Ask<'_>) -> Answer {
    let found = matching(ask)?;
    ok(&Found {
        requests: entries(ask, &found, Shape::Logged),
        request_journal_disabled: disabled(ask),
    })
}

/// `POST /__admin/requests/remove`.
pub(super) fn remove(ask: &Ask<'_>) -> Answer {
    let sequences: Vec<u64> = matching(ask)?.iter().map(|one| one.sequence).collect();
    let removed = ask.instance.record.remove_exchanges(&sequences);
    ok(&Removed {
        serve_events: entries(ask, &removed, Shape::Event),
    })
}

/// `GET /__admin/requests/unmatched`: oldest first.
pub(super) fn unmatched(ask: &Ask<'_>) -> Answer {
    ask.query(&[])?;
    let mut exchanges = ask.instance.record.exchanges_after(0);
    exchanges.retain(|one| one.tally.operation.is_none());
    ok(&Found {
        requests: entries(ask, &exchanges, Shape::Logged),
        request_journal_disabled: disabled(ask),
    })
}

/// `GET /__admin/requests/{id}`.
pub(super) fn show(ask: &Ask<'_>) -> Answer {
    let record = &ask.instance.record;
    let found = sequence(ask.id).and_then(|sequence| record.exchange(sequence));
    let exchange = found.ok_or_else(|| absent(ask.id))?;
    ok(&event(&exchange, record.labels()))
}

/// `DELETE /__admin/requests/{id}`.
pub(super) fn remove_one(ask: &Ask<'_>) -> Answer {
    let sequence = sequence(ask.id).ok_or_else(|| absent(ask.id))?;
    match ask.instance.record.remove_exchanges(&[sequence]).is_empty() {
        true => Err(absent(ask.id)),
        false => ok(&json!({})),
    }
}

/// The exchanges in the journal that match the pattern in the body; an empty body matches all.
fn matching(ask: &Ask<'_>) -> Result<Vec<Arc<Exchange>>, Refusal> {
    ask.query(&[])?;
    let pattern = match ask.optional_body::<Value>()? {
        Some(value) => RequestPattern::read(&value)?,
        None => RequestPattern::default(),
    };
    let record = &ask.instance.record;
    let mut exchanges = record.exchanges_after(0);
    exchanges.retain(|exchange| pattern.matches(&Subject::of(exchange, record.labels())));
    Ok(exchanges)
}

fn entries<'a>(ask: &Ask<'a>, exchanges: &'a [Arc<Exchange>], shape: Shape) -> Entries<'a> {
    Entries {
        exchanges,
        labels: ask.instance.record.labels(),
        shape,
    }
}

fn disabled(ask: &Ask<'_>) -> bool {
    ask.instance.record.journal_size().limit == 0
}

fn absent(id: &str) -> Refusal {
    Refusal::new(404, format!("the journal has no exchange `{id}`"))
}

fn time(text: &str) -> Result<Timestamp, Refusal> {
    text.parse().map_err(|_| {
        let title = format!("`since` is a time such as 2026-01-01T00:00:00Z, not `{text}`");
        Refusal::bad_request(title)
    })
}

#[cfg(test)]
mod tests;
