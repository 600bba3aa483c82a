//! What handlers of accounts have in common: who is meant, who may look, and which state is changed.

use serde::Serialize;

use crate::proxmox::call::Call;
use crate::proxmox::digest;
use crate::proxmox::fault::Fault;
use crate::proxmox::identity::{Identity, TokenId, UserId};
use crate::proxmox::product::Product;
use crate::proxmox::state::State;

/// The user that a parameter names.
pub(super) fn user(call: &Call<'_>, name: &str) -> Result<UserId, Fault> {
    UserId::parse(call.text(name), call.context.product)
        .map_err(|fault| Fault::parameter(name, fault.to_string()))
}

/// The user or token that a parameter names.
pub(super) fn identity(call: &Call<'_>, name: &str) -> Result<Identity, Fault> {
    Identity::parse(call.text(name), call.context.product)
        .map_err(|fault| Fault::parameter(name, fault.to_string()))
}

/// The token of the path.
pub(super) fn token(call: &Call<'_>) -> Result<TokenId, Fault> {
    Ok(TokenId {
        user: user(call, "userid")?,
        name: call.text("token-name").into(),
    })
}

/// The privilege to look at accounts, and the one to change them.
pub(super) fn privileges(product: Product) -> (&'static str, &'static str) {
    match product {
        Product::Pdm => ("Access.Audit", "Access.Modify"),
        Product::Pve | Product::Pbs => ("Sys.Audit", "Permissions.Modify"),
    }
}

/// Whether the caller may look at all accounts.
pub(super) fn may_audit<W: State>(world: &W, call: &Call<'_>, path: &str) -> bool {
    call.may(world, path, &[privileges(call.context.product).0])
}

/// Whether the caller may change all accounts.
pub(super) fn may_modify<W: State>(world: &W, call: &Call<'_>, path: &str) -> bool {
    call.may(world, path, &[privileges(call.context.product).1])
}

/// The digest of a file with this content.
pub(super) fn digest_of(call: &Call<'_>, content: &impl Serialize) -> String {
    let text = serde_json::to_string(content).unwrap_or_default();
    digest::of_text(call.context.product, &text)
}

/// Refuses a change that was meant for another state of a file.
pub(super) fn fits(call: &Call<'_>, content: &impl Serialize) -> Result<(), Fault> {
    let stated = call.arguments.text("digest");
    match stated.is_none() || digest::fits(stated, &digest_of(call, content)) {
        true => Ok(()),
        false => Err(Fault::configuration_changed()),
    }
}

/// A text without blanks around it; nothing for an empty one, by which these products delete.
pub(super) fn trimmed(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
