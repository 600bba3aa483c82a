//! Stories of nodes, across the files of their endpoints.

use serde_json::{Value, json};

use crate::pve::testing::{desk, desk_of, holds, strict_desk};

mod batch;
mod power;
mod settings;
mod upkeep;

/// The item of a list whose member has this value.
fn item(list: &Value, key: &str, value: &str) -> Value {
    let items = list.as_array().unwrap();
    let found = items.iter().find(|item| item[key] == value);
    found.cloned().unwrap_or(Value::Null)
}

/// Everything that can be read of a node is there in every release and of its declared type.
#[test]
fn everything_can_be_read() {
    for release in ["7.4", "8.4", "9.2"] {
        let desk = desk_of(release);
        for node in ["pve01", "pve02", "pve03", "localhost"] {
            for path in [
                "",
                "/status",
                "/version",
                "/network",
                "/network/vmbr0",
                "/dns",
                "/time",
                "/hosts",
                "/services",
                "/services/pveproxy",
                "/services/pveproxy/state",
                "/apt",
                "/apt/update",
                "/apt/versions",
                "/apt/repositories",
                "/apt/changelog?name=pve-manager",
                "/subscription",
                "/certificates",
                "/certificates/info",
                "/certificates/acme",
                "/capabilities",
                "/capabilities/qemu",
                "/capabilities/qemu/cpu",
                "/capabilities/qemu/machines",
                "/config",
                "/report",
                "/journal",
                "/syslog",
                "/netstat",
                "/hardware",
                "/hardware/pci",
                "/hardware/usb",
                "/hardware/pci/0000:00:02.0",
                "/hardware/pci/0000:00:02.0/mdev",
                "/rrd?timeframe=hour&ds=cpu",
                "/rrddata?timeframe=hour",
            ] {
                let got = desk.get(&format!("/nodes/{node}{path}"));
                let is_empty = got.as_array().is_some_and(Vec::is_empty);
                let may_be = path.ends_with("mdev");
                assert!(!is_empty || may_be, "{release} {node}{path}");
                assert_ne!(got, json!({}), "{release} {node}{path}");
            }
        }
        holds(&desk);
    }
    let desk = desk();
    desk.get("/nodes/pve01/capabilities/qemu/cpu-flags");
    desk.get("/nodes/pve01/capabilities/qemu/cpu?arch=aarch64");
    assert_eq!(
        desk.get("/nodes/pve01/capabilities/qemu/migration"),
        json!({"has-dbus-vmstate": true})
    );
}

#[test]
fn the_list_agrees_with_each() {
    let desk = desk();
    let list = desk.get("/nodes");
    assert_eq!(list.as_array().unwrap().len(), 3);
    for row in list.as_array().unwrap() {
        let node = row["node"].as_str().unwrap();
        let status = desk.get(&format!("/nodes/{node}/status"));
        assert_eq!(row["maxmem"], status["memory"]["total"]);
        assert_eq!(row["mem"], status["memory"]["used"]);
        assert_eq!(row["disk"], status["rootfs"]["used"]);
        assert_eq!(row["maxdisk"], status["rootfs"]["total"]);
        assert_eq!(row["maxcpu"], status["cpuinfo"]["cpus"]);
        assert_eq!(row["uptime"], status["uptime"]);
        assert_eq!(row["cpu"], status["cpu"]);
        assert!(status["loadavg"][0].is_string() && status["cpuinfo"]["mhz"].is_string());
        assert_eq!(status["pveversion"], "pve-manager/9.2.1/6f3e8a1c2b7d4e90");
        let certificates = desk.get(&format!("/nodes/{node}/certificates/info"));
        let own = item(&certificates, "filename", "pve-ssl.pem");
        assert_eq!(row["ssl_fingerprint"], own["fingerprint"]);
    }
    let boot = desk.get("/nodes/pve01/status")["boot-info"].clone();
    assert_eq!(boot, json!({"mode": "efi", "secureboot": 1}));
}

/// All see which nodes there are, as in the product; figures are for those who may audit.
#[test]
fn figures_are_for_those_who_may_see_them() {
    let mut desk = strict_desk();
    desk.log_in("root@pam");
    assert!(desk.get("/nodes")[0]["maxmem"].is_number());
    let user = {
        let world = desk.world();
        let users = world.access.directory.users.keys();
        let mut users = users.filter(|user| user.as_str() != "root@pam");
        users.next().unwrap().as_str().to_owned()
    };
    desk.change(|world| world.access.acl = crate::proxmox::acl::AccessList::default());
    desk.log_in(&user);
    let list = desk.get("/nodes");
    assert_eq!(list.as_array().unwrap().len(), 3);
    assert_eq!(
        (&list[0]["status"], &list[0]["maxmem"]),
        (&json!("online"), &Value::Null)
    );
    let got = desk.ask("GET /nodes/pve01/status", "");
    assert_eq!(
        got.status,
        "403 Permission check failed (/nodes/pve01, Sys.Audit)"
    );
    let subscription = desk.get("/nodes/pve01/subscription");
    assert_eq!(
        (&subscription["status"], &subscription["key"]),
        (&json!("active"), &Value::Null)
    );
}
