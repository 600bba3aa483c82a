//! What happens by itself while time goes by.

use serde_json::{Value, json};

use crate::proxmox::service::testing::Desk;
use crate::pve::testing::desk;
use crate::pve::world::node::Presence;
use crate::pve::world::{World, invariants};

const DAY: i64 = 24 * 3_600;

/// The backups of a guest on a storage, by the times of their names, and the tasks of a type, as `<node> <start>`.
fn backups(desk: &Desk<World>, vmid: u32) -> Vec<i64> {
    let list = desk.get(&format!(
        "/nodes/pve01/storage/backup/content?content=backup&vmid={vmid}"
    ));
    let list = list.as_array().unwrap().iter();
    let mut times: Vec<i64> = list.map(|item| item["ctime"].as_i64().unwrap()).collect();
    times.sort_unstable();
    times
}

fn tasks(desk: &Desk<World>, kind: &str) -> Vec<Value> {
    let mut all = Vec::new();
    for node in ["pve01", "pve02", "pve03"] {
        let list = desk.get(&format!("/nodes/{node}/tasks?typefilter={kind}&limit=1000"));
        all.extend(list.as_array().unwrap().clone());
    }
    all
}

#[test]
fn backup_jobs_run() {
    let mut desk = desk();
    let before = tasks(&desk, "vzdump").len();
    let old = backups(&desk, 103).len();
    // Monday noon; the job is due on Sunday at two.
    let due = desk.now().as_second() + 5 * DAY + 14 * 3_600;
    desk.step(5 * DAY + 14 * 3_600 - 1);
    assert_eq!(backups(&desk, 103).len(), old);
    desk.step(1);
    assert_eq!(backups(&desk, 103).last(), Some(&due));
    assert_eq!(backups(&desk, 103).len(), old + 1);
    let of_jobs = tasks(&desk, "vzdump");
    // The other job saves everything on all three nodes, the day before.
    assert_eq!(of_jobs.len() - before, 3 + 2, "{of_jobs:?}");
    let task = of_jobs
        .iter()
        .find(|task| task["starttime"] == due)
        .unwrap();
    assert_eq!(task["user"], "root@pam");
    let upid = task["upid"].as_str().unwrap();
    let log = desk.get(&format!(
        "/nodes/{}/tasks/{upid}/log",
        task["node"].as_str().unwrap()
    ));
    let first = log[0]["t"].as_str().unwrap();
    assert!(
        first.starts_with("INFO: starting new backup job: vzdump 10"),
        "{first}"
    );
    assert!(first.contains("--quiet 1 --storage backup"), "{first}");
    let content = desk.get("/nodes/pve01/storage/backup/content?content=backup&vmid=103");
    let newest = content
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["ctime"] == due);
    assert_eq!(newest.unwrap()["notes"], "web-server-01");
    assert_eq!(invariants(&desk.world()), Vec::<String>::new());
}

#[test]
fn a_year_is_bounded_and_keeps_retention() {
    let mut desk = desk();
    desk.must(
        "POST /cluster/backup",
        "id=often&schedule=*:0/1&vmid=101&storage=backup&prune-backups=keep-last%3D2",
    );
    let before = tasks(&desk, "vzdump").len();
    desk.step(365 * DAY);
    assert_eq!(backups(&desk, 103).len(), 7);
    // One that was there is protected.
    assert_eq!(backups(&desk, 101).len(), 2 + 1);
    let runs = tasks(&desk, "vzdump").len() - before;
    assert_eq!(runs, super::RUNS + 52 * 3 + 52 * 2);
    assert_eq!(invariants(&desk.world()), Vec::<String>::new());
}

#[test]
fn jobs_that_are_off_or_elsewhere() {
    let mut desk = desk();
    let presence = |desk: &Desk<World>, presence: Presence| {
        desk.change(|world| {
            let mut nodes = world.nodes.iter_mut();
            let node = nodes.find(|(name, _)| name.as_str() == "pve02").unwrap();
            node.1.presence = presence;
        });
    };
    desk.get("/cluster/backup");
    for id in ["backup-job-01", "backup-job-02"] {
        desk.must(&format!("PUT /cluster/backup/{id}"), "enabled=0");
    }
    let before = tasks(&desk, "vzdump").len();
    desk.step(7 * DAY);
    assert_eq!(tasks(&desk, "vzdump").len(), before);
    let new = "schedule=daily&all=1&storage=backup&node=pve02&id=";
    desk.must(
        "POST /cluster/backup",
        &format!("{new}repeats&repeat-missed=1"),
    );
    desk.must("POST /cluster/backup", &format!("{new}forgets"));
    presence(&desk, Presence::Offline);
    desk.step(DAY);
    desk.get("/cluster/backup");
    presence(&desk, Presence::Online);
    desk.step(60);
    let all = tasks(&desk, "vzdump");
    assert_eq!(all.len(), before + 1);
    assert!(
        all.iter()
            .any(|task| task["starttime"] == desk.now().as_second())
    );
}

#[test]
fn realms_are_synchronised() {
    let mut desk = desk();
    let jobs = desk.get("/cluster/jobs/realm-sync");
    assert_eq!(jobs[0].get("last-run"), None);
    let next = jobs[0]["next-run"].as_i64().unwrap();
    desk.step(next - desk.now().as_second());
    let jobs = desk.get("/cluster/jobs/realm-sync");
    assert_eq!(jobs[0]["last-run"], next);
    let synced = tasks(&desk, "auth-realm-sync");
    assert!(
        synced
            .iter()
            .any(|task| task["starttime"] == next && task["status"] == "OK"),
        "{synced:?}"
    );
    let users = desk.get("/access/users");
    let users: Vec<&Value> = users
        .as_array()
        .unwrap()
        .iter()
        .map(|user| &user["userid"])
        .collect();
    let realm = jobs[0]["realm"].as_str().unwrap();
    assert!(
        users.contains(&&json!(format!("lara@{realm}"))),
        "{users:?}"
    );
}
