//! What creating machines and containers have in common: who may, what is taken, and the task.

use super::inputs;
use super::rights::Subject;
use crate::proxmox::call::Call;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::permission::Denied;
use crate::proxmox::work::Job;
use crate::pve::world::World;
use crate::pve::world::birth::Birth;
use crate::pve::world::guest::{Kind, Lock};
use crate::pve::world::ha::Wanted;
use crate::pve::world::ids::{NodeName, Vmid};
use crate::pve::world::make::Maker;
use crate::pve::world::ordered::Ordered;
use crate::pve::world::task::Effect;

/// What every creation knows.
#[derive(Debug, Clone)]
pub(in crate::pve::api) struct Order {
    /// The new guest.
    pub(in crate::pve::api) vmid: Vmid,
    /// What it will be.
    pub(in crate::pve::api) kind: Kind,
    /// Where.
    pub(in crate::pve::api) node: NodeName,
    /// In which pool.
    pub(in crate::pve::api) pool: Option<String>,
    /// Whether a guest of that number is replaced.
    pub(in crate::pve::api) replaces: bool,
}

impl Order {
    /// Reads what is common, and refuses who may not create such a guest.
    ///
    /// # Errors
    /// A pool that does not exist, or missing privileges.
    pub(in crate::pve::api) fn read(
        world: &World,
        call: &Call<'_>,
        kind: Kind,
        is_restore: Restoring,
    ) -> Result<Self, Fault> {
        let vmid = inputs::vmid(call, "vmid")?;
        let pool = call.arguments.text("pool").map(str::to_owned);
        expect_pool(world, pool.as_deref())?;
        let overwrites = is_restore == Restoring::Yes && call.arguments.is_set("force");
        let order = Self {
            vmid,
            kind,
            node: inputs::node(call)?,
            replaces: overwrites && world.guests.contains_key(&vmid),
            pool,
        };
        if let Some(storage) = call.arguments.text("storage") {
            let given = call.arguments.has("storage");
            let path = format!("/storage/{storage}");
            if given {
                call.demand(world, &path, &["Datastore.AllocateSpace"])?;
            }
        }
        if call.arguments.is_set("ha-managed") {
            call.demand(world, "/", &["Sys.Console"])?;
        }
        if call.arguments.is_set("start") {
            order.subject().demand(world, call, &["VM.PowerMgmt"])?;
        }
        let restores = order.replaces && call.may(world, &format!("/vms/{vmid}"), &["VM.Backup"]);
        match order.subject().demand(world, call, &["VM.Allocate"]) {
            Err(_) if !restores => Err(Fault::Denied(Denied::Permission(None))),
            _ => Ok(order),
        }
    }

    /// The guest and pool that rights are asked on.
    pub(in crate::pve::api) fn subject(&self) -> Subject<'_> {
        Subject {
            vmid: self.vmid,
            pool: self.pool.as_deref(),
            kind: self.kind,
        }
    }

    /// Who makes its drives.
    pub(in crate::pve::api) fn maker(&self, call: &Call<'_>) -> Result<Maker, Fault> {
        Ok(Maker {
            vmid: self.vmid,
            kind: self.kind,
            node: self.node.clone(),
            storage: inputs::storage(call, "storage")?,
            present: Ordered::default(),
            now: call.now,
        })
    }

    /// What a refusal of the new guest starts with.
    pub(in crate::pve::api) fn complaint(&self, verb: &str) -> String {
        format!("unable to {verb} {} {} -", self.kind.word(), self.vmid)
    }

    /// The end of the task that makes it.
    pub(in crate::pve::api) fn birth(&self, call: &Call<'_>, config: Ordered<String>) -> Birth {
        let starts = call.arguments.is_set("start");
        let state = if starts {
            Wanted::Started
        } else {
            Wanted::Stopped
        };
        Birth {
            vmid: self.vmid,
            lock: Lock::Create,
            node: self.node.clone(),
            config,
            made: Vec::new(),
            pool: self.pool.clone(),
            ha: call.arguments.is_set("ha-managed").then_some(state),
            starter: starts.then(|| call.caller.to_string()),
            replaces: self.replaces,
            restored: false,
        }
    }

    /// Begins the task that makes it. The guest is there from now on, locked.
    pub(in crate::pve::api) fn begin(
        &self,
        world: &mut World,
        call: &Call<'_>,
        job: Job<Effect>,
        birth: Birth,
    ) -> Result<Answer, Fault> {
        world.expect_guest(self.vmid, self.kind, self.node.clone(), birth.lock);
        call.start(world, job.doing(Effect::Birth(Box::new(birth))))
    }
}

/// Whether a guest comes from a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pve::api) enum Restoring {
    /// It does.
    Yes,
    /// It does not.
    No,
}

/// Refuses a pool that does not exist; to the product this is a matter of permissions.
///
/// # Errors
/// `Permission check failed (pool 'x' does not exist)`.
pub(in crate::pve::api) fn expect_pool(world: &World, pool: Option<&str>) -> Result<(), Fault> {
    match pool.filter(|pool| !world.pools.contains_key(*pool)) {
        None => Ok(()),
        Some(pool) => {
            let why = format!("pool '{pool}' does not exist");
            Err(Fault::Denied(Denied::because(why)))
        }
    }
}

/// What is said of a number that a guest has.
pub(in crate::pve::api) fn taken(world: &World, vmid: Vmid) -> Option<String> {
    let guest = world.guests.get(&vmid)?;
    let (word, node) = (guest.kind.word(), &guest.node);
    Some(format!("{word} {vmid} already exists on node '{node}'"))
}
