//! `/nodes/{node}/replication/**`: how the copies of a node's guests stand.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::pve::api::cluster::replication::{demand_change, known, may_see, members};
use crate::pve::world::World;
use crate::pve::world::guest::Guest;
use crate::pve::world::replication::{Replication, ReplicationId};
use crate::routes::Route;
use crate::routes::route::{get, post};

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/nodes/{node}/replication", Handler::Read(list)),
        get(
            "/nodes/{node}/replication/{id}/status",
            Handler::Read(status),
        ),
        get("/nodes/{node}/replication/{id}/log", Handler::Read(log)),
        post(
            "/nodes/{node}/replication/{id}/schedule_now",
            Handler::Write(now),
        ),
    ]
}

/// The guest of a job, if it is on the node asked.
fn guest_here<'a>(world: &'a World, call: &Call<'_>, id: ReplicationId) -> Option<&'a Guest> {
    let guest = world.guests.get(&id.guest)?;
    (guest.node.as_str() == call.text("node")).then_some(guest)
}

fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let wanted = call.arguments.integer("guest");
    let jobs = world.replication.iter().filter(|(id, _)| {
        wanted.is_none_or(|wanted| i64::from(id.guest.number()) == wanted)
            && may_see(world, call, **id)
    });
    let rows = jobs.filter_map(|(id, job)| {
        let guest = guest_here(world, call, *id)?;
        Some(Value::Object(row(world, *id, job, guest)))
    });
    Ok(Answer::new(rows.collect::<Value>()))
}

fn row(world: &World, id: ReplicationId, job: &Replication, guest: &Guest) -> Map<String, Value> {
    let mut row = members(world, id, job);
    let second = |moment: Option<Timestamp>| json!(moment.map_or(0, |at| at.as_second()));
    let mut set = |name: &str, value: Value| row.insert(name.to_owned(), value);
    set("vmtype", json!(guest.kind.as_str()));
    set("last_sync", second(job.last_sync));
    set("last_try", second(job.last_try));
    set(
        "next_sync",
        second(job.next_sync(world.is_target_there(job))),
    );
    set("fail_count", json!(job.fail_count));
    if let Some(at) = job.last_sync {
        set("duration", json!(duration(id, at)));
    }
    if let Some(error) = &job.error {
        set("error", json!(error));
    }
    row
}

/// How long it took the last time, in seconds: a few, not always the same.
fn duration(id: ReplicationId, at: Timestamp) -> f64 {
    let second = at.as_second();
    let number = i64::from(id.guest.number()) + i64::from(id.number);
    let varied = (second / 60)
        .wrapping_mul(7_919)
        .wrapping_add(number * 104_729);
    let milliseconds = varied.rem_euclid(4_000) + 2_000;
    f64::from(u16::try_from(milliseconds).unwrap_or_default()) / 1000.0
}

/// The job of the path, whose guest is here and may be looked at.
fn here<'a>(
    world: &'a World,
    call: &Call<'_>,
) -> Result<(ReplicationId, &'a Replication, &'a Guest), Fault> {
    const WORDS: &str = "no such replication job";
    let (id, job) = known(world, call, WORDS)?;
    call.demand(world, &format!("/vms/{}", id.guest), &["VM.Audit"])?;
    let guest = guest_here(world, call, id);
    let guest = guest.ok_or_else(|| Fault::Failed(format!("{WORDS} '{id}'")))?;
    Ok((id, job, guest))
}

fn status(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (id, job, guest) = here(world, call)?;
    Ok(Answer::new(Value::Object(row(world, id, job, guest))))
}

/// What was said when it was done last; nothing before that.
fn log(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (id, job, guest) = here(world, call)?;
    let mut lines = Vec::new();
    if let Some(at) = job.last_sync {
        let time = at.strftime("%Y-%m-%d %H:%M:%S");
        let (vmid, word) = (id.guest, guest.kind.word());
        let runs = u8::from(guest.status.is_running());
        let said = [
            "start replication job".to_owned(),
            format!("guest => {word} {vmid}, running => {runs}"),
            format!("create snapshot '__replicate_{id}_{}__'", at.as_second()),
            format!("incremental sync to node {}", job.target),
            "delete previous replication snapshot".to_owned(),
            "end replication job".to_owned(),
        ];
        lines.extend(said.map(|text| format!("{time} {id}: {text}")));
    }
    if let Some(error) = &job.error {
        lines.push(format!("{id}: {error}"));
    }
    let total = lines.len();
    let count = |name: &str, default: usize| {
        let number = call.arguments.integer(name);
        number
            .and_then(|number| usize::try_from(number).ok())
            .unwrap_or(default)
    };
    let lines = lines
        .into_iter()
        .enumerate()
        .map(|(n, t)| json!({"n": n + 1, "t": t}));
    let page = lines.skip(count("start", 0)).take(count("limit", 50));
    Ok(Answer::new(page.collect::<Value>()).with("total", total))
}

/// The scheduler does it at its next look, which it takes every minute; one that was never tried is due anyway.
fn now(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (id, _, _) = here(world, call)?;
    demand_change(world, call, id)?;
    if let Some(job) = world.replication.get_mut(&id) {
        job.last_try = None;
    }
    Ok(Answer::default())
}

#[cfg(test)]
mod tests;
