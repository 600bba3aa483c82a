//! One user with its API tokens, as a world file has them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::proxmox::second_factor::{Factor, FactorKind, Lockout, Totp};

/// A user. A world file may say `"totp": "123456"` for a second factor whose code is always the same; it becomes
/// one of [`Self::factors`], with the id `totp`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "File", rename_all = "kebab-case")]
pub struct User {
    /// Whether the user may come in.
    pub enable: bool,
    /// Until when, in seconds since 1970; 0 is for ever.
    pub expire: i64,
    /// The password; without one nobody comes in by one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// The second factors by id: what is listed, and what a login asks for.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub factors: BTreeMap<String, Factor>,
    /// Failed attempts with second factors, and what they led to.
    #[serde(skip_serializing_if = "is_default")]
    pub lockout: Lockout,
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
    /// The keys of old one-step factors, or `x` for a user with second factors (Proxmox VE).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keys: Option<String>,
    /// API tokens by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tokens: BTreeMap<String, Token>,
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

/// A user as somebody may write it.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    enable: bool,
    expire: i64,
    password: Option<String>,
    totp: Option<Totp>,
    factors: BTreeMap<String, Factor>,
    lockout: Lockout,
    comment: Option<String>,
    firstname: Option<String>,
    lastname: Option<String>,
    email: Option<String>,
    keys: Option<String>,
    tokens: BTreeMap<String, Token>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Default for File {
    fn default() -> Self {
        Self {
            enable: true,
            expire: 0,
            password: None,
            totp: None,
            factors: BTreeMap::new(),
            lockout: Lockout::default(),
            comment: None,
            firstname: None,
            lastname: None,
            email: None,
            keys: None,
            tokens: BTreeMap::new(),
        }
    }
}

impl From<File> for User {
    fn from(mut file: File) -> Self {
        if let Some(totp) = file.totp {
            let mut factor = Factor::new(FactorKind::Totp, "Code", Timestamp::UNIX_EPOCH);
            factor.totp = Some(totp);
            file.factors.entry("totp".to_owned()).or_insert(factor);
        }
        Self {
            enable: file.enable,
            expire: file.expire,
            password: file.password,
            factors: file.factors,
            lockout: file.lockout,
            comment: file.comment,
            firstname: file.firstname,
            lastname: file.lastname,
            email: file.email,
            keys: file.keys,
            tokens: file.tokens,
        }
    }
}

impl Default for User {
    fn default() -> Self {
        File::default().into()
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
