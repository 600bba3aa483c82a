//! Bringing users and groups of a directory's server into the cluster (`auth-realm-sync`).
//!
//! The steps, their order and the lines of the log are those of pve-access-control's `PVE::API2::Domains`. The log
//! is written when the task begins, by a sync of a copy; its end does the same to the cluster.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::access::Access;
use super::realm::{Realm, RemoteUser};
use crate::proxmox::Product;
use crate::proxmox::account::User;
use crate::proxmox::acl::Subject;
use crate::proxmox::identity::UserId;

/// What a sync shall do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Sync {
    /// The realm.
    pub realm: String,
    /// What is brought.
    pub scope: Scope,
    /// What becomes of those whom the server does not know any more; nothing by default.
    #[serde(default)]
    pub remove_vanished: BTreeSet<Vanished>,
    /// Whether new users may come in.
    pub enable_new: bool,
}

/// What a sync brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names are the product's own")]
pub enum Scope {
    Users,
    Groups,
    Both,
}

/// What is taken away of those whom the server does not know any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Vanished {
    /// Their permissions.
    Acl,
    /// What was set here of those who are still there.
    Properties,
    /// They themselves.
    Entry,
}

impl Scope {
    /// How the log names it.
    fn words(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Groups => "groups",
            Self::Both => "users and groups",
        }
    }
}

impl Sync {
    /// What options say, else the realm, else the product; nothing where nobody says what is brought.
    pub fn of<'v>(
        name: &str,
        realm: &Realm,
        option: impl Fn(&str) -> Option<&'v Value>,
    ) -> Option<Self> {
        let text = |name: &str| {
            let given = option(name).map(|value| match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            });
            given.or_else(|| realm.part("sync-defaults-options", name))
        };
        let scope = match text("scope").as_deref() {
            Some("users") => Scope::Users,
            Some("groups") => Scope::Groups,
            Some("both") => Scope::Both,
            _ => return None,
        };
        let vanished = text("remove-vanished").unwrap_or_default();
        let vanished = vanished.split(';').filter_map(|what| match what {
            "acl" => Some(Vanished::Acl),
            "properties" => Some(Vanished::Properties),
            "entry" => Some(Vanished::Entry),
            _ => None,
        });
        Some(Self {
            realm: name.to_owned(),
            scope,
            remove_vanished: vanished.collect(),
            enable_new: !matches!(text("enable-new").as_deref(), Some("0" | "false")),
        })
    }

    /// Does it; gives the lines of its log. A realm that is gone by then has nobody.
    pub fn run(&self, access: &mut Access) -> Vec<String> {
        let Some(realm) = access.realms.get(&self.realm).cloned() else {
            return Vec::new();
        };
        let what = self.scope.words();
        let mut log = vec![
            format!("starting sync for realm {}", self.realm),
            format!("got data from server, updating {what}"),
        ];
        if self.scope != Scope::Groups {
            self.users(access, &realm, &mut log);
        }
        if self.scope != Scope::Users {
            self.groups(access, &realm, &mut log);
        }
        log.push(format!("successfully updated {what} configuration"));
        log
    }

    fn users(&self, access: &mut Access, realm: &Realm, log: &mut Vec<String>) {
        log.push(format!("syncing users{}", self.in_brackets()));
        let named = |name: &String| UserId::parse(&format!("{name}@{}", self.realm), Product::Pve);
        let known: BTreeMap<UserId, &RemoteUser> = realm
            .remote
            .users
            .iter()
            .filter_map(|(name, user)| Some((named(name).ok()?, user)))
            .collect();
        if self.removes(Vanished::Entry) {
            log.push("deleting outdated existing users first".to_owned());
        }
        let here = access.directory.users.keys();
        let gone = here.filter(|user| user.realm() == self.realm && !known.contains_key(user));
        for user in gone.cloned().collect::<Vec<_>>() {
            if self.removes(Vanished::Entry) {
                log.push(format!("remove user '{user}'"));
                // Tokens and memberships of a user who is not there any more cannot be written down.
                access.directory.remove_user(&user, &mut access.acl);
            }
            if self.removes(Vanished::Acl) {
                log.push(format!("purge users '{user}' ACL entries"));
                access.acl.forget(&Subject::User(user));
            }
        }
        for (id, remote) in known {
            self.user(access, id, remote, log);
        }
    }

    fn user(&self, access: &mut Access, id: UserId, remote: &RemoteUser, log: &mut Vec<String>) {
        let users = &mut access.directory.users;
        let is_new = !users.contains_key(&id);
        let verb = match (is_new, self.removes(Vanished::Properties)) {
            (true, _) => "adding",
            (false, true) => "overwriting",
            (false, false) => "updating",
        };
        log.push(format!("{verb} user '{id}'"));
        let user = users.entry(id).or_insert_with(|| User {
            enable: self.enable_new,
            ..User::default()
        });
        if self.removes(Vanished::Properties) {
            user.expire = 0;
            for field in [
                &mut user.firstname,
                &mut user.lastname,
                &mut user.email,
                &mut user.comment,
            ] {
                *field = None;
            }
        }
        for (field, value) in [
            (&mut user.firstname, &remote.firstname),
            (&mut user.lastname, &remote.lastname),
            (&mut user.email, &remote.email),
            (&mut user.comment, &remote.comment),
        ] {
            if value.is_some() {
                field.clone_from(value);
            }
        }
    }

    fn groups(&self, access: &mut Access, realm: &Realm, log: &mut Vec<String>) {
        log.push(format!("syncing groups{}", self.in_brackets()));
        let suffix = format!("-{}", self.realm);
        let remote = realm.remote.groups.iter();
        let known: BTreeMap<String, &BTreeSet<String>> = remote
            .map(|(name, members)| (format!("{name}{suffix}"), members))
            .collect();
        if self.removes(Vanished::Entry) {
            log.push("deleting outdated existing groups first".to_owned());
        }
        let here = access.directory.groups.keys();
        let gone = here.filter(|name| name.ends_with(&suffix) && !known.contains_key(*name));
        for name in gone.cloned().collect::<Vec<_>>() {
            if self.removes(Vanished::Entry) {
                log.push(format!("remove group '{name}'"));
                access.directory.remove_group(&name, &mut access.acl);
            }
            if self.removes(Vanished::Acl) {
                log.push(format!("purge groups '{name}' ACL entries"));
                access.acl.forget(&Subject::Group(name.into()));
            }
        }
        for (name, members) in known {
            let directory = &mut access.directory;
            let verb = match directory.groups.get(&name) {
                None => "adding",
                Some(_) if self.removes(Vanished::Properties) => "overwriting",
                Some(_) => "updating",
            };
            log.push(format!("{verb} group '{name}'"));
            let ids = members.iter().filter_map(|name| {
                UserId::parse(&format!("{name}@{}", self.realm), Product::Pve).ok()
            });
            let members = ids.filter(|id| directory.users.contains_key(id)).collect();
            let group = directory.groups.entry(name).or_default();
            group.members = members;
            if self.removes(Vanished::Properties) {
                group.comment = None;
            }
        }
    }

    fn removes(&self, what: Vanished) -> bool {
        self.remove_vanished.contains(&what)
    }

    fn in_brackets(&self) -> String {
        let name = |what: &Vanished| match what {
            Vanished::Acl => "acl",
            Vanished::Properties => "properties",
            Vanished::Entry => "entry",
        };
        let names: Vec<_> = self.remove_vanished.iter().map(name).collect();
        let names = match names.is_empty() {
            true => "none".to_owned(),
            false => names.join(";"),
        };
        format!(" (remove-vanished opts: {names})")
    }
}
