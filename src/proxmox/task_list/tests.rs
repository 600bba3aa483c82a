//! Six tasks, and who sees which of them.

use super::*;
use crate::proxmox::identity::Identity;
use crate::proxmox::task::tests::{at, task};

/// Tasks at the seconds 0 to 5; the last one runs until 100.
fn tasks(product: Product) -> Vec<Task> {
    let mut tasks: Vec<_> = (0..6)
        .map(|second| task(product, second, if second == 5 { 95 } else { 0 }))
        .collect();
    tasks[1].outcome = Outcome::Warnings(1);
    tasks[2].outcome = Outcome::Error("no".into());
    tasks[3].upid.kind = "vzdump".into();
    tasks[3].upid.id = "store1:vm/100".into();
    tasks[4].upid.user = Identity::parse("joe@pve!ci", product).unwrap();
    tasks
}

fn check(filter: &Filter, want: &[i64], total: usize) {
    let tasks = tasks(filter.product);
    let found = filter.select(&tasks, |_| true, at(50));
    let seconds: Vec<_> = found
        .tasks
        .iter()
        .map(|task| task.started.as_second() - at(0).as_second())
        .collect();
    assert_eq!(seconds, want, "{filter:?}");
    assert_eq!(found.total, total, "{filter:?}");
}

#[test]
fn filters_of_pve() {
    let with = |change: fn(&mut Filter)| {
        let mut filter = Filter::new(Product::Pve);
        change(&mut filter);
        filter
    };
    check(&with(|_| {}), &[4, 3, 2, 1, 0], 5);
    check(&with(|f| f.source = Source::All), &[5, 4, 3, 2, 1, 0], 6);
    check(&with(|f| f.source = Source::Active), &[5], 1);
    check(&with(|f| f.limit = 2), &[4, 3], 5);
    check(&with(|f| (f.start, f.limit) = (3, 50)), &[1, 0], 5);
    check(&with(|f| f.limit = 0), &[], 5);
    check(&with(|f| f.start = 9), &[], 5);
    check(&with(|f| f.since = Some(at(3).as_second())), &[4, 3], 2);
    check(&with(|f| f.until = Some(at(1).as_second())), &[1, 0], 2);
    check(&with(|f| f.vmid = Some("100".into())), &[4, 2, 1, 0], 4);
    check(&with(|f| f.typefilter = Some("vzdump".into())), &[3], 1);
    check(&with(|f| f.typefilter = Some("vzd".into())), &[], 0);
    check(&with(|f| f.userfilter = Some("JOE".into())), &[4], 1);
    check(&with(|f| f.errors = true), &[2, 1], 2);
    let kinds = |f: &mut Filter| f.statusfilter = Some(vec![StatusKind::Ok, StatusKind::Unknown]);
    check(&with(kinds), &[4, 3, 0], 3);
    check(
        &with(|f| {
            f.source = Source::All;
            f.statusfilter = Some(vec![StatusKind::Unknown]);
        }),
        &[5],
        1,
    );
}

#[test]
fn filters_of_the_others() {
    let with = |change: fn(&mut Filter)| {
        let mut filter = Filter::new(Product::Pbs);
        change(&mut filter);
        filter
    };
    check(&with(|_| {}), &[5, 4, 3, 2, 1, 0], 6);
    check(&with(|f| f.limit = 2), &[5, 4], 3);
    check(&with(|f| (f.start, f.limit) = (2, 2)), &[3, 2], 5);
    check(&with(|f| f.typefilter = Some("vzd".into())), &[3], 1);
    check(&with(|f| f.store = Some("store1".into())), &[3], 1);
    check(&with(|f| f.store = Some("store".into())), &[], 0);
    check(&with(|f| f.userfilter = Some("JOE".into())), &[], 0);
    check(&with(|f| f.errors = true), &[5, 2, 1], 3);
    check(
        &with(|f| f.statusfilter = Some(vec![StatusKind::Ok])),
        &[4, 3, 0],
        3,
    );
    check(
        &with(|f| f.statusfilter = Some(vec![StatusKind::Unknown])),
        &[],
        0,
    );
}

#[test]
fn what_may_not_be_seen_does_not_count() {
    let tasks = tasks(Product::Pve);
    let own = |task: &Task| task.upid.user.token.is_some();
    let found = Filter::new(Product::Pve).select(&tasks, own, at(50));
    assert_eq!((found.tasks.len(), found.total), (1, 1));
}

#[test]
fn recent_tasks_of_a_node() {
    let mut tasks: Vec<_> = (0..40).map(|n| task(Product::Pve, n, 0)).collect();
    tasks[3].duration = std::time::Duration::from_secs(1_000);
    let found = recent(&tasks, at(50));
    assert_eq!(found.len(), 25);
    assert_eq!(found[0].started, at(3));
    assert_eq!(found[1].started, at(39));
}

#[test]
fn kinds_of_status() {
    assert_eq!(StatusKind::named("Warning"), Some(StatusKind::Warning));
    assert_eq!(StatusKind::named("warnings"), None);
}
