//! The subscription of a node.
//!
//! Nobody is asked about a key: one of the right form and for enough chips is good for a year.

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde_json::{Value, json};

use super::machine;
use crate::http::checksum::Checksum;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::pve::world::World;
use crate::pve::world::node::Node;
use crate::pve::world::supply::{Subscription, SubscriptionState};
use crate::routes::Route;
use crate::routes::route::{delete, get, post, put};

/// Where subscriptions are sold.
const SHOP: &str = "https://www.proxmox.com/en/proxmox-virtual-environment/pricing";

/// Its handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    use Handler::{Read, Write};
    vec![
        get("/nodes/{node}/subscription", Read(show)),
        post("/nodes/{node}/subscription", Write(refresh)),
        put("/nodes/{node}/subscription", Write(set)),
        delete("/nodes/{node}/subscription", Write(remove)),
    ]
}

/// Everybody may know whether there is one; the key is for those who may audit the node.
fn show(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (name, node) = machine::node(world, call)?;
    let may_audit = call.may(world, &format!("/nodes/{name}"), &["Sys.Audit"]);
    let Some(subscription) = &node.subscription else {
        let mut answer = json!({
            "status": "notfound",
            "message": "There is no subscription key",
            "url": SHOP,
        });
        if may_audit {
            answer["serverid"] = json!(server_id(node));
        }
        return Ok(Answer::new(answer));
    };
    let (status, message) = standing(subscription, node, call.now);
    let mut answer = json!({"status": status, "url": SHOP});
    if !message.is_empty() {
        answer["message"] = json!(message);
    }
    if may_audit {
        details(&mut answer, subscription, node, status);
    }
    Ok(Answer::new(answer))
}

fn details(answer: &mut Value, subscription: &Subscription, node: &Node, status: &str) {
    answer["key"] = json!(subscription.key);
    answer["serverid"] = json!(server_id(node));
    answer["sockets"] = json!(node.processors.sockets);
    answer["checktime"] = json!(subscription.checked.as_second());
    if subscription.state == SubscriptionState::New {
        return;
    }
    answer["productname"] = json!(product(subscription));
    answer["regdate"] = json!(written(subscription.registered, "%Y-%m-%d %H:%M:%S"));
    answer["nextduedate"] = json!(written(due(subscription), "%Y-%m-%d"));
    if status == "active" {
        answer["level"] = json!(subscription.level());
    }
}

/// What is said of a subscription: it may have become too small for the machine, or too old.
fn standing(subscription: &Subscription, node: &Node, now: Timestamp) -> (&'static str, String) {
    if subscription.state != SubscriptionState::Active {
        return (subscription.state.as_str(), String::new());
    }
    if let Err(text) = enough(subscription, node) {
        return ("invalid", text);
    }
    if due(subscription) < now {
        return ("expired", String::new());
    }
    ("active", String::new())
}

/// Whether a key is for as many chips as the machine has.
fn enough(subscription: &Subscription, node: &Node) -> Result<(), String> {
    let (has, needs) = (subscription.sockets(), node.processors.sockets);
    match has < needs {
        true => Err(format!("wrong number of sockets ({has} < {needs})")),
        false => Ok(()),
    }
}

/// The products make theirs of the machine's keys; here it is of its fingerprint.
fn server_id(node: &Node) -> String {
    let digits = Checksum::Sha256.hex(node.fingerprint.as_bytes());
    digits.get(..32).unwrap_or_default().to_ascii_uppercase()
}

fn product(subscription: &Subscription) -> String {
    let level = match subscription.key.get(4..5) {
        Some("b") => "Basic",
        Some("s") => "Standard",
        Some("p") => "Premium",
        _ => "Community",
    };
    let chips = match subscription.sockets() {
        1 => "1 CPU".to_owned(),
        chips => format!("{chips} CPUs"),
    };
    format!("Proxmox VE {level} Subscription {chips}/year")
}

fn due(subscription: &Subscription) -> Timestamp {
    let registered = subscription.registered.to_zoned(TimeZone::UTC);
    let due = registered.checked_add(Span::new().years(1));
    due.map_or(subscription.registered, |due| due.timestamp())
}

fn written(at: Timestamp, format: &str) -> String {
    at.strftime(format).to_string()
}

/// Asks again about the key, when there is one.
fn refresh(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (_, node) = machine::node(world, call)?;
    let Some(mut subscription) = node.subscription.clone() else {
        return Ok(Answer::default());
    };
    // What was looked at lately is not looked at again, unless somebody insists.
    let is_fresh = subscription.state == SubscriptionState::Active
        && call.now.as_second() - subscription.checked.as_second() < 24 * 3600;
    if is_fresh && !call.arguments.is_set("force") {
        return Ok(Answer::default());
    }
    enough(&subscription, node).map_err(Fault::Failed)?;
    subscription.checked = call.now;
    if subscription.state == SubscriptionState::New {
        subscription.state = SubscriptionState::Active;
    }
    machine::node_mut(world, call)?.subscription = Some(subscription);
    Ok(Answer::default())
}

fn set(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (_, node) = machine::node(world, call)?;
    let subscription = Subscription {
        key: call.text("key").trim().to_owned(),
        state: SubscriptionState::Active,
        checked: call.now,
        registered: call.now,
    };
    enough(&subscription, node).map_err(Fault::Failed)?;
    machine::node_mut(world, call)?.subscription = Some(subscription);
    Ok(Answer::default())
}

fn remove(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    machine::node_mut(world, call)?.subscription = None;
    Ok(Answer::default())
}
