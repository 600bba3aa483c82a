//! Schemas of single values that 3.0.3 has no short word for: nothing, perhaps nothing, 0 or 1.

use serde_json::{Map, Value, json};

/// A value that is `null` and nothing else. Version 3.0 has no type for it, and takes `nullable` for nothing
/// where no type stands beside it.
pub(super) fn nothing() -> Value {
    json!({"type": "string", "nullable": true, "enum": [null]})
}

/// The schema, or `null`.
pub(super) fn nullable(mut schema: Value) -> Value {
    let Value::Object(members) = &mut schema else {
        return schema;
    };
    if members.contains_key("type") {
        members.insert("nullable".to_owned(), true.into());
        if let Some(Value::Array(choices)) = members.get_mut("enum")
            && !choices.contains(&Value::Null)
        {
            choices.push(Value::Null);
        }
    } else if let Some(Value::Array(variants)) = members.get_mut("anyOf") {
        variants.push(nothing());
    } else if ["$ref", "allOf"]
        .iter()
        .any(|key| members.contains_key(*key))
    {
        return json!({"anyOf": [schema, nothing()]});
    }
    schema
}

/// What Perl writes for truth values, and takes for them in queries and forms.
pub(super) fn zero_or_one(members: &mut Map<String, Value>) {
    members.insert("type".to_owned(), "integer".into());
    let choices = match members.get("nullable") {
        Some(Value::Bool(true)) => json!([0, 1, null]),
        _ => json!([0, 1]),
    };
    members.insert("enum".to_owned(), choices);
    if let Some(default) = members.get_mut("default")
        && let Some(truth) = default.as_bool()
    {
        *default = u8::from(truth).into();
    }
}
