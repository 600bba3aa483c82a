//! `GET /v1/nodes/{id}/secrets/{key}`.

use crate::contract::lenient::render_string;
use crate::plexd::answers;
use crate::plexd::call::{Answer, Call, Fault};
use crate::plexd::keys::seal;
use crate::plexd::world::World;

/// Every secret of every name holds the same text, sealed with the key of the node that asks, or with the
/// fixture's key when no such node registered.
pub(super) fn secret(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let central = call.central;
    let key = world
        .node(&call.value("id"))
        .map_or(&central.identity.node_secret_key, |node| {
            &node.node_secret_key
        });
    // Keys are checked when a world or fixture is loaded, so sealing has nothing left to refuse.
    let sealed = seal(key, &central.secret.plaintext).ok_or(Fault::InvalidBody)?;
    let text = format!(
        r#"{{"key":{},"ciphertext":"{}","nonce":"{}","version":{}}}"#,
        render_string(&call.value("key")),
        sealed.ciphertext,
        sealed.nonce,
        central.secret.version
    );
    Ok(answers::json(200, &text).into())
}
