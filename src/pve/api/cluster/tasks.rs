//! `/cluster/tasks`: the recent tasks of all nodes, as each tells the others about its own.

use serde_json::{Value, json};

use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::task::{State, Task};
use crate::proxmox::task_list::recent;
use crate::pve::api::nodes::tasks::{facts, is_own};
use crate::pve::world::World;
use crate::routes::Route;
use crate::routes::route::get;

/// Its handler.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![get("/cluster/tasks", Handler::Read(list))]
}

fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let auditor = call.may(world, "/", &["Sys.Audit"]);
    let mut tasks: Vec<&Task> = Vec::new();
    for node in world.nodes.keys() {
        let here = world.tasks.tasks();
        let here = here.filter(|task| task.upid.node == node.as_str());
        tasks.extend(recent(here, call.now));
    }
    tasks.retain(|task| auditor || is_own(task, call));
    tasks.sort_by_key(|task| (!task.is_running(call.now), std::cmp::Reverse(task.started)));
    let rows = tasks.into_iter().map(|task| row(task, call));
    Ok(Answer::new(rows.collect::<Value>()))
}

fn row(task: &Task, call: &Call<'_>) -> Value {
    let mut row = facts(task);
    // Whether the task is in the archive already; a text, because it comes from a line of a file.
    let saved = match task.state(call.now) {
        State::Running => "0",
        State::Stopped { at, outcome } => {
            row.insert("endtime".to_owned(), json!(at.as_second()));
            row.insert("status".to_owned(), json!(outcome.exit_status()));
            "1"
        }
    };
    row.insert("saved".to_owned(), json!(saved));
    Value::Object(row)
}
