//! The tree of permissions: who has which role on which path.
//!
//! Only what is stored, in the products' form; what it amounts to is computed in [`super::rights`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::identity::{Identity, TokenId, UserId};

/// Whom an entry is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// A user.
    User(UserId),
    /// All members of a group.
    Group(Box<str>),
    /// An API token.
    Token(TokenId),
}

impl From<Identity> for Subject {
    fn from(identity: Identity) -> Self {
        match identity.token_id() {
            Some(token) => Self::Token(token),
            None => Self::User(identity.user),
        }
    }
}

/// How far down a role counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// On this path only (`propagate` 0).
    Here,
    /// On this path and all below it (`propagate` 1, the default).
    Below,
}

impl Reach {
    /// Whether a level with this reach counts for a path that ends there (`last`) or goes on.
    fn counts(self, last: bool) -> bool {
        last || self == Self::Below
    }
}

/// One entry, as `GET /access/acl` lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The path it stands on.
    pub path: &'a str,
    /// Whom it is for.
    pub subject: &'a Subject,
    /// The role.
    pub role: &'a str,
    /// How far down it counts.
    pub reach: Reach,
}

/// The roles of one subject on one path.
type Roles = BTreeMap<Box<str>, Reach>;

/// One entry as a world file has it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    path: String,
    #[serde(rename = "for")]
    subject: Subject,
    role: String,
    #[serde(default = "yes")]
    propagate: bool,
}

fn yes() -> bool {
    true
}

impl TryFrom<Vec<Row>> for AccessList {
    type Error = String;

    fn try_from(rows: Vec<Row>) -> Result<Self, String> {
        let mut list = Self::default();
        for row in rows {
            let reach = match row.propagate {
                true => Reach::Below,
                false => Reach::Here,
            };
            let path = normalized(&row.path);
            let path = path.ok_or_else(|| format!("`{}` is no path", row.path))?;
            list.grant(&path, row.subject, &row.role, reach);
        }
        Ok(list)
    }
}

impl From<AccessList> for Vec<Row> {
    fn from(list: AccessList) -> Self {
        let row = |entry: Entry<'_>| Row {
            path: entry.path.to_owned(),
            subject: entry.subject.clone(),
            role: entry.role.to_owned(),
            propagate: entry.reach == Reach::Below,
        };
        list.entries().map(row).collect()
    }
}

/// All entries. In a world file it is a list of `{"path", "for": {"user": ...}, "role", "propagate"}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Row>", into = "Vec<Row>")]
pub struct AccessList {
    levels: BTreeMap<Box<str>, BTreeMap<Subject, Roles>>,
}

impl AccessList {
    /// Gives a subject a role on a normalised path; a role that is there already takes the new reach.
    pub fn grant(&mut self, path: &str, subject: Subject, role: &str, reach: Reach) {
        let level = self.levels.entry(path.into()).or_default();
        level.entry(subject).or_default().insert(role.into(), reach);
    }

    /// Takes a role away; says whether it was there.
    pub fn revoke(&mut self, path: &str, subject: &Subject, role: &str) -> bool {
        let Some(level) = self.levels.get_mut(path) else {
            return false;
        };
        let roles = level.get_mut(subject);
        let found = roles.is_some_and(|roles| roles.remove(role).is_some());
        self.prune();
        found
    }

    /// Forgets a subject that is deleted. With a user go its tokens (proxmox.md 2.8).
    pub fn forget(&mut self, subject: &Subject) {
        let gone = |known: &Subject| match (known, subject) {
            (Subject::Token(token), Subject::User(user)) => token.user == *user,
            _ => known == subject,
        };
        for level in self.levels.values_mut() {
            level.retain(|known, _| !gone(known));
        }
        self.prune();
    }

    /// Forgets a path whose object is deleted, and all below it.
    pub fn forget_path(&mut self, path: &str) {
        let below = format!("{path}/");
        self.levels
            .retain(|known, _| &**known != path && !known.starts_with(&below));
    }

    /// Forgets a role that is deleted.
    pub fn forget_role(&mut self, role: &str) {
        for level in self.levels.values_mut() {
            for roles in level.values_mut() {
                roles.remove(role);
            }
        }
        self.prune();
    }

    /// All entries, by path, subject and role.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.levels.iter().flat_map(|(path, level)| {
            level.iter().flat_map(move |(subject, roles)| {
                roles.iter().map(move |(role, reach)| Entry {
                    path,
                    subject,
                    role,
                    reach: *reach,
                })
            })
        })
    }

    /// The paths that have entries.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.levels.keys().map(AsRef::as_ref)
    }

    /// The roles that an identity has on a normalised path. On each level its own entry comes before those of
    /// its groups, and a deeper level replaces what a higher one gave; `NoAccess` among the roles left wipes the
    /// others. A token has its own entries only: groups have users as members.
    pub(super) fn roles(
        &self,
        who: &Identity,
        path: &str,
        is_member: impl Fn(&str) -> bool,
    ) -> BTreeMap<&str, Reach> {
        let own = Subject::from(who.clone());
        let mut roles = BTreeMap::new();
        for prefix in prefixes(path) {
            let Some(level) = self.levels.get(prefix) else {
                continue;
            };
            let last = prefix == path;
            let mut here = counted(level.get(&own), last);
            if here.is_empty() && who.token.is_none() {
                for (subject, roles) in level {
                    if matches!(subject, Subject::Group(group) if is_member(group)) {
                        here.extend(counted(Some(roles), last));
                    }
                }
            }
            if !here.is_empty() {
                roles = here;
            }
        }
        if let Some(reach) = roles.get(NO_ACCESS) {
            return BTreeMap::from([(NO_ACCESS, *reach)]);
        }
        roles
    }

    fn prune(&mut self) {
        for level in self.levels.values_mut() {
            level.retain(|_, roles| !roles.is_empty());
        }
        self.levels.retain(|_, level| !level.is_empty());
    }
}

/// The role that takes every privilege away.
pub const NO_ACCESS: &str = "NoAccess";

fn counted(roles: Option<&Roles>, last: bool) -> BTreeMap<&str, Reach> {
    roles
        .into_iter()
        .flatten()
        .filter(|(_, reach)| reach.counts(last))
        .map(|(role, reach)| (&**role, *reach))
        .collect()
}

/// `/`, `/vms`, `/vms/100` for `/vms/100`.
fn prefixes(path: &str) -> impl Iterator<Item = &str> {
    let inner = path
        .match_indices('/')
        .map(|(at, _)| at)
        .filter(|at| *at > 0);
    let ends = inner.chain((path.len() > 1).then_some(path.len()));
    std::iter::once("/").chain(ends.map(|end| &path[..end]))
}

/// A path in the one form that this list knows: one leading slash, no empty parts, none at the end. `None` for a
/// path with characters that no permission path has (pve-access-control's `normalize_path`).
pub fn normalized(path: &str) -> Option<String> {
    let mut normal = String::with_capacity(path.len() + 1);
    for part in path.split('/').filter(|part| !part.is_empty()) {
        normal.push('/');
        normal.push_str(part);
    }
    if normal.is_empty() {
        // Perl takes an empty path for a missing one.
        return (!path.is_empty()).then(|| "/".to_owned());
    }
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '/');
    normal.chars().all(allowed).then_some(normal)
}

#[cfg(test)]
mod tests;
