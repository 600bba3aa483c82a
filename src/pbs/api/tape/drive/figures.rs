//! What a drive tells about itself and the tape in it.

use serde_json::json;

use super::{free, loaded};
use crate::pbs::world::World;
use crate::pbs::world::tape::Medium;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::routes::Route;
use crate::routes::route::get;

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/tape/drive/{drive}/status", Handler::Read(status)),
        get(
            "/tape/drive/{drive}/cartridge-memory",
            Handler::Read(memory),
        ),
        get(
            "/tape/drive/{drive}/volume-statistics",
            Handler::Read(statistics),
        ),
    ]
}

fn status(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = free(world, call)?;
    let mut data = json!({
        "vendor": "IBM",
        "product": "ULTRIUM-HH9",
        "revision": "R3G3",
        "blocksize": 0,
        "compression": false,
        "buffer-mode": 1,
        "drive-activity": "no-activity",
    });
    if let Some((_, medium)) = loaded(world, name) {
        data["density"] = json!("LTO9");
        data["file-number"] = json!(0);
        data["block-number"] = json!(0);
        data["write-protect"] = json!(false);
        data["alert-flags"] = json!("(empty)");
        data["manufactured"] = json!(1_735_689_600);
        data["bytes-read"] = json!(0);
        data["bytes-written"] = json!(medium.bytes_used);
        data["medium-passes"] = json!(12);
        data["medium-wearout"] = json!(0.0008);
        data["volume-mounts"] = json!(9);
    }
    Ok(Answer::new(data))
}

fn inside<'w>(world: &'w World, call: &Call<'_>) -> Result<&'w Medium, Fault> {
    let name = free(world, call)?;
    let found = loaded(world, name).map(|(_, medium)| medium);
    found.ok_or_else(|| Fault::Failed("no media loaded".to_owned()))
}

fn memory(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let medium = inside(world, call)?;
    let attribute =
        |id: u32, name: &str, value: String| json!({"id": id, "name": name, "value": value});
    Ok(Answer::new(json!([
        attribute(0, "Remaining Capacity In Partition", "17549994".to_owned()),
        attribute(1, "Maximum Capacity In Partition", "17549994".to_owned()),
        attribute(3, "Load Count", "9".to_owned()),
        attribute(5, "Assigning Organization", "LTO-CVE".to_owned()),
        attribute(1024, "Medium Manufacturer", "FUJIFILM".to_owned()),
        attribute(1025, "Medium Serial Number", format!("{}0", medium.label)),
    ])))
}

fn statistics(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let medium = inside(world, call)?;
    Ok(Answer::new(json!({
        "beginning-of-medium-passes": 21,
        "last-load-read-compression-ratio": 0,
        "last-load-write-compression-ratio": 0,
        "last-mount-bytes-read": 0,
        "last-mount-bytes-written": medium.bytes_used,
        "last-mount-unrecovered-read-errors": 0,
        "last-mount-unrecovered-write-errors": 0,
        "lifetime-bytes-read": 0,
        "lifetime-bytes-written": medium.bytes_used,
        "medium-mount-time": 86_400,
        "medium-ready-time": 82_800,
        "middle-of-tape-passes": 12,
        "serial": format!("{}0", medium.label),
        "total-native-capacity": 18_000_000_000_000_u64,
        "total-used-native-capacity": medium.bytes_used,
        "volume-datasets-read": 0,
        "volume-datasets-written": medium.bytes_used / 2_500_000,
        "volume-mounts": 9,
        "volume-recovered-read-errors": 0,
        "volume-recovered-write-data-errors": 0,
        "volume-unrecovered-read-errors": 0,
        "volume-unrecovered-write-data-errors": 0,
        "volume-unrecovered-write-servo-errors": 0,
        "volume-write-servo-errors": 0,
        "worm": false,
        "write-protect": false,
    })))
}
