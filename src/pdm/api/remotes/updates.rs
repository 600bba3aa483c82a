//! `/remotes/updates`: how many packages wait on which node of which remote.

use serde_json::{Map, Value, json};

use super::super::relay::{self, Ask, part};
use super::audits;
use crate::pdm::world::World;
use crate::pdm::world::remote::{Kind, Remote};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::work::Job;
use crate::routes::Route;
use crate::routes::route::{get, post};

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/remotes/updates/summary", Handler::Read(summary)),
        post("/remotes/updates/refresh", Handler::Write(refresh)),
    ]
}

fn summary(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let remotes = world.remotes.iter();
    let seen = remotes.filter(|(id, _)| audits(world, call, id));
    let items = seen.map(|(id, remote)| (id.clone(), of(remote, call)));
    Ok(Answer::new(
        json!({"remotes": Value::Object(items.collect())}),
    ))
}

fn refresh(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let mut job = Job::new("refresh-remote-updates", "");
    for (id, remote) in &world.remotes {
        let line = match remote.trouble() {
            None => format!("refreshed available updates of remote '{id}'"),
            Some(why) => format!("could not refresh remote '{id}': {why}"),
        };
        job = job.saying(line);
    }
    call.start(world, job)
}

/// The packages whose versions are told, of each product.
fn told(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Pve => &["pve-manager", "qemu-server", "pve-container"],
        Kind::Pbs => &["proxmox-backup-server", "proxmox-backup-client"],
    }
}

/// What waits on the nodes of a remote (`RemoteUpdateSummary` of pdm-api-types).
pub(in crate::pdm::api) fn of(remote: &Remote, call: &Call<'_>) -> Value {
    let kind = remote.kind();
    let mut item = json!({"nodes": {}, "remote-type": kind.name(), "status": "success"});
    if let Some(why) = remote.trouble() {
        item["status"] = json!("error");
        item["status-message"] = json!(why);
        return item;
    }
    let mut nodes = Map::new();
    match names(remote, call) {
        Ok(names) => {
            for (name, place) in names {
                let summary = of_node(remote, call, &place);
                nodes.insert(name, summary);
            }
        }
        Err(fault) => {
            item["status"] = json!("error");
            item["status-message"] = json!(text(&fault));
        }
    }
    item["nodes"] = Value::Object(nodes);
    item
}

/// The nodes of a remote: the name that is shown, and the one in paths.
pub(in crate::pdm::api) fn names(
    remote: &Remote,
    call: &Call<'_>,
) -> Result<Vec<(String, String)>, Fault> {
    if remote.kind() == Kind::Pbs {
        return Ok(vec![("localhost".to_owned(), "localhost".to_owned())]);
    }
    let nodes = relay::list(remote, call, Ask::get("/nodes"))?;
    let names = nodes.iter().filter_map(|node| node["node"].as_str());
    Ok(names.map(|name| (name.to_owned(), part(name))).collect())
}

fn of_node(remote: &Remote, call: &Call<'_>, place: &str) -> Value {
    let path = format!("/nodes/{place}/apt");
    // A node was last asked with the rest of its figures.
    let refreshed = call.now.as_second().div_euclid(86_400) * 86_400;
    let updates = match relay::list(remote, call, Ask::get(format!("{path}/update"))) {
        Ok(updates) => updates,
        Err(fault) => {
            return json!({
                "number-of-updates": 0,
                "last-refresh": refreshed,
                "status": "error",
                "status-message": text(&fault),
                "repository-status": "error",
            });
        }
    };
    let versions = relay::list(remote, call, Ask::get(format!("{path}/versions")));
    let versions = versions.unwrap_or_default();
    let told = told(remote.kind()).iter().filter_map(|name| {
        let found = versions
            .iter()
            .find(|package| package["Package"] == **name)?;
        let version = found.get("OldVersion").unwrap_or(&found["Version"]);
        Some(json!({"package": name, "version": version}))
    });
    json!({
        "number-of-updates": updates.len(),
        "last-refresh": refreshed,
        "status": "success",
        "versions": told.collect::<Vec<_>>(),
        "repository-status": repositories(remote, call, place),
    })
}

/// What kind of repository a node updates from (`ProductRepositoryStatus`).
fn repositories(remote: &Remote, call: &Call<'_>, place: &str) -> &'static str {
    let ask = Ask::get(format!("/nodes/{place}/apt/repositories"));
    let Ok(answer) = relay::look(remote, call, ask) else {
        return "error";
    };
    let standard = answer.data["standard-repos"].as_array();
    let is_on = |handle: &str| {
        let mut repos = standard.into_iter().flatten();
        repos.any(|repo| {
            let status = &repo["status"];
            repo["handle"] == handle && (*status == json!(true) || *status == json!(1))
        })
    };
    let enterprise = is_on("enterprise");
    let active = || {
        let ask = Ask::get(format!("/nodes/{place}/subscription"));
        relay::look(remote, call, ask).is_ok_and(|answer| answer.data["status"] == "active")
    };
    match () {
        () if enterprise && !active() => "missing-subscription-for-enterprise",
        () if is_on("no-subscription") || is_on("test") => "non-production-ready",
        () if enterprise => "ok",
        () => "no-product-repository",
    }
}

fn text(fault: &Fault) -> String {
    match fault {
        Fault::Failed(text) | Fault::NotFound(text) => text.clone(),
        other => format!("{other:?}"),
    }
}
