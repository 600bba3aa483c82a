//! Logging in: what `/access/ticket` makes of a password, an old ticket, or the answer to a challenge.
//!
//! Data in, data out. Members and texts are proxmox.md 2.1, 2.4 and 2.5; the order of steps is that of
//! `PVE::API2::AccessControl` and proxmox-auth-api's `access.rs`. Every failure reads the same, because the
//! products tell nobody which part was wrong.

use serde_json::json;

use super::acl::normalized;
use super::arguments::split_list;
use super::call::Call;
use super::envelope::Answer;
use super::fault::Fault;
use super::gate::{House, Mode, Standing};
use super::identity::{Identity, UserId};
use super::lodge::Lodge;
use super::product::{Edition, Product};
use super::second_factor::{FactorKind, Proof};
use super::state::State;
use super::token::clear_cookie;

mod answer;
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
    /// What an answer such as `totp:123456` proves.
    fn prove(&self, user: &UserId, answer: &str) -> Proof;
    /// The kind of second factor that the user's realm asks of everybody.
    fn required_factor(&self, user: &UserId) -> Option<FactorKind>;
    /// Whether a one-time password beside the password is a bare code, as it was before Proxmox VE 8. Later it
    /// must say of which kind it is.
    fn takes_bare_codes(&self) -> bool;
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

/// What came of an attempt, and what the second factor proved where one was looked at.
struct Tried {
    result: Result<Answer, Fault>,
    proof: Option<(UserId, Proof)>,
}

/// The handler of `POST /access/ticket` of all three products: an attempt with all that it leaves behind (a code
/// that was used, a failure that is counted).
///
/// # Errors
/// [`Fault::LoginFailed`], whatever was wrong.
pub fn enter<W: State>(world: &mut W, call: &Call<'_>) -> Result<Answer, Fault> {
    let product = call.context.product;
    let mut attempt = Attempt::read(product, call.arguments.given(), &call.credentials);
    if let Ok(user) = UserId::parse(&attempt.user, product) {
        attempt.user = world.spelled(user).to_string();
    }
    let lodge = Lodge::new(&*world, call.context, call.now);
    let Tried { result, proof } = tried(&lodge, &lodge, &attempt);
    // Failures are not counted in open mode, where they do not matter, nor by Proxmox VE 7, which knows no
    // lockout and no way out of it.
    let counts = call.context.mode == Mode::Strict && call.context.edition != Edition::Pve7;
    if let Some((user, proof)) = proof.filter(|(_, proof)| counts || proof.fits())
        && let Some(user) = world.accounts_mut().0.users.get_mut(&user)
    {
        user.settle(&proof, call.now);
    }
    result
}

/// Answers `POST /access/ticket` without changing anything.
///
/// # Errors
/// [`Fault::LoginFailed`], whatever was wrong.
pub fn log_in(
    house: &dyn House,
    accounts: &dyn Accounts,
    attempt: &Attempt,
) -> Result<Answer, Fault> {
    tried(house, accounts, attempt).result
}

/// The answer to a user who has proven who they are by other means (`OpenID`).
pub fn let_in(house: &dyn House, accounts: &dyn Accounts, user: &UserId) -> Answer {
    let product = house.rights().product;
    let desk = Desk {
        house,
        accounts,
        product,
        user,
        attempt: &Attempt::default(),
    };
    desk.answer(Outcome::Ticket)
}

fn tried(house: &dyn House, accounts: &dyn Accounts, attempt: &Attempt) -> Tried {
    let failed = |proof| Tried {
        result: Err(Fault::LoginFailed),
        proof,
    };
    let product = house.rights().product;
    let user = match UserId::parse(&attempt.user, product) {
        Ok(user) => Some(user),
        Err(_) if product.is_perl() => accounts.only_user_named(&attempt.user),
        Err(_) => None,
    };
    let Some(user) = user else {
        return failed(None);
    };
    if house.mode() == Mode::Strict && house.standing(&user) != Standing::Good {
        return failed(None);
    }
    let desk = Desk {
        house,
        accounts,
        product,
        user: &user,
        attempt,
    };
    let mut proof = None;
    let outcome = desk.outcome(&mut proof);
    let answer = outcome.map(|outcome| desk.answer(outcome));
    let proof = proof.map(|proof| (user, proof));
    match answer {
        None => failed(proof),
        Some(answer) => Tried {
            result: Ok(answer),
            proof,
        },
    }
}

/// Answers `DELETE /access/ticket` of the Rust products: the browser is told to forget its cookie.
pub fn log_out(product: Product) -> Answer {
    Answer {
        cookie: Some(clear_cookie(product)),
        content_type: Some(answer::PLAIN_JSON),
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
    /// How far the attempt comes; `None` when it fails. What a second factor proved goes into `proof`.
    fn outcome(&self, proof: &mut Option<Proof>) -> Option<Outcome> {
        let (signer, now) = (self.house.signer(), self.house.now());
        let password = self.attempt.password.as_deref().unwrap_or_default();
        if let Some(ticket) = &self.attempt.challenge {
            let known = signer.verify_challenge(ticket, self.user, now).is_ok();
            let fits = known && self.attempt.otp.is_none() && self.proves(password, proof);
            return (fits || self.is_open()).then_some(Outcome::Ticket);
        }
        if let Some((path, privileges)) = self.to_verify() {
            return self.verify(path, privileges, password, proof);
        }
        if signer.renew(password, self.user, now).is_ok() {
            return Some(Outcome::Ticket);
        }
        self.with_password(password, proof)
    }

    /// A password, and the second factor where the user has one or the realm asks for one.
    fn with_password(&self, password: &str, proof: &mut Option<Proof>) -> Option<Outcome> {
        if !self.is_open() && !self.accounts.password_fits(self.user, password) {
            return None;
        }
        let challenge = self.accounts.challenge(self.user);
        match (challenge, &self.attempt.otp) {
            (None, None) => {
                let required = self.accounts.required_factor(self.user);
                (required.is_none() || self.is_open()).then_some(Outcome::Ticket)
            }
            // There is nothing that the one-time password could answer.
            (None, Some(_)) => self.is_open().then_some(Outcome::Ticket),
            (Some(challenge), None) => Some(Outcome::Challenge(challenge)),
            (Some(_), Some(otp)) => {
                let bare = self.accounts.takes_bare_codes() && !otp.contains(':');
                let otp = match bare {
                    true => format!("totp:{otp}"),
                    false => otp.clone(),
                };
                self.proves(&otp, proof).then_some(Outcome::Ticket)
            }
        }
    }

    /// Whether an answer to a challenge is right, of a kind that the realm takes.
    fn proves(&self, answer: &str, proof: &mut Option<Proof>) -> bool {
        let kind = answer.split(':').next().and_then(FactorKind::named);
        let required = self.accounts.required_factor(self.user);
        let taken = required.is_none() || kind == required || kind == Some(FactorKind::Recovery);
        let proven = match taken {
            true => self.accounts.prove(self.user, answer),
            false => Proof::Refused,
        };
        let fits = proven.fits();
        *proof = Some(proven);
        fits
    }

    fn is_open(&self) -> bool {
        self.house.mode() == Mode::Open
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
    fn verify(
        &self,
        path: &str,
        privileges: &str,
        password: &str,
        proof: &mut Option<Proof>,
    ) -> Option<Outcome> {
        let (signer, now) = (self.house.signer(), self.house.now());
        let who = Identity::from(self.user.clone());
        let port = self.attempt.port.unwrap_or_default();
        let is_own = signer.verify(password, now).as_ref() == Ok(self.user);
        let is_known = is_own
            || signer
                .verify_console(password, &who, path, port, now)
                .is_ok()
            || matches!(self.with_password(password, proof), Some(Outcome::Ticket));
        let has_all = may_verify(self.house, &who, path, privileges);
        (is_known && has_all).then_some(Outcome::Verified)
    }
}

/// Whether somebody has all of the privileges of a list, which may not be empty, on a path.
pub fn may_verify(house: &dyn House, who: &Identity, path: &str, privileges: &str) -> bool {
    let rights = house.rights();
    let Some(path) = normalized(path) else {
        return false;
    };
    let granted = rights.on(who, &path).all;
    let mut names = split_list(privileges).peekable();
    names.peek().is_some()
        && names.all(|name| {
            let privilege = rights.catalog.privilege(name);
            privilege.is_some_and(|privilege| granted.has_all(privilege))
        })
}

#[cfg(test)]
mod tests;
