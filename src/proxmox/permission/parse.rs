//! From the JSON of an API viewer to a [`Permission`].

use serde_json::Value;

use super::Permission;
use super::check::{Check, Groups, Quantity};
use super::path::Template;

/// A permission that this server does not understand.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("permission not understood: {0}")]
pub struct PermissionFault(String);

type Parsed<T> = Result<T, PermissionFault>;

pub(super) fn permission(declared: Option<&Value>) -> Parsed<Permission> {
    let Some(Value::Object(map)) = declared else {
        return match declared {
            None | Some(Value::Null) => Ok(Permission::Root),
            Some(other) => fault(other),
        };
    };
    // The user is looked at before the check: `all` beside a check (7.4's GET /cluster/options) lets all pass.
    match (map.get("user").map(Value::as_str), map.get("check")) {
        (Some(Some("world")), _) => Ok(Permission::World),
        (Some(Some("all")), _) => Ok(Permission::Anybody),
        (Some(_), _) => fault(&Value::Object(map.clone())),
        (None, Some(list @ Value::Array(_))) => Ok(Permission::Check(list_check(list)?)),
        (None, _) if map.keys().all(|key| key == "description") => Ok(Permission::Described),
        (None, _) => Ok(Permission::Check(object_check(&Value::Object(
            map.clone(),
        ))?)),
    }
}

/// `["perm", path, [privileges], option, value, ...]` and its relatives.
fn list_check(value: &Value) -> Parsed<Check> {
    let Some([Value::String(kind), rest @ ..]) = value.as_array().map(Vec::as_slice) else {
        return fault(value);
    };
    match (kind.as_str(), rest) {
        ("and", checks) => Ok(Check::And(all(checks, list_check)?)),
        ("or", checks) => Ok(Check::Or(all(checks, list_check)?)),
        ("perm", [Value::String(path), privileges, options @ ..]) => {
            let mut check = Check::Privileges {
                path: Template(path.clone()),
                privileges: texts(privileges)?,
                quantity: Quantity::All,
                only_with: None,
                strict: false,
            };
            add_options(&mut check, options, value)?;
            Ok(check)
        }
        ("userid-group", [privileges, options @ ..]) => Ok(Check::UserIdGroup {
            privileges: texts(privileges)?,
            groups: match options {
                [] => Groups::Existing,
                [Value::String(name), Value::String(when)] if name == "groups_param" => {
                    match when.as_str() {
                        "create" => Groups::Create,
                        "update" => Groups::Update,
                        _ => return fault(value),
                    }
                }
                _ => return fault(value),
            },
        }),
        ("userid-param", [Value::String(test)]) => match test.as_str() {
            "self" => Ok(Check::UserIdSelf),
            "Realm.AllocateUser" => Ok(Check::UserIdRealm),
            _ => fault(value),
        },
        ("perm-modify", [Value::String(path)]) => Ok(Check::PermModify(Template(path.clone()))),
        _ => fault(value),
    }
}

/// `"any", 1` and `"require_param", "pool"` at the end of a `perm`.
fn add_options(check: &mut Check, options: &[Value], whole: &Value) -> Parsed<()> {
    let Check::Privileges {
        quantity,
        only_with,
        ..
    } = check
    else {
        return Ok(());
    };
    for option in options.chunks(2) {
        match option {
            [Value::String(name), value] if name == "any" => {
                if truthy(value) {
                    *quantity = Quantity::Any;
                }
            }
            [Value::String(name), Value::String(parameter)] if name == "require_param" => {
                *only_with = Some(parameter.clone());
            }
            _ => return fault(whole),
        }
    }
    Ok(())
}

/// `{"check": {"path": [...], "privs": [...], "partial": ...}}`, `{"and": [...]}`, `{"or": [...]}` and
/// `{"userParam": "..."}`.
fn object_check(value: &Value) -> Parsed<Check> {
    let Some(map) = value.as_object() else {
        return fault(value);
    };
    let mut members = map.iter().filter(|(key, _)| *key != "description");
    let (Some((key, inner)), None) = (members.next(), members.next()) else {
        return fault(value);
    };
    let list = || inner.as_array().map(Vec::as_slice);
    match (key.as_str(), list()) {
        ("and", Some(checks)) => Ok(Check::And(all(checks, object_check)?)),
        ("or", Some(checks)) => Ok(Check::Or(all(checks, object_check)?)),
        ("userParam", _) => match inner.as_str() {
            Some(name) => Ok(Check::UserParameter(name.to_owned())),
            None => fault(value),
        },
        ("check", _) => Ok(Check::Privileges {
            path: Template(format!("/{}", texts(&inner["path"])?.join("/"))),
            privileges: texts(&inner["privs"])?,
            quantity: match inner["partial"].as_bool() {
                Some(true) => Quantity::Any,
                Some(false) => Quantity::All,
                None => return fault(value),
            },
            only_with: None,
            strict: true,
        }),
        _ => fault(value),
    }
}

fn all(checks: &[Value], parse: fn(&Value) -> Parsed<Check>) -> Parsed<Vec<Check>> {
    checks.iter().map(parse).collect()
}

/// A list of texts. One text stands for a list of one (7.4's PUT of `cloudinit`).
fn texts(value: &Value) -> Parsed<Vec<String>> {
    match value {
        Value::String(text) => Ok(vec![text.clone()]),
        Value::Array(list) => {
            let text = |item: &Value| item.as_str().map(str::to_owned);
            let texts: Option<Vec<_>> = list.iter().map(text).collect();
            texts.map_or_else(|| fault(value), Ok)
        }
        _ => fault(value),
    }
}

fn truthy(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::Bool(value) => *value,
        Value::String(text) => !text.is_empty() && text != "0",
        _ => false,
    }
}

fn fault<T>(value: &Value) -> Parsed<T> {
    Err(PermissionFault(value.to_string()))
}
