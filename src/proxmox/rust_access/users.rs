//! `/access/users`: people. Texts are those of proxmox.md 1.2 and proxmox-access-control's `user.rs`.

use serde_json::{Map, Value, json};

use super::{REALMS, tokens, words};
use crate::proxmox::account::{Directory, User};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::identity::UserId;
use crate::proxmox::state::State;
use crate::routes::Route;
use crate::routes::route::{delete, get, post, put};

pub(super) fn routes<W: State>() -> Vec<Route<Handler<W>>> {
    vec![
        get("/access/users", Handler::Read(list)),
        post("/access/users", Handler::Write(create)),
        get("/access/users/{userid}", Handler::Read(read)),
        put("/access/users/{userid}", Handler::Write(update)),
        delete("/access/users/{userid}", Handler::Write(remove)),
    ]
}

/// The user as clients see one.
fn shown(id: &UserId, user: &User) -> Map<String, Value> {
    let mut item = Map::new();
    item.insert("userid".to_owned(), json!(id.to_string()));
    item.insert("enable".to_owned(), json!(user.enable));
    item.insert("expire".to_owned(), json!(user.expire));
    let texts = [
        ("comment", &user.comment),
        ("firstname", &user.firstname),
        ("lastname", &user.lastname),
        ("email", &user.email),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            item.insert(name.to_owned(), json!(text));
        }
    }
    item
}

/// Who may not look at all users sees the own one.
fn list<W: State>(world: &W, call: &Call<'_>) -> Result<Answer, Fault> {
    let sees_all = words::may_audit(world, call, "/access/users");
    let users = &world.directory().users;
    let visible = users
        .iter()
        .filter(|(id, _)| sees_all || **id == call.caller.user);
    let with_tokens = call.arguments.is_set("include_tokens");
    let items = visible.map(|(id, user)| {
        let mut item = shown(id, user);
        if with_tokens && !user.tokens.is_empty() {
            let tokens = user.tokens.iter();
            let tokens = tokens.map(|(name, token)| tokens::shown(id, name, token));
            item.insert("tokens".to_owned(), tokens.collect());
        }
        Value::Object(item)
    });
    let items: Vec<Value> = items.collect();
    Ok(Answer::new(items).with("digest", words::digest_of(call, users)))
}

fn read<W: State>(world: &W, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = words::user(call, "userid")?;
    let users = &world.directory().users;
    let user = find(world.directory(), &id)?;
    Ok(Answer::new(Value::Object(shown(&id, user))).with("digest", words::digest_of(call, users)))
}

fn create<W: State>(world: &mut W, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = words::user(call, "userid")?;
    let realm = id.realm();
    if world.directory().users.contains_key(&id) {
        return Err(Fault::Failed(format!("user '{id}' already exists.")));
    }
    let realms = world.sections(REALMS);
    let kind = realms.and_then(|realms| realms.0.get(realm));
    let kind = kind.ok_or_else(|| Fault::Failed(format!("unknown realm '{realm}'")))?;
    if call.arguments.has("password") {
        keeps_passwords(&kind.kind)?;
    }
    let mut user = User::default();
    change(&mut user, call);
    let (directory, _) = world.accounts_mut();
    directory.users.insert(id, user);
    Ok(Answer::default())
}

fn update<W: State>(world: &mut W, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = words::user(call, "userid")?;
    words::fits(call, &world.directory().users)?;
    let mut user = find(world.directory(), &id)?.clone();
    if call.arguments.has("password") {
        let realms = world.sections(REALMS);
        let realm = realms.and_then(|realms| realms.0.get(id.realm()));
        keeps_passwords(realm.map_or("", |realm| &realm.kind))?;
    }
    for name in call.arguments.list("delete") {
        match &*name {
            "comment" => user.comment = None,
            "firstname" => user.firstname = None,
            "lastname" => user.lastname = None,
            "email" => user.email = None,
            "enable" => user.enable = true,
            "expire" => user.expire = 0,
            _ => {}
        }
    }
    change(&mut user, call);
    let (directory, _) = world.accounts_mut();
    directory.users.insert(id, user);
    Ok(Answer::default())
}

/// What the call says of a user.
fn change(user: &mut User, call: &Call<'_>) {
    let given = call.arguments.given();
    let text = |name: &str| given.get(name).and_then(Value::as_str);
    let texts = [
        ("comment", &mut user.comment),
        ("firstname", &mut user.firstname),
        ("lastname", &mut user.lastname),
        ("email", &mut user.email),
    ];
    for (name, kept) in texts {
        if let Some(text) = text(name) {
            *kept = words::trimmed(text);
        }
    }
    if let Some(password) = text("password") {
        user.password = Some(password.to_owned());
    }
    if given.contains_key("enable") {
        user.enable = call.arguments.is_set("enable");
    }
    if given.contains_key("expire") {
        user.expire = call.arguments.integer("expire").unwrap_or(0);
    }
}

fn remove<W: State>(world: &mut W, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = words::user(call, "userid")?;
    words::fits(call, &world.directory().users)?;
    let (directory, list) = world.accounts_mut();
    let Some(user) = directory.users.get(&id) else {
        return Err(Fault::Failed(format!("user '{id}' does not exist.")));
    };
    let password = user.password.clone();
    directory.remove_user(&id, list);
    if id.is_root() {
        // Nobody deletes the superuser: the file is read as if the entry were there, and the password is the
        // system's.
        let root = directory.users.entry(id).or_default();
        root.password = password;
    }
    Ok(Answer::default())
}

pub(super) fn find<'d>(directory: &'d Directory, id: &UserId) -> Result<&'d User, Fault> {
    let user = directory.users.get(id);
    user.ok_or_else(|| Fault::no_such_entry("user", id.as_str()))
}

/// Directories and providers keep their own passwords (proxmox-backup, `auth.rs`; texts from memory).
pub(super) fn keeps_passwords(kind: &str) -> Result<(), Fault> {
    match kind {
        "ldap" | "ad" => Err(Fault::Failed(
            "storing passwords is not implemented for LDAP realms".to_owned(),
        )),
        "openid" => Err(Fault::Failed(
            "storing passwords is not implemented for openid realms".to_owned(),
        )),
        _ => Ok(()),
    }
}
