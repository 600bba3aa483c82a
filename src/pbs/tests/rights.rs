//! What those see and may who are not the superuser.

use serde_json::Value;

use crate::pbs::testing::strict_desk;

const TOKEN: &str = "PBSAPIToken=backup@pbs!pve:00000000-0000-4000-8000-000000000004";

fn names<'v>(items: &'v Value, key: &str) -> Vec<&'v str> {
    let items = items.as_array().unwrap();
    items
        .iter()
        .map(|item| item[key].as_str().unwrap())
        .collect()
}

#[test]
fn a_token_that_backs_up_sees_its_namespace_and_its_groups() {
    let mut desk = strict_desk();
    desk.send_with("authorization", TOKEN);
    assert_eq!(names(&desk.get("/admin/datastore"), "store"), ["main"]);
    let usage = desk.get("/status/datastore-usage");
    assert_eq!(usage[0].get("used"), None);
    let spaces = desk.get("/admin/datastore/main/namespace");
    assert_eq!(names(&spaces, "ns"), ["lab", "lab/staging"]);
    let groups = desk.get("/admin/datastore/main/groups?ns=lab");
    assert_eq!(groups.as_array().unwrap().len(), 5);
    // Those of the operator are not its own.
    let groups = desk.get("/admin/datastore/main/groups?ns=lab/staging");
    assert_eq!(groups.as_array().unwrap().len(), 0);
    let foreign = "ns=lab/staging&backup-type=vm&backup-id=105&backup-time=1767227400";
    let got = desk.ask(&format!("GET /admin/datastore/main/notes?{foreign}"), "");
    assert_eq!(
        got.body,
        "backup owner check failed (backup@pbs!pve != operator@pbs)"
    );
    let got = desk.ask("GET /admin/datastore/main/groups", "");
    assert_eq!(
        (got.status.as_str(), got.body.as_str()),
        ("403", Some("permission check failed"))
    );
    let got = desk.ask("POST /admin/datastore/main/gc", "");
    assert_eq!(got.status, "403");
    // Its tasks are its own, and no others.
    let tasks = desk.get("/nodes/localhost/tasks");
    assert!(
        names(&tasks, "user")
            .iter()
            .all(|user| *user == "backup@pbs!pve")
    );
}

#[test]
fn an_exporter_reads_everything_and_changes_nothing() {
    let mut desk = strict_desk();
    desk.send_with(
        "authorization",
        "PBSAPIToken=auditor@pbs!exporter:00000000-0000-4000-8000-000000000002",
    );
    assert!(desk.get("/version")["version"].is_string());
    for space in desk
        .get("/admin/datastore/main/namespace")
        .as_array()
        .unwrap()
    {
        let space = space["ns"].as_str().unwrap();
        desk.get(&format!("/admin/datastore/main/snapshots?ns={space}"));
    }
    for path in [
        "/nodes/localhost/status",
        "/status/datastore-usage",
        "/config/prune",
        "/admin/gc",
    ] {
        desk.get(path);
    }
    let tasks = desk.ask(
        "GET /nodes/localhost/tasks?errors=true&limit=100&since=0",
        "",
    );
    assert_eq!(tasks.body["total"], 1);
    for line in [
        "DELETE /config/datastore/main",
        "POST /admin/datastore/main/gc",
        "PUT /nodes/localhost/dns",
        "POST /admin/verify/weekly-main/run",
    ] {
        assert_eq!(desk.ask(line, "").status, "403", "{line}");
    }
    let got = desk.ask(
        "DELETE /admin/datastore/main/groups?backup-type=vm&backup-id=107",
        "",
    );
    assert_eq!(got.status, "403");
}
