//! What the gate must know of a personality.

use jiff::Timestamp;

use crate::proxmox::fault::Unreachable;
use crate::proxmox::identity::{TokenId, UserId};
use crate::proxmox::rights::Rights;
use crate::proxmox::ticket::Signer;

/// How strictly senders are taken (`--auth`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Everybody is who they say they are, and the superuser when they say nothing; all is permitted.
    #[default]
    Open,
    /// As the product does it.
    Strict,
}

/// Whether a user may come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Yes.
    Good,
    /// There is no such user.
    Missing,
    /// The user is disabled.
    Disabled,
    /// The user's time is over.
    Expired,
}

/// What a house knows of an API token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownToken<'a> {
    /// Its secret.
    pub secret: &'a str,
    /// Whether it may be used; [`Standing::Missing`] makes no sense here.
    pub standing: Standing,
}

/// Where a node is, seen from the one that answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// It answers: itself, or by passing the call on.
    Reachable,
    /// It is known, but does not answer; the text is what the library below says.
    Offline(Unreachable, String),
    /// Nobody knows it.
    Unknown,
}

/// What the gate must know of a personality at this moment.
pub trait House {
    /// How strictly senders are taken.
    fn mode(&self) -> Mode;
    /// The time.
    fn now(&self) -> Timestamp;
    /// Who signs the tickets.
    fn signer(&self) -> &Signer;
    /// The tree of permissions with all that it needs.
    fn rights(&self) -> Rights<'_>;
    /// Whether a user may come in.
    fn standing(&self, user: &UserId) -> Standing;
    /// An API token; `None` when there is none of this id.
    fn token(&self, token: &TokenId) -> Option<KnownToken<'_>>;
    /// The node that answers, which `localhost` means.
    fn own_node(&self) -> &str;
    /// Where a node is.
    fn place(&self, node: &str) -> Place;
}
