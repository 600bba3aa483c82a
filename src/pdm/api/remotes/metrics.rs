//! `/remotes/metric-collection`: when the figures of each remote were last collected.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::pdm::world::World;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::routes::Route;
use crate::routes::route::{get, post};

/// The product collects once a minute (`metric_collection::collection_interval`).
const INTERVAL: i64 = 60;

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/remotes/metric-collection/status", Handler::Read(status)),
        post(
            "/remotes/metric-collection/trigger",
            Handler::Write(trigger),
        ),
    ]
}

fn status(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let items = world.remotes.iter().map(|(id, remote)| {
        let mut item = json!({"remote": id});
        match remote.trouble() {
            Some(why) => item["error"] = json!(why),
            None => item["last-collection"] = json!(last(remote.collected, call.now)),
        }
        item
    });
    Ok(Answer::new(items.collect::<Vec<Value>>()))
}

/// The later of the last regular collection and the last one on request.
fn last(asked: Option<Timestamp>, now: Timestamp) -> i64 {
    let regular = now.as_second().div_euclid(INTERVAL) * INTERVAL;
    asked.map_or(regular, |asked| asked.as_second().max(regular))
}

fn trigger(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let wanted = call.arguments.text("remote");
    let remotes = world.remotes.iter_mut();
    for (_, remote) in remotes.filter(|(id, _)| wanted.is_none_or(|wanted| wanted == *id)) {
        if remote.trouble().is_none() {
            remote.collected = Some(call.now);
        }
    }
    Ok(Answer::default())
}
