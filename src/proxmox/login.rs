//! Logging in: what `/access/ticket` makes of a password, an old ticket, or the answer to a challenge.
//!
//! Data in, data out. Members and texts are proxmox.md 2.1, 2.4 and 2.5; the order of steps is that of
//! `PVE::API2::AccessControl` and proxmox-auth-api's `access.rs`. Every failure reads the same, because the
//! products tell nobody which part was wrong.

use serde_json::{Map, json};

use super::acl::normalized;
use super::envelope::Answer;
use super::fault::Fault;
use super::gate::{House, Mode, Standing};
use super::identity::{Identity, UserId};
use super::percent;
use super::product::Product;
use super::token::{clear_cookie, set_cookie};

mod attempt;
mod capabilities;

pub use attempt::Attempt;
pub use capabilities::capabilities;

/// The password of the superuser in every image, unless the start says otherwise.
pub const ROOT_PASSWORD: &str = "secret";

/// The name of the superuser's API token that every image has.
pub const TOKEN_NAME: &str = "mock";

/// The secret of that token.
pub const TOKEN_SECRET: &str = "00000000-0000-4000-8000-000000000000";

/// What a login must know of accounts beyond what the gate does; a personality's world answers.
pub trait Accounts {
    /// Whether this is the user's password.
    fn password_fits(&self, user: &UserId, password: &str) -> bool;
    /// What a user with a second factor is asked, as JSON text (`{"totp":true}`); `None` without one.
    fn challenge(&self, user: &UserId) -> Option<String>;
    /// Whether an answer such as `totp:123456` fits.
    fn answer_fits(&self, user: &UserId, answer: &str) -> bool;
    /// The user of this name when there is only one, for logins without a realm (Proxmox VE).
    fn only_user_named(&self, name: &str) -> Option<UserId>;
    /// The name of the cluster, where there is one.
    fn cluster_name(&self) -> Option<&str>;
}

/// How far an attempt comes.
enum Outcome {
    /// A ticket.
    Ticket,
    /// A challenge.
    Challenge(String),
    /// Nothing but the word that all is right.
    Verified,
}

/// Answers `POST /access/ticket`.
///
/// # Errors
/// [`Fault::LoginFailed`], whatever was wrong.
pub fn log_in(
    house: &dyn House,
    accounts: &dyn Accounts,
    attempt: &Attempt,
) -> Result<Answer, Fault> {
    let product = house.rights().product;
    let user = match UserId::parse(&attempt.user, product) {
        Ok(user) => user,
        Err(_) if product.is_perl() => accounts
            .only_user_named(&attempt.user)
            .ok_or(Fault::LoginFailed)?,
        Err(_) => return Err(Fault::LoginFailed),
    };
    if house.mode() == Mode::Strict && house.standing(&user) != Standing::Good {
        return Err(Fault::LoginFailed);
    }
    let desk = Desk {
        house,
        accounts,
        product,
        user: &user,
        attempt,
    };
    let outcome = desk.outcome().ok_or(Fault::LoginFailed)?;
    Ok(match product {
        Product::Pve => desk.perl_answer(outcome),
        Product::Pbs | Product::Pdm => desk.rust_answer(outcome),
    })
}

/// Answers `DELETE /access/ticket` of the Rust products: the browser is told to forget its cookie.
pub fn log_out(product: Product) -> Answer {
    Answer {
        cookie: Some(clear_cookie(product)),
        ..Answer::new(json!({}))
            .with("status", 200)
            .with("success", true)
    }
}

/// One attempt of a user who may come in.
struct Desk<'a> {
    house: &'a dyn House,
    accounts: &'a dyn Accounts,
    product: Product,
    user: &'a UserId,
    attempt: &'a Attempt,
}

impl Desk<'_> {
    /// How far the attempt comes; `None` when it fails.
    fn outcome(&self) -> Option<Outcome> {
        let (signer, now) = (self.house.signer(), self.house.now());
        let is_open = self.house.mode() == Mode::Open;
        let password = self.attempt.password.as_deref().unwrap_or_default();
        if let Some(ticket) = &self.attempt.challenge {
            let known = signer.verify_challenge(ticket, self.user, now).is_ok();
            let fits = known && self.accounts.answer_fits(self.user, password);
            return (fits || is_open).then_some(Outcome::Ticket);
        }
        if let Some((path, privileges)) = self.to_verify() {
            return self.verify(path, privileges, password);
        }
        if signer.renew(password, self.user, now).is_ok() {
            return Some(Outcome::Ticket);
        }
        self.with_password(password)
    }

    /// A password, and the second factor where the user has one.
    fn with_password(&self, password: &str) -> Option<Outcome> {
        let is_open = self.house.mode() == Mode::Open;
        if !is_open && !self.accounts.password_fits(self.user, password) {
            return None;
        }
        let Some(challenge) = self.accounts.challenge(self.user) else {
            return Some(Outcome::Ticket);
        };
        match &self.attempt.otp {
            None => Some(Outcome::Challenge(challenge)),
            Some(otp) => self
                .accounts
                .answer_fits(self.user, &format!("totp:{otp}"))
                .then_some(Outcome::Ticket),
        }
    }

    /// Path and privileges when both are named; the Rust products look at them only for a console's ticket.
    fn to_verify(&self) -> Option<(&str, &str)> {
        let path = self.attempt.path.as_deref()?;
        let privileges = self.attempt.privileges.as_deref()?;
        let is_perl = self.product.is_perl();
        let password = self.attempt.password.as_deref().unwrap_or_default();
        let of_console = password.starts_with(self.product.console_prefix());
        let wanted = is_perl || (of_console && self.attempt.port.is_some());
        wanted.then_some((path, privileges))
    }

    /// Whether credentials of any kind are right and the user has the privileges.
    fn verify(&self, path: &str, privileges: &str, password: &str) -> Option<Outcome> {
        let (signer, now) = (self.house.signer(), self.house.now());
        let who = Identity::from(self.user.clone());
        let port = self.attempt.port.unwrap_or_default();
        let is_own = signer.verify(password, now).as_ref() == Ok(self.user);
        let is_known = is_own
            || signer
                .verify_console(password, &who, path, port, now)
                .is_ok()
            || matches!(self.with_password(password), Some(Outcome::Ticket));
        let rights = self.house.rights();
        let granted = rights.on(&who, &normalized(path)?).all;
        let separates = |c: char| matches!(c, ',' | ';' | '\0') || c.is_whitespace();
        let mut names = privileges.split(separates).filter(|name| !name.is_empty());
        let has_all = names.all(|name| {
            let privilege = rights.catalog.privilege(name);
            privilege.is_some_and(|privilege| granted.has_all(privilege))
        });
        (is_known && has_all && !privileges.is_empty()).then_some(Outcome::Verified)
    }

    fn perl_answer(&self, outcome: Outcome) -> Answer {
        let (signer, now) = (self.house.signer(), self.house.now());
        let who = Identity::from(self.user.clone());
        let rights = self.house.rights();
        let mut data = Map::new();
        data.insert("username".to_owned(), json!(self.user.as_str()));
        let ticket = match &outcome {
            Outcome::Verified => None,
            Outcome::Ticket => Some(signer.ticket(self.user, now)),
            Outcome::Challenge(challenge) => {
                let escaped = percent::escape(challenge, |c| !c.is_ascii_alphanumeric());
                data.insert("NeedTFA".to_owned(), json!(1));
                Some(signer.challenge(self.user, &escaped, now))
            }
        };
        if let Some(ticket) = ticket {
            data.insert("ticket".to_owned(), json!(ticket));
            let csrf = signer.csrf(self.user, now);
            data.insert("CSRFPreventionToken".to_owned(), json!(csrf));
        }
        if !matches!(outcome, Outcome::Challenge(_)) {
            data.insert("cap".to_owned(), capabilities(&rights, &who));
        }
        let audits = rights.catalog.set(["Sys.Audit"]);
        if let Some(name) = self.accounts.cluster_name()
            && rights.on(&who, "/").all.has_all(audits)
        {
            data.insert("clustername".to_owned(), json!(name));
        }
        Answer::new(data)
    }

    fn rust_answer(&self, outcome: Outcome) -> Answer {
        let (signer, now) = (self.house.signer(), self.house.now());
        let mut data = Map::new();
        let mut cookie = None;
        data.insert("username".to_owned(), json!(self.user.as_str()));
        match outcome {
            Outcome::Verified => {}
            Outcome::Challenge(challenge) => {
                let ticket = signer.challenge(self.user, &challenge, now);
                data.insert("ticket".to_owned(), json!(ticket));
                data.insert("CSRFPreventionToken".to_owned(), json!("invalid"));
            }
            Outcome::Ticket => {
                let ticket = signer.ticket(self.user, now);
                let csrf = signer.csrf(self.user, now);
                data.insert("CSRFPreventionToken".to_owned(), json!(csrf));
                if self.attempt.cookie_only {
                    let info = signer.ticket_info(self.user, now);
                    data.insert("ticket-info".to_owned(), json!(info));
                    cookie = Some(set_cookie(self.product, &ticket));
                } else {
                    data.insert("ticket".to_owned(), json!(ticket));
                }
            }
        }
        let mut answer = Answer::new(data);
        if self.attempt.cookie_only {
            // That handler writes its reply itself, and the same in both formats.
            answer = answer.with("status", 200).with("success", true);
        }
        answer.cookie = cookie;
        answer
    }
}

#[cfg(test)]
mod tests;
