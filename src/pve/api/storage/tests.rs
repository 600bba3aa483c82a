//! Definitions come, change and go, and every endpoint that shows them agrees.

use serde_json::json;

use crate::pve::testing::{desk, desk_of, holds, strict_desk};

#[test]
fn lists_and_reads() {
    let desk = desk();
    let list = desk.get("/storage");
    let ids: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["storage"].clone())
        .collect();
    assert_eq!(
        ids,
        ["backup", "ceph-pool", "local", "local-lvm", "nfs-backup"]
    );
    let one = desk.get("/storage/nfs-backup");
    assert_eq!(one["type"], "nfs");
    assert_eq!(
        (&one["shared"], &one["content"]),
        (&json!(1), &json!("backup"))
    );
    assert_eq!(one["digest"].as_str().unwrap().len(), 40);
    assert_eq!(desk.get("/storage?type=rbd").as_array().unwrap().len(), 1);
    let got = desk.ask("GET /storage/nix", "");
    assert_eq!(got.status, "500 storage 'nix' does not exist");
}

const TYPES: [(&str, &str, &str); 22] = [
    ("dir", "path=/mnt/x/&content=iso,backup", "200"),
    ("dir", "", "500 missing value for required option 'path'"),
    (
        "dir",
        "path=/mnt/x&server=a",
        "500 unexpected property 'server'",
    ),
    (
        "dir",
        "path=/mnt/x&content=none,iso",
        "500 unable to combine 'none' with other content types",
    ),
    (
        "dir",
        "path=/a,b",
        "500 illegal path for directory storage: /a,b",
    ),
    ("nfs", "server=10.0.0.1&export=/srv", "200"),
    (
        "nfs",
        "server=10.0.0.1",
        "500 missing value for required option 'export'",
    ),
    (
        "nfs",
        "server=10.0.0.1&export=/srv&content=none",
        "500 storage does not support content type 'none'",
    ),
    (
        "cifs",
        "server=10.0.0.1&share=a&username=b&password=c",
        "200",
    ),
    ("cephfs", "", "200"),
    ("btrfs", "path=/mnt/b", "200"),
    ("lvm", "vgname=pve", "200"),
    ("lvmthin", "vgname=pve&thinpool=data", "200"),
    (
        "lvmthin",
        "vgname=pve",
        "500 missing value for required option 'thinpool'",
    ),
    ("zfspool", "pool=tank", "200"),
    (
        "zfs",
        "portal=10.0.0.1&target=iqn.a&pool=tank&blocksize=4k&iscsiprovider=LIO",
        "200",
    ),
    ("iscsi", "portal=10.0.0.1&target=iqn.a", "200"),
    ("iscsidirect", "portal=10.0.0.1&target=iqn.a", "200"),
    ("rbd", "pool=rbd", "200"),
    (
        "pbs",
        "server=10.0.0.1&datastore=a&username=root@pam&password=b",
        "200",
    ),
    ("esxi", "server=10.0.0.1&username=root&password=b", "200"),
    (
        "esxi",
        "server=10.0.0.1&username=root",
        "500 create storage failed: missing password",
    ),
];

#[test]
fn each_type_with_what_it_needs() {
    let desk = desk();
    let check = |kind: &str, options: &str, want: &str| {
        let id = format!("new-{kind}");
        let got = desk.ask(
            "POST /storage",
            &format!("storage={id}&type={kind}&{options}"),
        );
        assert_eq!(got.status, want, "{kind} {options}");
        if want == "200" {
            assert_eq!(got.data()["storage"], id);
            assert_eq!(desk.get(&format!("/storage/{id}"))["type"], kind);
            desk.must(&format!("DELETE /storage/{id}"), "");
        }
    };
    for (kind, options, want) in TYPES {
        check(kind, options, want);
    }

    holds(&desk);
}

#[test]
fn a_definition_lives() {
    let desk = desk();
    desk.must(
        "POST /storage",
        "storage=nas&type=nfs&server=10.0.0.1&export=/srv&content=iso,vztmpl&nodes=pve01,pve02",
    );
    let again = desk.ask("POST /storage", "storage=nas&type=dir&path=/x");
    assert_eq!(
        again.status,
        "500 create storage failed: storage ID 'nas' already defined"
    );
    let rows = desk.get("/nodes/pve01/storage?storage=nas");
    assert_eq!(rows[0]["active"], 1);
    let one = desk.get("/storage/nas");
    assert_eq!(
        (&one["path"], &one["nodes"]),
        (&json!("/mnt/pve/nas"), &json!("pve01,pve02"))
    );
    let check = |body: &str, want: &str| {
        let got = desk.ask("PUT /storage/nas", body);
        assert_eq!(got.status, want, "{body}");
    };
    check(
        "server=10.0.0.2",
        "500 update storage failed: can't change value of fixed parameter 'server'",
    );
    check(
        "delete=export",
        "500 update storage failed: unable to delete required option 'export'",
    );
    check(
        "delete=nix",
        "500 update storage failed: no such option 'nix'",
    );
    check(
        "disable=1&delete=disable",
        "500 update storage failed: cannot set and delete property 'disable' at the same time!",
    );
    check(
        "disable=1&digest=0000",
        "500 update storage failed: detected modified configuration - file changed by other user? Try again.",
    );
    check(
        "nodes=nix",
        "500 update storage failed: no such cluster node 'nix'",
    );
    check(
        &format!("disable=1&digest={}", one["digest"].as_str().unwrap()),
        "200",
    );
    holds(&desk);
}

#[test]
fn a_definition_goes() {
    let desk = desk();
    desk.must(
        "POST /storage",
        "storage=nas&type=nfs&server=10.0.0.1&export=/srv&content=iso,vztmpl&nodes=pve01,pve02",
    );
    desk.must("PUT /storage/nas", "disable=1");
    assert_eq!(desk.get("/storage/nas")["disable"], 1);
    assert_eq!(
        desk.get("/nodes/pve01/storage?enabled=1&storage=nas"),
        json!([])
    );
    desk.must("PUT /storage/nas", "delete=disable,nodes&content=iso");
    let one = desk.get("/storage/nas");
    assert_eq!((one.get("disable"), one.get("nodes")), (None, None));
    desk.must("DELETE /storage/nas", "");
    let got = desk.ask("DELETE /storage/nas", "");
    assert_eq!(
        got.status,
        "500 delete storage failed: storage 'nas' does not exist"
    );
    let got = desk.ask("PUT /storage/nas", "disable=1");
    assert_eq!(
        got.status,
        "500 update storage failed: storage 'nas' does not exist"
    );
    holds(&desk);
}

/// What the product leaves alone comes back when the definition does.
#[test]
fn what_lies_on_a_storage_stays_there() {
    let desk = desk();
    let volumes = desk.get("/nodes/pve01/storage/local-lvm/content");
    desk.must("DELETE /storage/local-lvm", "");
    holds(&desk);
    desk.must(
        "POST /storage",
        "storage=local-lvm&type=lvmthin&vgname=pve&thinpool=data&nodes=pve01",
    );
    assert_eq!(desk.get("/nodes/pve01/storage/local-lvm/content"), volumes);
    holds(&desk);
    let got = desk.ask("GET /nodes/pve02/storage/local-lvm/content", "");
    assert_eq!(
        got.status,
        "500 storage 'local-lvm' is not available on node 'pve02'"
    );
    desk.must("PUT /storage/local-lvm", "delete=nodes");
    assert_eq!(
        desk.get("/nodes/pve02/storage/local-lvm/content")
            .as_array()
            .unwrap()
            .len(),
        3
    );
    desk.must("PUT /storage/local", "content=iso");
    let left = desk.get("/nodes/pve01/storage/local/content");
    assert_eq!(left.as_array().unwrap().len(), 1);
    desk.must(
        "PUT /storage/local",
        "content=iso,vztmpl,snippets,import&shared=1",
    );
    holds(&desk);
    assert_eq!(
        desk.get("/nodes/pve03/storage/local/content")
            .as_array()
            .unwrap()
            .len(),
        4
    );
    assert!(desk.world().hidden.is_empty());
}

#[test]
fn keys_are_shown_once() {
    let desk = desk();
    let made = desk.must("POST /storage", "storage=pbs&type=pbs&server=a.example&datastore=b&username=root@pam&password=c&encryption-key=autogen");
    let key = made["config"]["encryption-key"].as_str().unwrap();
    assert!(key.contains("fingerprint"));
    let one = desk.get("/storage/pbs");
    assert_eq!(one.get("password"), None);
    assert_eq!(one["encryption-key"].as_str().unwrap().len(), 95);
    let got = desk.ask("PUT /storage/pbs", "encryption-key=x");
    assert!(
        got.status.contains("JSON formatted encryption key!"),
        "{got:?}"
    );
    desk.must("PUT /storage/pbs", "delete=encryption-key");
    assert_eq!(desk.get("/storage/pbs").get("encryption-key"), None);
}

#[test]
fn older_releases_have_their_types() {
    let desk = desk_of("7.4");
    desk.must(
        "POST /storage",
        "storage=gl&type=glusterfs&volume=v&server=a.example",
    );
    assert_eq!(desk.get("/storage/gl")["path"], "/mnt/pve/gl");
}

#[test]
fn who_sees_what() {
    let mut desk = strict_desk();
    desk.log_in("auditor@pve");
    assert!(!desk.get("/storage").as_array().unwrap().is_empty());
    let got = desk.ask("POST /storage", "storage=x1&type=dir&path=/x");
    assert_eq!(
        got.status,
        "403 Permission check failed (/storage, Datastore.Allocate)"
    );
}
