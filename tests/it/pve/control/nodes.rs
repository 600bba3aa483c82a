//! Nodes that are cut off and come back, and a cluster that loses its majority.

use serde_json::{Value, json};

use super::{asked, data, pve, refused, said, waited};
use crate::support::server::TestServer;

fn turn(server: &TestServer, node: &str, status: &str) -> Value {
    let route = format!("/node/{node}/status");
    asked(server, "POST", &route, &json!({ "status": status }), 200)
}

/// The row of a list that has this value under this key.
fn row<'a>(rows: &'a Value, key: &str, value: &str) -> &'a Value {
    let mut all = rows.as_array().unwrap().iter();
    all.find(|row| row[key] == value)
        .unwrap_or_else(|| panic!("no {value} in {rows}"))
}

/// What all lists of the cluster say of one node, for comparison.
fn seen(server: &TestServer, node: &str, vmid: u32) -> Value {
    let id = format!("node/{node}");
    let resources = data(server, "/cluster/resources");
    let guest = format!("qemu/{vmid}");
    let storage = format!("storage/{node}/local");
    let status = data(server, "/cluster/status");
    let manager = data(server, "/cluster/ha/status/manager_status");
    let current = data(server, "/cluster/ha/status/current");
    json!({
        "nodes": row(&data(server, "/nodes"), "node", node)["status"],
        "resources": row(&resources, "id", &id)["status"],
        "guest": row(&resources, "id", &guest)["status"],
        "hastate": row(&resources, "id", &guest)["hastate"],
        "storage": row(&resources, "id", &storage)["status"],
        "online": row(&status, "name", node)["online"],
        "quorate": row(&status, "type", "cluster")["quorate"],
        "ha": manager["manager_status"]["node_status"][node],
        "service": row(&current, "id", "service:vm:106")["state"],
        "control": asked(server, "GET", &format!("/node/{node}/status"), &Value::Null, 200)["status"],
    })
}

#[test]
fn a_node_is_cut_off_and_all_is_as_before_when_it_is_back() {
    let server = pve();
    let before = seen(&server, "pve03", 106);
    let there = json!({
        "nodes": "online", "resources": "online", "guest": "running", "hastate": "started",
        "storage": "available", "online": 1, "quorate": 1, "ha": "online", "service": "started",
        "control": "online",
    });
    assert_eq!(before, there);
    let answer = turn(&server, "pve03", " Offline ");
    assert_eq!(
        answer,
        json!({"ok": true, "node": "pve03", "status": "offline"})
    );
    let gone = json!({
        "nodes": "offline", "resources": "offline", "guest": "unknown", "hastate": "started",
        "storage": "unknown", "online": 0, "quorate": 1, "ha": "unknown", "service": "started",
        "control": "offline",
    });
    assert_eq!(seen(&server, "pve03", 106), gone);
    for path in ["/status", "/qemu", "/qemu/106/config", "/storage", "/tasks"] {
        let text = said(&server, "GET", &format!("/nodes/pve03{path}"), "");
        assert_eq!(text, "595 No route to host", "{path}");
    }
    let text = said(&server, "POST", "/nodes/pve03/qemu/106/status/stop", "");
    assert_eq!(text, "595 No route to host");
    // The others go on.
    let text = said(&server, "POST", "/nodes/pve01/qemu/101/status/stop", "");
    assert_eq!(text, "200 OK");
    turn(&server, "pve03", "online");
    assert_eq!(seen(&server, "pve03", 106), before);
    data(&server, "/nodes/pve03/qemu/106/status/current");
}

#[test]
fn tasks_of_a_node_go_on_where_nobody_sees_them() {
    let server = pve();
    let plan = json!({"type": "qmstop"});
    asked(&server, "POST", "/tasks/hold", &plan, 200);
    let started = server.post("/api2/json/nodes/pve03/qemu/106/status/stop", "");
    let upid = started.expect(200).json()["data"]
        .as_str()
        .unwrap()
        .to_owned();
    turn(&server, "pve03", "offline");
    let status = format!("/nodes/pve03/tasks/{upid}/status");
    assert_eq!(said(&server, "GET", &status, ""), "595 No route to host");
    let query = format!("taskEnded={upid}&guestStatus=106:stopped");
    let saw = waited(&server, &query, || {
        asked(&server, "POST", "/tasks/release", &json!({}), 200);
    });
    assert_eq!(saw["conditions"][0]["what"], "guest 106");
    assert_eq!(saw["conditions"][1]["saw"], "OK");
    turn(&server, "pve03", "online");
    assert_eq!(data(&server, &status)["exitstatus"], "OK");
    let status = data(&server, "/nodes/pve03/qemu/106/status/current");
    assert_eq!(status["status"], "stopped");
}

#[test]
fn a_cluster_without_a_majority_changes_nothing_that_is_common() {
    let server = pve();
    turn(&server, "pve01", "offline");
    // Another node answers now.
    let status = data(&server, "/cluster/status");
    assert_eq!(row(&status, "name", "pve02")["local"], 1);
    turn(&server, "pve03", "offline");
    let status = data(&server, "/cluster/status");
    assert_eq!(row(&status, "type", "cluster")["quorate"], 0);
    let check = |method: &str, path: &str, form: &str, text: &str| {
        assert_eq!(said(&server, method, path, form), text, "{method} {path}");
    };
    let none = "500 cluster not ready - no quorum?";
    check("POST", "/nodes/pve02/qemu", "vmid=900", none);
    check("PUT", "/nodes/pve02/qemu/104/config", "cores=3", none);
    check("POST", "/nodes/pve02/qemu/105/status/start", "", none);
    check(
        "POST",
        "/pools",
        "poolid=p",
        "500 create pool failed: cfs-lock 'file-user_cfg' error: no quorum!",
    );
    check(
        "DELETE",
        "/access/users/auditor@pve",
        "",
        "500 delete user failed: cfs-lock 'file-user_cfg' error: no quorum!",
    );
    check(
        "PUT",
        "/cluster/options",
        "keyboard=de",
        "500 cfs-lock 'file-datacenter_cfg' error: no quorum!",
    );
    check("POST", "/nodes/pve02/qemu/104/status/stop", "", "200 OK");
    check(
        "POST",
        "/access/ticket",
        "username=root@pam&password=proxmox",
        "200 OK",
    );
    check("GET", "/nodes/pve02/qemu/104/config", "", "200 OK");
    // Somebody has to answer.
    let title = refused(
        &server,
        "POST",
        "/node/pve02/status",
        &json!({"status": "offline"}),
        422,
    );
    assert_eq!(
        title,
        "pve02 is the last node that is online: without it nobody would answer"
    );
    turn(&server, "pve01", "online");
    check("PUT", "/nodes/pve02/qemu/104/config", "cores=3", "200 OK");
}

#[test]
fn what_is_wrong_with_a_call_is_said() {
    let server = pve();
    let check = |route: &str, body: Value, status: u16, title: &str| {
        assert_eq!(
            refused(&server, "POST", route, &body, status),
            title,
            "{body}"
        );
    };
    check(
        "/node/pve09/status",
        json!({"status": "offline"}),
        404,
        "there is no node pve09",
    );
    check(
        "/node/pve01/status",
        json!({"status": "asleep"}),
        400,
        "`status` of a node is online or offline",
    );
    check(
        "/node/pve01/status",
        json!({}),
        400,
        "`status` of a node is online or offline",
    );
    check(
        "/node/pve01/status",
        json!({"state": "offline"}),
        400,
        "there is no field `state` here, it takes status",
    );
    check(
        "/node/pve01/status",
        json!("offline"),
        400,
        "the body is an object with status",
    );
    let said = asked(
        &server,
        "POST",
        "/node/x/status",
        &json!({"status": "offline"}),
        404,
    );
    assert_eq!(said["errors"][0]["detail"], "there are pve01, pve02, pve03");
    let alone = TestServer::of("pve", &["--log=error", "--world=empty"]);
    let name = data(&alone, "/nodes")[0]["node"]
        .as_str()
        .unwrap()
        .to_owned();
    let route = format!("/node/{name}/status");
    let title = refused(&alone, "POST", &route, &json!({"status": "offline"}), 422);
    assert_eq!(
        title,
        format!("{name} is a machine of its own: without it nobody would answer")
    );
}

#[test]
fn waits_see_what_happens_in_the_world() {
    let server = TestServer::of("pve", &["--log=error", "--seed=7", "--task-time=50ms"]);
    let saw = waited(&server, "nodeStatus=pve02:offline", || {
        turn(&server, "pve02", "offline");
    });
    assert_eq!(
        saw["conditions"][0],
        json!({
            "what": "node pve02", "kind": "state", "want": "offline", "saw": "offline",
        })
    );
    turn(&server, "pve02", "online");
    // What ends by itself is seen when it ends, and what is made later when it is made.
    let query = "guestStatus=105:running&guestStatus=900:running&guestStatus=110:absent";
    waited(&server, query, || {
        server
            .send("DELETE", "/api2/json/nodes/pve03/lxc/110", "")
            .expect(200);
        server
            .post("/api2/json/nodes/pve02/qemu/105/status/start", "")
            .expect(200);
        let made = server.post("/api2/json/nodes/pve01/qemu?vmid=900&start=1", "");
        made.expect(200);
    });
    let over = server.get("/__admin/wait?guestStatus=101:paused&timeout=30ms");
    let missing = over.expect(408).json()["missing"][0].take();
    assert_eq!(missing, "guest 101 is running, waited for paused");
    server
        .get("/__admin/wait?guestStatus=101:asleep")
        .expect(400);
    server.get("/__admin/wait?guestStatus=101").expect(400);
    server.get("/__admin/wait?taskEnded=UPID:x").expect(404);
    let body = json!({"guestStatus": {"101": "running"}, "nodeStatus": {"pve01": "online"}});
    asked(&server, "POST", "/wait", &body, 200);
}
