//! The permission that an operation declares in its contract, and whether a caller has it.
//!
//! Proxmox VE declares Lisp-like lists, the Rust products nested objects. Both are read into one tree; which
//! forms occur in the five contracts is listed in the tests. What a check means, in which order it looks and what
//! it says is pve-access-control's `exec_api2_perm_check` and proxmox-router's `permission.rs`; the texts of
//! refusals are proxmox.md 1.1.

use serde_json::Value;

use super::identity::Identity;
use super::rights::Rights;

mod check;
mod parse;
mod path;

pub use check::{Check, Groups, Quantity};
pub use parse::PermissionFault;
pub use path::Template;

/// Who may call an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Permission {
    /// The superuser only: nothing is declared.
    Root,
    /// Everybody, logged in or not.
    World,
    /// Everybody who is logged in. What the handler then leaves out is its own affair.
    Anybody,
    /// Whoever passes the check.
    Check(Check),
    /// Declared in words only: nobody but the superuser passes, and the refusal has no detail.
    Described,
}

/// A caller who wants something.
pub struct Asking<'a> {
    /// Who it is; `None` for a caller without credentials.
    pub who: Option<&'a Identity>,
    /// The tree of permissions.
    pub rights: Rights<'a>,
    /// The parameters of the call, path parameters included. Lists are comma-separated, as in forms.
    pub parameter: &'a dyn Fn(&str) -> Option<String>,
}

impl std::fmt::Debug for Asking<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Asking")
            .field("who", &self.who)
            .finish_non_exhaustive()
    }
}

/// Why a caller may not. `Display` gives Proxmox VE's words; the Rust products say one sentence for all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// The check failed; the detail names a path and privileges where there are any.
    #[error("Permission check failed{}", in_brackets(.0.as_deref()))]
    Permission(Option<String>),
    /// The user that the call is about does not exist. Not a lack of permission to the product, but found first.
    #[error("no such user ('{0}')")]
    NoSuchUser(String),
    /// The user that the call is about has no valid name; found first as well.
    #[error("{0}")]
    BadUser(#[from] super::identity::IdentityFault),
}

fn in_brackets(detail: Option<&str>) -> String {
    detail.map_or_else(String::new, |detail| format!(" ({detail})"))
}

impl Denied {
    /// A refusal with a detail.
    pub fn because(detail: impl Into<String>) -> Self {
        Self::Permission(Some(detail.into()))
    }
}

impl Permission {
    /// Reads the `permissions` of an operation, as the products' API viewers give them; `None` and `null` where
    /// there are none.
    ///
    /// # Errors
    /// What is not understood, with the value.
    pub fn parse(declared: Option<&Value>) -> Result<Self, PermissionFault> {
        parse::permission(declared)
    }

    /// Whether the caller passes.
    ///
    /// # Errors
    /// The refusal.
    pub fn allows(&self, asking: &Asking<'_>) -> Result<(), Denied> {
        if *self == Self::World {
            return Ok(());
        }
        let Some(who) = asking.who else {
            return Err(Denied::because("user != null"));
        };
        if who.is_root() {
            return Ok(());
        }
        match self {
            Self::World | Self::Anybody => Ok(()),
            Self::Root => Err(Denied::because("user != root@pam")),
            Self::Described => Err(Denied::Permission(None)),
            Self::Check(check) => check.run(who, asking).map_err(|failed| failed.denied),
        }
    }
}

#[cfg(test)]
mod tests;
