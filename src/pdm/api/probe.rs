//! Looking at a product before it is managed: its certificate, its realms, its nodes.
//!
//! At an address of a remote is that remote; at any other address is the default world of the product, as when a
//! remote is added there. Names that never resolve (`.invalid`, RFC 2606) are not there.

use serde_json::{Value, json};

use super::relay::{self, Ask};
use super::remotes::address;
use crate::http::Method;
use crate::pdm::world::World;
use crate::pdm::world::remote::{Behind, Kind, NodeUrl, Remote};
use crate::proxmox::Product;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::identity::Identity;
use crate::routes::Route;
use crate::routes::route::{get, post};

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        post("/pve/probe-tls", Handler::Read(probe_tls)),
        post("/pbs/probe-tls", Handler::Read(probe_tls)),
        post("/pve/scan", Handler::Read(scan)),
        post("/pbs/scan", Handler::Read(scan)),
        get("/pve/realms", Handler::Read(realms)),
        get("/pbs/realms", Handler::Read(realms)),
    ]
}

fn kind(call: &Call<'_>) -> Kind {
    match call.operation.template.starts_with("/pbs/") {
        true => Kind::Pbs,
        false => Kind::Pve,
    }
}

fn probe_tls(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let fingerprint = call.arguments.text("fingerprint");
    outcome(world, kind(call), call.text("hostname"), fingerprint)
}

/// Whether the certificate at an address is trusted; if not, what it says (`TlsProbeOutcome`).
pub(super) fn outcome(
    world: &World,
    kind: Kind,
    host: &str,
    fingerprint: Option<&str>,
) -> Result<Answer, Fault> {
    let remote = at(world, kind, host)?;
    let shown = certificate(&remote, host);
    let own = shown["fingerprint"].as_str().unwrap_or_default();
    match fingerprint {
        Some(given) if given.eq_ignore_ascii_case(own) => Ok(Answer::new("TrustedCertificate")),
        // From memory of what OpenSSL says through the library.
        Some(_) => Err(Fault::Failed(
            "client error (Connect): certificate verify failed".to_owned(),
        )),
        None => Ok(Answer::new(json!({"UntrustedCertificate": shown}))),
    }
}

/// A remote's certificate as its information is shown.
fn certificate(remote: &Remote, host: &str) -> Value {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let product = match remote.kind() {
        Kind::Pve => "PVE Cluster Node",
        Kind::Pbs => "Proxmox Backup Server",
    };
    let known = remote.nodes.iter().find(|node| node.hostname == host);
    let known = known.and_then(|node| node.fingerprint.clone());
    let fingerprint = known.or_else(|| match &remote.behind {
        Behind::Pve(cluster) => {
            let node = cluster
                .nodes
                .iter()
                .find(|(id, node)| id.as_str() == name || node.address.to_string() == name);
            let node = node.or_else(|| cluster.nodes.iter().next());
            node.map(|(_, node)| node.fingerprint.clone())
        }
        Behind::Pbs(server) => Some(server.node.certificate.fingerprint.clone()),
    });
    json!({
        "filename": "",
        "fingerprint": fingerprint.unwrap_or_default().to_lowercase(),
        "subject": format!("OU = {product}, O = Proxmox Virtual Environment, CN = {name}"),
        "issuer": "CN = Proxmox Virtual Environment, O = PVE Cluster Manager CA",
        "public-key-type": "rsaEncryption",
        "public-key-bits": 2048,
        "notbefore": 1_764_576_000,
        "notafter": 1_827_648_000,
        "san": [name],
    })
}

/// What is at an address.
fn at(world: &World, kind: Kind, host: &str) -> Result<Remote, Fault> {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if name.ends_with(".invalid") {
        let text = "client error (Connect): dns error: failed to lookup address information: Name or service not known";
        return Err(Fault::Failed(text.to_owned()));
    }
    let remotes = world.remotes.values();
    let mut of_kind = remotes.filter(|remote| remote.kind() == kind);
    if let Some(remote) = of_kind.find(|remote| remote.has_host(host)) {
        return match remote.trouble() {
            None => Ok(remote.clone()),
            Some(why) => Err(Fault::Failed(format!("client error (Connect): {why}"))),
        };
    }
    Ok(Remote {
        nodes: vec![NodeUrl {
            hostname: host.to_owned(),
            fingerprint: None,
        }],
        authid: String::new(),
        token: String::new(),
        web_url: None,
        unreachable: None,
        collected: None,
        behind: Behind::named(kind, "default").map_err(Fault::Failed)?,
    })
}

fn realms(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let remote = at(world, kind(call), call.text("hostname"))?;
    let answer = relay::look(&remote, call, Ask::get("/access/domains"))?;
    Ok(relay::typed(call, answer))
}

/// Logs in, and tells what the remote would be: a cluster with all its nodes by the name of the cluster.
fn scan(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let kind = kind(call);
    let host = call.text("hostname");
    let mut remote = at(world, kind, host)?;
    call.text("authid").clone_into(&mut remote.authid);
    call.text("token").clone_into(&mut remote.token);
    let nodes = log_in(&remote, call).map_err(|fault| match fault {
        Fault::Failed(text) => Fault::Failed(format!("could not login: {text}")),
        other => other,
    })?;
    let (id, nodes) = match &remote.behind {
        Behind::Pbs(_) => {
            let fingerprint = call.arguments.text("fingerprint").map(str::to_owned);
            let node = NodeUrl {
                hostname: host.to_owned(),
                fingerprint,
            };
            (id_of(host), vec![address(&node)])
        }
        Behind::Pve(cluster) => {
            let nodes = nodes.iter().map(|node| {
                address(&NodeUrl {
                    hostname: node["node"].as_str().unwrap_or_default().to_owned(),
                    fingerprint: node["ssl_fingerprint"].as_str().map(str::to_owned),
                })
            });
            let nodes: Vec<String> = nodes.collect();
            let first = nodes.first().and_then(|node| node.split(',').next());
            let name = cluster.cluster.name.clone();
            let id = name.or_else(|| first.map(str::to_owned));
            (id.unwrap_or_default(), nodes)
        }
    };
    Ok(Answer::new(json!({
        "type": kind.name(),
        "id": id,
        "nodes": nodes,
        "authid": remote.authid,
        "token": remote.token,
    })))
}

/// A host's name as the id of a remote: 2 to 32 of the characters that ids have.
fn id_of(host: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let plain: String = host
        .chars()
        .map(|c| if fits(c) { c } else { '-' })
        .collect();
    let plain = plain.trim_start_matches(['.', '-']);
    let long_enough = if plain.len() < 2 {
        format!("pbs-{plain}")
    } else {
        plain.to_owned()
    };
    long_enough.chars().take(32).collect()
}

/// By a token, or by a user's password; what a cluster says of its nodes then.
fn log_in(remote: &Remote, call: &Call<'_>) -> Result<Vec<Value>, Fault> {
    let who = Identity::parse(&remote.authid, Product::Pbs);
    let who = who.map_err(|fault| Fault::Failed(fault.to_string()))?;
    let is_user = who.token.is_none();
    if is_user {
        let ask = Ask {
            method: Method::Post,
            ..Ask::get("/access/ticket")
        };
        let ask = ask.with("username", remote.authid.clone());
        relay::look(remote, call, ask.with("password", remote.token.clone()))?;
    }
    match (remote.kind(), is_user) {
        (Kind::Pbs, true) => Ok(Vec::new()),
        (Kind::Pbs, false) => relay::look(remote, call, Ask::get("/version")).map(|_| Vec::new()),
        (Kind::Pve, true) => relay::list_as(remote, call, Ask::get("/nodes"), who),
        (Kind::Pve, false) => relay::list(remote, call, Ask::get("/nodes")),
    }
}
