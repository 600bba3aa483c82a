//! The backup of one guest: what it will be, and what the log says of it.

use super::wanted::{Target, Wanted};
use crate::proxmox::prune::{Candidate, Keep, Mark, marks};
use crate::pve::world::World;
use crate::pve::world::archive::{Choice, Compression, new_name};
use crate::pve::world::backup::saved_disks;
use crate::pve::world::guest::{Guest, Kind};
use crate::pve::world::ids::{StorageId, Vmid, VolumeId};
use crate::pve::world::size::Size;
use crate::pve::world::storage::{Content, Storage, StorageKind};
use crate::pve::world::volname;
use crate::pve::world::volume::{SavedGuest, Volume};

/// A guest that will be saved.
pub(super) struct Saved {
    pub(super) kind: Kind,
    pub(super) lines: Vec<String>,
    /// The backup; none where it goes into a folder that no storage shows.
    pub(super) volume: Option<(VolumeId, Volume)>,
    /// Whether it ran and is stopped for the backup.
    pub(super) was_stopped: bool,
}

/// Why a guest is not saved, with what the log says before it.
type Failure = (Vec<String>, String);

/// What becomes of a guest.
pub(super) fn save(world: &World, wanted: &Wanted, vmid: Vmid) -> Result<Saved, Failure> {
    let Some(guest) = world.guests.get(&vmid) else {
        return Err((Vec::new(), format!("unable to find VM '{vmid}'")));
    };
    let mut lines = Vec::new();
    let result = refusal(world, wanted, (vmid, guest));
    let moment = wanted.now.strftime("%Y-%m-%d %H:%M:%S").to_string();
    lines.push(format!(
        "INFO: Starting Backup of VM {vmid} ({})",
        guest.kind.as_str()
    ));
    lines.push(format!("INFO: Backup started at {moment}"));
    if let Some(why) = result {
        return Err((lines, why));
    }
    let is_running = guest.status.is_running();
    let mode = if is_running { &wanted.mode } else { "stop" };
    describe(world, guest, vmid, mode, &mut lines);
    let volume = volume(world, wanted, (vmid, guest), &mut lines);
    let volume = volume.map_err(|why| (lines.clone(), why))?;
    if let (Target::Storage(id, _), Some((_, volume))) = (&wanted.target, &volume) {
        finish(world, wanted, (vmid, guest), (id, volume), &mut lines);
    }
    lines.push(format!("INFO: Finished Backup of VM {vmid} (00:00:01)"));
    lines.push(format!("INFO: Backup finished at {moment}"));
    Ok(Saved {
        kind: guest.kind,
        lines,
        volume,
        was_stopped: is_running && wanted.mode == "stop",
    })
}

/// What is said before anything is written.
fn refusal(world: &World, wanted: &Wanted, (vmid, guest): (Vmid, &Guest)) -> Option<String> {
    let is_managed = world.ha.resources.iter().any(|(sid, _)| sid.vmid == vmid);
    if wanted.mode == "stop" && is_managed && guest.status.is_running() {
        let text = "Cannot execute a backup with stop mode on a HA managed and enabled Service. \
                    Use snapshot mode or disable the Service.";
        return Some(text.to_owned());
    }
    if let Target::Storage(id, _) = &wanted.target {
        let choice = Choice {
            owner: Some(vmid),
            kind: Some(guest.kind),
        };
        let archives = world.archives(id, &wanted.node, choice);
        let (protected, others): (Vec<_>, Vec<_>) =
            archives.partition(|archive| archive.volume.protected);
        let count = |list: &[_]| u64::try_from(list.len()).unwrap_or(u64::MAX);
        let limit = Keep::parse(&wanted.keep).limit();
        if wanted.is_protected {
            let most = wanted.most_protected;
            let is_full =
                |most: i64| u64::try_from(most).is_ok_and(|most| count(&protected) >= most);
            if let Some(most) = most.filter(|most| is_full(*most)) {
                return Some(Storage::too_many_protected(most, id));
            }
        } else if let Some(limit) =
            limit.filter(|limit| !wanted.removes && count(&others) >= *limit)
        {
            return Some(format!(
                "There is a max backup limit of {limit} enforced by the target storage or the vzdump \
                 parameters. Either increase the limit or delete old backups."
            ));
        }
    }
    let word = guest.kind.word();
    guest
        .lock
        .map(|lock| format!("{word} is locked ({})", lock.as_str()))
}

fn describe(world: &World, guest: &Guest, vmid: Vmid, mode: &str, lines: &mut Vec<String>) {
    lines.push(format!("INFO: status = {}", guest.status.as_str()));
    let word = guest.kind.word();
    lines.push(format!("INFO: {word} Name: {}", guest.name(vmid)));
    for disk in saved_disks(guest) {
        let (key, file) = (&disk.key, &disk.file);
        let size = disk
            .id
            .and_then(|id| Some(world.volume(&id, &guest.node)?.size))
            .unwrap_or_default();
        lines.push(match (guest.kind, disk.is_included) {
            (Kind::Qemu, true) => format!("INFO: include disk '{key}' '{file}' {size}"),
            (Kind::Qemu, false) => format!("INFO: exclude disk '{key}' '{file}' (backup=no)"),
            (Kind::Lxc, true) => format!("INFO: including mount point {key} ('{file}') in backup"),
            (Kind::Lxc, false) => {
                format!(
                    "INFO: excluding volume mount point {key} ('{file}') from backup ({})",
                    disk.reason
                )
            }
        });
    }
    lines.push(format!("INFO: backup mode: {mode}"));
    lines.push("INFO: ionice priority: 7".to_owned());
}

/// The backup itself; nothing for a folder.
fn volume(
    world: &World,
    wanted: &Wanted,
    (vmid, guest): (Vmid, &Guest),
    lines: &mut Vec<String>,
) -> Result<Option<(VolumeId, Volume)>, String> {
    let which = (guest.kind, vmid);
    let (storage, kind) = match &wanted.target {
        Target::Storage(id, storage) => (Some((id, storage)), storage.kind),
        Target::Folder(_) => (None, StorageKind::Dir),
    };
    let (name, format) = new_name(kind, which, wanted.now, wanted.compression);
    let size = size(world, guest, wanted.compression);
    lines.push(match (&wanted.target, kind) {
        (Target::Folder(path), _) => {
            let file = name.trim_start_matches("backup/");
            format!("INFO: creating vzdump archive '{path}/{file}'")
        }
        (Target::Storage(..), StorageKind::Pbs) => {
            let snapshot = name.trim_start_matches("backup/");
            format!("INFO: creating Proxmox Backup Server archive '{snapshot}'")
        }
        (Target::Storage(id, storage), _) => {
            let path = volname::path(id, storage, &name);
            format!("INFO: creating vzdump archive '{path}'")
        }
    });
    if kind != StorageKind::Pbs {
        lines.push(format!("INFO: archive file size: {}", written(size)));
    }
    let Some((id, storage)) = storage else {
        return Ok(None);
    };
    room(world, wanted, id, storage, size)?;
    let id = VolumeId {
        storage: id.clone(),
        name,
    };
    let volume = Volume {
        content: Content::Backup,
        format,
        size,
        used: None,
        owner: Some(vmid),
        created: whole_second(wanted),
        notes: notes(world, wanted, (vmid, guest)),
        protected: wanted.is_protected,
        parent: None,
        guest: Some(SavedGuest {
            kind: guest.kind,
            config: guest.config.clone(),
        }),
    };
    Ok(Some((id, volume)))
}

/// Names and `ctime` have no fractions of seconds.
fn whole_second(wanted: &Wanted) -> jiff::Timestamp {
    jiff::Timestamp::from_second(wanted.now.as_second()).unwrap_or(wanted.now)
}

/// What a backup of a guest takes: a part of what its disks hold.
fn size(world: &World, guest: &Guest, compression: Compression) -> Size {
    let disks = saved_disks(guest).into_iter();
    let disks = disks.filter(|disk| disk.is_included);
    let held: Size = disks
        .filter_map(|disk| Some(world.volume(&disk.id?, &guest.node)?.used()))
        .sum();
    let part = match compression {
        Compression::None => 1,
        Compression::Lzo => 2,
        Compression::Gzip => 3,
        Compression::Zstd => 4,
    };
    // A file system without files has its tables all the same.
    Size((held.bytes() / part / 4096 * 4096).max(1 << 20))
}

fn room(
    world: &World,
    wanted: &Wanted,
    id: &StorageId,
    storage: &Storage,
    size: Size,
) -> Result<(), String> {
    let used = world.used(&storage.shelf(id, &wanted.node));
    let free = storage.size.bytes().saturating_sub(used.bytes());
    match size.bytes() > free {
        true => Err("vma_queue_write: write error - No space left on device".to_owned()),
        false => Ok(()),
    }
}

fn notes(world: &World, wanted: &Wanted, (vmid, guest): (Vmid, &Guest)) -> Option<String> {
    let template = wanted.notes.as_deref().filter(|text| !text.is_empty())?;
    let cluster = world.cluster.name.as_deref().unwrap_or("standalone node");
    let values = [
        ("cluster", cluster.to_owned()),
        ("guestname", guest.name(vmid)),
        ("node", wanted.node.to_string()),
        ("vmid", vmid.to_string()),
    ];
    Some(filled(template, &values)).filter(|notes| !notes.is_empty())
}

/// What the log says about notes, protection and older backups.
fn finish(
    world: &World,
    wanted: &Wanted,
    (vmid, guest): (Vmid, &Guest),
    (storage, volume): (&StorageId, &Volume),
    lines: &mut Vec<String>,
) {
    if volume.notes.is_some() {
        lines.push("INFO: adding notes to backup".to_owned());
    }
    if volume.protected {
        lines.push("INFO: marking backup as protected".to_owned());
    }
    if !wanted.removes {
        return;
    }
    let rules: Vec<&str> = wanted.keep.split(',').collect();
    let rules = rules.join(", ");
    lines.push(format!("INFO: prune older backups with retention: {rules}"));
    let choice = Choice {
        owner: Some(vmid),
        kind: Some(guest.kind),
    };
    let archives: Vec<_> = world.archives(storage, &wanted.node, choice).collect();
    let old = archives.iter().map(|archive| archive.volume);
    let group: Vec<Candidate> = old
        .chain([volume])
        .map(|volume| Candidate {
            made: volume.created,
            is_protected: volume.protected,
        })
        .collect();
    let mut count = 0;
    for (archive, mark) in archives
        .iter()
        .zip(marks(&group, Keep::parse(&wanted.keep)))
    {
        if mark == Mark::Remove {
            count += 1;
            let name = archive.name;
            lines.push(format!("INFO: removing backup '{storage}:{name}'"));
        }
    }
    let why = if count > 0 {
        " not covered by keep-retention policy"
    } else {
        ""
    };
    lines.push(format!("INFO: pruned {count} backup(s){why}"));
}

/// A size as the log writes it.
fn written(size: Size) -> String {
    let bytes = size.bytes();
    if bytes >= 1 << 30 {
        let hundredths = bytes / (1 << 20) * 100 / 1024;
        return format!("{}.{:02}GB", hundredths / 100, hundredths % 100);
    }
    match bytes >> 20 {
        0 => format!("{}KB", bytes >> 10),
        mebibytes => format!("{mebibytes}MB"),
    }
}

/// The notes that a template makes.
pub fn filled(template: &str, values: &[(&str, String)]) -> String {
    let mut plain = String::new();
    let mut rest = template.chars();
    while let Some(c) = rest.next() {
        match c {
            '\\' => match rest.next() {
                Some('n') => plain.push('\n'),
                Some(other) => plain.push(other),
                None => plain.push('\\'),
            },
            other => plain.push(other),
        }
    }
    for (name, value) in values {
        plain = plain.replace(&format!("{{{{{name}}}}}"), value);
    }
    plain
}
