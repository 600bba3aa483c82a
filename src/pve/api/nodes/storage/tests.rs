//! Storages of a node as clients use them: looked at, filled, emptied.

use serde_json::{Value, json};

use crate::pve::testing::{desk, desk_of, holds, strict_desk};
use crate::pve::world::World;

mod files;

mod volumes;

type Desk = crate::proxmox::service::testing::Desk<World>;

const LOCAL: &str = "/nodes/pve01/storage/local";
const BACKUP: &str = "/nodes/pve01/storage/backup";

fn ids(list: &Value) -> Vec<&str> {
    let rows = list.as_array().unwrap().iter();
    rows.map(|row| row["volid"].as_str().unwrap()).collect()
}

#[test]
fn which_storages_a_node_has() {
    let desk = desk();
    let check = |query: &str, want: &[&str]| {
        let list = desk.get(&format!("/nodes/pve01/storage{query}"));
        let rows = list.as_array().unwrap().iter();
        let got: Vec<_> = rows.map(|row| row["storage"].as_str().unwrap()).collect();
        assert_eq!(got, want, "{query}");
    };
    check(
        "",
        &["backup", "ceph-pool", "local", "local-lvm", "nfs-backup"],
    );
    check("?content=backup", &["backup", "nfs-backup"]);
    check("?content=iso,rootdir", &["ceph-pool", "local", "local-lvm"]);
    check("?target=pve02", &["backup", "ceph-pool", "nfs-backup"]);
    check("?storage=local&enabled=1", &["local"]);
    let got = desk.ask("GET /nodes/pve01/storage?storage=nix", "");
    assert_eq!(got.body["errors"]["storage"], "No such storage.");
    desk.must("PUT /storage/ceph-pool", "nodes=pve02");
    check("?content=images", &["local", "local-lvm"]);
    let row = desk.get("/nodes/pve01/storage?storage=ceph-pool&format=1")[0].clone();
    assert_eq!((&row["enabled"], &row["active"]), (&json!(0), &json!(0)));
    assert_eq!(row["formats"]["supported"], json!(["raw"]));
    holds(&desk);
}

#[test]
fn how_full_it_is() {
    let desk = desk();
    let status = desk.get("/nodes/pve01/storage/backup/status");
    assert_eq!(status["total"].as_u64(), Some(2 << 40));
    let sum = status["used"].as_u64().unwrap() + status["avail"].as_u64().unwrap();
    assert_eq!(sum, 2 << 40);
    let got = desk.ask("GET /nodes/pve01/storage/nix/status", "");
    assert_eq!(got.status, "400 Parameter verification failed.");
    assert_eq!(desk.get(&format!("{LOCAL}/identity"))["type"], "dir");
    let points = desk.get(&format!("{LOCAL}/rrddata?timeframe=hour"));
    let last = points.as_array().unwrap().last().unwrap();
    assert_eq!(
        (points.as_array().unwrap().len(), &last["total"]),
        (60, &json!(96_u64 << 30))
    );
    desk.get(&format!("{LOCAL}/rrd?timeframe=day&ds=used"));
    let index = desk.get(LOCAL);
    assert!(
        index
            .as_array()
            .unwrap()
            .contains(&json!({"subdir": "content"}))
    );
}

#[test]
fn looking_around() {
    for release in ["9.2", "8.4", "7.4"] {
        let desk = desk_of(release);
        assert_eq!(desk.get("/nodes/pve01/scan/lvm")[0]["vg"], "pve");
        assert_eq!(
            desk.get("/nodes/pve01/scan/lvmthin?vg=pve")[0]["lv"],
            "data"
        );
        assert_eq!(desk.get("/nodes/pve01/scan/zfs")[0]["pool"], "tank");
        assert_eq!(
            desk.get("/nodes/pve01/scan/nfs?server=10.10.20.5")[0]["path"],
            "/export/backup"
        );
        assert_eq!(
            desk.get("/nodes/pve01/scan/cifs?server=10.10.20.5")[0]["share"],
            "public"
        );
        desk.get("/nodes/pve01/scan/iscsi?portal=10.10.20.5");
        desk.get("/nodes/pve01/scan/pbs?server=10.10.20.5&username=root@pam&password=x");
        desk.get("/nodes/pve01/storage?format=1");
        desk.get("/nodes/pve01/storage/local/content");
        desk.get("/nodes/pve01/scan");
    }
    desk_of("8.4").get("/nodes/pve01/scan/glusterfs?server=10.0.0.1");
}

#[test]
fn who_may() {
    let mut desk = strict_desk();
    desk.log_in("auditor@pve");
    let all = desk.get(&format!("{BACKUP}/content"));
    assert_eq!(all, json!([]));
    let got = desk.ask(
        &format!("DELETE {LOCAL}/content/iso/debian-12.9.0-amd64-netinst.iso"),
        "",
    );
    assert_eq!(
        got.status,
        "403 Permission check failed (/storage/local, Datastore.Allocate)"
    );
}
