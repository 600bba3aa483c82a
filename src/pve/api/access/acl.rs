//! `/access/acl`: who has which role where.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::proxmox::Edition;
use crate::proxmox::Product;
use crate::proxmox::acl::{AccessList, Entry, NO_ACCESS, Reach, Subject, normalized};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::gate::House;
use crate::proxmox::identity::{TokenId, UserId};
use crate::proxmox::lodge::Lodge;
use crate::proxmox::problem::Problems;
use crate::proxmox::rights::Listed;
use crate::pve::world::World;
use crate::pve::world::permission_path::is_permission_path;
use crate::routes::Route;
use crate::routes::route::{get, put};

use super::tokens;
use super::{existing, failed};

/// What every refusal from inside the file's lock starts with.
const TRIED: &str = "ACL update failed";

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/access/acl", Handler::Read(list)),
        put("/access/acl", Handler::Write(update)),
    ]
}

/// The entries on paths whose permissions the caller may change; all of them for auditors of `/access`.
fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let sees_all = call.may(world, "/access", &["Sys.Audit"]);
    let mut seen = BTreeMap::new();
    for path in world.access.acl.paths() {
        seen.insert(path, sees_all || may_change(world, call, path));
    }
    let entries = world.access.acl.entries();
    let entries = entries.filter(|entry| seen.get(entry.path) == Some(&true));
    Ok(Answer::new(entries.map(row).collect::<Value>()))
}

fn row(entry: Entry<'_>) -> Value {
    let (kind, id) = match entry.subject {
        Subject::User(user) => ("user", user.to_string()),
        Subject::Group(group) => ("group", group.to_string()),
        Subject::Token(token) => ("token", token.to_string()),
    };
    json!({
        "path": entry.path,
        "type": kind,
        "ugid": id,
        "roleid": entry.role,
        "propagate": entry.reach == Reach::Below,
    })
}

/// Whether the caller may change permissions on a path (`check_perm_modify` of pve-access-control).
fn may_change(world: &World, call: &Call<'_>, path: &str) -> bool {
    let own = [
        ("/storage/", "Datastore.Allocate"),
        ("/vms/", "VM.Allocate"),
        ("/pool/", "Pool.Allocate"),
    ];
    let own = own.iter().find(|(start, _)| path.starts_with(start));
    let mut privileges = vec!["Permissions.Modify"];
    privileges.extend(own.map(|(_, privilege)| *privilege));
    call.may_any(world, path, &privileges)
}

fn update(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let path = path_of(call)?;
    let deletes = call.arguments.is_set("delete");
    let reach = match call.arguments.boolean("propagate") {
        Some(false) => Reach::Here,
        _ => Reach::Below,
    };
    let roles = call.arguments.list("roles");
    let held = held(world, call, &path);
    let mut subjects = Vec::new();
    for role in &roles {
        if privileges_of(world, call, role).is_none() {
            return Err(failed(TRIED, format!("role '{role}' does not exist")));
        }
        if let Some(held) = &held {
            let change = Change {
                role,
                reach,
                deletes,
            };
            change.check(world, call, held)?;
        }
        if subjects.is_empty() {
            subjects = subjects_of(world, call)?;
        }
    }
    let acl: &mut AccessList = &mut world.access.acl;
    for role in &roles {
        for subject in &subjects {
            if deletes {
                acl.revoke(&path, subject, role);
            } else {
                acl.grant(&path, subject.clone(), role, reach);
            }
        }
    }
    Ok(Answer::default())
}

/// The path of the call. One that the release does not know may only lose what is there.
fn path_of(call: &Call<'_>) -> Result<String, Fault> {
    let kinds = ["users", "groups", "tokens"];
    let names = |kind: &&str| {
        call.arguments
            .text(kind)
            .is_some_and(|text| !text.is_empty())
    };
    if !kinds.iter().any(names) {
        let mut problems = Problems::default();
        for kind in kinds {
            problems.add(kind, "either 'users', 'groups' or 'tokens' is required.");
        }
        return Err(problems.into());
    }
    let given = call.text("path");
    let deletes = call.arguments.is_set("delete");
    let path = normalized(given);
    let path = path.filter(|path| deletes || is_permission_path(call.context.edition, path));
    path.ok_or_else(|| Fault::parameter("path", format!("invalid ACL path '{given}'")))
}

/// The users, groups and tokens of the call, which must exist.
fn subjects_of(world: &World, call: &Call<'_>) -> Result<Vec<Subject>, Fault> {
    let directory = &world.access.directory;
    let mut subjects = Vec::new();
    for group in call.arguments.list("groups") {
        if !directory.groups.contains_key(&*group) {
            return Err(failed(TRIED, format!("group '{group}' does not exist")));
        }
        subjects.push(Subject::Group((*group).into()));
    }
    for text in call.arguments.list("users") {
        let user = UserId::parse(&text, Product::Pve).map_err(|fault| failed(TRIED, fault))?;
        if !directory.users.contains_key(&user) {
            return Err(failed(TRIED, format!("user '{user}' does not exist")));
        }
        subjects.push(Subject::User(user));
    }
    for text in call.arguments.list("tokens") {
        let id = TokenId::parse(&text, Product::Pve).map_err(|fault| failed(TRIED, fault))?;
        let known = existing(world, &id.user).map(|user| user.tokens.contains_key(&*id.name));
        let fault = match known {
            Ok(true) => {
                subjects.push(Subject::Token(id));
                continue;
            }
            Ok(false) => tokens::missing(&id),
            Err(fault) => fault,
        };
        return Err(match fault {
            Fault::Failed(why) => failed(TRIED, why),
            other => other,
        });
    }
    Ok(subjects)
}

/// The privileges of a role that exists, by name.
fn privileges_of<'w>(world: &'w World, call: &'w Call<'_>, role: &str) -> Option<Vec<&'w str>> {
    let catalog = &call.context.catalog;
    if let Some(set) = catalog.role(role) {
        return Some(catalog.names(set).collect());
    }
    let own = world.access.directory.roles.get(role)?;
    Some(own.iter().map(String::as_str).collect())
}

/// What the caller has on a path, where this limits what may be given on; nothing limits whoever may change
/// permissions outright, nor anybody in release 7.
fn held(world: &World, call: &Call<'_>, path: &str) -> Option<Listed> {
    let is_free = call.is_root() || call.context.edition == Edition::Pve7;
    if is_free || call.may(world, path, &["Permissions.Modify"]) {
        return None;
    }
    let lodge = Lodge::new(world, call.context, call.now);
    let mut found = lodge.rights().listing(&call.caller, Some(path));
    Some(found.remove(path).unwrap_or_default())
}

/// What shall become of one role.
struct Change<'a> {
    role: &'a str,
    reach: Reach,
    deletes: bool,
}

impl Change<'_> {
    /// Whether somebody with these privileges may do that: nobody gives what they do not have.
    fn check(&self, world: &World, call: &Call<'_>, held: &Listed) -> Result<(), Fault> {
        let role = self.role;
        let verb = if self.deletes { "remove" } else { "add" };
        for privilege in privileges_of(world, call, role).unwrap_or_default() {
            let text = match held.get(privilege) {
                None => format!(
                    "Cannot {verb} role '{role}' - requires 'Permissions.Modify' or superset of privileges."
                ),
                Some(Reach::Here) if self.reach == Reach::Below && !self.deletes => format!(
                    "Cannot {verb} role '{role}' with propagation - requires 'Permissions.Modify' or propagated superset of privileges."
                ),
                Some(_) => continue,
            };
            return Err(refused(&text));
        }
        if role == NO_ACCESS {
            let text = format!("Cannot {verb} role '{role}' - requires 'Permissions.Modify'");
            return Err(refused(&text));
        }
        Ok(())
    }
}

/// A refusal for a parameter that is thrown inside a lock becomes a text.
fn refused(text: &str) -> Fault {
    let why = format!("400 Parameter verification failed.\nrole: {text}\n");
    failed(TRIED, why)
}
