//! Tasks of handlers: begun with an effect that names the task, and remembered as the last run of a job.

use crate::pbs::world::World;
use crate::pbs::world::task::Effect;
use crate::proxmox::call::Call;
use crate::proxmox::product::Product;
use crate::proxmox::task::{Outcome, State, Task};
use crate::proxmox::upid::Upid;
use crate::proxmox::work::Job;

/// Begins a task and gives its id. What its end does may name the task.
pub(super) fn begin(
    world: &mut World,
    call: &Call<'_>,
    job: Job<Effect>,
    effect: impl FnOnce(&str) -> Option<Effect>,
) -> String {
    let node = world.node.name.clone();
    let id = call.begin(world, &node, job);
    if let (Ok(upid), Some(effect)) = (Upid::parse(&id, Product::Pbs), effect(&id)) {
        world.tasks.also(&upid, effect);
    }
    id
}

/// The last task of a job, by its name in `last-runs`.
pub(super) fn last<'w>(world: &'w World, key: &str) -> Option<&'w Task> {
    let upid = world.last_runs.get(key)?;
    let upid = Upid::parse(upid, Product::Pbs).ok()?;
    world.tasks.find(&upid)
}

/// When a task ended and how; nothing while it runs.
pub(super) fn end(task: &Task, now: jiff::Timestamp) -> Option<(i64, Outcome)> {
    match task.state(now) {
        State::Running => None,
        State::Stopped { at, outcome } => Some((at.as_second(), outcome)),
    }
}
