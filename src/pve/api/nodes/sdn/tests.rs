//! What nodes show of software-defined networks.

use serde_json::{Value, json};

use crate::proxmox::work::{Plan, Wish};
use crate::pve::testing::{desk, desk_of};

#[test]
fn every_list_of_the_lab_has_something() {
    let desk = desk();
    for path in [
        "zones",
        "zones/lab",
        "zones/lab/content",
        "zones/lab/bridges",
        "zones/localnetwork/bridges",
        "zones/overlay/ip-vrf",
        "vnets/wide",
        "vnets/wide/mac-vrf",
        "fabrics/spine",
        "fabrics/spine/interfaces",
        "fabrics/spine/neighbors",
        "fabrics/spine/routes",
    ] {
        let list = desk.get(&format!("/nodes/pve01/sdn/{path}"));
        assert_ne!(list, json!([]), "{path}");
    }
    for release in ["8.4", "7.4"] {
        let desk = desk_of(release);
        assert_ne!(desk.get("/nodes/pve01/sdn/zones"), json!([]));
        assert_ne!(desk.get("/nodes/pve01/sdn/zones/lab/content"), json!([]));
    }
}

#[test]
fn zones_are_on_their_nodes_only() {
    let desk = desk();
    let zones = |node: &str| -> Vec<Value> {
        let list = desk.get(&format!("/nodes/{node}/sdn/zones"));
        list.as_array()
            .unwrap()
            .iter()
            .map(|zone| zone["zone"].clone())
            .collect()
    };
    assert_eq!(zones("pve01"), ["lab", "lanes", "overlay"]);
    assert_eq!(zones("pve03"), ["lab", "overlay"]);
    assert_eq!(desk.get("/nodes/pve03/sdn/zones/lanes/content"), json!([]));
    let ports = desk.get("/nodes/pve01/sdn/zones/localnetwork/bridges");
    let of_guest = ports
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|bridge| bridge["ports"].as_array().unwrap());
    assert!(
        of_guest
            .into_iter()
            .any(|port| port["vmid"] == 103 && port["name"] == "tap103i0")
    );
}

#[test]
fn refusals() {
    let desk = desk();
    let check = |path: &str, name: &str, text: &str| {
        let got = desk.ask(&format!("GET /nodes/pve01/sdn/{path}"), "");
        assert_eq!(got.status, "400 Parameter verification failed.", "{path}");
        assert_eq!(got.body["errors"][name], *text, "{path}");
    };
    check("zones/gone/bridges", "zone", "zone does not exist");
    check("zones/gone/ip-vrf", "zone", "zone does not exist");
    check("zones/lab/ip-vrf", "zone", "zone lab is not an EVPN zone.");
    check("vnets/gone/mac-vrf", "vnet", "vnet does not exist");
    check(
        "vnets/labnet/mac-vrf",
        "zone",
        "zone lab is not an EVPN zone.",
    );
}

#[test]
fn nodes_are_behind_until_the_task_ends() {
    let desk = desk();
    desk.change(|world| {
        world.tasks.plan(Plan {
            kind: Some("reloadnetworkall".to_owned()),
            id: None,
            times: 1,
            wish: Wish::Fail("no network".to_owned()),
        });
    });
    desk.must("POST /cluster/sdn/zones", "zone=extra&type=simple");
    desk.must("PUT /cluster/sdn", "");
    let zones = desk.get("/nodes/pve01/sdn/zones");
    assert_eq!(zones[0], json!({"zone": "extra", "status": "pending"}));
    desk.task("PUT /cluster/sdn", "");
    let zones = desk.get("/nodes/pve01/sdn/zones");
    assert_eq!(zones[0], json!({"zone": "extra", "status": "available"}));
}
