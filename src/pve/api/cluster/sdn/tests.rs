//! Software-defined networks from the first word to what runs.

use serde_json::{Value, json};

use crate::proxmox::service::testing::Desk;
use crate::pve::testing::{desk, desk_of, holds, strict_desk};
use crate::pve::world::World;

mod networks;
mod objects;
mod routing;

/// A call is refused with this message, of which the first line is the reason.
fn refused(desk: &Desk<World>, line: &str, body: &str, message: &str) {
    let before = desk.world();
    let got = desk.ask(line, body);
    let first = message.lines().next().unwrap();
    assert_eq!(got.status, format!("500 {first}"), "{line} {body}: {got:?}");
    // Before release 9 there is no message in the body.
    let text = got.body["message"].as_str().unwrap_or(message);
    assert_eq!(text.trim_end(), message, "{line} {body}");
    assert_eq!(desk.world(), before, "{line}");
}

/// One member of all items of a list.
fn column(list: &Value, name: &str) -> Vec<Value> {
    let items = list.as_array().unwrap().iter();
    items.map(|item| item[name].clone()).collect()
}

#[test]
fn every_list_of_the_lab_has_something() {
    let desk = desk();
    for path in [
        "",
        "/zones",
        "/vnets",
        "/vnets/labnet/subnets",
        "/controllers",
        "/ipams",
        "/ipams/pve/status",
        "/dns",
        "/fabrics",
        "/fabrics/fabric",
        "/fabrics/node",
        "/fabrics/node/spine",
        "/prefix-lists",
        "/prefix-lists/inside/entries",
        "/route-maps",
        "/route-maps/entries",
        "/route-maps/entries/leave",
    ] {
        let list = desk.get(&format!("/cluster/sdn{path}"));
        assert_ne!(list, json!([]), "{path}");
    }
    for path in [
        "/fabrics/all",
        "/fabrics/fabric/spine",
        "/fabrics/node/spine/pve01",
        "/prefix-lists/inside",
        "/prefix-lists/inside/entries/10",
        "/route-maps/entries/leave/entry/10",
        "/zones/lab",
        "/vnets/labnet",
        "/vnets/labnet/subnets/lab-10.20.0.0-24",
        "/controllers/fabric",
        "/ipams/pve",
        "/dns/labdns",
        "/dry-run?node=pve01",
    ] {
        desk.get(&format!("/cluster/sdn{path}"));
    }
}

#[test]
fn what_is_written_runs_when_it_is_applied() {
    for release in ["9.2", "8.4", "7.4"] {
        let desk = desk_of(release);
        desk.must("POST /cluster/sdn/zones", "zone=z1&type=simple&ipam=pve");
        desk.must("POST /cluster/sdn/vnets", "vnet=v1&zone=z1");
        desk.must(
            "POST /cluster/sdn/vnets/v1/subnets",
            "subnet=10.5.0.0/24&type=subnet&gateway=10.5.0.1",
        );
        let subnet = desk.get("/cluster/sdn/vnets/v1/subnets/z1-10.5.0.0-24");
        assert_eq!(
            (&subnet["cidr"], &subnet["zone"]),
            (&json!("10.5.0.0/24"), &json!("z1"))
        );
        let running = desk.get("/cluster/sdn/vnets?running=1");
        assert!(!column(&running, "vnet").contains(&json!("v1")));
        let pending = desk.get("/cluster/sdn/vnets/v1?pending=1");
        assert_eq!(pending["state"], "new", "{release}");
        assert_eq!(pending["pending"], json!({"zone": "z1"}));
        desk.task("PUT /cluster/sdn", "");
        let vnet = desk.get("/cluster/sdn/vnets/v1?pending=1");
        assert_eq!((vnet.get("state"), &vnet["zone"]), (None, &json!("z1")));
        let content = desk.get("/nodes/pve01/sdn/zones/z1/content");
        assert_eq!(column(&content, "vnet"), ["v1"]);

        desk.must("PUT /cluster/sdn/vnets/v1", "alias=Mine");
        let changed = desk.get("/cluster/sdn/vnets/v1?pending=1");
        assert_eq!(
            (&changed["state"], &changed["pending"]),
            (&json!("changed"), &json!({"alias": "Mine"}))
        );
        desk.must("DELETE /cluster/sdn/vnets/v1/subnets/z1-10.5.0.0-24", "");
        desk.must("DELETE /cluster/sdn/vnets/v1", "");
        let gone = desk.get("/cluster/sdn/vnets/v1?pending=1");
        assert_eq!(
            (&gone["state"], &gone["pending"]),
            (&json!("deleted"), &json!({}))
        );
        refused(
            &desk,
            "GET /cluster/sdn/vnets/v1",
            "",
            "sdn vnet 'v1' does not exist",
        );
        desk.task("PUT /cluster/sdn", "");
        refused(
            &desk,
            "GET /cluster/sdn/vnets/v1?running=1",
            "",
            "sdn vnet 'v1' does not exist",
        );
        assert_eq!(desk.get("/nodes/pve01/sdn/zones/z1/content"), json!([]));
        holds(&desk);
    }
}

#[test]
fn a_lock_keeps_others_out() {
    let desk = desk();
    let token = desk.must("POST /cluster/sdn/lock", "");
    let token = token.as_str().unwrap();
    refused(
        &desk,
        "POST /cluster/sdn/zones",
        "zone=z1&type=simple",
        "create sdn zone object failed: invalid lock token provided!",
    );
    refused(
        &desk,
        "PUT /cluster/sdn",
        "lock-token=00000000-0000-7000-8000-000000000000",
        "could not commit SDN config: invalid lock token provided!",
    );
    desk.must(
        "POST /cluster/sdn/zones",
        &format!("zone=z1&type=simple&lock-token={token}"),
    );
    let keep = format!("lock-token={token}&release-lock=0");
    desk.must("PUT /cluster/sdn", &keep);
    desk.must(
        &format!("DELETE /cluster/sdn/zones/z1?lock-token={token}"),
        "",
    );
    desk.must("POST /cluster/sdn/rollback", &format!("lock-token={token}"));
    desk.must("GET /cluster/sdn/zones/z1", "");
    desk.must("POST /cluster/sdn/zones", "zone=z2&type=simple");
    refused(
        &desk,
        "POST /cluster/sdn/lock",
        "",
        "could not acquire lock for SDN config: configuration has pending changes",
    );
    desk.must("POST /cluster/sdn/lock", "allow-pending=1");
    refused(
        &desk,
        "DELETE /cluster/sdn/lock",
        "",
        "could not release lock: invalid lock token provided!",
    );
    desk.must("DELETE /cluster/sdn/lock?force=1", "");
    desk.must("DELETE /cluster/sdn/zones/z2", "");
    assert_eq!(desk.world().sdn.pending, None);
}

#[test]
fn a_dry_run_tells_what_would_change() {
    let desk = desk();
    assert_eq!(desk.get("/cluster/sdn/dry-run?node=pve01"), json!({}));
    desk.must("PUT /cluster/sdn/vnets/labnet", "alias=Other");
    desk.must("DELETE /cluster/sdn/route-maps/entries/leave/entry/10", "");
    let changes = desk.get("/cluster/sdn/dry-run?node=pve01");
    let interfaces = changes["interfaces-diff"].as_str().unwrap();
    assert!(
        interfaces.ends_with("-\talias Lab network\n+\talias Other\n"),
        "{interfaces}"
    );
    let routing = changes["frr-diff"].as_str().unwrap();
    assert!(
        routing.ends_with("-route-map leave permit 10\n-!\n"),
        "{routing}"
    );
    desk.must("POST /cluster/sdn/rollback", "");
    assert_eq!(desk.get("/cluster/sdn/dry-run?node=pve01"), json!({}));
}

#[test]
fn lists_leave_out_what_one_may_not_see() {
    let mut desk = strict_desk();
    desk.log_in("operator@pve");
    for path in [
        "zones",
        "vnets",
        "controllers",
        "ipams",
        "dns",
        "fabrics/fabric",
        "prefix-lists",
        "route-maps",
    ] {
        assert_eq!(
            desk.get(&format!("/cluster/sdn/{path}")),
            json!([]),
            "{path}"
        );
    }
    let got = desk.ask("GET /cluster/sdn/vnets/labnet", "");
    assert!(got.status.starts_with("403 "), "{got:?}");
    let got = desk.ask("DELETE /cluster/sdn/vnets/labnet", "");
    assert!(got.status.starts_with("403 "), "{got:?}");
    desk.log_in("auditor@pve");
    assert_ne!(desk.get("/cluster/sdn/zones"), json!([]));
    desk.must("GET /cluster/sdn/vnets/labnet", "");
}
