//! What is configured: datastores by tasks, everything else at once.

use serde_json::json;

use super::refusals;
use crate::pbs::testing::{desk, empty_desk};
use crate::pbs::world::invariants;

#[test]
fn a_datastore_is_made() {
    let desk = empty_desk();
    let form = "name=first&path=/mnt/datastore/first&comment=mine&keep-last=3&gc-schedule=daily";
    desk.task("POST /config/datastore", form);
    let shown = desk.get("/config/datastore/first");
    assert_eq!(shown["comment"], "mine");
    assert_eq!(
        shown.get("keep-last"),
        None,
        "retention is a job of its own"
    );
    assert_eq!(desk.get("/config/prune")[0]["keep-last"], 3);
    assert_eq!(desk.get("/admin/datastore")[0]["store"], "first");
    refusals(
        &desk,
        &[
            (
                "POST /config/datastore",
                form,
                "400",
                "parameter verification failed - 'name': datastore 'first' already exists.",
            ),
            (
                "POST /config/datastore",
                "name=second&path=/mnt/datastore/first/below",
                "400",
                "parameter verification failed - 'path': nested datastores not allowed: 'first' already in \
                 \"/mnt/datastore/first\"",
            ),
            (
                "DELETE /config/datastore/none",
                "",
                "404",
                "datastore 'none' does not exist.",
            ),
            (
                "GET /config/datastore/none",
                "",
                "400",
                "no such datastore 'none'",
            ),
        ],
    );
}

#[test]
fn data_of_a_deleted_datastore_is_found_again() {
    let desk = empty_desk();
    let form = "name=first&path=/mnt/datastore/first&keep-last=3";
    desk.task("POST /config/datastore", form);
    desk.must("POST /admin/datastore/first/namespace", "name=kept");
    desk.task("DELETE /config/datastore/first", "");
    assert_eq!(desk.get("/admin/datastore"), json!([]));
    assert_eq!(desk.get("/config/prune"), json!([]));
    let again = "name=again&path=/mnt/datastore/first";
    let upid = desk.must("POST /config/datastore", again);
    assert_eq!(
        desk.exit_status(upid.as_str().unwrap()),
        "datastore path not empty"
    );
    desk.task(
        "POST /config/datastore",
        &format!("{again}&reuse-datastore=1"),
    );
    assert_eq!(
        desk.get("/admin/datastore/again/namespace")[1]["ns"],
        "kept"
    );
    desk.task("DELETE /config/datastore/again?destroy-data=1", "");
    desk.task("POST /config/datastore", again);
    assert!(invariants(&desk.world()).is_empty());
}

#[test]
fn deletion_takes_jobs_and_permissions_along() {
    let desk = desk();
    desk.task("DELETE /config/datastore/main", "");
    let text = desk.get("/access/acl").to_string();
    assert!(!text.contains("/datastore/main"), "{text}");
    for list in ["/config/verify", "/config/tape-backup-job"] {
        assert_eq!(desk.get(list), json!([]), "{list}");
    }
    desk.task("DELETE /config/datastore/archive?keep-job-configs=1", "");
    assert_eq!(desk.get("/config/sync")[0]["id"], "pull-offsite");
}

#[test]
fn what_is_needed_stays() {
    let desk = desk();
    refusals(
        &desk,
        &[
            (
                "DELETE /config/remote/offsite",
                "",
                "400",
                "parameter verification failed - 'name': remote 'offsite' is used by sync job 'pull-offsite' \
                 (datastore 'archive')",
            ),
            (
                "DELETE /config/changer/ts4300",
                "",
                "400",
                "parameter verification failed - 'name': Delete changer 'ts4300' failed - used by drive 'lto9'",
            ),
            (
                "DELETE /config/notifications/endpoints/gotify/lab-gotify",
                "",
                "400",
                "cannot delete 'lab-gotify', referenced by: errors-to-phones",
            ),
            (
                "DELETE /nodes/localhost/disks/directory/main",
                "",
                "400",
                "Can't remove '/mnt/datastore/main' since it's required by datastore \"/mnt/datastore/main\"",
            ),
        ],
    );
    for id in ["pull-offsite", "push-offsite"] {
        desk.must(&format!("DELETE /config/sync/{id}"), "");
    }
    desk.must("DELETE /config/remote/offsite", "");
    assert!(invariants(&desk.world()).is_empty());
}

#[test]
fn collections_keep_and_hide() {
    let desk = desk();
    let form = "name=other&host=10.0.0.9&auth-id=sync@pbs&password=geheim&comment=x";
    desk.must("POST /config/remote", form);
    let shown = desk.get("/config/remote/other");
    assert_eq!(
        shown,
        json!({"name": "other", "host": "10.0.0.9", "auth-id": "sync@pbs", "comment": "x"})
    );
    refusals(
        &desk,
        &[
            (
                "POST /config/remote",
                form,
                "400",
                "parameter verification failed - 'name': remote 'other' already exists.",
            ),
            (
                "GET /config/remote/other/scan",
                "",
                "400",
                "remote connection to 'other' failed - error trying to connect: Connection refused (os error 111) \
                 (10.0.0.9)",
            ),
            ("GET /config/sync/none", "", "400", "no such sync 'none'"),
            (
                "DELETE /config/prune/none",
                "",
                "404",
                "job 'none' does not exist.",
            ),
            (
                "PUT /config/traffic-control/office-hours",
                &format!("digest={:064}&comment=x", 0),
                "400",
                "detected modified configuration - file changed by other user? Try again.",
            ),
            (
                "POST /config/notifications/endpoints/gotify",
                "name=lab-smtp&server=https://x.example&token=t",
                "400",
                "Cannot create 'lab-smtp', an entity with the same name already exists",
            ),
            (
                "GET /config/notifications/endpoints/gotify/lab-smtp",
                "",
                "404",
                "gotify-endpoint 'lab-smtp' not found",
            ),
        ],
    );
    desk.must("PUT /config/remote/other", "delete=comment&port=8008");
    assert_eq!(desk.get("/config/remote/other")["port"], 8008);
    assert_eq!(
        desk.get("/config/remote/offsite/scan/vault/groups")[1]["backup-id"],
        "gate"
    );
}

#[test]
fn realms_accounts_and_keys() {
    let desk = desk();
    desk.must("PUT /config/access/pbs", "default=1");
    let listed = desk.get("/access/domains");
    assert_eq!(listed[1]["realm"], "pbs");
    assert_eq!(listed[1]["default"], true);
    desk.must("PUT /config/access/pam", "default=1");
    assert_eq!(desk.get("/access/domains")[1].get("default"), None);
    desk.task(
        "POST /config/acme/account",
        "name=second&contact=a@example.org",
    );
    let account = desk.get("/config/acme/account/second");
    assert_eq!(
        account["account"]["contact"],
        json!(["mailto:a@example.org"])
    );
    desk.task("DELETE /config/acme/account/second", "");
    assert_eq!(
        desk.get("/config/acme/account"),
        json!([{"name": "default"}])
    );
    desk.must(
        "POST /config/acme/plugins",
        "id=two&type=dns&api=cf&data=eA==",
    );
    assert_eq!(desk.get("/config/acme/plugins/two")["plugin"], "two");
    let key = desk.must(
        "POST /config/tape-encryption-keys",
        "password=geheim&hint=h",
    );
    let path = format!("/config/tape-encryption-keys/{}", key.as_str().unwrap());
    assert_eq!(desk.get(&path)["hint"], "h");
    refusals(
        &desk,
        &[(
            &format!("PUT {path}"),
            "hint=i&new-password=anders&password=falsch",
            "400",
            "Unable to decrypt key - wrong password?",
        )],
    );
    desk.must(
        &format!("PUT {path}"),
        "hint=i&new-password=anders&password=geheim",
    );
    assert_eq!(desk.get(&path)["hint"], "i");
    desk.must(&format!("DELETE {path}"), "");
}
