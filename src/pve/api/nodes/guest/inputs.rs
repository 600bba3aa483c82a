//! What a call says about a guest's configuration, as the configuration has it: text.

use serde_json::{Number, Value};

use crate::http::checksum::Checksum;
use crate::proxmox::call::Call;
use crate::proxmox::fault::Fault;
use crate::proxmox::property_string::{PropertyString, Spelling};
use crate::pve::world::World;
use crate::pve::world::config::is_numbered;
use crate::pve::world::disk::is_drive;
use crate::pve::world::fresh::print_card;
use crate::pve::world::guest::Kind;
use crate::pve::world::ids::{NodeName, StorageId, Vmid};
use crate::pve::world::make::default_key;
use crate::pve::world::ordered::Ordered;

/// Parameters that say how something is done, and are no options of the guest.
const OF_THE_CALL: &[&str] = &[
    "archive",
    "background_delay",
    "bwlimit",
    "delete",
    "digest",
    "force",
    "ha-managed",
    "ignore-unpack-errors",
    "import-working-storage",
    "live-restore",
    "node",
    "ostemplate",
    "password",
    "pool",
    "restore",
    "revert",
    "skiplock",
    "ssh-public-keys",
    "start",
    "storage",
    "unique",
    "vmid",
];

/// Whether a parameter says how something is done, and is no option of a guest.
pub(in crate::pve::api) fn is_of_the_call(name: &str) -> bool {
    OF_THE_CALL.contains(&name)
}

/// The options that were given, as text. The alias `cdrom` is `ide2`; nothing else is changed yet.
pub(in crate::pve::api) fn options(call: &Call<'_>) -> Ordered<String> {
    let given = call.arguments.given().iter();
    let options =
        given.filter(|(name, value)| !OF_THE_CALL.contains(&name.as_str()) && !value.is_null());
    let mut options: Ordered<String> = options
        .map(|(name, value)| (name.as_str(), text(value)))
        .collect();
    if let Some(mut value) = options.remove("cdrom") {
        if !value.contains("media=") {
            value.push_str(",media=cdrom");
        }
        options.set("ide2", value);
    }
    options
}

/// A value as configuration files have it.
fn text(value: &Value) -> String {
    match value {
        Value::Bool(value) => u8::from(*value).to_string(),
        Value::String(text) => text.clone(),
        Value::Number(number) => plain(number),
        other => other.to_string(),
    }
}

/// `2` for `2.0`, as Perl prints it.
fn plain(number: &Number) -> String {
    let text = number.to_string();
    match text.strip_suffix(".0") {
        Some(whole) => whole.to_owned(),
        None => text,
    }
}

/// A property string among the options, with aliases resolved and booleans as files have them.
pub(in crate::pve::api) fn properties(
    call: &Call<'_>,
    key: &str,
    text_of: &str,
    default: &str,
) -> PropertyString {
    let parsed = call
        .arguments
        .property_string(key)
        .and_then(Value::as_object);
    if let Some(parsed) = parsed {
        let pairs = parsed.iter();
        return pairs
            .map(|(name, value)| (name.as_str(), text(value)))
            .collect();
    }
    PropertyString::parse(text_of, Some(default), Spelling::Plain).unwrap_or_default()
}

/// Takes the drives out of the options, taken apart.
pub(in crate::pve::api) fn take_drives(
    call: &Call<'_>,
    kind: Kind,
    options: &mut Ordered<String>,
) -> std::collections::BTreeMap<String, PropertyString> {
    let all = std::mem::take(options);
    let mut drives = std::collections::BTreeMap::new();
    for (key, value) in all {
        if is_drive(kind, &key) {
            let drive = properties(call, &key, &value, default_key(kind));
            drives.insert(key, drive);
        } else {
            options.set(&key, value);
        }
    }
    drives
}

/// Brings the options into the form in which they are stored: cards with addresses, tidy tags, ids made up.
///
/// # Errors
/// Keys for SSH that are none.
pub(in crate::pve::api) fn complete(
    world: &World,
    call: &Call<'_>,
    kind: Kind,
    options: &mut Ordered<String>,
) -> Result<(), Fault> {
    let given = std::mem::take(options);
    for (key, value) in given {
        let value = match key.as_str() {
            key if is_numbered(key, "net") => {
                let card = properties(call, key, &value, "model");
                print_card(&card, kind, || world.fresh_mac(call.random()))
            }
            "tags" => world.tidy_tags(&value),
            "vmgenid" if value == "1" => call.uuid(),
            "sshkeys" => {
                expect_ssh_keys(&crate::http::path::decode_component(&value))?;
                value
            }
            "cipassword" => encrypted(call, &value),
            _ => value,
        };
        options.set(&key, value);
    }
    Ok(())
}

/// Passwords are stored as crypt(3) writes them; what is one already stays. Nothing can be checked against it, so
/// only the form is right.
fn encrypted(call: &Call<'_>, password: &str) -> String {
    if password.starts_with('$') && password.matches('$').count() >= 3 {
        return password.to_owned();
    }
    let salt = format!("{:016x}", call.random());
    let hash = Checksum::Sha256.hex(format!("{salt}{password}").as_bytes());
    format!("$5${}${}", &salt[..8], &hash[..43])
}

/// Refuses keys that `ssh-keygen` would not read.
///
/// # Errors
/// `SSH public key validation error`.
pub(in crate::pve::api) fn expect_ssh_keys(keys: &str) -> Result<(), Fault> {
    let is_type = |word: &str| {
        ["ssh-", "ecdsa-sha2-", "sk-"]
            .iter()
            .any(|start| word.starts_with(start))
    };
    let is_key = |line: &str| {
        let mut words = line.split_whitespace();
        words.any(is_type) && words.next().is_some_and(|blob| blob.len() > 3)
    };
    let mut lines = keys.lines().map(str::trim);
    if lines.all(|line| line.is_empty() || is_key(line)) {
        return Ok(());
    }
    Err(Fault::Failed("SSH public key validation error".to_owned()))
}

/// The node of the path.
///
/// # Errors
/// For a name that no node can have; the gate lets none pass.
pub(in crate::pve::api) fn node(call: &Call<'_>) -> Result<NodeName, Fault> {
    let name = call.text("node");
    name.parse().map_err(|_| Fault::no_such_node(name))
}

/// The number of a guest in a parameter.
///
/// # Errors
/// For a number that no guest can have; the gate lets none pass.
pub(in crate::pve::api) fn vmid(call: &Call<'_>, name: &str) -> Result<Vmid, Fault> {
    let number = call.arguments.integer(name).unwrap_or_default();
    let vmid = u32::try_from(number).ok().and_then(Vmid::new);
    vmid.ok_or_else(|| Fault::parameter(name, "value does not look like a valid VM ID"))
}

/// The storage in a parameter, where one is given.
///
/// # Errors
/// For a name that no storage can have.
pub(in crate::pve::api) fn storage(
    call: &Call<'_>,
    name: &str,
) -> Result<Option<StorageId>, Fault> {
    let Some(text) = call.arguments.text(name) else {
        return Ok(None);
    };
    let missing = |_| Fault::Failed(format!("storage '{text}' does not exist"));
    text.parse().map(Some).map_err(missing)
}
