//! What a handler is given and what it is: a function of a world and a call.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::acl::normalized;
use super::arguments::Arguments;
use super::collection::{Action, Bound};
use super::envelope::Answer;
use super::fault::Fault;
use super::gate::Mode;
use super::identity::Identity;
use super::index::Index;
use super::lodge::Lodge;
use super::permission::Denied;
use super::product::{Edition, Product};
use super::role::Catalog;
use super::section::Sections;
use super::state::State;
use super::ticket::Signer;
use super::token::Credentials;
use super::work::{Job, Start};
use super::written::Former;
use crate::contract::Operation;
use crate::http::Request;
use crate::random::{Random, uuid};

/// A handler that looks.
pub type Look<W> = fn(&W, &Call<'_>) -> Result<Answer, Fault>;

/// A handler that changes. What it changed stays, even when it refuses afterwards: look first.
pub type Change<W> = fn(&mut W, &Call<'_>) -> Result<Answer, Fault>;

/// What is looked at before a plain collection acts, because more than its file decides.
pub type Guard<W> = fn(&W, &Call<'_>) -> Result<(), Fault>;

/// What is made of the answer of a plain collection.
pub type Dress<W> = fn(&W, &Call<'_>, &mut Answer);

/// What stands around the action of a plain collection, for operations that are nearly plain.
#[derive(Debug, Clone)]
pub enum Around<W> {
    /// Nothing.
    Nothing,
    /// A look before it, which may refuse.
    Guard(Guard<W>),
    /// A last hand at its answer.
    Dress(Dress<W>),
    /// Both.
    Both(Guard<W>, Dress<W>),
}

impl<W> Around<W> {
    /// Looks before the action.
    ///
    /// # Errors
    /// What it refuses.
    pub fn guard(&self, world: &W, call: &Call<'_>) -> Result<(), Fault> {
        match self {
            Self::Guard(guard) | Self::Both(guard, _) => guard(world, call),
            Self::Nothing | Self::Dress(_) => Ok(()),
        }
    }

    /// Puts the last hand to the answer.
    pub fn dress(&self, world: &W, call: &Call<'_>, answer: &mut Answer) {
        if let Self::Dress(dress) | Self::Both(_, dress) = self {
            dress(world, call, answer);
        }
    }
}

/// The behaviour behind an operation.
#[derive(Debug, Clone)]
pub enum Handler<W> {
    /// A function that looks.
    Read(Look<W>),
    /// A function that changes.
    Write(Change<W>),
    /// One of the actions of a plain collection.
    Section(Arc<Bound>, Action, Around<W>),
    /// What is to stand around the action that a plain collection has for the operation; becomes a
    /// [`Self::Section`] when the product is built.
    Around(Around<W>),
    /// The list of what is below a path.
    Index(Index),
    /// Several calls to one node in one (`/nodes/{node}/execute` of Proxmox VE).
    Batch,
}

impl<W: State> Handler<W> {
    /// Whether it may change the world.
    pub fn writes(&self) -> bool {
        match self {
            Self::Write(_) => true,
            Self::Section(_, action, _) => action.writes(),
            Self::Read(_) | Self::Index(_) | Self::Around(_) | Self::Batch => false,
        }
    }

    /// What it answers without changing anything; `None` from one that changes things.
    pub fn look(&self, world: &W, call: &Call<'_>) -> Option<Result<Answer, Fault>> {
        match self {
            Self::Read(look) => Some(look(world, call)),
            Self::Section(bound, action, around) if !action.writes() => {
                let looked = around.guard(world, call).and_then(|()| {
                    let none = Sections::default();
                    let sections = world.sections(bound.collection().file).unwrap_or(&none);
                    let given = call.arguments.given();
                    let mut answer = bound.look(*action, sections, given)?;
                    around.dress(world, call, &mut answer);
                    Ok(answer)
                });
                Some(looked)
            }
            Self::Index(index) => Some(Ok(Answer::new(index.items()))),
            // The table has no bare surroundings, and a batch is the service's.
            Self::Section(..) | Self::Write(_) | Self::Around(_) | Self::Batch => None,
        }
    }
}

/// What is the same for all calls to one server.
#[derive(Debug)]
pub struct Context {
    /// The product.
    pub product: Product,
    /// The release's words.
    pub edition: Edition,
    /// The release as people name it: `9.2`.
    pub release: String,
    /// Its privileges and roles.
    pub catalog: Catalog,
    /// Who signs tickets.
    pub signer: Signer,
    /// Where ids come from.
    pub random: Random,
    /// What makes the figures of one server differ from those of another (`--seed`).
    pub seed: u64,
    /// How strictly senders are taken.
    pub mode: Mode,
    /// How long simulated tasks take.
    pub task_time: Duration,
}

/// One call that passed the gate.
#[derive(Debug)]
pub struct Call<'a> {
    /// The operation.
    pub operation: &'a Operation,
    /// Its arguments, checked; those of the path among them.
    pub arguments: Arguments<'a>,
    /// Who calls; the superuser where nobody needs to say.
    pub caller: Identity,
    /// What the request said about its sender: a login may renew by it.
    pub credentials: Credentials,
    /// The request, for uploads.
    pub request: &'a Request,
    /// When.
    pub now: Timestamp,
    /// What is the same for all calls.
    pub context: &'a Context,
    /// The answer to the same question of a while ago, for those who can write theirs sooner with it.
    pub former: Option<Former>,
}

impl Call<'_> {
    /// A text that the contract requires or gives a default; empty when it does neither.
    pub fn text(&self, name: &str) -> &str {
        self.arguments.text(name).unwrap_or_default()
    }

    /// The next 64 bits of the source of ids.
    pub fn random(&self) -> u64 {
        self.context.random.next()
    }

    /// A new UUID of version 4.
    pub fn uuid(&self) -> String {
        uuid(self.random(), self.random())
    }

    /// Whether the caller has all of these privileges on a path. Everybody has in open mode. Privileges that the
    /// release does not have are had by nobody but the superuser.
    pub fn may<W: State>(&self, world: &W, path: &str, privileges: &[&str]) -> bool {
        self.has(world, path, privileges, All::OfThem)
    }

    /// Whether the caller has at least one of these privileges on a path.
    pub fn may_any<W: State>(&self, world: &W, path: &str, privileges: &[&str]) -> bool {
        self.has(world, path, privileges, All::OneOfThem)
    }

    /// Refuses who does not have all of these privileges on a path, in the words of the contract's own checks.
    ///
    /// # Errors
    /// [`Fault::Denied`].
    pub fn demand<W: State>(
        &self,
        world: &W,
        path: &str,
        privileges: &[&str],
    ) -> Result<(), Fault> {
        if self.may(world, path, privileges) {
            return Ok(());
        }
        let why = format!("{path}, {}", privileges.join(", "));
        Err(Fault::Denied(Denied::because(why)))
    }

    /// Whether the caller is the superuser, by ticket or by open mode's leave; a token never is.
    pub fn is_root(&self) -> bool {
        self.context.mode == Mode::Open || self.caller.is_root()
    }

    /// Begins a task on a node for the caller and gives its id.
    pub fn begin<W: State>(&self, world: &mut W, node: &str, job: Job<W::Effect>) -> String {
        let start = Start {
            product: self.context.product,
            node,
            user: self.caller.clone(),
            now: self.now,
            duration: self.context.task_time,
        };
        world.work_mut().begin(start, job).to_string()
    }

    /// Begins a task on the node of the path, or else on the one that answers, and answers with its id.
    ///
    /// # Errors
    /// Never; the type is that of handlers, which end with this.
    pub fn start<W: State>(&self, world: &mut W, job: Job<W::Effect>) -> Result<Answer, Fault> {
        let node = match self.arguments.text("node") {
            Some(node) => node.to_owned(),
            None => world.own_node().to_owned(),
        };
        Ok(Answer::new(self.begin(world, &node, job)))
    }

    fn has<W: State>(&self, world: &W, path: &str, privileges: &[&str], all: All) -> bool {
        if self.context.mode == Mode::Open || self.caller.is_root() {
            return true;
        }
        let lodge = Lodge::new(world, self.context, self.now);
        let catalog = &self.context.catalog;
        let Some(path) = normalized(path) else {
            return false;
        };
        let granted = super::gate::House::rights(&lodge)
            .on(&self.caller, &path)
            .all;
        let one = |name: &&str| {
            let privilege = catalog.privilege(name);
            privilege.is_some_and(|privilege| granted.has_all(privilege))
        };
        match all {
            All::OfThem => privileges.iter().all(one),
            All::OneOfThem => privileges.iter().any(one),
        }
    }
}

/// How many privileges of a list are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum All {
    OfThem,
    OneOfThem,
}

#[cfg(test)]
pub(crate) mod testing {
    //! A context for tests of handlers.

    use super::*;

    /// A server with nothing set: open, tasks that take no time, seed 7.
    pub(crate) fn context(edition: Edition) -> Context {
        let product = edition.product();
        Context {
            product,
            edition,
            release: "test".to_owned(),
            catalog: Catalog::new(edition),
            signer: Signer::new(product, &[7; 32]),
            random: Random::new(Some(7)),
            seed: 7,
            mode: Mode::Open,
            task_time: Duration::ZERO,
        }
    }
}
