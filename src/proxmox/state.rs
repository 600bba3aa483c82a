//! What the shared machinery asks of a product's world.
//!
//! A personality is a world with this trait, a contract and a table of handlers; [`super::service`] does the
//! rest.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::account::Directory;
use super::acl::AccessList;
use super::call::Call;
use super::fault::Fault;
use super::gate::Place;
use super::identity::UserId;
use super::overlay::Overlay;
use super::product::Product;
use super::rights::Pool;
use super::second_factor::FactorKind;
use super::section::Sections;
use super::task::{Outcome, Task};
use super::upid::Upid;
use super::work::Work;
use crate::contract::Problem;
use crate::personality::{Lever, Pull, Stuck, Watched};

/// The mutable state of one product.
pub trait State: Clone + PartialEq + fmt::Debug + Send + Sync + Sized + 'static {
    /// What the end of a task does to it.
    type Effect: Clone + PartialEq + fmt::Debug + Send + Sync + Serialize + DeserializeOwned;

    /// The world that a file says.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its path.
    fn read(file: &Value) -> Result<Self, Vec<Problem>>;
    /// The world as a file; [`Self::read`] gives the same world again.
    fn export(&self) -> Value;

    /// A world of so many guests, grown out of the one that the binary carries.
    ///
    /// # Errors
    /// When the product has no guests of its own; a sentence.
    fn large(self, guests: u32, seed: u64) -> Result<Self, String> {
        let _ = (guests, seed);
        Err("makes guests, which this product has not".to_owned())
    }

    /// Whether canned answers can be laid over it: those files are about Proxmox VE.
    const TAKES_OVERLAYS: bool = false;

    /// Takes what canned answers say about things that the world holds, and remarks on what it does not
    /// understand.
    fn lay(&mut self, overlay: &mut Overlay) {
        let _ = overlay;
    }

    /// Users, tokens, groups and roles.
    fn directory(&self) -> &Directory;
    /// The same to change them, with the tree of permissions, from which the dead are taken.
    fn accounts_mut(&mut self) -> (&mut Directory, &mut AccessList);
    /// The tree of permissions.
    fn access_list(&self) -> &AccessList;
    /// Pools, whose permissions count for their members (Proxmox VE).
    fn pools(&self) -> Vec<Pool<'_>> {
        Vec::new()
    }
    /// The names of the pools that have this permission path among them; asked for each guest of a list.
    fn pools_of(&self, _path: &str) -> Vec<&str> {
        Vec::new()
    }
    /// The name of the cluster, where there is one.
    fn cluster_name(&self) -> Option<&str> {
        None
    }
    /// The kind of second factor that the realm of a user asks of everybody (Proxmox VE).
    fn required_factor(&self, _user: &UserId) -> Option<FactorKind> {
        None
    }
    /// Whether the realm of a user lets people in by a password at all.
    fn takes_passwords(&self, _user: &UserId) -> bool {
        true
    }
    /// A user as the world spells it, for realms in which case does not matter.
    fn spelled(&self, user: UserId) -> UserId {
        user
    }
    /// The node that answers, which `localhost` means.
    fn own_node(&self) -> &str;
    /// Where a node is.
    fn place(&self, node: &str) -> Place;

    /// The sections of a plain collection; nothing is kept of it yet when there are none.
    fn sections(&self, file: &str) -> Option<&Sections>;
    /// The same to change them; made when there are none.
    fn sections_mut(&mut self, file: &str) -> &mut Sections;

    /// Turns a guest on or off from outside. Says whether there is one of this number.
    ///
    /// # Errors
    /// When the product has no guests, or no such status; a sentence.
    fn set_guest_status(
        &mut self,
        vmid: &str,
        status: &str,
        now: Timestamp,
    ) -> Result<bool, String> {
        let _ = (vmid, status, now);
        Err("this product has no guests".to_owned())
    }
    /// How a lever of a test stands.
    ///
    /// # Errors
    /// When the product has no such lever, or none of this name.
    fn position(&self, lever: Lever<'_>, now: Timestamp) -> Result<Value, Stuck> {
        let _ = now;
        Err(Stuck::absent(lever))
    }
    /// Moves a lever of a test.
    ///
    /// # Errors
    /// When it does not move; nothing is changed then.
    fn pull(&mut self, lever: Lever<'_>, pull: Pull<'_>) -> Result<(), Stuck> {
        let _ = pull;
        Err(Stuck::absent(lever))
    }
    /// The state of a guest or node in one word, `absent` for one that there is not; `None` from a product without
    /// them.
    fn state_of(&self, watched: Watched<'_>) -> Option<&'static str> {
        let _ = watched;
        None
    }

    /// What keeps the product from a call that changes things, whatever it is about: a cluster without a
    /// majority changes nothing.
    ///
    /// # Errors
    /// The refusal.
    fn ready_for(&self, call: &Call<'_>) -> Result<(), Fault> {
        let _ = call;
        Ok(())
    }

    /// The tasks.
    fn work(&self) -> &Work<Self::Effect>;
    /// The same to begin and change them.
    fn work_mut(&mut self) -> &mut Work<Self::Effect>;
    /// Tasks that run elsewhere and can be steered from here as well, with the ids that they have here: those of
    /// the products that Datacenter Manager manages.
    fn tasks_elsewhere(&self) -> Vec<(String, &Task)> {
        Vec::new()
    }
    /// The task of such an id, to change it.
    fn task_elsewhere_mut(&mut self, _id: &str) -> Option<&mut Task> {
        None
    }
    /// The task of an id, one of its own or one elsewhere, to change it.
    fn steered_task(&mut self, id: &str, product: Product) -> Option<&mut Task> {
        if self.tasks_elsewhere().iter().any(|(known, _)| known == id) {
            return self.task_elsewhere_mut(id);
        }
        self.work_mut().find_mut(&Upid::parse(id, product).ok()?)
    }
    /// Does what the end of a task does. What is gone by then is left alone.
    fn apply(&mut self, effect: &Self::Effect, at: Timestamp, outcome: &Outcome);

    /// Whether [`Self::settle`] would do anything; looked at before a world is locked for writing.
    fn is_due(&self, now: Timestamp) -> bool {
        self.work().is_due(now)
    }
    /// Brings it up to date.
    fn settle(&mut self, now: Timestamp) {
        self.finish_tasks(now);
    }
    /// Does what the tasks that have ended by `now` were to do.
    fn finish_tasks(&mut self, now: Timestamp) {
        // What one task does may be the end of another.
        while self.work().is_due(now) {
            for (at, outcome, effects) in self.work_mut().take_due(now) {
                for effect in effects {
                    self.apply(&effect, at, &outcome);
                }
            }
        }
    }
}
