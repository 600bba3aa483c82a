//! `/config/tape-encryption-keys`, and deletions of devices that others need.

use serde_json::{Map, Value, json};

use crate::pbs::api::single;
use crate::pbs::world::World;
use crate::pbs::world::tape::Location;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::routes::Route;
use crate::routes::route::{delete, get, post, put};

const KEYS: &str = "config/tape-encryption-keys";

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let one = "/config/tape-encryption-keys/{fingerprint}";
    vec![
        get("/config/tape-encryption-keys", Handler::Read(list)),
        post("/config/tape-encryption-keys", Handler::Write(create)),
        get(one, Handler::Read(read)),
        put(one, Handler::Write(update)),
        delete(one, Handler::Write(remove)),
        delete("/config/changer/{name}", Handler::Write(remove_changer)),
    ]
}

fn shown(fingerprint: &str, key: &Map<String, Value>) -> Value {
    let mut item = key.clone();
    item.shift_remove("password");
    item.insert("fingerprint".to_owned(), json!(fingerprint));
    Value::Object(item)
}

fn list(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    let keys = world.sections_of(KEYS);
    let items: Vec<Value> = keys.map(|(id, key)| shown(id, &key.properties)).collect();
    Ok(Answer::new(items).with("digest", single::digest_of(world, KEYS)))
}

fn missing(fingerprint: &str) -> Fault {
    Fault::NotFound(format!(
        "tape encryption key '{fingerprint}' does not exist."
    ))
}

fn read(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let fingerprint = call.text("fingerprint");
    let key = world.section(KEYS, fingerprint);
    let key = key.ok_or_else(|| missing(fingerprint))?;
    let data = shown(fingerprint, &key.properties);
    Ok(Answer::new(data).with("digest", single::digest_of(world, KEYS)))
}

/// A new key, or one that was kept elsewhere. The fingerprint is drawn; the key itself is told nobody.
fn create(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let kdf = call.arguments.text("kdf").unwrap_or("scrypt");
    if kdf == "none" {
        let text = "Please specify a key derivation function (none is not allowed here).";
        return Err(Fault::parameter("kdf", text));
    }
    if !call.arguments.has("key") && !call.arguments.has("hint") {
        let text = "Please specify either a key or a hint.";
        return Err(Fault::parameter("hint", text));
    }
    let mut octets = Vec::new();
    for _ in 0..4 {
        octets.extend(call.random().to_be_bytes());
    }
    let fingerprint: Vec<String> = octets.iter().map(|octet| format!("{octet:02x}")).collect();
    let fingerprint = fingerprint.join(":");
    let mut key = Map::new();
    key.insert("kdf".to_owned(), json!(kdf));
    key.insert("created".to_owned(), json!(call.now.as_second()));
    key.insert("modified".to_owned(), json!(call.now.as_second()));
    key.insert("password".to_owned(), json!(call.text("password")));
    if let Some(hint) = call.arguments.text("hint") {
        key.insert("hint".to_owned(), json!(hint));
    }
    let keys = world.sections.entry(KEYS.to_owned()).or_default();
    keys.0.insert(fingerprint.clone(), single::section("", key));
    Ok(Answer::new(fingerprint))
}

/// Another password and hint; who has forgotten the old password says `force`, which only the superuser may.
fn update(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let fingerprint = call.text("fingerprint");
    single::fits(world, call, KEYS)?;
    let key = world.section(KEYS, fingerprint);
    let key = key.ok_or_else(|| missing(fingerprint))?;
    let is_forced = call.arguments.is_set("force");
    if is_forced && !call.is_root() {
        return Err(Fault::parameter(
            "force",
            "resetting the key's passphrase requires root privileges",
        ));
    }
    let known = key.properties.get("password").and_then(Value::as_str);
    let given = call.arguments.text("password");
    let fits = known.is_none() || known == given;
    match (is_forced, given) {
        (true, Some(_)) => {
            let text = "password is not allowed when using force";
            return Err(Fault::parameter("password", text));
        }
        (false, None) => {
            return Err(Fault::parameter("password", "missing parameter"));
        }
        (false, Some(_)) if !fits => {
            let text = "Unable to decrypt key - wrong password?";
            return Err(Fault::Failed(text.to_owned()));
        }
        _ => {}
    }
    let keys = world.sections.get_mut(KEYS);
    if let Some(key) = keys.and_then(|keys| keys.0.get_mut(fingerprint)) {
        let properties = &mut key.properties;
        properties.insert("hint".to_owned(), json!(call.text("hint")));
        properties.insert("password".to_owned(), json!(call.text("new-password")));
        properties.insert("modified".to_owned(), json!(call.now.as_second()));
        if let Some(kdf) = call.arguments.text("kdf") {
            properties.insert("kdf".to_owned(), json!(kdf));
        }
    }
    Ok(Answer::default())
}

fn remove(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let fingerprint = call.text("fingerprint");
    single::fits(world, call, KEYS)?;
    let keys = world.sections.get_mut(KEYS);
    match keys.and_then(|keys| keys.0.remove(fingerprint)) {
        Some(_) => Ok(Answer::default()),
        None => Err(missing(fingerprint)),
    }
}

/// A changer with a drive stays.
fn remove_changer(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("name");
    if world.section("config/changer", name).is_none() {
        let text = format!("Delete changer '{name}' failed - no such entry");
        return Err(Fault::NotFound(text));
    }
    let mut drives = world.sections_of("config/drive");
    if let Some((drive, _)) =
        drives.find(|(_, drive)| drive.properties.get("changer") == Some(&json!(name)))
    {
        let text = format!("Delete changer '{name}' failed - used by drive '{drive}'");
        return Err(Fault::parameter("name", text));
    }
    drop(drives);
    for medium in world.media.values_mut() {
        let Location::Slot { changer, .. } = &medium.location else {
            continue;
        };
        if changer == name {
            medium.location = Location::Offline;
        }
    }
    if let Some(changers) = world.sections.get_mut("config/changer") {
        changers.0.remove(name);
    }
    Ok(Answer::default())
}
