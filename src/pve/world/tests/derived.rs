//! What is derived: resources, figures, and what time does.

use std::collections::BTreeSet;
use std::time::Duration;

use super::*;
use crate::proxmox::Product;
use crate::proxmox::state::State;
use crate::proxmox::task::{Outcome, Task};
use crate::proxmox::upid::Upid;
use crate::proxmox::work::Entry;
use crate::pve::world::guest::{Lock, Status};
use crate::pve::world::node::Presence;
use crate::pve::world::resource::{Resource, resources};
use crate::pve::world::size::Size;
use crate::pve::world::task::Effect;

#[test]
fn the_list_has_everything_once() {
    let lab = lab();
    let list = resources(&lab, noon());
    let ids: BTreeSet<String> = list.iter().map(Resource::id).collect();
    assert_eq!(ids.len(), list.len());
    // 10 guests, 3 nodes, 5 storages on each, 2 pools, two zones on all nodes and one on two.
    assert_eq!(list.len(), 10 + 3 + 15 + 2 + 6 + 2);
    for id in [
        "qemu/101",
        "lxc/102",
        "node/pve01",
        "storage/pve02/backup",
        "/pool/tests",
        "sdn/pve03/lab",
    ] {
        assert!(ids.contains(id), "{id}");
    }
}

#[test]
fn figures_add_up() {
    let lab = lab();
    let list = resources(&lab, noon());
    for (name, node) in &lab.nodes {
        let mut memory = node.memory.used;
        let mut busy = 0.0;
        for resource in &list {
            if let Resource::Guest { guest, gauge, .. } = resource
                && guest.node == *name
            {
                memory = memory.plus(gauge.memory);
                busy += gauge.cpu * f64::from(gauge.max_cpu);
            }
        }
        let whole = list.iter().find_map(|resource| match resource {
            Resource::Node {
                name: known, gauge, ..
            } if *known == name => Some(*gauge),
            _ => None,
        });
        let whole = whole.unwrap();
        assert_eq!(whole.memory, memory);
        assert!(whole.memory <= whole.max_memory && whole.disk <= whole.max_disk);
        assert!(whole.cpu > busy / f64::from(whole.max_cpu) && whole.cpu < 1.0);
    }
    for resource in &list {
        match resource {
            Resource::Storage { storage, used, .. } => assert!(*used <= storage.size),
            Resource::Guest { guest, gauge, .. } => {
                assert!(gauge.memory <= gauge.max_memory && gauge.disk <= gauge.max_disk);
                assert_eq!(guest.status.is_running(), gauge.uptime > 0);
                assert_eq!(guest.status.is_running(), gauge.cpu > 0.0);
                assert!(gauge.max_disk > Size(0) && gauge.max_memory > Size(0));
            }
            _ => {}
        }
    }
}

#[test]
fn figures_are_functions_of_the_moment() {
    let lab = lab();
    let figures = |moment| {
        let list = resources(&lab, moment).into_iter();
        let gauges = list.filter_map(|resource| match resource {
            Resource::Guest { gauge, .. } | Resource::Node { gauge, .. } => Some(gauge),
            _ => None,
        });
        gauges.collect::<Vec<_>>()
    };
    let later = Moment {
        now: time("2026-01-05T12:10:00Z"),
        ..noon()
    };
    assert_eq!(figures(noon()), figures(noon()));
    assert_ne!(figures(noon()), figures(later));
    assert_ne!(figures(noon()), figures(Moment { seed: 8, ..noon() }));
    // Before they started, and at the ends of time, nothing overflows.
    for now in [Timestamp::MIN, Timestamp::MAX] {
        figures(Moment {
            now,
            seed: u64::MAX,
        });
    }
}

#[test]
fn an_offline_node_shows_nothing() {
    let mut lab = lab();
    lab.nodes.get_mut(&node("pve01")).unwrap().presence = Presence::Offline;
    for resource in resources(&lab, noon()) {
        match resource {
            Resource::Node { name, gauge, .. } => {
                assert_eq!(gauge.uptime == 0, name.as_str() == "pve01");
            }
            Resource::Storage {
                node, available, ..
            }
            | Resource::Zone {
                node, available, ..
            } => {
                assert_eq!(available, node.as_str() != "pve01");
            }
            _ => {}
        }
    }
}

#[test]
fn settling_does_what_is_due_in_order() {
    let mut lab = lab();
    let start = noon().now;
    let mut begun = 0;
    let mut begin = |seconds: u64, outcome: Outcome, effects: Vec<Effect>| {
        begun += 1;
        let upid = format!("UPID:pve01:0000000{begun}:00000001:00000001:qmstart:101:root@pam:");
        let upid = Upid::parse(&upid, Product::Pve).unwrap();
        let mut task = Task::new(upid, start, Duration::from_secs(seconds));
        task.outcome = outcome;
        lab.tasks.add(Entry { task, effects });
    };
    let unlock = Effect::Unlock(vmid(105), Lock::Backup);
    let failed = || Outcome::Error("no".to_owned());
    begin(
        20,
        Outcome::Ok,
        vec![Effect::Power(vmid(101), Status::Running)],
    );
    begin(
        10,
        Outcome::Ok,
        vec![Effect::Power(vmid(101), Status::Stopped)],
    );
    begin(
        10,
        failed(),
        vec![Effect::Power(vmid(103), Status::Stopped), unlock],
    );
    begin(
        10,
        Outcome::Ok,
        vec![Effect::Power(vmid(999), Status::Stopped)],
    );
    lab.guests.get_mut(&vmid(105)).unwrap().lock = Some(Lock::Backup);
    let at = |seconds: u64| start + Duration::from_secs(seconds);

    // The scheduler has looked already.
    lab.scheduler.seen = Some(at(1_000));
    assert!(!lab.is_due(at(9)) && lab.is_due(at(10)));
    // The file carries what is still to be done.
    assert_eq!(World::read(&lab.export()).unwrap(), lab);
    let mut in_one_step = lab.clone();
    lab.settle(at(10));
    assert_eq!(lab.guests[&vmid(101)].status, Status::Stopped);
    assert_eq!(lab.guests[&vmid(103)].status, Status::Running);
    assert_eq!(lab.guests[&vmid(105)].lock, None);
    assert!(!lab.is_due(at(19)));
    lab.settle(at(30));
    assert_eq!(lab.guests[&vmid(101)].started, Some(at(20)));
    assert!(!lab.is_due(at(1_000)));
    in_one_step.settle(at(30));
    assert_eq!(in_one_step, lab);
}
