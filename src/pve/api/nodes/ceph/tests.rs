//! Ceph: what it shows, and what becomes of it.

use serde_json::{Value, json};

use crate::personality::WorldSource;
use crate::proxmox::service::testing::Desk;
use crate::pve::testing::{desk, desk_of, holds};
use crate::pve::world::World;

const BASE: &str = "/nodes/pve01/ceph";

fn names(list: &Value, key: &str) -> Vec<String> {
    let rows = list.as_array().unwrap().iter();
    rows.map(|row| row[key].as_str().unwrap().to_owned())
        .collect()
}

fn stores(desk: &Desk<World>) -> Vec<Value> {
    let tree = desk.get(&format!("{BASE}/osd"));
    let hosts = tree["root"]["children"][0]["children"].as_array().unwrap();
    let leaves = hosts
        .iter()
        .flat_map(|host| host["children"].as_array().unwrap());
    leaves.cloned().collect()
}

#[test]
fn everything_answers() {
    let desk = desk();
    for path in [
        "",
        "/cfg",
        "/cfg/db",
        "/cfg/raw",
        "/crush",
        "/fs",
        "/log",
        "/mds",
        "/mgr",
        "/mon",
        "/osd",
        "/osd/0",
        "/osd/0/lv-info",
        "/osd/0/metadata",
        "/pool",
        "/pool/rbd",
        "/pool/rbd/status?verbose=1",
        "/rules",
        "/status",
        "/cmd-safety?action=stop&service=mon&id=pve01",
        "/cfg/value?config-keys=global:osd-pool-default-size",
    ] {
        desk.get(&format!("{BASE}{path}"));
    }
    for path in [
        "",
        "/flags",
        "/flags/noout",
        "/metadata",
        "/metadata?scope=versions",
        "/status",
    ] {
        desk.get(&format!("/cluster/ceph{path}"));
    }
    let status = desk.get("/cluster/ceph/status");
    assert_eq!(status["health"]["status"], "HEALTH_OK");
    assert_eq!(status["osdmap"]["num_up_osds"], 3);
    assert_eq!(status["quorum_names"], json!(["pve01", "pve02", "pve03"]));
    let value = desk.get(&format!(
        "{BASE}/cfg/value?config-keys=global:osd-pool-default-size"
    ));
    assert_eq!(value, json!({"global": {"osd-pool-default-size": "3"}}));
    let older = desk_of("7.4");
    for path in [
        "/config",
        "/configdb",
        "/pools",
        "/pools/rbd",
        "/osd",
        "/mon",
        "/fs",
    ] {
        older.get(&format!("{BASE}{path}"));
    }
}

#[test]
fn truth_values_are_passed_on() {
    let desk = desk();
    for (path, place, wanted) in [
        (
            "cmd-safety?action=stop&service=mon&id=pve01",
            "/safe",
            json!(true),
        ),
        ("mon", "/0/service", json!(true)),
        ("mon", "/0/quorum", json!(1)),
        ("status", "/mgrmap/available", json!(true)),
        ("pool/rbd/status", "/nodelete", json!(false)),
        ("osd/0/metadata", "/devices/0/support_discard", json!(true)),
    ] {
        let answer = desk.get(&format!("{BASE}/{path}"));
        assert_eq!(answer.pointer(place), Some(&wanted), "{path}");
    }
}

#[test]
fn pools_hold_what_storages_hold() {
    let desk = desk();
    let pools = desk.get(&format!("{BASE}/pool"));
    let pool = pools
        .as_array()
        .unwrap()
        .iter()
        .find(|pool| pool["pool_name"] == "rbd")
        .unwrap()
        .clone();
    let storage = desk.get("/cluster/resources?type=storage");
    let storage = storage
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["storage"] == "ceph-pool")
        .unwrap()
        .clone();
    let used = storage["disk"].as_u64().unwrap();
    assert_eq!(pool["bytes_used"].as_u64().unwrap(), 3 * used);
    let status = desk.get(&format!("{BASE}/status"));
    assert!(status["pgmap"]["bytes_used"].as_u64().unwrap() >= 3 * used);
}

#[test]
fn a_life_of_a_pool() {
    let desk = desk();
    let upid = desk.task(
        &format!("POST {BASE}/pool"),
        "name=fast&size=2&add_storages=1",
    );
    assert!(upid.contains(":cephcreatepool:fast:"), "{upid}");
    assert!(names(&desk.get(&format!("{BASE}/pool")), "pool_name").contains(&"fast".to_owned()));
    let all = desk.get("/cluster/resources?type=storage");
    assert!(names(&all, "id").contains(&"storage/pve02/fast".to_owned()));
    let got = desk.ask(&format!("POST {BASE}/pool"), "name=fast");
    assert_eq!(got.status, "500 pool 'fast' already exists");
    desk.task(&format!("PUT {BASE}/pool/fast"), "size=3&pg_num=64");
    let status = desk.get(&format!("{BASE}/pool/fast/status"));
    assert_eq!(
        (&status["size"], &status["pg_num"]),
        (&json!(3), &json!(64))
    );
    desk.task(&format!("DELETE {BASE}/pool/fast?remove_storages=1"), "");
    let all = desk.get("/cluster/resources?type=storage");
    assert!(!names(&all, "id").contains(&"storage/pve02/fast".to_owned()));
    let kept = desk.must(&format!("DELETE {BASE}/pool/rbd"), "");
    let exit = desk.exit_status(kept.as_str().unwrap());
    assert_eq!(exit, "ceph pool 'rbd' still in use by storage 'ceph-pool'");
    let kept = desk.must(&format!("DELETE {BASE}/pool/cephfs_data?force=1"), "");
    let exit = desk.exit_status(kept.as_str().unwrap());
    assert_eq!(
        exit,
        "mon_cmd failed - pool 'cephfs_data' is in use by CephFS"
    );
    holds(&desk);
}

#[test]
fn a_life_of_a_store() {
    let desk = desk();
    let create = format!("POST {BASE}/osd");
    assert_eq!(
        desk.ask(&create, "dev=/dev/sda").status,
        "500 device '/dev/sda' is already in use"
    );
    let text = "500 unable to get device info for '/dev/sdz'";
    assert_eq!(desk.ask(&create, "dev=/dev/sdz").status, text);
    let upid = desk.task(&create, "dev=/dev/sdd");
    assert!(upid.contains(":cephcreateosd:sdd:"), "{upid}");
    assert_eq!(stores(&desk).len(), 4);
    let check = |id: &str, want: &str| {
        let got = desk.ask(&format!("DELETE {BASE}/osd/{id}"), "");
        assert_eq!(got.status, format!("500 {want}"));
    };
    check("3", "osd is in use (in == 1)");
    check("1", "OSD osd.1 does not belong to node pve01!");
    check("9", "no such OSD '9'");
    assert_eq!(
        desk.must(&format!("POST {BASE}/osd/3/out"), ""),
        Value::Null
    );
    check("3", "osd is still running");
    desk.task(&format!("POST {BASE}/stop"), "service=osd.3");
    let store = stores(&desk)
        .into_iter()
        .find(|store| store["id"] == "3")
        .unwrap();
    assert_eq!(
        (&store["status"], &store["in"]),
        (&json!("down"), &json!(0))
    );
    let health = desk.get(&format!("{BASE}/status"))["health"]["status"].clone();
    assert_eq!(health, "HEALTH_WARN");
    desk.task(&format!("DELETE {BASE}/osd/3?cleanup=1"), "");
    assert_eq!(stores(&desk).len(), 3);
    desk.task(&create, "dev=/dev/sdd");
}

#[test]
fn daemons_come_and_go() {
    let desk = desk();
    let upid = desk.task("DELETE /nodes/pve03/ceph/mon/pve03", "");
    assert!(upid.contains(":cephdestroymon:mon.pve03:"), "{upid}");
    assert_eq!(
        names(&desk.get(&format!("{BASE}/mon")), "name"),
        ["pve01", "pve02"]
    );
    desk.task("DELETE /nodes/pve02/ceph/mon/pve02", "");
    let got = desk.ask(&format!("DELETE {BASE}/mon/pve01"), "");
    assert_eq!(got.status, "500 can't remove last monitor");
    desk.task("POST /nodes/pve02/ceph/mon/pve02", "");
    let got = desk.ask("POST /nodes/pve02/ceph/mon/pve02", "");
    assert_eq!(got.status, "500 monitor 'pve02' already exists");
    desk.task("POST /nodes/pve02/ceph/mds/second", "");
    assert!(names(&desk.get(&format!("{BASE}/mds")), "name").contains(&"second".to_owned()));
    desk.task("DELETE /nodes/pve02/ceph/mds/second", "");
    desk.task(&format!("DELETE {BASE}/mgr/pve01"), "");
    let managers = desk.get(&format!("{BASE}/mgr"));
    assert_eq!(managers[0]["state"], "active");
    desk.task(&format!("POST {BASE}/mgr/pve01"), "");
}

#[test]
fn file_systems() {
    let desk = desk();
    let upid = desk.task(&format!("POST {BASE}/fs/second"), "add-storage=1&pg_num=64");
    assert!(upid.contains(":cephfscreate:second:"), "{upid}");
    let list = desk.get(&format!("{BASE}/fs"));
    assert!(names(&list, "data_pool").contains(&"second_data".to_owned()));
    let got = desk.ask(&format!("POST {BASE}/fs/second"), "");
    assert_eq!(got.status, "500 ceph fs 'second' already exists");
    desk.task(&format!("DELETE {BASE}/fs/cephfs?remove-pools=1"), "");
    assert_eq!(names(&desk.get(&format!("{BASE}/fs")), "name"), ["second"]);
}

#[test]
fn flags() {
    let desk = desk();
    assert_eq!(
        desk.must("PUT /cluster/ceph/flags/noout", "value=1"),
        Value::Null
    );
    assert_eq!(desk.get("/cluster/ceph/flags/noout"), 1);
    assert_eq!(desk.get(&format!("{BASE}/osd"))["flags"], "noout");
    let upid = desk.task("PUT /cluster/ceph/flags", "noout=0&noscrub=1");
    assert!(upid.contains(":cephsetflags::"), "{upid}");
    assert_eq!(desk.get("/cluster/ceph/flags/noout"), 0);
    let status = desk.get("/cluster/ceph/status");
    assert_eq!(status["health"]["status"], "HEALTH_WARN");
}

#[test]
fn before_there_is_one() {
    let desk = Desk::with(crate::pve::blueprint(), |setup| {
        setup.world = WorldSource::Empty;
    });
    let got = desk.ask("GET /nodes/pve/ceph/status", "");
    assert_eq!(got.status, "500 pveceph configuration not initialized");
    assert_eq!(
        desk.must("POST /nodes/pve/ceph/init", "network=192.168.1.0/24"),
        Value::Null
    );
    assert_eq!(desk.get("/nodes/pve/ceph/mon"), json!([]));
    desk.task("POST /nodes/pve/ceph/mon/pve", "");
    assert_eq!(names(&desk.get("/nodes/pve/ceph/mgr"), "name"), ["pve"]);
    assert_eq!(
        desk.get("/nodes/pve/ceph/status")["quorum_names"],
        json!(["pve"])
    );
}
