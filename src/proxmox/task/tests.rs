//! One task at several moments.

use super::*;
use crate::proxmox::identity::Identity;
use crate::proxmox::upid::Process;

pub(in crate::proxmox) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_000_000 + second).unwrap()
}

/// A task that starts at second `start` and takes `seconds`.
pub(in crate::proxmox) fn task(product: Product, start: i64, seconds: u64) -> Task {
    let upid = Upid {
        node: "pve01".into(),
        process: Process::nth(product, start.unsigned_abs()),
        start: u32::try_from(at(start).as_second()).unwrap(),
        kind: "qmstart".into(),
        id: "100".into(),
        user: Identity::parse("root@pam", product).unwrap(),
    };
    Task::new(upid, at(start), Duration::from_secs(seconds))
}

fn line(at: u16, text: &str) -> Line {
    Line {
        at,
        text: text.into(),
    }
}

#[test]
fn a_task_runs_and_ends() {
    let check = |task: &Task, second: i64, want: (&'static str, Option<&str>)| {
        let (status, exit) = task.status(at(second));
        assert_eq!((status, exit.as_deref()), want, "at {second}");
    };
    let mut one = task(Product::Pve, 0, 10);
    check(&one, 0, ("running", None));
    check(&one, 9, ("running", None));
    check(&one, 10, ("stopped", Some("OK")));
    assert_eq!(one.due(), Some(at(10)));
    check(&task(Product::Pve, 0, 0), 0, ("stopped", Some("OK")));
    one.outcome = Outcome::Warnings(2);
    check(&one, 10, ("stopped", Some("WARNINGS: 2")));
    one.outcome = Outcome::Error("disk full".into());
    check(&one, 10, ("stopped", Some("disk full")));
    one.stop(at(4), stop_words(Product::Pve));
    check(&one, 3, ("running", None));
    check(&one, 4, ("stopped", Some("received interrupt")));
    one.stop(at(5), "again");
    check(&one, 20, ("stopped", Some("received interrupt")));
}

#[test]
fn held_tasks_wait_for_their_release() {
    let mut task = task(Product::Pve, 0, 10);
    task.hold(at(1));
    assert!(task.is_running(at(1_000)) && task.due().is_none());
    task.release(at(5));
    assert_eq!(task.due(), Some(at(10)));
    task.hold(at(6));
    task.release(at(50));
    assert_eq!(task.due(), Some(at(50)));
    task.hold(at(60));
    assert_eq!(task.hold, Hold::Released(at(50)));
    let mut held = super::tests::task(Product::Pve, 0, 0);
    held.hold = Hold::Held;
    held.stop(at(3), "x");
    assert_eq!(held.status(at(3)).1.as_deref(), Some("x"));
}

#[test]
fn durations_beyond_time() {
    let mut long = task(Product::Pve, 0, u64::MAX);
    long.lines = vec![Line::first("begin"), line(500, "half")];
    assert_eq!(long.log(at(1), 0, 0).total, 1);
    assert_eq!(long.due(), Some(Timestamp::MAX));
    assert!(long.is_running(at(1)));
}

#[test]
fn the_log_grows() {
    let mut task = task(Product::Pve, 0, 10);
    let texts = |task: &Task, second: i64| {
        let page = task.log(at(second), 0, 0);
        assert_eq!(page.total, page.lines.len());
        page.lines
            .into_iter()
            .map(|(_, text)| text)
            .collect::<Vec<_>>()
    };
    assert_eq!(texts(&task, 0), ["no content"]);
    task.lines = vec![Line::first("begin"), line(500, "half"), line(1000, "all")];
    assert_eq!(texts(&task, 0), ["begin"]);
    assert_eq!(texts(&task, 5), ["begin", "half"]);
    assert_eq!(texts(&task, 10), ["begin", "half", "all", "TASK OK"]);
    let page = task.log(at(10), 1, 2);
    assert_eq!(page.lines, [(2, "half".into()), (3, "all".into())]);
    assert_eq!(page.total, 4);
    assert!(task.log(at(10), 4, 0).lines.is_empty());
    task.outcome = Outcome::Warnings(1);
    assert_eq!(texts(&task, 10)[3], "TASK WARNINGS: 1");
    task.stop(at(6), "no");
    assert_eq!(texts(&task, 10), ["begin", "half", "TASK ERROR: no"]);
}

#[test]
fn logs_of_the_rust_products_have_times() {
    let mut task = task(Product::Pbs, 0, 10);
    task.lines = vec![line(500, "half")];
    let page = task.log(at(10), 0, 50);
    assert_eq!(page.lines[0].1, "1970-01-12T13:46:45+00:00: half");
    assert_eq!(page.lines[1].1, "1970-01-12T13:46:50+00:00: TASK OK");
}
