//! The tasks of a node: their list, what is to be seen of one, its log, and its end before its time.
//!
//! Who may see what is `PVE::API2::Tasks`: a user sees the tasks of its own and of its tokens, a token those that
//! it started itself, and whoever may audit the node sees all.

use serde_json::{Map, Value, json};

use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::{Answer, Download};
use crate::proxmox::fault::Fault;
use crate::proxmox::state::State as _;
use crate::proxmox::task::{State, Task, stop_words};
use crate::proxmox::task_list::Filter;
use crate::proxmox::upid::Upid;
use crate::pve::world::World;
use crate::routes::Route;
use crate::routes::route::{delete, get};

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/nodes/{node}/tasks", Handler::Read(list)),
        get("/nodes/{node}/tasks/{upid}", Handler::Read(index)),
        get("/nodes/{node}/tasks/{upid}/status", Handler::Read(status)),
        get("/nodes/{node}/tasks/{upid}/log", Handler::Read(log)),
        delete("/nodes/{node}/tasks/{upid}", Handler::Write(stop)),
    ]
}

fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let node = call.text("node");
    let auditor = call.may(world, &format!("/nodes/{node}"), &["Sys.Audit"]);
    let here = world.tasks.tasks().filter(|task| task.upid.node == node);
    let visible = |task: &Task| auditor || is_own(task, call);
    let selection =
        Filter::asked(call.context.product, &call.arguments).select(here, visible, call.now);
    let rows = selection.tasks.iter().map(|task| {
        let mut row = facts(task);
        match task.state(call.now) {
            State::Running => row.insert("status".to_owned(), json!("RUNNING")),
            State::Stopped { at, outcome } => {
                row.insert("endtime".to_owned(), json!(at.as_second()));
                row.insert("status".to_owned(), json!(outcome.exit_status()))
            }
        };
        Value::Object(row)
    });
    let data: Value = rows.collect();
    Ok(Answer::new(data).with("total", selection.total))
}

fn index(_: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    // The product looks at the form of the id only.
    Upid::parse(call.text("upid"), call.context.product).map_err(|_| Fault::bad_upid())?;
    Ok(Answer::new(json!([{"name": "log"}, {"name": "status"}])))
}

fn status(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let task = find(world, call)?;
    demand(world, call, task, "Sys.Audit")?;
    let mut shown = facts(task);
    let (status, exit) = task.status(call.now);
    shown.insert("status".to_owned(), json!(status));
    if let Some(exit) = exit {
        shown.insert("exitstatus".to_owned(), json!(exit));
    }
    Ok(Answer::new(Value::Object(shown)))
}

fn log(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let task = find(world, call)?;
    demand(world, call, task, "Sys.Audit")?;
    let arguments = &call.arguments;
    if arguments.is_set("download") {
        return whole_log(call, task);
    }
    let count = |name: &str| usize::try_from(arguments.integer(name).unwrap_or_default());
    let start = count("start").unwrap_or_default();
    let limit = count("limit").unwrap_or_default();
    let page = task.log(call.now, start, limit);
    let lines = page.lines.iter().map(|(n, t)| json!({"n": n, "t": t}));
    let data: Value = lines.collect();
    Ok(Answer::new(data).with("total", page.total))
}

/// The log as a file. The product refuses a page of it.
fn whole_log(call: &Call<'_>, task: &Task) -> Result<Answer, Fault> {
    for name in ["start", "limit"] {
        if call.arguments.has(name) {
            // From memory of `PVE::API2::Tasks`.
            let text = format!("cannot use '{name}' together with 'download'");
            return Err(Fault::parameter("download", text));
        }
    }
    let page = task.log(call.now, 0, 0);
    let lines = page.lines.iter().map(|(_, line)| format!("{line}\n"));
    Ok(Answer::file(Download {
        name: format!(
            "task-{}-{}-{}.log",
            task.upid.node,
            task.upid.kind,
            task.started.strftime("%Y-%m-%dT%H:%M:%SZ")
        ),
        content_type: "text/plain",
        content: lines.collect(),
    }))
}

fn stop(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let upid = {
        let task = find(world, call)?;
        demand(world, call, task, "Sys.Modify")?;
        task.upid.clone()
    };
    let words = stop_words(call.context.product);
    if let Some(task) = world.work_mut().find_mut(&upid) {
        task.stop(call.now, words);
    }
    Ok(Answer::default())
}

/// The task that a path names. Its files are on the node that it ran on, so other nodes do not know it.
fn find<'a>(world: &'a World, call: &Call<'_>) -> Result<&'a Task, Fault> {
    let upid = Upid::parse(call.text("upid"), call.context.product);
    let upid = upid.map_err(|_| Fault::bad_upid())?;
    let found = world.tasks.find(&upid);
    found
        .filter(|task| task.upid.node == call.text("node"))
        .ok_or_else(Fault::no_such_task)
}

fn demand(world: &World, call: &Call<'_>, task: &Task, privilege: &str) -> Result<(), Fault> {
    if is_own(task, call) {
        return Ok(());
    }
    call.demand(
        world,
        &format!("/nodes/{}", call.text("node")),
        &[privilege],
    )
}

/// Whether the caller started a task, in person or by a token. A token sees what it started itself.
pub(in crate::pve::api) fn is_own(task: &Task, call: &Call<'_>) -> bool {
    let starter = &task.upid.user;
    let caller = &call.caller;
    starter == caller || (caller.token.is_none() && starter.user == caller.user)
}

/// What a task's id says of it, without its state.
pub(in crate::pve::api) fn facts(task: &Task) -> Map<String, Value> {
    let upid = &task.upid;
    let mut facts = Map::new();
    let mut set = |name: &str, value: Value| facts.insert(name.to_owned(), value);
    set("upid", json!(upid.to_string()));
    set("node", json!(upid.node));
    set("pid", json!(upid.process.pid));
    set("pstart", json!(upid.process.start));
    // The same as in the id, but for tasks of a file laid over the world, whose ids may be anything.
    set("starttime", json!(task.started.as_second()));
    set("type", json!(upid.kind));
    set("id", json!(upid.id));
    set("user", json!(upid.user.user.to_string()));
    if let Some(token) = &upid.user.token {
        set("tokenid", json!(token));
    }
    facts
}

#[cfg(test)]
mod tests;
