//! Migration: what is refused at once, what the task refuses, and where everything is afterwards.

use super::*;
use crate::pve::world::ids::Shelf;

/// Without snapshots, which keep local disks where they are.
fn plain(desk: &Desk<World>, number: u32) {
    set(desk, number, |guest| {
        guest.snapshots.clear();
        guest.parent = None;
    });
}

fn shelf(text: &str) -> Shelf {
    text.parse().unwrap()
}

#[test]
fn refusals() {
    let desk = desk();
    let check = |line: &str, body: &str, want: &str| {
        assert_eq!(
            outcome(&desk, &format!("POST {line}"), body),
            want,
            "{line} {body}"
        );
    };
    let machine = "/nodes/pve01/qemu/101/migrate";
    let got = desk.ask(&format!("POST {machine}"), "target=pve01");
    assert!(got.status.starts_with("400"), "{got:?}");
    assert_eq!(got.body["errors"]["target"], "target is local node.");
    check(machine, "target=pve09", "500 no such cluster node 'pve09'");
    check(
        machine,
        "target=pve02",
        "500 can't migrate running VM without --online",
    );
    check(machine, "target=pve02&online=1", "migration aborted");
    check(
        "/nodes/pve01/qemu/103/migrate",
        "target=pve03&online=1",
        "500 Cannot live-migrate replicated VM to node 'pve03' - not a replication target. Use 'force' to override.",
    );
    let storage = "500 storage 'nowhere' does not exist";
    check(
        machine,
        "target=pve02&online=1&targetstorage=nowhere",
        storage,
    );
    let container = "/nodes/pve01/lxc/102/migrate";
    let text = "500 can't migrate running container without --online or --restart";
    check(container, "target=pve02", text);
    check(container, "target=pve02&online=1", "migration aborted");
    lock(&desk, 101, Some(Lock::Backup));
    check(
        machine,
        "target=pve02&online=1",
        "500 VM is locked (backup)",
    );
    holds(&desk);
}

#[test]
fn shared_disks_stay_where_they_are() {
    let desk = desk();
    let upid = desk.task(
        "POST /nodes/pve03/qemu/106/migrate",
        "target=pve02&online=1",
    );
    assert!(upid.contains(":hamigrate:106:"), "{upid}");
    let gone = desk.ask("GET /nodes/pve03/qemu/106/config", "");
    assert!(gone.status.contains("does not exist"), "{gone:?}");
    let current = desk.get("/nodes/pve02/qemu/106/status/current");
    assert_eq!(current["status"], "running");
    assert_ne!(current["uptime"], 0);
    assert_eq!(desk.get("/nodes/pve02/qemu/106/config").get("lock"), None);
    holds(&desk);
}

#[test]
fn local_disks_go_along() {
    let desk = desk();
    plain(&desk, 101);
    let line = "POST /nodes/pve01/qemu/101/migrate";
    assert_eq!(
        outcome(&desk, line, "target=pve02&online=1"),
        "migration aborted"
    );
    desk.task(line, "target=pve02&online=1&with-local-disks=1");
    let world = desk.world();
    assert!(world.volumes[&shelf("local-lvm@pve02")].contains_key("vm-101-disk-0"));
    assert!(!world.volumes[&shelf("local-lvm@pve01")].contains_key("vm-101-disk-0"));
    holds(&desk);
    let back = "target=pve01&online=1&with-local-disks=1&targetstorage=local-lvm:local";
    desk.task("POST /nodes/pve02/qemu/101/migrate", back);
    let config = desk.get("/nodes/pve01/qemu/101/config");
    let disk = "local:101/vm-101-disk-0.raw,iothread=1,size=20G";
    assert_eq!(config["scsi0"], disk);
    holds(&desk);
}

#[test]
fn stopped_guests_and_containers() {
    let desk = desk();
    plain(&desk, 105);
    plain(&desk, 102);
    desk.task("POST /nodes/pve02/qemu/105/migrate", "target=pve03");
    assert_eq!(
        desk.get("/nodes/pve03/qemu/105/status/current")["status"],
        "stopped"
    );
    desk.task(
        "POST /nodes/pve01/lxc/102/migrate",
        "target=pve03&restart=1",
    );
    let current = desk.get("/nodes/pve03/lxc/102/status/current");
    assert_eq!(
        (&current["status"], &current["uptime"]),
        (&json!("running"), &json!(0))
    );
    holds(&desk);
}

#[test]
fn a_replica_turns_round() {
    let desk = desk();
    plain(&desk, 103);
    let body = "target=pve02&online=1&with-local-disks=1";
    desk.task("POST /nodes/pve01/qemu/103/migrate", body);
    let world = desk.world();
    let job = &world.replication[&"103-0".parse().unwrap()];
    assert_eq!(job.target.as_str(), "pve01");
    assert_eq!(world.guests[&vmid(103)].node.as_str(), "pve02");
    holds(&desk);
}

#[test]
fn preconditions() {
    let desk = desk();
    let got = desk.get("/nodes/pve01/qemu/101/migrate");
    assert_eq!(got["running"], 1);
    assert_eq!(got["local_disks"][0]["volid"], "local-lvm:vm-101-disk-0");
    assert_eq!(got["local_disks"][0]["size"], 20_u64 << 30);
    assert_eq!(got["allowed_nodes"], json!(["pve02", "pve03"]));
    let got = desk.get("/nodes/pve01/lxc/108/migrate");
    assert_eq!(got["dependent-ha-resources"], json!(["vm:103"]));
    for release in ["7.4", "8.4"] {
        let got = desk_of(release).get("/nodes/pve02/qemu/105/migrate");
        assert_eq!(got["allowed_nodes"], json!(["pve01", "pve03"]));
    }
}

#[test]
fn elsewhere() {
    let desk = desk();
    let line = "POST /nodes/pve02/qemu/105/remote_migrate";
    let rest = "target-bridge=vmbr0&target-storage=local-lvm";
    let endpoint = "target-endpoint=host=10.9.9.9,apitoken=PVEAPIToken%3Droot@pam!x%3D0";
    let got = desk.ask(
        line,
        &format!(
            "{rest}&{}",
            endpoint
                .replace("host=", "host%3D")
                .replace("apitoken=", "apitoken%3D")
        ),
    );
    assert!(got.status.starts_with("200"), "{got:?}");
    let got = desk.ask(line, &format!("{rest}&target-endpoint=nobody"));
    assert!(got.status.starts_with("400"), "{got:?}");
    let tunnel = desk.must("POST /nodes/pve02/qemu/900/mtunnel", "");
    assert!(tunnel["ticket"].as_str().unwrap().starts_with("PVETUNNEL:"));
    let taken = desk.ask("POST /nodes/pve02/qemu/105/mtunnel", "");
    assert_eq!(taken.status, "500 VM 105 already exists on node 'pve02'");
}
