//! Remotes: added, changed, taken away, out of reach; and what is asked before.

use serde_json::json;

use crate::pdm::testing::{desk, empty_desk, strict_desk};
use crate::pdm::world::{World, invariants};

#[test]
fn a_remote_comes_and_goes() {
    let desk = empty_desk();
    let body = r#"{"id": "lab", "type": "pve", "nodes": ["10.0.0.1,fingerprint=AA:BB"], "authid": "root@pam!e2e", "token": "e2e-secret"}"#;
    let found = desk.must(
        "POST /pve/scan",
        "hostname=10.0.0.1&authid=root@pam&token=secret",
    );
    assert_eq!(found["id"], "e2e-cluster");
    desk.must("POST /remotes/remote", body);
    let got = desk.ask("POST /remotes/remote", body);
    assert_eq!(
        (&*got.status, got.body),
        ("400", json!("entry \"lab\" already exists"))
    );
    let list = desk.get("/remotes/remote");
    assert_eq!(list[0]["token"], "");
    assert_eq!(list[0]["nodes"], json!(["10.0.0.1,fingerprint=AA:BB"]));
    assert_eq!(desk.get("/pve/remotes"), json!([{"remote": "lab"}]));
    assert_eq!(
        desk.get("/remotes/remote/lab/version")["version"]
            .as_str()
            .unwrap()
            .get(..2),
        Some("9.")
    );
    assert_eq!(desk.must("GET /resources/status", "")["remotes"], 1);
    desk.must("PUT /remotes/remote/lab", "web-url=https://lab.example");
    assert_eq!(
        desk.get("/remotes/remote/lab/config")["web-url"],
        "https://lab.example"
    );
    desk.must("PUT /remotes/remote/lab", "delete=web-url");
    assert!(
        desk.get("/remotes/remote/lab/config")
            .get("web-url")
            .is_none()
    );
    assert_eq!(invariants(&desk.world()), Vec::<String>::new());
    desk.must("DELETE /remotes/remote/lab", "");
    let got = desk.ask("DELETE /remotes/remote/lab", "");
    assert_eq!(
        (&*got.status, got.body),
        ("404", json!("no such entry \"lab\""))
    );
}

#[test]
fn tokens_are_made_and_deleted_there() {
    let desk = desk();
    let body = r#"{"id": "second", "type": "pbs", "nodes": ["10.0.0.9"], "authid": "root@pam", "token": "secret", "create-token": "pdm"}"#;
    desk.must("POST /remotes/remote", body);
    let remote = desk.get("/remotes/remote/second/config");
    assert_eq!(remote["authid"], "root@pam!pdm");
    desk.get("/pbs/remotes/second/status");
    desk.must("DELETE /remotes/remote/second?delete-token=1", "");
}

#[test]
fn what_is_out_of_reach_says_so() {
    let desk = desk();
    desk.change(|world| {
        let remote = world.remotes.get_mut("pbs01").unwrap();
        remote.unreachable = Some("No route to host".to_owned());
    });
    let list = desk.must("GET /resources/list", "");
    let group = list
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["remote"] == "pbs01");
    assert_eq!(group.unwrap()["error"], "No route to host");
    let counts = desk.must("GET /resources/status", "");
    assert_eq!(
        (&counts["remotes"], &counts["failed_remotes"]),
        (&json!(1), &json!(1))
    );
    let got = desk.ask("GET /pbs/remotes/pbs01/status", "");
    let text = json!("client error (Connect): No route to host");
    assert_eq!((&*got.status, got.body), ("400", text));
}

#[test]
fn certificates_are_looked_at() {
    let desk = desk();
    let shown = desk.must("POST /pve/probe-tls", "hostname=10.10.10.11");
    let own = shown["UntrustedCertificate"]["fingerprint"]
        .as_str()
        .unwrap();
    let body = format!("hostname=10.10.10.11&fingerprint={own}");
    assert_eq!(
        desk.must("POST /pve/probe-tls", &body),
        "TrustedCertificate"
    );
    let got = desk.ask("POST /pve/probe-tls", "hostname=x.invalid");
    assert_eq!(got.status, "400");
}

#[test]
fn permissions_are_those_of_resources() {
    let mut desk = strict_desk();
    desk.log_in("auditor@pdm");
    assert_eq!(
        desk.must("GET /resources/list", "")
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let got = desk.ask("POST /pve/remotes/e2e-cluster/qemu/101/stop", "");
    assert_eq!(
        (&*got.status, got.body),
        ("403", json!("permission check failed"))
    );
    desk.log_in("operator@pdm");
    let list = desk.must("GET /resources/list", "");
    assert_eq!(list.as_array().unwrap().len(), 1, "{list}");
    desk.must("POST /pve/remotes/e2e-cluster/qemu/101/stop", "");
    let got = desk.ask("GET /pbs/remotes/pbs01/datastore", "");
    assert_eq!(got.status, "403");
}

#[test]
fn views_choose() {
    let desk = desk();
    let list = desk.must("GET /resources/list?view=cluster", "");
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!(list[0]["remote"], "e2e-cluster");
    let body = "id=stores&include=resource-type%3Ddatastore&exclude=resource-id%3Dremote/pbs01/datastore/main";
    desk.must("POST /config/views", body);
    let list = desk.must("GET /resources/list?view=stores", "");
    let names: Vec<_> = list[0]["resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["name"].clone())
        .collect();
    assert!(
        !names.contains(&json!("main")) && names.contains(&json!("archive")),
        "{names:?}"
    );
    let got = desk.ask("PUT /config/views/nothing", "include-all=1");
    assert_eq!(
        (&*got.status, got.body),
        ("404", json!("no such view 'nothing'"))
    );
    let got = desk.ask("POST /config/views", "id=stores");
    assert_eq!(got.status, "400");
    desk.must("DELETE /config/views/stores", "");
}

#[test]
fn worlds_there_and_back() {
    let desk = desk();
    // As it is before its time begins: whoever looks lets the cluster's scheduler look.
    let mut world = None;
    desk.change(|first| world = Some(first.clone()));
    let world = world.unwrap();
    let file = world.export();
    assert_eq!(file["remotes"]["e2e-cluster"]["world"], "default");
    assert_eq!(World::read(&file), Ok(world));
    desk.must("POST /pve/remotes/e2e-cluster/qemu/101/stop", "");
    let world = desk.world();
    let file = world.export();
    assert!(file["remotes"]["e2e-cluster"]["world"].is_object());
    assert_eq!(file["remotes"]["pbs01"]["world"], "default");
    assert_eq!(World::read(&file), Ok(world));
}

#[test]
fn world_files_are_checked() {
    let check = |change: &dyn Fn(&mut serde_json::Value), path: &str| {
        let mut file = desk().world().export();
        change(&mut file);
        let problems = World::read(&file).unwrap_err();
        assert!(
            problems.iter().any(|one| one.path.starts_with(path)),
            "{problems:?}"
        );
    };
    check(
        &|file| file["remotes"]["pbs01"]["world"] = json!("large"),
        "remotes.pbs01.world",
    );
    check(
        &|file| file["remotes"]["pbs01"]["world"] = json!({}),
        "remotes.pbs01.world",
    );
    check(
        &|file| file["remotes"]["pbs01"]["nodes"] = json!([]),
        "remotes.pbs01.nodes",
    );
    check(
        &|file| file["remotes"]["pbs01"]["colour"] = json!("red"),
        "remotes.pbs01",
    );
    check(
        &|file| file["subscription-keys"]["nonsense"] = json!({}),
        "subscription-keys.nonsense",
    );
    check(
        &|file| file["access"]["acl"][0]["role"] = json!("Admin"),
        "access.acl",
    );
}
