//! `/access/users/{userid}/token`: API tokens. Their secrets are told once.

use serde_json::{Value, json};

use super::{users, words};
use crate::proxmox::account::Token;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::identity::{TokenId, UserId};
use crate::proxmox::product::Product;
use crate::proxmox::state::State;
use crate::routes::Route;
use crate::routes::route::{delete, get, post, put};

pub(super) fn routes<W: State>() -> Vec<Route<Handler<W>>> {
    let one = "/access/users/{userid}/token/{token-name}";
    vec![
        get("/access/users/{userid}/token", Handler::Read(list)),
        get(one, Handler::Read(read)),
        post(one, Handler::Write(create)),
        put(one, Handler::Write(update)),
        delete(one, Handler::Write(remove)),
    ]
}

/// A token as clients see it.
pub(super) fn shown(user: &UserId, name: &str, token: &Token) -> Value {
    let mut item = json!({
        "tokenid": format!("{user}!{name}"),
        "enable": token.enable,
        "expire": token.expire,
    });
    if let Some(comment) = &token.comment {
        item["comment"] = json!(comment);
    }
    item
}

/// A user without tokens, or none at all, has an empty list.
fn list<W: State>(world: &W, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = words::user(call, "userid")?;
    let users = &world.directory().users;
    let tokens = users.get(&id).into_iter().flat_map(|user| &user.tokens);
    let items = tokens.map(|(name, token)| {
        let mut item = shown(&id, name, token);
        item["token-name"] = json!(name);
        item
    });
    let items: Vec<Value> = items.collect();
    Ok(Answer::new(items).with("digest", words::digest_of(call, users)))
}

fn read<W: State>(world: &W, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = words::token(call)?;
    let token = find(world, &id)?;
    let digest = words::digest_of(call, &world.directory().users);
    Ok(Answer::new(shown(&id.user, &id.name, token)).with("digest", digest))
}

fn create<W: State>(world: &mut W, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = words::token(call)?;
    words::fits(call, &world.directory().users)?;
    let user = users::find(world.directory(), &id.user)?;
    if user.tokens.contains_key(&*id.name) {
        let (name, user) = (&id.name, &id.user);
        let text = format!("token '{name}' for user '{user}' already exists.");
        return Err(Fault::Failed(text));
    }
    let secret = call.uuid();
    let mut token = Token {
        secret: secret.clone(),
        ..Token::default()
    };
    change(&mut token, call);
    store(world, &id, token);
    Ok(Answer::new(
        json!({"tokenid": id.to_string(), "value": secret}),
    ))
}

fn update<W: State>(world: &mut W, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = words::token(call)?;
    words::fits(call, &world.directory().users)?;
    let mut token = find(world, &id)?.clone();
    if call
        .arguments
        .list("delete")
        .iter()
        .any(|name| name == "comment")
    {
        token.comment = None;
    }
    change(&mut token, call);
    let regenerated = call.arguments.is_set("regenerate").then(|| call.uuid());
    if let Some(secret) = &regenerated {
        token.secret.clone_from(secret);
    }
    store(world, &id, token);
    Ok(match (call.context.product, regenerated) {
        (Product::Pbs, Some(secret)) => Answer::new(json!({"secret": secret})),
        (Product::Pbs, None) => Answer::new(json!({})),
        (_, Some(secret)) => Answer::new(json!({"tokenid": id.to_string(), "value": secret})),
        (_, None) => Answer::default(),
    })
}

fn remove<W: State>(world: &mut W, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = words::token(call)?;
    words::fits(call, &world.directory().users)?;
    let (directory, list) = world.accounts_mut();
    if directory.remove_token(&id, list) {
        return Ok(Answer::default());
    }
    let (name, user) = (&id.name, &id.user);
    let text = format!("token '{name}' of user '{user}' does not exist.");
    Err(Fault::Failed(text))
}

/// What the call says of a token.
fn change(token: &mut Token, call: &Call<'_>) {
    let given = call.arguments.given();
    if let Some(comment) = given.get("comment").and_then(Value::as_str) {
        token.comment = words::trimmed(comment);
    }
    if given.contains_key("enable") {
        token.enable = call.arguments.is_set("enable");
    }
    if given.contains_key("expire") {
        token.expire = call.arguments.integer("expire").unwrap_or(0);
    }
}

fn store<W: State>(world: &mut W, id: &TokenId, token: Token) {
    let (directory, _) = world.accounts_mut();
    if let Some(user) = directory.users.get_mut(&id.user) {
        user.tokens.insert(id.name.to_string(), token);
    }
}

fn find<'w, W: State>(world: &'w W, id: &TokenId) -> Result<&'w Token, Fault> {
    let user = world.directory().users.get(&id.user);
    let token = user.and_then(|user| user.tokens.get(&*id.name));
    token.ok_or_else(|| Fault::no_such_entry("token", &id.to_string()))
}
