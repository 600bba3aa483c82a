//! `/access/users`: who there is.

use serde_json::{Map, Value, json};

use crate::proxmox::Edition;
use crate::proxmox::account::{Token, User};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::identity::UserId;
use crate::pve::world::World;
use crate::routes::Route;
use crate::routes::route::{delete, get, post, put};

use super::{Sight, existing, failed, kept, password, user_of};

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/access/users", Handler::Read(list)),
        post("/access/users", Handler::Write(create)),
        get("/access/users/{userid}", Handler::Read(read)),
        put("/access/users/{userid}", Handler::Write(update)),
        delete("/access/users/{userid}", Handler::Write(remove)),
    ]
}

fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let sight = Sight::of(world, call);
    let wanted = call.arguments.boolean("enabled");
    let users = world.access.directory.users.iter();
    let seen = users
        .filter(|(id, _)| sight.sees(id))
        .filter(|(_, user)| wanted.is_none_or(|enabled| enabled == user.enable));
    let rows = seen.map(|(id, user)| row(world, call, id, user));
    Ok(Answer::new(rows.collect::<Value>()))
}

fn row(world: &World, call: &Call<'_>, id: &UserId, user: &User) -> Value {
    let mut row = shown(user);
    row.insert("userid".to_owned(), json!(id.as_str()));
    if let Some(realm) = world.access.realm_of(id) {
        row.insert("realm-type".to_owned(), json!(realm.kind.name()));
    }
    // Release 7 locks nobody out.
    if call.context.edition != Edition::Pve7 {
        row.extend(user.lockout.shown(call.now));
    }
    if call.arguments.is_set("full") {
        let groups: Vec<_> = world.access.directory.groups_of(id).collect();
        row.insert("groups".to_owned(), json!(groups.join(",")));
        if !user.tokens.is_empty() {
            row.insert("tokens".to_owned(), token_rows(user));
        }
    }
    Value::Object(row)
}

/// What is told of a user everywhere. The second factors show as `x` (pve-access-control's `user.cfg`).
fn shown(user: &User) -> Map<String, Value> {
    let mut shown = Map::new();
    shown.insert("enable".to_owned(), json!(user.enable));
    shown.insert("expire".to_owned(), json!(user.expire));
    let x = (!user.factors.is_empty()).then(|| "x".to_owned());
    for (name, value) in [
        ("firstname", &user.firstname),
        ("lastname", &user.lastname),
        ("email", &user.email),
        ("comment", &user.comment),
        ("keys", &user.keys.clone().or(x)),
    ] {
        if let Some(value) = value {
            shown.insert(name.to_owned(), json!(value));
        }
    }
    shown
}

/// A user's tokens as a list.
pub(super) fn token_rows(user: &User) -> Value {
    let row = |(name, token): (&String, &Token)| {
        let mut row = token_shown(token);
        row.insert("tokenid".to_owned(), json!(name));
        Value::Object(row)
    };
    user.tokens.iter().map(row).collect()
}

/// What is told of a token after its creation.
pub(super) fn token_shown(token: &Token) -> Map<String, Value> {
    let mut shown = Map::new();
    shown.insert("expire".to_owned(), json!(token.expire));
    shown.insert("privsep".to_owned(), json!(token.privsep));
    if let Some(comment) = &token.comment {
        shown.insert("comment".to_owned(), json!(comment));
    }
    shown
}

fn create(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let tried = "create user failed";
    let id = world.access.spelled(user_of(call)?);
    if world.access.directory.has_user(&id) {
        return Err(failed(tried, format!("user '{id}' already exists")));
    }
    let password = call.arguments.text("password");
    if password.is_some() {
        password::takes_passwords(world, &id).map_err(|fault| prefixed(tried, fault))?;
    }
    let groups = known_groups(world, call).map_err(|fault| prefixed(tried, fault))?;
    let mut user = User::default();
    fill(&mut user, call);
    world.access.directory.users.insert(id.clone(), user);
    join(world, &id, &groups);
    if let Some(password) = password {
        password::set(world, &id, password);
    }
    Ok(Answer::default())
}

fn read(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = user_of(call)?;
    let user = existing(world, &id)?;
    let mut data = shown(user);
    let groups: Vec<_> = world.access.directory.groups_of(&id).collect();
    data.insert("groups".to_owned(), json!(groups));
    if !user.tokens.is_empty() {
        let tokens = user.tokens.iter();
        let tokens: Map<_, _> = tokens
            .map(|(name, token)| (name.clone(), Value::Object(token_shown(token))))
            .collect();
        data.insert("tokens".to_owned(), Value::Object(tokens));
    }
    Ok(Answer::new(data))
}

fn update(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let tried = "update user failed";
    let id = user_of(call)?;
    existing(world, &id).map_err(|fault| prefixed(tried, fault))?;
    let groups = known_groups(world, call).map_err(|fault| prefixed(tried, fault))?;
    let directory = &mut world.access.directory;
    if call.arguments.has("groups") && !call.arguments.is_set("append") {
        directory.leave_groups(&id);
    }
    if let Some(user) = directory.users.get_mut(&id) {
        fill(user, call);
    }
    join(world, &id, &groups);
    Ok(Answer::default())
}

/// Takes a user out. One that does not exist is no matter to whoever may do everything; the others were refused
/// before. The superuser comes back at once, without anything but the password.
fn remove(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = user_of(call)?;
    let access = &mut world.access;
    let password = access
        .directory
        .users
        .get(&id)
        .and_then(|user| user.password.clone());
    access.directory.remove_user(&id, &mut access.acl);
    if id.is_root() {
        let root = User {
            password,
            ..User::default()
        };
        access.directory.users.insert(id, root);
    }
    Ok(Answer::default())
}

/// Takes over what was given.
fn fill(user: &mut User, call: &Call<'_>) {
    let given = call.arguments.given();
    if let Some(enable) = given.get("enable").and_then(Value::as_bool) {
        user.enable = enable;
    }
    if let Some(expire) = given.get("expire").and_then(Value::as_i64) {
        user.expire = expire;
    }
    for (name, field) in [
        ("firstname", &mut user.firstname),
        ("lastname", &mut user.lastname),
        ("email", &mut user.email),
        ("comment", &mut user.comment),
        ("keys", &mut user.keys),
    ] {
        if let Some(text) = given.get(name).and_then(Value::as_str) {
            *field = kept(text);
        }
    }
}

/// The groups of the call, which must exist.
fn known_groups(world: &World, call: &Call<'_>) -> Result<Vec<String>, Fault> {
    let known = |name: String| match world.access.directory.groups.contains_key(&name) {
        true => Ok(name),
        false => Err(Fault::Failed(format!("no such group '{name}'"))),
    };
    let names = call.arguments.list("groups").into_iter();
    names.map(|name| known(name.into_owned())).collect()
}

fn join(world: &mut World, id: &UserId, groups: &[String]) {
    for name in groups {
        if let Some(group) = world.access.directory.groups.get_mut(name) {
            group.members.insert(id.clone());
        }
    }
}

/// The same failure with what was tried before it.
fn prefixed(tried: &str, fault: Fault) -> Fault {
    match fault {
        Fault::Failed(why) => failed(tried, why),
        other => other,
    }
}
