//! Rows copied from the answer before are what they would be if they were written anew, whatever happens.

use proptest::prelude::*;
use serde_json::Value;

use crate::proxmox::service::testing::Desk;
use crate::pve::api::nodes::guest::testing::{form, vmid};
use crate::pve::testing::{desk, strict_desk};
use crate::pve::world::World;
use crate::pve::world::guest::Lock;
use crate::pve::world::node::Presence;

const LISTS: [&str; 2] = ["/cluster/resources", "/cluster/resources?type=vm"];

/// Something that shows in the list: a call with its form, or a change behind the product's back.
enum Event {
    Call(&'static str, &'static str),
    Change(fn(&mut World)),
    Step(i64),
}
use Event::{Call, Change, Step};

const EVENTS: &[Event] = &[
    Call("PUT /nodes/pve01/qemu/101/config", "name=renamed"),
    Call("PUT /nodes/pve01/qemu/101/config", "tags=one;two"),
    Call("PUT /nodes/pve02/qemu/105/config", "memory=3072&cores=3"),
    Call(
        "PUT /nodes/pve01/lxc/102/config",
        "hostname=renamed&memory=768",
    ),
    Call("POST /nodes/pve01/qemu/101/status/stop", ""),
    Call("POST /nodes/pve01/qemu/101/status/start", ""),
    Call("POST /nodes/pve02/qemu/105/status/start", ""),
    Step(1),
    Call("PUT /nodes/pve01/qemu/101/resize", "disk=scsi0&size=+1G"),
    Call("PUT /nodes/pve01/qemu/103/config", "delete=tags"),
    Step(9),
    Call(
        "POST /nodes/pve03/qemu/106/migrate",
        "target=pve02&online=1",
    ),
    Call("POST /cluster/ha/resources", "sid=vm:105"),
    Call("PUT /cluster/ha/resources/vm:105", "state=ignored"),
    Call("DELETE /cluster/ha/resources/vm:105", ""),
    Call("PUT /pools", "poolid=tests&vms=105"),
    Call("PUT /pools", "poolid=production&vms=105&allow-move=1"),
    Call("POST /pools", "poolid=another"),
    Call("PUT /pools", "poolid=production&vms=103&delete=1"),
    Step(3600),
    Call("POST /nodes/pve03/lxc/110/clone", "newid=120"),
    Call("POST /nodes/pve03/lxc/120/template", ""),
    Call("DELETE /nodes/pve03/lxc/120", ""),
    Call(
        "POST /nodes/pve01/qemu",
        "vmid=100&name=first&scsi0=local-lvm:2",
    ),
    Change(|world| guest(world, 103).lock = Some(Lock::Backup)),
    Change(|world| guest(world, 103).lock = None),
    Change(|world| guest(world, 103).started = Some("2026-01-01T00:00:00Z".parse().unwrap())),
    Change(|world| presence(world, Presence::Offline)),
    Step(30),
    Change(|world| presence(world, Presence::Online)),
    Change(|world| guest(world, 109).kind = crate::pve::world::guest::Kind::Qemu),
    Change(|world| drop(world.guests.remove(&vmid(109)))),
    Call("PUT /storage/nfs-backup", "disable=1"),
    Call("DELETE /nodes/pve01/qemu/100", ""),
];

fn guest(world: &mut World, number: u32) -> &mut crate::pve::world::guest::Guest {
    world.guests.get_mut(&vmid(number)).unwrap()
}

fn presence(world: &mut World, presence: Presence) {
    world.nodes.values_mut().nth(1).unwrap().presence = presence;
}

fn happen(desk: &mut Desk<World>, event: &Event) {
    match event {
        Call(line, body) => drop(desk.must(line, &form(body).replace('+', "%2B"))),
        Change(change) => desk.change(change),
        Step(seconds) => desk.step(*seconds),
    }
}

/// The lists as they are told, which must be as they are told to the first who asks.
fn lists(desk: &Desk<World>) -> Vec<Value> {
    let told = LISTS.map(|list| desk.get(list));
    desk.forget_answers();
    let anew = LISTS.map(|list| desk.get(list));
    assert_eq!(told, anew);
    told.into()
}

#[test]
fn every_kind_of_change_shows() {
    let mut desk = desk();
    let mut before = lists(&desk);
    let mut silent = Vec::new();
    for (at, event) in EVENTS.iter().enumerate() {
        happen(&mut desk, event);
        let after = lists(&desk);
        if after[0] == before[0] {
            silent.push(at);
        }
        before = after;
    }
    assert_eq!(silent, [0; 0], "events that do not show");
    desk.control().reset();
    assert!(lists(&desk) != before);
}

#[test]
fn who_may_see_what_is_looked_up_each_time() {
    let mut desk = strict_desk();
    let shown = |desk: &Desk<World>| -> Vec<u64> {
        let lists = lists(desk);
        let rows = lists[1].as_array().unwrap().iter();
        rows.map(|row| row["vmid"].as_u64().unwrap()).collect()
    };
    let entry = |desk: &mut Desk<World>, form: &str| {
        desk.log_in("root@pam");
        desk.must("PUT /access/acl", form);
        desk.log_in("ci@pve");
    };
    desk.log_in("ci@pve");
    assert_eq!(shown(&desk), [105]);
    entry(&mut desk, "path=/vms/103&users=ci@pve&roles=PVEVMUser");
    assert_eq!(shown(&desk), [103, 105]);
    entry(&mut desk, "path=/pool/tests&users=ci@pve&roles=PVEAuditor");
    assert_eq!(shown(&desk), [101, 102, 103, 105]);
    entry(&mut desk, "path=/vms/102&users=ci@pve&roles=NoAccess");
    assert_eq!(shown(&desk), [101, 103, 105]);
    entry(&mut desk, "path=/vms&users=ci@pve&roles=PVEAuditor");
    assert_eq!(shown(&desk), [101, 103, 104, 105, 106, 107, 108, 109, 110]);
    entry(
        &mut desk,
        "path=/vms&users=ci@pve&roles=PVEAuditor&delete=1",
    );
    assert_eq!(shown(&desk), [101, 103, 105]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn kept_rows_are_never_old(events in prop::collection::vec(0..EVENTS.len(), 1..40)) {
        let mut desk = desk();
        for event in events {
            match &EVENTS[event] {
                // In any order, much of it is refused.
                Call(line, body) => drop(desk.ask(line, &form(body).replace('+', "%2B"))),
                Change(change) => desk.change(|world| {
                    if [103, 109].iter().all(|number| world.guests.contains_key(&vmid(*number))) {
                        change(world);
                    }
                }),
                event @ Step(_) => happen(&mut desk, event),
            }
            lists(&desk);
        }
    }
}
