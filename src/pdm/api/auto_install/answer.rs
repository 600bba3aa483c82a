//! A machine asks for its answer, and reports when it is installed.

use serde_json::{Map, Value, json};

use super::kept;
use crate::pdm::world::World;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::{BadCredentials, Fault};
use crate::routes::Route;
use crate::routes::route::post;

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        post("/auto-install/answer", Handler::Write(ask)),
        post(
            "/auto-install/installations/{uuid}/post-hook",
            Handler::Write(report),
        ),
    ]
}

/// The token of `Authorization: Bearer <id>:<secret>`, if it counts.
fn token(world: &World, call: &Call<'_>) -> Option<String> {
    let header = call.request.headers.text("authorization")?;
    let (scheme, token) = header.split_once(' ')?;
    let (id, secret) = token.split_once(':')?;
    let known = world.auto_install.tokens.get(id)?;
    let is_enabled = known.get("enabled") != Some(&Value::Bool(false));
    let expiry = known.get("expire-at").and_then(Value::as_i64).unwrap_or(0);
    let is_fresh = expiry == 0 || call.now.as_second() < expiry;
    let fits = known.get("secret").and_then(Value::as_str) == Some(secret);
    let counts = scheme.eq_ignore_ascii_case("bearer") && is_enabled && is_fresh && fits;
    counts.then(|| id.to_owned())
}

fn ask(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let token = token(world, call);
    let token = token.ok_or(Fault::BadCredentials(BadCredentials::Secret))?;
    let info = kept(call, &["$schema"]);
    let id = call.uuid();
    let mut installation = Map::from_iter([
        ("uuid".to_owned(), json!(id)),
        ("received-at".to_owned(), json!(call.now.as_second())),
        ("info".to_owned(), Value::Object(info.clone())),
        ("status".to_owned(), json!("no-answer-found")),
    ]);
    let found = suitable(world, &token, &Value::Object(info));
    let found = found.map(|(name, answer)| (name.to_owned(), answer.clone()));
    let Some((name, answer)) = found else {
        world.auto_install.installations.insert(id, installation);
        return Err(Fault::Failed("no answer file found".to_owned()));
    };
    let mut rendered = rendered(&answer);
    installation.insert("answer-id".to_owned(), json!(name));
    let hook = answer.get("post-hook-base-url").and_then(Value::as_str);
    let status = match hook {
        None => "answer-sent",
        Some(base) => {
            let secret = format!("{:016x}{:016x}", call.random(), call.random());
            let base = base.trim_end_matches('/');
            let mut hook = json!({
                "url": format!("{base}/api2/json/auto-install/installations/{id}/post-hook"),
                "auth-token": secret,
            });
            if let Some(fingerprint) = answer.get("post-hook-cert-fp") {
                hook["cert-fingerprint"] = fingerprint.clone();
            }
            rendered["post-installation-webhook"] = hook;
            installation.insert("post-hook-token".to_owned(), json!(secret));
            "in-progress"
        }
    };
    installation.insert("status".to_owned(), json!(status));
    world.auto_install.installations.insert(id, installation);
    count_up(world, &name);
    Ok(Answer::new(rendered))
}

/// Counters of templates go up with each answer.
fn count_up(world: &mut World, name: &str) {
    let answer = world.auto_install.prepared.get_mut(name);
    let counters = answer.and_then(|answer| answer.get_mut("template-counters"));
    let counters = counters
        .and_then(Value::as_object_mut)
        .into_iter()
        .flatten();
    for (_, counter) in counters {
        *counter = json!(counter.as_i64().unwrap_or(0).saturating_add(1));
    }
}

/// The answer whose filters all fit what the machine says of itself, or the default one.
fn suitable<'w>(
    world: &'w World,
    token: &str,
    info: &Value,
) -> Option<(&'w str, &'w Map<String, Value>)> {
    let open = world.auto_install.prepared.iter().filter(|(_, answer)| {
        let tokens = answer.get("authorized-tokens").and_then(Value::as_array);
        tokens.is_some_and(|tokens| tokens.iter().any(|known| known == token))
    });
    let fits = |answer: &Map<String, Value>| {
        let filter = answer.get("target-filter").and_then(Value::as_object);
        filter.is_some_and(|filter| {
            !filter.is_empty() && filter.iter().all(|(at, wanted)| matches(info, at, wanted))
        })
    };
    let is_default = |answer: &Map<String, Value>| answer.get("is-default") == Some(&json!(true));
    let exact = open
        .clone()
        .find(|(_, answer)| !is_default(answer) && fits(answer));
    let found = exact.or_else(|| open.clone().find(|(_, answer)| is_default(answer)));
    found.map(|(name, answer)| (name.as_str(), answer))
}

/// Whether what stands at a JSON pointer has this form, in which `*` is anything.
fn matches(info: &Value, at: &str, wanted: &Value) -> bool {
    let at = match at.starts_with('/') {
        true => at.to_owned(),
        false => format!("/{at}"),
    };
    let Some(found) = info.pointer(&at) else {
        return false;
    };
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let (found, wanted) = (text(found), text(wanted));
    let escaped = regex::escape(&wanted)
        .replace("\\*", ".*")
        .replace("\\?", ".");
    regex::Regex::new(&format!("^{escaped}$")).is_ok_and(|pattern| pattern.is_match(&found))
}

/// A prepared answer as installers read it.
fn rendered(answer: &Map<String, Value>) -> Value {
    let take = |names: &[&str]| -> Map<String, Value> {
        let found = names.iter().filter_map(|name| {
            let value = answer.get(*name)?;
            Some(((*name).to_owned(), value.clone()))
        });
        found.collect()
    };
    let mut global = take(&[
        "country",
        "keyboard",
        "mailto",
        "timezone",
        "reboot-mode",
        "reboot-on-error",
        "root-password-hashed",
        "root-ssh-keys",
        "subscription-key",
    ]);
    let by_dhcp = |name: &str| answer.get(name) == Some(&json!(true));
    let fqdn = match by_dhcp("use-dhcp-fqdn") {
        true => json!({"source": "from-dhcp"}),
        false => answer.get("fqdn").cloned().unwrap_or_default(),
    };
    global.insert("fqdn".to_owned(), fqdn);
    global.entry("root-ssh-keys").or_insert(json!([]));
    let mut network = match by_dhcp("use-dhcp-network") {
        true => Map::from_iter([("source".to_owned(), json!("from-dhcp"))]),
        false => {
            let mut network = take(&["cidr", "dns", "gateway"]);
            network.insert("source".to_owned(), json!("from-answer"));
            let filter = answer.get("netdev-filter").cloned();
            network.insert("filter".to_owned(), filter.unwrap_or(json!({})));
            network
        }
    };
    if by_dhcp("netif-name-pinning-enabled") {
        let pinning = json!({"enabled": true, "mapping": {}});
        network.insert("interface-name-pinning".to_owned(), pinning);
    }
    json!({"global": global, "network": network, "disk-setup": disks(answer)})
}

fn disks(answer: &Map<String, Value>) -> Value {
    let system = answer.get("filesystem").cloned().unwrap_or_default();
    let kind = system["filesystem"].as_str().unwrap_or("ext4").to_owned();
    let mut setup = json!({
        "filesystem": kind,
        "disk-list": answer.get("disk-list").cloned().unwrap_or(json!([])),
        "filter": answer.get("disk-filter").cloned().unwrap_or(json!({})),
    });
    if let Some(matching) = answer.get("disk-filter-match") {
        setup["filter-match"] = matching.clone();
    }
    let options = system.as_object().into_iter().flatten();
    let options: Map<String, Value> = options
        .filter(|(name, _)| *name != "filesystem")
        .map(|(name, value)| (name.replace('_', "-"), value.clone()))
        .collect();
    if !options.is_empty() {
        let place = match kind.as_str() {
            "zfs" | "btrfs" => kind.as_str(),
            _ => "lvm",
        };
        setup[place] = Value::Object(options);
    }
    setup
}

/// An installation is over; whoever reports it proves it by the token that came with the answer.
fn report(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let uuid = call.text("uuid");
    let installation = world.auto_install.installations.get_mut(uuid);
    let token = call.arguments.given().get("token").and_then(Value::as_str);
    let waits = |installation: &&mut Map<String, Value>| {
        let known = installation.get("post-hook-token").and_then(Value::as_str);
        installation.get("status") == Some(&json!("in-progress"))
            && known == token
            && token.is_some_and(|token| !token.is_empty())
    };
    let missing = || Fault::NotFound(format!("installation {uuid} not found"));
    let installation = installation.filter(waits).ok_or_else(missing)?;
    let report = kept(call, &["uuid", "token"]);
    installation.insert("status".to_owned(), json!("finished"));
    installation.insert("post-hook-data".to_owned(), Value::Object(report));
    installation.remove("post-hook-token");
    Ok(Answer::default())
}
