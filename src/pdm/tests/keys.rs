//! Subscriptions, automated installations, and the rest of what this product keeps itself.

use serde_json::json;

use crate::pdm::testing::{desk, strict_desk};
use crate::pdm::world::invariants;

#[test]
fn keys_are_assigned_and_pushed() {
    let desk = desk();
    let added = desk.must(
        "POST /subscriptions/keys",
        r#"{"keys": ["pve8p-00000000aa", "pve8p-00000000aa"]}"#,
    );
    assert_eq!(added, json!({"added": 1, "deduplicated": 1}));
    let got = desk.ask(
        "POST /subscriptions/keys",
        r#"{"keys": ["pve8p-00000000aa"]}"#,
    );
    assert_eq!(
        (&*got.status, got.body),
        (
            "409",
            json!("key 'pve8p-00000000aa' already exists in pool")
        )
    );
    let line = "POST /subscriptions/keys/pve8p-00000000aa/assignment";
    desk.must(line, "remote=e2e-cluster&node=pve01");
    let got = desk.ask(line, "remote=pbs01&node=localhost");
    assert_eq!(
        got.body,
        json!("key type 'pve' does not match remote type 'pbs'")
    );
    let got = desk.ask(line, "remote=e2e-cluster&node=pve02");
    assert_eq!(got.status, "409");
    let status = desk.get("/subscriptions/node-status");
    let node = status
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["node"] == "pve01")
        .unwrap();
    assert_eq!(node["assigned-key"], "pve8p-00000000aa");
    desk.must("POST /subscriptions/auto-assign", "");
    let cleared = desk.must("POST /subscriptions/clear-pending", "");
    assert!(cleared["cleared"].as_u64().unwrap() >= 1);
    desk.must("DELETE /subscriptions/keys/pve8p-00000000aa", "");
    assert_eq!(
        desk.ask("GET /subscriptions/keys/pve8p-00000000aa", "")
            .status,
        "404"
    );
    assert_eq!(invariants(&desk.world()), Vec::<String>::new());
}

#[test]
fn a_machine_installs_itself() {
    let mut desk = desk();
    let ask = r#"{"$schema": {"version": "1"}, "dmi": {"system": {"serial": "SN-1"}, "baseboard": {}, "chassis": {}},
        "iso": {"release": "9.1", "isorelease": "1"}, "network_interfaces": [],
        "product": {"enable_btrfs": true, "fullname": "Proxmox VE", "product": "pve"}}"#;
    assert_eq!(desk.ask("POST /auto-install/answer", ask).status, "401");
    desk.send_with(
        "authorization",
        "Bearer installer:00000000-0000-4000-8000-000000000006",
    );
    let answer = desk.must("POST /auto-install/answer", ask);
    assert_eq!(answer["global"]["fqdn"], "pve04.e2e.example");
    assert_eq!(answer["disk-setup"]["zfs"]["ashift"], 12);
    let list = desk.get("/auto-install/installations");
    assert_eq!(list.as_array().unwrap().len(), 2);
    let got = desk.ask("DELETE /auto-install/tokens/installer", "");
    assert_eq!(got.status, "409");
}

#[test]
fn logging_in_gives_a_cookie_and_plain_json() {
    let desk = strict_desk();
    let got = desk.ask("POST /access/ticket", "username=root@pam&password=secret");
    assert_eq!(got.body["success"], true);
    assert!(got.body["data"].get("ticket").is_none(), "{got:?}");
    let info = got.body["data"]["ticket-info"].as_str().unwrap();
    assert!(info.starts_with("PDM:root@pam:"), "{info}");
    let got = desk.ask("POST /access/ticket", "username=root@pam&password=wrong");
    assert_eq!(
        (&*got.status, got.body),
        ("401", json!("permission check failed."))
    );
}

#[test]
fn the_machine_is_its_own() {
    let desk = desk();
    desk.must("PUT /nodes/localhost/time", "timezone=Europe/Berlin");
    assert_eq!(desk.get("/nodes/pdm01/time")["timezone"], "Europe/Berlin");
    let upid = desk.task("POST /nodes/localhost/apt/update", "");
    assert!(upid.starts_with("UPID:pdm01:"), "{upid}");
    let list = desk.get("/nodes/localhost/tasks");
    assert_eq!(list[0]["upid"], upid);
    desk.must("PUT /config/notes", "notes=new");
    assert_eq!(desk.get("/config/notes"), "new");
    assert_eq!(desk.get("/config/certificate")["acme"], "account=default");
}

#[test]
fn networks_are_made_on_several_clusters() {
    let desk = desk();
    let upid = desk.must(
        "POST /sdn/vnets",
        r#"{"vnet": "fresh", "tag": 900, "remotes": [{"remote": "e2e-cluster", "zone": "nothing"}]}"#,
    );
    assert!(
        desk.exit_status(upid.as_str().unwrap())
            .contains("api error")
    );
    let zones = desk.get("/sdn/zones");
    let zone = zones[0]["zone"].as_str().unwrap();
    let body = json!({"vnet": "fresh", "remotes": [{"remote": "e2e-cluster", "zone": zone}]});
    let upid = desk.must("POST /sdn/vnets", &body.to_string());
    let status = desk.exit_status(upid.as_str().unwrap());
    assert_eq!(status, "OK", "{zone}");
    let vnets = desk.get("/sdn/vnets");
    assert!(
        vnets
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["vnet"] == "fresh")
    );
}
