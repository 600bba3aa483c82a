//! Storages of a node as clients use them: looked at, filled, emptied.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::http::{Headers, ListenerRole, Method, Request};
use crate::pve::testing::{desk, desk_of, strict_desk};
use crate::pve::world::World;
use crate::pve::world::invariants;

type Desk = crate::proxmox::service::testing::Desk<World>;

const LOCAL: &str = "/nodes/pve01/storage/local";
const BACKUP: &str = "/nodes/pve01/storage/backup";

fn holds(desk: &Desk) {
    assert_eq!(invariants(&desk.world()), Vec::<String>::new());
}

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
    let index = desk.get(LOCAL);
    assert!(
        index
            .as_array()
            .unwrap()
            .contains(&json!({"subdir": "content"}))
    );
}

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
            "volid": format!("backup:backup/{one}"), "content": "backup", "format": "vma.zst",
            "size": 1_610_612_736, "ctime": 1_767_225_600, "vmid": 101, "subtype": "qemu",
            "notes": "e2e-qemu-101", "protected": 1,
        })
    );
    // A volume by its name, by its whole id, and with its slash encoded.
    for volume in [
        format!("backup/{one}"),
        format!("backup:backup/{one}"),
        format!("backup%3Abackup%2F{one}"),
    ] {
        let item = desk.must(&format!("GET {BACKUP}/content/{volume}"), "");
        assert_eq!(item["path"], format!("/mnt/backup/dump/{one}"));
        assert_eq!(
            (&item["format"], &item["protected"]),
            (&json!("raw"), &json!(1))
        );
    }
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

fn upload(desk: &Desk, fields: &[(&str, &str)], file: &str, content: &str) -> (String, Value) {
    let mut body = String::new();
    for (name, value) in fields {
        body +=
            &format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    body += &format!(
        "--X\r\nContent-Disposition: form-data; name=\"filename\"; filename=\"{file}\"\r\n\r\n{content}\r\n--X--\r\n"
    );
    let mut headers = Headers::default();
    headers.push("content-type", b"multipart/form-data; boundary=X");
    let got = desk.send(Request {
        method: Method::Post,
        target: format!("/api2/json{LOCAL}/upload").into(),
        headers,
        body: Bytes::from(body),
        body_fault: None,
        peer: ([127, 0, 0, 1], 1).into(),
        listener: ListenerRole::Main,
        secure: true,
    });
    (got.status, got.body)
}

#[test]
fn uploads() {
    let desk = desk();
    let sum = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let iso = ("content", "iso");
    let check = |fields: &[(&str, &str)], file: &str, want: &str| {
        let (status, body) = upload(&desk, fields, file, "abc");
        let got = match body["data"].as_str() {
            Some(upid) => {
                assert!(upid.contains(":imgcopy::root@pam:"), "{upid}");
                desk.exit_status(upid)
            }
            None if body["errors"].is_object() => body["errors"].to_string(),
            None => status,
        };
        assert_eq!(got, want, "{file}");
    };
    check(&[iso], "my disk?.iso", "OK");
    check(
        &[iso, ("checksum-algorithm", "sha256"), ("checksum", sum)],
        "b.IMG",
        "OK",
    );
    check(
        &[iso, ("checksum-algorithm", "sha256"), ("checksum", "00")],
        "c.iso",
        &format!("checksum mismatch: got '{sum}' != expect '00'"),
    );
    check(&[iso], "a.txt", r#"{"filename":"wrong file extension"}"#);
    check(
        &[("content", "import")],
        "a.ovf",
        r#"{"filename":"invalid filename or wrong extension"}"#,
    );
    check(&[("content", "vztmpl")], "a.tar.xz", "OK");
    desk.must("PUT /storage/local", "content=iso,snippets,vztmpl");
    check(
        &[("content", "import")],
        "a.qcow2",
        "500 storage 'local' does not support 'import' content",
    );
    holds(&desk);
}

#[test]
fn what_was_uploaded() {
    let desk = desk();
    let iso = ("content", "iso");
    upload(&desk, &[iso], "my disk?.iso", "abc");
    upload(&desk, &[iso], "b.IMG", "abc");
    let list = desk.get(&format!("{LOCAL}/content?content=iso"));
    assert_eq!(
        ids(&list),
        [
            "local:iso/b.IMG",
            "local:iso/debian-12.9.0-amd64-netinst.iso",
            "local:iso/my_disk_.iso"
        ]
    );
    assert_eq!(
        (&list[0]["size"], &list[0]["ctime"]),
        (&json!(3), &json!(desk.now().as_second()))
    );
    let used = |desk: &Desk| {
        desk.get(&format!("{LOCAL}/status"))["used"]
            .as_u64()
            .unwrap()
    };
    let before = used(&desk);
    upload(&desk, &[iso], "b.IMG", "abcdef");
    assert_eq!(used(&desk), before + 3);
    let got = desk.ask("POST /nodes/pve01/storage/local-lvm/upload", "");
    assert_eq!(got.status, "400 Parameter verification failed.");
    holds(&desk);
}

#[test]
fn downloads() {
    let desk = desk();
    let line = format!("POST {LOCAL}/download-url");
    let url = "https://example.com/images/tiny.iso";
    let form = format!("url={url}&content=iso&filename=tiny.iso");
    let upid = desk.task(&line, &form);
    assert!(upid.contains(":download:tiny.iso:"));
    let again = desk.must(&line, &form);
    let text = desk.exit_status(again.as_str().unwrap());
    assert_eq!(
        text,
        "refusing to override existing file '/var/lib/vz/template/iso/tiny.iso'"
    );
    desk.task(
        &line,
        &format!("{form}&checksum=00&checksum-algorithm=sha256"),
    );
    let size = desk.get(&format!("{LOCAL}/content/iso/tiny.iso"))["size"].clone();
    let asked = desk.get(&format!("/nodes/pve01/query-url-metadata?url={url}"));
    assert_eq!(
        asked,
        json!({"filename": "tiny.iso", "size": size, "mimetype": "application/x-iso9660-image"})
    );
    let check = |form: &str, want: &str| {
        assert_eq!(desk.ask(&line, form).status, want, "{form}");
    };
    check(
        &format!("url={url}&content=iso&filename=x"),
        "400 Parameter verification failed.",
    );
    let got = desk.ask("POST /nodes/pve01/storage/backup/download-url", &form);
    assert_eq!(
        got.status,
        "500 storage 'backup' is not configured for content-type 'iso'"
    );
    let got = desk.ask("POST /nodes/pve01/storage/ceph-pool/download-url", &form);
    assert_eq!(
        got.status,
        "500 can't upload to storage type 'rbd', not a file based storage!"
    );
    desk.task(
        &format!("POST {LOCAL}/oci-registry-pull"),
        "reference=docker.io/library/alpine:3.20",
    );
    let list = desk.get(&format!("{LOCAL}/content?content=vztmpl"));
    assert_eq!(ids(&list)[0], "local:vztmpl/alpine_3.20.tar");
    assert_eq!(
        desk.get("/nodes/pve01/query-oci-repo-tags?reference=library/alpine")[0],
        "latest"
    );
    holds(&desk);
}

#[test]
fn templates() {
    let desk = desk();
    let list = desk.get("/nodes/pve01/aplinfo");
    let template = list[1]["template"].as_str().unwrap();
    desk.task(
        "POST /nodes/pve01/aplinfo",
        &format!("storage=local&template={template}"),
    );
    assert!(
        ids(&desk.get(&format!("{LOCAL}/content"))).contains(&&*format!("local:vztmpl/{template}"))
    );
    let got = desk.ask("POST /nodes/pve01/aplinfo", "storage=local&template=nix");
    assert_eq!(got.body["errors"]["template"], "no such template");
    let got = desk.ask(
        "POST /nodes/pve01/aplinfo",
        &format!("storage=backup&template={template}"),
    );
    assert_eq!(
        got.status,
        "500 storage 'backup' does not support templates"
    );
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
fn inside_backups() {
    let desk = desk();
    desk.must(
        "POST /storage",
        "storage=pbs&type=pbs&server=a.example&datastore=b&username=root@pam&password=c",
    );
    let got = desk.ask(&format!("GET {BACKUP}/file-restore/list?filepath=/&volume=backup/vzdump-qemu-101-2026_01_01-00_00_00.vma.zst"), "");
    assert_eq!(
        got.body["errors"]["storage"],
        "Only PBS storages supported for file-restore."
    );
    desk.task(
        "POST /nodes/pve01/vzdump",
        "vmid=102&storage=pbs&compress=zstd",
    );
    let volume = "pbs:backup/ct/102/2026-01-05T12:00:00Z";
    let list = desk.get("/nodes/pve01/storage/pbs/content");
    assert_eq!(ids(&list), [volume]);
    let path = "/nodes/pve01/storage/pbs/file-restore";
    let root = desk.get(&format!("{path}/list?filepath=/&volume={volume}"));
    let archive = root[0]["filepath"].as_str().unwrap().replace('=', "%3D");
    let inside = desk.get(&format!("{path}/list?filepath={archive}&volume={volume}"));
    assert_eq!(inside[0]["text"], "etc");
    desk.must(
        &format!("GET {path}/download?filepath={archive}&volume={volume}"),
        "",
    );
    let got = desk.ask(
        &format!("GET {LOCAL}/import-metadata?volume=import/appliance.qcow2"),
        "",
    );
    assert_eq!(
        got.status,
        "500 import metadata not supported for dir storages"
    );
    upload(&desk, &[("content", "import")], "app.ova", "abc");
    let read = desk.get(&format!("{LOCAL}/import-metadata?volume=import/app.ova"));
    assert_eq!(read["create-args"]["name"], "app");
    holds(&desk);
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
