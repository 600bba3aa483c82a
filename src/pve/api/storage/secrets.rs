//! Passwords and keys of storages: taken out of a definition, and what is shown of them all the same.
//!
//! The product keeps them in files of their own. Only one leaves a trace: the key of a Backup Server's storage,
//! whose fingerprint stands in the definition and which is shown once, to whoever set it.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::http::checksum::Checksum;
use crate::proxmox::call::Call;
use crate::pve::world::storage::{Storage, StorageKind};

/// Takes the secrets of a type out of the parameters.
pub(super) fn taken(kind: StorageKind, given: &mut Map<String, Value>) -> Map<String, Value> {
    let names = kind.secrets().iter();
    names
        .filter_map(|name| Some(((*name).to_owned(), given.shift_remove(*name)?)))
        .collect()
}

/// Does with the secrets what a new storage does, and gives `config` of the answer.
///
/// # Errors
/// A secret that is missing or wrong.
pub(super) fn added(
    call: &Call<'_>,
    storage: &mut Storage,
    secrets: &Map<String, Value>,
) -> Result<Option<Value>, String> {
    match storage.kind {
        StorageKind::Esxi if !secrets.contains_key("password") => {
            Err("missing password".to_owned())
        }
        StorageKind::Pbs => keys(call, storage, secrets).map(Some),
        _ => Ok(None),
    }
}

/// The same for a change.
///
/// # Errors
/// A secret that is wrong.
pub(super) fn changed(
    call: &Call<'_>,
    storage: &mut Storage,
    secrets: &Map<String, Value>,
    doomed: &[&str],
) -> Result<Option<Value>, String> {
    if storage.kind != StorageKind::Pbs {
        return Ok(None);
    }
    for name in doomed {
        storage.options.0.shift_remove(*name);
    }
    keys(call, storage, secrets).map(Some)
}

fn keys(
    call: &Call<'_>,
    storage: &mut Storage,
    secrets: &Map<String, Value>,
) -> Result<Value, String> {
    let mut config = json!({});
    if let Some(given) = secrets.get("encryption-key").and_then(Value::as_str) {
        let key = match given {
            "autogen" => generated(call),
            given => given.to_owned(),
        };
        let read: Value = serde_json::from_str(&key).unwrap_or_default();
        if read.get("data").is_none() {
            let text = "Value does not seems like a valid, JSON formatted encryption key!";
            return Err(text.to_owned());
        }
        let fingerprint = read.get("fingerprint").cloned().unwrap_or(json!(1));
        let options = &mut storage.options.0;
        options.insert("encryption-key".to_owned(), fingerprint);
        config["encryption-key"] = json!(key);
    }
    if secrets.contains_key("master-pubkey") {
        if !storage.options.0.contains_key("encryption-key") {
            let text = "'master-pubkey' can only be used together with 'encryption-key'";
            return Err(text.to_owned());
        }
        let options = &mut storage.options.0;
        options.insert("master-pubkey".to_owned(), json!(1));
    }
    Ok(config)
}

/// A key file as `proxmox-backup-client key create --kdf none` writes it.
fn generated(call: &Call<'_>) -> String {
    let mut bytes = Vec::new();
    for _ in 0..4 {
        bytes.extend(call.random().to_be_bytes());
    }
    let mut print = String::new();
    for (n, pair) in Checksum::Sha256
        .hex(&bytes)
        .as_bytes()
        .chunks(2)
        .enumerate()
    {
        let colon = if n == 0 { "" } else { ":" };
        // Writing to a string cannot fail.
        let _ = write!(print, "{colon}{}", String::from_utf8_lossy(pair));
    }
    let moment = call.now.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string();
    let data = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &bytes);
    let key = json!({
        "kdf": null,
        "created": moment,
        "modified": moment,
        "data": data,
        "fingerprint": print,
    });
    key.to_string()
}
