//! One check, and how it runs.

use super::path::Template;
use super::{Asking, Denied};
use crate::proxmox::identity::{Identity, UserId};

/// How many of the named privileges are needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// Each of them.
    All,
    /// One of them.
    Any,
}

/// Which groups the check of a call about a user looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Groups {
    /// Those the user is in.
    Existing,
    /// Those the new user is to be in.
    Create,
    /// Both.
    Update,
}

/// What must hold of a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Check {
    /// Privileges on a path.
    Privileges {
        /// The path.
        path: Template,
        /// The names of the privileges.
        privileges: Vec<String>,
        /// How many of them.
        quantity: Quantity,
        /// A parameter without which the check fails.
        only_with: Option<String>,
        /// Whether a missing path parameter fails the check (the Rust products) or becomes a dash.
        strict: bool,
    },
    /// All of these.
    And(Vec<Check>),
    /// One of these.
    Or(Vec<Check>),
    /// The caller is the user in the parameter `userid`.
    UserIdSelf,
    /// `Realm.AllocateUser` on the realm of the user in the parameter `userid`.
    UserIdRealm,
    /// A privilege on all groups, or on one that the user in the parameter `userid` is in.
    UserIdGroup {
        /// The names of the privileges; one is enough.
        privileges: Vec<String>,
        /// Which groups are looked at.
        groups: Groups,
    },
    /// The right to change permissions on a path.
    PermModify(Template),
    /// The caller is the one named in this parameter (the Rust products).
    UserParameter(String),
}

/// A check that failed.
pub(super) struct Failed {
    pub(super) denied: Denied,
    /// Whether it ends an `or` around it, without a look at the alternatives: the Perl product runs the parts of
    /// an `and`, and the groups of a new user, in a way that throws.
    thrown: bool,
}

impl From<Denied> for Failed {
    fn from(denied: Denied) -> Self {
        // A name that is none is refused before anything else can be looked at.
        let thrown = matches!(denied, Denied::BadUser(_));
        Self { denied, thrown }
    }
}

type Ran = Result<(), Failed>;

impl Check {
    pub(super) fn run(&self, who: &Identity, asking: &Asking<'_>) -> Ran {
        match self {
            Self::And(checks) => checks.iter().try_for_each(|check| {
                check.run(who, asking).map_err(|failed| Failed {
                    thrown: true,
                    ..failed
                })
            }),
            Self::Or(checks) => any(checks, who, asking),
            Self::Privileges {
                path,
                privileges,
                quantity,
                only_with,
                strict,
            } => {
                let missing = |name: &String| (asking.parameter)(name).is_none();
                if only_with.as_ref().is_some_and(missing) {
                    return Err(Denied::Permission(None).into());
                }
                let path = match strict {
                    true => Some(
                        path.filled_or_none(asking.parameter)
                            .ok_or(Denied::Permission(None))?,
                    ),
                    // A value that fits no path gives no privilege; the refusal then names none either.
                    false => path.filled_or_dash(asking.parameter),
                };
                Ok(has(who, asking, path.as_deref(), privileges, *quantity)?)
            }
            Self::UserIdSelf => {
                let user = existing_user(asking)?;
                same(who.token.is_none() && who.user == user)
            }
            Self::UserIdRealm => {
                let user = user_parameter(asking)?;
                let path = format!("/access/realm/{}", user.realm());
                let privilege = ["Realm.AllocateUser".to_owned()];
                Ok(has(who, asking, Some(&path), &privilege, Quantity::All)?)
            }
            Self::UserIdGroup { privileges, groups } => {
                user_group(who, asking, privileges, *groups)
            }
            Self::PermModify(path) => perm_modify(who, asking, path),
            Self::UserParameter(name) => {
                let named = (asking.parameter)(name);
                same(named.is_some_and(|named| named == who.to_string()))
            }
        }
    }
}

fn same(same: bool) -> Ran {
    same.then_some(())
        .ok_or_else(|| Denied::Permission(None).into())
}

/// The first that passes. A refusal has no detail, for it would name only one of the ways.
fn any(checks: &[Check], who: &Identity, asking: &Asking<'_>) -> Ran {
    for check in checks {
        match check.run(who, asking) {
            Ok(()) => return Ok(()),
            Err(failed) if failed.thrown => return Err(failed),
            Err(_) => {}
        }
    }
    Err(Denied::Permission(None).into())
}

/// Privileges on a normalised path. The refusal names the first one missing, or all of those of which one was
/// needed. A privilege that the release does not know is had by nobody.
fn has(
    who: &Identity,
    asking: &Asking<'_>,
    path: Option<&str>,
    privileges: &[String],
    quantity: Quantity,
) -> Result<(), Denied> {
    let catalog = asking.rights.catalog;
    let granted = path.map(|path| asking.rights.on(who, path).all);
    let granted = granted.unwrap_or_default();
    let has_one = |name: &&String| {
        let privilege = catalog.privilege(name);
        privilege.is_some_and(|privilege| granted.has_all(privilege))
    };
    let lacking = match quantity {
        Quantity::Any if privileges.iter().any(|name| has_one(&name)) => None,
        Quantity::Any => Some(privileges.join("|")),
        Quantity::All => privileges.iter().find(|name| !has_one(name)).cloned(),
    };
    match lacking {
        None => Ok(()),
        Some(names) => {
            let path = path.unwrap_or_default();
            Err(Denied::because(format!("{path}, {names}")))
        }
    }
}

fn user_parameter(asking: &Asking<'_>) -> Result<UserId, Denied> {
    let text = (asking.parameter)("userid").unwrap_or_default();
    Ok(UserId::parse(&text, asking.rights.product)?)
}

fn existing_user(asking: &Asking<'_>) -> Result<UserId, Denied> {
    let user = user_parameter(asking)?;
    if asking.rights.accounts.has_user(&user) {
        return Ok(user);
    }
    Err(Denied::NoSuchUser(user.as_str().to_owned()))
}

fn user_group(who: &Identity, asking: &Asking<'_>, privileges: &[String], groups: Groups) -> Ran {
    let user = match groups {
        Groups::Create => None,
        Groups::Existing | Groups::Update => Some(existing_user(asking)?),
    };
    let on = |path: &str| has(who, asking, Some(path), privileges, Quantity::Any);
    if on("/access/groups").is_ok() {
        return Ok(());
    }
    if groups != Groups::Existing {
        let wanted = (asking.parameter)("groups").unwrap_or_default();
        new_groups(&wanted, on).map_err(|denied| Failed {
            denied,
            thrown: true,
        })?;
    }
    let Some(user) = user else {
        return Ok(());
    };
    let accounts = asking.rights.accounts;
    let mut own = accounts.groups().into_iter();
    same(own.any(|group| {
        accounts.is_member(&user, group) && on(&format!("/access/groups/{group}")).is_ok()
    }))
}

/// The privileges on each of the groups that a user is put into; there must be one.
fn new_groups(wanted: &str, on: impl Fn(&str) -> Result<(), Denied>) -> Result<(), Denied> {
    let separates = |c: char| matches!(c, ',' | ';' | '\0') || c.is_whitespace();
    let names = wanted.split(separates).filter(|name| !name.is_empty());
    let mut names = names.peekable();
    if names.peek().is_none() {
        return on("/access/groups");
    }
    names.try_for_each(|name| on(&format!("/access/groups/{name}")))
}

/// `Permissions.Modify`, or the privilege that makes and unmakes the thing the path is about.
fn perm_modify(who: &Identity, asking: &Asking<'_>, path: &Template) -> Ran {
    // A text that is no path is left to the operation, which refuses it as a parameter.
    let Some(path) = path.filled_or_dash(asking.parameter) else {
        return Ok(());
    };
    let own = [
        ("/storage/", "Datastore.Allocate"),
        ("/vms/", "VM.Allocate"),
        ("/pool/", "Pool.Allocate"),
    ];
    let mut privileges = vec!["Permissions.Modify".to_owned()];
    let own = own.iter().find(|(start, _)| path.starts_with(start));
    privileges.extend(own.map(|(_, privilege)| (*privilege).to_owned()));
    Ok(has(who, asking, Some(&path), &privileges, Quantity::Any)?)
}
