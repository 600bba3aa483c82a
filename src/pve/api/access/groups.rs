//! `/access/groups`: users by the name of what they do.

use serde_json::{Value, json};

use crate::proxmox::account::Group;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::pve::world::World;
use crate::routes::Route;
use crate::routes::route::{delete, get, post, put};

use super::{failed, kept};

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/access/groups", Handler::Read(list)),
        post("/access/groups", Handler::Write(create)),
        get("/access/groups/{groupid}", Handler::Read(read)),
        put("/access/groups/{groupid}", Handler::Write(update)),
        delete("/access/groups/{groupid}", Handler::Write(remove)),
    ]
}

/// The groups that the caller may do something with.
fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let privileges = &["User.Modify", "Sys.Audit", "Group.Allocate"];
    let groups = world.access.directory.groups.iter();
    let seen = groups.filter(|(name, _)| {
        let path = format!("/access/groups/{name}");
        call.may_any(world, &path, privileges)
    });
    let row = |(name, group): (&String, &Group)| {
        let mut row = json!({"groupid": name, "users": members(group).join(",")});
        if let Some(comment) = &group.comment {
            row["comment"] = json!(comment);
        }
        row
    };
    Ok(Answer::new(seen.map(row).collect::<Value>()))
}

fn create(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("groupid");
    let groups = &mut world.access.directory.groups;
    if groups.contains_key(name) {
        let text = format!("group '{name}' already exists");
        return Err(failed("create group failed", text));
    }
    let group = Group {
        comment: call.arguments.text("comment").and_then(kept),
        ..Group::default()
    };
    groups.insert(name.to_owned(), group);
    Ok(Answer::default())
}

fn read(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("groupid");
    let group = world.access.directory.groups.get(name);
    let group = group.ok_or_else(|| Fault::Failed(missing(name)))?;
    let mut data = json!({"members": members(group)});
    if let Some(comment) = &group.comment {
        data["comment"] = json!(comment);
    }
    Ok(Answer::new(data))
}

fn update(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("groupid");
    let group = world.access.directory.groups.get_mut(name);
    let group = group.ok_or_else(|| failed("update group failed", missing(name)))?;
    if let Some(comment) = call.arguments.text("comment") {
        group.comment = kept(comment);
    }
    Ok(Answer::default())
}

fn remove(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("groupid");
    let access = &mut world.access;
    match access.directory.remove_group(name, &mut access.acl) {
        true => Ok(Answer::default()),
        false => Err(failed("delete group failed", missing(name))),
    }
}

fn members(group: &Group) -> Vec<&str> {
    group.members.iter().map(|user| user.as_str()).collect()
}

fn missing(name: &str) -> String {
    format!("group '{name}' does not exist")
}
