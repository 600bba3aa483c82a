//! `/access/domains/{realm}/sync`: users and groups of a directory's server.

use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::work::Job;
use crate::pve::world::World;
use crate::pve::world::sync::Sync;
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
    let given = call.arguments.given();
    let Some(plan) = Sync::of(name, realm, |option| given.get(option)) else {
        let text = "Not passed as parameter and not defined in realm default sync options.";
        return Err(Fault::parameter("scope", text));
    };
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
