//! `/access/password`: a new password for oneself or another.

use super::{REALMS, users, words};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::gate::Mode;
use crate::proxmox::state::State;
use crate::routes::Route;
use crate::routes::route::put;

pub(super) fn routes<W: State>() -> Vec<Route<Handler<W>>> {
    vec![put("/access/password", Handler::Write(change))]
}

/// Only a person changes a password, and everybody but the superuser says the own one again
/// (proxmox-backup, `api2/access/mod.rs`).
fn change<W: State>(world: &mut W, call: &Call<'_>) -> Result<Answer, Fault> {
    if call.caller.token.is_some() {
        return Err(Fault::NoTokens("/access/password".to_owned()));
    }
    let id = words::user(call, "userid")?;
    let is_own = id == call.caller.user;
    if !is_own && !words::may_modify(world, call, "/access/users") {
        let text = "you are not authorized to change the password.";
        return Err(Fault::Failed(text.to_owned()));
    }
    if call.context.mode == Mode::Strict && !call.caller.is_root() {
        let confirmation = call.text("confirmation-password");
        let fits = world
            .directory()
            .password_fits(&call.caller.user, confirmation);
        if !fits {
            return Err(Fault::LoginFailed);
        }
    }
    users::find(world.directory(), &id)?;
    let realm = world
        .sections(REALMS)
        .and_then(|realms| realms.0.get(id.realm()));
    users::keeps_passwords(realm.map_or("", |realm| &realm.kind))?;
    let password = call.text("password").to_owned();
    let (directory, _) = world.accounts_mut();
    if let Some(user) = directory.users.get_mut(&id) {
        user.password = Some(password);
    }
    Ok(Answer::default())
}
