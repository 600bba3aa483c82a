//! Everything below `/access`: who comes in, and what they may do.
//!
//! Order of checks and words are those of pve-access-control (releases 7.4-3, 8.2 and 9.1), where proxmox.md 2 is
//! silent. A refusal from inside the lock of a file starts with what was tried: `create user failed: ...`.

mod ticket;

mod openid;

mod password;

mod confirm;

mod users;

mod tokens;

mod tfa;

mod groups;

mod roles;

mod acl;

mod permissions;

mod domains;

mod sync;

use crate::proxmox::Product;
use crate::proxmox::account::User;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::fault::Fault;
use crate::proxmox::identity::UserId;
use crate::proxmox::permission::Denied;
use crate::pve::world::World;
use crate::routes::Route;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let mut routes = ticket::routes();
    routes.extend(openid::routes());
    routes.extend(password::routes());
    routes.extend(users::routes());
    routes.extend(tokens::routes());
    routes.extend(tfa::routes());
    routes.extend(groups::routes());
    routes.extend(roles::routes());
    routes.extend(acl::routes());
    routes.extend(permissions::routes());
    routes.extend(domains::routes());
    routes.extend(sync::routes());
    routes
}

/// The user that a call is about.
fn user_of(call: &Call<'_>) -> Result<UserId, Fault> {
    let user = UserId::parse(call.text("userid"), Product::Pve);
    user.map_err(|fault| Fault::from(Denied::from(fault)))
}

/// A user that must exist.
fn existing<'w>(world: &'w World, user: &UserId) -> Result<&'w User, Fault> {
    let found = world.access.directory.users.get(user);
    found.ok_or_else(|| Denied::NoSuchUser(user.to_string()).into())
}

/// A failure with what was tried before it.
fn failed(tried: &str, why: impl std::fmt::Display) -> Fault {
    Fault::Failed(format!("{tried}: {why}"))
}

/// A refusal that names nothing.
fn denied() -> Fault {
    Fault::Denied(Denied::Permission(None))
}

/// A text that is kept only when there is something in it: the product's files know no empty values.
fn kept(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// Whether the caller may see users and what they have: all of them, those of some groups, or only themself.
struct Sight<'w> {
    world: &'w World,
    caller: Option<UserId>,
    sees_all: bool,
    groups: Vec<&'w str>,
}

impl<'w> Sight<'w> {
    /// What the caller sees by `User.Modify` or `Sys.Audit` on groups.
    fn of(world: &'w World, call: &Call<'_>) -> Self {
        let privileges = &["User.Modify", "Sys.Audit"];
        let groups = world.access.directory.groups.keys().map(String::as_str);
        let seen = |group: &&str| {
            let path = format!("/access/groups/{group}");
            call.may_any(world, &path, privileges)
        };
        Self {
            world,
            caller: call
                .caller
                .token
                .is_none()
                .then(|| call.caller.user.clone()),
            sees_all: call.may_any(world, "/access/groups", privileges),
            groups: groups.filter(seen).collect(),
        }
    }

    /// Whether the caller sees this user.
    fn sees(&self, user: &UserId) -> bool {
        let directory = &self.world.access.directory;
        let mut groups = self.groups.iter();
        self.sees_all
            || self.caller.as_ref() == Some(user)
            || groups.any(|group| directory.is_member(user, group))
    }
}

#[cfg(test)]
mod tests;
