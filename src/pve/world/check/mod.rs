//! What must be true of every world: names lead somewhere, sizes agree, trees are trees.
//!
//! The rules are those of proxbox.md 2.8. A world file is refused by them, and every change of a world keeps
//! them: [`invariants`] is what tests ask after each step.

use super::World;
use crate::contract::Problem;
use crate::proxmox::world_file::Report;

mod access;
pub(super) mod agent;
mod cluster;
mod guests;
mod sdn;
mod storage;

/// Everything that is wrong with a world, each in a sentence with its path; nothing is the only good answer.
pub fn invariants(world: &World) -> Vec<String> {
    let problems = problems(world).into_iter();
    problems
        .map(|Problem { path, message }| format!("{path}: {message}"))
        .collect()
}

/// The same as problems of a world file.
pub(super) fn problems(world: &World) -> Vec<Problem> {
    let mut report = Report::default();
    cluster::check(world, &mut report);
    guests::check(world, &mut report);
    sdn::check(world, &mut report);
    storage::check(world, &mut report);
    access::check(world, &mut report);
    report.into_problems()
}
