//! `/access/tfa` and `/access/users/{userid}/tfa`: second factors, as [`crate::proxmox::second_factor`] has them.

use serde_json::{Map, Value, json};

use crate::proxmox::Edition;
use crate::proxmox::account::User;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::gate::House;
use crate::proxmox::identity::UserId;
use crate::proxmox::lodge::Lodge;
use crate::proxmox::login::capabilities;
use crate::proxmox::second_factor::{FactorKind, Wanted};
use crate::pve::world::World;
use crate::routes::Route;
use crate::routes::route::{delete, get, post, put};

use super::confirm::confirmed;
use super::{Sight, existing, user_of};

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/access/tfa", Handler::Read(list)),
        post("/access/tfa", Handler::Read(verify)),
        get("/access/tfa/{userid}", Handler::Read(list_user)),
        post("/access/tfa/{userid}", Handler::Write(add)),
        get("/access/tfa/{userid}/{id}", Handler::Read(read)),
        put("/access/tfa/{userid}/{id}", Handler::Write(update)),
        delete("/access/tfa/{userid}/{id}", Handler::Write(remove)),
        get("/access/users/{userid}/tfa", Handler::Read(kinds)),
        put("/access/users/{userid}/unlock-tfa", Handler::Write(unlock)),
    ]
}

/// The users with second factors whom the caller sees.
fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let sight = Sight::of(world, call);
    let users = world.access.directory.users.iter();
    let seen = users.filter(|(id, user)| !user.factors.is_empty() && sight.sees(id));
    let row = |(id, user): (&UserId, &User)| {
        let mut row = Map::new();
        row.insert("userid".to_owned(), json!(id.as_str()));
        row.insert("entries".to_owned(), user.shown_factors());
        if call.context.edition != Edition::Pve7 {
            row.extend(user.lockout.shown(call.now));
        }
        Value::Object(row)
    };
    Ok(Answer::new(seen.map(row).collect::<Value>()))
}

/// The second step of old logins (release 7): a bare code, and a ticket for it.
fn verify(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let user = &call.caller.user;
    let directory = &world.access.directory;
    let factors = directory.users.get(user).map(|user| &user.factors);
    if factors.is_none_or(|factors| factors.is_empty()) {
        return Err(Fault::Failed("no u2f data available".to_owned()));
    }
    let answer = format!("totp:{}", call.text("response"));
    if !directory.prove(user, &answer, call.now).fits() {
        return Err(Fault::LoginFailed);
    }
    let lodge = Lodge::new(world, call.context, call.now);
    Ok(Answer::new(json!({
        "ticket": call.context.signer.ticket(user, call.now),
        "cap": capabilities(&lodge.rights(), &user.clone().into()),
    })))
}

/// A user whom nobody knows has none.
fn list_user(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let user = world.access.directory.users.get(&user_of(call)?);
    Ok(Answer::new(
        user.map_or_else(|| json!([]), User::shown_factors),
    ))
}

fn read(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = call.text("id");
    let user = world.access.directory.users.get(&user_of(call)?);
    let factor = user.and_then(|user| user.factors.get(id));
    let shown = factor.map(|factor| Answer::new(factor.shown(id)));
    shown.ok_or_else(|| Fault::NotFound(format!("No such tfa entry '{id}'")))
}

fn add(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = confirmed(world, call, "password")?;
    let kind = FactorKind::named(call.text("type"));
    let kind = kind.ok_or_else(|| Fault::Failed("invalid tfa type".to_owned()))?;
    let text = |name: &str| call.arguments.text(name);
    let wanted = Wanted {
        kind,
        description: text("description"),
        totp: text("totp"),
        value: text("value"),
        challenge: text("challenge"),
    };
    if kind == FactorKind::Yubico {
        realm_takes_yubico(world, &id)?;
    }
    let user = user_mut(world, &id)?;
    let added = user.add_factor(&wanted, call.now, || call.random())?;
    // The file of users says that there are second factors; what was there before is taken over or dropped.
    user.keys = None;
    let mut data = json!({"id": added.id});
    if !added.recovery.is_empty() {
        data["recovery"] = json!(added.recovery);
    }
    Ok(Answer::new(data))
}

fn update(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = confirmed(world, call, "password")?;
    let description = call.arguments.text("description");
    let enable = call.arguments.boolean("enable");
    let user = user_mut(world, &id)?;
    let found = user.change_factor(call.text("id"), description, enable);
    found.then(Answer::default).ok_or_else(no_such_entry)
}

fn remove(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = confirmed(world, call, "password")?;
    let user = user_mut(world, &id)?;
    if !user.remove_factor(call.text("id")) {
        return Err(no_such_entry());
    }
    if user.factors.is_empty() {
        user.keys = None;
    }
    Ok(Answer::default())
}

/// What a user's realm and the user have. The product answers with a list under `user` where several are asked
/// for; its contract says `types`, and so does this.
fn kinds(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = user_of(call)?;
    let realm = id.realm();
    let missing = || Fault::Failed(format!("auth domain '{realm}' does not exist"));
    let known = world.access.realm_of(&id).ok_or_else(missing)?;
    let mut data = Map::new();
    if let Some(kind) = known.part("tfa", "type") {
        data.insert("realm".to_owned(), json!(kind));
    }
    let user = world.access.directory.users.get(&id);
    let factors = user.map(User::listed_factors).unwrap_or_default();
    let mut names: Vec<_> = factors.iter().map(|(_, factor)| factor.kind).collect();
    names.dedup();
    if call.arguments.is_set("multiple") {
        let names: Vec<_> = names.iter().map(|kind| kind.name()).collect();
        data.insert("types".to_owned(), json!(names));
    } else if names.contains(&FactorKind::Totp) {
        data.insert("user".to_owned(), json!("oath"));
    } else if names.contains(&FactorKind::U2f) {
        data.insert("user".to_owned(), json!("u2f"));
    }
    Ok(Answer::new(data))
}

/// Says whether the user was locked out.
fn unlock(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = user_of(call)?;
    let user = world.access.directory.users.get_mut(&id);
    let user = user.filter(|user| !user.factors.is_empty());
    let user = user.ok_or_else(|| Fault::Failed("no such user".to_owned()))?;
    Ok(Answer::new(user.unlock_factors(call.now)))
}

fn realm_takes_yubico(world: &World, user: &UserId) -> Result<(), Fault> {
    let realm = user.realm();
    let tfa = world.access.realm_of(user);
    match tfa.and_then(|realm| realm.part("tfa", "type")).as_deref() {
        Some("yubico") => Ok(()),
        Some(_) => Err(Fault::Failed(
            "realm is not setup for Yubico OTP".to_owned(),
        )),
        None => Err(Fault::Failed(format!(
            "no yubico otp configuration available for realm {realm}"
        ))),
    }
}

fn user_mut<'w>(world: &'w mut World, id: &UserId) -> Result<&'w mut User, Fault> {
    existing(world, id)?;
    let user = world.access.directory.users.get_mut(id);
    user.ok_or_else(no_such_entry)
}

fn no_such_entry() -> Fault {
    Fault::Failed("no such entry".to_owned())
}
