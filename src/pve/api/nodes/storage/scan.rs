//! What a node finds when it looks around: exports, shares, volume groups, pools.
//!
//! What servers offer follows from the storages that are defined on them, so that a client that scans finds what
//! the cluster uses already; any other server offers one thing under a usual name.

use serde_json::{Value, json};

use super::node;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::pve::world::World;
use crate::pve::world::machine;
use crate::pve::world::storage::StorageKind;
use crate::routes::Route;
use crate::routes::route::get;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/nodes/{node}/scan/nfs", Handler::Read(nfs)),
        get("/nodes/{node}/scan/cifs", Handler::Read(cifs)),
        get("/nodes/{node}/scan/pbs", Handler::Read(pbs)),
        get("/nodes/{node}/scan/glusterfs", Handler::Read(glusterfs)),
        get("/nodes/{node}/scan/iscsi", Handler::Read(iscsi)),
        get("/nodes/{node}/scan/lvm", Handler::Read(lvm)),
        get("/nodes/{node}/scan/lvmthin", Handler::Read(lvmthin)),
        get("/nodes/{node}/scan/zfs", Handler::Read(zfs)),
    ]
}

/// What storages of a type on a server have in an option.
fn offered(
    world: &World,
    kinds: &[StorageKind],
    (at, server): (&str, &str),
    what: &str,
    usual: &str,
) -> Vec<String> {
    let storages = world.storages.values().filter(|storage| {
        let host = storage.options.0.get(at).and_then(Value::as_str);
        kinds.contains(&storage.kind) && host == Some(server)
    });
    let mut found: Vec<String> = storages
        .filter_map(|storage| Some(storage.options.0.get(what)?.as_str()?.to_owned()))
        .collect();
    found.sort_unstable();
    found.dedup();
    if found.is_empty() {
        found.push(usual.to_owned());
    }
    found
}

fn rows(found: Vec<String>, row: impl Fn(String) -> Value) -> Result<Answer, Fault> {
    Ok(Answer::new(found.into_iter().map(row).collect::<Value>()))
}

fn nfs(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let server = ("server", call.text("server"));
    let found = offered(world, &[StorageKind::Nfs], server, "export", "/srv/export");
    rows(found, |path| json!({"path": path, "options": "*"}))
}

fn cifs(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let server = ("server", call.text("server"));
    let found = offered(world, &[StorageKind::Cifs], server, "share", "public");
    rows(found, |share| json!({"share": share, "description": ""}))
}

fn pbs(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let server = ("server", call.text("server"));
    let found = offered(world, &[StorageKind::Pbs], server, "datastore", "store1");
    rows(found, |store| json!({"store": store, "comment": ""}))
}

fn glusterfs(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let server = ("server", call.text("server"));
    let found = offered(world, &[StorageKind::Glusterfs], server, "volume", "gv0");
    rows(found, |volume| json!({"volname": volume}))
}

fn iscsi(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let portal = call.text("portal");
    let kinds = [StorageKind::Iscsi, StorageKind::Iscsidirect];
    let usual = "iqn.2003-01.org.linux-iscsi.storage:target1";
    let found = offered(world, &kinds, ("portal", portal), "target", usual);
    let address = match portal.contains(':') {
        true => portal.to_owned(),
        false => format!("{portal}:3260"),
    };
    rows(found, |target| json!({"target": target, "portal": address}))
}

fn lvm(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let groups = machine::groups(world, &node(call)?);
    let rows = groups.into_iter().map(|group| {
        json!({
            "vg": group.name,
            "size": group.size.bytes(),
            "free": group.free.bytes(),
            "lvcount": group.volumes,
        })
    });
    Ok(Answer::new(rows.collect::<Value>()))
}

fn lvmthin(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let pools = machine::thin_pools(world, &node(call)?);
    let wanted = call.text("vg");
    let pools = pools.into_iter().filter(|pool| pool.group == wanted);
    let rows = pools.map(|pool| json!({"lv": pool.name, "vg": pool.group}));
    Ok(Answer::new(rows.collect::<Value>()))
}

fn zfs(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let pools = machine::zfs_pools(world, &node(call)?);
    let rows = pools.into_iter().map(|pool| {
        json!({
            "pool": pool.name,
            "size": pool.size.bytes(),
            "free": pool.size.bytes().saturating_sub(pool.used.bytes()),
        })
    });
    Ok(Answer::new(rows.collect::<Value>()))
}
