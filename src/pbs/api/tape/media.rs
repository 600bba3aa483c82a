//! `/tape/media`: all tapes that are known, wherever they lie, and what is on them.

use serde_json::{Value, json};

use crate::pbs::world::World;
use crate::pbs::world::tape::{Location, Medium, Status};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::routes::Route;
use crate::routes::route::{get, post};

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let status = "/tape/media/list/{uuid}/status";
    vec![
        get("/tape/media/list", Handler::Read(list)),
        get(status, Handler::Read(read_status)),
        post(status, Handler::Write(set_status)),
        get("/tape/media/media-sets", Handler::Read(sets)),
        get("/tape/media/content", Handler::Read(content)),
        get("/tape/media/destroy", Handler::Write(destroy)),
        post("/tape/media/move", Handler::Write(relocate)),
    ]
}

/// Tapes of pools that the caller may look at; those of none are for who may look at all tapes.
fn sees(world: &World, call: &Call<'_>, medium: &Medium) -> bool {
    let path = match &medium.pool {
        Some(pool) => format!("/tape/pool/{pool}"),
        None => "/tape/pool".to_owned(),
    };
    call.may(world, &path, &["Tape.Audit"])
}

/// A changer and an online tape are `online-<changer>`, a vault is `vault-<name>`.
fn location(location: &Location, world: &World) -> String {
    match location {
        Location::Offline => "offline".to_owned(),
        Location::Vault(name) => format!("vault-{name}"),
        Location::Slot { changer, .. } => format!("online-{changer}"),
        Location::Drive { drive, .. } => {
            let changer = world.section("config/drive", drive);
            let changer = changer.and_then(|drive| drive.properties.get("changer"));
            format!(
                "online-{}",
                changer.and_then(Value::as_str).unwrap_or(drive)
            )
        }
    }
}

fn shown(world: &World, call: &Call<'_>, uuid: &str, medium: &Medium) -> Value {
    let mut item = json!({
        "uuid": uuid,
        "label-text": medium.label,
        "ctime": medium.created,
        "location": location(&medium.location, world),
        "status": medium.status,
        "catalog": !medium.snapshots.is_empty(),
        "expired": is_expired(world, call, medium),
    });
    if let Some(pool) = &medium.pool {
        item["pool"] = json!(pool);
    }
    if let Some(set) = &medium.set {
        item["media-set-uuid"] = json!(set.uuid);
        item["media-set-name"] = json!(set.name);
        item["media-set-ctime"] = json!(set.created);
        item["seq-nr"] = json!(set.sequence);
        item["bytes-used"] = json!(medium.bytes_used);
    }
    item
}

/// Whether the retention of its pool has passed: `overwrite` at once, `keep` never, else after a time span.
fn is_expired(world: &World, call: &Call<'_>, medium: &Medium) -> bool {
    let (Some(set), Some(pool)) = (&medium.set, &medium.pool) else {
        return false;
    };
    let pool = world.section("config/media-pool", pool);
    let retention = pool.and_then(|pool| pool.properties.get("retention"));
    let seconds = match retention.and_then(Value::as_str).unwrap_or("keep") {
        "keep" => return false,
        "overwrite" => return true,
        span => span_seconds(span),
    };
    set.created.saturating_add(seconds) < call.now.as_second()
}

/// `4 weeks`, `1 year 6 months`.
fn span_seconds(text: &str) -> i64 {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut sum = 0_i64;
    for pair in words.chunks(2) {
        let (count, unit) = match pair {
            [count, unit] => (*count, *unit),
            [one] => one.split_at(one.find(|c: char| !c.is_ascii_digit()).unwrap_or(one.len())),
            _ => continue,
        };
        let unit = match unit.trim_end_matches('s') {
            "y" | "year" => 31_557_600,
            "month" => 2_630_016,
            "w" | "week" => 604_800,
            "d" | "day" => 86_400,
            "h" | "hour" => 3_600,
            _ => 60,
        };
        sum = sum.saturating_add(count.parse::<i64>().unwrap_or(0).saturating_mul(unit));
    }
    sum
}

fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let pool = call.arguments.text("pool");
    let media = world.media.iter().filter(|(_, medium)| {
        pool.is_none_or(|pool| medium.pool.as_deref() == Some(pool)) && sees(world, call, medium)
    });
    let items = media.filter(|(_, medium)| medium.labelled);
    let items = items.map(|(uuid, medium)| shown(world, call, uuid, medium));
    Ok(Answer::new(items.collect::<Vec<_>>()))
}

fn find<'w>(world: &'w World, uuid: &str) -> Result<&'w Medium, Fault> {
    let found = world.media.get(uuid);
    found.ok_or_else(|| Fault::Failed(format!("no such media '{uuid}'")))
}

fn read_status(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let medium = find(world, call.text("uuid"))?;
    Ok(Answer::new(json!(medium.status)))
}

/// Only what a person can know may be set: full, damaged, retired; nothing takes that back.
fn set_status(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let uuid = call.text("uuid");
    find(world, uuid)?;
    let status = match call.arguments.text("status") {
        None => Status::Writable,
        Some("full") => Status::Full,
        Some("damaged") => Status::Damaged,
        Some("retired") => Status::Retired,
        Some(other) => {
            let text = format!("setting media status '{other}' is not allowed");
            return Err(Fault::Failed(text));
        }
    };
    if let Some(medium) = world.media.get_mut(uuid) {
        medium.status = status;
    }
    Ok(Answer::default())
}

fn sets(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let visible = world
        .media
        .values()
        .filter(|medium| sees(world, call, medium));
    let mut items: Vec<Value> = Vec::new();
    for set in visible.filter_map(|medium| medium.set.as_ref()) {
        let item = json!({
            "media-set-uuid": set.uuid,
            "media-set-name": set.name,
            "media-set-ctime": set.created,
            "pool": set.pool,
        });
        if !items.contains(&item) {
            items.push(item);
        }
    }
    Ok(Answer::new(items))
}

fn content(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let text = |name: &str| call.arguments.text(name);
    let (pool, label, uuid, set) = (
        text("pool"),
        text("label-text"),
        text("media"),
        text("media-set"),
    );
    let (kind, id) = (text("backup-type"), text("backup-id"));
    let mut items = Vec::new();
    for (number, medium) in &world.media {
        let Some(of) = &medium.set else {
            continue;
        };
        let is_it = pool.is_none_or(|pool| of.pool == pool)
            && label.is_none_or(|label| medium.label == label)
            && uuid.is_none_or(|uuid| number == uuid)
            && set.is_none_or(|set| of.uuid == set);
        if !is_it || !sees(world, call, medium) {
            continue;
        }
        for archived in &medium.snapshots {
            let group = &archived.snapshot.group;
            let is_it = kind.is_none_or(|kind| group.kind.name() == kind)
                && id.is_none_or(|id| &*group.id == id);
            if !is_it {
                continue;
            }
            let mut snapshot = archived.snapshot.to_string();
            for part in archived
                .namespace
                .as_str()
                .rsplit('/')
                .filter(|part| !part.is_empty())
            {
                snapshot = format!("ns/{part}/{snapshot}");
            }
            items.push(json!({
                "store": archived.store,
                "snapshot": snapshot,
                "backup-time": archived.snapshot.time,
                "label-text": medium.label,
                "uuid": number,
                "pool": of.pool,
                "media-set-name": of.name,
                "media-set-uuid": of.uuid,
                "media-set-ctime": of.created,
                "seq-nr": of.sequence,
            }));
        }
    }
    Ok(Answer::new(items))
}

/// The medium that a number or a label names.
fn named(world: &World, call: &Call<'_>) -> Result<String, Fault> {
    let by_number = call.arguments.text("uuid");
    let by_label = call.arguments.text("label-text");
    let found = match (by_number, by_label) {
        (Some(uuid), None) => world.media.contains_key(uuid).then_some(uuid),
        (None, Some(label)) => world.medium_labelled(label),
        (Some(_), Some(_)) => {
            let text = "parameters 'uuid' and 'label-text' are mutually exclusive";
            return Err(Fault::Failed(text.to_owned()));
        }
        (None, None) => {
            return Err(Fault::Failed(
                "missing parameter 'uuid' or 'label-text'".to_owned(),
            ));
        }
    };
    let wanted = by_number.or(by_label).unwrap_or_default();
    let found = found.map(str::to_owned);
    found.ok_or_else(|| Fault::Failed(format!("no such media '{wanted}'")))
}

/// Forgets a tape; one with a set that counts only by force. (That this is a GET is the product's doing.)
fn destroy(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let uuid = named(world, call)?;
    let medium = find(world, &uuid)?;
    let is_forced = call.arguments.is_set("force");
    if let Some(set) = medium.set.as_ref().filter(|_| !is_forced) {
        let label = &medium.label;
        let text = format!("media '{label}' contains data (media set '{}')", set.uuid);
        return Err(Fault::Failed(text));
    }
    world.media.remove(&uuid);
    Ok(Answer::default())
}

/// A tape goes to a vault, or just away.
fn relocate(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let uuid = named(world, call)?;
    let vault = call.arguments.text("vault-name");
    let location = vault.map_or(Location::Offline, |name| Location::Vault(name.to_owned()));
    if let Some(medium) = world.media.get_mut(&uuid) {
        medium.location = location;
    }
    Ok(Answer::default())
}
