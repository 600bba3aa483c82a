//! `/nodes/{node}/subscription`.

use jiff::{Timestamp, ToSpan};
use serde_json::json;

use crate::pbs::world::World;
use crate::pbs::world::node::Subscription;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::digest;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::product::Product;
use crate::routes::Route;
use crate::routes::route::{delete, get, post, put};

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let path = "/nodes/{node}/subscription";
    vec![
        get(path, Handler::Read(read)),
        put(path, Handler::Write(set)),
        post(path, Handler::Write(check)),
        delete(path, Handler::Write(remove)),
    ]
}

const URL: &str = "https://www.proxmox.com/en/proxmox-backup-server/pricing";

fn read(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let server = digest::of_text(Product::Pbs, &world.node.name).to_uppercase();
    let server: String = server.chars().take(32).collect();
    let Some(subscription) = &world.node.subscription else {
        return Ok(Answer::new(json!({
            "status": "notfound",
            "message": "There is no subscription key",
            "serverid": server,
            "url": URL,
        })));
    };
    let day = |at: Timestamp| at.strftime("%Y-%m-%d").to_string();
    let checked = subscription.checked;
    let due = checked
        .checked_add((365 * 24).hours())
        .unwrap_or(Timestamp::MAX);
    let mut data = json!({
        "status": "active",
        "key": subscription.key,
        "serverid": server,
        "checktime": checked.as_second(),
        "productname": "Proxmox Backup Server Community Subscription 1 year",
        "regdate": format!("{} 00:00:00", day(checked)),
        "nextduedate": day(due),
        "url": URL,
    });
    // Who may not look at the machine sees no key.
    if !call.may(world, "/system", &["Sys.Audit"]) {
        data["key"] = json!("hidden");
        data["serverid"] = json!("hidden");
    }
    Ok(Answer::new(data))
}

fn set(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    world.node.subscription = Some(Subscription {
        key: call.text("key").to_owned(),
        checked: whole(call.now),
    });
    Ok(Answer::default())
}

fn whole(now: Timestamp) -> Timestamp {
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}

fn check(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    if let Some(subscription) = &mut world.node.subscription {
        subscription.checked = whole(call.now);
    }
    Ok(Answer::default())
}

fn remove(world: &mut World, _: &Call<'_>) -> Result<Answer, Fault> {
    if world.node.subscription.take().is_none() {
        return Err(Fault::Failed("no subscription file to delete".to_owned()));
    }
    Ok(Answer::default())
}
