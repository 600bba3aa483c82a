//! `migrate` and `relocate`: guests under high availability on their way to another node.
//!
//! The request is taken at once; the journey is a task of the node's resource manager. Rules may take others along
//! or stand in the way, which since release 9 the answer says.

use serde_json::{Value, json};

use super::resources::known;
use super::{by_manager, task};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::product::Edition;
use crate::proxmox::work::Job;
use crate::pve::world::World;
use crate::pve::world::guest::Status;
use crate::pve::world::ha::{Cause, Sid};
use crate::pve::world::ids::NodeName;
use crate::pve::world::task::Effect;
use crate::routes::Route;
use crate::routes::route::post;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        post(
            "/cluster/ha/resources/{sid}/migrate",
            Handler::Write(migrate),
        ),
        post(
            "/cluster/ha/resources/{sid}/relocate",
            Handler::Write(relocate),
        ),
    ]
}

/// How a guest travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pve::api) enum Way {
    /// As it is.
    Migrate,
    /// Stopped, and started again there.
    Relocate,
}

fn migrate(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    travel(world, call, Way::Migrate)
}

fn relocate(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    travel(world, call, Way::Relocate)
}

fn travel(world: &mut World, call: &Call<'_>, way: Way) -> Result<Answer, Fault> {
    let (sid, _) = known(world, call)?;
    let text = call.text("node");
    let target = world.nodes.keys().find(|name| name.as_str() == text);
    let target = target.cloned();
    let target = target.ok_or_else(|| Fault::Failed(format!("no such cluster node '{text}'")))?;
    let has_rules = call.context.edition == Edition::Pve9;
    let (blocking, along) = match has_rules {
        true => (world.in_the_way(&sid, &target), world.taken_along(&sid)),
        false => Default::default(),
    };
    if blocking.is_empty() {
        for one in along.iter().chain([&sid]) {
            send(world, call, one, &target, way);
        }
    }
    if !has_rules {
        return Ok(Answer::default());
    }
    let mut answer = json!({"sid": sid.to_string(), "requested-node": target.as_str()});
    if !along.is_empty() {
        let along: Vec<_> = along.iter().map(Sid::to_string).collect();
        answer["comigrated-resources"] = json!(along);
    }
    if !blocking.is_empty() {
        answer["blocking-resources"] = shown(&blocking);
    }
    Ok(Answer::new(answer))
}

/// Sends one resource on its way.
pub(in crate::pve::api) fn send(
    world: &mut World,
    call: &Call<'_>,
    sid: &Sid,
    target: &NodeName,
    way: Way,
) {
    let Some(guest) = world
        .resource_guest(sid)
        .filter(|guest| guest.node != *target)
    else {
        return;
    };
    let from = guest.node.clone();
    let word = guest.kind.word();
    let vmid = sid.vmid;
    let journey = Effect::Relocate(vmid, target.clone(), Vec::new());
    let job = Job::new(task(guest, "migrate"), vmid);
    let job = match (way, guest.status.is_running()) {
        (Way::Relocate, true) => job
            .saying(format!("relocating {word} {vmid} to node '{target}'"))
            .doing(Effect::Power(vmid, Status::Stopped))
            .doing(journey)
            .doing(Effect::Power(vmid, Status::Running)),
        _ => job
            .saying(format!("migrating {word} {vmid} to node '{target}'"))
            .doing(journey),
    };
    by_manager(world, call, &from, job);
}

/// What stands in the way, as answers have it.
pub(in crate::pve::api) fn shown(blocking: &[(Sid, Cause)]) -> Value {
    let one =
        |(sid, cause): &(Sid, Cause)| json!({"sid": sid.to_string(), "cause": cause.as_str()});
    blocking.iter().map(one).collect()
}
