//! `/access/domains`: the realms that accounts come from.

use serde_json::{Map, Value, json};

use crate::proxmox::call::{Call, Handler};
use crate::proxmox::digest;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::section::drop_empty;
use crate::pve::world::World;
use crate::pve::world::realm::{Realm, RealmKind, digest_of};
use crate::routes::Route;
use crate::routes::route::{delete, get, post, put};

use super::failed;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/access/domains", Handler::Read(list)),
        post("/access/domains", Handler::Write(create)),
        get("/access/domains/{realm}", Handler::Read(read)),
        put("/access/domains/{realm}", Handler::Write(update)),
        delete("/access/domains/{realm}", Handler::Write(remove)),
    ]
}

/// What everybody may know, for the form of a login.
fn list(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    let row = |(name, realm): (&String, &Realm)| {
        let mut row = json!({"realm": name, "type": realm.kind.name()});
        if let Some(comment) = realm.text("comment") {
            row["comment"] = json!(comment);
        }
        if realm.is_set("default") == Some(true) {
            row["default"] = json!(1);
        }
        if let Some(kind) = realm.part("tfa", "type") {
            row["tfa"] = json!(kind);
        }
        row
    };
    let rows = world.access.realms.iter().map(row);
    Ok(Answer::new(rows.collect::<Value>()))
}

fn create(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let refused = |why: String| failed("add auth server failed", why);
    let name = call.text("realm");
    let kind = call.text("type");
    let realms = &mut world.access.realms;
    if realms.contains_key(name) {
        return Err(refused(format!("domain '{name}' already exists")));
    }
    if matches!(name, "pam" | "pve") {
        return Err(refused(format!("unable to use reserved name '{name}'")));
    }
    let known = RealmKind::named(kind).filter(|kind| Realm::builtin(*kind).is_none());
    let Some(kind) = known else {
        return Err(refused(format!("unable to create builtin type '{kind}'")));
    };
    let options = options_of(kind, call).map_err(refused)?;
    for required in required(kind) {
        if !options.contains_key(*required) {
            let text = format!("missing value for required option '{required}'");
            return Err(refused(text));
        }
    }
    let mut realm = Realm::new(kind);
    realm.options.0 = options;
    drop_empty(&mut realm.options.0);
    realm.bind_password = password_of(kind, call);
    check_connection(name, &realm, call).map_err(refused)?;
    let is_default = realm.is_set("default") == Some(true);
    realms.insert(name.to_owned(), realm);
    if is_default {
        move_default(world, name);
    }
    Ok(Answer::default())
}

fn read(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("realm");
    let realms = &world.access.realms;
    let realm = realms.get(name);
    let realm = realm.ok_or_else(|| Fault::Failed(format!("domain '{name}' does not exist")))?;
    let mut data = realm.options.0.clone();
    data.insert("type".to_owned(), json!(realm.kind.name()));
    data.insert("digest".to_owned(), json!(digest_of(realms)));
    Ok(Answer::new(data))
}

fn update(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let refused = |why: String| failed("update auth server failed", why);
    let name = call.text("realm");
    let realms = &mut world.access.realms;
    if !digest::fits(call.arguments.text("digest"), &digest_of(realms)) {
        let text = "detected modified configuration - file changed by other user? Try again.";
        return Err(refused(text.to_owned()));
    }
    let missing = || refused(format!("domain '{name}' does not exist"));
    let mut realm = realms.get(name).cloned().ok_or_else(missing)?;
    let options = options_of(realm.kind, call).map_err(refused)?;
    let forgotten = call.arguments.list("delete");
    let password = call.arguments.has("password");
    if options.is_empty() && forgotten.is_empty() && !password {
        return Err(refused("no options specified".to_owned()));
    }
    for option in &forgotten {
        realm.options.0.shift_remove(&**option);
        if *option == "password" {
            realm.bind_password = None;
        }
    }
    realm.options.0.extend(options);
    drop_empty(&mut realm.options.0);
    if password {
        realm.bind_password = password_of(realm.kind, call);
    }
    check_connection(name, &realm, call).map_err(refused)?;
    let becomes_default = call.arguments.has("default") && realm.is_set("default") == Some(true);
    realms.insert(name.to_owned(), realm);
    if becomes_default {
        move_default(world, name);
    }
    Ok(Answer::default())
}

/// Takes a realm out; its users stay, and cannot come in. The two that are always there come back at once as they
/// were in the beginning.
fn remove(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("realm");
    let realms = &mut world.access.realms;
    let Some(realm) = realms.remove(name) else {
        let text = format!("authentication domain '{name}' does not exist");
        return Err(failed("delete auth server failed", text));
    };
    if let Some(builtin) = Realm::builtin(realm.kind) {
        realms.insert(name.to_owned(), builtin);
    }
    Ok(Answer::default())
}

/// There is one default realm at most.
fn move_default(world: &mut World, name: &str) {
    for (known, realm) in &mut world.access.realms {
        if known != name {
            realm.options.0.shift_remove("default");
        }
    }
}

/// The bind password, which only directories have.
fn password_of(kind: RealmKind, call: &Call<'_>) -> Option<String> {
    let given = call.arguments.text("password");
    given.filter(|_| kind.is_directory()).map(str::to_owned)
}

/// Nothing is asked of the directory's server; what is found before that is refused here too.
fn check_connection(name: &str, realm: &Realm, call: &Call<'_>) -> Result<(), String> {
    let lacks_password = realm.text("bind_dn").is_some() && realm.bind_password.is_none();
    match call.arguments.is_set("check-connection") && lacks_password {
        true => Err(format!("missing password for realm {name}")),
        false => Ok(()),
    }
}

/// The options that the call sets, which must be some of the realm's kind.
fn options_of(kind: RealmKind, call: &Call<'_>) -> Result<Map<String, Value>, String> {
    let given = call.arguments.given();
    if given.contains_key("check-connection") && !kind.is_directory() {
        let text = "'check-connection' parameter can only be set for realms of type 'ldap' or 'ad'";
        return Err(text.to_owned());
    }
    let steering = [
        "realm",
        "type",
        "password",
        "delete",
        "digest",
        "check-connection",
    ];
    let mut options = Map::new();
    for (name, value) in given {
        if steering.contains(&&**name) {
            continue;
        }
        if !takes(kind, name) {
            return Err(format!("unexpected property '{name}'"));
        }
        options.insert(name.clone(), value.clone());
    }
    Ok(options)
}

/// What a new realm of a kind must say.
fn required(kind: RealmKind) -> &'static [&'static str] {
    match kind {
        RealmKind::Pam | RealmKind::Pve => &[],
        RealmKind::Ldap => &["server1", "base_dn", "user_attr"],
        RealmKind::Ad => &["server1", "domain"],
        RealmKind::Openid => &["issuer-url", "client-id"],
    }
}

/// Whether realms of a kind have this option.
fn takes(kind: RealmKind, option: &str) -> bool {
    let of_openid = [
        "issuer-url",
        "client-id",
        "client-key",
        "autocreate",
        "username-claim",
        "groups-claim",
        "groups-autocreate",
        "groups-overwrite",
        "prompt",
        "scopes",
        "acr-values",
        "audiences",
        "query-userinfo",
    ];
    match (kind, option) {
        (_, "default" | "comment") => true,
        (RealmKind::Openid, _) => of_openid.contains(&option),
        (_, "tfa") => true,
        (RealmKind::Pam | RealmKind::Pve, _) => false,
        (RealmKind::Ldap, "domain") => false,
        // Everything else in the contract belongs to directories.
        (RealmKind::Ldap | RealmKind::Ad, _) => !of_openid.contains(&option),
    }
}
