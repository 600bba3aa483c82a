//! Tokens of installers: their secrets are told once.

use serde_json::{Map, Value, json};

use super::{digest_of, kept};
use crate::pdm::world::World;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::digest;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::routes::Route;
use crate::routes::route::{delete, get, post, put};

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/auto-install/tokens", Handler::Read(list)),
        post("/auto-install/tokens", Handler::Write(create)),
        put("/auto-install/tokens/{id}", Handler::Write(update)),
        delete("/auto-install/tokens/{id}", Handler::Write(remove)),
    ]
}

/// A token without its secret.
fn shown(id: &str, token: &Map<String, Value>) -> Value {
    let mut item = token.clone();
    item.remove("secret");
    item.insert("id".to_owned(), json!(id));
    Value::Object(item)
}

fn digest_of_tokens(world: &World) -> String {
    digest_of(&json!(world.auto_install.tokens))
}

fn list(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    let tokens = world.auto_install.tokens.iter();
    let items = tokens.map(|(id, token)| shown(id, token));
    Ok(Answer::new(items.collect::<Vec<_>>()).with("digest", digest_of_tokens(world)))
}

fn create(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = call.text("id");
    if world.auto_install.tokens.contains_key(id) {
        // From memory of `pdm_config::auto_install::add_token`.
        return Err(Fault::Failed("failed to create new token".to_owned()));
    }
    Ok(Answer::new(make(world, call, id, kept(call, &["id"]))))
}

/// A new token of the caller, with its secret.
pub(super) fn make(
    world: &mut World,
    call: &Call<'_>,
    id: &str,
    mut token: Map<String, Value>,
) -> Value {
    let secret = call.uuid();
    token.insert("created-by".to_owned(), json!(call.caller.user.to_string()));
    token.entry("enabled").or_insert(json!(true));
    let shown = shown(id, &token);
    token.insert("secret".to_owned(), json!(secret));
    world.auto_install.tokens.insert(id.to_owned(), token);
    json!({"token": shown, "secret": secret})
}

fn update(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    if !digest::fits(call.arguments.text("digest"), &digest_of_tokens(world)) {
        return Err(Fault::configuration_changed());
    }
    let id = call.text("id");
    let token = world.auto_install.tokens.get_mut(id);
    let token = token.ok_or_else(|| Fault::NotFound(format!("no such access token: {id}")))?;
    for name in call.arguments.list("delete") {
        token.remove(&*name);
    }
    token.extend(kept(call, &["id", "delete", "digest", "regenerate-secret"]));
    let mut data = json!({"token": shown(id, token)});
    if call.arguments.is_set("regenerate-secret") {
        let secret = call.uuid();
        token.insert("secret".to_owned(), json!(secret));
        data["secret"] = json!(secret);
    }
    Ok(Answer::new(data))
}

fn remove(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = call.text("id");
    let prepared = world.auto_install.prepared.iter();
    let users = prepared.filter(|(_, answer)| {
        let tokens = answer.get("authorized-tokens").and_then(Value::as_array);
        tokens.is_some_and(|tokens| tokens.iter().any(|token| token == id))
    });
    let users: Vec<&str> = users.map(|(name, _)| name.as_str()).collect();
    if !users.is_empty() {
        let text = format!(
            "token still in use by answer configurations: {}",
            users.join(", ")
        );
        return Err(Fault::Conflict(text));
    }
    world.auto_install.tokens.remove(id);
    Ok(Answer::default())
}
