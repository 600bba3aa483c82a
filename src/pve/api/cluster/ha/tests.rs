//! High availability: what is wanted, what happens, and what stands in the way.

use serde_json::{Value, json};

use crate::proxmox::service::testing::Desk;
use crate::pve::testing::{desk, desk_of, holds};
use crate::pve::world::World;

fn guest(desk: &Desk<World>, vmid: u64) -> Value {
    let all = desk.get("/cluster/resources?type=vm");
    let rows = all.as_array().unwrap();
    rows.iter().find(|row| row["vmid"] == vmid).unwrap().clone()
}

fn service(desk: &Desk<World>, sid: &str) -> Value {
    let id = format!("service:{sid}");
    let all = desk.get("/cluster/ha/status/current");
    let rows = all.as_array().unwrap();
    rows.iter()
        .find(|row| row["id"] == *id)
        .cloned()
        .unwrap_or(Value::Null)
}

#[test]
fn a_life_of_a_resource() {
    let desk = desk();
    assert_eq!(guest(&desk, 105)["status"], "stopped");
    assert_eq!(
        desk.must("POST /cluster/ha/resources", "sid=105"),
        Value::Null
    );
    assert_eq!(guest(&desk, 105)["status"], "running");
    assert_eq!(guest(&desk, 105)["hastate"], "started");
    let task = desk.get("/nodes/pve02/tasks?vmid=105&limit=1");
    assert_eq!(task[0]["type"], "qmstart");
    assert_eq!(task[0]["user"], "root@pam");
    let read = desk.get("/cluster/ha/resources/vm:105");
    assert_eq!(read["type"], "vm");
    assert_eq!(read["state"], "started");
    let body = "state=stopped&max_restart=3&comment=x";
    desk.must("PUT /cluster/ha/resources/105", body);
    assert_eq!(guest(&desk, 105)["status"], "stopped");
    assert_eq!(service(&desk, "vm:105")["state"], "stopped");
    assert_eq!(service(&desk, "vm:105")["max_restart"], 3);
    desk.must(
        "PUT /cluster/ha/resources/vm:105",
        "delete=comment&state=disabled",
    );
    assert_eq!(service(&desk, "vm:105")["state"], "disabled");
    assert_eq!(desk.get("/cluster/ha/resources/105").get("comment"), None);
    let stale = format!("state=ignored&digest={}", "0".repeat(40));
    let got = desk.ask("PUT /cluster/ha/resources/vm:105", &stale);
    assert!(
        got.status.contains("detected modified configuration"),
        "{}",
        got.status
    );
    desk.must("DELETE /cluster/ha/resources/vm:105", "");
    assert_eq!(service(&desk, "vm:105"), Value::Null);
    assert_eq!(guest(&desk, 105).get("hastate"), None);
}

#[test]
fn rules() {
    let desk = desk();
    desk.must("POST /cluster/ha/resources", "sid=ct:109");
    let new = "rule=apart&type=resource-affinity&affinity=negative&resources=ct:109,vm:103";
    desk.must("POST /cluster/ha/rules", new);
    let list = desk.get("/cluster/ha/rules?resource=ct:109");
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!(list[0]["affinity"], "negative");
    assert_eq!(list[0]["resources"], "vm:103,ct:109");
    let nodes = desk.get("/cluster/ha/rules?type=node-affinity");
    assert_eq!(nodes[0]["nodes"], "pve02:1,pve03:2");
    let blocked = desk.must("POST /cluster/ha/resources/ct:109/migrate", "node=pve01");
    let want = json!([{"sid": "vm:103", "cause": "resource-affinity"}]);
    assert_eq!(blocked["blocking-resources"], want);
    assert_eq!(guest(&desk, 109)["node"], "pve02");
    let taken = desk.must("POST /cluster/ha/resources/vm:103/migrate", "node=pve03");
    assert_eq!(taken["comigrated-resources"], json!(["ct:108"]));
    assert_eq!(guest(&desk, 103)["node"], "pve03");
    assert_eq!(guest(&desk, 108)["node"], "pve03");
    desk.must("POST /cluster/ha/resources/vm:106/relocate", "node=pve02");
    let moved = guest(&desk, 106);
    assert_eq!(
        (&moved["node"], &moved["uptime"]),
        (&json!("pve02"), &json!(0))
    );
    assert_eq!(moved["status"], "running");
    holds(&desk);
    desk.must(
        "PUT /cluster/ha/rules/apart",
        "type=resource-affinity&affinity=positive&comment=x",
    );
    assert_eq!(desk.get("/cluster/ha/rules/apart")["affinity"], "positive");
    desk.must("DELETE /cluster/ha/resources/ct:109", "");
    let left = desk.get("/cluster/ha/rules/apart");
    assert_eq!(left["resources"], "vm:103");
    desk.must("DELETE /cluster/ha/rules/apart", "");
    let got = desk.ask("GET /cluster/ha/rules/apart", "");
    assert_eq!(got.status, "500 no such ha rule 'apart'");
}

#[test]
fn what_is_refused() {
    let desk = desk();
    let check = |line: &str, body: &str, want: &str| {
        let before = desk.world();
        assert_eq!(
            desk.ask(line, body).status,
            format!("500 {want}"),
            "{line} {body}"
        );
        assert_eq!(desk.world(), before);
    };
    check(
        "GET /cluster/ha/resources/vm:105",
        "",
        "no such resource 'vm:105'",
    );
    check(
        "PUT /cluster/ha/resources/vm:105",
        "state=started",
        "no such resource 'vm:105'",
    );
    check(
        "DELETE /cluster/ha/resources/vm:105",
        "",
        "cannot delete service 'vm:105', not HA managed!",
    );
    check(
        "POST /cluster/ha/resources",
        "sid=vm:103",
        "resource ID 'vm:103' already defined",
    );
    check(
        "POST /cluster/ha/resources",
        "sid=vm:999",
        "resource 'vm:999' does not exist in cluster",
    );
    check(
        "POST /cluster/ha/resources",
        "sid=vm:105&type=ct",
        "types does not match",
    );
    check(
        "POST /cluster/ha/resources/vm:103/relocate",
        "node=pve09",
        "no such cluster node 'pve09'",
    );
}

#[test]
fn rules_that_are_refused() {
    let desk = desk();
    let check = |line: &str, body: &str, want: &str| {
        let before = desk.world();
        assert_eq!(desk.ask(line, body).status, format!("500 {want}"));
        assert_eq!(desk.world(), before);
    };
    check(
        "POST /cluster/ha/rules",
        "rule=prefer-pve03&type=node-affinity&nodes=pve01&resources=vm:103",
        "HA rule 'prefer-pve03' already defined",
    );
    check(
        "POST /cluster/ha/rules",
        "rule=new&type=node-affinity&nodes=pve01&resources=vm:105",
        "cannot use unmanaged resource(s) vm:105.",
    );
    check(
        "POST /cluster/ha/rules",
        "rule=new&type=resource-affinity&nodes=pve01&resources=vm:103",
        "unexpected property 'nodes'",
    );
    check(
        "DELETE /cluster/ha/rules/no",
        "",
        "HA rule 'no' does not exist",
    );
    check(
        "GET /cluster/ha/groups",
        "",
        "cannot index groups: ha groups have been migrated to rules",
    );
}

#[test]
fn groups_before_release_9() {
    let desk = desk_of("8.4");
    assert_eq!(
        desk.get("/cluster/ha/groups")[0]["nodes"],
        "pve02:1,pve03:2"
    );
    assert_eq!(
        desk.get("/cluster/ha/resources/vm:106")["group"],
        "prefer-pve03"
    );
    desk.must(
        "POST /cluster/ha/groups",
        "group=first&nodes=pve01:1,pve02&restricted=1",
    );
    desk.must(
        "POST /cluster/ha/resources",
        "sid=vm:105&group=first&state=stopped",
    );
    assert_eq!(service(&desk, "vm:105")["group"], "first");
    let check = |line: &str, body: &str, want: &str| {
        assert_eq!(
            desk.ask(line, body).status,
            format!("500 {want}"),
            "{line} {body}"
        );
    };
    check(
        "POST /cluster/ha/groups",
        "group=first&nodes=pve01",
        "ha group ID 'first' already defined",
    );
    check(
        "DELETE /cluster/ha/groups/first",
        "",
        "ha group is used by service 'vm:105'",
    );
    check("GET /cluster/ha/groups/no", "", "no such ha group 'no'");
    check(
        "POST /cluster/ha/resources",
        "sid=vm:104&group=no",
        "HA group 'no' does not exist",
    );
    desk.must(
        "PUT /cluster/ha/groups/first",
        "nodes=pve03&delete=restricted",
    );
    desk.must("PUT /cluster/ha/resources/vm:105", "delete=group");
    desk.must("DELETE /cluster/ha/groups/first", "");
    assert_eq!(
        desk.must("POST /cluster/ha/resources/vm:103/migrate", "node=pve02"),
        Value::Null
    );
    assert_eq!(guest(&desk, 103)["node"], "pve02");
    assert_eq!(guest(&desk, 108)["node"], "pve01");
}

#[test]
fn the_manager() {
    let desk = desk();
    let rows = desk.get("/cluster/ha/status/current");
    let ids: Vec<_> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["id"].as_str().unwrap())
        .collect();
    for id in ["quorum", "master", "fencing", "lrm:pve01", "service:vm:103"] {
        assert!(ids.contains(&id), "{ids:?}");
    }
    let status = desk.get("/cluster/ha/status/manager_status");
    assert_eq!(status["manager_status"]["master_node"], "pve01");
    assert_eq!(
        status["manager_status"]["service_status"]["vm:103"]["state"],
        "started"
    );
    desk.must("POST /cluster/ha/status/disarm-ha", "resource-mode=freeze");
    desk.must("POST /cluster/ha/resources", "sid=vm:105");
    assert_eq!(guest(&desk, 105)["status"], "stopped");
    assert_eq!(service(&desk, "vm:105")["state"], "freeze");
    let rows = desk.get("/cluster/ha/status/current");
    let fencing = rows
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["id"] == "fencing")
        .unwrap()
        .clone();
    assert_eq!(fencing["armed-state"], "disarmed");
    assert_eq!(fencing["resource_mode"], "freeze");
    desk.must("POST /cluster/ha/status/arm-ha", "");
    assert_eq!(guest(&desk, 105)["status"], "running");
}

/// The status of a node with all the guests on it.
fn presence(desk: &Desk<World>, node: &str, presence: crate::pve::world::node::Presence) {
    desk.change(|world| {
        let mut nodes = world.nodes.iter_mut();
        let node = nodes.find(|(name, _)| name.as_str() == node).unwrap();
        node.1.presence = presence;
    });
}

#[test]
fn a_node_that_dies() {
    use crate::pve::world::node::Presence::{Offline, Online};
    let mut desk = desk();
    desk.must("POST /cluster/ha/resources", "sid=vm:105&state=stopped");
    let home = guest(&desk, 103)["node"].clone();
    assert_eq!(home, "pve01");
    presence(&desk, "pve01", Offline);
    let ask = |desk: &Desk<World>| {
        let all = desk.get("/cluster/ha/status/manager_status");
        all["manager_status"]["node_status"]["pve01"].clone()
    };
    assert_eq!(ask(&desk), "unknown");
    desk.step(59);
    assert_eq!(service(&desk, "vm:103")["state"], "started");
    desk.step(1);
    assert_eq!(ask(&desk), "fence");
    assert_eq!(service(&desk, "vm:103")["state"], "fence");
    desk.step(60);
    // Its copy by replication is on the second node; the container's disks are nowhere else.
    let saved = guest(&desk, 103);
    assert_eq!(
        (&saved["node"], &saved["status"]),
        (&json!("pve02"), &json!("running"))
    );
    let task = desk.get("/nodes/pve02/tasks?vmid=103&limit=1");
    assert_eq!(
        (&task[0]["type"], &task[0]["user"]),
        (&json!("qmstart"), &json!("root@pam"))
    );
    assert_eq!(guest(&desk, 108)["node"], "pve01");
    assert_eq!(service(&desk, "ct:108")["state"], "recovery");
    holds(&desk);
    presence(&desk, "pve01", Online);
    let back = guest(&desk, 108);
    assert_eq!(
        (&back["node"], &back["status"]),
        (&json!("pve01"), &json!("running"))
    );
    assert_eq!(back["uptime"], 0);
    assert_eq!(service(&desk, "ct:108")["state"], "started");
    assert_eq!(guest(&desk, 103)["node"], "pve02");
    // Two of three nodes gone: nobody is left to decide anything.
    presence(&desk, "pve02", Offline);
    presence(&desk, "pve03", Offline);
    desk.step(3600);
    assert_eq!(service(&desk, "vm:103")["state"], "started");
    assert_eq!(guest(&desk, 103)["node"], "pve02");
}

#[test]
fn journeys_that_rules_know() {
    let desk = desk();
    let to = |desk: &Desk<World>, line: &str, target: &str| {
        let upid = desk.must(
            line,
            &format!("target={target}&online=1&with-local-disks=1"),
        );
        desk.exit_status(upid.as_str().unwrap())
    };
    let new = "rule=apart&type=resource-affinity&affinity=negative&resources=vm:103,vm:106";
    desk.must("POST /cluster/ha/rules", new);
    desk.must("DELETE /cluster/replication/103-0", "");
    for snapshot in desk
        .get("/nodes/pve01/qemu/103/snapshot")
        .as_array()
        .unwrap()
    {
        let name = snapshot["name"].as_str().unwrap();
        if name != "current" {
            desk.task(&format!("DELETE /nodes/pve01/qemu/103/snapshot/{name}"), "");
        }
    }
    let home = guest(&desk, 106)["node"].as_str().unwrap().to_owned();
    let line = "POST /nodes/pve01/qemu/103/migrate";
    let refused = "command 'ha-manager migrate vm:103 pve03' failed: exit code 255";
    assert_eq!(
        (home.as_str(), to(&desk, line, &home).as_str()),
        ("pve03", refused)
    );
    assert_eq!(guest(&desk, 103)["node"], "pve01");
    assert_eq!(to(&desk, line, "pve02"), "OK");
    // The proxy belongs to the web server.
    assert_eq!(guest(&desk, 103)["node"], "pve02");
    assert_eq!(guest(&desk, 108)["node"], "pve02");
    let task = desk.get("/nodes/pve01/tasks?vmid=103&typefilter=hamigrate&limit=1");
    let log = desk.get(&format!(
        "/nodes/pve01/tasks/{}/log",
        task[0]["upid"].as_str().unwrap()
    ));
    let want = "also migrate resource 'ct:108' in positive affinity with resource 'vm:103' to target node 'pve02'";
    assert_eq!(log[1]["t"], want);
    desk.must(
        "PUT /cluster/ha/rules/prefer-pve03",
        "type=node-affinity&strict=1",
    );
    let blocked = desk.must("POST /cluster/ha/resources/vm:106/migrate", "node=pve01");
    let want = json!([{"sid": "vm:106", "cause": "node-affinity"}]);
    assert_eq!(blocked["blocking-resources"], want);
    holds(&desk);
}
