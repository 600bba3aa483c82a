//! `/nodes/{node}/tasks` (proxmox.md 3.4).

use serde_json::{Value, json};

use crate::pbs::world::World;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::identity::Identity;
use crate::proxmox::product::Product;
use crate::proxmox::task::{Task, stop_words};
use crate::proxmox::task_list::Filter;
use crate::proxmox::upid::Upid;
use crate::routes::Route;
use crate::routes::route::{delete, get};

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/nodes/{node}/tasks", Handler::Read(list)),
        get("/nodes/{node}/tasks/{upid}/status", Handler::Read(status)),
        get("/nodes/{node}/tasks/{upid}/log", Handler::Read(log)),
        delete("/nodes/{node}/tasks/{upid}", Handler::Write(stop)),
    ]
}

/// Whether the caller may see a task: the own ones (those of the own tokens too), those about a datastore that
/// the caller may look at, and all with `Sys.Audit`.
fn may_see(world: &World, call: &Call<'_>, upid: &Upid) -> bool {
    if is_own(&upid.user, &call.caller) || call.may(world, "/system/tasks", &["Sys.Audit"]) {
        return true;
    }
    let store = upid.id.split(':').next().unwrap_or_default();
    let is_of_store = matches!(
        upid.kind.as_str(),
        "backup"
            | "reader"
            | "verify"
            | "verify_group"
            | "verify_snapshot"
            | "verificationjob"
            | "prune"
            | "prunejob"
            | "garbage_collection"
            | "sync"
            | "syncjob"
    );
    let path = format!("/datastore/{store}");
    is_of_store
        && world.datastores.contains_key(store)
        && call.may_any(world, &path, &["Datastore.Audit", "Datastore.Verify"])
}

fn is_own(owner: &Identity, caller: &Identity) -> bool {
    owner == caller || (caller.token.is_none() && owner.user == caller.user)
}

fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let visible = |task: &Task| may_see(world, call, &task.upid);
    let selection = Filter::asked(call.context.product, &call.arguments).select(
        world.tasks.tasks(),
        visible,
        call.now,
    );
    let items = selection.tasks.iter().map(|task| shown(task, call));
    let items: Vec<Value> = items.collect();
    Ok(Answer::new(items).with("total", selection.total))
}

fn shown(task: &Task, call: &Call<'_>) -> Value {
    let upid = &task.upid;
    let mut item = json!({
        "upid": upid.to_string(),
        "node": upid.node,
        "pid": upid.process.pid,
        "pstart": upid.process.start,
        "starttime": upid.start,
        "worker_type": upid.kind,
        "user": upid.user.to_string(),
    });
    if !upid.id.is_empty() {
        item["worker_id"] = json!(upid.id);
    }
    if let Some((end, outcome)) = crate::pbs::api::task::end(task, call.now) {
        item["endtime"] = json!(end);
        item["status"] = json!(outcome.exit_status());
    }
    item
}

fn upid(world: &World, call: &Call<'_>) -> Result<Upid, Fault> {
    let text = call.text("upid");
    let upid = Upid::parse(text, Product::Pbs);
    let upid = upid.map_err(|fault| Fault::parameter("upid", fault.to_string()))?;
    match may_see(world, call, &upid) {
        true => Ok(upid),
        false => {
            call.demand(world, "/system/tasks", &["Sys.Audit"])?;
            Ok(upid)
        }
    }
}

/// A task that nobody remembers is over, and nobody knows how.
fn status(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let upid = upid(world, call)?;
    let (status, exit) = match world.tasks.find(&upid) {
        Some(task) => task.status(call.now),
        None => ("stopped", Some("unknown".to_owned())),
    };
    let mut data = json!({
        "upid": call.text("upid"),
        "node": upid.node,
        "pid": upid.process.pid,
        "pstart": upid.process.start,
        "starttime": upid.start,
        "type": upid.kind,
        "id": upid.id,
        "user": upid.user.user.to_string(),
        "status": status,
    });
    if let Some(token) = &upid.user.token {
        data["tokenid"] = json!(token);
    }
    if let Some(exit) = exit {
        data["exitstatus"] = json!(exit);
    }
    Ok(Answer::new(data))
}

fn log(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let upid = upid(world, call)?;
    let task = world.tasks.find(&upid);
    let task =
        task.ok_or_else(|| Fault::Failed("No such file or directory (os error 2)".to_owned()))?;
    let number = |name: &str, default: usize| {
        let number = call.arguments.integer(name);
        number
            .and_then(|number| usize::try_from(number).ok())
            .unwrap_or(default)
    };
    let page = task.log(call.now, number("start", 0), number("limit", 50));
    let lines = page
        .lines
        .iter()
        .map(|(n, text)| json!({"n": n, "t": text}));
    let lines: Vec<Value> = lines.collect();
    let answer = Answer::new(lines)
        .with("total", page.total)
        .with("success", 1);
    Ok(match call.arguments.is_set("test-status") {
        true => answer.with("active", task.is_running(call.now)),
        false => answer,
    })
}

fn stop(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let upid = upid(world, call)?;
    if !is_own(&upid.user, &call.caller) {
        call.demand(world, "/system/tasks", &["Sys.Modify"])?;
    }
    let now = call.now;
    if let Some(task) = world.tasks.find_mut(&upid)
        && task.is_running(now)
    {
        task.stop(now, stop_words(Product::Pbs));
    }
    Ok(Answer::default())
}
