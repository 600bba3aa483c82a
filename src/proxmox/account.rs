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
use super::second_factor::Proof;

mod change;
mod user;

pub use user::{Token, User};

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

    /// The groups that a user is in.
    pub fn groups_of<'a>(&'a self, user: &'a UserId) -> impl Iterator<Item = &'a str> {
        let groups = self.groups.iter();
        let own = groups.filter(move |(_, group)| group.members.contains(user));
        own.map(|(name, _)| name.as_str())
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
        self.users.get(user)?.challenge()
    }

    /// What an answer such as `totp:123456` proves.
    pub fn prove(&self, user: &UserId, answer: &str, now: Timestamp) -> Proof {
        let user = self.users.get(user);
        user.map_or(Proof::Refused, |user| user.prove(answer, now))
    }

    /// The user of this name when there is only one.
    pub fn only_user_named(&self, name: &str) -> Option<UserId> {
        let mut named = self.users.keys().filter(|user| user.name() == name);
        match (named.next(), named.next()) {
            (Some(user), None) => Some(user.clone()),
            _ => None,
        }
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
