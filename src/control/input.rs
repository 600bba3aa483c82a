//! What is read from requests to the control plane: JSON bodies, query parameters, durations.

use std::borrow::Cow;
use std::time::Duration;

use serde::de::DeserializeOwned;

use super::Ask;
use super::refusal::Refusal;
use crate::clock;
use crate::http::form::{self, Syntax};

/// The pairs of a query, decoded.
pub(super) type Pairs<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

impl<'a> Ask<'a> {
    /// The body as JSON.
    pub(super) fn body<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        if self.request.body_fault.is_some() {
            return Err(Refusal::bad_request(
                "the body is not the gzip stream it claims to be",
            ));
        }
        serde_json::from_slice(&self.request.body).map_err(|error| {
            // serde_json ends each message with line and column.
            Refusal::bad_request("Error parsing JSON").detail(error.to_string())
        })
    }

    /// The body as JSON, or nothing when there is none.
    pub(super) fn optional_body<T: DeserializeOwned>(&self) -> Result<Option<T>, Refusal> {
        if self.request.body.trim_ascii().is_empty() {
            return Ok(None);
        }
        self.body().map(Some)
    }

    /// The query's pairs; refused when one of them is not among `known`, because a misspelt parameter that
    /// is ignored gives an answer to another question.
    pub(super) fn query(&self, known: &[&str]) -> Result<Pairs<'a>, Refusal> {
        let pairs: Pairs<'_> = form::pairs(self.request.query(), Syntax::Standard).collect();
        match pairs.iter().find(|(key, _)| !known.contains(&&**key)) {
            None => Ok(pairs),
            Some((key, _)) => {
                let title = format!("there is no parameter `{key}` here");
                let known = match known {
                    [] => "this route takes none".to_owned(),
                    known => format!("it takes {}", known.join(", ")),
                };
                Err(Refusal::bad_request(title).detail(known))
            }
        }
    }
}

/// A whole number from a query.
pub(super) fn number(key: &str, text: &str) -> Result<u64, Refusal> {
    text.parse()
        .map_err(|_| Refusal::bad_request(format!("`{key}` is a whole number, not `{text}`")))
}

/// A duration such as `500ms`, `10s`, `1.5m`, `2h`, or plain seconds.
pub(super) fn duration(key: &str, text: &str) -> Result<Duration, Refusal> {
    clock::parse_duration(text).ok_or_else(|| {
        let title = format!("`{key}` is a duration such as 500ms, 10s or 2m, not `{text}`");
        Refusal::bad_request(title)
    })
}
