//! The facts of a document that need no schema: its `x-` fields, and its paths.

use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::operation::BodyRule;
use super::resolve::Fault;
use crate::http::ListenerRole;

/// The keys of a path item that are methods, in the order in which operations are counted.
pub(super) const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// A list of names, each once; empty when there is no such field.
pub(super) fn names(document: &Value, field: &str) -> Result<Vec<String>, Fault> {
    let Some(list) = document.get(field) else {
        return Ok(Vec::new());
    };
    let names = Vec::<String>::deserialize(list)
        .map_err(|_| Fault::at(field, "must be a list of names"))?;
    let mut seen = BTreeSet::new();
    match names.iter().find(|name| !seen.insert(name.as_str())) {
        None => Ok(names),
        Some(name) => Err(Fault::at(field, format!("`{name}` stands there twice"))),
    }
}

/// The text of a field, if it is there.
pub(super) fn word(
    facts: &Map<String, Value>,
    field: &str,
    at: &str,
) -> Result<Option<String>, Fault> {
    match facts.get(field) {
        None => Ok(None),
        Some(Value::String(word)) => Ok(Some(word.clone())),
        Some(_) => Err(Fault::at(at, format!("`{field}` must be a string"))),
    }
}

/// Where the name in a field stands in a list of the document.
pub(super) fn position(
    facts: &Map<String, Value>,
    field: &str,
    list: &[String],
    at: &str,
) -> Result<Option<u16>, Fault> {
    let Some(name) = word(facts, field, at)? else {
        return Ok(None);
    };
    let position = list.iter().position(|known| *known == name);
    match position.map(u16::try_from) {
        Some(Ok(position)) => Ok(Some(position)),
        _ => {
            let message =
                format!("`{field}` is `{name}`, which the document does not list in `{field}s`");
            Err(Fault::at(at, message))
        }
    }
}

/// The rule for bodies of an operation.
pub(super) fn body_rule(facts: &Map<String, Value>, at: &str) -> Result<BodyRule, Fault> {
    match word(facts, "x-body", at)?.as_deref() {
        None => Ok(BodyRule::Unread),
        Some("raw") => Ok(BodyRule::Raw),
        Some("go-json") => Ok(BodyRule::GoJson),
        Some(other) => {
            let message = format!("`x-body` is `{other}`, but must be `raw` or `go-json`");
            Err(Fault::at(at, message))
        }
    }
}

/// The listeners of a path.
pub(super) fn listeners(
    template: &str,
    item: &Map<String, Value>,
) -> Result<Vec<ListenerRole>, Fault> {
    let Some(list) = item.get("x-listeners") else {
        return Ok(vec![ListenerRole::Main]);
    };
    let role = |word: &Value| {
        let roles = [ListenerRole::Main, ListenerRole::Local];
        roles
            .into_iter()
            .find(|role| Some(role.name()) == word.as_str())
    };
    let roles: Option<Vec<ListenerRole>> = list
        .as_array()
        .and_then(|words| words.iter().map(role).collect());
    roles.filter(|roles| !roles.is_empty()).ok_or_else(|| {
        Fault::at(
            template,
            "`x-listeners` must be a list of `main` and `local`",
        )
    })
}

/// Refuses a path item with a key that means nothing: a misspelled method would be missed in silence.
pub(super) fn known_keys(template: &str, item: &Map<String, Value>) -> Result<(), Fault> {
    let known = |key: &&String| {
        METHODS.contains(&key.as_str())
            || ["summary", "description", "servers", "parameters"].contains(&key.as_str())
            || key.starts_with("x-")
    };
    match item.keys().find(|key| !known(key)) {
        None => Ok(()),
        Some(key) => Err(Fault::at(
            template,
            format!("`{key}` is no method and no field of a path"),
        )),
    }
}

/// The names in the braces of a template.
pub(super) fn parameters_of(template: &str) -> Result<BTreeSet<String>, Fault> {
    if !template.starts_with('/') {
        // An empty one would be no place to name.
        let at = if template.is_empty() {
            "\"\""
        } else {
            template
        };
        return Err(Fault::at(at, "a path must begin with `/`"));
    }
    let mut names = BTreeSet::new();
    for segment in template.split('/') {
        let inside = segment
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'));
        let name = inside.unwrap_or_default();
        if name.contains(['{', '}'])
            || inside.is_none() && segment.contains(['{', '}'])
            || inside == Some("")
        {
            return Err(Fault::at(
                template,
                format!("`{segment}` is no segment and no `{{parameter}}`"),
            ));
        }
        if inside.is_some() && !names.insert(name.to_owned()) {
            return Err(Fault::at(
                template,
                format!("`{{{name}}}` stands there twice"),
            ));
        }
    }
    Ok(names)
}

/// The template without the names of its parameters: what two paths may not have in common.
pub(super) fn nameless(template: &str) -> String {
    let segments = template.split('/');
    let bare: Vec<&str> = segments
        .map(|segment| {
            if segment.starts_with('{') {
                "{}"
            } else {
                segment
            }
        })
        .collect();
    bare.join("/")
}

/// Compares the parameters in a template with those that are declared.
pub(super) fn same_parameters(
    at: &str,
    wanted: &BTreeSet<String>,
    declared: &BTreeSet<String>,
) -> Result<(), Fault> {
    if let Some(name) = wanted.difference(declared).next() {
        let message = format!("`{{{name}}}` is not declared in `parameters`");
        return Err(Fault::at(at, message));
    }
    if let Some(name) = declared.difference(wanted).next() {
        let message =
            format!("the parameter `{name}` is declared, but the path has no `{{{name}}}`");
        return Err(Fault::at(at, message));
    }
    Ok(())
}

/// A path that stands in the document twice, letter by letter. JSON readers keep the last and say
/// nothing, so the keys are looked at once more.
pub(super) fn repeated_path(text: &[u8]) -> Option<Fault> {
    let outline: Outline = serde_json::from_slice(text).ok()?;
    let mut seen = BTreeSet::new();
    let twice = outline.paths.0.iter().find(|path| !seen.insert(*path))?;
    Some(Fault::at(twice, "stands in `paths` twice"))
}

#[derive(Deserialize)]
struct Outline {
    paths: Keys,
}

/// The keys of an object, repeated ones too.
struct Keys(Vec<String>);

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Keys;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Keys, A::Error> {
                let mut keys = Vec::new();
                while let Some((key, _)) = map.next_entry::<String, IgnoredAny>()? {
                    keys.push(key);
                }
                Ok(Keys(keys))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}
