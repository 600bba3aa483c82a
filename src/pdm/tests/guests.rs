//! Guests of remotes: what is done to them happens in their world, and shows everywhere.

use serde_json::{Value, json};

use crate::pdm::testing::desk;
use crate::pdm::world::World;
use crate::pdm::world::invariants;
use crate::proxmox::service::testing::Desk;

fn sound(desk: &Desk<World>) {
    assert_eq!(invariants(&desk.world()), Vec::<String>::new());
}

/// What each place says of a guest's status.
fn statuses(desk: &Desk<World>, vmid: u64) -> Vec<Value> {
    let path = format!("/pve/remotes/e2e-cluster/qemu/{vmid}/status");
    let mut seen = vec![desk.must(&format!("GET {path}"), "")["status"].clone()];
    let find = |rows: &Value| {
        let rows = rows.as_array().unwrap().iter();
        let row = rows.clone().find(|row| row["vmid"] == vmid).unwrap();
        row["status"].clone()
    };
    seen.push(find(&desk.get("/pve/remotes/e2e-cluster/qemu")));
    seen.push(find(&desk.get("/pve/remotes/e2e-cluster/resources")));
    let list = desk.must("GET /resources/list", "");
    let group = list.as_array().unwrap().iter();
    let group = group.clone().find(|group| group["remote"] == "e2e-cluster");
    seen.push(find(&group.unwrap()["resources"]));
    seen
}

#[test]
fn power_shows_everywhere() {
    let desk = desk();
    assert_eq!(statuses(&desk, 101), vec![json!("running"); 4]);
    let before = desk.get_counts();
    let upid = desk.must("POST /pve/remotes/e2e-cluster/qemu/101/stop", "");
    let upid = upid.as_str().unwrap();
    assert!(upid.starts_with("pve:e2e-cluster!UPID:pve01:"), "{upid}");
    assert_eq!(statuses(&desk, 101), vec![json!("stopped"); 4]);
    let after = desk.get_counts();
    let count = |counts: &Value, name: &str| counts["qemu"][name].as_u64().unwrap();
    assert_eq!(count(&after, "running") + 1, count(&before, "running"));
    assert_eq!(count(&after, "stopped"), count(&before, "stopped") + 1);
    let list = desk.must("GET /remotes/tasks/list?typefilter=qmstop", "");
    assert_eq!(list[0]["upid"], upid);
    assert_eq!(list[0]["status"], "OK");
    assert_eq!(list[0]["user"], "root@pam!e2e");
    let path = format!("/pve/remotes/e2e-cluster/tasks/{upid}");
    assert_eq!(desk.get(&format!("{path}/status"))["exitstatus"], "OK");
    let log = desk.must(&format!("GET {path}/log"), "");
    let last = log.as_array().unwrap().last().unwrap();
    assert_eq!(last["t"], "TASK OK");
    sound(&desk);
}

trait Counts {
    fn get_counts(&self) -> Value;
}

impl Counts for Desk<World> {
    fn get_counts(&self) -> Value {
        self.must("GET /resources/status", "")
    }
}

#[test]
fn refusals_of_a_remote_are_told_in_its_words() {
    let desk = desk();
    let check = |line: &str, body: &str, status: &str, text: &str| {
        let got = desk.ask(line, body);
        assert_eq!((&*got.status, &got.body), (status, &json!(text)), "{line}");
    };
    check(
        "GET /pve/remotes/e2e-cluster/qemu/999/status",
        "",
        "404",
        "no such vmid",
    );
    check(
        "GET /pve/remotes/e2e-cluster/qemu/101/status?node=pve02",
        "",
        "400",
        "api error (status = 500 Internal Server Error): Configuration file 'nodes/pve02/qemu-server/101.conf' does not exist",
    );
    check(
        "GET /pve/remotes/nowhere/qemu",
        "",
        "404",
        "no such node 'nowhere'",
    );
    check(
        "GET /pve/remotes/pbs01/qemu",
        "",
        "400",
        "remote \"pbs01\" is not a pve remote",
    );
    check(
        "POST /pve/remotes/e2e-cluster/qemu/101/migrate",
        "target=pve01",
        "400",
        "refusing migration to the same node",
    );
    sound(&desk);
}

#[test]
fn snapshots_and_journeys() {
    let desk = desk();
    let base = "/pve/remotes/e2e-cluster/qemu/101";
    desk.must(
        &format!("POST {base}/snapshot"),
        "snapname=before&description=x",
    );
    let names = |desk: &Desk<World>| -> Vec<String> {
        let list = desk.get(&format!("{base}/snapshot"));
        let list = list.as_array().unwrap().iter();
        list.map(|one| one["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert!(names(&desk).contains(&"before".to_owned()));
    desk.must(
        &format!("PUT {base}/snapshot/before/config"),
        "description=y",
    );
    desk.must(&format!("POST {base}/snapshot/before/rollback"), "");
    desk.must(&format!("DELETE {base}/snapshot/before"), "");
    assert!(!names(&desk).contains(&"before".to_owned()));
    // A local disk with snapshots does not travel while its machine runs.
    desk.must(&format!("DELETE {base}/snapshot/base"), "");
    let upid = desk.must(
        "POST /pve/remotes/e2e-cluster/qemu/101/migrate",
        "target=pve02&online=1&with-local-disks=1",
    );
    let path = format!(
        "/pve/remotes/e2e-cluster/tasks/{}/status",
        upid.as_str().unwrap()
    );
    let status = desk.get(&path);
    let log = desk.must(&format!("GET {}", path.replace("/status", "/log")), "");
    assert_eq!(status["exitstatus"], "OK", "{log}");
    let found = desk.must("GET /resources/list?search=%2Bid:qemu/101", "");
    assert_eq!(found[0]["resources"][0]["node"], "pve02");
    sound(&desk);
}

#[test]
fn types_are_this_products_own() {
    let desk = desk();
    let next = desk.must("GET /pve/remotes/e2e-cluster/cluster-nextid", "");
    assert!(next.is_u64(), "{next}");
    let found = desk.get("/resources/list?resource-type=qemu");
    let row = &found[0]["resources"][0];
    assert!(
        row["template"].is_boolean() && row["tags"].is_array(),
        "{row}"
    );
    let status = desk.get("/pve/remotes/e2e-cluster/cluster-status");
    let cluster = status.as_array().unwrap().iter();
    let cluster = cluster
        .clone()
        .find(|one| one["type"] == "cluster")
        .unwrap();
    assert_eq!(cluster["quorate"], true);
}

#[test]
fn tests_steer_the_tasks_of_remotes() {
    let desk = desk();
    desk.change(|world| {
        use crate::proxmox::work::{Plan, Wish};
        world.machine.tasks.plan(Plan {
            kind: Some("qmstop".to_owned()),
            id: None,
            times: 1,
            wish: Wish::Fail("no way".to_owned()),
        });
    });
    let upid = desk.must("POST /pve/remotes/e2e-cluster/qemu/101/stop", "");
    let upid = upid.as_str().unwrap();
    let path = format!("/pve/remotes/e2e-cluster/tasks/{upid}/status");
    assert_eq!(desk.get(&path)["exitstatus"], "no way");
    assert_eq!(statuses(&desk, 101), vec![json!("running"); 4]);
    assert!(desk.world().machine.tasks.plans().is_empty());
    let tasks = desk.control().tasks(desk.now()).unwrap();
    let known = tasks["tasks"].as_array().unwrap().iter();
    assert!(known.clone().any(|task| task["upid"] == *upid));
}
