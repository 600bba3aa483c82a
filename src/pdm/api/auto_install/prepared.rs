//! Prepared answers: which machine gets which.

use serde_json::{Map, Value, json};

use super::{digest_of, kept, tokens};
use crate::pdm::world::World;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::digest;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::routes::Route;
use crate::routes::route::{delete, get, post, put};

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/auto-install/prepared", Handler::Read(list)),
        post("/auto-install/prepared", Handler::Write(create)),
        get("/auto-install/prepared/{id}", Handler::Read(one)),
        put("/auto-install/prepared/{id}", Handler::Write(update)),
        delete("/auto-install/prepared/{id}", Handler::Write(remove)),
    ]
}

/// An answer without its password.
fn shown(id: &str, answer: &Map<String, Value>) -> Value {
    let mut item = answer.clone();
    item.remove("root-password-hashed");
    item.insert("id".to_owned(), json!(id));
    Value::Object(item)
}

fn digest_of_answers(world: &World) -> String {
    digest_of(&json!(world.auto_install.prepared))
}

fn list(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    let prepared = world.auto_install.prepared.iter();
    let items = prepared.map(|(id, answer)| shown(id, answer));
    Ok(Answer::new(items.collect::<Vec<_>>()).with("digest", digest_of_answers(world)))
}

fn missing(id: &str) -> Fault {
    Fault::NotFound(format!("no such prepared answer configuration: {id}"))
}

fn one(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = call.text("id");
    let answer = world.auto_install.prepared.get(id);
    let answer = answer.ok_or_else(|| missing(id))?;
    Ok(Answer::new(shown(id, answer)))
}

fn is_default(answer: &Map<String, Value>) -> bool {
    answer.get("is-default") == Some(&Value::Bool(true))
}

fn has_no_filter(answer: &Map<String, Value>) -> bool {
    let filter = answer.get("target-filter").and_then(Value::as_object);
    filter.is_none_or(Map::is_empty)
}

/// Refuses a second default, and an answer that no machine could get.
fn fits(world: &World, id: &str, answer: &Map<String, Value>) -> Result<(), Fault> {
    if is_default(answer) {
        let prepared = world.auto_install.prepared.iter();
        let mut others = prepared.filter(|(other, answer)| *other != id && is_default(answer));
        return match others.next() {
            None => Ok(()),
            Some((other, _)) => Err(Fault::Conflict(format!(
                "configuration '{other}' is already the default answer"
            ))),
        };
    }
    if has_no_filter(answer) {
        let text = "non-default answer requires at least one target-filter entry, otherwise it can never match";
        return Err(Fault::Failed(text.to_owned()));
    }
    Ok(())
}

/// Refuses names in filters and counters that templates could not use.
fn well_formed(answer: &Map<String, Value>) -> Result<(), Fault> {
    let names = |field: &str| {
        let map = answer.get(field).and_then(Value::as_object);
        map.into_iter().flatten()
    };
    let is_plain = |name: &str| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
        !name.is_empty() && name.chars().all(allowed)
    };
    for field in ["netdev-filter", "disk-filter"] {
        if let Some((name, _)) = names(field).find(|(name, _)| !is_plain(name)) {
            return Err(Fault::Failed(format!("invalid udev filter key: '{name}'")));
        }
    }
    for (name, value) in names("template-counters") {
        if !is_plain(name) {
            return Err(Fault::Failed(format!(
                "invalid template counter name: '{name}'"
            )));
        }
        if value.as_i64().is_none_or(|number| number < 0) {
            let text = format!("template counter '{name}' must not be negative");
            return Err(Fault::Failed(text));
        }
    }
    Ok(())
}

/// What stands in the place of a password: this server encrypts nothing.
fn hashed(call: &Call<'_>) -> Option<Value> {
    let password = call.arguments.text("root-password")?;
    let digest = crate::proxmox::digest::of_text(crate::proxmox::Product::Pdm, password);
    Some(json!(format!("$y$j9T$mock$.{digest}")))
}

fn create(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = call.text("id");
    if world.auto_install.prepared.contains_key(id) {
        let text = format!("configuration with ID {id} already exists");
        return Err(Fault::Conflict(text));
    }
    let mut answer = kept(call, &["id", "root-password"]);
    fits(world, id, &answer)?;
    if let Some(hash) = hashed(call) {
        answer.insert("root-password-hashed".to_owned(), hash);
    }
    if !answer.contains_key("root-password-hashed") {
        let text = "either `root-password` or `root-password-hashed` must be set";
        return Err(Fault::Failed(text.to_owned()));
    }
    well_formed(&answer)?;
    let token = match call.arguments.list("authorized-tokens").is_empty() {
        false => None,
        true => {
            let name = format!("{id}-token");
            let comment = json!(format!("Created for prepared answer {id}"));
            let token = Map::from_iter([("comment".to_owned(), comment)]);
            let token = tokens::make(world, call, &name, token);
            answer.insert("authorized-tokens".to_owned(), json!([name]));
            Some(token)
        }
    };
    let data = result(id, &answer, token);
    world.auto_install.prepared.insert(id.to_owned(), answer);
    Ok(Answer::new(data))
}

fn result(id: &str, answer: &Map<String, Value>, token: Option<Value>) -> Value {
    let mut data = json!({"config": shown(id, answer)});
    if let Some(token) = token {
        data["token"] = token;
    }
    data
}

fn update(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    if !digest::fits(call.arguments.text("digest"), &digest_of_answers(world)) {
        return Err(Fault::configuration_changed());
    }
    let id = call.text("id");
    let answer = world.auto_install.prepared.get(id);
    let mut answer = answer.ok_or_else(|| missing(id))?.clone();
    for name in call.arguments.list("delete") {
        answer.remove(&*name);
    }
    answer.extend(kept(call, &["id", "root-password", "delete", "digest"]));
    if let Some(hash) = hashed(call) {
        answer.insert("root-password-hashed".to_owned(), hash);
    }
    fits(world, id, &answer)?;
    well_formed(&answer)?;
    let data = result(id, &answer, None);
    world.auto_install.prepared.insert(id.to_owned(), answer);
    Ok(Answer::new(data))
}

fn remove(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = call.text("id");
    match world.auto_install.prepared.remove(id) {
        Some(_) => Ok(Answer::default()),
        None => Err(Fault::NotFound(format!("no such entry '{id:?}'"))),
    }
}
