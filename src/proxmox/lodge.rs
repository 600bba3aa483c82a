//! A world under the rules of its server: what the gate and logins ask, answered by any product's world.

use jiff::Timestamp;

use super::call::Context;
use super::gate::{House, KnownToken, Mode, Place, Standing};
use super::identity::{TokenId, UserId};
use super::login;
use super::product::Edition;
use super::rights::{Accounts, Pool, Rights, Separation};
use super::role::Privileges;
use super::second_factor::{FactorKind, Proof};
use super::state::State;
use super::ticket::Signer;

/// A world at a moment, with what its server adds.
#[derive(Debug, Clone, Copy)]
pub struct Lodge<'a, W> {
    world: &'a W,
    context: &'a Context,
    now: Timestamp,
}

impl<'a, W: State> Lodge<'a, W> {
    /// The world at this moment.
    pub fn new(world: &'a W, context: &'a Context, now: Timestamp) -> Self {
        Self {
            world,
            context,
            now,
        }
    }
}

impl<W: State> House for Lodge<'_, W> {
    fn mode(&self) -> Mode {
        self.context.mode
    }

    fn now(&self) -> Timestamp {
        self.now
    }

    fn signer(&self) -> &Signer {
        &self.context.signer
    }

    fn rights(&self) -> Rights<'_> {
        Rights {
            product: self.context.product,
            list: self.world.access_list(),
            catalog: &self.context.catalog,
            accounts: self,
        }
    }

    fn standing(&self, user: &UserId) -> Standing {
        self.world.directory().standing(user, self.now)
    }

    fn token(&self, token: &TokenId) -> Option<KnownToken<'_>> {
        self.world.directory().token(token, self.now)
    }

    fn own_node(&self) -> &str {
        self.world.own_node()
    }

    fn place(&self, node: &str) -> Place {
        self.world.place(node)
    }
}

impl<W: State> Accounts for Lodge<'_, W> {
    fn has_user(&self, user: &UserId) -> bool {
        self.world.directory().has_user(user)
    }

    fn separation(&self, token: &TokenId) -> Option<Separation> {
        self.world.directory().separation(token)
    }

    fn is_member(&self, user: &UserId, group: &str) -> bool {
        self.world.directory().is_member(user, group)
    }

    fn groups(&self) -> Vec<&str> {
        self.world.directory().group_names()
    }

    fn custom_role(&self, name: &str) -> Option<Privileges> {
        let directory = self.world.directory();
        directory.custom_role(&self.context.catalog, name)
    }

    fn pools(&self) -> Vec<Pool<'_>> {
        self.world.pools()
    }

    fn pools_of(&self, path: &str) -> Vec<&str> {
        self.world.pools_of(path)
    }
}

impl<W: State> login::Accounts for Lodge<'_, W> {
    fn password_fits(&self, user: &UserId, password: &str) -> bool {
        let directory = self.world.directory();
        self.world.takes_passwords(user) && directory.password_fits(user, password)
    }

    fn challenge(&self, user: &UserId) -> Option<String> {
        self.world.directory().challenge(user)
    }

    fn prove(&self, user: &UserId, answer: &str) -> Proof {
        self.world.directory().prove(user, answer, self.now)
    }

    fn required_factor(&self, user: &UserId) -> Option<FactorKind> {
        self.world.required_factor(user)
    }

    fn takes_bare_codes(&self) -> bool {
        self.context.edition == Edition::Pve7
    }

    fn only_user_named(&self, name: &str) -> Option<UserId> {
        self.world.directory().only_user_named(name)
    }

    fn cluster_name(&self) -> Option<&str> {
        self.world.cluster_name()
    }
}
