//! What a call to `/__admin/wait` asks for, written as a query or as JSON.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Ask;
use super::input::{duration, number};
use super::refusal::Refusal;
use super::sought::id_and_state;

/// How long a call waits that does not say.
pub(super) const USUAL_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a call may wait at the most.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(600);

/// The parameters of the query that make up a request pattern.
const PATTERN: [&str; 7] = [
    "method",
    "url",
    "urlPath",
    "urlPathPattern",
    "node",
    "operation",
    "status",
];

/// All parameters of the query.
const PARAMETERS: [&str; 16] = [
    "atLeast",
    "more",
    "since",
    "streams",
    "requests",
    "guestStatus",
    "nodeStatus",
    "taskEnded",
    "timeout",
    "method",
    "url",
    "urlPath",
    "urlPathPattern",
    "node",
    "operation",
    "status",
];

/// What is waited for, however it was written.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Wanted {
    /// Names of counters with the values they are to reach.
    pub(super) at_least: Map<String, Value>,
    /// Names of counters with how much they are to rise.
    pub(super) more: Map<String, Value>,
    /// The token since when they are to rise.
    pub(super) since: Option<String>,
    /// How many streams are to be connected.
    pub(super) streams: Option<u64>,
    /// Guests by number, with the states that they are to be in.
    pub(super) guest_status: Map<String, Value>,
    /// Nodes by name, with theirs.
    pub(super) node_status: Map<String, Value>,
    /// The ids of tasks that are to be over.
    pub(super) task_ended: Vec<String>,
    /// Exchanges that are to have happened.
    pub(super) requests: Option<WantedRequests>,
    timeout: Option<Value>,
}

/// Exchanges that are waited for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WantedRequests {
    /// The request pattern.
    #[serde(default)]
    pub(super) pattern: Map<String, Value>,
    /// How many are to match.
    #[serde(default = "one")]
    pub(super) count: u64,
}

fn one() -> u64 {
    1
}

impl Wanted {
    /// Reads it from the query of a call.
    pub(super) fn from_query(ask: &Ask<'_>) -> Result<Self, Refusal> {
        let mut wanted = Self::default();
        let mut pattern = Map::new();
        let mut count = None;
        for (key, value) in ask.query(&PARAMETERS)? {
            match &*key {
                "atLeast" => name_and_number(&key, &value, &mut wanted.at_least)?,
                "more" => name_and_number(&key, &value, &mut wanted.more)?,
                "since" => wanted.since = Some(value.into_owned()),
                "streams" => wanted.streams = Some(number(&key, &value)?),
                "requests" => count = Some(number(&key, &value)?),
                "guestStatus" => id_and_state(&key, &value, &mut wanted.guest_status)?,
                "nodeStatus" => id_and_state(&key, &value, &mut wanted.node_status)?,
                "taskEnded" => wanted.task_ended.push(value.into_owned()),
                "timeout" => wanted.timeout = Some(json!(value)),
                "status" => {
                    pattern.insert("status".into(), number(&key, &value)?.into());
                }
                "url" | "urlPath" | "urlPathPattern" => {
                    // A request target has no blanks, so one that came of decoding was meant as a plus.
                    pattern.insert(key.into_owned(), json!(value.replace(' ', "+")));
                }
                _ => {
                    pattern.insert(key.into_owned(), json!(value));
                }
            }
        }
        wanted.requests = match (count, pattern.is_empty()) {
            (Some(count), _) => Some(WantedRequests { pattern, count }),
            (None, true) => None,
            (None, false) => {
                let title = format!("{} go with `requests=N` only", PATTERN.join(", "));
                return Err(Refusal::bad_request(title));
            }
        };
        Ok(wanted)
    }

    /// Reads it from the body of a call.
    pub(super) fn from_body(ask: &Ask<'_>) -> Result<Self, Refusal> {
        ask.query(&[])?;
        ask.body()
    }

    /// How long the call waits.
    pub(super) fn timeout(&self) -> Result<Duration, Refusal> {
        self.timeout
            .as_ref()
            .map_or(Ok(USUAL_TIMEOUT), read_timeout)
    }
}

/// Reads a time-out, from a query or a body.
pub(super) fn read_timeout(timeout: &Value) -> Result<Duration, Refusal> {
    let text = match timeout {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let timeout = duration("timeout", &text)?;
    if timeout > LONGEST_TIMEOUT {
        let longest = LONGEST_TIMEOUT.as_secs() / 60;
        let title = format!("`timeout` is at most {longest}m, not `{text}`");
        return Err(Refusal::bad_request(title));
    }
    Ok(timeout)
}

/// `NAME:N` of a query.
fn name_and_number(key: &str, text: &str, into: &mut Map<String, Value>) -> Result<(), Refusal> {
    let Some((name, count)) = text.rsplit_once(':') else {
        let title = format!("`{key}` is NAME:N such as heartbeat_count:3, not `{text}`");
        return Err(Refusal::bad_request(title));
    };
    into.insert(name.to_owned(), number(key, count)?.into());
    Ok(())
}
