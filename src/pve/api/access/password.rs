//! `/access/password`: new passwords.

use crate::proxmox::Edition;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::identity::UserId;
use crate::pve::world::World;
use crate::pve::world::realm::RealmKind;
use crate::routes::Route;
use crate::routes::route::put;

use super::confirm::confirmed;
use super::{denied, existing, user_of};

/// Its handler.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![put("/access/password", Handler::Write(change))]
}

fn change(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let user = match call.context.edition {
        // Nobody had to say their own password then.
        Edition::Pve7 => {
            let user = user_of(call)?;
            existing(world, &user)?;
            user
        }
        _ => confirmed(world, call, "confirmation-password")?,
    };
    let is_own = call.caller.token.is_none() && call.caller.user == user;
    let of_system = user.is_root() || user.realm() == "pam";
    if !call.is_root() && !is_own && of_system {
        return Err(denied());
    }
    takes_passwords(world, &user)?;
    set(world, &user, call.text("password"));
    Ok(Answer::default())
}

/// Whether the realm of a user keeps passwords.
pub(super) fn takes_passwords(world: &World, user: &UserId) -> Result<(), Fault> {
    let realm = user.realm();
    let text = match world.access.realms.get(realm).map(|realm| realm.kind) {
        Some(RealmKind::Pam | RealmKind::Pve) => return Ok(()),
        Some(kind) => format!("can't set password on auth type '{}'", kind.name()),
        None => format!("auth domain '{realm}' does not exist"),
    };
    Err(Fault::Failed(text))
}

/// Gives a user that exists a password.
pub(super) fn set(world: &mut World, user: &UserId, password: &str) {
    if let Some(user) = world.access.directory.users.get_mut(user) {
        user.password = Some(password.to_owned());
    }
}
