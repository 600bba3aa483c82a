//! Which privileges each option of a guest asks for.
//!
//! The gate has seen that the caller may change something; which option takes what, and which bridge, device or tag,
//! is only known here. What is asked of a value is asked of the one that it replaces too.

mod container;

mod devices;

mod drives;

mod machine;

mod tags;

pub(in crate::pve::api) use tags::Tags;

use crate::proxmox::call::Call;
use crate::proxmox::fault::Fault;
use crate::pve::world::World;
use crate::pve::world::guest::Kind;
use crate::pve::world::ids::Vmid;
use crate::pve::world::ordered::Ordered;

/// The guest that rights are asked on, and the pool that may give them.
#[derive(Debug, Clone, Copy)]
pub(in crate::pve::api) struct Subject<'a> {
    /// The guest, which need not exist yet.
    pub(in crate::pve::api) vmid: Vmid,
    /// The pool that it will be in.
    pub(in crate::pve::api) pool: Option<&'a str>,
    /// What it is.
    pub(in crate::pve::api) kind: Kind,
}

/// How an option changes.
#[derive(Debug, Clone, Copy)]
pub(in crate::pve::api) struct Change<'a> {
    key: &'a str,
    old: Option<&'a str>,
    new: Option<&'a str>,
    /// What refusals call it.
    verb: &'static str,
}

impl<'a> Change<'a> {
    /// An option of a guest that is made.
    pub(in crate::pve::api) fn create(key: &'a str, new: &'a str) -> Self {
        Self {
            key,
            old: None,
            new: Some(new),
            verb: "set",
        }
    }

    /// An option of a guest that is there.
    pub(in crate::pve::api) fn modify(key: &'a str, old: Option<&'a str>, new: &'a str) -> Self {
        Self {
            key,
            old,
            new: Some(new),
            verb: "modify",
        }
    }

    /// An option that goes.
    pub(in crate::pve::api) fn delete(key: &'a str, old: Option<&'a str>) -> Self {
        Self {
            key,
            old,
            new: None,
            verb: "delete",
        }
    }

    /// The value that is there and the one that comes.
    fn values(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.old.into_iter().chain(self.new)
    }
}

impl Subject<'_> {
    /// Refuses who has these privileges neither on the pool nor on the guest.
    ///
    /// # Errors
    /// [`Fault::Denied`].
    pub(in crate::pve::api) fn demand(
        self,
        world: &World,
        call: &Call<'_>,
        wanted: &[&str],
    ) -> Result<(), Fault> {
        let by_pool = |pool| call.may(world, &format!("/pool/{pool}"), wanted);
        if self.pool.is_some_and(by_pool) {
            return Ok(());
        }
        call.demand(world, &format!("/vms/{}", self.vmid), wanted)
    }

    /// Refuses who may not change an option.
    ///
    /// # Errors
    /// [`Fault::Denied`], or that only the superuser may.
    pub(in crate::pve::api) fn may_change(
        self,
        world: &World,
        call: &Call<'_>,
        change: &Change<'_>,
    ) -> Result<(), Fault> {
        if call.is_root() {
            return Ok(());
        }
        match self.kind {
            Kind::Qemu => machine::may_change(self, world, call, change),
            Kind::Lxc => container::may_change(self, world, call, change),
        }
    }

    /// Refuses who may not have what another guest's configuration, or a backup's, uses: its bridges, mapped
    /// devices and model of processor.
    ///
    /// # Errors
    /// [`Fault::Denied`], or that only the superuser may.
    pub(in crate::pve::api) fn may_carry(
        self,
        world: &World,
        call: &Call<'_>,
        config: &Ordered<String>,
    ) -> Result<(), Fault> {
        if call.is_root() {
            return Ok(());
        }
        let mut options = config.iter();
        options.try_for_each(|(key, value)| devices::may_use(world, call, self.kind, key, value))
    }
}

#[cfg(test)]
mod tests;
