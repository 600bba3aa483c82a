//! The curves of storages.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::defined;
use crate::http::checksum::Checksum;
use crate::proxmox::Edition;
use crate::proxmox::arguments::split_list;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::rrd::{Consolidation, Frame, swing};
use crate::pve::api::nodes::graphs::drawn;
use crate::pve::world::World;
use crate::pve::world::size::Size;
use crate::routes::Route;
use crate::routes::route::get;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get(
            "/nodes/{node}/storage/{storage}/rrddata",
            Handler::Read(data),
        ),
        get(
            "/nodes/{node}/storage/{storage}/rrd",
            Handler::Read(picture),
        ),
    ]
}

/// What was used at each moment: what lay there by then, and a little more or less of what others keep there.
fn data(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let place = defined(world, call)?;
    let storage = place.storage;
    let frame = Frame::named(call.context.edition, call.text("timeframe"));
    let how = Consolidation::named(call.arguments.text("cf"));
    let volumes: Vec<(Timestamp, Size)> = world
        .volumes_on(&place.id, &place.node)
        .map(|(_, volume)| (volume.created, volume.used()))
        .collect();
    let node = world.nodes.get(&place.node);
    let thing = Checksum::Sha1.hex(place.id.as_str().as_bytes());
    let thing = thing.get(..12).unwrap_or_default();
    let thing = u64::from_str_radix(thing, 16).unwrap_or_default();
    let foreign = storage.foreign.bytes();
    let total = storage.size.bytes();
    let points = frame.moments(call.now).map(|at| {
        let is_up = node.is_some_and(|node| at >= node.started);
        if !is_up || storage.disabled || !storage.is_on(&place.node) {
            return json!({"time": at.as_second()});
        }
        let there = volumes.iter().filter(|(created, _)| *created <= at);
        let there: Size = there.map(|(_, used)| *used).sum();
        let level = how.of(swing(call.context.seed, thing, at));
        let tenths = (0_u64..=20)
            .zip(0_u32..)
            .find(|(_, n)| f64::from(*n) >= level * 10.0);
        // About a percent of what others keep comes and goes.
        let less = foreign / 1_000 * (20 - tenths.map_or(20, |(n, _)| n));
        let used = there.bytes().saturating_add(foreign - less);
        json!({"time": at.as_second(), "total": total, "used": used.min(total)})
    });
    Ok(Answer::new(points.collect::<Value>()))
}

/// The product draws a picture, and names a file that it does not write.
fn picture(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let place = defined(world, call)?;
    let sources: Vec<&str> = split_list(call.text("ds")).collect();
    let (node, id, sources) = (&place.node, &place.id, sources.join("_"));
    let folder = match call.context.edition {
        Edition::Pve9 => "pve-storage-9.0",
        _ => "pve2-storage",
    };
    let name = format!("/var/lib/rrdcached/db/{folder}/{node}/{id}_{sources}.png");
    drawn(call, &data(world, call)?, name)
}
