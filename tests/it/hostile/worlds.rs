//! World files: the default world, spoiled.

use std::sync::LazyLock;

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::Value;

use mock_server::proxmox::state::State;
use mock_server::pve::world::gauge::{self, Moment};
use mock_server::pve::world::ids::Vmid;
use mock_server::pve::world::resource::resources;
use mock_server::pve::world::{World, invariants};

use super::config;
use super::damage::{Twist, cuts, twists};

static TEXT: &str = include_str!("../../../fixtures/pve/default.json");

static WORLD: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(TEXT).unwrap());

/// A world that keeps its rules, or problems that say something. Whatever is accepted can be looked at, from the
/// beginning of time to its end.
fn check(text: &str) -> Result<(), TestCaseError> {
    let world = match World::read_text(text) {
        Ok(world) => world,
        Err(problems) => {
            prop_assert!((1..=1000).contains(&problems.len()), "{}", problems.len());
            prop_assert!(problems.iter().all(|one| !one.message.is_empty()));
            return Ok(());
        }
    };
    prop_assert_eq!(invariants(&world), [""; 0]);
    let again = World::read(&world.export());
    prop_assert_eq!(again.as_ref(), Ok(&world));
    for now in [
        Timestamp::MIN,
        "2026-07-04T12:00:00Z".parse().unwrap(),
        Timestamp::MAX,
    ] {
        look(&world, now);
        let mut later = world.clone();
        later.settle(now);
        prop_assert!(!later.is_due(now));
        prop_assert_eq!(invariants(&later), [""; 0]);
    }
    Ok(())
}

/// Asks for everything that is derived.
fn look(world: &World, now: Timestamp) {
    let moment = Moment { now, seed: 7 };
    for resource in resources(world, moment) {
        let _ = resource.id();
    }
    for (name, node) in &world.nodes {
        let _ = gauge::of_node(world, name, node, moment);
        for (id, _) in world.storages_on(name) {
            let _ = world.volumes_on(id, name).count();
        }
    }
    for (vmid, guest) in &world.guests {
        let _ = (
            guest.cards(),
            guest.drives(),
            guest.swap(),
            guest.name(*vmid),
        );
        let _ = (world.free_vmid(*vmid), world.pool_of(*vmid));
    }
    for entry in world.tasks.entries() {
        let _ = (entry.task.status(now), entry.task.log(now, 0, 0));
    }
    let _ = Vmid::new(100).map(|first| world.free_vmid(first));
}

proptest! {
    #![proptest_config(config(120))]

    #[test]
    fn a_twisted_world_is_whole_or_refused(twists in prop::collection::vec(twists(), 1..3)) {
        let mut value = WORLD.clone();
        twists.iter().for_each(|twist: &Twist| twist.apply(&mut value));
        check(&value.to_string())?;
    }

    #[test]
    fn a_cut_text_is_whole_or_refused(cuts in prop::collection::vec(cuts(), 1..3)) {
        let mut bytes = TEXT.as_bytes().to_vec();
        cuts.iter().for_each(|cut| cut.apply(&mut bytes));
        check(&String::from_utf8_lossy(&bytes))?;
    }
}

#[test]
fn nothing_is_too_deep() {
    let check = |text: String| check(&text).unwrap();
    check("[".repeat(10_000));
    check("{\"a\":".repeat(10_000));
    check("[".repeat(10_000) + &"]".repeat(10_000));
    for levels in [100, 126, 127, 10_000] {
        let deep = "[".repeat(levels) + &"]".repeat(levels);
        check(TEXT.replacen('{', &format!("{{\"options\": {{\"x\": {deep}}},"), 1));
    }
}
