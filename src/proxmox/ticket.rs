//! Tickets: what a login gives, what a cookie carries, and the CSRF token that goes with it.
//!
//! A ticket is `PREFIX:data:TIME::signature` (proxmox.md 2.1, 2.4). The products sign with RSA or Ed25519 keys;
//! nobody outside can check those signatures, so here a keyed hash of the same length stands in their place.
//! Which bytes are signed, what is escaped and how old a ticket may be follows the products' sources
//! (`PVE::Ticket`, proxmox-auth-api's `ticket.rs`).

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use jiff::Timestamp;
use ring::hmac;

use super::identity::{Identity, UserId};
use super::percent;
use super::product::Product;

mod seal;

use seal::{Seal, fresh, hex_time, parse_time};

/// How long a ticket and its CSRF token live, in seconds.
pub const LIFETIME: i64 = 2 * 3600;

/// How far in the future a ticket may have been made (clocks of a cluster differ), in seconds.
const SKEW: i64 = 300;

/// Why a ticket or CSRF token does not count. The products tell their clients none of this since 2026.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TicketFault {
    /// Not a ticket of this product.
    #[error("not a ticket")]
    Malformed,
    /// Signed by somebody else, for somebody else, or for another purpose.
    #[error("wrong signature")]
    WrongSignature,
    /// Older than its lifetime.
    #[error("expired")]
    Expired,
    /// Made in the future.
    #[error("newer than now")]
    FromTheFuture,
    /// A good ticket of another user.
    #[error("the ticket of another user")]
    OtherUser,
}

/// Makes and checks the tickets of one product.
pub struct Signer {
    product: Product,
    tickets: Seal,
    csrf: hmac::Key,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("product", &self.product)
            .finish_non_exhaustive()
    }
}

impl Signer {
    /// A signer whose keys come from `secret`: the same secret makes and accepts the same tickets.
    pub fn new(product: Product, secret: &[u8; 32]) -> Self {
        let tickets = hmac::Key::new(hmac::HMAC_SHA512, secret);
        let csrf = hmac::sign(&tickets, b"csrf");
        Self {
            product,
            tickets: Seal {
                product,
                key: tickets,
            },
            csrf: hmac::Key::new(hmac::HMAC_SHA256, csrf.as_ref()),
        }
    }

    /// The product whose tickets these are.
    pub fn product(&self) -> Product {
        self.product
    }

    /// The ticket of a user who logged in.
    pub fn ticket(&self, user: &UserId, now: Timestamp) -> String {
        self.tickets.signed(&self.plain(user.as_str(), now), "")
    }

    /// Who a ticket was made for.
    ///
    /// # Errors
    /// Why it does not count. The ticket of a login that still lacks its second factor is signed together with
    /// the user's name and therefore has a wrong signature here.
    pub fn verify(&self, ticket: &str, now: Timestamp) -> Result<UserId, TicketFault> {
        let data = self.opened(ticket, "", now, self.age_of_tickets())?;
        UserId::parse(&data, self.product).map_err(|_| TicketFault::Malformed)
    }

    /// Checks an old ticket that is given as the password of `user`. The superuser's ticket makes tickets for
    /// everybody in Proxmox VE (proxmox.md 2.1), and for nobody else in the others.
    ///
    /// # Errors
    /// Why it does not count.
    pub fn renew(&self, ticket: &str, user: &UserId, now: Timestamp) -> Result<(), TicketFault> {
        let holder = self.verify(ticket, now)?;
        let stands_for_all = self.product.is_perl() && holder.is_root();
        if holder == *user || stands_for_all {
            return Ok(());
        }
        Err(TicketFault::OtherUser)
    }

    /// Whether a password is a ticket of this product by its look, so that it is checked as one.
    pub fn looks_like_ticket(&self, password: &str) -> bool {
        let rest = password.strip_prefix(self.product.ticket_prefix());
        rest.is_some_and(|rest| rest.starts_with(':'))
    }

    /// PDM's `ticket-info`: the ticket without its signature, which the browser keeps in an `HttpOnly` cookie.
    pub fn ticket_info(&self, user: &UserId, now: Timestamp) -> String {
        format!("{}::ticketinfo", self.plain(user.as_str(), now))
    }

    /// The ticket of a login that lacks its second factor: it carries the challenge and is bound to the user.
    pub fn challenge(&self, user: &UserId, challenge: &str, now: Timestamp) -> String {
        let plain = self.plain(&format!("!tfa!{challenge}"), now);
        self.tickets.signed(&plain, user.as_str())
    }

    /// The challenge in the ticket of a login's first step. The Rust products give ten minutes for the answer.
    ///
    /// # Errors
    /// Why it does not count.
    pub fn verify_challenge(
        &self,
        ticket: &str,
        user: &UserId,
        now: Timestamp,
    ) -> Result<String, TicketFault> {
        let ages = match self.product {
            Product::Pve => self.age_of_tickets(),
            Product::Pbs | Product::Pdm => (-60, 600),
        };
        let data = self.opened(ticket, user.as_str(), now, ages)?;
        let challenge = data.strip_prefix("!tfa!");
        challenge.map(str::to_owned).ok_or(TicketFault::Malformed)
    }

    /// A ticket for one console, good for 40 seconds in Proxmox VE (proxmox.md 1.1, `WebSocket`).
    pub fn console(&self, who: &Identity, path: &str, port: u16, now: Timestamp) -> String {
        let plain = format!("{}:{}", self.console_head(), hex_time(now));
        self.tickets
            .signed(&plain, &self.console_secret(who, path, port))
    }

    /// Checks the ticket of a console.
    ///
    /// # Errors
    /// Why it does not count.
    pub fn verify_console(
        &self,
        ticket: &str,
        who: &Identity,
        path: &str,
        port: u16,
        now: Timestamp,
    ) -> Result<(), TicketFault> {
        let secret = self.console_secret(who, path, port);
        let (plain, time) = self.tickets.checked(ticket, &secret)?;
        let ages = match self.product {
            Product::Pve => (-19, 39),
            Product::Pbs | Product::Pdm => self.age_of_tickets(),
        };
        if plain != self.console_head() {
            return Err(TicketFault::Malformed);
        }
        fresh(time, now, ages)
    }

    /// The token that a browser must send back with every change.
    pub fn csrf(&self, user: &UserId, now: Timestamp) -> String {
        let time = hex_time(now);
        let tag = hmac::sign(&self.csrf, self.csrf_data(&time, user).as_bytes());
        format!("{time}:{}", STANDARD_NO_PAD.encode(tag))
    }

    /// Checks a CSRF token.
    ///
    /// # Errors
    /// Why it does not count.
    pub fn verify_csrf(
        &self,
        user: &UserId,
        token: &str,
        now: Timestamp,
    ) -> Result<(), TicketFault> {
        let (time, tag) = token.split_once(':').ok_or(TicketFault::Malformed)?;
        let seconds = parse_time(time).ok_or(TicketFault::Malformed)?;
        let tag = STANDARD_NO_PAD.decode(tag);
        let tag = tag.map_err(|_| TicketFault::Malformed)?;
        hmac::verify(&self.csrf, self.csrf_data(time, user).as_bytes(), &tag)
            .map_err(|_| TicketFault::WrongSignature)?;
        fresh(seconds, now, self.age_of_tickets())
    }

    /// The ages that count, both ends included. `PVE::Ticket` leaves its bounds out, the others count them in.
    fn age_of_tickets(&self) -> (i64, i64) {
        if self.product.is_perl() {
            (1 - SKEW, LIFETIME - 1)
        } else {
            (-SKEW, LIFETIME)
        }
    }

    fn csrf_data(&self, time: &str, user: &UserId) -> String {
        let end = if self.product.is_perl() { "" } else { ":" };
        format!("{time}:{user}{end}")
    }

    /// What stands before the time: the Rust products' tickets always have a data field, empty here.
    fn console_head(&self) -> String {
        let end = if self.product.is_perl() { "" } else { ":" };
        format!("{}{end}", self.product.console_prefix())
    }

    fn console_secret(&self, who: &Identity, path: &str, port: u16) -> String {
        match self.product {
            Product::Pve => format!("{who}:{path}:{port}"),
            Product::Pbs | Product::Pdm => format!("{who}{path}{port}"),
        }
    }

    fn plain(&self, data: &str, now: Timestamp) -> String {
        let prefix = self.product.ticket_prefix();
        let time = hex_time(now);
        format!("{prefix}:{}:{time}", percent::escape(data, self.escapes()))
    }

    /// A ticket's data has no colons; the Rust products escape control characters as well. A percent sign stays
    /// as it is in all three.
    fn escapes(&self) -> fn(char) -> bool {
        if self.product.is_perl() {
            |c| c == ':'
        } else {
            |c| c == ':' || c.is_ascii_control()
        }
    }

    /// The data of a good login ticket, unescaped.
    fn opened(
        &self,
        ticket: &str,
        secret: &str,
        now: Timestamp,
        ages: (i64, i64),
    ) -> Result<String, TicketFault> {
        let (plain, time) = self.tickets.checked(ticket, secret)?;
        let data = plain.strip_prefix(self.product.ticket_prefix());
        let data = data.and_then(|rest| rest.strip_prefix(':'));
        let data = data.ok_or(TicketFault::Malformed)?;
        fresh(time, now, ages)?;
        Ok(percent::decode(data))
    }
}

#[cfg(test)]
mod tests;
