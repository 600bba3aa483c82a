//! The access API that Backup Server and Datacenter Manager share: both are built on the crates
//! proxmox-access-control, proxmox-auth-api and proxmox-tfa.
//!
//! Handlers are generic over the world; what differs between the two (privileges, roles, paths) is known to the
//! catalog and to `acl_path`. A product binds [`routes`], out of which those that its contract lacks fall.
//! Realms are plain sections under [`REALMS`].

mod accounts;

mod ticket;

mod users;

mod tokens;

mod password;

mod acl;

mod acl_path;

mod realms;

mod tfa;

mod words;

pub use accounts::Accounts;

use crate::proxmox::call::Handler;
use crate::proxmox::state::State;
use crate::routes::Route;

/// The sections in which the realms are kept, those that every installation has among them. The type of such a
/// section is that of its realm: `pam`, `pbs` or `pdm`, `ldap`, `ad`, `openid`.
pub const REALMS: &str = "config/access";

/// The handlers of everything below `/access`.
pub fn routes<W: State>() -> Vec<Route<Handler<W>>> {
    let mut routes = ticket::routes();
    routes.extend(users::routes());
    routes.extend(tokens::routes());
    routes.extend(password::routes());
    routes.extend(acl::routes());
    routes.extend(realms::routes());
    routes.extend(tfa::routes());
    routes
}
