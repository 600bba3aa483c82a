//! What a backup does where nobody says anything.

use serde_json::json;

use crate::proxmox::Edition;
use crate::proxmox::call::Call;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::pve::api::storage::known;
use crate::pve::world::World;
use crate::pve::world::storage::{Content, StorageKind};
use crate::pve::world::volname;

/// Answers `vzdump/defaults`: the defaults of the schema, there being no `/etc/vzdump.conf`, and what the storage
/// says of its own.
pub(super) fn defaults(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.arguments.text("storage").unwrap_or("local");
    let path = format!("/storage/{name}");
    let either = ["Datastore.Audit", "Datastore.AllocateSpace"];
    if !call.may_any(world, &path, &either) {
        call.demand(world, &path, &["Datastore.Audit|Datastore.AllocateSpace"])?;
    }
    let (id, storage) = known(world, name).map_err(Fault::Failed)?;
    if !storage.content.contains(&Content::Backup) {
        return Err(Fault::Failed(format!(
            "can't use storage '{name}' for backups - wrong content type"
        )));
    }
    let mut answer = json!({
        "all": false,
        "bwlimit": 0,
        "compress": "0",
        "ionice": 7,
        "lockwait": 180,
        "mailnotification": "always",
        "mode": "snapshot",
        "pigz": 0,
        "prune-backups": storage.retention().unwrap_or_else(|| "keep-all=1".to_owned()),
        "quiet": false,
        "remove": true,
        "stdexcludes": true,
        "stop": false,
        "stopwait": 10,
        "storage": name,
        "zstd": 1,
    });
    if call.context.edition != Edition::Pve7 {
        answer["performance"] = json!("max-workers=16,pbs-entries-max=1048576");
    }
    if call.context.edition == Edition::Pve9 {
        answer["fleecing"] = json!("enabled=0");
        answer["notification-mode"] = json!("auto");
    }
    let node = format!("/nodes/{}", call.text("node"));
    let may_look = call.may(world, &node, &["Sys.Audit"]);
    if storage.kind != StorageKind::Pbs && may_look {
        let file = volname::path(id, storage, "backup/x.tar");
        let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
        answer["dumpdir"] = json!(folder);
    }
    if let Some(map) = answer.as_object_mut().filter(|_| !may_look) {
        map.shift_remove("ionice");
    }
    Ok(Answer::new(answer))
}
