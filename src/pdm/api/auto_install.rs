//! `/auto-install`: answers for machines that install themselves, the tokens by which these ask, and what came of it.

mod answer;

mod prepared;

mod tokens;

use serde_json::{Map, Value, json};

use crate::pdm::world::World;
use crate::proxmox::Product;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::digest;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::routes::Route;
use crate::routes::route::{delete, get};

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let mut routes = vec![
        get("/auto-install/installations", Handler::Read(installations)),
        delete("/auto-install/installations/{uuid}", Handler::Write(forget)),
    ];
    routes.extend(answer::routes());
    routes.extend(prepared::routes());
    routes.extend(tokens::routes());
    routes
}

/// The installations, without the secrets of those that still run.
fn installations(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    let all = &world.auto_install.installations;
    let items = all.values().map(|installation| {
        let mut item = installation.clone();
        item.remove("post-hook-token");
        Value::Object(item)
    });
    Ok(Answer::new(items.collect::<Vec<_>>()).with("digest", digest_of(&json!(all))))
}

fn forget(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let uuid = call.text("uuid");
    match world.auto_install.installations.remove(uuid) {
        Some(_) => Ok(Answer::default()),
        None => Err(Fault::NotFound(format!("no such entry {uuid:?}"))),
    }
}

fn digest_of(value: &Value) -> String {
    digest::of_text(Product::Pdm, &value.to_string())
}

/// What a call says of these names.
fn kept(call: &Call<'_>, left_out: &[&str]) -> Map<String, Value> {
    let given = call.arguments.given().iter();
    let kept = given.filter(|(name, value)| !left_out.contains(&name.as_str()) && !value.is_null());
    kept.map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
