//! `/backup` and `/reader`: protocols of the backup client over HTTP/2, into which a connection is upgraded.
//!
//! They are not served: every client of the API meets what a server says to a request without the upgrade
//! (`upgrade_to_backup_protocol`), and the calls inside the protocol do not exist outside of it.

use crate::pbs::api::reach::{self, Needs, Use};
use crate::pbs::world::World;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::routes::Route;
use crate::routes::route::{get, post, put};

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let mut routes = vec![
        get("/backup", Handler::Read(backup)),
        get("/reader", Handler::Read(reader)),
    ];
    let read = [
        "/backup/_upgrade_",
        "/backup/_upgrade_/previous",
        "/backup/_upgrade_/previous_backup_time",
        "/reader/_upgrade_",
        "/reader/_upgrade_/chunk",
        "/reader/_upgrade_/download",
        "/reader/_upgrade_/speedtest",
    ];
    routes.extend(read.map(|path| get(path, Handler::Read(inside))));
    let posted = [
        "/backup/_upgrade_/blob",
        "/backup/_upgrade_/dynamic_chunk",
        "/backup/_upgrade_/dynamic_close",
        "/backup/_upgrade_/dynamic_index",
        "/backup/_upgrade_/finish",
        "/backup/_upgrade_/fixed_chunk",
        "/backup/_upgrade_/fixed_close",
        "/backup/_upgrade_/fixed_index",
        "/backup/_upgrade_/speedtest",
    ];
    routes.extend(posted.map(|path| post(path, Handler::Read(inside))));
    let written = [
        "/backup/_upgrade_/dynamic_index",
        "/backup/_upgrade_/fixed_index",
    ];
    routes.extend(written.map(|path| put(path, Handler::Read(inside))));
    routes
}

fn backup(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let needs = Needs {
        full: &["Datastore.Backup"],
        own: &[],
    };
    upgrade(world, call, needs, "proxmox-backup-protocol-v1")
}

fn reader(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let needs = Needs {
        full: &["Datastore.Read"],
        own: &["Datastore.Backup"],
    };
    upgrade(world, call, needs, "proxmox-backup-reader-protocol-v1")
}

fn upgrade(world: &World, call: &Call<'_>, needs: Needs, wanted: &str) -> Result<Answer, Fault> {
    reach::open(world, call, Use::Read, needs)?;
    let text = match call.request.headers.text("upgrade") {
        None => "missing Upgrade header",
        Some(protocol) if protocol != wanted => "invalid protocol name",
        Some(_) => "this server does not speak the backup protocol",
    };
    Err(Fault::Failed(text.to_owned()))
}

fn inside(_: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    Err(Fault::NoOperation {
        method: call.request.method.to_string(),
        path: call.operation.template.clone(),
        full_path: call.request.path().to_owned(),
    })
}
