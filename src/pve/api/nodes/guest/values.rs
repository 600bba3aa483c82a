//! Values of configurations: text in the file, typed in answers.
//!
//! The product reads whole numbers and truth values out of its files as what the schema of the option says, so they are
//! numbers in answers; everything else is text (proxmox.md 4.0), numbers that may have a fraction included
//! (`check_type`: `cpulimit`, `migrate_downtime`).

use serde_json::{Map, Value, json};

use crate::proxmox::product::Edition;
use crate::pve::world::guest::Kind;
use crate::pve::world::ordered::Ordered;

/// Options that are whole numbers or truth values, of both kinds of guests together.
const NUMBERS: [&str; 33] = [
    "acpi",
    "allow-ksm",
    "autostart",
    "balloon",
    "ciupgrade",
    "console",
    "cores",
    "cpuunits",
    "debug",
    "freeze",
    "keephugepages",
    "kvm",
    "localtime",
    "migrate_speed",
    "numa",
    "onboot",
    "protection",
    "reboot",
    "shares",
    "smp",
    "snaptime",
    "sockets",
    "swap",
    "tablet",
    "tdf",
    "template",
    "tty",
    "unprivileged",
    "vcpus",
    "autoresize",
    "fstrim",
    "firewall",
    "ksm",
];

/// A value of a configuration as answers have it. The memory of a virtual machine is text since 8.1, where it
/// became a property string.
pub(in crate::pve::api) fn typed(kind: Kind, edition: Edition, key: &str, text: &str) -> Value {
    if key == "cipassword" {
        return json!("**********");
    }
    let is_number = match key {
        "memory" => kind == Kind::Lxc || edition == Edition::Pve7,
        key => NUMBERS.contains(&key),
    };
    if !is_number {
        return json!(text);
    }
    let number = text.parse::<i64>();
    number.map_or_else(|_| json!(text), |number| json!(number))
}

/// A whole configuration as answers have it; raw options of containers are pairs under `lxc`.
pub(in crate::pve::api) fn object(
    kind: Kind,
    edition: Edition,
    config: &Ordered<String>,
) -> Map<String, Value> {
    let mut object = Map::new();
    let mut raw = Vec::new();
    for (key, text) in config.iter() {
        match (kind, key.starts_with("lxc.")) {
            (Kind::Lxc, true) => raw.extend(text.split('\n').map(|line| json!([key, line]))),
            _ => {
                object.insert(key.to_owned(), typed(kind, edition, key, text));
            }
        }
    }
    if !raw.is_empty() {
        object.insert("lxc".to_owned(), Value::Array(raw));
    }
    object
}
