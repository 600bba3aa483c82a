//! Each verb on each status, with the refusals before and within the task.

use super::*;

const MACHINE: &str = "POST /nodes/pve02/qemu/105/status";
const CONTAINER: &str = "POST /nodes/pve03/lxc/110/status";

#[test]
fn machines_by_verb_and_status() {
    let check = |status: Status, verb: &str, body: &str, want: &str, after: &str| {
        let desk = desk();
        turn(&desk, 105, status);
        let got = outcome(&desk, &format!("{MACHINE}/{verb}"), body);
        assert_eq!(got, want, "{status:?} {verb}");
        let now = desk.get("/nodes/pve02/qemu/105/status/current");
        assert_eq!(now["qmpstatus"], after, "{status:?} {verb}");
        holds(&desk);
    };
    use Status::{Paused, Running, Stopped};
    check(Stopped, "start", "", "OK", "running");
    check(Running, "start", "", "VM 105 already running", "running");
    check(Paused, "start", "", "VM 105 already running", "paused");
    check(Running, "stop", "", "OK", "stopped");
    check(Stopped, "stop", "", "OK", "stopped");
    check(Running, "shutdown", "", "OK", "stopped");
    check(Stopped, "shutdown", "", "OK", "stopped");
    let paused = "500 VM is paused - cannot shutdown";
    check(Paused, "shutdown", "", paused, "paused");
    check(Paused, "shutdown", "forceStop=1", "OK", "stopped");
    check(Paused, "reboot", "", paused, "paused");
    let late = "VM quit/powerdown failed - got timeout";
    check(Running, "shutdown", "timeout=0", late, "running");
    check(
        Running,
        "shutdown",
        "timeout=0&forceStop=1",
        "OK",
        "stopped",
    );
    let still = "500 VM 105 not running";
    for verb in ["reset", "suspend", "reboot", "resume"] {
        check(Stopped, verb, "", still, "stopped");
    }
    check(Running, "reset", "", "OK", "running");
    check(Running, "reboot", "", "OK", "running");
    check(Running, "suspend", "", "OK", "paused");
    check(Running, "resume", "", "OK", "running");
    check(Paused, "resume", "", "OK", "running");
    check(Paused, "stop", "", "OK", "stopped");
}

#[test]
fn containers_by_verb_and_status() {
    let check = |status: Status, verb: &str, want: &str, after: &str| {
        let desk = desk();
        turn(&desk, 110, status);
        let got = outcome(&desk, &format!("{CONTAINER}/{verb}"), "");
        assert_eq!(got, want, "{status:?} {verb}");
        let now = desk.get("/nodes/pve03/lxc/110/status/current");
        assert_eq!(now["status"], after, "{status:?} {verb}");
        holds(&desk);
    };
    use Status::{Running, Stopped};
    check(Stopped, "start", "OK", "running");
    check(Running, "start", "500 CT 110 already running", "running");
    for verb in ["stop", "shutdown", "reboot", "suspend"] {
        check(Stopped, verb, "500 CT 110 not running", "stopped");
    }
    check(Running, "stop", "OK", "stopped");
    check(Running, "shutdown", "OK", "stopped");
    check(Running, "reboot", "OK", "running");
    check(Running, "suspend", "OK", "stopped");
    check(Stopped, "resume", "OK", "running");
    check(Running, "resume", "500 CT 110 already running", "running");
}

#[test]
fn what_is_not_there_fails_in_the_task_of_a_start_only() {
    let desk = desk();
    let missing = "Configuration file 'nodes/pve01/qemu-server/105.conf' does not exist";
    let start = "POST /nodes/pve01/qemu/105/status/start";
    assert_eq!(outcome(&desk, start, ""), missing);
    let got = desk.ask("GET /nodes/pve01/qemu/105/status/current", "");
    assert_eq!(got.status, format!("500 {missing}"));
    // Of the other kind it is as good as not there.
    let got = desk.ask("GET /nodes/pve02/lxc/105/config", "");
    let missing = "500 Configuration file 'nodes/pve02/lxc/105.conf' does not exist";
    assert_eq!(got.status, missing);
}

#[test]
fn locks_and_templates() {
    let desk = desk();
    lock(&desk, 105, Some(Lock::Backup));
    let start = format!("{MACHINE}/start");
    assert_eq!(outcome(&desk, &start, ""), "VM is locked (backup)");
    assert_eq!(outcome(&desk, &start, "skiplock=1"), "OK");
    assert_eq!(
        outcome(&desk, &format!("{MACHINE}/stop"), ""),
        "VM is locked (backup)"
    );
    lock(&desk, 110, Some(Lock::Disk));
    assert_eq!(
        outcome(&desk, &format!("{CONTAINER}/start"), ""),
        "CT is locked (disk)"
    );
    lock(&desk, 105, None);
    turn(&desk, 105, Status::Stopped);
    set(&desk, 105, |guest| {
        guest.config.set("template", "1".to_owned());
    });
    let template = "you can't start a vm if it's a template";
    assert_eq!(outcome(&desk, &start, ""), template);
}

#[test]
fn only_root_passes_over_locks() {
    let mut desk = crate::pve::testing::strict_desk();
    desk.log_in("root@pam");
    desk.task("POST /nodes/pve01/qemu/101/status/stop", "skiplock=1");
    desk.log_in("operator@pve");
    let start = "POST /nodes/pve01/qemu/101/status/start";
    let got = desk.ask(start, "skiplock=1");
    let text = "Only root may use this option.";
    assert_eq!(got.body["errors"]["skiplock"], text, "{got:?}");
    desk.task(start, "skiplock=0");
    desk.log_in("auditor@pve");
    let got = desk.ask(start, "");
    assert!(got.status.starts_with("403"), "{got:?}");
}

#[test]
fn a_start_applies_what_waits_and_a_reboot_too() {
    let desk = desk();
    let before = desk.get("/nodes/pve02/qemu/104/config?current=1");
    assert_eq!(before["memory"], "16384");
    assert_eq!(desk.get("/nodes/pve02/qemu/104/config")["memory"], "24576");
    desk.task("POST /nodes/pve02/qemu/104/status/reboot", "");
    let after = desk.get("/nodes/pve02/qemu/104/config?current=1");
    assert_eq!(after["memory"], "24576");
    assert_ne!(before["digest"], after["digest"]);
    let current = desk.get("/nodes/pve02/qemu/104/status/current");
    assert_eq!(current["maxmem"], 24_576_u64 << 20);
    assert_eq!(current["uptime"], 0);
}

#[test]
fn to_disk_and_back() {
    let desk = desk();
    desk.task("POST /nodes/pve01/qemu/101/status/suspend", "todisk=1");
    let config = desk.get("/nodes/pve01/qemu/101/config");
    assert_eq!(config["lock"], "suspended");
    let memory = "local-lvm:vm-101-state-suspend-2026-01-05";
    assert_eq!(config["vmstate"], memory);
    let current = desk.get("/nodes/pve01/qemu/101/status/current");
    assert_eq!(
        (&current["status"], &current["lock"]),
        (&json!("stopped"), &json!("suspended"))
    );
    holds(&desk);
    desk.task("POST /nodes/pve01/qemu/101/status/resume", "");
    let config = desk.get("/nodes/pve01/qemu/101/config");
    assert_eq!(
        (&config["lock"], &config["vmstate"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(
        desk.get("/nodes/pve01/qemu/101/status/current")["status"],
        "running"
    );
    holds(&desk);
    let refused = desk.ask("POST /nodes/pve01/qemu/103/status/suspend", "todisk=1");
    assert_eq!(refused.status, "500 Cannot suspend HA managed VM to disk");
}

#[test]
fn high_availability_is_asked() {
    let desk = desk();
    let upid = desk.task("POST /nodes/pve01/qemu/103/status/stop", "");
    assert!(upid.contains(":hastop:103:"), "{upid}");
    let current = desk.get("/nodes/pve01/qemu/103/status/current");
    assert_eq!(current["status"], "stopped");
    assert_eq!(current["ha"]["state"], "stopped");
    let kinds: Vec<String> = desk
        .world()
        .tasks
        .tasks()
        .rev()
        .take(2)
        .map(|task| task.upid.kind.clone())
        .collect();
    assert_eq!(kinds, ["qmstop", "hastop"]);
    let upid = desk.task("POST /nodes/pve01/lxc/108/status/shutdown", "");
    assert!(upid.contains(":hastop:108:"), "{upid}");
    desk.task("POST /nodes/pve01/qemu/103/status/start", "");
    let current = desk.get("/nodes/pve01/qemu/103/status/current");
    assert_eq!(
        (&current["status"], &current["ha"]["state"]),
        (&json!("running"), &json!("started"))
    );
}

#[test]
fn a_guest_that_does_not_listen() {
    use crate::pve::world::agent::Manners;
    let desk = desk();
    set(&desk, 101, |guest| {
        guest.agent_mut().shutdown = Manners::Ignores
    });
    let shutdown = "POST /nodes/pve01/qemu/101/status/shutdown";
    let late = "VM quit/powerdown failed - got timeout";
    assert_eq!(outcome(&desk, shutdown, "timeout=30"), late);
    assert_eq!(outcome(&desk, shutdown, "timeout=30&forceStop=1"), "OK");
    assert_eq!(
        desk.get("/nodes/pve01/qemu/101/status/current")["status"],
        "stopped"
    );
}

#[test]
fn nothing_happens_before_the_task_says_so() {
    use std::time::Duration;
    let mut desk = Desk::with(crate::pve::blueprint(), |setup| {
        setup.task_time = Duration::from_secs(10);
    });
    let upid = desk.must("POST /nodes/pve01/qemu/101/status/shutdown", "timeout=60");
    let upid = upid.as_str().unwrap();
    assert_eq!(desk.exit_status(upid), "running");
    assert_eq!(
        desk.get("/nodes/pve01/qemu/101/status/current")["status"],
        "running"
    );
    // A stop that does not wait for it.
    desk.must(
        "POST /nodes/pve01/qemu/101/status/stop",
        "overrule-shutdown=1",
    );
    assert_eq!(desk.exit_status(upid), "received interrupt");
    desk.step(11);
    assert_eq!(
        desk.get("/nodes/pve01/qemu/101/status/current")["status"],
        "stopped"
    );
}

#[test]
fn all_at_once() {
    let desk = desk();
    let upid = desk.task("POST /nodes/pve01/stopall", "");
    assert!(upid.contains(":stopall::"), "{upid}");
    let running = |node: &str| {
        let mut rows = desk
            .get(&format!("/nodes/{node}/qemu"))
            .as_array()
            .unwrap()
            .clone();
        rows.extend(
            desk.get(&format!("/nodes/{node}/lxc"))
                .as_array()
                .unwrap()
                .clone(),
        );
        rows.iter().filter(|row| row["status"] == "running").count()
    };
    assert_eq!(running("pve01"), 0);
    desk.task("POST /nodes/pve01/startall", "vms=101,102");
    assert_eq!(running("pve01"), 2);
    desk.task("POST /nodes/pve02/suspendall", "");
    assert_eq!(
        desk.get("/nodes/pve02/qemu/104/status/current")["qmpstatus"],
        "paused"
    );
    desk.task("POST /nodes/pve03/migrateall", "target=pve01");
    assert_eq!(
        desk.get("/nodes/pve01/qemu/106/status/current")["status"],
        "running"
    );
    desk.task("POST /cluster/bulk-action/guest/start", "vms=105&vms=110");
    assert_eq!(
        desk.get("/nodes/pve02/qemu/105/status/current")["status"],
        "running"
    );
    desk.task("POST /cluster/bulk-action/guest/shutdown", "");
    assert_eq!(running("pve01") + running("pve02") + running("pve03"), 0);
    holds(&desk);
}
