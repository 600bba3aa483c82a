//! The packages of a node: what is installed, what is newer, where it comes from (`PVE::API2::APT`).

mod packages;

mod repositories;

use serde_json::{Value, json};

use super::machine;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::product::Edition;
use crate::proxmox::work::Job;
use crate::pve::world::World;
use crate::pve::world::node::Node;
use crate::pve::world::node_effect::NodeEffect;
use crate::pve::world::supply::Base;
use crate::pve::world::task::Effect;
use crate::routes::Route;
use crate::routes::route::{get, post, put};

use repositories::Entry;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    use Handler::{Read, Write};
    vec![
        get("/nodes/{node}/apt/update", Read(updates)),
        post("/nodes/{node}/apt/update", Write(refresh)),
        get("/nodes/{node}/apt/versions", Read(versions)),
        get("/nodes/{node}/apt/changelog", Read(changelog)),
        get("/nodes/{node}/apt/repositories", Read(repositories::show)),
        put("/nodes/{node}/apt/repositories", Write(repositories::add)),
        post(
            "/nodes/{node}/apt/repositories",
            Write(repositories::change),
        ),
    ]
}

fn updates(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (_, node) = machine::node(world, call)?;
    let packages = packages::of(call.context.edition);
    let outdated = packages.filter_map(|package| {
        let newer = package.newer?;
        if !node.packages.outdated.contains(package.name) {
            return None;
        }
        let mut row = package.shown(newer);
        if node.packages.announced.contains(package.name) {
            row["NotifyStatus"] = json!(newer);
        }
        Some(row)
    });
    Ok(Answer::new(outdated.collect::<Vec<_>>()))
}

fn versions(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (_, node) = machine::node(world, call)?;
    let edition = call.context.edition;
    let rows = packages::of(edition).map(|package| {
        let is_outdated = node.packages.outdated.contains(package.name);
        let newer = package.newer.filter(|_| is_outdated);
        package.installed(newer.unwrap_or(package.version), edition)
    });
    Ok(Answer::new(rows.collect::<Vec<Value>>()))
}

/// Packages and their versions as one text, for reports.
pub(super) fn installed(edition: Edition) -> Vec<(&'static str, &'static str)> {
    let packages = packages::of(edition);
    packages
        .map(|package| (package.name, package.version))
        .collect()
}

/// Looks what the repositories have. One that asks for a subscription fails without one, and with it the whole:
/// this is what happens on every new installation.
fn refresh(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (name, node) = machine::node(world, call)?;
    let edition = call.context.edition;
    let is_quiet = call.arguments.is_set("quiet");
    let mut job = Job::new("aptupdate", "");
    if !is_quiet {
        job = job.saying("starting apt-get update");
    }
    let mut refused = None;
    let entries = repositories::entries(&node.repositories, edition).into_iter();
    let on = entries.filter(|entry| repositories::is_on(&node.repositories, *entry));
    for (n, entry) in (1..).zip(on) {
        let from = format!(
            "{} {} InRelease",
            repositories::address(entry, edition),
            repositories::suite(edition)
        );
        let is_refused = is_paid(entry) && node.level().is_empty();
        if !is_quiet {
            let mark = if is_refused { "Err" } else { "Hit" };
            job = job.saying(format!("{mark}:{n} {from}"));
        }
        if is_refused {
            refused = Some(from);
        }
    }
    if let Some(from) = refused {
        if !is_quiet {
            job = job.saying("  401  Unauthorized");
            job = job.saying(format!("E: Failed to fetch {from}  401  Unauthorized"));
        }
        let job = job.failing("command 'apt-get update' failed: exit code 100");
        return call.start(world, job);
    }
    if !is_quiet {
        job = job.saying("Reading package lists...");
    }
    let outdated = found(node, edition);
    let announced = match call.arguments.is_set("notify") {
        true => outdated.clone(),
        false => {
            let still = outdated.iter();
            let still = still.filter(|name| node.packages.announced.contains(*name));
            still.cloned().collect()
        }
    };
    let effect = Effect::Node(name.clone(), NodeEffect::Refresh(outdated, announced));
    call.start(world, job.doing(effect))
}

fn is_paid(entry: Entry) -> bool {
    matches!(entry, Entry::Channel(channel) if channel.is_enterprise())
}

/// The packages of which the repositories that are switched on have a newer version.
fn found(node: &Node, edition: Edition) -> Vec<String> {
    let entries = repositories::entries(&node.repositories, edition);
    let is_on = |wanted: fn(Entry) -> bool| {
        let mut entries = entries.iter().copied();
        entries.any(|entry| wanted(entry) && repositories::is_on(&node.repositories, entry))
    };
    let own = is_on(|entry| matches!(entry, Entry::Channel(channel) if !channel.is_ceph()));
    let base = is_on(|entry| matches!(entry, Entry::Base(Base::Main | Base::Security)));
    let packages = packages::of(edition).filter(|package| package.newer.is_some());
    let packages = packages.filter(|package| match package.origin {
        "Debian" => base,
        _ => own,
    });
    packages.map(|package| package.name.to_owned()).collect()
}

/// What `apt-get changelog` prints; its failure is part of the answer.
fn changelog(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    machine::node(world, call)?;
    let name = call.text("name");
    let Some(package) = packages::named(call.context.edition, name) else {
        return Ok(Answer::new(format!(
            "E: Unable to locate package {name}\nRC: 100"
        )));
    };
    let known = [Some(package.version), package.newer];
    let wanted = call
        .arguments
        .text("version")
        .filter(|version| !version.is_empty());
    if let Some(version) = wanted.filter(|version| !known.contains(&Some(*version))) {
        let text = format!("E: Version '{version}' for '{name}' was not found\nRC: 100");
        return Ok(Answer::new(text));
    }
    let newest = package.newer.unwrap_or(package.version);
    let suite = repositories::suite(call.context.edition);
    let maker = match package.origin {
        "Debian" => "Debian Developers <packages@debian.example>",
        _ => "Proxmox Support Team <support@proxmox.example>",
    };
    let mut versions = vec![wanted.unwrap_or(newest)];
    if versions != [package.version] {
        versions.push(package.version);
    }
    let entries = versions.iter().map(|version| {
        format!(
            "{name} ({version}) {suite}; urgency=medium\n\n  * maintenance release\n\n -- {maker}  Mon, 01 Dec 2025 09:00:00 +0000\n"
        )
    });
    Ok(Answer::new(entries.collect::<Vec<_>>().join("\n")))
}
