//! Keys of subscriptions in the pool, and which node each is for.

use serde::{Deserialize, Serialize};

use super::is_default;

/// A key of the pool. What is known of its subscription is what the node says that has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct PoolKey {
    /// The remote it is assigned to.
    #[serde(skip_serializing_if = "is_default")]
    pub remote: Option<String>,
    /// The node it is assigned to.
    #[serde(skip_serializing_if = "is_default")]
    pub node: Option<String>,
    /// Whether it came from a node that had it already.
    #[serde(skip_serializing_if = "is_default")]
    pub adopted: bool,
    /// Whether its node is to lose it when pending changes are applied.
    #[serde(skip_serializing_if = "is_default")]
    pub pending_clear: bool,
}

/// The product that a key is for, by its start: `pve4b-1234567890`; `None` for what is no key.
pub fn product(key: &str) -> Option<&'static str> {
    let product = ["pve", "pbs", "pmg", "pom"];
    let product = product.into_iter().find(|name| key.starts_with(name))?;
    let (front, number) = key.get(3..)?.split_once('-')?;
    let is_number = number.len() == 10 && number.bytes().all(|b| b.is_ascii_hexdigit());
    let fits = is_number && level_of(product, front).is_some();
    fits.then_some(product)
}

/// The level of a key's subscription, by its letter.
pub fn level(key: &str) -> &'static str {
    let front = key.get(3..).and_then(|rest| rest.split_once('-'));
    let product = product(key);
    let level = product
        .zip(front)
        .and_then(|(product, (front, _))| level_of(product, front));
    level.unwrap_or("Unknown")
}

/// How many sockets a key of Proxmox VE covers.
pub fn sockets(key: &str) -> Option<i64> {
    if product(key) != Some("pve") {
        return None;
    }
    let digits = key
        .get(3..)?
        .trim_start_matches(|c: char| !c.is_ascii_digit());
    let end = digits.find(|c: char| !c.is_ascii_digit())?;
    digits.get(..end)?.parse().ok()
}

/// `4b`: sockets and letter for Proxmox VE, the letter alone for the others.
fn level_of(product: &str, front: &str) -> Option<&'static str> {
    let letter = front.trim_start_matches(|c: char| c.is_ascii_digit());
    let has_sockets = letter.len() < front.len();
    if has_sockets != (product == "pve") {
        return None;
    }
    match letter {
        "c" => Some("Community"),
        "b" => Some("Basic"),
        "s" => Some("Standard"),
        "p" => Some("Premium"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_tell_what_they_are_for() {
        let check = |key: &str, want: (Option<&str>, &str, Option<i64>)| {
            assert_eq!((product(key), level(key), sockets(key)), want, "{key}");
        };
        check("pve4b-1234567890", (Some("pve"), "Basic", Some(4)));
        check("pve1p-12345abcde", (Some("pve"), "Premium", Some(1)));
        check("pbsc-1234567890", (Some("pbs"), "Community", None));
        check("pbs4c-1234567890", (None, "Unknown", None));
        check("pve-1234567890", (None, "Unknown", None));
        check("pve4b-123", (None, "Unknown", None));
        check("é", (None, "Unknown", None));
    }
}
