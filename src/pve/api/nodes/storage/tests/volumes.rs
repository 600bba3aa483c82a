//! What lies on a storage, made and removed.

use serde_json::{Value, json};

use super::{BACKUP, LOCAL, holds, ids};
use crate::pve::testing::desk;

#[test]
fn what_lies_there() {
    let desk = desk();
    let check = |query: &str, count: usize| {
        let list = desk.get(query);
        assert_eq!(list.as_array().unwrap().len(), count, "{query}");
    };
    check("/nodes/pve01/storage/local/content", 4);
    check("/nodes/pve01/storage/local/content?content=iso", 1);
    check("/nodes/pve01/storage/local-lvm/content?vmid=102", 2);
    check("/nodes/pve01/storage/backup/content?content=backup", 11);
    check("/nodes/pve02/storage/backup/content?vmid=104", 2);
    let one = "vzdump-qemu-101-2026_01_01-00_00_00.vma.zst";
    let list = desk.get(&format!("{BACKUP}/content?vmid=101"));
    assert_eq!(
        list[0],
        json!({
            "volid": format!("backup:101/{one}"), "content": "backup", "format": "vma.zst",
            "size": 1_610_612_736, "ctime": 1_767_225_600, "vmid": 101, "subtype": "qemu",
            "notes": "e2e-qemu-101", "protected": 1,
        })
    );
    // A volume by its name, by its whole id, and with its slash encoded.
    let other = "vzdump-qemu-103-2026_01_01-00_00_00.vma.zst";
    for volume in [
        format!("backup/{other}"),
        format!("backup:backup/{other}"),
        format!("backup%3Abackup%2F{other}"),
    ] {
        let item = desk.must(&format!("GET {BACKUP}/content/{volume}"), "");
        assert_eq!(item["path"], format!("/mnt/backup/dump/{other}"));
        assert_eq!(item["format"], "raw");
    }
    // Under the number of its guest, as testers' files have it.
    let item = desk.must(&format!("GET {BACKUP}/content/101/{one}"), "");
    assert_eq!(item["protected"], 1);
    let check = |volume: &str, want: &str| {
        let got = desk.ask(&format!("GET {LOCAL}/content/{volume}"), "");
        assert_eq!(got.status, want);
    };
    check(
        "iso/nix.iso",
        "500 volume_size_info on 'local:iso/nix.iso' failed - no format",
    );
    check(
        "iso/nix",
        "500 unable to parse directory volume name 'iso/nix'",
    );
    check("other:iso/a.iso", "400 Parameter verification failed.");
    let got = desk.ask("GET /nodes/pve01/storage/nix/content/iso/a.iso", "");
    assert_eq!(got.status, "500 storage 'nix' does not exist");
    let got = desk.ask("GET /nodes/pve01/storage/nix/content", "");
    assert_eq!(got.status, "500 storage 'nix' does not exist");
}

#[test]
fn notes_and_protection() {
    let desk = desk();
    let volume = format!("{BACKUP}/content/backup/vzdump-qemu-103-2026_01_01-00_00_00.vma.zst");
    desk.must(&format!("PUT {volume}"), "notes=one%0Atwo&protected=1");
    let item = desk.get(&volume);
    assert_eq!(
        (&item["notes"], &item["protected"]),
        (&json!("one\ntwo"), &json!(1))
    );
    let list = desk.get(&format!("{BACKUP}/content?vmid=103"));
    assert_eq!(list[0]["notes"], "one");
    let upid = desk.must(&format!("DELETE {volume}"), "");
    let upid = upid.as_str().unwrap();
    assert!(upid.contains(":imgdel:103@backup:root@pam:"), "{upid}");
    assert!(
        desk.exit_status(upid)
            .starts_with("cannot remove protected volume")
    );
    desk.must(&format!("PUT {volume}"), "protected=0");
    desk.task(&format!("DELETE {volume}"), "");
    assert_eq!(
        desk.get(&format!("{BACKUP}/content?vmid=103"))
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let got = desk.ask(
        &format!("PUT {LOCAL}/content/iso/debian-12.9.0-amd64-netinst.iso"),
        "notes=a",
    );
    assert_eq!(got.status, "500 only backups can have notes");
    desk.must("PUT /storage/backup", "max-protected-backups=1");
    let other = format!("{BACKUP}/content/backup/vzdump-qemu-104-2026_01_0");
    desk.must(&format!("PUT {other}1-00_30_00.vma.zst"), "protected=1");
    let got = desk.ask(&format!("PUT {other}4-02_00_00.vma.zst"), "protected=1");
    assert_eq!(
        got.status,
        "500 The number of protected backups per guest is limited to 1 on storage 'backup'"
    );
    holds(&desk);
}

const MADE: [(&str, &str, &str); 9] = [
    (
        "local",
        "vmid=101&filename=vm-101-disk-7.qcow2&size=1G",
        "local:101/vm-101-disk-7.qcow2",
    ),
    (
        "local",
        "vmid=101&filename=vm-101-disk-7.qcow2&size=1G",
        "500 disk image '/var/lib/vz/images/101/vm-101-disk-7.qcow2' already exists",
    ),
    (
        "local",
        "vmid=101&filename=vm-101-disk-8&size=1G",
        "500 unable to parse volume filename 'vm-101-disk-8'",
    ),
    (
        "local",
        "vmid=101&filename=vm-101-disk-8.raw&size=1G&format=qcow2",
        "400 Parameter verification failed.",
    ),
    (
        "local-lvm",
        "vmid=101&filename=vm-101-disk-8&size=1024",
        "local-lvm:vm-101-disk-8",
    ),
    (
        "local-lvm",
        "vmid=101&filename=x&size=1M",
        "500 illegal name 'x' - should be 'vm-101-*'",
    ),
    (
        "local-lvm",
        "vmid=101&filename=vm-101-x&size=1M&format=qcow2",
        "500 unsupported format 'qcow2'",
    ),
    (
        "local",
        "vmid=101&filename=a.raw&size=99999999999999999999G",
        "400 Parameter verification failed.",
    ),
    (
        "backup",
        "vmid=101&filename=a.raw&size=1M",
        "500 storage 'backup' does not support content-type 'images'",
    ),
];

#[test]
fn disks_are_made() {
    let desk = desk();
    let check = |storage: &str, form: &str, want: &str| {
        let line = format!("POST /nodes/pve01/storage/{storage}/content");
        let got = desk.ask(&line, form);
        let answer = got
            .data()
            .as_str()
            .map_or(got.status.clone(), str::to_owned);
        assert_eq!(answer, want, "{storage} {form}");
    };
    for (storage, form, want) in MADE {
        check(storage, form, want);
    }

    holds(&desk);
}

#[test]
fn disks_go() {
    let desk = desk();
    desk.must(
        "POST /nodes/pve01/storage/local-lvm/content",
        "vmid=101&filename=vm-101-disk-8&size=1024",
    );
    desk.must(
        &format!("POST {LOCAL}/content"),
        "vmid=101&filename=vm-101-disk-7.qcow2&size=1G",
    );
    let made = desk.get("/nodes/pve01/storage/local-lvm/content/vm-101-disk-8");
    assert_eq!(made["size"], 1 << 20);
    assert_eq!(
        desk.task(
            "DELETE /nodes/pve01/storage/local-lvm/content/vm-101-disk-8",
            ""
        )
        .split(':')
        .nth(6),
        Some("101@local-lvm")
    );
    let gone = desk.ask(
        "DELETE /nodes/pve01/storage/local-lvm/content/local-lvm:vm-101-disk-8?delay=5",
        "",
    );
    assert!(
        gone.status.contains("Failed to find logical volume"),
        "{gone:?}"
    );
    assert_eq!(
        desk.must(
            &format!("DELETE {LOCAL}/content/101/vm-101-disk-7.qcow2?delay=5"),
            ""
        ),
        Value::Null
    );
    let used = desk.ask(
        "DELETE /nodes/pve01/storage/local-lvm/content/vm-101-disk-0?delay=5",
        "",
    );
    assert_eq!(
        used.status,
        "500 lvremove 'pve/vm-101-disk-0' error:   Logical volume pve/vm-101-disk-0 in use."
    );
    holds(&desk);
}

#[test]
fn copies() {
    let desk = desk();
    let iso = format!("POST {LOCAL}/content/iso/debian-12.9.0-amd64-netinst.iso");
    desk.task(&iso, "target=iso/copy.iso&target_node=pve02");
    assert!(ids(&desk.get("/nodes/pve02/storage/local/content")).contains(&"local:iso/copy.iso"));
    holds(&desk);
}

#[test]
fn retention() {
    let desk = desk();
    let path = format!("{BACKUP}/prunebackups");
    let marks = |query: &str| -> Vec<(u64, String)> {
        let list = desk.get(&format!("{path}{query}"));
        let rows = list.as_array().unwrap().iter();
        rows.map(|row| {
            (
                row["vmid"].as_u64().unwrap(),
                row["mark"].as_str().unwrap().to_owned(),
            )
        })
        .collect()
    };
    assert!(marks("").iter().all(|(_, mark)| mark != "remove"));
    let strict = marks("?prune-backups=keep-last%3D1");
    let removed: Vec<u64> = strict
        .iter()
        .filter(|(_, mark)| mark == "remove")
        .map(|(vmid, _)| *vmid)
        .collect();
    assert_eq!(removed, [103, 104]);
    assert_eq!(
        marks("?prune-backups=keep-last%3D1&vmid=101"),
        [(101, "protected".to_owned())]
    );
    assert_eq!(marks("?prune-backups=keep-last%3D1&type=lxc").len(), 3);
    let upid = desk.task(
        &format!("DELETE {path}?prune-backups=keep-last%3D1&vmid=103"),
        "",
    );
    assert!(upid.contains(":prunebackups:103@backup:"));
    assert_eq!(
        desk.get(&format!("{BACKUP}/content"))
            .as_array()
            .unwrap()
            .len(),
        10
    );
    desk.task(&format!("DELETE {path}?prune-backups=keep-last%3D1"), "");
    assert_eq!(
        desk.get(&format!("{BACKUP}/content"))
            .as_array()
            .unwrap()
            .len(),
        9
    );
    let got = desk.ask(&format!("GET {LOCAL}/prunebackups"), "");
    assert_eq!(got.status, "500 storage 'local' does not support backups");
    desk.must("PUT /storage/backup", "delete=prune-backups");
    let got = desk.ask(&format!("GET {path}"), "");
    assert_eq!(
        got.status,
        "500 no prune-backups options configured for storage 'backup'"
    );
    holds(&desk);
}
