//! `/access/ticket`, `/access/vncticket` and logins by `OpenID`.

use serde_json::Value;

use super::{REALMS, words};
use crate::proxmox::account::User;
use crate::proxmox::acl::normalized;
use crate::proxmox::arguments::split_list;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::gate::{Mode, Standing};
use crate::proxmox::identity::UserId;
use crate::proxmox::lodge::Lodge;
use crate::proxmox::login::{enter, let_in, log_out};
use crate::proxmox::openid::{Provider, name_in, read_state};
use crate::proxmox::section::Section;
use crate::proxmox::state::State;
use crate::routes::Route;
use crate::routes::route::{delete, post};

pub(super) fn routes<W: State>() -> Vec<Route<Handler<W>>> {
    vec![
        post("/access/ticket", Handler::Write(enter)),
        delete("/access/ticket", Handler::Read(forget)),
        post("/access/vncticket", Handler::Read(verify_console)),
        post("/access/openid/auth-url", Handler::Read(openid_url)),
        post("/access/openid/login", Handler::Write(openid_login)),
    ]
}

fn forget<W: State>(_: &W, call: &Call<'_>) -> Result<Answer, Fault> {
    Ok(log_out(call.context.product))
}

/// Answers nothing when the ticket of a console is good and its user may do what is asked.
fn verify_console<W: State>(world: &W, call: &Call<'_>) -> Result<Answer, Fault> {
    let who = words::identity(call, "authid")?;
    let path = normalized(call.text("path")).ok_or(Fault::LoginFailed)?;
    let port = call.arguments.integer("port").unwrap_or(5900);
    let port = u16::try_from(port).map_err(|_| Fault::LoginFailed)?;
    let (signer, ticket) = (&call.context.signer, call.text("vncticket"));
    let good = signer.verify_console(ticket, &who, &path, port, call.now);
    if call.context.mode == Mode::Strict && good.is_err() {
        return Err(Fault::LoginFailed);
    }
    let privileges: Vec<&str> = call.text("privs").split([',', ' ', ';']).collect();
    let as_them = Call {
        operation: call.operation,
        arguments: call.arguments.clone(),
        caller: who,
        credentials: call.credentials.clone(),
        request: call.request,
        now: call.now,
        context: call.context,
        former: None,
    };
    match as_them.may(world, &path, &privileges) {
        true => Ok(Answer::default()),
        false => Err(Fault::LoginFailed),
    }
}

/// Where a browser goes to log in, and what a test comes back with: [`crate::proxmox::openid`]. Which logins are
/// under way is not remembered: any state that names a realm counts.
fn openid_url<W: State>(world: &W, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("realm");
    let realm = realm(world, name)?;
    let text = |key: &str| realm.properties.get(key).and_then(Value::as_str);
    let list = |text| split_list(text).collect::<Vec<&str>>();
    let provider = Provider {
        realm: name,
        issuer: text("issuer-url").unwrap_or_default(),
        client: text("client-id").unwrap_or_default(),
        scopes: &list(text("scopes").unwrap_or("email profile")),
        prompt: text("prompt"),
        contexts: &list(text("acr-values").unwrap_or_default()),
    };
    let redirect = call.text("redirect-url");
    let url = provider.begin(&mut Vec::new(), redirect, call.now, || call.random());
    url.map(Answer::new).map_err(Fault::Failed)
}

fn openid_login<W: State>(world: &mut W, call: &Call<'_>) -> Result<Answer, Fault> {
    let (_, name) = read_state(call.text("state")).ok_or(Fault::LoginFailed)?;
    let realm = realm(world, &name).map_err(|_| Fault::LoginFailed)?;
    let creates = realm.properties.get("autocreate") == Some(&Value::Bool(true));
    let user = name_in(call.text("code")).ok_or(Fault::LoginFailed)?;
    let user = format!("{user}@{name}");
    let user = UserId::parse(&user, call.context.product).map_err(|_| Fault::LoginFailed)?;
    let directory = world.accounts_mut().0;
    if creates && !directory.has_user(&user) {
        directory.users.insert(user.clone(), User::default());
    } else if directory.standing(&user, call.now) != Standing::Good {
        return Err(Fault::LoginFailed);
    }
    let lodge = Lodge::new(&*world, call.context, call.now);
    Ok(let_in(&lodge, &lodge, &user))
}

fn realm<'w, W: State>(world: &'w W, name: &str) -> Result<&'w Section, Fault> {
    let found = world.sections(REALMS).and_then(|realms| realms.0.get(name));
    found
        .filter(|realm| realm.kind == "openid")
        .ok_or_else(|| Fault::no_such_entry("openid", name))
}
