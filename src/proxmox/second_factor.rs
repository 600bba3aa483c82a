//! Second factors of a user: what is listed of them, how they come and go, and what an answer at a login proves.
//!
//! One truth for all of it, [`User::factors`]: what `/access/tfa` adds is what the next login asks for. Rules,
//! limits and words are those of proxmox-tfa's `api` modules, which the three products share.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::account::User;

mod change;
mod prove;
mod totp;

pub use change::{Added, Wanted};
pub use prove::{Proof, Tried, Used};
pub use totp::{Match, Secret, Totp};

/// The id of a user's recovery keys, of which there is one set.
pub const RECOVERY: &str = "recovery";

/// A second factor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Factor {
    /// What it is.
    pub kind: FactorKind,
    /// What somebody wrote about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// When it was added.
    pub created: Timestamp,
    /// Whether it counts.
    #[serde(default = "yes")]
    pub enable: bool,
    /// What makes its codes, for TOTP; without, no code is right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub totp: Option<Totp>,
    /// The last step of the clock whose code was used; this code and older ones are not taken again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_step: Option<i64>,
    /// Recovery keys by their position; `null` for one that was used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<Option<String>>,
}

/// The kinds of second factors, in the order in which they are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names are the products' own")]
pub enum FactorKind {
    Recovery,
    Totp,
    Webauthn,
    U2f,
    Yubico,
}

/// Failed attempts of a user, and what they led to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Lockout {
    /// Whether no TOTP code is taken any more, until a recovery key is used or somebody unlocks the user.
    pub totp_locked: bool,
    /// Until when no second factor is taken, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tfa_locked_until: Option<i64>,
    /// Wrong TOTP codes in a row.
    pub totp_failures: u32,
    /// Wrong answers of any kind in a row.
    pub tfa_failures: u32,
}

fn yes() -> bool {
    true
}

impl Factor {
    /// A factor that counts.
    pub fn new(kind: FactorKind, description: &str, created: Timestamp) -> Self {
        Self {
            kind,
            description: description.to_owned(),
            created,
            enable: true,
            totp: None,
            last_step: None,
            keys: Vec::new(),
        }
    }

    /// How it is listed. The product leaves out an empty description although it declares one; here the declared
    /// type holds.
    pub fn shown(&self, id: &str) -> Value {
        let mut shown = json!({
            "id": id,
            "type": self.kind.name(),
            "description": self.description,
            "created": self.created.as_second(),
        });
        if !self.enable {
            shown["enable"] = json!(false);
        }
        shown
    }
}

impl FactorKind {
    /// The kind of this name.
    pub fn named(name: &str) -> Option<Self> {
        let all = [
            Self::Recovery,
            Self::Totp,
            Self::Webauthn,
            Self::U2f,
            Self::Yubico,
        ];
        all.into_iter().find(|kind| kind.name() == name)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Recovery => RECOVERY,
            Self::Totp => "totp",
            Self::Webauthn => "webauthn",
            Self::U2f => "u2f",
            Self::Yubico => "yubico",
        }
    }
}

impl Lockout {
    /// Whether second factors are refused at this moment.
    pub fn is_locked(&self, now: Timestamp) -> bool {
        self.tfa_locked_until
            .is_some_and(|until| now.as_second() < until)
    }

    /// The members `totp-locked` and `tfa-locked-until` of lists, each only where it says something.
    pub fn shown(&self, now: Timestamp) -> Map<String, Value> {
        let mut shown = Map::new();
        if self.totp_locked {
            shown.insert("totp-locked".to_owned(), json!(true));
        }
        let until = self
            .tfa_locked_until
            .filter(|until| *until > now.as_second());
        if let Some(until) = until {
            shown.insert("tfa-locked-until".to_owned(), json!(until));
        }
        shown
    }
}

impl User {
    /// The second factors with their ids, in the products' order: by kind, the oldest first.
    pub fn listed_factors(&self) -> Vec<(&str, &Factor)> {
        let mut factors: Vec<_> = self.factors.iter().collect();
        factors.sort_by_key(|(_, factor)| (factor.kind, factor.created));
        factors
            .into_iter()
            .map(|(id, factor)| (&**id, factor))
            .collect()
    }

    /// All of them as `GET /access/tfa/{userid}` lists them.
    pub fn shown_factors(&self) -> Value {
        let factors = self.listed_factors().into_iter();
        factors.map(|(id, factor)| factor.shown(id)).collect()
    }

    /// What a user with second factors is asked, as JSON text (`{"totp":true,"recovery":[0,1]}`); `None` when none
    /// counts. Security keys are named with a challenge that nobody here can check an answer to.
    pub fn challenge(&self) -> Option<String> {
        let mut by_kind: BTreeMap<FactorKind, Vec<(&str, &Factor)>> = BTreeMap::new();
        for (id, factor) in self.listed_factors() {
            if factor.enable {
                by_kind.entry(factor.kind).or_default().push((id, factor));
            }
        }
        let mut challenge = Map::new();
        let kinds = [
            FactorKind::Totp,
            FactorKind::Recovery,
            FactorKind::U2f,
            FactorKind::Webauthn,
            FactorKind::Yubico,
        ];
        for kind in kinds {
            if let Some(factors) = by_kind.get(&kind) {
                challenge.insert(kind.name().to_owned(), question(kind, factors));
            }
        }
        (!challenge.is_empty()).then(|| Value::Object(challenge).to_string())
    }
}

/// What is asked about all factors of one kind.
fn question(kind: FactorKind, factors: &[(&str, &Factor)]) -> Value {
    let ids = || factors.iter().map(|(id, _)| *id);
    let challenge = || ids().collect::<Vec<_>>().join("-");
    match kind {
        FactorKind::Totp | FactorKind::Yubico => json!(true),
        FactorKind::Recovery => {
            let keys = factors.iter().flat_map(|(_, factor)| &factor.keys);
            let left = keys.enumerate().filter(|(_, key)| key.is_some());
            left.map(|(position, _)| json!(position)).collect()
        }
        FactorKind::U2f => {
            let keys = ids().map(|id| json!({"keyHandle": id, "version": "U2F_V2"}));
            json!({"challenge": challenge(), "keys": keys.collect::<Value>()})
        }
        FactorKind::Webauthn => {
            let keys = ids().map(|id| json!({"type": "public-key", "id": id}));
            json!({"publicKey": {
                "challenge": challenge(),
                "timeout": 60_000,
                "allowCredentials": keys.collect::<Value>(),
                "userVerification": "discouraged",
            }})
        }
    }
}

#[cfg(test)]
mod tests;
