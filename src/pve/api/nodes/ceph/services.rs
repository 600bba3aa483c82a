//! Ceph's services on a node, started and stopped.

use super::expect_ceph;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::work::Job;
use crate::pve::world::World;
use crate::pve::world::ceph::{MANAGERS, METADATA, MONITORS, STORES};
use crate::pve::world::upkeep::Upkeep;
use crate::routes::Route;
use crate::routes::route::post;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        post("/nodes/{node}/ceph/start", Handler::Write(start)),
        post("/nodes/{node}/ceph/stop", Handler::Write(stop)),
        post("/nodes/{node}/ceph/restart", Handler::Write(restart)),
    ]
}

fn start(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    work(world, call, "srvstart", State::Running)
}

fn stop(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    work(world, call, "srvstop", State::Stopped)
}

fn restart(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    work(world, call, "srvrestart", State::Running)
}

/// What services are afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Running,
    Stopped,
}

fn work(world: &mut World, call: &Call<'_>, kind: &str, state: State) -> Result<Answer, Fault> {
    expect_ceph(world)?;
    let service = call.text("service");
    let id = match service {
        "ceph" | "ceph.target" => "ceph",
        other => other,
    };
    let mut job = Job::new(kind, id);
    for (file, name) in meant(world, call.text("node"), service) {
        let Some(mut section) = world
            .sections
            .get(file)
            .and_then(|all| all.0.get(&name))
            .cloned()
        else {
            continue;
        };
        let stopped = state == State::Stopped;
        super::stores::set(&mut section.properties, "stopped", stopped.into());
        job = job.doing(
            Upkeep::Section {
                file: file.to_owned(),
                id: name,
                section: Some(section),
            }
            .into(),
        );
    }
    call.start(world, job)
}

/// The daemons of a node that a service names: all (`ceph`), all of a kind (`osd`), or one (`osd.3`).
fn meant(world: &World, node: &str, service: &str) -> Vec<(&'static str, String)> {
    let (kind, one) = match service.split_once('.') {
        Some((kind, "target")) => (kind, None),
        Some((kind, one)) => (kind, Some(one)),
        None => (service, None),
    };
    let files = [
        ("mon", MONITORS),
        ("mgr", MANAGERS),
        ("mds", METADATA),
        ("osd", STORES),
    ];
    let files = files
        .into_iter()
        .filter(|(name, _)| kind == "ceph" || kind == *name);
    let things = files.flat_map(|(_, file)| {
        let here = world.ceph_things(file).filter(move |(name, thing)| {
            let host = thing.get("host").and_then(serde_json::Value::as_str);
            host.unwrap_or(name) == node
        });
        here.map(move |(name, _)| (file, name.to_owned()))
    });
    things
        .filter(|(_, name)| one.is_none_or(|one| one == name))
        .collect()
}
