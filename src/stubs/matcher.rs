//! Request patterns in `WireMock`'s form, with three conditions of ours besides: `node`,
//! `operation` and `status`.
//!
//! A pattern that is not understood in full is refused: one that silently ignored a condition would
//! find too much, and a test that counts what it finds would be wrong without a word.

use std::borrow::Cow;

use regex::Regex;
use serde_json::{Map, Value};

use super::value::{TextMatcher, whole_value};
use crate::http::Request;
use crate::http::form::{self, Syntax};
use crate::record::{Exchange, Labels};

/// The most conditions that one pattern may have.
const CONDITION_LIMIT: usize = 64;

/// Conditions of `WireMock` that are known here but not understood.
const LATER: [&str; 10] = [
    "urlPathTemplate",
    "scheme",
    "host",
    "port",
    "clientIp",
    "pathParameters",
    "formParameters",
    "cookies",
    "basicAuthCredentials",
    "multipartPatterns",
];

/// Conditions on a request; it matches when all of them hold, so the empty pattern matches everything.
#[derive(Debug, Clone, Default)]
pub struct RequestPattern {
    method: Option<String>,
    target: Vec<TargetMatcher>,
    query: Vec<(String, TextMatcher)>,
    headers: Vec<(String, TextMatcher)>,
    body: Vec<TextMatcher>,
    node: Option<String>,
    operation: Option<String>,
    status: Option<u16>,
}

/// Why a pattern was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct PatternFault {
    /// Where in the pattern, as a JSON pointer; empty for the pattern itself.
    pub pointer: String,
    /// What is wrong, in one sentence.
    pub problem: String,
}

/// What a pattern is held against. Before there is a reply there is only the request, and the conditions
/// on what came of it do not hold.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The request.
    pub request: &'a Request,
    /// The node that it is about.
    pub node: Option<&'a str>,
    /// The operation that it named.
    pub operation: Option<&'a str>,
    /// The status of the reply.
    pub status: Option<u16>,
}

/// A condition on the request target, percent-encoding included.
#[derive(Debug, Clone)]
enum TargetMatcher {
    Url(String),
    UrlRegex(Regex),
    Path(String),
    PathRegex(Regex),
}

impl<'a> Subject<'a> {
    /// An exchange of the journal.
    pub fn of(exchange: &'a Exchange, labels: &'a Labels) -> Self {
        let operation = exchange.tally.operation.map(usize::from);
        let label = operation.and_then(|at| labels.operations.get(at));
        Self {
            request: &exchange.request,
            node: exchange.tally.node.as_deref(),
            operation: label.map(|label| label.name.as_str()),
            status: Some(exchange.status),
        }
    }
}

impl RequestPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// When it is not an object, has a field or a matcher that is not known or not supported, or one of the
    /// wrong type; the fault names it.
    pub fn read(value: &Value) -> Result<Self, PatternFault> {
        let Value::Object(fields) = value else {
            let problem = format!("a request pattern is an object, not {value}");
            return Err(PatternFault::new("", problem));
        };
        let mut pattern = Self::default();
        for (key, value) in fields {
            pattern.read_field(key, value)?;
        }
        if pattern.conditions() > CONDITION_LIMIT {
            let problem = format!("a request pattern has at most {CONDITION_LIMIT} conditions");
            return Err(PatternFault::new("", problem));
        }
        Ok(pattern)
    }

    /// Whether all conditions hold.
    pub fn matches(&self, subject: &Subject<'_>) -> bool {
        let same = |want: &Option<String>, got: Option<&str>| {
            want.as_deref().is_none_or(|want| got == Some(want))
        };
        let request = subject.request;
        let method = request.method.as_str();
        self.method
            .as_deref()
            .is_none_or(|want| want.eq_ignore_ascii_case(method))
            && self.status.is_none_or(|want| subject.status == Some(want))
            && same(&self.node, subject.node)
            && same(&self.operation, subject.operation)
            && self.target.iter().all(|target| target.fits(request))
            && self.query_fits(request)
            && self.headers_fit(request)
            && self.body_fits(request)
    }

    fn read_field(&mut self, key: &str, value: &Value) -> Result<(), PatternFault> {
        let place = format!("/{key}");
        let fault = |problem: String| PatternFault::new(&place, problem);
        let text = || match value {
            Value::String(text) => Ok(text.clone()),
            other => Err(fault(format!("`{key}` is a text, not {other}"))),
        };
        let map = || match value {
            Value::Object(map) => Ok(map),
            other => Err(fault(format!(
                "`{key}` maps names to matchers, it is not {other}"
            ))),
        };
        match key {
            "method" => {
                self.method = Some(text()?).filter(|name| !name.eq_ignore_ascii_case("ANY"))
            }
            "url" => self.target.push(TargetMatcher::Url(text()?)),
            "urlPath" => self.target.push(TargetMatcher::Path(text()?)),
            "urlPattern" => {
                let regex = whole_value(&text()?, &place)?;
                self.target.push(TargetMatcher::UrlRegex(regex));
            }
            "urlPathPattern" => {
                let regex = whole_value(&text()?, &place)?;
                self.target.push(TargetMatcher::PathRegex(regex));
            }
            "queryParameters" => self.query = named(map()?, &place)?,
            "headers" => self.headers = named(map()?, &place)?,
            "bodyPatterns" => self.body = listed(value, &place)?,
            "node" => self.node = Some(text()?),
            "operation" => self.operation = Some(text()?),
            "status" => {
                let status = value.as_u64().and_then(|status| u16::try_from(status).ok());
                let problem = || fault(format!("`status` is the number of a status, not {value}"));
                self.status = Some(status.ok_or_else(problem)?);
            }
            later if LATER.contains(&later) => {
                return Err(fault(format!(
                    "the condition `{later}` is not supported yet"
                )));
            }
            other => return Err(fault(format!("a request pattern has no field `{other}`"))),
        }
        Ok(())
    }

    fn conditions(&self) -> usize {
        self.query.len() + self.headers.len() + self.body.len()
    }

    fn query_fits(&self, request: &Request) -> bool {
        self.query.iter().all(|(name, matcher)| {
            let values: Vec<Cow<'_, str>> = form::pairs(request.query(), Syntax::Standard)
                .filter(|(key, _)| key == name)
                .map(|(_, value)| value)
                .collect();
            matcher.fits_any(values.iter().map(AsRef::as_ref))
        })
    }

    fn headers_fit(&self, request: &Request) -> bool {
        self.headers.iter().all(|(name, matcher)| {
            let values: Vec<Cow<'_, str>> = request
                .headers
                .iter()
                .filter(|(key, _)| key.eq_ignore_ascii_case(name))
                .map(|(_, value)| String::from_utf8_lossy(value))
                .collect();
            matcher.fits_any(values.iter().map(AsRef::as_ref))
        })
    }

    fn body_fits(&self, request: &Request) -> bool {
        if self.body.is_empty() {
            return true;
        }
        let text = String::from_utf8_lossy(&request.body);
        let present = (!request.body.is_empty()).then_some(&*text);
        self.body.iter().all(|matcher| match matcher {
            TextMatcher::Absent => present.is_none(),
            other => other.fits_any(std::iter::once(&*text)),
        })
    }
}

impl TargetMatcher {
    fn fits(&self, request: &Request) -> bool {
        match self {
            Self::Url(url) => *url == *request.target,
            Self::UrlRegex(regex) => regex.is_match(&request.target),
            Self::Path(path) => path == request.path(),
            Self::PathRegex(regex) => regex.is_match(request.path()),
        }
    }
}

impl PatternFault {
    pub(super) fn new(pointer: &str, problem: String) -> Self {
        let pointer = pointer.to_owned();
        Self { pointer, problem }
    }
}

fn named(
    map: &Map<String, Value>,
    place: &str,
) -> Result<Vec<(String, TextMatcher)>, PatternFault> {
    map.iter()
        .map(|(name, value)| {
            let matcher = TextMatcher::read(value, &format!("{place}/{name}"))?;
            Ok((name.clone(), matcher))
        })
        .collect()
}

fn listed(value: &Value, place: &str) -> Result<Vec<TextMatcher>, PatternFault> {
    let Value::Array(items) = value else {
        let problem = format!("`bodyPatterns` is a list of matchers, not {value}");
        return Err(PatternFault::new(place, problem));
    };
    let items = items.iter().enumerate();
    items
        .map(|(at, item)| TextMatcher::read(item, &format!("{place}/{at}")))
        .collect()
}

#[cfg(test)]
mod tests;
