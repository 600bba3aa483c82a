//! Jobs come, change and go.

use serde_json::json;

use crate::pve::testing::{desk, desk_of, holds, strict_desk};

#[test]
fn what_is_there() {
    for release in ["9.2", "8.4", "7.4"] {
        let desk = desk_of(release);
        let list = desk.get("/cluster/backup");
        assert_eq!(
            list[0],
            json!({
                "id": "backup-job-01", "type": "vzdump", "enabled": 1, "schedule": "sun 02:00", "storage": "backup",
                "vmid": "103,104", "mode": "snapshot", "compress": "zstd", "comment": "Web and database",
                "notes-template": "{{guestname}}", "prune-backups": {"keep-last": 7}, "next-run": 1_768_096_800,
            })
        );
        assert_eq!(list[1]["all"], 1);
        assert_eq!(
            desk.get("/cluster/backup/backup-job-02").get("next-run"),
            None
        );
        assert_eq!(desk.get("/cluster/backup-info/not-backed-up"), json!([]));
        desk.get("/cluster/backup-info");
    }
}

#[test]
fn a_job_lives() {
    let desk = desk();
    let form = "schedule=mon..fri 21:00&storage=backup&vmid=101,102&mode=snapshot&prune-backups=keep-daily%3D3&mailto=a@example.com";
    desk.must("POST /cluster/backup", &format!("id=nightly&{form}"));
    let got = desk.ask("POST /cluster/backup", &format!("id=nightly&{form}"));
    assert_eq!(got.status, "500 Job 'nightly' already exists");
    desk.must("POST /cluster/backup", form);
    let list = desk.get("/cluster/backup");
    assert_eq!(list.as_array().unwrap().len(), 4);
    let generated = list[0]["id"].as_str().unwrap();
    assert!(
        generated.starts_with("backup-") && generated.len() == 43,
        "{generated}"
    );
}

#[test]
fn a_job_changes() {
    let desk = desk();
    desk.must(
        "POST /cluster/backup",
        "id=nightly&schedule=21:00&storage=backup&vmid=101&mailto=a@example.com",
    );
    let check = |form: &str, want: &str| {
        let got = desk.ask("PUT /cluster/backup/nightly", form);
        let text = match got.body["errors"].is_object() {
            true => got.body["errors"].to_string(),
            false => got.status,
        };
        assert_eq!(text, want, "{form}");
    };
    check("enabled=0&comment=off", "200");
    check("all=1", "200");
    let job = desk.get("/cluster/backup/nightly");
    assert_eq!(
        (job.get("vmid"), &job["all"], &job["enabled"]),
        (None, &json!(1), &json!(0))
    );
    check("exclude=105", "200");
    assert_eq!(desk.get("/cluster/backup/nightly")["exclude"], "105");
    check("pool=tests", "200");
    let job = desk.get("/cluster/backup/nightly");
    assert_eq!((job.get("all"), &job["pool"]), (None, &json!("tests")));
    check("vmid=999,101&delete=comment,mailto", "200");
    let job = desk.get("/cluster/backup/nightly");
    assert_eq!(
        (&job["vmid"], job.get("comment"), job.get("pool")),
        (&json!("999,101"), None, None)
    );
    check("", "500 no options specified");
    check(
        "delete=schedule",
        r#"{"delete":"unknown option 'schedule'"}"#,
    );
    check("delete=vmid", r#"{"vmid":"property is missing"}"#);
    check("pool=nix", "500 pool 'nix' does not exist");
    check("storage=nix", "500 storage 'nix' does not exist");
    check(
        "starttime=12:00&schedule=daily",
        r#"{"starttime":"'starttime' and 'schedule' cannot both be set"}"#,
    );
    check("starttime=21:30&dow=mon,tue", "200");
    assert_eq!(
        desk.get("/cluster/backup/nightly")["schedule"],
        "mon,tue 21:30"
    );
}

#[test]
fn a_job_goes() {
    let desk = desk();
    desk.must(
        "POST /cluster/backup",
        "id=nightly&schedule=21:00&storage=backup&vmid=999,101",
    );
    let tree = desk.get("/cluster/backup/nightly/included_volumes");
    assert_eq!(tree["children"][0]["children"][0]["id"], "101:scsi0");
    assert_eq!(
        tree["children"][1],
        json!({"id": 999, "type": "unknown", "leaf": 1})
    );
    desk.must("DELETE /cluster/backup/nightly", "");
    for line in ["GET", "DELETE"] {
        let got = desk.ask(&format!("{line} /cluster/backup/nightly"), "");
        assert_eq!(got.body["errors"]["id"], "No such job 'nightly'");
    }
    let got = desk.ask("PUT /cluster/backup/nightly", "enabled=1");
    assert_eq!(got.status, "500 no such vzdump job");
    holds(&desk);
}

#[test]
fn what_a_new_job_needs() {
    let desk = desk();
    let check = |form: &str, name: &str, want: &str| {
        let got = desk.ask("POST /cluster/backup", form);
        assert_eq!(got.body["errors"][name], want, "{form}");
    };
    check(
        "vmid=101",
        "schedule",
        "neither 'starttime' nor 'schedule' were set",
    );
    check("schedule=daily", "vmid", "property is missing");
    check(
        "schedule=daily&vmid=101&all=1",
        "all",
        "option conflicts with option 'vmid'",
    );
    desk.must("DELETE /cluster/backup/backup-job-02", "");
    let rows = desk.get("/cluster/backup-info/not-backed-up");
    assert_eq!(rows.as_array().unwrap().len(), 8);
    assert_eq!(
        rows[0],
        json!({"vmid": 101, "type": "qemu", "name": "e2e-qemu-101"})
    );
    desk.must("POST /cluster/backup", "starttime=01:00&all=1&exclude=110");
    assert_eq!(
        desk.get("/cluster/backup-info/not-backed-up")[0]["vmid"],
        110
    );
}

#[test]
fn who_may() {
    let mut desk = strict_desk();
    desk.log_in("auditor@pve");
    desk.get("/cluster/backup");
    let got = desk.ask("POST /cluster/backup", "schedule=daily&all=1");
    assert_eq!(got.status, "403 Permission check failed (/, Sys.Modify)");
}
