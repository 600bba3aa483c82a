//! Looking into backups and appliances: files of a snapshot on a Backup Server, what an import would make.

use serde_json::{Map, Value, json};

use super::access;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::work::Job;
use crate::pve::world::World;
use crate::pve::world::archive::Archive;
use crate::pve::world::guest::Kind;
use crate::pve::world::ids::VolumeId;
use crate::pve::world::storage::{Content, StorageKind};
use crate::pve::world::volume::{Format, Volume};
use crate::routes::Route;
use crate::routes::route::get;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get(
            "/nodes/{node}/storage/{storage}/file-restore/list",
            Handler::Read(list),
        ),
        get(
            "/nodes/{node}/storage/{storage}/file-restore/download",
            Handler::Write(download),
        ),
        get(
            "/nodes/{node}/storage/{storage}/import-metadata",
            Handler::Read(metadata),
        ),
    ]
}

/// The backup that a call is about, which must be on a Backup Server.
fn backup<'w>(world: &'w World, call: &Call<'_>) -> Result<(VolumeId, &'w Volume), Fault> {
    let named = access::named(world, call, call.text("volume"))?;
    if named.parsed.content != Content::Backup {
        let id = &named.id;
        return Err(Fault::Failed(format!(
            "unable to use volume {id} - content type needs to be 'backup'"
        )));
    }
    access::check(world, call, &named.id, &named.parsed)?;
    if named.place.storage.kind != StorageKind::Pbs {
        let text = "Only PBS storages supported for file-restore.";
        return Err(Fault::parameter("storage", text));
    }
    let volume = world.volume(&named.id, &named.place.node);
    let missing = || {
        let snapshot = named.id.name.strip_prefix("backup/");
        let snapshot = snapshot.unwrap_or(&named.id.name);
        Fault::Failed(format!("snapshot '{snapshot}' not found"))
    };
    Ok((named.id.clone(), volume.ok_or_else(missing)?))
}

/// The folder that a path names; paths below the root are in base64, as the client that lists them gave them.
fn folder(path: &str) -> Result<String, Fault> {
    if path.is_empty() || path == "/" {
        return Ok(String::new());
    }
    let engine = &base64::engine::general_purpose::STANDARD;
    let bytes = base64::Engine::decode(engine, path);
    let bytes = bytes.map_err(|_| Fault::Failed("invalid base64 path".to_owned()))?;
    let text = String::from_utf8_lossy(&bytes);
    Ok(text.trim_matches('/').to_owned())
}

/// What is in the archives of a backup, folder by folder: the few files that every system has.
const FILES: [(&str, &[(&str, u64)]); 4] = [
    ("", &[("etc", 0), ("home", 0), ("var", 0)]),
    ("etc", &[("fstab", 664), ("hostname", 12), ("hosts", 221)]),
    ("home", &[]),
    ("var", &[("readme.txt", 120)]),
];

fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (id, volume) = backup(world, call)?;
    let folder = folder(call.text("filepath"))?;
    let is_container = Archive::of(&id.name, volume).is_some_and(|one| one.kind == Some(Kind::Lxc));
    let archive = match is_container {
        true => "root.pxar.didx",
        false => "drive-scsi0.img.fidx",
    };
    let rows: Vec<Value> = if folder.is_empty() {
        vec![row("", archive, "v", None, volume)]
    } else {
        let below = folder.strip_prefix(archive);
        let below = below.map(|below| below.trim_start_matches('/'));
        let known = FILES.iter().find(|(path, _)| Some(*path) == below);
        let (_, files) = known.ok_or_else(|| Fault::Failed(format!("no such path '{folder}'")))?;
        let files = files.iter().map(|(name, size)| match size {
            0 => row(&folder, name, "d", None, volume),
            size => row(&folder, name, "f", Some(*size), volume),
        });
        files.collect()
    };
    Ok(Answer::new(rows))
}

fn row(folder: &str, name: &str, kind: &str, size: Option<u64>, volume: &Volume) -> Value {
    let path = format!("{folder}/{name}");
    let path = path.trim_start_matches('/');
    let engine = &base64::engine::general_purpose::STANDARD;
    let mut row = json!({
        "filepath": base64::Engine::encode(engine, format!("/{path}")),
        "type": kind,
        "text": name,
        "leaf": kind == "f",
        "mtime": volume.created.as_second(),
    });
    if let Some(size) = size {
        row["size"] = json!(size);
    }
    row
}

/// The product answers with the file itself; there is none here, so the task tells what was asked for.
fn download(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    backup(world, call)?;
    let name = folder(call.text("filepath"))?;
    let job = Job::new("pbs-download", "").saying(format!("Starting download of file: /{name}"));
    let node = super::node(call)?.to_string();
    call.begin(world, &node, job);
    Ok(Answer::new(""))
}

fn metadata(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let named = access::named(world, call, call.text("volume"))?;
    access::check(world, call, &named.id, &named.parsed)?;
    let is_appliance = matches!(named.parsed.format, Format::Ova | Format::Ovf)
        || named.place.storage.kind == StorageKind::Esxi;
    if named.parsed.content != Content::Import || !is_appliance {
        let kind = named.place.storage.kind.as_str();
        return Err(Fault::Failed(format!(
            "import metadata not supported for {kind} storages"
        )));
    }
    let volume = world.volume(&named.id, &named.place.node);
    let missing = || Fault::Failed(format!("volume '{}' does not exist", named.id));
    let volume = volume.ok_or_else(missing)?;
    let file = named.parsed.file.as_str();
    let name = file.rsplit('/').next().unwrap_or(file);
    let name = name.rsplit_once('.').map_or(name, |(name, _)| name);
    let mut disks = Map::new();
    let disk = match named.parsed.format {
        Format::Ova => format!("{}/{name}-disk1.vmdk", named.id),
        _ => format!("{}:import/{name}-disk1.vmdk", named.id.storage),
    };
    disks.insert(
        "scsi0".to_owned(),
        json!({"volid": disk, "size": volume.size.bytes()}),
    );
    let mut warnings = Vec::new();
    if named.parsed.format == Format::Ova {
        warnings.push(json!({"type": "ova-needs-extracting"}));
    }
    Ok(Answer::new(json!({
        "type": "vm",
        "source": "esxi",
        "create-args": {"name": name, "cores": 1, "memory": 2048, "sockets": 1, "bios": "seabios"},
        "disks": disks,
        "net": {"net0": {"model": "vmxnet3"}},
        "warnings": warnings,
    })))
}
