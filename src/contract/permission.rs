//! Who may call an operation, as the product declares it (`x-permissions`).
//!
//! Proxmox VE writes a check as a list that begins with a word, Backup Server and Datacenter Manager as an
//! object; both mean the same few things, so there is one tree for both. It is read here and evaluated by
//! whoever knows users and their privileges.

use serde_json::{Map, Value};

/// Who may call an operation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Permission {
    /// The superuser only: the product declares nothing.
    #[default]
    Superuser,
    /// Anybody, also without credentials (`user: world`).
    World,
    /// Everybody who has logged in (`user: all`).
    Authenticated,
    /// Whoever has privileges on a path.
    Privileges(Privileges),
    /// Whoever may change the access list of a path (`perm-modify`); the template of the path, as in
    /// [`Privileges::path`].
    Modify(Box<str>),
    /// The user whom a parameter of this name names (`userid-param: self`, `userParam`).
    Oneself(Box<str>),
    /// Whoever has this privilege on the realm of the user whom the parameter `userid` names
    /// (`userid-param` with a privilege).
    OnRealm(Box<str>),
    /// Whoever has privileges on a group of the user whom the parameter `userid` names, or on
    /// `/access/groups` (`userid-group`).
    OnGroups {
        /// The privileges, of which all are needed.
        privileges: Box<[Box<str>]>,
        /// How the parameter `groups` is looked at besides (`groups_param`).
        given: Option<GivenGroups>,
    },
    /// Whoever passes all of these.
    All(Vec<Permission>),
    /// Whoever passes one of these.
    Any(Vec<Permission>),
    /// A form that is not known here, as JSON. The superuser passes it.
    Unknown(Box<str>),
}

/// Privileges on a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Privileges {
    /// The path, in which `{name}` stands for the value of a parameter: `/vms/{vmid}`.
    pub path: Box<str>,
    /// The privileges.
    pub names: Box<[Box<str>]>,
    /// Whether one of them is enough; all are needed otherwise.
    pub any: bool,
    /// The check is made only when this parameter is given (`require_param`).
    pub only_with: Option<Box<str>>,
}

/// What becomes of the parameter `groups` when users are made or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GivenGroups {
    /// A user is made: the privileges are needed on each given group (`create`).
    Create,
    /// A user is changed: on the groups given as well (`update`).
    Update,
}

impl Permission {
    /// Reads what the product declares.
    pub fn read(declared: &Value) -> Self {
        of_value(declared).unwrap_or_else(|| Self::Unknown(declared.to_string().into()))
    }
}

fn of_value(value: &Value) -> Option<Permission> {
    match value {
        Value::Object(members) => of_object(members),
        Value::Array(items) => of_list(items),
        _ => None,
    }
}

fn of_object(members: &Map<String, Value>) -> Option<Permission> {
    // Asked in the order in which Proxmox VE asks: a user comes before a check.
    match members.get("user").map(Value::as_str) {
        None => {}
        Some(Some("world")) => return Some(Permission::World),
        Some(Some("all")) => return Some(Permission::Authenticated),
        Some(_) => return None,
    }
    let (name, value) = match members.iter().next() {
        None => return Some(Permission::Superuser),
        Some(only) if members.len() == 1 => only,
        Some(_) => return None,
    };
    match name.as_str() {
        "check" => match value {
            Value::Object(check) => of_path_list(check),
            _ => of_value(value),
        },
        "or" => each(value.as_array()?).map(Permission::Any),
        "and" => each(value.as_array()?).map(Permission::All),
        "userParam" => Some(Permission::Oneself(text(value)?)),
        _ => None,
    }
}

/// A check of Backup Server and Datacenter Manager, whose path is a list of components.
fn of_path_list(check: &Map<String, Value>) -> Option<Permission> {
    if check.len() != 3 {
        return None;
    }
    let mut path = String::new();
    for component in check.get("path")?.as_array()? {
        let component = component.as_str()?;
        for part in component.split('/').filter(|part| !part.is_empty()) {
            path.push('/');
            path.push_str(part);
        }
    }
    if path.is_empty() {
        path.push('/');
    }
    Some(Permission::Privileges(Privileges {
        path: path.into(),
        names: names(check.get("privs")?)?,
        any: check.get("partial")?.as_bool()?,
        only_with: None,
    }))
}

/// A check of Proxmox VE.
fn of_list(items: &[Value]) -> Option<Permission> {
    let (word, rest) = items.split_first()?;
    match (word.as_str()?, rest) {
        ("or", checks) => each(checks).map(Permission::Any),
        ("and", checks) => each(checks).map(Permission::All),
        ("perm", [path, privileges, options @ ..]) => {
            let mut wanted = Privileges {
                path: text(path)?,
                names: names(privileges)?,
                any: false,
                only_with: None,
            };
            for option in options.chunks(2) {
                match (option.first()?.as_str()?, option.get(1)?) {
                    ("any", flag) => wanted.any = flag.as_bool().or(Some(flag.as_u64()? != 0))?,
                    ("require_param", name) => wanted.only_with = Some(text(name)?),
                    _ => return None,
                }
            }
            Some(Permission::Privileges(wanted))
        }
        ("perm-modify", [path]) => Some(Permission::Modify(text(path)?)),
        ("userid-param", [Value::String(who)]) if who == "self" => {
            Some(Permission::Oneself("userid".into()))
        }
        ("userid-param", [privilege]) => Some(Permission::OnRealm(text(privilege)?)),
        ("userid-group", [privileges, options @ ..]) => {
            let given = match options {
                [] => None,
                [Value::String(name), Value::String(rule)] if name == "groups_param" => {
                    Some(match rule.as_str() {
                        "create" => GivenGroups::Create,
                        "update" => GivenGroups::Update,
                        _ => return None,
                    })
                }
                _ => return None,
            };
            let privileges = names(privileges)?;
            Some(Permission::OnGroups { privileges, given })
        }
        _ => None,
    }
}

fn each(checks: &[Value]) -> Option<Vec<Permission>> {
    checks.iter().map(of_value).collect()
}

/// Names of privileges; one alone may stand without a list.
fn names(value: &Value) -> Option<Box<[Box<str>]>> {
    match value {
        Value::Array(items) => items.iter().map(text).collect(),
        _ => Some([text(value)?].into()),
    }
}

fn text(value: &Value) -> Option<Box<str>> {
    value.as_str().map(Into::into)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn on(path: &str, names: &[&str]) -> Privileges {
        Privileges {
            path: path.into(),
            names: names.iter().map(|&name| name.into()).collect(),
            any: false,
            only_with: None,
        }
    }

    #[test]
    fn all_forms_are_read() {
        let check = |declared: Value, want: Permission| {
            assert_eq!(Permission::read(&declared), want, "{declared}");
        };
        let plain = |path: &str, names: &[&str]| Permission::Privileges(on(path, names));
        check(json!({"user": "world"}), Permission::World);
        check(json!({"user": "all"}), Permission::Authenticated);
        check(
            json!({"user": "all", "check": ["perm", "/", ["Sys.Audit"]]}),
            Permission::Authenticated,
        );
        check(json!({}), Permission::Superuser);
        check(
            json!({"check": ["perm", "/vms/{vmid}", ["VM.Audit", "VM.Clone"]]}),
            plain("/vms/{vmid}", &["VM.Audit", "VM.Clone"]),
        );
        check(
            json!({"check": ["perm", "/", "Sys.Audit"]}),
            plain("/", &["Sys.Audit"]),
        );
        check(
            json!({"check": ["perm", "/", ["A", "B"], "any", 1, "require_param", "pool"]}),
            Permission::Privileges(Privileges {
                any: true,
                only_with: Some("pool".into()),
                ..on("/", &["A", "B"])
            }),
        );
        check(
            json!({"check": ["perm-modify", "{path}"]}),
            Permission::Modify("{path}".into()),
        );
        check(
            json!({"check": ["or", ["userid-param", "self"], ["and", ["userid-param", "Realm.AllocateUser"],
                ["userid-group", ["User.Modify"], "groups_param", "create"]], ["userid-group", ["X"]]]}),
            Permission::Any(vec![
                Permission::Oneself("userid".into()),
                Permission::All(vec![
                    Permission::OnRealm("Realm.AllocateUser".into()),
                    Permission::OnGroups {
                        privileges: ["User.Modify".into()].into(),
                        given: Some(GivenGroups::Create),
                    },
                ]),
                Permission::OnGroups {
                    privileges: ["X".into()].into(),
                    given: None,
                },
            ]),
        );
        let audit = |path: Value| json!({"check": {"partial": false, "path": path, "privs": ["Sys.Audit"]}});
        check(audit(json!([])), plain("/", &["Sys.Audit"]));
        check(audit(json!(["/"])), plain("/", &["Sys.Audit"]));
        check(
            json!({"or": [audit(json!(["system", "{node}"])), {"userParam": "userid"}]}),
            Permission::Any(vec![
                plain("/system/{node}", &["Sys.Audit"]),
                Permission::Oneself("userid".into()),
            ]),
        );
    }

    #[test]
    fn unknown_forms_are_kept() {
        let check = |declared: Value| {
            let want = Permission::Unknown(declared.to_string().into());
            assert_eq!(Permission::read(&declared), want);
        };
        check(json!(1));
        check(json!([]));
        check(json!({"user": "somebody"}));
        check(json!({"check": ["perm", "/"]}));
        check(json!({"check": ["perm", "/", ["A"], "odd", 1]}));
        check(json!({"check": ["perm", "/", ["A"], "any"]}));
        check(json!({"check": ["or", ["later"]]}));
        check(json!({"check": {"path": [], "privs": []}}));
        check(json!({"or": [], "and": []}));
    }
}
