//! `/cluster/config/**`: how nodes become a cluster.
//!
//! There is one cluster in a world: a machine of its own that joins another finds a single node of the name and
//! address that it was told. Words without a place in proxmox.md are from memory of `PVE::API2::ClusterConfig`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::proxmox::call::{Call, Handler};
use crate::proxmox::digest;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::state::State as _;
use crate::proxmox::work::Job;
use crate::pve::world::World;
use crate::pve::world::ids::NodeName;
use crate::pve::world::node::{Node, Presence};
use crate::pve::world::upkeep::Upkeep;
use crate::routes::Route;
use crate::routes::route::{delete, get, post};

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        post("/cluster/config", Handler::Write(create)),
        get("/cluster/config/apiversion", Handler::Read(api_version)),
        get("/cluster/config/join", Handler::Read(join_information)),
        post("/cluster/config/join", Handler::Write(join)),
        get("/cluster/config/nodes", Handler::Read(nodes)),
        post("/cluster/config/nodes/{node}", Handler::Write(add_node)),
        delete("/cluster/config/nodes/{node}", Handler::Write(remove_node)),
        get("/cluster/config/totem", Handler::Read(totem)),
        get("/cluster/config/qdevice", Handler::Read(quorum_device)),
    ]
}

const FILE: &str = "/etc/pve/corosync.conf";

fn create(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    if world.cluster.name.is_some() {
        return Err(Fault::Failed(format!(
            "cluster config '{FILE}' already exists"
        )));
    }
    let name = call.text("clustername").to_owned();
    let job = Job::new("clustercreate", &name)
        .saying("Corosync Cluster Engine Authentication key generator.")
        .saying("Gathering 2048 bits for key from /dev/urandom.")
        .saying("Writing corosync key to /etc/corosync/authkey.")
        .saying("Writing corosync config to /etc/pve/corosync.conf")
        .saying("Restart corosync and cluster filesystem");
    let number = call.arguments.integer("nodeid").unwrap_or(1);
    let number = u32::try_from(number).unwrap_or(1);
    call.start(
        world,
        job.doing(Upkeep::FoundCluster { name, number }.into()),
    )
}

/// Which way of joining this node understands.
fn api_version(_: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    Ok(Answer::new(1))
}

fn join_information(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    if world.cluster.name.is_none() {
        let text = "node is not in a cluster, no join info available!";
        return Err(Fault::Failed(text.to_owned()));
    }
    let preferred = call.arguments.text("node").unwrap_or(world.own_node());
    if !world.nodes.keys().any(|name| name.as_str() == preferred) {
        return Err(Fault::Failed(format!("unknown node '{preferred}'")));
    }
    let nodes = world.nodes.iter().map(|(name, node)| {
        json!({
            "name": name.as_str(),
            "nodeid": node.id,
            "ring0_addr": node.address.to_string(),
            "quorum_votes": 1,
            "pve_addr": node.address.to_string(),
            "pve_fp": node.fingerprint,
        })
    });
    let product = call.context.product;
    Ok(Answer::new(json!({
        "nodelist": nodes.collect::<Value>(),
        "preferred_node": preferred,
        "totem": totem_of(world),
        "config_digest": digest::of_text(product, &corosync_file(world)),
    })))
}

/// A machine that is in a cluster, or has guests, cannot join one; the task finds out.
fn join(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let mut reasons = Vec::new();
    if world.cluster.name.is_some() {
        reasons.push("* authentication key '/etc/corosync/authkey' already exists".to_owned());
        reasons.push(format!("* cluster config '{FILE}' already exists"));
    }
    if !world.guests.is_empty() {
        reasons.push("* this host already contains virtual guests".to_owned());
    }
    let mut job = Job::new("clusterjoin", "");
    if !reasons.is_empty() && !call.arguments.is_set("force") {
        job = job.saying("detected the following error(s):");
        job = reasons.into_iter().fold(job, Job::saying);
        return call.start(
            world,
            job.failing("Check if node may join a cluster failed!"),
        );
    }
    let host = call.text("hostname");
    let (name, node) = peer(world, host, call.text("fingerprint"), call)?;
    if world.nodes.contains_key(&name) {
        let text = format!(
            "An error occurred on the cluster node: Can't add existing node '{name}' to cluster"
        );
        return call.start(world, job.failing(text));
    }
    job = job
        .saying(format!("Establishing API connection with host '{host}'"))
        .saying("Login succeeded.")
        .saying("check cluster join API version")
        .saying("Request addition of this node")
        .saying("Join request OK, finishing setup locally")
        .saying("stopping pve-cluster service")
        .saying("successfully added node to cluster.");
    let cluster = "cluster".to_owned();
    let found = Upkeep::FoundCluster {
        name: cluster,
        number: 2,
    }
    .into();
    let add = Upkeep::AddNode(name, Box::new(node)).into();
    call.start(world, job.doing(found).doing(add))
}

/// The node that another cluster consists of, as a machine like our own.
fn peer(
    world: &World,
    host: &str,
    fingerprint: &str,
    call: &Call<'_>,
) -> Result<(NodeName, Node), Fault> {
    let address: Option<IpAddr> = host.parse().ok();
    let label = match address {
        Some(_) => "peer",
        None => host.split('.').next().unwrap_or(host),
    };
    let name: NodeName = label
        .parse()
        .map_err(|_| Fault::parameter("hostname", "value does not look like a valid host name"))?;
    let mut node = like_own(world, call)?;
    node.address = address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    node.fingerprint = fingerprint.to_ascii_uppercase();
    node.id = 1;
    Ok((name, node))
}

/// A machine as the one that answers, without what only that one has.
fn like_own(world: &World, call: &Call<'_>) -> Result<Node, Fault> {
    let own = world.own_node();
    let found = world.nodes.iter().find(|(name, _)| name.as_str() == own);
    let (_, node) = found.ok_or_else(|| Fault::no_such_node(own))?;
    let mut node = node.clone();
    node.started = call.now;
    node.options = crate::pve::world::options::Options::default();
    node.pending_network = None;
    Ok(node)
}

fn nodes(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    if world.cluster.name.is_none() {
        return Ok(Answer::new(json!([])));
    }
    let rows = world.nodes.iter().map(|(name, node)| {
        json!({
            "node": name.as_str(),
            "name": name.as_str(),
            "nodeid": node.id.to_string(),
            "ring0_addr": node.address.to_string(),
            "quorum_votes": "1",
        })
    });
    Ok(Answer::new(rows.collect::<Value>()))
}

/// A node that is about to join writes itself down; it is there when it has restarted.
fn add_node(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    expect_cluster(world)?;
    let text = call.text("node");
    let name: NodeName = text
        .parse()
        .map_err(|_| Fault::parameter("node", "value does not look like a valid node name"))?;
    if world.nodes.contains_key(&name) && !call.arguments.is_set("force") {
        return Err(Fault::Failed(format!(
            "Can't add existing node '{name}' to cluster"
        )));
    }
    let ids: Vec<u32> = world.nodes.values().map(|node| node.id).collect();
    let wanted = call.arguments.integer("nodeid");
    let wanted = wanted.and_then(|number| u32::try_from(number).ok());
    let free = (1..=u32::MAX).find(|number| !ids.contains(number));
    let id = wanted.or(free).unwrap_or(1);
    let other = world
        .nodes
        .iter()
        .find(|(known, node)| node.id == id && **known != name);
    if let Some((other, _)) = other {
        return Err(Fault::Failed(format!(
            "Node ID '{id}' already in use by node '{other}'"
        )));
    }
    let mut node = like_own(world, call)?;
    node.id = id;
    node.presence = Presence::Offline;
    let links = call.arguments.property_string("link0");
    let link = links.and_then(|link| link["address"].as_str());
    let address = call.arguments.text("new_node_ip").or(link);
    let address = address.and_then(|address| address.parse().ok());
    node.address = address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    node.fingerprint = fingerprint(call);
    world.add_node(name, node);
    let key: Vec<u8> = (0..32).flat_map(|_| call.random().to_le_bytes()).collect();
    Ok(Answer::new(json!({
        "corosync_authkey": STANDARD.encode(key),
        "corosync_conf": corosync_file(world),
        "warnings": [],
    })))
}

/// The fingerprint of a certificate that nobody has seen yet.
fn fingerprint(call: &Call<'_>) -> String {
    let octets = (0..4).flat_map(|_| call.random().to_be_bytes());
    let octets: Vec<_> = octets.map(|octet| format!("{octet:02X}")).collect();
    octets.join(":")
}

fn remove_node(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    expect_cluster(world)?;
    let text = call.text("node");
    let known = world.nodes.keys().find(|name| name.as_str() == text);
    let Some(name) = known.cloned() else {
        return Err(Fault::Failed(format!(
            "Node/IP: {text} is not a known host of the cluster."
        )));
    };
    if name.as_str() == world.own_node() {
        return Err(Fault::Failed(
            "Cannot delete myself from cluster!".to_owned(),
        ));
    }
    world.forget_node(&name);
    Ok(Answer::default())
}

fn expect_cluster(world: &World) -> Result<(), Fault> {
    if world.cluster.name.is_some() {
        return Ok(());
    }
    Err(Fault::Failed(format!(
        "unable to open file '{FILE}' - No such file or directory"
    )))
}

fn totem(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    Ok(Answer::new(totem_of(world)))
}

/// The values are texts, as they stand in the file.
fn totem_of(world: &World) -> Value {
    let Some(name) = &world.cluster.name else {
        return json!({});
    };
    json!({
        "version": "2",
        "cluster_name": name,
        "config_version": world.cluster.version.to_string(),
        "interface": {"0": {"linknumber": "0"}},
        "ip_version": "ipv4-6",
        "link_mode": "passive",
        "secauth": "on",
    })
}

/// No cluster here has an arbiter outside.
fn quorum_device(_: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    Ok(Answer::new(json!({})))
}

/// The file as corosync reads it.
fn corosync_file(world: &World) -> String {
    let mut text = "logging {\n  debug: off\n  to_syslog: yes\n}\n\nnodelist {\n".to_owned();
    let by_id: BTreeMap<u32, _> = world
        .nodes
        .iter()
        .map(|entry| (entry.1.id, entry))
        .collect();
    for (id, (name, node)) in by_id {
        let address = node.address;
        // Writing to a text cannot fail.
        let _ = write!(
            text,
            "  node {{\n    name: {name}\n    nodeid: {id}\n    quorum_votes: 1\n    ring0_addr: {address}\n  }}\n"
        );
    }
    let name = world.cluster.name.as_deref().unwrap_or_default();
    let version = world.cluster.version;
    let _ = write!(
        text,
        "}}\n\nquorum {{\n  provider: corosync_votequorum\n}}\n\ntotem {{\n  cluster_name: {name}\n  config_version: {version}\n  interface {{\n    linknumber: 0\n  }}\n  ip_version: ipv4-6\n  link_mode: passive\n  secauth: on\n  version: 2\n}}\n"
    );
    text
}
