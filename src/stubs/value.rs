//! One condition on a text: `{"equalTo": "x"}` and its relatives, as `WireMock` writes them.

use regex::{Regex, RegexBuilder};
use serde_json::{Map, Value};

use super::json::{Liberties, alike};
use super::matcher::PatternFault;

/// The longest regular expression that is accepted, in bytes.
const REGEX_TEXT_LIMIT: usize = 4_096;

/// The most memory that one compiled regular expression may take, in bytes.
const REGEX_SIZE_LIMIT: usize = 1 << 20;

/// Matchers of `WireMock` that are known here but not understood.
const LATER: [&str; 13] = [
    "matchesJsonPath",
    "matchesXPath",
    "matchesJsonSchema",
    "equalToXml",
    "equalToDateTime",
    "binaryEqualTo",
    "before",
    "after",
    "hasExactly",
    "includes",
    "and",
    "or",
    "not",
];

/// A condition on a text, or on its absence.
#[derive(Debug, Clone)]
pub(super) enum TextMatcher {
    Equal { text: String, ignore_case: bool },
    Contains(String),
    Lacks(String),
    Matches(Regex),
    Differs(Regex),
    Json(Value, Liberties),
    Absent,
}

impl TextMatcher {
    /// Reads a matcher; `pointer` says where it stands.
    pub(super) fn read(value: &Value, pointer: &str) -> Result<Self, PatternFault> {
        let fault = |problem: String| PatternFault::new(pointer, problem);
        let Value::Object(fields) = value else {
            return Err(fault(format!(
                "a matcher is an object such as {{\"equalTo\": ...}}, not {value}"
            )));
        };
        let mut found = None;
        for (key, operand) in fields {
            if let Some(matcher) = one(key, operand, fields, pointer)?
                && found.replace(matcher).is_some()
            {
                return Err(fault(
                    "a matcher states one condition, this one has two".into(),
                ));
            }
        }
        found.ok_or_else(|| fault("the matcher states no condition".into()))
    }

    /// Whether a value of this kind that may stand several times, or not at all, fulfils the condition:
    /// one that does is enough.
    pub(super) fn fits_any<'a>(&self, values: impl Iterator<Item = &'a str>) -> bool {
        let mut values = values.peekable();
        match self {
            Self::Absent => values.peek().is_none(),
            _ => values.any(|value| self.fits(value)),
        }
    }

    fn fits(&self, actual: &str) -> bool {
        match self {
            Self::Equal { text, ignore_case } => match ignore_case {
                true => text.to_lowercase() == actual.to_lowercase(),
                false => text == actual,
            },
            Self::Contains(text) => actual.contains(text.as_str()),
            Self::Lacks(text) => !actual.contains(text.as_str()),
            Self::Matches(regex) => regex.is_match(actual),
            Self::Differs(regex) => !regex.is_match(actual),
            Self::Json(expected, liberties) => serde_json::from_str::<Value>(actual)
                .is_ok_and(|actual| alike(expected, &actual, *liberties)),
            Self::Absent => false,
        }
    }
}

/// Compiles an expression that has to match a whole value; as in `WireMock`, `.` matches line ends too.
pub(super) fn whole_value(text: &str, pointer: &str) -> Result<Regex, PatternFault> {
    if text.len() > REGEX_TEXT_LIMIT {
        let problem = format!("the regular expression is longer than {REGEX_TEXT_LIMIT} bytes");
        return Err(PatternFault::new(pointer, problem));
    }
    // Compiled by itself first, so that a stray bracket cannot pair up with ours and the message speaks of
    // the text that was given.
    let compile = |text: &str| {
        RegexBuilder::new(text)
            .size_limit(REGEX_SIZE_LIMIT)
            .dot_matches_new_line(true)
            .build()
    };
    let whole = compile(text).and_then(|_| compile(&format!("^(?:{text})$")));
    whole.map_err(|error| {
        let reason = error.to_string();
        let reason = reason.lines().last().unwrap_or_default().trim();
        let problem =
            format!("`{text}` is not a regular expression that is understood here: {reason}");
        PatternFault::new(pointer, problem)
    })
}

/// One key of a matcher: the condition it states, or none when it only modifies another.
fn one(
    key: &str,
    operand: &Value,
    fields: &Map<String, Value>,
    pointer: &str,
) -> Result<Option<TextMatcher>, PatternFault> {
    let place = format!("{pointer}/{key}");
    let fault = |problem: String| PatternFault::new(&place, problem);
    let text = || match operand {
        Value::String(text) => Ok(text.clone()),
        other => Err(fault(format!("`{key}` takes a text, not {other}"))),
    };
    let flag = |name: &str| match fields.get(name) {
        None => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(other) => Err(fault(format!("`{name}` is true or false, not {other}"))),
    };
    let modifies = |owner: &str| match fields.contains_key(owner) {
        true => Ok(None),
        false => Err(fault(format!("`{key}` goes with `{owner}` only"))),
    };
    Ok(Some(match key {
        "equalTo" => TextMatcher::Equal {
            text: text()?,
            ignore_case: flag("caseInsensitive")?,
        },
        "contains" => TextMatcher::Contains(text()?),
        "doesNotContain" => TextMatcher::Lacks(text()?),
        "matches" => TextMatcher::Matches(whole_value(&text()?, &place)?),
        "doesNotMatch" => TextMatcher::Differs(whole_value(&text()?, &place)?),
        "equalToJson" => {
            let liberties = Liberties {
                ignore_array_order: flag("ignoreArrayOrder")?,
                ignore_extra_elements: flag("ignoreExtraElements")?,
            };
            TextMatcher::Json(expected_json(operand, &place)?, liberties)
        }
        "absent" if *operand == Value::Bool(true) => TextMatcher::Absent,
        "absent" => return Err(fault(format!("`absent` can only be true, not {operand}"))),
        "caseInsensitive" => return modifies("equalTo"),
        "ignoreArrayOrder" | "ignoreExtraElements" => return modifies("equalToJson"),
        later if LATER.contains(&later) => {
            return Err(fault(format!("the matcher `{later}` is not supported yet")));
        }
        other => return Err(fault(format!("there is no matcher `{other}`"))),
    }))
}

/// The operand of `equalToJson`: a JSON value, or the text of one.
fn expected_json(operand: &Value, place: &str) -> Result<Value, PatternFault> {
    let Value::String(text) = operand else {
        return Ok(operand.clone());
    };
    serde_json::from_str(text).map_err(|error| {
        let problem = format!("the text of `equalToJson` is not JSON: {error}");
        PatternFault::new(place, problem)
    })
}
