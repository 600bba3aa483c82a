//! `/access/tfa`: second factors, as far as accounts keep them (proxmox-tfa's `api.rs`).

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{users, words};
use crate::proxmox::account::{Factor, FactorKind, User};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::gate::Mode;
use crate::proxmox::state::State;
use crate::routes::Route;
use crate::routes::route::{delete, get, post, put};

pub(super) fn routes<W: State>() -> Vec<Route<Handler<W>>> {
    let of_user = "/access/tfa/{userid}";
    let one = "/access/tfa/{userid}/{id}";
    vec![
        get("/access/tfa", Handler::Read(list)),
        get(of_user, Handler::Read(list_of_user)),
        post(of_user, Handler::Write(add)),
        get(one, Handler::Read(read)),
        put(one, Handler::Write(update)),
        delete(one, Handler::Write(remove)),
    ]
}

fn list<W: State>(world: &W, call: &Call<'_>) -> Result<Answer, Fault> {
    let sees_all = words::may_modify(world, call, "/access/users")
        || words::may_audit(world, call, "/access/users");
    let users = world.directory().users.iter();
    let visible = users.filter(|(id, user)| {
        let is_own = **id == call.caller.user && call.caller.token.is_none();
        !user.factors.is_empty() && (sees_all || is_own)
    });
    let items = visible.map(|(id, user)| {
        json!({"userid": id.to_string(), "totp-locked": false, "entries": entries(user)})
    });
    Ok(Answer::new(items.collect::<Vec<_>>()))
}

fn list_of_user<W: State>(world: &W, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = words::user(call, "userid")?;
    let user = world.directory().users.get(&id);
    Ok(Answer::new(user.map(entries).unwrap_or_default()))
}

fn read<W: State>(world: &W, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = words::user(call, "userid")?;
    let user = world.directory().users.get(&id);
    let factor = user.and_then(|user| user.factors.get(call.text("id")));
    let factor = factor.ok_or_else(|| missing(call))?;
    Ok(Answer::new(entry(call.text("id"), factor)))
}

fn entries(user: &User) -> Vec<Value> {
    let factors = user.factors.iter();
    factors.map(|(id, factor)| entry(id, factor)).collect()
}

fn entry(id: &str, factor: &Factor) -> Value {
    json!({
        "id": id,
        "type": factor.kind,
        "description": factor.description,
        "created": factor.created.as_second(),
        "enable": factor.enable,
    })
}

/// Adds a factor. What an authenticator would prove is taken on trust.
fn add<W: State>(world: &mut W, call: &Call<'_>) -> Result<Answer, Fault> {
    confirm(world, call)?;
    let id = words::user(call, "userid")?;
    let user = users::find(world.directory(), &id)?;
    let is_key = matches!(call.text("type"), "webauthn" | "u2f");
    if is_key && !call.arguments.has("challenge") {
        let challenge = json!({"publicKey": {"challenge": format!("{:016x}", call.random())}});
        let answer = json!({"challenge": challenge.to_string(), "recovery": []});
        return Ok(Answer::new(answer));
    }
    let (kind, description) = new_factor(user, call)?;
    let (name, codes) = match kind {
        FactorKind::Recovery => ("recovery".to_owned(), recovery_codes(call)),
        _ => (format!("{:016x}", call.random()), Vec::new()),
    };
    let factor = Factor {
        kind,
        description,
        created: whole(call.now),
        enable: true,
    };
    let (directory, _) = world.accounts_mut();
    if let Some(user) = directory.users.get_mut(&id) {
        user.factors.insert(name.clone(), factor);
    }
    Ok(Answer::new(json!({"id": name, "recovery": codes})))
}

/// The kind and description of a new factor, with all that it needs (`add_tfa_entry`).
fn new_factor(user: &User, call: &Call<'_>) -> Result<(FactorKind, String), Fault> {
    let refused = |text: String| Err(Fault::Failed(text));
    let kind = match call.text("type") {
        "totp" => FactorKind::Totp,
        "webauthn" | "u2f" => FactorKind::Webauthn,
        "recovery" => FactorKind::Recovery,
        _ => FactorKind::Yubico,
    };
    if kind == FactorKind::Recovery {
        return match user.factors.contains_key("recovery") {
            true => refused("user already has recovery keys".to_owned()),
            false => Ok((kind, String::new())),
        };
    }
    if kind == FactorKind::Totp && !call.arguments.has("totp") {
        return refused("missing 'totp' parameter".to_owned());
    }
    if !call.arguments.has("value") {
        return refused("missing 'value' parameter".to_owned());
    }
    match call.arguments.text("description") {
        Some(text) => Ok((kind, text.to_owned())),
        None if kind == FactorKind::Totp => {
            refused("'description' is required for new TOTP entries".to_owned())
        }
        None => Ok((kind, String::new())),
    }
}

fn whole(now: Timestamp) -> Timestamp {
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}

/// Ten codes of four times four hexadecimal digits.
fn recovery_codes(call: &Call<'_>) -> Vec<String> {
    let code = |_| {
        let number = call.random();
        let part = |shift: u32| (number >> shift) & 0xFFFF;
        format!(
            "{:04x}-{:04x}-{:04x}-{:04x}",
            part(48),
            part(32),
            part(16),
            part(0)
        )
    };
    (0..10).map(code).collect()
}

fn update<W: State>(world: &mut W, call: &Call<'_>) -> Result<Answer, Fault> {
    confirm(world, call)?;
    let id = words::user(call, "userid")?;
    let (directory, _) = world.accounts_mut();
    let user = directory.users.get_mut(&id);
    let factor = user.and_then(|user| user.factors.get_mut(call.text("id")));
    let factor = factor.ok_or_else(|| missing(call))?;
    if let Some(description) = call.arguments.text("description") {
        description.clone_into(&mut factor.description);
    }
    if let Some(enable) = call.arguments.boolean("enable") {
        factor.enable = enable;
    }
    Ok(Answer::default())
}

fn remove<W: State>(world: &mut W, call: &Call<'_>) -> Result<Answer, Fault> {
    confirm(world, call)?;
    let id = words::user(call, "userid")?;
    let (directory, _) = world.accounts_mut();
    let user = directory.users.get_mut(&id);
    let removed = user.and_then(|user| user.factors.remove(call.text("id")));
    removed
        .map(|_| Answer::default())
        .ok_or_else(|| missing(call))
}

fn missing(call: &Call<'_>) -> Fault {
    let (user, id) = (call.text("userid"), call.text("id"));
    Fault::NotFound(format!("no such tfa id {user}/{id}"))
}

/// Who changes factors says the own password again, but for the superuser.
fn confirm<W: State>(world: &W, call: &Call<'_>) -> Result<(), Fault> {
    if call.context.mode == Mode::Open || call.caller.user.is_root() {
        return Ok(());
    }
    let password = call.text("password");
    match world.directory().password_fits(&call.caller.user, password) {
        true => Ok(()),
        false => Err(Fault::LoginFailed),
    }
}
