//! Tasks as they begin, end, are planned for and kept.

use super::*;
use crate::proxmox::identity::UserId;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_767_614_400 + second).unwrap()
}

fn begin(work: &mut Work<u8>, second: i64, seconds: u64, job: Job<u8>) -> Upid {
    let start = Start {
        product: Product::Pve,
        node: "pve01",
        user: UserId::root().into(),
        now: at(second),
        duration: Duration::from_secs(seconds),
    };
    work.begin(start, job)
}

#[test]
fn effects_come_out_once_in_the_order_of_their_ends() {
    let mut work = Work::default();
    begin(&mut work, 0, 30, Job::new("long", "").doing(1));
    begin(&mut work, 1, 5, Job::new("short", "").doing(2).doing(3));
    begin(&mut work, 2, 4, Job::new("bad", "").doing(4).failing("no"));
    assert!(!work.is_due(at(5)));
    assert!(work.is_due(at(6)));
    let due: Vec<_> = work
        .take_due(at(100))
        .into_iter()
        .map(|due| due.2)
        .collect();
    assert_eq!(due, [vec![2, 3], vec![4], vec![1]]);
    assert!(!work.is_due(at(100)));
    assert!(work.take_due(at(100)).is_empty());
}

#[test]
fn what_is_done_is_passed_and_nothing_else() {
    let mut work = Work::default();
    let node = begin(&mut work, 0, 0, Job::new("first", "")).node;
    let early = begin(&mut work, 0, 5, Job::new("early", "").doing(1));
    begin(&mut work, 1, 50, Job::new("late", "").doing(2));
    assert_eq!(work.done.0, 1);
    let effects = |work: &mut Work<u8>, second| -> Vec<u8> {
        let due = work.take_due(at(second)).into_iter();
        due.flat_map(|due| due.2).collect()
    };
    assert_eq!(effects(&mut work, 10), [1]);
    assert_eq!(work.done.0, 2);
    work.also(&early, 3);
    assert!(work.is_due(at(10)));
    assert_eq!(effects(&mut work, 100), [3, 2]);
    assert_eq!(work.done.0, 3);
    let read: Work<u8> = serde_json::from_value(serde_json::to_value(&work).unwrap()).unwrap();
    assert_eq!(read, work);
    work.forget_node(&node);
    begin(&mut work, 101, 0, Job::new("again", "").doing(4));
    assert_eq!(effects(&mut work, 101), [4]);
}

#[test]
fn plans_are_used_up() {
    let mut work: Work<u8> = Work::default();
    let plan = |kind: Option<&str>, times, wish| Plan {
        kind: kind.map(Into::into),
        id: None,
        times,
        wish,
    };
    work.plan(plan(Some("qmstart"), 1, Wish::Fail("no space left".into())));
    work.plan(plan(None, 2, Wish::Hold));
    let started = begin(&mut work, 0, 0, Job::new("qmstart", 100));
    let held = begin(&mut work, 0, 0, Job::new("qmstart", 100));
    let other = begin(&mut work, 0, 0, Job::new("vzdump", ""));
    let free = begin(&mut work, 0, 0, Job::new("vzdump", ""));
    let status = |work: &Work<u8>, upid: &Upid| work.find(upid).unwrap().status(at(9));
    let failed = Some("no space left".to_owned());
    assert_eq!(status(&work, &started), ("stopped", failed));
    assert_eq!(status(&work, &held), ("running", None));
    assert_eq!(status(&work, &other), ("running", None));
    assert_eq!(status(&work, &free), ("stopped", Some("OK".into())));
    assert!(work.plans().is_empty());
    assert_eq!(work.release(at(9), |upid| upid.kind == "vzdump"), [other]);
    assert_eq!(status(&work, &held), ("running", None));
    assert_eq!(work.release(at(9), |_| true), [held]);
}

#[test]
fn there_and_back_through_a_file() {
    let mut work = Work::default();
    work.plan(Plan {
        kind: Some("qmstart".into()),
        id: Some("100".into()),
        times: 3,
        wish: Wish::Take(1500),
    });
    begin(
        &mut work,
        0,
        30,
        Job::new("vzdump", "").doing(1).saying("INFO: x"),
    );
    let file = serde_json::to_value(&work).unwrap();
    let read: Work<u8> = serde_json::from_value(file).unwrap();
    assert_eq!(read, work);
    let empty: Work<u8> = serde_json::from_str("{}").unwrap();
    assert_eq!(empty, Work::default());
}

#[test]
fn old_tasks_are_forgotten() {
    let mut work: Work<u8> = Work::default();
    begin(&mut work, 0, 0, Job::new("first", ""));
    for _ in 0..KEPT {
        begin(&mut work, 1, 0, Job::new("later", ""));
    }
    assert_eq!(work.tasks().count(), KEPT);
    assert!(work.tasks().all(|task| task.upid.kind == "later"));
}
