//! What tests want of a product's tasks.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::personality::{Refused, TaskOrder, TaskVerb};
use crate::proxmox::product::Product;
use crate::proxmox::state::State;
use crate::proxmox::task::{Hold, Outcome, Task};
use crate::proxmox::upid::Upid;
use crate::proxmox::work::{Plan, Wish};

/// All tasks and plans of a world.
pub(super) fn listing<W: State>(world: &W, now: Timestamp) -> Value {
    let elsewhere = world.tasks_elsewhere();
    let elsewhere = elsewhere.iter().map(|(id, task)| entry(id, task, now));
    let own = world.work().tasks().rev();
    let own = own.map(|task| entry(&task.upid.to_string(), task, now));
    let tasks: Vec<Value> = own.chain(elsewhere).collect();
    json!({ "tasks": tasks, "plans": world.work().plans() })
}

fn entry(id: &str, task: &Task, now: Timestamp) -> Value {
    let (status, exit) = task.status(now);
    json!({
        "upid": id,
        "node": task.upid.node,
        "type": task.upid.kind,
        "id": task.upid.id,
        "user": task.upid.user.to_string(),
        "started": task.started.to_string(),
        "status": status,
        "exitstatus": exit,
        "held": task.hold == Hold::Held,
    })
}

/// Does what is wanted and says about which tasks.
pub(super) fn carry_out<W: State>(
    world: &mut W,
    product: Product,
    order: &TaskOrder,
    now: Timestamp,
) -> Result<Value, Refused> {
    if let Some(text) = &order.upid {
        let done = about_one(world, product, text, order, now)?;
        world.settle(now);
        return Ok(done);
    }
    let wish = match &order.verb {
        TaskVerb::Forget => {
            world.work_mut().clear_plans();
            return Ok(json!({ "ok": true }));
        }
        TaskVerb::Release => {
            let fits =
                |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|w| w == is);
            let released = world.work_mut().release(now, |upid| {
                fits(&order.kind, &upid.kind) && fits(&order.id, &upid.id)
            });
            let mut released: Vec<String> = released.iter().map(Upid::to_string).collect();
            released.extend(release_elsewhere(world, order, now));
            world.settle(now);
            return Ok(json!({ "ok": true, "released": released }));
        }
        TaskVerb::Hold => Wish::Hold,
        TaskVerb::Fail(text) => Wish::Fail(text.clone()),
        TaskVerb::Warn(count) => Wish::Warn(*count),
        TaskVerb::Take(time) => Wish::Take(milliseconds(*time)),
    };
    world.work_mut().plan(Plan {
        kind: order.kind.clone(),
        id: order.id.clone(),
        times: order.times.unwrap_or(1).max(1),
        wish,
    });
    Ok(json!({ "ok": true, "plans": world.work().plans() }))
}

/// Lets go what is held elsewhere and falls under the order; gives the ids.
fn release_elsewhere<W: State>(world: &mut W, order: &TaskOrder, now: Timestamp) -> Vec<String> {
    let fits = |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|w| w == is);
    let held = world.tasks_elsewhere().into_iter().filter(|(_, task)| {
        let upid = &task.upid;
        task.hold == Hold::Held && fits(&order.kind, &upid.kind) && fits(&order.id, &upid.id)
    });
    let held: Vec<String> = held.map(|(id, _)| id).collect();
    for id in &held {
        if let Some(task) = world.task_elsewhere_mut(id) {
            task.release(now);
        }
    }
    held
}

/// `running`, or how a task ended; `None` when there is none of this id.
pub(super) fn state<W: State>(
    world: &W,
    product: Product,
    id: &str,
    now: Timestamp,
) -> Option<String> {
    let elsewhere = world.tasks_elsewhere();
    let elsewhere = elsewhere.iter().find(|(known, _)| known == id);
    let task = match elsewhere {
        Some((_, task)) => *task,
        None => world.work().find(&Upid::parse(id, product).ok()?)?,
    };
    let (status, exit) = task.status(now);
    Some(exit.unwrap_or_else(|| status.to_owned()))
}

fn about_one<W: State>(
    world: &mut W,
    product: Product,
    text: &str,
    order: &TaskOrder,
    now: Timestamp,
) -> Result<Value, Refused> {
    let Some(task) = world.steered_task(text, product) else {
        return Err(Refused(format!("there is no task {text}")));
    };
    if !task.is_running(now) {
        return Err(Refused(format!("the task {text} is over")));
    }
    match &order.verb {
        TaskVerb::Hold => task.hold(now),
        TaskVerb::Release => task.release(now),
        TaskVerb::Fail(words) => task.stop(now, words.clone()),
        TaskVerb::Warn(count) => task.outcome = Outcome::Warnings(*count),
        TaskVerb::Take(time) => task.duration = *time,
        TaskVerb::Forget => return Err(Refused("plans are about tasks to come".to_owned())),
    }
    Ok(json!({ "ok": true, "task": entry(text, task, now) }))
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
