//! Strings of a sample.

use serde_json::Value;

use super::super::schema::Schema;
use super::{Sampler, Spot, formats, names, pattern, spell};

/// What has no better name.
const EXAMPLE: &str = "example";

/// Nothing but the id of a task has to be that long.
const SHORTEST_TASK: usize = 36;

/// Longer texts are not made, whatever a schema asks for.
const LONGEST: usize = 4096;

impl Sampler<'_> {
    /// A text by, in this order: what is asked about, the list of choices, the default, what the text stands
    /// for, its format, its name, its pattern.
    pub(super) fn text(&mut self, schema: &Schema, spot: Spot<'_>) -> Option<Value> {
        self.told(schema, spot)
            .or_else(|| self.known(schema, spot))
            .or_else(|| self.spelled(schema))
            .or_else(|| self.of_length(schema))
            .map(Value::String)
    }

    /// What the caller or the schema says.
    fn told(&mut self, schema: &Schema, spot: Spot<'_>) -> Option<String> {
        let hint = self.hint(spot).and_then(|value| match value {
            Value::String(text) => Some(text),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        });
        if let Some(hint) = hint.filter(|text| self.takes(schema, text)) {
            return Some(hint);
        }
        let default = schema.facts().default.as_ref().and_then(Value::as_str);
        let default = default.filter(|text| !text.is_empty());
        let named = spot.named().filter(|_| !schema.choices.is_empty());
        let choices = schema.choices.iter().filter_map(Value::as_str);
        let mut all = default.into_iter().chain(named).chain(choices);
        all.find(|text| self.takes(schema, text)).map(str::to_owned)
    }

    /// What such texts usually are.
    fn known(&mut self, schema: &Schema, spot: Spot<'_>) -> Option<String> {
        if let Some(inner) = &schema.facts().property_string {
            let text = self.property_string(inner, spot.name);
            if let Some(text) = text.filter(|text| self.takes(schema, text)) {
                return Some(text);
            }
        }
        let format = schema.format();
        let by_format = format.and_then(formats::text);
        let by_name = spot.named();
        // A node is called `name` in places; else a name says more than an address or a user does.
        let telling =
            format.is_none_or(|format| format != "pve-node" && formats::rule(format).is_some());
        let owned = names::owned(spot.owner, spot.name);
        let early = if telling { by_name } else { owned };
        let patterned = schema.facts().pattern.is_some();
        let usual = patterned.then_some(formats::USUAL).into_iter().flatten();
        let known = [early, by_format, by_name].into_iter().flatten();
        let mut all = known.chain(usual.copied());
        all.find(|text| self.takes(schema, text)).map(str::to_owned)
    }

    /// What the pattern spells.
    fn spelled(&mut self, schema: &Schema) -> Option<String> {
        let pattern = schema.facts().pattern.as_deref()?;
        let pattern = pattern::translated(pattern);
        let mut all = spell::spellings(&pattern);
        all.find(|text| self.takes(schema, text))
    }

    /// Anything that is not too short and not too long.
    fn of_length(&mut self, schema: &Schema) -> Option<String> {
        let bound = |bound: Option<u64>| bound.and_then(|bound| usize::try_from(bound).ok());
        let least = bound(schema.facts().shortest).unwrap_or(0).min(LONGEST);
        let most = bound(schema.facts().longest).unwrap_or(LONGEST);
        let length = EXAMPLE.len().max(least).min(most);
        let text: String = EXAMPLE.chars().cycle().take(length).collect();
        let task = (least >= SHORTEST_TASK).then(|| formats::REMOTE_UPID.to_owned());
        let mut texts = task.into_iter().chain([text, String::new()]);
        texts.find(|text| self.takes(schema, text))
    }

    fn takes(&mut self, schema: &Schema, text: &str) -> bool {
        self.rules.takes(schema, &Value::from(text))
    }
}
