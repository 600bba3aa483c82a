//! How second factors come and go.

use jiff::Timestamp;

use super::{Factor, FactorKind, Lockout, RECOVERY, Totp};
use crate::proxmox::account::User;
use crate::proxmox::fault::Fault;
use crate::random::uuid;

/// How many recovery keys there are in a set.
const RECOVERY_KEYS: usize = 10;

/// What somebody wants to add: the parameters of `POST /access/tfa/{userid}`.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// What it is.
    pub kind: FactorKind,
    /// What is written about it; needed for all but recovery keys.
    pub description: Option<&'a str>,
    /// The URI of a TOTP factor.
    pub totp: Option<&'a str>,
    /// The present code of it, or what a security key says.
    pub value: Option<&'a str>,
    /// The challenge that a security key answers.
    pub challenge: Option<&'a str>,
}

/// What was added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// The id of the new factor.
    pub id: String,
    /// The recovery keys, shown this once.
    pub recovery: Vec<String>,
}

impl User {
    /// Adds a factor. `random` gives the bits of ids and keys. Security keys are refused as by a product in which
    /// nobody has configured them.
    ///
    /// # Errors
    /// The words of the products' library.
    pub fn add_factor(
        &mut self,
        wanted: &Wanted<'_>,
        now: Timestamp,
        mut random: impl FnMut() -> u64,
    ) -> Result<Added, Fault> {
        let failed = |text: &str| Fault::Failed(text.to_owned());
        let Wanted {
            totp,
            value,
            challenge,
            ..
        } = *wanted;
        match wanted.kind {
            FactorKind::Totp => {
                if challenge.is_some() {
                    let text = "'challenge' parameter is invalid for 'totp' entries";
                    return Err(failed(text));
                }
                let mut factor = described(wanted, now)?;
                factor.totp = Some(proven_totp(totp, value, now).map_err(Fault::Failed)?);
                Ok(self.insert(factor, random))
            }
            FactorKind::Yubico => {
                if totp.or(challenge).is_some() {
                    let text = "'totp' and 'challenge' parameters are invalid for 'yubico' entries";
                    return Err(failed(text));
                }
                let factor = described(wanted, now)?;
                if value.is_none() {
                    let text = "missing 'value' parameter for 'yubico' entry";
                    return Err(failed(text));
                }
                Ok(self.insert(factor, random))
            }
            FactorKind::Recovery => {
                if totp.or(value).or(challenge).is_some() {
                    let text = "generating recovery tokens does not allow additional parameters";
                    return Err(failed(text));
                }
                self.add_recovery(now, &mut random)
            }
            FactorKind::Webauthn | FactorKind::U2f => {
                let kind = wanted.kind.name();
                if totp.is_some() {
                    let text = format!("'totp' parameter is invalid for '{kind}' entries");
                    return Err(Fault::Failed(text));
                }
                if challenge.is_none() {
                    described(wanted, now)?;
                }
                Err(Fault::Failed(format!("no {kind} configuration available")))
            }
        }
    }

    /// Changes what is written about a factor and whether it counts. Says whether there is one; recovery keys
    /// cannot be changed.
    pub fn change_factor(
        &mut self,
        id: &str,
        description: Option<&str>,
        enable: Option<bool>,
    ) -> bool {
        let factor = self.factors.get_mut(id);
        let Some(factor) = factor.filter(|factor| factor.kind != FactorKind::Recovery) else {
            return false;
        };
        if let Some(description) = description {
            description.clone_into(&mut factor.description);
        }
        factor.enable = enable.unwrap_or(factor.enable);
        true
    }

    /// Takes a factor out; says whether there was one. With the last one goes what failed attempts led to.
    pub fn remove_factor(&mut self, id: &str) -> bool {
        let found = self.factors.remove(id).is_some();
        if self.factors.is_empty() {
            self.lockout = Lockout::default();
        }
        found
    }

    /// Lets a user try again who is locked out; says whether that was so.
    pub fn unlock_factors(&mut self, now: Timestamp) -> bool {
        let was_locked = self.lockout.totp_locked || self.lockout.is_locked(now);
        self.lockout = Lockout::default();
        was_locked
    }

    fn add_recovery(
        &mut self,
        now: Timestamp,
        random: &mut dyn FnMut() -> u64,
    ) -> Result<Added, Fault> {
        if self.factors.contains_key(RECOVERY) {
            let text = "user already has recovery keys";
            return Err(Fault::Failed(text.to_owned()));
        }
        let keys: Vec<String> = (0..RECOVERY_KEYS).map(|_| recovery_key(random())).collect();
        let mut factor = Factor::new(FactorKind::Recovery, "", now);
        factor.keys = keys.iter().cloned().map(Some).collect();
        self.factors.insert(RECOVERY.to_owned(), factor);
        Ok(Added {
            id: RECOVERY.to_owned(),
            recovery: keys,
        })
    }

    fn insert(&mut self, factor: Factor, mut random: impl FnMut() -> u64) -> Added {
        let id = uuid(random(), random());
        self.factors.insert(id.clone(), factor);
        Added {
            id,
            recovery: Vec::new(),
        }
    }
}

fn described(wanted: &Wanted<'_>, now: Timestamp) -> Result<Factor, Fault> {
    let text = "'description' is required for new entries";
    let description = wanted.description;
    let description = description.ok_or_else(|| Fault::Failed(text.to_owned()))?;
    Ok(Factor::new(wanted.kind, description, now))
}

/// The secret of a URI whose present code the client knows.
fn proven_totp(totp: Option<&str>, value: Option<&str>, now: Timestamp) -> Result<Totp, String> {
    let (Some(uri), Some(code)) = (totp, value) else {
        return Err("'totp' type requires both 'totp' and 'value' parameters".to_owned());
    };
    let totp = Totp::from_uri(uri)?;
    match totp.matches(code, now) {
        Some(_) => Ok(totp),
        None => Err("failed to verify TOTP challenge".to_owned()),
    }
}

/// `0123-4567-89ab-cdef`.
fn recovery_key(bits: u64) -> String {
    let digits = format!("{bits:016x}");
    let (a, b) = digits.split_at(8);
    let halves = [a.split_at(4), b.split_at(4)];
    let parts = halves.iter().flat_map(|(a, b)| [*a, *b]);
    parts.collect::<Vec<_>>().join("-")
}
