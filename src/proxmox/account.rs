//! Users, tokens, groups and roles as a world keeps them, and what logins and permissions ask about them.
//!
//! The types are those of the world file; what clients see of them is made by the personalities. Every image has
//! the same documented accounts ([`Directory::documented`]).

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::acl::{AccessList, Reach, Subject};
use super::gate::{KnownToken, Standing};
use super::identity::{TokenId, UserId};
use super::login::{TOKEN_NAME, TOKEN_SECRET};
use super::product::Product;
use super::rights::Separation;
use super::role::{Catalog, Privileges};

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct User {
    /// Whether the user may come in.
    pub enable: bool,
    /// Until when, in seconds since 1970; 0 is for ever.
    pub expire: i64,
    /// The password; without one nobody comes in by one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// The number that a second factor shows, always the same; without one there is no second factor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub totp: Option<String>,
    /// The second factors that are listed, by id. What is asked at a login is [`Self::totp`].
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub factors: BTreeMap<String, Factor>,
    /// A comment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// The first name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub firstname: Option<String>,
    /// The last name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lastname: Option<String>,
    /// The address for mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The keys of old one-step factors (Proxmox VE).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keys: Option<String>,
    /// API tokens by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tokens: BTreeMap<String, Token>,
}

/// A second factor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Factor {
    /// What it is.
    pub kind: FactorKind,
    /// What somebody wrote about it.
    pub description: String,
    /// When it was added.
    pub created: Timestamp,
    /// Whether it counts.
    #[serde(default = "yes")]
    pub enable: bool,
}

/// The kinds of second factors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names are the products' own")]
pub enum FactorKind {
    Totp,
    Webauthn,
    U2f,
    Recovery,
    Yubico,
}

fn yes() -> bool {
    true
}

/// An API token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Token {
    /// Its secret.
    pub secret: String,
    /// Whether it may be used (the Rust products).
    pub enable: bool,
    /// Until when, in seconds since 1970; 0 is for ever.
    pub expire: i64,
    /// Whether it has privileges of its own (Proxmox VE).
    pub privsep: bool,
    /// A comment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// A group (Proxmox VE).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Group {
    /// A comment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Its members.
    pub members: BTreeSet<UserId>,
}

/// All accounts of a world.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Directory {
    /// Users by id.
    pub users: BTreeMap<UserId, User>,
    /// Groups by name.
    pub groups: BTreeMap<String, Group>,
    /// Roles that somebody made, with the names of their privileges.
    pub roles: BTreeMap<String, BTreeSet<String>>,
}

impl Default for User {
    fn default() -> Self {
        Self {
            enable: true,
            expire: 0,
            password: None,
            totp: None,
            factors: BTreeMap::new(),
            comment: None,
            firstname: None,
            lastname: None,
            email: None,
            keys: None,
            tokens: BTreeMap::new(),
        }
    }
}

impl Default for Token {
    fn default() -> Self {
        Self {
            secret: String::new(),
            enable: true,
            expire: 0,
            privsep: true,
            comment: None,
        }
    }
}

impl Directory {
    /// The superuser with this password, and an API token that may do all the superuser may. In the Rust products
    /// a token has only what it was given, so the permission goes into `list`.
    pub fn documented(product: Product, password: &str, list: &mut AccessList) -> Self {
        let token = Token {
            secret: TOKEN_SECRET.to_owned(),
            privsep: false,
            ..Token::default()
        };
        let root = User {
            password: Some(password.to_owned()),
            tokens: BTreeMap::from([(TOKEN_NAME.to_owned(), token)]),
            ..User::default()
        };
        let id = TokenId {
            user: UserId::root(),
            name: TOKEN_NAME.into(),
        };
        let role = match product {
            Product::Pve => None,
            Product::Pbs => Some("Admin"),
            Product::Pdm => Some("Administrator"),
        };
        if let Some(role) = role {
            list.grant("/", Subject::Token(id), role, Reach::Below);
        }
        Self {
            users: BTreeMap::from([(UserId::root(), root)]),
            ..Self::default()
        }
    }

    /// Whether a user may come in. The superuser is always there.
    pub fn standing(&self, user: &UserId, now: Timestamp) -> Standing {
        match self.users.get(user) {
            Some(user) => standing(user.enable, user.expire, now),
            None if user.is_root() => Standing::Good,
            None => Standing::Missing,
        }
    }

    /// Whether a user exists.
    pub fn has_user(&self, user: &UserId) -> bool {
        user.is_root() || self.users.contains_key(user)
    }

    /// An API token as the gate wants to know it.
    pub fn token(&self, id: &TokenId, now: Timestamp) -> Option<KnownToken<'_>> {
        self.find(id).map(|token| KnownToken {
            secret: &token.secret,
            standing: standing(token.enable, token.expire, now),
        })
    }

    /// How a token relates to its owner.
    pub fn separation(&self, id: &TokenId) -> Option<Separation> {
        self.find(id).map(|token| match token.privsep {
            true => Separation::Separated,
            false => Separation::Shared,
        })
    }

    /// Whether a user is in a group.
    pub fn is_member(&self, user: &UserId, group: &str) -> bool {
        let group = self.groups.get(group);
        group.is_some_and(|group| group.members.contains(user))
    }

    /// The names of all groups.
    pub fn group_names(&self) -> Vec<&str> {
        self.groups.keys().map(String::as_str).collect()
    }

    /// The privileges of a role that somebody made.
    pub fn custom_role(&self, catalog: &Catalog, name: &str) -> Option<Privileges> {
        let names = self.roles.get(name)?;
        Some(catalog.set(names.iter().map(String::as_str)))
    }

    /// Whether this is the user's password.
    pub fn password_fits(&self, user: &UserId, password: &str) -> bool {
        let user = self.users.get(user);
        user.is_some_and(|user| user.password.as_deref() == Some(password))
    }

    /// What a user with a second factor is asked.
    pub fn challenge(&self, user: &UserId) -> Option<String> {
        let totp = self.users.get(user)?.totp.as_ref();
        totp.map(|_| r#"{"totp":true}"#.to_owned())
    }

    /// Whether an answer `totp:<number>` fits.
    pub fn answer_fits(&self, user: &UserId, answer: &str) -> bool {
        let totp = self.users.get(user).and_then(|user| user.totp.as_deref());
        totp.is_some() && answer.strip_prefix("totp:") == totp
    }

    /// The user of this name when there is only one.
    pub fn only_user_named(&self, name: &str) -> Option<UserId> {
        let mut named = self.users.keys().filter(|user| user.name() == name);
        match (named.next(), named.next()) {
            (Some(user), None) => Some(user.clone()),
            _ => None,
        }
    }

    /// Takes a user out, and with it its tokens, memberships and permissions (proxmox.md 2.8). Says whether there
    /// was one.
    pub fn remove_user(&mut self, user: &UserId, list: &mut AccessList) -> bool {
        for group in self.groups.values_mut() {
            group.members.remove(user);
        }
        list.forget(&Subject::User(user.clone()));
        self.users.remove(user).is_some()
    }

    /// Takes a token out, and with it its permissions. Says whether there was one.
    pub fn remove_token(&mut self, id: &TokenId, list: &mut AccessList) -> bool {
        list.forget(&Subject::Token(id.clone()));
        let user = self.users.get_mut(&id.user);
        user.is_some_and(|user| user.tokens.remove(&*id.name).is_some())
    }

    fn find(&self, id: &TokenId) -> Option<&Token> {
        self.users.get(&id.user)?.tokens.get(&*id.name)
    }
}

fn standing(enable: bool, expire: i64, now: Timestamp) -> Standing {
    if !enable {
        return Standing::Disabled;
    }
    match expire != 0 && expire <= now.as_second() {
        true => Standing::Expired,
        false => Standing::Good,
    }
}

#[cfg(test)]
mod tests;
