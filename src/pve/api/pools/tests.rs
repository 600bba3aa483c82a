//! Pools, in both shapes of their paths.

use serde_json::{Value, json};

use crate::pve::testing::{desk, desk_of, holds, strict_desk};

#[test]
fn lists_and_members() {
    let desk = desk();
    let list = desk.get("/pools");
    assert_eq!(list[0]["poolid"], "production");
    assert_eq!(list[0].get("members"), None);
    let one = desk.get("/pools?poolid=production");
    assert_eq!(one[0]["poolid"], "production");
    let members = one[0]["members"].as_array().unwrap();
    assert_eq!(members.len(), 7);
    let storage = members.last().unwrap();
    assert_eq!(storage["id"], "storage/pve01/ceph-pool");
    let older = desk.get("/pools/production");
    assert_eq!(older["members"], one[0]["members"]);
    assert_eq!(older.get("poolid"), None);
    let machines = desk.get("/pools?poolid=production&type=qemu");
    let all = desk.get("/cluster/resources?type=vm");
    for member in machines[0]["members"].as_array().unwrap() {
        assert!(all.as_array().unwrap().contains(member));
    }
}

#[test]
fn a_life_of_a_pool() {
    let desk = desk();
    for (line, body) in [
        ("POST /pools", "poolid=lab&comment=Mine"),
        ("POST /pools", "poolid=lab/inner"),
        ("PUT /pools", "poolid=lab/inner&storage=local"),
        ("PUT /pools/lab", "vms=105,110&comment=Ours"),
        ("PUT /pools", "poolid=lab&vms=103&allow-move=1"),
        ("PUT /pools/lab", "vms=110&delete=1"),
    ] {
        assert_eq!(desk.must(line, body), Value::Null);
        holds(&desk);
    }
    let pool = desk.get("/pools/lab");
    assert_eq!(pool["comment"], "Ours");
    let ids: Vec<_> = pool["members"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["id"])
        .collect();
    assert_eq!(ids, ["qemu/103", "qemu/105"]);
    let all = desk.get("/cluster/resources?type=vm");
    let pool_of = |vmid: u64| {
        let rows = all.as_array().unwrap();
        rows.iter().find(|row| row["vmid"] == vmid).unwrap()["pool"].clone()
    };
    assert_eq!(pool_of(103), "lab");
    assert_eq!(pool_of(110), Value::Null);
    let inner = desk.get("/pools?poolid=lab/inner");
    assert_eq!(inner[0]["members"][0]["id"], "storage/pve01/local");
    let got = desk.ask("DELETE /pools/lab", "");
    let text = "500 delete pool failed: pool 'lab' is not empty (contains pool 'lab/inner')";
    assert_eq!(got.status, text);
    desk.must("PUT /pools", "poolid=lab/inner&storage=local&delete=1");
    desk.must("DELETE /pools?poolid=lab/inner", "");
    let got = desk.ask("DELETE /pools/lab", "");
    let text = "500 delete pool failed: pool 'lab' is not empty (contains VM 103)";
    assert_eq!(got.status, text);
    desk.must("PUT /pools/lab", "vms=103,105&delete=1");
    desk.must("DELETE /pools/lab", "");
    assert_eq!(
        desk.ask("GET /pools/lab", "").status,
        "500 pool 'lab' does not exist"
    );
    let older = desk_of("7.4");
    older.must("POST /pools", "poolid=old");
    older.must("PUT /pools/old", "vms=105");
    assert_eq!(older.get("/pools/old")["members"][0]["vmid"], 105);
}

#[test]
fn what_is_refused() {
    let desk = desk();
    let check = |line: &str, body: &str, want: &str| {
        let before = desk.world();
        assert_eq!(
            desk.ask(line, body).status,
            format!("500 {want}"),
            "{line} {body}"
        );
        assert_eq!(desk.world(), before);
    };
    check(
        "POST /pools",
        "poolid=tests",
        "create pool failed: pool 'tests' already exists",
    );
    check(
        "POST /pools",
        "poolid=a/b",
        "create pool failed: parent 'a' of pool 'a/b' does not exist",
    );
    check(
        "PUT /pools/no",
        "comment=x",
        "update pools failed: pool 'no' does not exist",
    );
    check(
        "DELETE /pools/no",
        "",
        "delete pool failed: pool 'no' does not exist",
    );
    check(
        "PUT /pools/tests",
        "vms=101",
        "update pools failed: VM 101 is already a pool member",
    );
    check(
        "PUT /pools/tests",
        "vms=105,103",
        "update pools failed: VM 103 belongs already to pool 'production' and 'allow-move' is not set",
    );
    check(
        "PUT /pools/tests",
        "vms=103&delete=1",
        "update pools failed: VM 103 is not a pool member",
    );
    check(
        "PUT /pools/production",
        "storage=ceph-pool",
        "update pools failed: Storage 'ceph-pool' is already a pool member",
    );
}

#[test]
fn only_what_the_caller_may_see() {
    let mut desk = strict_desk();
    desk.log_in("ci@pve");
    assert_eq!(desk.get("/pools"), json!([]));
    let got = desk.ask("GET /pools/production", "");
    assert_eq!(
        got.status,
        "403 Permission check failed (/pool/production, Pool.Audit)"
    );
}
