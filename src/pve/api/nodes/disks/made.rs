//! What has been made of disks: folders, volume groups, thin pools.

use serde_json::{Value, json};

use super::super::storage::node;
use crate::http::checksum::Checksum;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::pve::world::World;
use crate::pve::world::machine;
use crate::routes::Route;
use crate::routes::route::get;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/nodes/{node}/disks/directory", Handler::Read(directories)),
        get("/nodes/{node}/disks/lvm", Handler::Read(groups)),
        get("/nodes/{node}/disks/lvmthin", Handler::Read(thin_pools)),
    ]
}

fn directories(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let node = node(call)?;
    let folders = machine::directories(world, &node).into_iter();
    let rows = folders.map(|folder| {
        let digits = Checksum::Sha1.hex(format!("{node}{}", folder.device).as_bytes());
        let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
        let (a, b, c, d, e) = (
            part(0, 8),
            part(8, 12),
            part(12, 16),
            part(16, 20),
            part(20, 32),
        );
        json!({
            "unitfile": unit_file(folder.name),
            "path": format!("/mnt/pve/{}", folder.name),
            "device": format!("/dev/disk/by-uuid/{a}-{b}-{c}-{d}-{e}"),
            "type": folder.filesystem,
            "options": "defaults",
        })
    });
    Ok(Answer::new(rows.collect::<Value>()))
}

/// The unit that mounts a folder, as systemd writes its name.
pub(super) fn unit_file(name: &str) -> String {
    let name = name.replace('-', "\\x2d");
    format!("/etc/systemd/system/mnt-pve-{name}.mount")
}

fn groups(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let groups = machine::groups(world, &node(call)?);
    let children: Vec<Value> = groups
        .into_iter()
        .map(|group| {
            let mut free = group.free.bytes();
            let devices: Vec<Value> = group
                .devices
                .iter()
                .map(|(path, size)| {
                    // What is free lies on the first disks.
                    let here = free.min(size.bytes());
                    free -= here;
                    json!({"name": path, "size": size.bytes(), "free": here, "leaf": true})
                })
                .collect();
            json!({
                "name": group.name,
                "size": group.size.bytes(),
                "free": group.free.bytes(),
                "lvcount": group.volumes,
                "leaf": false,
                "children": devices,
            })
        })
        .collect();
    Ok(Answer::new(json!({"leaf": false, "children": children})))
}

fn thin_pools(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let pools = machine::thin_pools(world, &node(call)?).into_iter();
    let rows = pools.map(|pool| {
        // One percent for metadata, but at least 1 and at most 16 GiB.
        let metadata = (pool.size.bytes() / 100).clamp(1 << 30, 16 << 30);
        let used = pool.used.bytes() / 200;
        json!({
            "lv": pool.name,
            "vg": pool.group,
            "lv_size": pool.size.bytes(),
            "used": pool.used.bytes(),
            "metadata_size": metadata,
            "metadata_used": used.min(metadata),
        })
    });
    Ok(Answer::new(rows.collect::<Value>()))
}
