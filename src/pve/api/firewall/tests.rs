//! Firewalls at all their levels.

use serde_json::{Value, json};

use crate::proxmox::service::testing::Desk;
use crate::pve::testing::{desk, desk_of, holds, strict_desk};
use crate::pve::world::World;

mod names;
mod rules;

/// The levels that have rules.
const RULES: &[&str] = &[
    "/cluster/firewall/rules",
    "/cluster/firewall/groups/web",
    "/cluster/sdn/vnets/labnet/firewall/rules",
    "/nodes/pve01/firewall/rules",
    "/nodes/pve01/qemu/101/firewall/rules",
    "/nodes/pve01/lxc/102/firewall/rules",
];

/// A call is refused with this status line and this text for a parameter, if one is named.
fn refused(desk: &Desk<World>, line: &str, body: &str, status: &str) {
    let before = desk.world();
    let got = desk.ask(line, body);
    let text = match status.split_once(": ") {
        Some((name, text)) if !name.contains(' ') => {
            assert_eq!(got.body["errors"][name], *text, "{line}: {got:?}");
            "400 Parameter verification failed."
        }
        _ => status,
    };
    assert_eq!(got.status, text, "{line}: {got:?}");
    assert_eq!(desk.world(), before, "{line}");
}

/// One member of all items of a list.
fn column(list: &Value, name: &str) -> Vec<Value> {
    let items = list.as_array().unwrap().iter();
    items.map(|item| item[name].clone()).collect()
}

#[test]
fn every_list_of_the_lab_has_something() {
    for release in ["9.2", "8.4"] {
        let desk = desk_of(release);
        for path in [
            "/cluster/firewall",
            "/cluster/firewall/macros",
            "/cluster/firewall/groups",
            "/cluster/firewall/aliases",
            "/cluster/firewall/ipset",
            "/cluster/firewall/ipset/management",
            "/cluster/firewall/refs",
            "/nodes/pve01/firewall/log",
            "/nodes/pve01/qemu/101/firewall/log",
            "/nodes/pve01/lxc/102/firewall/log",
            "/nodes/pve01/qemu/101/firewall/aliases",
            "/nodes/pve01/qemu/101/firewall/ipset/testers",
            "/nodes/pve01/lxc/102/firewall/refs",
        ]
        .iter()
        .chain(RULES)
        {
            if release == "9.2" || !path.contains("/sdn/") {
                assert_ne!(desk.get(path), json!([]), "{path}");
            }
        }
    }
    assert_eq!(
        desk_of("7.4").get("/cluster/firewall/refs")[0].get("scope"),
        None
    );
}

#[test]
fn options_are_set_and_taken_away() {
    let desk = desk();
    for base in [
        "/cluster/firewall",
        "/cluster/sdn/vnets/labnet/firewall",
        "/nodes/pve02/firewall",
        "/nodes/pve01/qemu/101/firewall",
        "/nodes/pve01/lxc/102/firewall",
    ] {
        let path = format!("{base}/options");
        desk.must(&format!("PUT {path}"), "enable=1");
        let read = desk.get(&path);
        assert_eq!(read["enable"], 1, "{path}");
        let digest = read["digest"].as_str().unwrap();
        desk.must(
            &format!("PUT {path}"),
            &format!("delete=enable&digest={digest}"),
        );
        let read = desk.get(&path);
        assert_eq!(read.get("enable"), None, "{path}");
        assert_ne!(read["digest"], *digest);
        refused(
            &desk,
            &format!("PUT {path}"),
            &format!("enable=1&digest={digest}"),
            "500 detected modified configuration - file changed by other user? Try again.",
        );
        refused(
            &desk,
            &format!("PUT {path}"),
            "delete=digest",
            "delete: no such option 'digest'",
        );
        refused(
            &desk,
            &format!("PUT {path}"),
            "delete=colour",
            "delete: no such option 'colour'",
        );
    }
    desk.must(
        "PUT /cluster/firewall/options",
        "policy_in=REJECT&log_ratelimit=enable%3D1,rate%3D5/second",
    );
    assert_eq!(desk.get("/cluster/firewall/options")["policy_in"], "REJECT");
    desk.must("PUT /cluster/firewall/options", "enable=2");
    assert_eq!(
        desk.get("/cluster/firewall/options")["enable"],
        desk.now().as_second()
    );
    holds(&desk);
}

#[test]
fn logs_are_cut_as_asked() {
    let desk = desk();
    let log = desk.get("/nodes/pve01/firewall/log");
    assert_eq!(column(&log, "n"), [1, 2]);
    assert_eq!(
        log[0]["t"],
        "0 5 - 15/Dec/2025:05:30:00 +0000 starting pvefw logger"
    );
    assert_eq!(
        desk.get("/nodes/pve01/firewall/log?start=1&limit=1")[0]["n"],
        2
    );
    let since = desk.get("/nodes/pve01/firewall/log?since=1766000000");
    assert_eq!(column(&since, "n"), [1]);
    let guest = desk.get("/nodes/pve01/qemu/101/firewall/log");
    assert!(
        guest[0]["t"]
            .as_str()
            .unwrap()
            .starts_with("101 6 tap101i0-IN ")
    );
    let quiet = desk.get("/nodes/pve01/qemu/103/firewall/log");
    assert_eq!(quiet, json!([{"n": 1, "t": "no content"}]));
}

#[test]
fn the_file_of_a_guest_may_come_before_the_guest() {
    let desk = desk();
    let path = "/nodes/pve01/qemu/999/firewall";
    assert_eq!(desk.get(&format!("{path}/rules")), json!([]));
    desk.must(&format!("PUT {path}/options"), "enable=1");
    desk.must(&format!("POST {path}/rules"), "type=in&action=ACCEPT");
    desk.must(&format!("POST {path}/ipset"), "name=ops");
    // It is a file of a number, whatever node and kind the path says.
    let other = "/nodes/pve02/lxc/999/firewall";
    assert_eq!(desk.get(&format!("{other}/options"))["enable"], 1);
    assert_eq!(desk.get(&format!("{other}/rules"))[0]["pos"], 0);
    assert_eq!(desk.get(&format!("{other}/rules/0"))["pos"], "0");
    holds(&desk);
}

#[test]
fn networks_that_are_not_there() {
    let desk = desk();
    let path = "/cluster/sdn/vnets/gone/firewall/rules";
    refused(
        &desk,
        &format!("GET {path}"),
        "",
        "500 invalid vnet specified",
    );
    let mut desk = strict_desk();
    desk.log_in("operator@pve");
    let got = desk.ask("GET /cluster/sdn/vnets/labnet/firewall/rules", "");
    assert!(got.status.starts_with("403 "), "{got:?}");
    desk.log_in("auditor@pve");
    desk.must("GET /cluster/sdn/vnets/labnet/firewall/rules", "");
    let got = desk.ask("PUT /cluster/sdn/vnets/labnet/firewall/options", "enable=1");
    assert!(got.status.starts_with("403 "), "{got:?}");
}

#[test]
fn what_is_kept_below_a_guest_goes_with_it() {
    let mut world = desk().world();
    world.forget_below("guests/101");
    assert!(
        !world
            .sections
            .keys()
            .any(|path| path.starts_with("guests/101/"))
    );
    assert!(
        !world
            .options
            .keys()
            .any(|path| path.starts_with("guests/101/"))
    );
    assert!(
        world
            .options
            .keys()
            .any(|path| path.starts_with("guests/102/"))
    );
}
