//! Firewalls of clusters at a glance: whether they are on, and how many of their rules count.

use serde_json::{Value, json};

use super::super::relay::{self, Ask, find, part};
use super::guests::nodes;
use crate::pdm::world::World;
use crate::pdm::world::remote::{Kind, Remote};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::routes::Route;
use crate::routes::route::get;

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/pve/firewall/status", Handler::Read(all)),
        get("/pve/remotes/{remote}/firewall/status", Handler::Read(one)),
        get(
            "/pve/remotes/{remote}/nodes/{node}/firewall/status",
            Handler::Read(node),
        ),
    ]
}

fn all(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let remotes = world.remotes.iter();
    let clusters = remotes.filter(|(_, remote)| remote.kind() == Kind::Pve);
    let items = clusters.map(|(id, remote)| of_cluster(id, remote, call));
    Ok(Answer::new(items.collect::<Vec<_>>()))
}

fn one(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = call.text("remote");
    let remote = world.remotes.get(id);
    let remote = remote.filter(|remote| remote.kind() == Kind::Pve);
    let remote = remote.ok_or_else(|| Fault::Failed(format!("Remote '{id}' not found")))?;
    Ok(Answer::new(of_cluster(id, remote, call)))
}

fn node(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let remote = find(world, call.text("remote"), Some(Kind::Pve))?;
    let ask = Ask::get("/cluster/resources").with("type", "vm");
    let guests = relay::list(remote, call, ask)?;
    Ok(Answer::new(of_node(
        remote,
        call,
        call.text("node"),
        &guests,
    )))
}

/// A cluster that does not answer has no status and no nodes.
fn of_cluster(id: &str, remote: &Remote, call: &Call<'_>) -> Value {
    let ask = Ask::get("/cluster/resources").with("type", "vm");
    let guests = relay::list(remote, call, ask).unwrap_or_default();
    let nodes = nodes(remote, call).unwrap_or_default();
    let nodes = nodes
        .iter()
        .map(|node| of_node(remote, call, node, &guests));
    let mut item = json!({"remote": id, "nodes": nodes.collect::<Vec<_>>()});
    if let Some(status) = status(remote, call, "/cluster/firewall", Fallback::Off) {
        item["status"] = status;
    }
    item
}

fn of_node(remote: &Remote, call: &Call<'_>, node: &str, guests: &[Value]) -> Value {
    let path = format!("/nodes/{}", part(node));
    let here = guests.iter().filter(|guest| guest["node"] == *node);
    let guests = here.map(|guest| {
        let (kind, vmid) = (guest["type"].as_str().unwrap_or("qemu"), &guest["vmid"]);
        let mut item = json!({
            "vmid": vmid,
            "name": guest["name"].as_str().unwrap_or_default(),
            "kind": kind,
        });
        let place = format!("{path}/{kind}/{vmid}/firewall");
        if let Some(status) = status(remote, call, &place, Fallback::Off) {
            item["status"] = status;
        }
        item
    });
    let mut item = json!({"node": node, "guests": guests.collect::<Vec<_>>()});
    if let Some(status) = status(remote, call, &format!("{path}/firewall"), Fallback::On) {
        item["status"] = status;
    }
    item
}

/// What a firewall is that nobody has set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fallback {
    On,
    Off,
}

fn status(remote: &Remote, call: &Call<'_>, place: &str, fallback: Fallback) -> Option<Value> {
    let options = relay::look(remote, call, Ask::get(format!("{place}/options"))).ok()?;
    let rules = relay::list(remote, call, Ask::get(format!("{place}/rules"))).ok()?;
    let is_true = |value: &Value| match value {
        Value::Null => None,
        Value::Bool(truth) => Some(*truth),
        other => Some(other != &json!(0) && other != &json!("0")),
    };
    let enabled = is_true(&options.data["enable"]).unwrap_or(fallback == Fallback::On);
    let active = rules
        .iter()
        .filter(|rule| is_true(&rule["enable"]) == Some(true));
    Some(json!({"enabled": enabled, "all": rules.len(), "active": active.count()}))
}
