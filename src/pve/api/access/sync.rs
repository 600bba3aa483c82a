//! `/access/domains/{realm}/sync`: users and groups of a directory's server.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::work::Job;
use crate::pve::world::World;
use crate::pve::world::realm::Realm;
use crate::pve::world::sync::{Scope, Sync, Vanished};
use crate::pve::world::task::Effect;
use crate::routes::Route;
use crate::routes::route::post;

/// Its handler.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![post("/access/domains/{realm}/sync", Handler::Write(sync))]
}

fn sync(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("realm");
    let realm = world.access.realms.get(name);
    let realm = realm.ok_or_else(|| Fault::parameter("realm", "Realm does not exist."))?;
    if !realm.kind.is_directory() {
        let kind = realm.kind.name();
        let text = format!("Cannot sync realm type '{kind}'! Only LDAP/AD realms can be synced.");
        return Err(Fault::Failed(text));
    }
    let plan = plan(name, realm, call)?;
    let is_dry = call.arguments.is_set("dry-run");
    let mut log = plan.run(&mut world.access.clone());
    let kind = match is_dry {
        true => "auth-realm-sync-test",
        false => "auth-realm-sync",
    };
    let mut job = Job::new(kind, name);
    if is_dry {
        if let Some(first) = log.first_mut() {
            first.insert_str(0, "(dry test run) ");
        }
        log.pop();
        log.push(String::new());
        let note = "NOTE: Dry test run, changes were NOT written to the configuration.";
        log.push(note.to_owned());
    } else {
        job = job.doing(Effect::SyncRealm(plan));
    }
    let job = log.into_iter().fold(job, Job::saying);
    call.start(world, job)
}

/// What the sync shall do: what the call says, else the realm, else the product.
fn plan(name: &str, realm: &Realm, call: &Call<'_>) -> Result<Sync, Fault> {
    let text = |option: &str| {
        let given = call.arguments.given().get(option);
        let given = given.map(|value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        given.or_else(|| realm.part("sync-defaults-options", option))
    };
    let scope = match text("scope").as_deref() {
        Some("users") => Scope::Users,
        Some("groups") => Scope::Groups,
        Some("both") => Scope::Both,
        _ => {
            let text = "Not passed as parameter and not defined in realm default sync options.";
            return Err(Fault::parameter("scope", text));
        }
    };
    let vanished = text("remove-vanished").unwrap_or_default();
    let vanished: BTreeSet<_> = vanished
        .split(';')
        .filter_map(|what| match what {
            "acl" => Some(Vanished::Acl),
            "properties" => Some(Vanished::Properties),
            "entry" => Some(Vanished::Entry),
            _ => None,
        })
        .collect();
    let enable_new = text("enable-new");
    Ok(Sync {
        realm: name.to_owned(),
        scope,
        remove_vanished: vanished,
        enable_new: !matches!(enable_new.as_deref(), Some("0" | "false")),
    })
}
