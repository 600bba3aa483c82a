//! `/access/roles`: names for sets of privileges, those of the product and those that somebody made.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::proxmox::Edition;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::pve::world::World;
use crate::routes::Route;
use crate::routes::route::{delete, get, post, put};

use super::failed;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/access/roles", Handler::Read(list)),
        post("/access/roles", Handler::Write(create)),
        get("/access/roles/{roleid}", Handler::Read(read)),
        put("/access/roles/{roleid}", Handler::Write(update)),
        delete("/access/roles/{roleid}", Handler::Write(remove)),
    ]
}

fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let row = |name: &str, privileges: Vec<&str>, special: bool| json!({"roleid": name, "privs": privileges.join(","), "special": special});
    let catalog = &call.context.catalog;
    let special = catalog
        .roles()
        .map(|(name, set)| row(name, sorted(catalog.names(set)), true));
    let own = world.access.directory.roles.iter();
    let own = own
        .filter(|(name, _)| catalog.role(name).is_none())
        .map(|(name, privileges)| row(name, known(call, privileges), false));
    Ok(Answer::new(special.chain(own).collect::<Value>()))
}

fn create(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("roleid");
    let starts = name.get(..3);
    let is_reserved = starts.is_some_and(|start| start.eq_ignore_ascii_case("pve"));
    if is_reserved && call.context.edition != Edition::Pve7 {
        let text = "cannot use role ID starting with the (case-insensitive) 'PVE' namespace";
        return Err(Fault::parameter("roleid", text));
    }
    let roles = &mut world.access.directory.roles;
    if roles.contains_key(name) || call.context.catalog.role(name).is_some() {
        let text = format!("role '{name}' already exists");
        return Err(failed("create role failed", text));
    }
    roles.insert(name.to_owned(), given(call));
    Ok(Answer::default())
}

fn read(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("roleid");
    let catalog = &call.context.catalog;
    let own = world.access.directory.roles.get(name);
    let privileges = match (catalog.role(name), own) {
        (Some(set), _) => sorted(catalog.names(set)),
        (None, Some(own)) => known(call, own),
        (None, None) => return Err(Fault::Failed(missing(name))),
    };
    let data = privileges.into_iter();
    let data: Map<_, _> = data.map(|name| (name.to_owned(), json!(true))).collect();
    Ok(Answer::new(data))
}

fn update(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("roleid");
    refuse_special(call, "modified")?;
    let role = world.access.directory.roles.get_mut(name);
    let role = role.ok_or_else(|| failed("update role failed", missing(name)))?;
    if !call.arguments.is_set("append") {
        role.clear();
    }
    role.extend(given(call));
    Ok(Answer::default())
}

fn remove(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("roleid");
    refuse_special(call, "deleted")?;
    let access = &mut world.access;
    // The product leaves the role in its permissions, and forgets those when it reads them the next time.
    match access.directory.remove_role(name, &mut access.acl) {
        true => Ok(Answer::default()),
        false => Err(failed("delete role failed", missing(name))),
    }
}

fn refuse_special(call: &Call<'_>, verb: &str) -> Result<(), Fault> {
    let name = call.text("roleid");
    match call.context.catalog.role(name) {
        None => Ok(()),
        Some(_) => Err(Fault::Failed(format!(
            "auto-generated role '{name}' cannot be {verb}"
        ))),
    }
}

/// The privileges of the call; the contract's format has checked their names.
fn given(call: &Call<'_>) -> BTreeSet<String> {
    let names = call.arguments.list("privs").into_iter();
    names.map(|name| name.into_owned()).collect()
}

/// Those of them that the release knows.
fn known<'r>(call: &Call<'_>, privileges: &'r BTreeSet<String>) -> Vec<&'r str> {
    let catalog = &call.context.catalog;
    let names = privileges.iter().map(String::as_str);
    names
        .filter(|name| catalog.privilege(name).is_some())
        .collect()
}

fn sorted<'n>(names: impl Iterator<Item = &'n str>) -> Vec<&'n str> {
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    names
}

fn missing(name: &str) -> String {
    format!("role '{name}' does not exist")
}
