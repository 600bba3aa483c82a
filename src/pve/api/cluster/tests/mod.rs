//! What the cluster says of itself, and what it lets itself be told.

mod collections;

mod joining;

mod sweep;

use serde_json::json;

use crate::pve::testing::{desk, desk_of, strict_desk};

#[test]
fn status_of_a_cluster() {
    let rows = desk().get("/cluster/status");
    assert_eq!(rows[0]["type"], "cluster");
    assert_eq!(rows[0]["name"], "e2e-cluster");
    assert_eq!(rows[0]["nodes"], 3);
    assert_eq!(rows[0]["quorate"], 1);
    assert_eq!(rows[1]["local"], 1);
    assert_eq!(rows[2]["local"], 0);
    assert_eq!(rows[3]["ip"], "10.10.10.13");
}

#[test]
fn free_numbers() {
    let desk = desk();
    let next = |query: &str| desk.ask(&format!("GET /cluster/nextid{query}"), "");
    // The contract declares a number, and the product sends a text (proxmox.md 4.0).
    assert_eq!(next("").ok(), "100");
    assert_eq!(next("?vmid=500").ok(), "500");
    let taken = next("?vmid=101");
    assert_eq!(taken.status, "400 Parameter verification failed.");
    assert_eq!(taken.body["errors"]["vmid"], "VM 101 already exists");
    desk.must("PUT /cluster/options", "next-id=lower%3D101,upper%3D111");
    let none = next("").status;
    assert_eq!(none, "500 unable to get any free VMID in range [101, 111]");
    desk.must("PUT /cluster/options", "next-id=lower%3D101,upper%3D200");
    assert_eq!(next("").ok(), "111");
}

#[test]
fn options_are_taken_apart() {
    let desk = desk();
    let options = desk.get("/cluster/options");
    assert_eq!(options["migration"]["network"], "10.10.20.0/24");
    let colours = "production:b71c1c:ffffff;ci:1565c0";
    assert_eq!(options["tag-style"]["color-map"], colours);
    assert_eq!(options["registered-tags"], json!(["production"]));
    let tags = options["allowed-tags"].as_array().unwrap();
    assert!(tags.contains(&json!("e2e")));
    desk.must(
        "PUT /cluster/options",
        "user-tag-access=user-allow%3Dlist,user-allow-list%3Dred%3Bblue&description=Hello&delete=keyboard",
    );
    let options = desk.get("/cluster/options");
    assert_eq!(
        options["user-tag-access"]["user-allow-list"],
        json!(["red", "blue"])
    );
    assert_eq!(options["description"], "Hello\n");
    assert_eq!(options.get("keyboard"), None);
    let got = desk.ask("PUT /cluster/options", "next-id=lower%3D500,upper%3D200");
    assert_eq!(got.status, "400 Parameter verification failed.");
    let mut strict = strict_desk();
    strict.log_in("ci@pve");
    let options = strict.get("/cluster/options");
    assert_eq!(options.get("migration"), None);
    assert!(options["tag-style"].is_object());
}

#[test]
fn the_log_tells_of_tasks() {
    let mut desk = strict_desk();
    desk.log_in("root@pam");
    let log = desk.get("/cluster/log?max=5");
    assert_eq!(log.as_array().unwrap().len(), 5);
    let newest = log[0]["msg"].as_str().unwrap();
    assert!(newest.contains("end task UPID:"), "{newest}");
    desk.log_in("ci@pve");
    let log = desk.get("/cluster/log");
    let users: Vec<_> = log
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["user"])
        .collect();
    assert!(users.iter().all(|user| *user == "ci@pve"), "{users:?}");
}

#[test]
fn directories() {
    let desk = desk();
    for (path, key, want) in [
        ("/cluster", "name", "resources"),
        ("/cluster/config", "name", "join"),
        ("/cluster/ha", "id", "resources"),
        ("/cluster/ha/status", "name", "current"),
        ("/cluster/acme", "name", "account"),
        ("/cluster/jobs", "subdir", "schedule-analyze"),
        ("/cluster/ceph", "name", "flags"),
        ("/cluster/mapping", "name", "pci"),
        ("/cluster/metrics", "name", "server"),
        ("/cluster/notifications", "name", "targets"),
        ("/cluster/notifications/endpoints", "name", "smtp"),
        ("/cluster/qemu", "name", "custom-cpu-models"),
    ] {
        let list = desk.get(path);
        let items = list.as_array().unwrap();
        assert!(items.iter().any(|item| item[key] == want), "{path}: {list}");
    }
}

#[test]
fn figures_to_be_fetched() {
    let desk = desk();
    let now = desk.get("/cluster/metrics/export");
    let data = now["data"].as_array().unwrap();
    assert!(
        data.iter()
            .any(|one| one["id"] == "node/pve01" && one["metric"] == "cpu_current")
    );
    assert!(
        data.iter()
            .any(|one| one["id"] == "qemu/101" && one["metric"] == "net_in")
    );
    assert!(
        data.iter()
            .all(|one| one["timestamp"] == data[0]["timestamp"])
    );
    let since = data[0]["timestamp"].as_i64().unwrap() - 30;
    let before = desk.get(&format!(
        "/cluster/metrics/export?history=1&start-time={since}"
    ));
    assert_eq!(before["data"].as_array().unwrap().len(), 3 * data.len());
    let local = desk.get("/cluster/metrics/export?local-only=1");
    let local = local["data"].as_array().unwrap();
    assert!(local.iter().all(|one| one["id"] != "node/pve02"));
}

#[test]
fn schedules() {
    let desk = desk();
    let list = desk.get("/cluster/jobs/schedule-analyze?schedule=*/15&iterations=3");
    assert_eq!(list.as_array().unwrap().len(), 3);
    let jobs = desk.get("/cluster/jobs/realm-sync");
    assert_eq!(jobs[0]["enabled"], 1);
    assert!(jobs[0]["next-run"].as_i64().unwrap() > desk.now().as_second());
    let new = "realm=lab-ldap&schedule=daily&scope=both";
    desk.must("POST /cluster/jobs/realm-sync/weekly", new);
    let got = desk.ask("POST /cluster/jobs/realm-sync/weekly", new);
    assert_eq!(got.status, "500 Job 'weekly' already exists");
    let got = desk.ask(
        "POST /cluster/jobs/realm-sync/other",
        "realm=pam&schedule=daily",
    );
    let text = "500 Cannot sync realm type 'pam'! Only LDAP/AD realms can be synced.";
    assert_eq!(got.status, text);
    desk.must("DELETE /cluster/jobs/realm-sync/weekly", "");
    let got = desk.ask("GET /cluster/jobs/realm-sync/weekly", "");
    assert_eq!(got.body["errors"]["id"], "No such job 'weekly'");
}

#[test]
fn older_releases_answer_too() {
    for release in ["8.4", "7.4"] {
        let desk = desk_of(release);
        for path in [
            "/cluster/status",
            "/cluster/resources",
            "/cluster/options",
            "/cluster/log",
            "/cluster/tasks",
            "/cluster/config/join",
            "/cluster/config/nodes",
            "/cluster/config/totem",
            "/cluster/acme/account",
            "/cluster/acme/plugins",
            "/cluster/metrics/server",
        ] {
            desk.get(path);
        }
    }
}
