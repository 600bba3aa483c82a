//! The list of everything.

use serde_json::Value;

use crate::pve::testing::{desk, desk_of, strict_desk};

mod kept;

fn ids(list: &Value) -> Vec<&str> {
    let rows = list.as_array().unwrap().iter();
    rows.map(|row| row["id"].as_str().unwrap()).collect()
}

fn row<'a>(list: &'a Value, id: &str) -> &'a Value {
    let mut rows = list.as_array().unwrap().iter();
    rows.find(|row| row["id"] == id)
        .unwrap_or_else(|| panic!("{id} is not listed"))
}

#[test]
fn rows_of_all_types() {
    let desk = desk();
    let all = desk.get("/cluster/resources");
    let mut found = ids(&all);
    let count = found.len();
    found.sort_unstable();
    found.dedup();
    assert_eq!(found.len(), count, "ids are unique");
    let mut parts = 0;
    for (kind, prefixes) in [
        ("vm", &["qemu/", "lxc/"][..]),
        ("node", &["node/"]),
        ("storage", &["storage/"]),
        ("sdn", &["network/"]),
    ] {
        let part = desk.get(&format!("/cluster/resources?type={kind}"));
        let part_ids = ids(&part);
        assert!(!part_ids.is_empty());
        let fits = |id: &&str| prefixes.iter().any(|prefix| id.starts_with(prefix));
        assert!(part_ids.iter().all(fits), "{part_ids:?}");
        for one in part.as_array().unwrap() {
            assert!(all.as_array().unwrap().contains(one));
        }
        parts += part_ids.len();
    }
    assert_eq!(parts + 2, count, "and two pools");
}

#[test]
fn members_and_their_types() {
    let all = desk().get("/cluster/resources");
    let guest = row(&all, "qemu/103");
    assert_eq!(guest["vmid"], 103);
    assert_eq!(guest["template"], 0);
    assert_eq!(guest["pool"], "production");
    assert_eq!(guest["hastate"], "started");
    assert!(guest["uptime"].is_u64() && guest["cpu"].is_f64());
    let stopped = row(&all, "qemu/105");
    assert_eq!(stopped["status"], "stopped");
    assert_eq!(stopped["uptime"], 0);
    let node = row(&all, "node/pve02");
    assert_eq!(node["maxcpu"], 32);
    assert_eq!(node["status"], "online");
    let storage = row(&all, "storage/pve01/backup");
    assert_eq!(storage["shared"], 1);
    assert_eq!(storage["content"], "backup");
    let pool = row(&all, "/pool/tests");
    assert!(pool["mem"].as_u64().unwrap() > 0);
    assert_eq!(
        row(&all, "network/pve01/zone/localnetwork")["zone-type"],
        "localnetwork"
    );
    let older = desk_of("8.4").get("/cluster/resources?type=sdn");
    assert_eq!(row(&older, "sdn/pve01/localnetwork")["type"], "sdn");
}

#[test]
fn a_node_that_is_away() {
    let desk = desk();
    desk.change(|world| {
        let node = world
            .nodes
            .iter_mut()
            .find(|(name, _)| name.as_str() == "pve02");
        node.unwrap().1.presence = crate::pve::world::node::Presence::Offline;
    });
    let all = desk.get("/cluster/resources");
    assert_eq!(row(&all, "node/pve02")["status"], "offline");
    assert_eq!(row(&all, "node/pve02")["maxcpu"], 32);
    assert_eq!(row(&all, "node/pve02").get("uptime"), None);
    assert_eq!(row(&all, "qemu/104")["status"], "unknown");
    assert_eq!(row(&all, "qemu/104").get("cpu"), None);
    assert_eq!(row(&all, "storage/pve02/local")["status"], "unknown");
    let status = desk.get("/cluster/status");
    assert_eq!(status[0]["quorate"], 1);
    assert_eq!(status[2]["online"], 0);
}

#[test]
fn only_what_the_caller_may_see() {
    let mut desk = strict_desk();
    desk.log_in("ci@pve");
    let all = desk.get("/cluster/resources");
    assert!(
        ids(&all).iter().all(|id| !id.starts_with("storage/")),
        "{all}"
    );
    assert_eq!(row(&all, "node/pve01").get("cpu"), None);
    assert!(ids(&all).contains(&"qemu/105"));
    assert!(!ids(&all).contains(&"qemu/101"));
    desk.log_in("auditor@pve");
    let all = desk.get("/cluster/resources");
    assert!(ids(&all).contains(&"storage/pve01/local"));
}

#[test]
fn lists_that_were_kept_are_never_old() {
    let mut desk = desk();
    let list = "/cluster/resources?type=vm";
    let first = desk.get(list);
    assert_eq!(desk.get(list), first);
    let status = |list: &Value| list[0]["status"].clone();
    assert_eq!(status(&first), "running");
    let turned = desk
        .control()
        .set_guest_status("101", "stopped", desk.now());
    assert_eq!(turned, Ok(true));
    assert_eq!(status(&desk.get(list)), "stopped");
    desk.task("POST /nodes/pve01/qemu/101/status/start", "");
    let running = desk.get(list);
    assert_eq!(
        (status(&running), running[0]["uptime"].as_u64()),
        ("running".into(), Some(0))
    );
    desk.step(5);
    assert_eq!(desk.get(list)[0]["uptime"], 5);
    desk.control().reset();
    assert_ne!(desk.get(list)[0]["uptime"], 5);
}
