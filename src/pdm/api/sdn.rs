//! `/sdn`: the networks of all clusters in one list, and new ones on several of them at once.

use serde_json::{Value, json};

use super::relay::{self, Ask};
use super::remotes::audits;
use crate::http::Method;
use crate::pdm::world::World;
use crate::pdm::world::remote::Kind;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::work::Job;
use crate::routes::Route;
use crate::routes::route::{get, post};

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/sdn/controllers", Handler::Read(list)),
        get("/sdn/vnets", Handler::Read(list)),
        get("/sdn/zones", Handler::Read(list)),
        post("/sdn/vnets", Handler::Write(create_vnet)),
        post("/sdn/zones", Handler::Write(create_zone)),
    ]
}

/// Those of the clusters that the caller may look at, of some of them if the call names some; clusters that do not
/// answer are left out.
fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let wanted = call.arguments.list("remotes");
    let mut items = Vec::new();
    for (id, remote) in &world.remotes {
        let named = !call.arguments.has("remotes") || wanted.iter().any(|name| *name == *id);
        if remote.kind() != Kind::Pve || !named || !audits(world, call, id) {
            continue;
        }
        let mut ask = Ask::get(format!("/cluster{}", call.operation.template));
        for (here, there) in [
            ("pending", "pending"),
            ("running", "running"),
            ("ty", "type"),
        ] {
            if let Some(value) = call.arguments.given().get(here) {
                ask = ask.with(there, value.clone());
            }
        }
        for mut item in relay::list(remote, call, ask).unwrap_or_default() {
            item["remote"] = json!(id);
            if call.operation.template == "/sdn/vnets" && item["type"].is_null() {
                item["type"] = json!("vnet");
            }
            items.push(item);
        }
    }
    Ok(relay::typed(call, Answer::new(items)))
}

fn create_zone(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let make = |target: &Value| {
        let ask = Ask::get("/cluster/sdn/zones").with("type", "evpn");
        let ask = ask.with("zone", call.text("zone"));
        let ask = ask.with("controller", target["controller"].clone());
        match call.arguments.integer("vrf-vxlan") {
            Some(number) => ask.with("vrf-vxlan", number),
            None => ask,
        }
    };
    everywhere(world, call, "create_zone", make)
}

fn create_vnet(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let make = |target: &Value| {
        let ask = Ask::get("/cluster/sdn/vnets").with("vnet", call.text("vnet"));
        let ask = ask.with("zone", target["zone"].clone());
        match call.arguments.integer("tag") {
            Some(tag) => ask.with("tag", tag),
            None => ask,
        }
    };
    everywhere(world, call, "create_vnet", make)
}

/// Makes a thing on each remote that the call names and applies it there. The product does this in a task under
/// the locks of all of them; here it is done at once, and the task says how it went: with one refusal nothing stays.
fn everywhere(
    world: &mut World,
    call: &Call<'_>,
    kind: &str,
    make: impl Fn(&Value) -> Ask,
) -> Result<Answer, Fault> {
    let targets = call.arguments.value("remotes").and_then(Value::as_array);
    let targets = targets.cloned().unwrap_or_default();
    let before = world.remotes.clone();
    let mut job = Job::new(kind, "");
    for target in &targets {
        let id = target["remote"].as_str().unwrap_or_default();
        let ask = Ask {
            method: Method::Post,
            ..make(target)
        };
        let made = relay::change(world, call, id, ask).and_then(|_| {
            let apply = Ask {
                method: Method::Put,
                ..Ask::get("/cluster/sdn")
            };
            relay::change(world, call, id, apply)
        });
        match made {
            Ok(_) => job = job.saying(format!("{id}: succeeded")),
            Err(fault) => {
                world.remotes = before;
                let text = match fault {
                    Fault::Failed(text) | Fault::NotFound(text) => text,
                    other => format!("{other:?}"),
                };
                job = job.saying(format!("{id}: failed: {text}")).failing(text);
                break;
            }
        }
    }
    call.start(world, job)
}
