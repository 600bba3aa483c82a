//! Files of backups: this server keeps their names and sizes, not their bytes.
//!
//! So a catalog lists what every system has, and a download is refused as the product refuses a file that cannot
//! be opened.

use serde_json::{Value, json};

use crate::pbs::api::reach::{self, Needs, Use};
use crate::pbs::world::World;
use crate::pbs::world::content::Snapshot;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::routes::Route;
use crate::routes::route::{get, post};

const READ: Needs = Needs {
    full: &["Datastore.Read"],
    own: &["Datastore.Backup"],
};

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/admin/datastore/{store}/catalog", Handler::Read(catalog)),
        get("/admin/datastore/{store}/download", Handler::Read(download)),
        get(
            "/admin/datastore/{store}/download-decoded",
            Handler::Read(decoded),
        ),
        get(
            "/admin/datastore/{store}/pxar-file-download",
            Handler::Read(pxar),
        ),
        post(
            "/admin/datastore/{store}/upload-backup-log",
            Handler::Write(upload_log),
        ),
    ]
}

/// What the root of an archive has, in base64 as paths go over the wire.
const DIRECTORIES: &[(&str, &str)] = &[
    ("etc", "L2V0Yw=="),
    ("root", "L3Jvb3Q="),
    ("var", "L3Zhcg=="),
];

/// The entries at a path: the archives at `root`, directories in each.
fn catalog(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (store, space, whose) = reach::open(world, call, Use::Read, READ)?;
    let id = reach::snapshot_id(call)?;
    let snapshot = reach::snapshot(call, store, &space, &id, whose)?;
    let wanted = "catalog.pcat1.didx";
    if !snapshot.files.iter().any(|file| file.name == wanted) {
        let text = format!("no such file '{wanted}' in snapshot '{id}'");
        return Err(Fault::Failed(text));
    }
    let path = call.text("filepath");
    let entries: Vec<Value> = match path {
        "root" | "/" => archives(snapshot)
            .map(|name| {
                json!({"filepath": base64(&format!("/{name}")), "text": name, "type": "v", "leaf": false})
            })
            .collect(),
        _ if DIRECTORIES.iter().any(|(_, known)| path.ends_with(known)) => Vec::new(),
        _ => DIRECTORIES
            .iter()
            .map(|(name, path)| json!({"filepath": path, "text": name, "type": "d", "leaf": false}))
            .collect(),
    };
    Ok(Answer::new(entries))
}

fn archives(snapshot: &Snapshot) -> impl Iterator<Item = &str> {
    let names = snapshot.files.iter().map(|file| &*file.name);
    names.filter(|name| name.ends_with(".pxar.didx"))
}

fn download(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (store, space, whose) = reach::open(world, call, Use::Read, READ)?;
    let id = reach::snapshot_id(call)?;
    let snapshot = reach::snapshot(call, store, &space, &id, whose)?;
    let path = reach::on_disk(store, &space, &id.to_string());
    file(snapshot, call.text("file-name"), &path)
}

fn decoded(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (store, space, whose) = reach::open(world, call, Use::Read, READ)?;
    let id = reach::snapshot_id(call)?;
    let snapshot = reach::snapshot(call, store, &space, &id, whose)?;
    let name = call.text("file-name");
    let known = snapshot.files.iter().find(|file| file.name == name);
    if known.is_some_and(|file| file.crypt_mode.name() == "encrypt") {
        let text = format!("cannot decode '{name}' - is encrypted");
        return Err(Fault::Failed(text));
    }
    let path = reach::on_disk(store, &space, &id.to_string());
    file(snapshot, name, &path)
}

fn pxar(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (store, space, whose) = reach::open(world, call, Use::Read, READ)?;
    let id = reach::snapshot_id(call)?;
    let snapshot = reach::snapshot(call, store, &space, &id, whose)?;
    let path = reach::on_disk(store, &space, &id.to_string());
    let archive = call
        .arguments
        .text("archive-name")
        .unwrap_or("root.pxar.didx");
    file(snapshot, archive, &path)
}

/// Nobody has the bytes: neither of a file that is not in the backup nor of one that is.
fn file(snapshot: &Snapshot, name: &str, path: &str) -> Result<Answer, Fault> {
    let is_known = name == crate::pbs::world::content::INDEX_NAME
        || snapshot.files.iter().any(|file| file.name == name);
    let why = match is_known {
        true => "Permission denied (os error 13)",
        false => "No such file or directory (os error 2)",
    };
    Err(Fault::NotFound(format!(
        "File open failed: {path}/{name}: {why}"
    )))
}

/// Takes the log of a client for a backup that has none yet.
fn upload_log(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let needs = Needs {
        full: &[],
        own: &["Datastore.Backup"],
    };
    let (store, space, whose) = reach::open(world, call, Use::Write, needs)?;
    let id = reach::snapshot_id(call)?;
    let snapshot = reach::snapshot(call, store, &space, &id, whose)?;
    if snapshot.files.iter().any(|file| file.name == LOG) {
        return Err(Fault::Failed("backup already contains a log.".to_owned()));
    }
    let size = call.request.body.len() as u64;
    let store = world.datastores.get_mut(call.text("store"));
    if let Some(snapshot) = store.and_then(|store| store.namespaces.snapshot_mut(&space, &id)) {
        snapshot.files.push(crate::pbs::world::content::File {
            name: LOG.to_owned(),
            size,
            crypt_mode: crate::pbs::world::content::CryptMode::None,
        });
    }
    Ok(Answer::default())
}

const LOG: &str = "client.log.blob";

fn base64(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let byte = |n: usize| u32::from(chunk.get(n).copied().unwrap_or_default());
        let bits = (byte(0) << 16) | (byte(1) << 8) | byte(2);
        for n in 0..4_usize {
            let index = usize::try_from((bits >> (18 - 6 * n)) & 63).unwrap_or(0);
            let digit = DIGITS.get(index).copied().unwrap_or(b'=');
            out.push(if n <= chunk.len() { digit.into() } else { '=' });
        }
    }
    out
}
