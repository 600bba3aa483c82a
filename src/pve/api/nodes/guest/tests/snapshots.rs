//! Snapshots: a chain of them, its middle removed, back to its start.

use super::*;

fn names(desk: &Desk<World>, path: &str) -> Vec<(String, Value)> {
    let rows = desk.get(path);
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| {
        (
            row["name"].as_str().unwrap().to_owned(),
            row["parent"].clone(),
        )
    })
    .collect()
}

#[test]
fn a_chain() {
    let desk = desk();
    let path = "/nodes/pve02/qemu/105/snapshot";
    let before = desk.get("/nodes/pve02/qemu/105/config")["digest"].clone();
    desk.task(&format!("POST {path}"), "snapname=one&description=First");
    desk.task(&format!("POST {path}"), "snapname=two");
    assert_ne!(desk.get("/nodes/pve02/qemu/105/config")["digest"], before);
    assert_eq!(desk.get("/nodes/pve02/qemu/105/config")["parent"], "two");
    let of = |name: &str, parent: Value| (name.to_owned(), parent);
    assert_eq!(
        names(&desk, path),
        [
            of("clean", Value::Null),
            of("one", json!("clean")),
            of("two", json!("one")),
            of("current", json!("two")),
        ]
    );
    assert_eq!(
        outcome(&desk, &format!("POST {path}"), "snapname=one"),
        "snapshot name 'one' already used"
    );
    let reserved = "500 unable to use snapshot name 'current' (reserved name)";
    assert_eq!(
        outcome(&desk, &format!("POST {path}"), "snapname=current"),
        reserved
    );
    desk.task(&format!("DELETE {path}/one"), "");
    assert_eq!(names(&desk, path)[1], of("two", json!("clean")));
    assert_eq!(
        outcome(&desk, &format!("DELETE {path}/one"), ""),
        "snapshot 'one' does not exist"
    );
    desk.must(&format!("PUT {path}/two/config"), "description=Second");
    assert_eq!(
        desk.get(&format!("{path}/two/config"))["description"],
        "Second"
    );
    let missing = desk.ask(&format!("GET {path}/one/config"), "");
    assert_eq!(missing.status, "500 snapshot 'one' does not exist");
    desk.task(&format!("POST {path}/clean/rollback"), "start=1");
    assert_eq!(desk.get("/nodes/pve02/qemu/105/config")["parent"], "clean");
    assert_eq!(
        desk.get("/nodes/pve02/qemu/105/status/current")["status"],
        "running"
    );
    let lost = "snapshot 'lost' does not exist";
    assert_eq!(
        outcome(&desk, &format!("POST {path}/lost/rollback"), ""),
        lost
    );
    holds(&desk);
}

#[test]
fn memory_is_kept_and_runs_on() {
    let desk = desk();
    let path = "/nodes/pve01/qemu/101/snapshot";
    desk.task(&format!("POST {path}"), "snapname=live&vmstate=1");
    let rows = desk.get(path);
    let live = rows
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["name"] == "live");
    assert_eq!(live.unwrap()["vmstate"], 1);
    let config = desk.get(&format!("{path}/live/config"));
    assert_eq!(config["vmstate"], "local-lvm:vm-101-state-live");
    turn(&desk, 101, Status::Stopped);
    desk.task(&format!("POST {path}/live/rollback"), "");
    assert_eq!(
        desk.get("/nodes/pve01/qemu/101/status/current")["status"],
        "running"
    );
    desk.task(&format!("POST {path}/base/rollback"), "");
    assert_eq!(
        desk.get("/nodes/pve01/qemu/101/status/current")["status"],
        "stopped"
    );
    holds(&desk);
    desk.task(&format!("DELETE {path}/live"), "");
    let node = desk.world();
    let shelves = node.volumes.values();
    assert!(
        !shelves
            .flat_map(|shelf| shelf.keys())
            .any(|name| name.contains("state"))
    );
    holds(&desk);
}

#[test]
fn work_is_seen_while_it_goes_on() {
    use std::time::Duration;
    let mut desk = Desk::with(crate::pve::blueprint(), |setup| {
        setup.task_time = Duration::from_secs(10);
    });
    let path = "/nodes/pve03/lxc/110/snapshot";
    desk.must(&format!("POST {path}"), "snapname=new");
    assert_eq!(desk.get("/nodes/pve03/lxc/110/config")["lock"], "snapshot");
    let second = desk.must(&format!("POST {path}"), "snapname=other");
    let rows = desk.get(path);
    let new = rows
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["name"] == "new");
    assert_eq!(new.unwrap()["snapstate"], "prepare");
    desk.step(11);
    let text = "CT is locked (snapshot)";
    assert_eq!(desk.exit_status(second.as_str().unwrap()), text);
    assert_eq!(desk.get("/nodes/pve03/lxc/110/config")["lock"], Value::Null);
    assert_eq!(desk.get("/nodes/pve03/lxc/110/config")["parent"], "new");
    desk.must(&format!("DELETE {path}/new"), "");
    assert_eq!(
        desk.get("/nodes/pve03/lxc/110/config")["lock"],
        "snapshot-delete"
    );
    desk.step(11);
    assert_eq!(desk.get(path).as_array().unwrap().len(), 2);
    holds(&desk);
}

#[test]
fn a_snapshot_that_fails_leaves_nothing() {
    use crate::proxmox::work::{Plan, Wish};
    let desk = desk();
    desk.change(|world| {
        world.tasks.plan(Plan {
            kind: Some("qmsnapshot".to_owned()),
            id: None,
            times: 1,
            wish: Wish::Fail("disk on fire".to_owned()),
        });
    });
    let line = "POST /nodes/pve01/qemu/101/snapshot";
    assert_eq!(
        outcome(&desk, line, "snapname=hot&vmstate=1"),
        "disk on fire"
    );
    assert_eq!(
        desk.get("/nodes/pve01/qemu/101/snapshot")
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(
        desk.get("/nodes/pve01/qemu/101/config")["lock"],
        Value::Null
    );
    holds(&desk);
}
