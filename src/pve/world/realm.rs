//! Realms: where accounts come from, and who is known there.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::is_default;
use super::options::Options;
use crate::proxmox::Product;
use crate::proxmox::digest::{self, Section};
use crate::proxmox::openid::Pending;
use crate::proxmox::property_string::{PropertyString, Spelling};
use crate::proxmox::second_factor::FactorKind;

/// The types of realms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names are the product's own")]
pub enum RealmKind {
    Pam,
    Pve,
    Ldap,
    Ad,
    Openid,
}

/// A realm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Realm {
    /// Where its accounts come from.
    pub kind: RealmKind,
    /// Everything else: `comment`, `default`, `server1`, `base_dn`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub options: Options,
    /// The password for the directory's server, which is never shown.
    #[serde(default, skip_serializing_if = "is_default")]
    pub bind_password: Option<String>,
    /// Whom the directory's server or the `OpenID` provider knows: what a sync brings, who may log in by a code.
    #[serde(default, skip_serializing_if = "is_default")]
    pub remote: Remote,
    /// Logins by `OpenID` that were begun.
    #[serde(default, skip_serializing_if = "is_default")]
    pub pending: Vec<Pending>,
}

/// Whom somebody else's directory knows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Remote {
    /// Users by their names there.
    pub users: BTreeMap<String, RemoteUser>,
    /// The members of its groups.
    pub groups: BTreeMap<String, BTreeSet<String>>,
}

/// What somebody else's directory knows of a user.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct RemoteUser {
    /// The first name.
    #[serde(skip_serializing_if = "is_default")]
    pub firstname: Option<String>,
    /// The last name.
    #[serde(skip_serializing_if = "is_default")]
    pub lastname: Option<String>,
    /// The address for mail.
    #[serde(skip_serializing_if = "is_default")]
    pub email: Option<String>,
    /// A comment.
    #[serde(skip_serializing_if = "is_default")]
    pub comment: Option<String>,
}

impl RealmKind {
    /// The type of this name.
    pub fn named(name: &str) -> Option<Self> {
        let all = [Self::Pam, Self::Pve, Self::Ldap, Self::Ad, Self::Openid];
        all.into_iter().find(|kind| kind.name() == name)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pam => "pam",
            Self::Pve => "pve",
            Self::Ldap => "ldap",
            Self::Ad => "ad",
            Self::Openid => "openid",
        }
    }

    /// Whether its accounts come from a directory's server.
    pub fn is_directory(self) -> bool {
        matches!(self, Self::Ldap | Self::Ad)
    }
}

impl Realm {
    /// A realm without options.
    pub fn new(kind: RealmKind) -> Self {
        Self {
            kind,
            options: Options::default(),
            bind_password: None,
            remote: Remote::default(),
            pending: Vec::new(),
        }
    }

    /// The realms that are always there, as they are when nobody has changed them.
    pub fn builtin(kind: RealmKind) -> Option<Self> {
        let comment = match kind {
            RealmKind::Pam => "Linux PAM standard authentication",
            RealmKind::Pve => "Proxmox VE authentication server",
            _ => return None,
        };
        let mut realm = Self::new(kind);
        let comment = Value::from(comment);
        realm.options.0.insert("comment".to_owned(), comment);
        Some(realm)
    }

    /// An option that is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.options.0.get(name)?.as_str()
    }

    /// Whether an option is true; `None` when it is not set.
    pub fn is_set(&self, name: &str) -> Option<bool> {
        let value = self.options.0.get(name)?;
        Some(value.as_bool().unwrap_or_else(|| value.as_i64() == Some(1)))
    }

    /// A part of an option that is a property string.
    pub fn part(&self, option: &str, part: &str) -> Option<String> {
        let parts = PropertyString::parse(self.text(option)?, None, Spelling::Plain).ok()?;
        parts.value(part).map(str::to_owned)
    }

    /// The kind of second factor that it asks of everybody.
    pub fn required_factor(&self) -> Option<FactorKind> {
        match &*self.part("tfa", "type")? {
            "oath" => Some(FactorKind::Totp),
            "yubico" => Some(FactorKind::Yubico),
            _ => None,
        }
    }
}

/// The digest of the file that holds all realms.
pub fn digest_of(realms: &BTreeMap<String, Realm>) -> String {
    let line = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Bool(truth) => u8::from(*truth).to_string(),
        other => other.to_string(),
    };
    let written: Vec<Vec<(&str, String)>> = realms
        .values()
        .map(|realm| {
            let options = realm.options.0.iter();
            let mut lines: Vec<_> = options.map(|(key, value)| (&**key, line(value))).collect();
            lines.sort();
            lines
        })
        .collect();
    let lines: Vec<Vec<(&str, &str)>> = written
        .iter()
        .map(|lines| lines.iter().map(|(key, value)| (*key, &**value)).collect())
        .collect();
    let sections = realms.iter().zip(&lines);
    let sections = sections.map(|((id, realm), properties)| Section {
        kind: realm.kind.name(),
        id,
        properties,
    });
    digest::of_sections(Product::Pve, sections)
}
