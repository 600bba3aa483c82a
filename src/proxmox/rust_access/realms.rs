//! `/access/domains`: where users come from. The realms themselves are changed under `/config/access`.

use serde_json::{Value, json};

use super::REALMS;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::state::State;
use crate::proxmox::work::Job;
use crate::routes::Route;
use crate::routes::route::{get, post};

pub(super) fn routes<W: State>() -> Vec<Route<Handler<W>>> {
    vec![
        get("/access/domains", Handler::Read(list)),
        post("/access/domains/{realm}/sync", Handler::Write(sync)),
    ]
}

fn list<W: State>(world: &W, _: &Call<'_>) -> Result<Answer, Fault> {
    let realms = world.sections(REALMS).into_iter();
    let realms = realms.flat_map(|realms| &realms.0);
    let mut items: Vec<(bool, Value)> = realms
        .map(|(name, realm)| {
            let mut item = json!({"realm": name, "type": realm.kind});
            for key in ["comment", "default"] {
                if let Some(value) = realm.properties.get(key) {
                    item[key] = value.clone();
                }
            }
            (is_built_in(&realm.kind), item)
        })
        .collect();
    // Those of every installation come first.
    items.sort_by_key(|(is_built_in, _)| !is_built_in);
    let items = items.into_iter().map(|(_, item)| item);
    Ok(Answer::new(items.collect::<Vec<_>>()))
}

fn is_built_in(kind: &str) -> bool {
    matches!(kind, "pam" | "pbs" | "pdm")
}

/// The directory behind a realm is not there; the task finds nobody new in it.
fn sync<W: State>(world: &mut W, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("realm");
    let realm = world.sections(REALMS).and_then(|realms| realms.0.get(name));
    let realm = realm.ok_or_else(|| Fault::NotFound(format!("realm '{name}' does not exist.")))?;
    if !matches!(&*realm.kind, "ldap" | "ad") {
        // From memory of proxmox-backup's `api2/access/domain.rs`.
        let text = format!("cannot sync realm of type '{}'", realm.kind);
        return Err(Fault::Failed(text));
    }
    let mut job = Job::new("realm-sync", name).saying(format!("starting realm sync for {name}"));
    if call.arguments.is_set("dry-run") {
        job = job.saying("this is a DRY RUN - changes will not be persisted");
    }
    let job = job
        .saying("found 0 users")
        .saying(format!("realm sync for {name} finished"));
    call.start(world, job)
}
