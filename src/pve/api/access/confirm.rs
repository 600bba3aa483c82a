//! Who may change passwords and second factors: users of their own, after saying their password again
//! (`reauth_user_for_user_modification` of pve-access-control).

use crate::proxmox::Edition;
use crate::proxmox::call::Call;
use crate::proxmox::fault::Fault;
use crate::proxmox::identity::UserId;
use crate::pve::world::World;
use crate::pve::world::realm::RealmKind;

use super::{denied, existing, user_of};

/// The user that a call changes, once the caller has given their own password in `parameter`.
pub(super) fn confirmed(world: &World, call: &Call<'_>, parameter: &str) -> Result<UserId, Fault> {
    let user = user_of(call)?;
    existing(world, &user)?;
    if call.is_root() {
        return Ok(user);
    }
    if user.is_root() {
        return Err(denied());
    }
    let Some(password) = call.arguments.text(parameter) else {
        let text = match call.context.edition {
            Edition::Pve7 => "password is required to modify TFA data",
            _ => "password is required to modify user",
        };
        return Err(Fault::parameter(parameter, text));
    };
    check_password(world, &call.caller.user, password)?;
    Ok(user)
}

/// Whether it is the user's password, in the words of the realm's kind.
fn check_password(world: &World, user: &UserId, password: &str) -> Result<(), Fault> {
    let failed = |text: &str| Err(Fault::Failed(text.to_owned()));
    let realm = user.realm();
    let Some(known) = world.access.realms.get(realm) else {
        let text = format!("auth domain '{realm}' does not exist");
        return failed(&text);
    };
    let directory = &world.access.directory;
    if directory.password_fits(user, password) {
        return Ok(());
    }
    let account = directory.users.get(user);
    let has_one = account.is_some_and(|user| user.password.is_some());
    match known.kind {
        RealmKind::Pve if !has_one => failed("no password set"),
        RealmKind::Pve => failed("invalid credentials"),
        RealmKind::Pam => failed("Authentication failure"),
        RealmKind::Openid => failed("OpenID realm does not allow password verification."),
        // The words are those of the directory's server; these are OpenLDAP's.
        RealmKind::Ldap | RealmKind::Ad => failed("Invalid credentials"),
    }
}
