//! `/access/tfa`: second factors, as [`crate::proxmox::second_factor`] has them.

use serde_json::{Value, json};

use super::{users, words};
use crate::proxmox::account::User;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::gate::Mode;
use crate::proxmox::identity::UserId;
use crate::proxmox::second_factor::{Factor, FactorKind, Wanted};
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
        put("/access/users/{userid}/unlock-tfa", Handler::Write(unlock)),
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
        let mut item = json!({
            "userid": id.to_string(),
            "totp-locked": false,
            "entries": entries(user),
        });
        for (name, value) in user.lockout.shown(call.now) {
            item[name] = value;
        }
        item
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
    let factors = user.listed_factors().into_iter();
    factors.map(|(id, factor)| entry(id, factor)).collect()
}

/// The contracts of these products require `enable`.
fn entry(id: &str, factor: &Factor) -> Value {
    let mut entry = factor.shown(id);
    entry["enable"] = json!(factor.enable);
    entry
}

fn add<W: State>(world: &mut W, call: &Call<'_>) -> Result<Answer, Fault> {
    confirm(world, call)?;
    let id = words::user(call, "userid")?;
    users::find(world.directory(), &id)?;
    let kind = FactorKind::named(call.text("type"));
    let kind = kind.ok_or_else(|| Fault::Failed("invalid tfa type".to_owned()))?;
    let text = |name: &str| call.arguments.text(name);
    let wanted = Wanted {
        kind,
        description: text("description"),
        totp: text("totp"),
        value: text("value"),
        challenge: text("challenge"),
    };
    let user = user_mut(world, call, &id)?;
    let added = user.add_factor(&wanted, call.now, || call.random())?;
    Ok(Answer::new(
        json!({"id": added.id, "recovery": added.recovery}),
    ))
}

fn update<W: State>(world: &mut W, call: &Call<'_>) -> Result<Answer, Fault> {
    confirm(world, call)?;
    let id = words::user(call, "userid")?;
    let (description, enable) = (
        call.arguments.text("description"),
        call.arguments.boolean("enable"),
    );
    let user = user_mut(world, call, &id)?;
    match user.change_factor(call.text("id"), description, enable) {
        true => Ok(Answer::default()),
        false => Err(missing(call)),
    }
}

fn remove<W: State>(world: &mut W, call: &Call<'_>) -> Result<Answer, Fault> {
    confirm(world, call)?;
    let id = words::user(call, "userid")?;
    match user_mut(world, call, &id)?.remove_factor(call.text("id")) {
        true => Ok(Answer::default()),
        false => Err(missing(call)),
    }
}

/// Says whether the user was locked out.
fn unlock<W: State>(world: &mut W, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = words::user(call, "userid")?;
    users::find(world.directory(), &id)?;
    let user = user_mut(world, call, &id)?;
    Ok(Answer::new(user.unlock_factors(call.now)))
}

fn user_mut<'w, W: State>(
    world: &'w mut W,
    call: &Call<'_>,
    id: &UserId,
) -> Result<&'w mut User, Fault> {
    let (directory, _) = world.accounts_mut();
    directory.users.get_mut(id).ok_or_else(|| missing(call))
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
