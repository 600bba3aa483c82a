//! The rows of all guests, copied from the answer before as far as they would not come out otherwise.
//!
//! A row shows a guest, its pool, its state under high availability, and figures of it. A guest that is still the
//! same one is still in the same state ([`Guests`](crate::pve::world::guests::Guests)); figures are read every few
//! seconds, for all guests alike; and the uptime, which moves in between, stands last in its row, where it is
//! replaced. So nobody who changes a guest has to think of this file.

use std::iter::Peekable;
use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;

use super::guest;
use crate::proxmox::call::Call;
use crate::proxmox::written::Written;
use crate::pve::api::moment;
use crate::pve::api::sight::Sight;
use crate::pve::world::World;
use crate::pve::world::gauge::{self, Gauge, Load, Moment};
use crate::pve::world::guest::Guest;
use crate::pve::world::ha::Sid;
use crate::pve::world::ids::{NodeName, Vmid};
use crate::pve::world::node::Node;

/// All guests with what an answer shows of them; the notes that are kept with it.
pub(super) struct Rows {
    around: Around,
    second: i64,
    notes: Vec<Note>,
}

/// What all rows depend on.
#[derive(PartialEq)]
struct Around {
    read_at: Timestamp,
    /// The nodes with what the figures of their guests depend on.
    nodes: Vec<(NodeName, bool, u32, Timestamp)>,
    pools: Vec<String>,
}

/// One guest, with what its row depends on, and where that stands.
struct Note {
    vmid: Vmid,
    guest: Arc<Guest>,
    /// Its node's and its pool's places in [`Around`].
    node: Option<usize>,
    pool: Option<usize>,
    ha_state: Option<&'static str>,
    /// Since when it is up, for one that has an uptime.
    since: Option<Timestamp>,
    /// The figures that are added up for nodes and pools.
    gauge: Gauge,
    /// Where its row is; nowhere when it was not shown.
    row: Range<usize>,
}

impl Rows {
    /// Looks at all guests, as far as they are not what they were in the answer before.
    pub(super) fn of(world: &World, call: &Call<'_>) -> Self {
        let moment = moment(call);
        let around = Around::of(world, moment);
        let former = former(call).filter(|(_, rows)| rows.around == around);
        let notes = former.map_or(&[][..], |(_, rows)| &rows.notes);
        let mut before = Rising::new(notes.iter().map(|note| (note.vmid, note)));
        let mut pools = Rising::new(members(world).into_iter());
        let mut services = Rising::new(services(world).into_iter().map(|vmid| (vmid, ())));
        let nodes: Vec<&Node> = world.nodes.values().collect();
        let guests = world.guests.shared().map(|(vmid, guest)| {
            let pool = pools.at(vmid);
            let sid = |()| Sid {
                kind: guest.kind,
                vmid,
            };
            let ha_state = services.at(vmid).map(sid);
            let ha_state = ha_state.and_then(|sid| world.service_state(&sid));
            match before.at(vmid) {
                Some(known) if Arc::ptr_eq(&known.guest, guest) => Note {
                    guest: Arc::clone(guest),
                    pool,
                    ha_state,
                    row: match (known.pool, known.ha_state) == (pool, ha_state) {
                        true => known.row.clone(),
                        false => 0..0,
                    },
                    gauge: Gauge {
                        uptime: known.since.map_or(0, |since| moment.since(since)),
                        ..known.gauge
                    },
                    ..*known
                },
                _ => {
                    let node = around.place(&guest.node);
                    let machine = node.and_then(|at| nodes.get(at).copied());
                    Note {
                        vmid,
                        guest: Arc::clone(guest),
                        node,
                        pool,
                        ha_state,
                        since: machine.and_then(|node| gauge::measured_since(node, guest)),
                        gauge: gauge::of_guest_on(machine, vmid, guest, moment),
                        row: 0..0,
                    }
                }
            }
        });
        let notes = guests.collect();
        Self {
            notes,
            second: call.now.as_second(),
            around,
        }
    }

    /// The load of each node.
    pub(super) fn loads(&self) -> Vec<Load> {
        let mut loads = vec![Load::default(); self.around.nodes.len()];
        for note in &self.notes {
            if let Some(load) = note.node.and_then(|at| loads.get_mut(at)) {
                load.add(&note.gauge);
            }
        }
        loads
    }

    /// The figures of all guests that are in pools, each with the place of its pool.
    pub(super) fn in_pools(&self) -> impl Iterator<Item = (usize, &Gauge)> {
        let notes = self.notes.iter();
        notes.filter_map(|note| Some((note.pool?, &note.gauge)))
    }

    /// Writes the rows that the caller may see.
    pub(super) fn write(&mut self, world: &World, call: &Call<'_>, list: &mut Written) {
        let former = former(call);
        let is_same_second = former.is_some_and(|(_, rows)| rows.second == self.second);
        let text = former.map_or(&[][..], |(text, _)| text);
        let mut sight = Sight::new(world, call);
        for note in &mut self.notes {
            let old = std::mem::take(&mut note.row);
            let pool = self.around.pool(note);
            if !sight.shows(note.vmid, pool) {
                continue;
            }
            let out = list.begin_row();
            let start = out.len();
            match text.get(old).filter(|row| !row.is_empty()) {
                Some(row) if is_same_second || note.since.is_none() => out.extend_from_slice(row),
                Some(row) => guest::write_again(out, row, note.gauge.uptime),
                None => {
                    let shown = (note.vmid, &*note.guest);
                    guest::write(out, world, call, shown, (&note.gauge, pool));
                }
            }
            note.row = start..list.len();
        }
    }
}

fn former<'c>(call: &'c Call<'_>) -> Option<(&'c [u8], &'c Rows)> {
    call.former.as_ref()?.read()
}

impl Around {
    fn of(world: &World, moment: Moment) -> Self {
        let node = |(name, node): (&NodeName, &Node)| {
            let threads = node.processors.threads;
            (name.clone(), node.is_online(), threads, node.started)
        };
        Self {
            read_at: moment.read_at(),
            nodes: world.nodes.iter().map(node).collect(),
            pools: world.pools.keys().cloned().collect(),
        }
    }

    fn place(&self, node: &NodeName) -> Option<usize> {
        let found = self.nodes.binary_search_by(|(name, ..)| name.cmp(node));
        found.ok()
    }

    fn pool(&self, note: &Note) -> Option<&str> {
        let pool = self.pools.get(note.pool?)?;
        Some(pool)
    }
}

/// The members of all pools by number, with the place of their pool.
fn members(world: &World) -> Vec<(Vmid, usize)> {
    let pools = world.pools.values().enumerate();
    let mut members: Vec<_> = pools
        .flat_map(|(at, pool)| pool.guests.iter().map(move |vmid| (*vmid, at)))
        .collect();
    members.sort_by_key(|(vmid, _)| *vmid);
    members
}

/// The guests under high availability.
fn services(world: &World) -> Vec<Vmid> {
    let mut services: Vec<_> = world.ha.resources.keys().map(|sid| sid.vmid).collect();
    services.sort_unstable();
    services
}

/// A list in the order of numbers, for who asks for rising ones: ten thousand look-ups in trees would take longer
/// than all that is copied.
struct Rising<I: Iterator>(Peekable<I>);

impl<T, I: Iterator<Item = (Vmid, T)>> Rising<I> {
    fn new(list: I) -> Self {
        Self(list.peekable())
    }

    fn at(&mut self, vmid: Vmid) -> Option<T> {
        while self.0.next_if(|(known, _)| *known < vmid).is_some() {}
        let found = self.0.next_if(|(known, _)| *known == vmid);
        found.map(|(_, value)| value)
    }
}
