//! Copies of guests over time.

use serde_json::{Value, json};

use crate::proxmox::service::testing::Desk;
use crate::pve::testing::{desk, desk_of, holds};
use crate::pve::world::World;
use crate::pve::world::node::Presence;

#[test]
fn time_goes_by() {
    let mut desk = desk();
    let now = desk.now().as_second();
    let status = |desk: &crate::proxmox::service::testing::Desk<_>| {
        desk.get("/nodes/pve01/replication/103-0/status")
    };
    let first = status(&desk);
    assert_eq!(first["last_sync"], now);
    assert_eq!(first["next_sync"], now + 30 * 60);
    assert_eq!(first["vmtype"], "qemu");
    assert_eq!(first["fail_count"], 0);
    assert!(first["duration"].is_f64());
    desk.step(31 * 60);
    assert_eq!(status(&desk)["last_sync"], now + 30 * 60);
    desk.must("POST /nodes/pve01/replication/103-0/schedule_now", "");
    assert_eq!(status(&desk)["last_sync"], now + 30 * 60);
    desk.step(60);
    assert_eq!(status(&desk)["last_sync"], now + 32 * 60);
    desk.step(40 * 24 * 3600);
    let late = status(&desk)["last_sync"].as_i64().unwrap();
    assert!(desk.now().as_second() - late < 30 * 60);
    let log = desk.get("/nodes/pve01/replication/103-0/log");
    assert!(
        log[0]["t"]
            .as_str()
            .unwrap()
            .ends_with("103-0: start replication job")
    );
}

#[test]
fn a_life_of_a_job() {
    let mut desk = desk();
    let new = "id=101-0&type=local&target=pve02&schedule=*/5&rate=10";
    assert_eq!(desk.must("POST /cluster/replication", new), Value::Null);
    let list = desk.get("/cluster/replication");
    assert_eq!(list[0]["id"], "101-0");
    assert_eq!(list[0]["jobnum"], 0);
    assert_eq!(list[0]["source"], "pve01");
    let status = |desk: &crate::proxmox::service::testing::Desk<_>| {
        desk.get("/nodes/pve01/replication?guest=101")[0].clone()
    };
    assert_eq!(status(&desk)["last_sync"], 0);
    // What was never done is done as soon as the scheduler looks.
    desk.step(60);
    assert_eq!(status(&desk)["last_sync"], desk.now().as_second());
    desk.step(4 * 60);
    assert_eq!(status(&desk)["last_sync"], desk.now().as_second());
    let reached = status(&desk)["last_sync"].clone();
    desk.must(
        "PUT /cluster/replication/101-0",
        "disable=1&delete=rate&comment=x",
    );
    desk.step(3600);
    let off = status(&desk);
    assert_eq!(off["last_sync"], reached);
    assert_eq!(off["next_sync"], 0);
    assert_eq!(off["disable"], 1);
    let read = desk.get("/cluster/replication/101-0");
    assert_eq!(read.get("rate"), None);
    let stale = format!("disable=0&digest={}", "0".repeat(40));
    let got = desk.ask("PUT /cluster/replication/101-0", &stale);
    assert!(
        got.status.contains("detected modified configuration"),
        "{}",
        got.status
    );
    desk.must("DELETE /cluster/replication/101-0", "");
    assert_eq!(desk.get("/nodes/pve01/replication?guest=101"), json!([]));
    holds(&desk);
}

#[test]
fn a_target_that_is_away() {
    let mut desk = desk();
    let presence = |desk: &Desk<World>, presence: Presence| {
        desk.change(|world| {
            let mut nodes = world.nodes.iter_mut();
            let node = nodes.find(|(name, _)| name.as_str() == "pve02");
            node.unwrap().1.presence = presence;
        });
    };
    let status = |desk: &Desk<World>| desk.get("/nodes/pve01/replication/103-0/status");
    let first = status(&desk)["last_sync"].clone();
    presence(&desk, Presence::Offline);
    desk.step(3600);
    let failing = status(&desk);
    assert_eq!(failing["fail_count"], 1);
    assert!(failing["error"].as_str().unwrap().contains("pve02"));
    assert_eq!(failing["last_sync"], first);
    assert_eq!(failing["last_try"], first.as_i64().unwrap() + 30 * 60);
    assert_eq!(failing["next_sync"], 0);
    presence(&desk, Presence::Online);
    desk.step(60);
    let again = status(&desk);
    assert_eq!(again["fail_count"], 0);
    assert_eq!(again.get("error"), None);
    assert_eq!(again["last_sync"], desk.now().as_second());
}

#[test]
fn what_is_refused() {
    let desk = desk();
    let check = |line: &str, body: &str, want: &str| {
        assert_eq!(
            desk.ask(line, body).status,
            format!("500 {want}"),
            "{line} {body}"
        );
    };
    let no_job = "no such replication job '101-0'";
    check("GET /cluster/replication/101-0", "", no_job);
    check("GET /nodes/pve01/replication/101-0/status", "", no_job);
    check(
        "GET /nodes/pve02/replication/103-0/log",
        "",
        "no such replication job '103-0'",
    );
    check(
        "PUT /cluster/replication/101-0",
        "comment=x",
        "no such job '101-0'",
    );
    let new = "type=local&target=pve03&id=";
    check(
        "POST /cluster/replication",
        &format!("{new}104-0"),
        "replication job '104-0' already exists",
    );
    check(
        "POST /cluster/replication",
        &format!("{new}900-0"),
        "No such guest '900'",
    );
    check(
        "POST /cluster/replication",
        &format!("{new}104-1"),
        "replication job for guest '104' to target 'pve03' already exists",
    );
    let got = desk.ask(
        "POST /cluster/replication",
        "type=local&target=pve09&id=101-0",
    );
    assert_eq!(got.body["errors"]["target"], "Node 'pve09' not in cluster.");
    let older = desk_of("7.4");
    older.get("/cluster/replication");
    older.get("/nodes/pve02/replication");
}
