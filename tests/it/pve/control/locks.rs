//! Locks that a test lays on guests.

use serde_json::{Value, json};

use super::{asked, data, pve, refused, said};

#[test]
fn a_locked_guest_is_shown_and_refuses() {
    let server = pve();
    let shown = || {
        let row = |path: &str, key: &str, value: Value| {
            let rows = data(&server, path);
            let mut rows = rows.as_array().unwrap().iter();
            rows.find(|row| row[key] == value).unwrap()["lock"].clone()
        };
        [
            data(&server, "/nodes/pve01/qemu/101/config")["lock"].clone(),
            data(&server, "/nodes/pve01/qemu/101/status/current")["lock"].clone(),
            row("/nodes/pve01/qemu", "vmid", json!(101)),
            row("/cluster/resources", "id", json!("qemu/101")),
            asked(&server, "GET", "/vm/101/lock", &Value::Null, 200)["lock"].clone(),
        ]
    };
    assert_eq!(shown(), [const { Value::Null }; 5]);
    let answer = asked(
        &server,
        "PUT",
        "/vm/101/lock",
        &json!({"lock": "backup"}),
        200,
    );
    assert_eq!(answer, json!({"ok": true, "vmid": 101, "lock": "backup"}));
    assert_eq!(shown(), [(); 5].map(|()| json!("backup")));
    let config = "/nodes/pve01/qemu/101/config";
    assert_eq!(
        said(&server, "PUT", config, "cores=3"),
        "500 VM is locked (backup)"
    );
    let stop = server.post("/api2/json/nodes/pve01/qemu/101/status/stop", "");
    let upid = stop.expect(200).json()["data"].as_str().unwrap().to_owned();
    let status = data(&server, &format!("/nodes/pve01/tasks/{upid}/status"));
    assert_eq!(status["exitstatus"], "VM is locked (backup)");
    let answer = asked(&server, "DELETE", "/vm/101/lock", &Value::Null, 200);
    assert_eq!(answer["lock"], Value::Null);
    assert_eq!(shown(), [const { Value::Null }; 5]);
    assert_eq!(said(&server, "PUT", config, "cores=3"), "200 OK");
}

#[test]
fn kinds_of_locks_belong_to_kinds_of_guests() {
    let server = pve();
    let check = |vmid: &str, lock: Value, status: u16, title: &str| {
        let route = format!("/vm/{vmid}/lock");
        let said = refused(&server, "PUT", &route, &lock, status);
        assert!(said.starts_with(title), "{said}");
    };
    let qemu = "`lock` of a qemu guest is one of backup, clone, create, ";
    check("103", json!({"lock": "lunch"}), 400, qemu);
    check("103", json!({"lock": "mounted"}), 400, qemu);
    check("103", json!({"lock": null}), 400, qemu);
    check("103", json!({}), 400, qemu);
    check(
        "108",
        json!({"lock": "suspended"}),
        400,
        "`lock` of a lxc guest is one of backup, ",
    );
    check(
        "103",
        json!({"kind": "backup"}),
        400,
        "there is no field `kind` here, it takes lock",
    );
    check(
        "999",
        json!({"lock": "backup"}),
        404,
        "there is no guest 999",
    );
    asked(
        &server,
        "PUT",
        "/vm/108/lock",
        &json!({"lock": "mounted"}),
        200,
    );
    let config = "/nodes/pve01/lxc/108/config";
    assert_eq!(data(&server, config)["lock"], "mounted");
    assert_eq!(
        said(&server, "PUT", config, "cores=3"),
        "500 CT is locked (mounted)"
    );
}
