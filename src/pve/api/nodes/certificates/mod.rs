//! The certificates of a node: what it shows, what somebody gave it, what is ordered for it.

mod der;

mod read;

mod issue;

mod acme;

use serde_json::{Value, json};

use super::machine;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::pve::world::World;
use crate::pve::world::certificate::{AUTHORITY, CustomCertificate};
use crate::pve::world::ids::NodeName;
use crate::pve::world::node::Node;
use crate::routes::Route;
use crate::routes::route::{delete, get, post};

use read::Certificate;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    use Handler::{Read, Write};
    let mut routes = vec![
        get("/nodes/{node}/certificates/info", Read(info)),
        post("/nodes/{node}/certificates/custom", Write(upload)),
        delete("/nodes/{node}/certificates/custom", Write(remove)),
    ];
    routes.extend(acme::routes());
    routes
}

/// The authority's, the node's own, and the one in its place.
fn info(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (name, node) = machine::node(world, call)?;
    let authority = Certificate::read(AUTHORITY);
    let mut rows: Vec<Value> = Vec::new();
    rows.extend(authority.map(|authority| authority.shown("pve-root-ca.pem")));
    rows.push(own(name, node));
    let custom = node.certificates.custom.as_ref();
    let custom = custom.and_then(|custom| Certificate::read(&custom.chain));
    rows.extend(custom.map(|custom| custom.shown("pveproxy-ssl.pem")));
    Ok(Answer::new(rows))
}

/// A world that has no certificate for a node still says whose it is.
fn own(name: &NodeName, node: &Node) -> Value {
    let own = node.certificates.own.as_deref().and_then(Certificate::read);
    if let Some(own) = own {
        return own.shown("pve-ssl.pem");
    }
    let full = match node.dns.search.as_str() {
        "" => name.to_string(),
        domain => format!("{name}.{domain}"),
    };
    json!({
        "filename": "pve-ssl.pem",
        "fingerprint": node.fingerprint,
        "subject": format!("/OU=PVE Cluster Node/O=Proxmox Virtual Environment/CN={full}"),
        "issuer": "/CN=Proxmox Virtual Environment/O=PVE Cluster Manager CA",
        "san": ["127.0.0.1", "localhost", node.address.to_string(), name.as_str(), full],
    })
}

/// Takes the place of the node's own. Nothing is left of one that does not fit its key.
fn upload(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (name, node) = machine::node(world, call)?;
    let present = node.certificates.custom.as_ref();
    let given = call.arguments.text("key").filter(|key| !key.is_empty());
    let key = given.or(present.map(|present| &*present.key));
    let Some(key) = key else {
        let text = "Attempted to upload custom certificate without (existing) key.";
        return Err(Fault::parameter("key", text));
    };
    if present.is_some() && !call.arguments.is_set("force") {
        let text = "Custom certificate file exists but force flag is not set.";
        return Err(Fault::Failed(text.to_owned()));
    }
    let chain = stripped(call.text("certificates"));
    let failed = |why: &str| Fault::Failed(format!("Setting certificate files failed - {why}"));
    let path = format!("/etc/pve/nodes/{name}/pveproxy-ssl.pem");
    let certificate = Certificate::read(chain)
        .ok_or_else(|| failed(&format!("unable to read certificate from '{path}'")))?;
    // From memory: what OpenSSL's binding adds to these words.
    if certificate.belongs_to(key) != Some(true) {
        return Err(failed("key does not match the certificate (chain)"));
    }
    let custom = CustomCertificate {
        chain: chain.to_owned(),
        key: stripped(key).to_owned(),
    };
    machine::node_mut(world, call)?.certificates.custom = Some(custom);
    Ok(Answer::new(certificate.shown("pveproxy-ssl.pem")))
}

/// What people write before a block is not part of it.
fn stripped(pem: &str) -> &str {
    let start = pem.find("-----BEGIN ").unwrap_or(0);
    pem.get(start..).unwrap_or(pem)
}

fn remove(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    machine::node_mut(world, call)?.certificates.custom = None;
    Ok(Answer::default())
}

#[cfg(test)]
mod tests;
