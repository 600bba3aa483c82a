//! `/config/access`: the realms that every installation has, and the settings of `WebAuthn`.

use serde_json::{Value, json};

use crate::pbs::api::single;
use crate::pbs::world::World;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::rust_access::REALMS;
use crate::routes::Route;
use crate::routes::route::{get, put};

const TFA: &str = "config/access/tfa";

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/config/access/pam", Handler::Read(read_pam)),
        put("/config/access/pam", Handler::Write(update_pam)),
        get("/config/access/pbs", Handler::Read(read_pbs)),
        put("/config/access/pbs", Handler::Write(update_pbs)),
        get("/config/access/tfa/webauthn", Handler::Read(read_webauthn)),
        put(
            "/config/access/tfa/webauthn",
            Handler::Write(update_webauthn),
        ),
    ]
}

fn realm(world: &World, name: &str) -> Answer {
    let mut answer = single::read(world, REALMS, name);
    answer.data["realm"] = json!(name);
    answer.data["type"] = json!(name);
    answer
}

fn read_pam(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    Ok(realm(world, "pam"))
}

fn read_pbs(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    Ok(realm(world, "pbs"))
}

fn update_pam(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    update(world, call, "pam")
}

fn update_pbs(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    update(world, call, "pbs")
}

/// There is one default realm: who becomes it takes it from the others.
fn update(world: &mut World, call: &Call<'_>, name: &str) -> Result<Answer, Fault> {
    single::fits(world, call, REALMS)?;
    if call.arguments.is_set("default")
        && let Some(realms) = world.sections.get_mut(REALMS)
    {
        for realm in realms.0.values_mut() {
            realm.properties.shift_remove("default");
        }
    }
    let realms = world.sections.entry(REALMS.to_owned()).or_default();
    let realm = realms.0.entry(name.to_owned()).or_default();
    single::change(&mut realm.properties, call);
    Ok(Answer::default())
}

/// Nothing until it is configured.
fn read_webauthn(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    match world.section(TFA, "webauthn") {
        Some(_) => Ok(single::read(world, TFA, "webauthn")),
        None => Ok(Answer::new(Value::Null).with("digest", single::digest_of(world, TFA))),
    }
}

/// The first time both names are needed (proxmox-backup, `api2/config/access/tfa.rs`; texts from memory).
fn update_webauthn(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    if world.section(TFA, "webauthn").is_none() {
        for (name, what) in [("rp", "rp"), ("id", "id")] {
            if !call.arguments.has(name) {
                let text = format!("missing proeprty '{what}'");
                return Err(Fault::Failed(text));
            }
        }
    }
    single::update(world, call, TFA, "webauthn")
}
