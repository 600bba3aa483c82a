//! Stories of datastores as wholes: jobs, maintenance, devices, and words for what is not there.

use super::refusals;
use crate::pbs::testing::desk;
use crate::pbs::world::{World, invariants};
use crate::proxmox::service::testing::Desk;

const MAIN: &str = "/admin/datastore/main";

fn count(desk: &Desk<World>, target: &str) -> usize {
    desk.get(target).as_array().unwrap().len()
}

#[test]
fn words_for_what_is_not_there() {
    let desk = desk();
    refusals(
        &desk,
        &[
            (
                "GET /admin/datastore/none/status",
                "",
                "400",
                "no such datastore 'none'",
            ),
            (
                "GET /admin/datastore/main/snapshots?ns=none",
                "",
                "400",
                "ENOENT: No such file or directory",
            ),
            (
                "GET /admin/datastore/main/files?backup-type=vm&backup-id=999&backup-time=1767585600",
                "",
                "400",
                "unable to load blob '\"/mnt/datastore/main/vm/999/2026-01-05T04:00:00Z/index.json.blob\"' - \
                 No such file or directory (os error 2)",
            ),
            (
                "POST /admin/datastore/main/verify",
                "backup-type=vm",
                "400",
                "parameters do not specify a backup group or snapshot",
            ),
            (
                "POST /admin/datastore/main/change-owner",
                "backup-type=host&backup-id=pbs01&new-owner=joe@pbs",
                "400",
                "user 'joe@pbs' is inactive or non-existent",
            ),
            (
                "POST /admin/datastore/main/mount",
                "",
                "400",
                "datastore 'main' is not removable",
            ),
            (
                "GET /backup?store=main&backup-type=vm&backup-id=1&backup-time=1",
                "",
                "400",
                "missing Upgrade header",
            ),
        ],
    );
}

#[test]
fn maintenance_and_devices() {
    let desk = desk();
    desk.must(
        "PUT /config/datastore/main",
        "maintenance-mode=read-only,message=\"full\"",
    );
    assert_eq!(count(&desk, &format!("{MAIN}/groups")), 2);
    refusals(
        &desk,
        &[(
            "POST /admin/datastore/main/gc",
            "",
            "400",
            "datastore 'main' is unavailable: read-only maintenance mode: full",
        )],
    );
    desk.must("PUT /config/datastore/main", "delete=maintenance-mode");
    desk.task("POST /admin/datastore/main/gc", "");
    desk.task("POST /admin/datastore/usb-vault/unmount", "");
    let listed = desk.get("/admin/datastore");
    assert_eq!(listed[2]["mount-status"], "notmounted");
    refusals(
        &desk,
        &[(
            "GET /admin/datastore/usb-vault/groups",
            "",
            "400",
            "datastore 'usb-vault' is not mounted",
        )],
    );
    desk.task("POST /admin/datastore/usb-vault/mount", "");
    assert_eq!(count(&desk, "/admin/datastore/usb-vault/groups"), 1);
}

#[test]
fn jobs_run_and_are_remembered() {
    let desk = desk();
    let job = |desk: &Desk<World>, list: &str, id: &str| {
        let jobs = desk.get(list);
        let found = jobs.as_array().unwrap().iter().find(|job| job["id"] == id);
        found.unwrap().clone()
    };
    for (list, id) in [
        ("/admin/prune", "daily-main"),
        ("/admin/verify", "weekly-main"),
        ("/admin/sync?sync-direction=all", "push-offsite"),
        ("/tape/backup", "weekly-tape"),
    ] {
        let before = job(&desk, list, id);
        assert_eq!(before["last-run-state"], "OK", "{list}");
        assert!(
            before["next-run"].as_i64() > Some(desk.now().as_second()),
            "{before}"
        );
        let path = list.split('?').next().unwrap();
        let run = match path {
            "/tape/backup" => format!("POST {path}/{id}"),
            _ => format!("POST {path}/{id}/run"),
        };
        let upid = desk.task(&run, "");
        assert_eq!(job(&desk, list, id)["last-run-upid"], upid);
    }
    // What is newer on the remote comes here, below the namespace of the job.
    desk.task("POST /admin/sync/pull-offsite/run", "");
    let pulled = desk.get("/admin/datastore/archive/snapshots?ns=offsite&backup-type=ct");
    assert_eq!(pulled.as_array().unwrap().len(), 2);
    assert_eq!(pulled[1]["owner"], "backup@pbs");
    assert_eq!(
        count(
            &desk,
            "/admin/datastore/archive/snapshots?ns=offsite&backup-type=host"
        ),
        1
    );
    desk.task(
        "POST /pull",
        "store=main&ns=lab&remote-store=archive&max-depth=0",
    );
    assert_eq!(
        count(
            &desk,
            "/admin/datastore/main/snapshots?ns=lab&backup-id=106"
        ),
        1
    );
    assert!(invariants(&desk.world()).is_empty());
}
