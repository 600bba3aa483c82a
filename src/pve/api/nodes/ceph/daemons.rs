//! Monitors, managers and metadata servers: one of each on a node, under the node's name unless another is given.

use serde_json::{Map, Value, json};

use super::reports::is_up;
use super::{LONG_VERSION, VERSION, expect_ceph, kept, members, node};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::product::Edition;
use crate::proxmox::work::Job;
use crate::pve::world::World;
use crate::pve::world::ceph::{MANAGERS, METADATA, MONITORS};
use crate::routes::Route;
use crate::routes::route::{delete, get, post};

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/nodes/{node}/ceph/mon", Handler::Read(monitors)),
        post(
            "/nodes/{node}/ceph/mon/{monid}",
            Handler::Write(add_monitor),
        ),
        delete(
            "/nodes/{node}/ceph/mon/{monid}",
            Handler::Write(remove_monitor),
        ),
        get("/nodes/{node}/ceph/mgr", Handler::Read(managers)),
        post("/nodes/{node}/ceph/mgr/{id}", Handler::Write(add_manager)),
        delete(
            "/nodes/{node}/ceph/mgr/{id}",
            Handler::Write(remove_manager),
        ),
        get("/nodes/{node}/ceph/mds", Handler::Read(servers)),
        post("/nodes/{node}/ceph/mds/{name}", Handler::Write(add_server)),
        delete(
            "/nodes/{node}/ceph/mds/{name}",
            Handler::Write(remove_server),
        ),
    ]
}

/// What all daemons show.
fn shown(name: &str, daemon: &Map<String, Value>, state: &str) -> Map<String, Value> {
    let mut row = members(json!({
        "name": name,
        "state": state,
        "host": daemon.get("host"),
        "addr": daemon.get("addr"),
        "ceph_version": LONG_VERSION,
        "ceph_version_short": VERSION,
        "direxists": true,
        "service": true,
    }));
    row.retain(|_, value| !value.is_null());
    row
}

fn monitors(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    expect_ceph(world)?;
    let rows = world
        .ceph_things(MONITORS)
        .zip(0..)
        .map(|((name, daemon), rank)| {
            let up = is_up(world, name, daemon);
            let mut row = shown(name, daemon, if up { "running" } else { "stopped" });
            row.insert("rank".to_owned(), json!(rank));
            if up {
                row.insert("quorum".to_owned(), json!(1));
            }
            if call.context.edition != Edition::Pve9 {
                // Older contracts declare other types than what the product sends; better none than wrong ones.
                row.retain(|name, _| !matches!(&**name, "host" | "direxists" | "service"));
            }
            Value::Object(row)
        });
    Ok(Answer::as_it_stands(rows.collect::<Value>()))
}

/// The first of those that run does the work, the others wait.
fn managers(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    expect_ceph(world)?;
    let mut is_active = true;
    let rows = world.ceph_things(MANAGERS).map(|(name, daemon)| {
        let state = match (is_up(world, name, daemon), is_active) {
            (true, true) => "active",
            (true, false) => "standby",
            (false, _) => "stopped",
        };
        is_active &= state != "active";
        Value::Object(shown(name, daemon, state))
    });
    Ok(Answer::as_it_stands(rows.collect::<Value>()))
}

/// One server for each file system, the others wait.
fn servers(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    expect_ceph(world)?;
    let mut systems = world.ceph_things(super::files::FILE).map(|(name, _)| name);
    let rows = world.ceph_things(METADATA).map(|(name, daemon)| {
        if !is_up(world, name, daemon) {
            return Value::Object(shown(name, daemon, "stopped"));
        }
        let system = systems.next();
        let state = if system.is_some() {
            "up:active"
        } else {
            "up:standby"
        };
        let mut row = shown(name, daemon, state);
        row.insert(
            "rank".to_owned(),
            json!(if system.is_some() { 0 } else { -1 }),
        );
        if let Some(system) = system {
            row.insert("fs_name".to_owned(), json!(system));
        }
        Value::Object(row)
    });
    Ok(Answer::as_it_stands(rows.collect::<Value>()))
}

fn new(world: &World, call: &Call<'_>, port: Option<&str>) -> Result<Map<String, Value>, Fault> {
    let name = node(world, call)?;
    let given = call.arguments.list("mon-address");
    let known = world.nodes.get(&name);
    let address = given.first().map(|address| address.to_string());
    let address = address.or_else(|| known.map(|node| node.address.to_string()));
    let address = address.unwrap_or_default();
    let address = port.map_or_else(|| address.clone(), |port| format!("{address}:{port}"));
    Ok(members(json!({"host": name.as_str(), "addr": address})))
}

fn add_monitor(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    expect_ceph(world)?;
    let id = call.text("monid").to_owned();
    let daemon = new(world, call, Some("6789/0"))?;
    if world.ceph_thing(MONITORS, &id).is_some() {
        return Err(Fault::Failed(format!("monitor '{id}' already exists")));
    }
    let address = daemon.get("addr").cloned().unwrap_or_default();
    let mut others = world.ceph_things(MONITORS);
    if others.any(|(_, other)| other.get("addr") == Some(&address)) {
        let address = address.as_str().unwrap_or_default();
        let address = address.split(':').next().unwrap_or(address);
        return Err(Fault::Failed(format!(
            "monitor address '{address}' already in use"
        )));
    }
    drop(others);
    let mut job = Job::new("cephcreatemon", format!("mon.{id}"))
        .saying(format!("creating new monitor '{id}'"))
        .doing(kept(MONITORS, &id, Some(daemon.clone())));
    // The first monitor brings a manager along.
    if world.ceph_things(MANAGERS).next().is_none() {
        job = job.doing(kept(MANAGERS, &id, Some(daemon)));
    }
    call.start(world, job)
}

fn remove_monitor(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    expect_ceph(world)?;
    let id = call.text("monid").to_owned();
    if world.ceph_thing(MONITORS, &id).is_none() {
        return Err(Fault::Failed(format!("no such monitor id '{id}'")));
    }
    if world.ceph_things(MONITORS).count() == 1 {
        return Err(Fault::Failed("can't remove last monitor".to_owned()));
    }
    let job = Job::new("cephdestroymon", format!("mon.{id}"))
        .saying(format!("removing monitor '{id}'"))
        .doing(kept(MONITORS, &id, None));
    call.start(world, job)
}

fn add_manager(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    expect_ceph(world)?;
    let id = call.text("id").to_owned();
    let daemon = new(world, call, None)?;
    if world.ceph_thing(MANAGERS, &id).is_some() {
        let text = format!("ceph manager directory '/var/lib/ceph/mgr/ceph-{id}' already exists");
        return Err(Fault::Failed(text));
    }
    let job = Job::new("cephcreatemgr", format!("mgr.{id}"))
        .saying(format!(
            "creating manager directory '/var/lib/ceph/mgr/ceph-{id}'"
        ))
        .doing(kept(MANAGERS, &id, Some(daemon)));
    call.start(world, job)
}

fn remove_manager(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    expect_ceph(world)?;
    let id = call.text("id").to_owned();
    if world.ceph_thing(MANAGERS, &id).is_none() {
        let text = format!("ceph manager directory '/var/lib/ceph/mgr/ceph-{id}' not found");
        return Err(Fault::Failed(text));
    }
    let job = Job::new("cephdestroymgr", format!("mgr.{id}"))
        .saying(format!("removing manager '{id}'"))
        .doing(kept(MANAGERS, &id, None));
    call.start(world, job)
}

fn add_server(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    expect_ceph(world)?;
    let name = call.text("name").to_owned();
    let mut daemon = new(world, call, None)?;
    if world.ceph_thing(METADATA, &name).is_some() {
        let text = format!("ceph MDS with name '{name}' already exists");
        return Err(Fault::Failed(text));
    }
    if call.arguments.is_set("hotstandby") {
        daemon.insert("hotstandby".to_owned(), json!(true));
    }
    let job = Job::new("cephcreatemds", format!("mds.{name}"))
        .saying(format!(
            "creating MDS directory '/var/lib/ceph/mds/ceph-{name}'"
        ))
        .doing(kept(METADATA, &name, Some(daemon)));
    call.start(world, job)
}

fn remove_server(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    expect_ceph(world)?;
    let name = call.text("name").to_owned();
    if world.ceph_thing(METADATA, &name).is_none() {
        return Err(Fault::Failed(format!("no such MDS '{name}'")));
    }
    let job = Job::new("cephdestroymds", format!("mds.{name}"))
        .saying(format!("removing MDS '{name}'"))
        .doing(kept(METADATA, &name, None));
    call.start(world, job)
}
