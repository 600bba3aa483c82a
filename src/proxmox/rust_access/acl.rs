//! `/access/acl`, `/access/permissions` and `/access/roles` (proxmox-access-control's `acl.rs`).

use serde_json::{Map, Value, json};

use super::{acl_path, words};
use crate::proxmox::acl::{AccessList, Entry, Reach, Subject, normalized};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::gate::House;
use crate::proxmox::identity::Identity;
use crate::proxmox::lodge::Lodge;
use crate::proxmox::state::State;
use crate::routes::Route;
use crate::routes::route::{get, put};

pub(super) fn routes<W: State>() -> Vec<Route<Handler<W>>> {
    vec![
        get("/access/acl", Handler::Read(list)),
        put("/access/acl", Handler::Write(change)),
        get("/access/permissions", Handler::Read(permissions)),
        get("/access/roles", Handler::Read(roles)),
    ]
}

/// Who may not look at all entries sees the own ones and those of the own tokens.
fn list<W: State>(world: &W, call: &Call<'_>) -> Result<Answer, Fault> {
    let only_own = call.arguments.is_set("all-for-authid");
    let sees_all = !only_own && words::may_audit(world, call, "/access/acl");
    let exact = call.arguments.is_set("exact");
    let path = call
        .arguments
        .text("path")
        .map(|path| path.trim_end_matches('/'));
    let wanted = |entry: &Entry<'_>| match path {
        None => true,
        Some(path) => {
            let rest = entry.path.strip_prefix(path);
            let below = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            let is_it = entry.path == path || (path.is_empty() && entry.path == "/");
            is_it || (!exact && below)
        }
    };
    let visible = |entry: &Entry<'_>| match entry.subject {
        Subject::User(user) => *user == call.caller.user && call.caller.token.is_none(),
        Subject::Token(token) => match &call.caller.token {
            Some(name) => *name == token.name && token.user == call.caller.user,
            None => token.user == call.caller.user && !only_own,
        },
        Subject::Group(_) => false,
    };
    let entries = world.access_list().entries();
    let entries = entries.filter(|entry| wanted(entry) && (sees_all || visible(entry)));
    let items: Vec<Value> = entries.map(shown).collect();
    let digest = words::digest_of(call, world.access_list());
    Ok(Answer::new(items).with("digest", digest))
}

fn shown(entry: Entry<'_>) -> Value {
    let (kind, name) = match entry.subject {
        Subject::User(user) => ("user", user.to_string()),
        Subject::Token(token) => ("user", token.to_string()),
        Subject::Group(group) => ("group", group.to_string()),
    };
    json!({
        "path": entry.path,
        "ugid": name,
        "ugid_type": kind,
        "roleid": entry.role,
        "propagate": entry.reach == Reach::Below,
    })
}

fn change<W: State>(world: &mut W, call: &Call<'_>) -> Result<Answer, Fault> {
    let refused = |text: &str| Err(Fault::Failed(text.to_owned()));
    let subject = match call.arguments.has("auth-id") {
        true => Some(words::identity(call, "auth-id")?),
        false => None,
    };
    if !words::may_modify(world, call, "/access/acl") {
        unprivileged(call, subject.as_ref())?;
    }
    if call.arguments.has("group") {
        return refused("parameter 'group' - groups are currently not supported.");
    }
    words::fits(call, world.access_list())?;
    let deletes = call.arguments.is_set("delete");
    let Some(subject) = subject else {
        return refused("missing 'userid' or 'group' parameter.");
    };
    let directory = world.directory();
    let exists = match subject.token_id() {
        Some(token) => directory.separation(&token).is_some(),
        None => directory.has_user(&subject.user),
    };
    // What is gone may be taken out of the list, not put into it.
    match (deletes || exists, &subject.token) {
        (true, _) => {}
        (false, Some(_)) => return refused("no such API token."),
        (false, None) => return refused("no such user."),
    }
    let path = call.text("path");
    if !deletes {
        acl_path::check(call.context.product, path)?;
    }
    let role = call.text("role");
    if call.context.catalog.role(role).is_none() {
        return Err(Fault::parameter("role", format!("unknown role '{role}'")));
    }
    let Some(path) = normalized(path) else {
        return Err(Fault::Failed(format!("invalid acl path '{path}'.")));
    };
    let (_, list) = world.accounts_mut();
    apply(list, call, &path, subject.into());
    Ok(Answer::default())
}

fn apply(list: &mut AccessList, call: &Call<'_>, path: &str, subject: Subject) {
    let role = call.text("role");
    if call.arguments.is_set("delete") {
        list.revoke(path, &subject, role);
        return;
    }
    let reach = match call.arguments.boolean("propagate") {
        Some(false) => Reach::Here,
        _ => Reach::Below,
    };
    list.grant(path, subject, role, reach);
}

/// Who may not change permissions may still give the own tokens what is the own.
fn unprivileged(call: &Call<'_>, subject: Option<&Identity>) -> Result<(), Fault> {
    let text = match subject {
        _ if call.arguments.has("group") => {
            "Unprivileged users are not allowed to create group ACL item."
        }
        None => "Unprivileged user needs to provide auth_id to update ACL item.",
        Some(_) if call.caller.token.is_some() => "Unprivileged API tokens can't set ACL items.",
        Some(subject) if subject.token.is_none() => {
            "Unprivileged users can only set ACL items for API tokens."
        }
        Some(subject) if subject.user != call.caller.user => {
            "Unprivileged users can only set ACL items for their own API tokens."
        }
        Some(_) => return Ok(()),
    };
    Err(Fault::Failed(text.to_owned()))
}

fn permissions<W: State>(world: &W, call: &Call<'_>) -> Result<Answer, Fault> {
    let who = match call.arguments.has("auth-id") {
        true => words::identity(call, "auth-id")?,
        false => call.caller.clone(),
    };
    let is_own_token = who.token.is_some() && call.caller.token.is_none();
    let is_own = who == call.caller || (is_own_token && who.user == call.caller.user);
    if !is_own && !words::may_audit(world, call, "/access") {
        let text = format!("not allowed to list permissions of {who}");
        return Err(Fault::Failed(text));
    }
    let path = match call.arguments.text("path") {
        None => None,
        Some(path) => {
            let normal = normalized(path);
            Some(normal.ok_or_else(|| Fault::Failed(format!("invalid acl path '{path}'.")))?)
        }
    };
    let lodge = Lodge::new(world, call.context, call.now);
    let listing = lodge.rights().listing(&who, path.as_deref());
    let paths = listing.into_iter().map(|(path, privileges)| {
        let privileges = privileges.iter();
        let privileges: Map<String, Value> = privileges
            .map(|(name, reach)| ((*name).to_owned(), json!(*reach == Reach::Below)))
            .collect();
        (path, Value::Object(privileges))
    });
    Ok(Answer::new(Value::Object(paths.collect())))
}

fn roles<W: State>(_: &W, call: &Call<'_>) -> Result<Answer, Fault> {
    let catalog = &call.context.catalog;
    let items = catalog.roles().map(|(name, privileges)| {
        let privileges: Vec<_> = catalog.names(privileges).collect();
        json!({"roleid": name, "privs": privileges, "comment": comment(name)})
    });
    Ok(Answer::new(items.collect::<Vec<_>>()))
}

/// What the products say of their roles (`Role` of pbs-api-types and pdm-api-types).
fn comment(role: &str) -> &'static str {
    match role {
        "Admin" | "Administrator" => "Administrator",
        "Audit" | "Auditor" => "Auditor",
        "NoAccess" => "Disable Access",
        "DatastoreAdmin" => "Datastore Administrator",
        "DatastoreReader" => "Datastore Reader (inspect datastore content and do restores)",
        "DatastoreBackup" => "Datastore Backup (backup and restore owned backups)",
        "DatastorePowerUser" => "Datastore PowerUser (backup, restore and prune owned backup)",
        "DatastoreAudit" => "Datastore Auditor",
        "RemoteAudit" => "Remote Auditor",
        "RemoteAdmin" => "Remote Administrator",
        "RemoteSyncOperator" => "Syncronisation Opertator",
        "RemoteSyncPushOperator" => "Synchronisation Operator (push direction)",
        "RemoteDatastorePowerUser" => "Remote Datastore Prune",
        "RemoteDatastoreAdmin" => "Remote Datastore Admin",
        "TapeAudit" => "Tape Auditor",
        "TapeAdmin" => "Tape Administrator",
        "TapeOperator" => "Tape Operator",
        "TapeReader" => "Tape Reader",
        _ => "",
    }
}
