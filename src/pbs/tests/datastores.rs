//! Stories of backups: every endpoint that shows a thing shows the same.

use serde_json::{Value, json};

use super::refusals;
use crate::pbs::testing::desk;
use crate::pbs::world::{World, invariants};
use crate::proxmox::service::testing::Desk;

const MAIN: &str = "/admin/datastore/main";

fn ids(items: &Value) -> Vec<String> {
    let one = |item: &Value| {
        let text = |key: &str| item[key].as_str().unwrap().to_owned();
        format!("{}/{}", text("backup-type"), text("backup-id"))
    };
    items.as_array().unwrap().iter().map(one).collect()
}

fn count(desk: &Desk<World>, target: &str) -> usize {
    desk.get(target).as_array().unwrap().len()
}

#[test]
fn groups_snapshots_and_counts_agree() {
    let desk = desk();
    let (mut groups, mut snapshots) = (0, 0);
    for space in desk.get(&format!("{MAIN}/namespace")).as_array().unwrap() {
        let space = space["ns"].as_str().unwrap();
        let listed = desk.get(&format!("{MAIN}/groups?ns={space}"));
        for group in listed.as_array().unwrap() {
            let (kind, id) = (&group["backup-type"], &group["backup-id"]);
            let (kind, id) = (kind.as_str().unwrap(), id.as_str().unwrap());
            let query = format!("ns={space}&backup-type={kind}&backup-id={id}");
            let of_group = desk.get(&format!("{MAIN}/snapshots?{query}"));
            let of_group = of_group.as_array().unwrap();
            assert_eq!(group["backup-count"], of_group.len());
            let times = of_group
                .iter()
                .map(|one| one["backup-time"].as_i64().unwrap());
            assert_eq!(group["last-backup"], times.max().unwrap());
            groups += 1;
            snapshots += of_group.len();
        }
    }
    let status = desk.get(&format!("{MAIN}/status?verbose=1"));
    let counts = status["counts"].as_object().unwrap();
    let sum = |key: &str| {
        counts
            .values()
            .map(|count| count[key].as_u64().unwrap())
            .sum::<u64>()
    };
    assert_eq!(sum("groups"), groups);
    assert_eq!(sum("snapshots"), snapshots as u64);
    let (total, used) = (
        status["total"].as_u64().unwrap(),
        status["used"].as_u64().unwrap(),
    );
    assert_eq!(status["avail"], total - used);
    let usage = desk.get("/status/datastore-usage");
    let main = usage
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["store"] == "main")
        .unwrap();
    assert_eq!(
        (&main["total"], &main["used"]),
        (&status["total"], &status["used"])
    );
}

#[test]
fn the_last_snapshot_takes_its_group_along() {
    let desk = desk();
    let before = desk.get(&format!("{MAIN}/status"))["used"].clone();
    let one = "backup-type=ct&backup-id=108&ns=lab&backup-time=1767493200";
    assert!(ids(&desk.get(&format!("{MAIN}/groups?ns=lab"))).contains(&"ct/108".to_owned()));
    desk.must(&format!("DELETE {MAIN}/snapshots?{one}"), "");
    assert!(!ids(&desk.get(&format!("{MAIN}/groups?ns=lab"))).contains(&"ct/108".to_owned()));
    // Space comes back with the next garbage collection only.
    assert_eq!(desk.get(&format!("{MAIN}/status"))["used"], before);
    let upid = desk.task(&format!("POST {MAIN}/gc"), "");
    let found = desk.get(&format!("{MAIN}/gc"));
    assert_eq!(found["upid"], upid);
    assert_eq!(found["last-run-state"], "OK");
    assert!(found["removed-bytes"].as_u64().unwrap() > 0);
    let after = desk.get(&format!("{MAIN}/status"))["used"].clone();
    assert!(after.as_u64() < before.as_u64());
    assert!(invariants(&desk.world()).is_empty());
}

#[test]
fn what_is_protected_stays() {
    let desk = desk();
    let one = "backup-type=vm&backup-id=101&ns=lab&backup-time=1767225600";
    assert_eq!(desk.get(&format!("{MAIN}/protected?{one}")), true);
    let group = "backup-type=vm&backup-id=101&ns=lab";
    refusals(
        &desk,
        &[
            (
                &format!("DELETE {MAIN}/snapshots?{one}"),
                "",
                "400",
                "cannot remove protected snapshot",
            ),
            (
                &format!("DELETE {MAIN}/groups?{group}"),
                "",
                "400",
                "group only partially deleted due to protected snapshots",
            ),
        ],
    );
    assert_eq!(count(&desk, &format!("{MAIN}/snapshots?{group}")), 1);
    desk.must(
        &format!("PUT {MAIN}/protected"),
        &format!("{one}&protected=0"),
    );
    let gone = desk.must(&format!("DELETE {MAIN}/groups?{group}"), "");
    let want = json!({"removed-groups": 1, "removed-snapshots": 1, "protected-snapshots": 0});
    assert_eq!(gone, want);
}

#[test]
fn a_dry_run_tells_what_pruning_does() {
    let desk = desk();
    let group = "backup-type=vm&backup-id=103&ns=lab";
    let told = desk.must(
        &format!("POST {MAIN}/prune"),
        &format!("{group}&keep-last=1&dry-run=1"),
    );
    let keeps: Vec<_> = told
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["keep"].clone())
        .collect();
    assert_eq!(keeps, [false, true]);
    assert_eq!(count(&desk, &format!("{MAIN}/snapshots?{group}")), 2);
    // Nothing said keeps everything.
    let told = desk.must(&format!("POST {MAIN}/prune"), group);
    assert!(
        told.as_array()
            .unwrap()
            .iter()
            .all(|one| one["keep"] == true)
    );
    desk.must(
        &format!("POST {MAIN}/prune"),
        &format!("{group}&keep-last=1"),
    );
    let left = desk.get(&format!("{MAIN}/snapshots?{group}"));
    assert_eq!(left.as_array().unwrap().len(), 1);
    assert_eq!(left[0]["backup-time"], told[1]["backup-time"]);
    // A datastore at once: what is protected is not counted.
    desk.task(
        &format!("POST {MAIN}/prune-datastore"),
        "keep-last=1&ns=lab",
    );
    let left = desk.get(&format!(
        "{MAIN}/snapshots?ns=lab&backup-type=vm&backup-id=101"
    ));
    let protected: Vec<_> = left
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["protected"].clone())
        .collect();
    assert_eq!(protected, [true, false]);
    assert!(invariants(&desk.world()).is_empty());
}

#[test]
fn verification_leaves_its_task_behind() {
    let desk = desk();
    let one = "backup-type=vm&backup-id=103&ns=lab&backup-time=1767492000";
    let upid = desk.task(&format!("POST {MAIN}/verify"), one);
    let shown = desk.get(&format!(
        "{MAIN}/snapshots?ns=lab&backup-type=vm&backup-id=103"
    ));
    let latest = shown
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["backup-time"] == 1_767_492_000)
        .unwrap();
    assert_eq!(latest["verification"], json!({"state": "ok", "upid": upid}));
    // What is broken stays broken until somebody repairs it.
    let upid = desk.must("POST /admin/datastore/archive/verify", "ignore-verified=0");
    let upid = upid.as_str().unwrap();
    let text = "verification failed - please check the log for details";
    assert_eq!(desk.exit_status(upid), text);
    let shown = desk.get("/admin/datastore/archive/snapshots");
    let states: Vec<_> = shown
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["verification"]["state"].clone())
        .collect();
    assert_eq!(states, ["ok", "failed"]);
    // Those that are verified are left out, unless that was long ago.
    let upid = desk.must(&format!("POST {MAIN}/verify"), "ns=lab/staging&max-depth=0");
    let log = desk.get(&format!(
        "/nodes/localhost/tasks/{}/log",
        upid.as_str().unwrap()
    ));
    let text = log.to_string();
    assert!(
        text.contains("verify ct/110/") && !text.contains("verify vm/105/2"),
        "{text}"
    );
}

#[test]
fn namespaces_come_and_go() {
    let desk = desk();
    let path = format!("{MAIN}/namespace");
    assert_eq!(
        desk.must(&format!("POST {path}"), "parent=lab&name=new"),
        "lab/new"
    );
    let listed = desk.get(&format!("{path}?parent=lab&max-depth=1"));
    let names: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["ns"].clone())
        .collect();
    assert_eq!(names, ["lab", "lab/new", "lab/staging"]);
    refusals(
        &desk,
        &[
            (
                &format!("POST {path}"),
                "parent=no/where&name=x",
                "400",
                "cannot create new namespace, parent no/where doesn't already exists",
            ),
            (
                &format!("DELETE {path}?ns=lab/staging"),
                "",
                "400",
                "only partially deleted due to existing groups but `delete-groups` not true ",
            ),
            (
                &format!("DELETE {path}?ns=lab&delete-groups=1"),
                "",
                "400",
                "group only partially deleted due to protected snapshots",
            ),
        ],
    );
    let names: Vec<_> = desk.world().datastores["main"]
        .namespaces
        .0
        .keys()
        .map(ToString::to_string)
        .collect();
    assert_eq!(names, ["", "lab"]);
}

#[test]
fn notes_are_shown_by_their_first_line() {
    let desk = desk();
    let one = "backup-type=host&backup-id=pbs01&backup-time=1767585600";
    desk.must(
        &format!("PUT {MAIN}/notes"),
        &format!("{one}&notes=first%0Asecond"),
    );
    assert_eq!(desk.get(&format!("{MAIN}/notes?{one}")), "first\nsecond");
    let shown = desk.get(&format!("{MAIN}/snapshots?backup-type=host"));
    assert_eq!(shown[1]["comment"], "first");
    let group = "backup-type=host&backup-id=pbs01";
    desk.must(
        &format!("PUT {MAIN}/group-notes"),
        &format!("{group}&notes=ours"),
    );
    assert_eq!(desk.get(&format!("{MAIN}/groups"))[1]["comment"], "ours");
    desk.must(
        &format!("POST {MAIN}/change-owner"),
        &format!("{group}&new-owner=operator@pbs"),
    );
    assert_eq!(
        desk.get(&format!("{MAIN}/groups"))[1]["owner"],
        "operator@pbs"
    );
}
