//! Files that come in: sent, fetched, and looked into.

use bytes::Bytes;
use serde_json::{Value, json};

use super::{BACKUP, Desk, LOCAL, holds, ids};
use crate::http::{Headers, ListenerRole, Method, Request};
use crate::pve::testing::desk;

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
        upload: None,
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
fn inside_backups() {
    let desk = desk();
    desk.must(
        "POST /storage",
        "storage=pbs&type=pbs&server=a.example&datastore=b&username=root@pam&password=c",
    );
    let got = desk.ask(&format!("GET {BACKUP}/file-restore/list?filepath=/&volume=101/vzdump-qemu-101-2026_01_01-00_00_00.vma.zst"), "");
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
