//! `/access/users/{userid}/token`: API tokens, whose secrets are shown once.

use serde_json::{Value, json};

use crate::proxmox::account::Token;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::identity::TokenId;
use crate::pve::world::World;
use crate::routes::Route;
use crate::routes::route::{delete, get, post, put};

use super::users::{token_rows, token_shown};
use super::{existing, failed, kept, user_of};

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/access/users/{userid}/token", Handler::Read(list)),
        get(
            "/access/users/{userid}/token/{tokenid}",
            Handler::Read(read),
        ),
        post(
            "/access/users/{userid}/token/{tokenid}",
            Handler::Write(create),
        ),
        put(
            "/access/users/{userid}/token/{tokenid}",
            Handler::Write(update),
        ),
        delete(
            "/access/users/{userid}/token/{tokenid}",
            Handler::Write(remove),
        ),
    ]
}

fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    Ok(Answer::new(token_rows(existing(world, &user_of(call)?)?)))
}

fn read(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = token_of(call)?;
    let token = existing(world, &id.user)?.tokens.get(&*id.name);
    let token = token.ok_or_else(|| missing(&id))?;
    Ok(Answer::new(token_shown(token)))
}

fn create(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = token_of(call)?;
    if existing(world, &id.user)?.tokens.contains_key(&*id.name) {
        return Err(Fault::parameter("tokenid", "Token already exists."));
    }
    let secret = call.uuid();
    let mut token = Token {
        secret: secret.clone(),
        privsep: call.arguments.boolean("privsep").unwrap_or(true),
        ..Token::default()
    };
    token.expire = call.arguments.integer("expire").unwrap_or_default();
    token.comment = call.arguments.text("comment").and_then(kept);
    // What was not given is left out this once.
    let mut info = token_shown(&token);
    if !call.arguments.has("expire") {
        info.shift_remove("expire");
    }
    let user = world.access.directory.users.get_mut(&id.user);
    if let Some(user) = user {
        user.tokens.insert(id.name.to_string(), token);
    }
    Ok(Answer::new(json!({
        "full-tokenid": id.to_string(),
        "info": info,
        "value": secret,
    })))
}

fn update(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = token_of(call)?;
    existing(world, &id.user)?;
    let directory = &mut world.access.directory;
    let token = directory.token_mut(&id).ok_or_else(|| missing(&id))?;
    let forgotten = call.arguments.list("delete");
    if let Some(name) = forgotten.iter().find(|name| *name != "comment") {
        // A refusal for a parameter that is thrown inside a lock becomes a text.
        let text = format!("400 Parameter verification failed.\ndelete: unknown option '{name}'\n");
        return Err(failed("updating token info failed", text));
    }
    let given = call.arguments.given();
    if let Some(privsep) = given.get("privsep").and_then(Value::as_bool) {
        token.privsep = privsep;
    }
    if let Some(expire) = given.get("expire").and_then(Value::as_i64) {
        token.expire = expire;
    }
    if let Some(comment) = given.get("comment").and_then(Value::as_str) {
        token.comment = kept(comment);
    }
    if !forgotten.is_empty() {
        token.comment = None;
    }
    let mut data = token_shown(token);
    if call.arguments.is_set("regenerate") {
        token.secret = call.uuid();
        data.insert("value".to_owned(), json!(token.secret));
        data.insert("full-tokenid".to_owned(), json!(id.to_string()));
    }
    Ok(Answer::new(data))
}

fn remove(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = token_of(call)?;
    existing(world, &id.user)?;
    let access = &mut world.access;
    match access.directory.remove_token(&id, &mut access.acl) {
        true => Ok(Answer::default()),
        false => Err(missing(&id)),
    }
}

fn token_of(call: &Call<'_>) -> Result<TokenId, Fault> {
    Ok(TokenId {
        user: user_of(call)?,
        name: call.text("tokenid").into(),
    })
}

/// A token that nobody knows.
pub(super) fn missing(id: &TokenId) -> Fault {
    Fault::Failed(format!(
        "no such token '{}' for user '{}'",
        id.name, id.user
    ))
}
