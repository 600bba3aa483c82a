//! The worlds that the binary carries, broken ones, and the passing of time.

use jiff::Timestamp;
use serde_json::Value;

use super::World;
use super::gauge::Moment;
use super::ids::{NodeName, Vmid};

mod broken;
mod deletions;
mod derived;
mod joins;
mod lab;
mod rights;
mod text;

const DEFAULT: &str = include_str!("../../../fixtures/pve/default.json");
const EMPTY: &str = include_str!("../../../fixtures/pve/empty.json");

fn world(text: &str) -> World {
    World::read_text(text).unwrap()
}

fn lab() -> World {
    world(DEFAULT)
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn vmid(number: u32) -> Vmid {
    Vmid::new(number).unwrap()
}

fn node(name: &str) -> NodeName {
    name.parse().unwrap()
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn noon() -> Moment {
    Moment {
        now: time("2026-01-05T12:00:00Z"),
        seed: 7,
    }
}
