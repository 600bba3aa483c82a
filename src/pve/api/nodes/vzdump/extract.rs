//! The configuration in a backup.

use std::fmt::Write as _;

use crate::proxmox::call::Call;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::pve::api::nodes::storage::{check, volume_by_id};
use crate::pve::world::World;
use crate::pve::world::guest::Kind;
use crate::pve::world::ordered::Ordered;
use crate::pve::world::storage::Content;
use crate::pve::world::volume::Volume;

/// Answers `vzdump/extractconfig`.
pub(super) fn extract(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (parsed, id, _) = volume_by_id(world, call, call.text("volume"))?;
    if parsed.content != Content::Backup {
        return Err(Fault::Failed(format!(
            "unable to use volume {id} - content type needs to be 'backup'"
        )));
    }
    check(world, call, &id, &parsed)?;
    if let Some(owner) = parsed.owner {
        call.demand(world, &format!("/vms/{owner}"), &["VM.Backup"])?;
    }
    let node = crate::pve::api::nodes::storage::node(call)?;
    world
        .usable_storage(&id.storage, &node)
        .map_err(|fault| Fault::Failed(fault.to_string()))?;
    let missing = || Fault::Failed(format!("volume '{id}' does not exist"));
    let volume = world.volume(&id, &node).ok_or_else(missing)?;
    Ok(Answer::new(text(world, volume)))
}

/// The configuration as the archive has it. A backup that does not remember its guest has that of the guest of
/// its number, if there is one.
fn text(world: &World, volume: &Volume) -> String {
    let present = || {
        let guest = world.guests.get(&volume.owner?)?;
        Some((guest.kind, &guest.config))
    };
    let saved = volume
        .guest
        .as_ref()
        .map(|saved| (saved.kind, &saved.config));
    match saved.or_else(present) {
        Some((kind, config)) => written(kind, config),
        None => "memory: 512\n".to_owned(),
    }
}

fn written(kind: Kind, config: &Ordered<String>) -> String {
    let mut text = String::new();
    for line in config.text("description").unwrap_or_default().lines() {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "#{}", line.replace('%', "%25"));
    }
    let mut entries: Vec<_> = config
        .iter()
        .filter(|(key, _)| *key != "description")
        .collect();
    entries.sort_unstable();
    for (key, value) in &entries {
        let _ = writeln!(text, "{key}: {value}");
    }
    if kind == Kind::Qemu {
        for (key, value) in &entries {
            let backing = value.split(',').next().unwrap_or_default();
            let is_disk = !value.contains("media=cdrom")
                && ["scsi", "virtio", "sata", "ide", "efidisk", "tpmstate"]
                    .iter()
                    .any(|stem| {
                        key.strip_prefix(stem)
                            .is_some_and(|n| n.parse::<u8>().is_ok())
                    });
            if is_disk && let Some((storage, _)) = backing.split_once(':') {
                let _ = writeln!(text, "#qmdump#map:{key}:drive-{key}:{storage}:raw:");
            }
        }
    }
    text
}
