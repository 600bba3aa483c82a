//! Which guests a caller may see, for lists of all of them.
//!
//! Permissions come from entries on the guest itself, from those above all guests, and from those on its pool. So
//! guests without entries of their own are alike within a pool, and one answer does for all of them.

use std::collections::BTreeSet;

use crate::proxmox::call::Call;
use crate::pve::world::World;
use crate::pve::world::ids::Vmid;

/// A caller who looks at one guest after the other.
pub(in crate::pve::api) struct Sight<'a> {
    world: &'a World,
    call: &'a Call<'a>,
    /// The guests that have entries of their own.
    named: BTreeSet<Vmid>,
    /// What was found for guests in no pool, and in each pool.
    found: Vec<(Option<String>, bool)>,
}

impl<'a> Sight<'a> {
    /// Before the first guest.
    pub(in crate::pve::api) fn new(world: &'a World, call: &'a Call<'_>) -> Self {
        let paths = world.access.acl.paths();
        let named = paths.filter_map(|path| path.strip_prefix("/vms/")?.parse().ok());
        Self {
            world,
            call,
            named: named.collect(),
            found: Vec::new(),
        }
    }

    /// Whether the caller may see a guest, which is in this pool.
    pub(in crate::pve::api) fn shows(&mut self, vmid: Vmid, pool: Option<&str>) -> bool {
        if self.call.is_root() {
            return true;
        }
        if self.named.contains(&vmid) {
            return self.asked(vmid);
        }
        let mut found = self.found.iter();
        if let Some((_, may)) = found.find(|(known, _)| known.as_deref() == pool) {
            return *may;
        }
        let may = self.asked(vmid);
        self.found.push((pool.map(str::to_owned), may));
        may
    }

    fn asked(&self, vmid: Vmid) -> bool {
        let path = format!("/vms/{vmid}");
        self.call.may(self.world, &path, &["VM.Audit"])
    }
}
