//! `/cluster/jobs/**`: what is done from time to time, other than backups.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::proxmox::calendar::CalendarEvent;
use crate::proxmox::call::{Around, Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::pve::world::World;
use crate::pve::world::realm::RealmKind;
use crate::routes::Route;
use crate::routes::route::{get, post};

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/cluster/jobs/schedule-analyze", Handler::Read(analyze)),
        get(
            "/cluster/jobs/realm-sync",
            Handler::Around(Around::Dress(times)),
        ),
        post(
            "/cluster/jobs/realm-sync/{id}",
            Handler::Around(Around::Guard(known_realm)),
        ),
    ]
}

fn analyze(_: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let event = CalendarEvent::parse(call.text("schedule"))
        .map_err(|text| Fault::parameter("schedule", text))?;
    let start = call.arguments.integer("starttime");
    let start = start.and_then(|second| Timestamp::from_second(second).ok());
    let count = call.arguments.integer("iterations").unwrap_or(10);
    let mut moment = start.unwrap_or(call.now);
    let mut list = Vec::new();
    for _ in 0..count {
        let Some(next) = event.next_after(moment) else {
            break;
        };
        list.push(json!({
            "timestamp": next.as_second(),
            "utc": next.strftime("%a %b %e %H:%M:%S %Y").to_string(),
        }));
        moment = next;
    }
    Ok(Answer::new(list))
}

/// Lists say when a job ran last and is due next.
fn times(world: &World, call: &Call<'_>, answer: &mut Answer) {
    let items = answer.data.as_array_mut().into_iter().flatten();
    for item in items.filter_map(Value::as_object_mut) {
        let enabled = item.get("enabled").and_then(Value::as_bool).unwrap_or(true);
        item.insert("enabled".to_owned(), json!(enabled));
        let id = item.get("id").and_then(Value::as_str).unwrap_or_default();
        if let Some(last) = world.scheduler.synced.get(id) {
            item.insert("last-run".to_owned(), json!(last.as_second()));
        }
        let schedule = item.get("schedule").and_then(Value::as_str);
        let event = schedule.and_then(|text| CalendarEvent::parse(text).ok());
        let next = event.and_then(|event| event.next_after(call.now));
        if let Some(next) = next.filter(|_| enabled) {
            item.insert("next-run".to_owned(), json!(next.as_second()));
        }
    }
}

/// Only realms that are directories elsewhere can be synchronised. The words are from memory.
fn known_realm(world: &World, call: &Call<'_>) -> Result<(), Fault> {
    // `check_config` of the product's job plug-ins.
    let missing = || Fault::Failed("missing value for required option 'realm'".to_owned());
    let name = call.arguments.text("realm").ok_or_else(missing)?;
    let mut realms = world.access.realms.iter();
    let realm = realms.find(|(known, _)| known.as_str() == name);
    let (_, realm) = realm.ok_or_else(|| Fault::parameter("realm", "Realm does not exist."))?;
    if matches!(realm.kind, RealmKind::Ldap | RealmKind::Ad) {
        return Ok(());
    }
    let kind = format!("{:?}", realm.kind).to_ascii_lowercase();
    Err(Fault::Failed(format!(
        "Cannot sync realm type '{kind}'! Only LDAP/AD realms can be synced."
    )))
}
