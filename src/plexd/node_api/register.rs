//! `POST /v1/register`: the same node for everybody, or a node for each (`--nodes distinct`).

use serde_json::json;

use crate::contract::lenient;
use crate::plexd::answers;
use crate::plexd::call::{Answer, Call, Fault};
use crate::plexd::world::{Node, World};

/// Registers a node. Whatever token it brings, and however often it comes, it is welcome
/// (plexd-central.md 1.5).
pub(super) fn register(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (public_key, hostname) = introduction(call)?;
    let central = call.central;
    if !central.distinct_nodes {
        let identity = &central.identity;
        world.register_known(Node {
            node_id: identity.node_id.clone(),
            mesh_ip: identity.mesh_ip.clone(),
            node_secret_key: identity.node_secret_key.clone(),
            public_key,
            hostname,
            registered_at: call.now,
        });
        let mut answer = Answer::json(central.registration.clone());
        answer.node = Some(identity.node_id.as_str().into());
        return Ok(answer);
    }
    let node = world
        .register_distinct(&central.keys, public_key, hostname, call.now)
        .ok_or(Fault::MeshFull)?;
    let text = json!({
        "node_id": node.node_id,
        "mesh_ip": node.mesh_ip,
        "signing_public_key": central.identity.signing_public_key,
        "node_secret_key": node.node_secret_key,
        "peers": central.identity.peers,
    });
    let text = lenient::compact(&text.to_string())?;
    let mut answer = Answer::from(answers::json(200, &text));
    answer.node = Some(node.node_id.as_str().into());
    Ok(answer)
}

/// The public key and the host name that a node introduces itself with; empty when it does not.
fn introduction(call: &Call<'_>) -> Result<(String, String), Fault> {
    let schema = call.schema.ok_or(Fault::InvalidBody)?;
    let normal = lenient::normalize(schema, &call.request.body)?;
    let body: serde_json::Value = serde_json::from_str(&normal).map_err(|_| Fault::InvalidBody)?;
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    Ok((text("public_key"), text("hostname")))
}
