//! `/access/openid`: logins by somebody else's word. What stands in for the provider, and which code a test may
//! come back with, is in [`crate::proxmox::openid`]; whom the provider knows is the realm's `remote`.

use serde_json::Value;

use crate::proxmox::Product;
use crate::proxmox::account::User;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::gate::Standing;
use crate::proxmox::identity::UserId;
use crate::proxmox::lodge::Lodge;
use crate::proxmox::login::let_in;
use crate::proxmox::openid::{Provider, finish, name_in, read_state};
use crate::pve::world::World;
use crate::pve::world::realm::{Realm, RealmKind, RemoteUser};
use crate::routes::Route;
use crate::routes::route::post;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        post("/access/openid/auth-url", Handler::Write(begin)),
        post("/access/openid/login", Handler::Write(end)),
    ]
}

fn begin(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("realm");
    let realm = openid_realm(world, name).map_err(Fault::Failed)?;
    let mut pending = std::mem::take(&mut realm.pending);
    let list = |option: &str| -> Vec<&str> {
        let text = realm.text(option).unwrap_or_default();
        let parts = text.split([' ', ',', ';']);
        parts.filter(|part| !part.is_empty()).collect()
    };
    let mut scopes = list("scopes");
    if scopes.is_empty() {
        scopes = vec!["email", "profile"];
    }
    let provider = Provider {
        realm: name,
        issuer: realm.text("issuer-url").unwrap_or_default(),
        client: realm.text("client-id").unwrap_or_default(),
        scopes: &scopes,
        prompt: realm.text("prompt"),
        contexts: &list("acr-values"),
    };
    let redirect = call.text("redirect-url");
    let url = provider.begin(&mut pending, redirect, call.now, || call.random());
    realm.pending = pending;
    url.map(Answer::new).map_err(Fault::Failed)
}

/// Nobody is told what was wrong.
fn end(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let user = proven(world, call).ok_or(Fault::LoginFailed)?;
    let lodge = Lodge::new(&*world, call.context, call.now);
    Ok(let_in(&lodge, &lodge, &user))
}

/// Who comes in, once all is right; a user whom nobody knew yet is there from then on, where the realm says so.
fn proven(world: &mut World, call: &Call<'_>) -> Option<UserId> {
    let (token, name) = read_state(call.text("state"))?;
    let realm = openid_realm(world, &name).ok()?;
    // A state counts once, whatever comes of it.
    if !finish(&mut realm.pending, &token, call.now) {
        return None;
    }
    let realm = realm.clone();
    let subject = name_in(call.text("code"))?;
    let remote = realm.remote.users.get(subject);
    let claimed = match realm.text("username-claim").unwrap_or("sub") {
        "sub" | "subject" | "username" | "preferred_username" => subject,
        "email" => remote?.email.as_deref()?,
        _ => return None,
    };
    let user = UserId::parse(&format!("{claimed}@{name}"), Product::Pve).ok()?;
    let directory = &mut world.access.directory;
    let is_new = !directory.has_user(&user);
    if is_new && realm.is_set("autocreate") == Some(true) {
        directory.users.insert(user.clone(), account(remote));
    } else if directory.standing(&user, call.now) != Standing::Good {
        return None;
    }
    join(world, &realm, &name, subject, &user);
    Some(user)
}

fn openid_realm<'w>(world: &'w mut World, name: &str) -> Result<&'w mut Realm, String> {
    let missing = || format!("authentication domain '{name}' does not exist");
    let realm = world.access.realms.get_mut(name).ok_or_else(missing)?;
    match realm.kind {
        RealmKind::Openid => Ok(realm),
        kind => Err(format!("wrong realm type ({} != openid)", kind.name())),
    }
}

/// A new user, with what the provider says.
fn account(remote: Option<&RemoteUser>) -> User {
    let remote = remote.cloned().unwrap_or_default();
    User {
        firstname: remote.firstname,
        lastname: remote.lastname,
        email: remote.email,
        ..User::default()
    }
}

/// The provider's groups, when the realm takes any: those that exist here, or all where they may be made.
fn join(world: &mut World, realm: &Realm, name: &str, subject: &str, user: &UserId) {
    if realm
        .options
        .0
        .get("groups-claim")
        .is_none_or(Value::is_null)
    {
        return;
    }
    let directory = &mut world.access.directory;
    if realm.is_set("groups-overwrite") == Some(true) {
        directory.leave_groups(user);
    }
    let remote = realm.remote.groups.iter();
    let own = remote.filter(|(_, members)| members.contains(subject));
    for group in own.map(|(group, _)| format!("{group}-{name}")) {
        if realm.is_set("groups-autocreate") == Some(true) {
            let groups = &mut directory.groups;
            groups.entry(group.clone()).or_default();
        }
        if let Some(group) = directory.groups.get_mut(&group) {
            group.members.insert(user.clone());
        }
    }
}
