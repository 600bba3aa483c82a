//! `/access/ticket`, `/access/vncticket` and logins by `OpenID`.

use serde_json::Value;

use super::{REALMS, words};
use crate::proxmox::account::User;
use crate::proxmox::acl::normalized;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::gate::Mode;
use crate::proxmox::identity::UserId;
use crate::proxmox::lodge::Lodge;
use crate::proxmox::login::{Attempt, log_in, log_out};
use crate::proxmox::section::Section;
use crate::proxmox::state::State;
use crate::routes::Route;
use crate::routes::route::{delete, post};

pub(super) fn routes<W: State>() -> Vec<Route<Handler<W>>> {
    vec![
        post("/access/ticket", Handler::Read(create)),
        delete("/access/ticket", Handler::Read(forget)),
        post("/access/vncticket", Handler::Read(verify_console)),
        post("/access/openid/auth-url", Handler::Read(openid_url)),
        post("/access/openid/login", Handler::Write(openid_login)),
    ]
}

fn create<W: State>(world: &W, call: &Call<'_>) -> Result<Answer, Fault> {
    let product = call.context.product;
    let attempt = Attempt::read(product, call.arguments.given(), &call.credentials);
    let lodge = Lodge::new(world, call.context, call.now);
    log_in(&lodge, &lodge, &attempt)
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

/// Where a browser goes to log in. Nobody is asked there: a test takes `state` out of the URL and comes back with
/// the code `code-for-<name>`, so that it can be anybody.
fn openid_url<W: State>(world: &W, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("realm");
    let realm = realm(world, name)?;
    let text = |key: &str| realm.properties.get(key).and_then(Value::as_str);
    let issuer = text("issuer-url").unwrap_or_default();
    let client = text("client-id").unwrap_or_default();
    let scopes = text("scopes")
        .unwrap_or("email profile")
        .replace([' ', ','], "+");
    let url = format!(
        "{issuer}/authorize?response_type=code&client_id={client}&state={name}.{:016x}\
         &redirect_uri={}&scope=openid+{scopes}&nonce={:016x}",
        call.random(),
        escaped(call.text("redirect-url")),
        call.random(),
    );
    Ok(Answer::new(url))
}

fn openid_login<W: State>(world: &mut W, call: &Call<'_>) -> Result<Answer, Fault> {
    let state = call.text("state").rsplit_once('.');
    let (name, _) = state.ok_or(Fault::LoginFailed)?;
    let realm = realm(world, name).map_err(|_| Fault::LoginFailed)?;
    let creates = realm.properties.get("autocreate") == Some(&Value::Bool(true));
    let code = call.text("code").strip_prefix("code-for-");
    let user = format!("{}@{name}", code.unwrap_or_default());
    let user = UserId::parse(&user, call.context.product).map_err(|_| Fault::LoginFailed)?;
    if !world.directory().has_user(&user) {
        if !creates {
            return Err(Fault::LoginFailed);
        }
        let (directory, _) = world.accounts_mut();
        directory.users.insert(user.clone(), User::default());
    }
    // From here on it is a renewal with a ticket that nobody has seen.
    let attempt = Attempt {
        password: Some(call.context.signer.ticket(&user, call.now)),
        ..Attempt::read(
            call.context.product,
            call.arguments.given(),
            &call.credentials,
        )
    };
    let attempt = Attempt {
        user: user.to_string(),
        ..attempt
    };
    let lodge = Lodge::new(world, call.context, call.now);
    log_in(&lodge, &lodge, &attempt)
}

fn realm<'w, W: State>(world: &'w W, name: &str) -> Result<&'w Section, Fault> {
    let found = world.sections(REALMS).and_then(|realms| realms.0.get(name));
    found
        .filter(|realm| realm.kind == "openid")
        .ok_or_else(|| Fault::no_such_entry("openid", name))
}

fn escaped(url: &str) -> String {
    let mut text = String::with_capacity(url.len());
    for byte in url.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                text.push(byte.into());
            }
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}
