//! What an unscripted guest answers, derived from its configuration, in the forms of the QEMU guest agent.

use serde_json::{Value, json};

use crate::proxmox::call::Call;
use crate::pve::api::nodes::guest::shown;
use crate::pve::world::World;
use crate::pve::world::disk::Role;
use crate::pve::world::gauge;
use crate::pve::world::guest::Guest;
use crate::pve::world::ids::Vmid;

/// The size of a block of memory in Linux.
const MEMORY_BLOCK: u64 = 128 << 20;

/// The commands that the agent says it knows.
const COMMANDS: [&str; 26] = [
    "guest-exec",
    "guest-exec-status",
    "guest-file-close",
    "guest-file-open",
    "guest-file-read",
    "guest-file-write",
    "guest-fsfreeze-freeze",
    "guest-fsfreeze-status",
    "guest-fsfreeze-thaw",
    "guest-fstrim",
    "guest-get-fsinfo",
    "guest-get-host-name",
    "guest-get-memory-block-info",
    "guest-get-memory-blocks",
    "guest-get-osinfo",
    "guest-get-time",
    "guest-get-timezone",
    "guest-get-users",
    "guest-get-vcpus",
    "guest-info",
    "guest-network-get-interfaces",
    "guest-ping",
    "guest-set-user-password",
    "guest-shutdown",
    "guest-suspend-disk",
    "guest-suspend-ram",
];

/// The answer to a command; an empty object where there is nothing to say.
pub(super) fn answer(
    world: &World,
    vmid: Vmid,
    guest: &Guest,
    call: &Call<'_>,
    command: &str,
) -> Value {
    let frozen = guest.agent.as_ref().is_some_and(|agent| agent.frozen);
    match command {
        "fsfreeze-status" => json!(if frozen { "frozen" } else { "thawed" }),
        // Both count the file systems that they changed.
        "fsfreeze-freeze" => json!(u8::from(!frozen)),
        "fsfreeze-thaw" => json!(u8::from(frozen)),
        "fstrim" => json!({"paths": [{"path": "/", "minimum": 0, "trimmed": 1_073_741_824}]}),
        "get-fsinfo" => file_systems(world, vmid, guest, call),
        "get-host-name" => json!({"host-name": host_name(vmid, guest)}),
        "get-memory-block-info" => json!({"size": MEMORY_BLOCK}),
        "get-memory-blocks" => memory_blocks(guest),
        "get-osinfo" => system(guest),
        "get-time" => json!(i64::try_from(call.now.as_nanosecond()).unwrap_or(i64::MAX)),
        "get-timezone" => json!({"zone": "UTC", "offset": 0}),
        "get-users" => users(world, guest),
        "get-vcpus" => processors(guest),
        "info" => information(),
        _ => json!({}),
    }
}

/// The name that the guest has of itself, without a domain.
pub(super) fn host_name(vmid: Vmid, guest: &Guest) -> String {
    let name = guest.name(vmid);
    let short = name.split('.').next().unwrap_or(&name);
    short.replace(' ', "")
}

pub(super) fn is_windows(guest: &Guest) -> bool {
    let system = guest.config.text("ostype").unwrap_or_default();
    system.starts_with('w')
}

fn information() -> Value {
    let commands: Vec<Value> = COMMANDS
        .iter()
        .map(|name| {
            let answers = !matches!(
                *name,
                "guest-shutdown" | "guest-suspend-disk" | "guest-suspend-ram"
            );
            json!({"name": name, "enabled": true, "success-response": answers})
        })
        .collect();
    json!({"version": "9.2.0", "supported_commands": commands})
}

fn system(guest: &Guest) -> Value {
    if is_windows(guest) {
        return json!({
            "id": "mswindows", "name": "Microsoft Windows",
            "pretty-name": "Windows Server 2022 Standard", "version": "Microsoft Windows Server 2022",
            "version-id": "2022", "variant": "server", "variant-id": "server",
            "kernel-release": "20348", "kernel-version": "10.0", "machine": "x86_64",
        });
    }
    json!({
        "id": "debian", "name": "Debian GNU/Linux", "pretty-name": "Debian GNU/Linux 12 (bookworm)",
        "version": "12 (bookworm)", "version-id": "12",
        "kernel-release": "6.1.0-28-amd64",
        "kernel-version": "#1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1 (2024-11-22)",
        "machine": "x86_64",
    })
}

/// One file system for each disk: the first is the root, the others lie under `/mnt`.
fn file_systems(world: &World, vmid: Vmid, guest: &Guest, call: &Call<'_>) -> Value {
    let is_windows = is_windows(guest);
    let gauge = gauge::of_guest(world, vmid, guest, shown::moment(call));
    let level = gauge.memory.bytes() % 40;
    let disks = guest.drives().into_iter().filter(|drive| {
        let is_data = !drive.key.starts_with("efidisk") && !drive.key.starts_with("tpmstate");
        drive.role == Role::Disk && is_data
    });
    let systems = disks.zip(0_u8..26).map(|(drive, n)| {
        let letter = char::from(b'a'.saturating_add(n));
        let total = drive.size.unwrap_or_default().bytes() / 100 * 95;
        let used = total / 100 * (20 + level);
        let mount = match (is_windows, n) {
            (true, n) => format!("{}:\\", char::from(b'C'.saturating_add(n))),
            (false, 0) => "/".to_owned(),
            (false, n) => format!("/mnt/disk{n}"),
        };
        let bus = drive.key.trim_end_matches(|c: char| c.is_ascii_digit());
        let unit = drive.key.trim_start_matches(|c: char| !c.is_ascii_digit());
        json!({
            "name": format!("sd{letter}1"),
            "mountpoint": mount,
            "type": if is_windows { "NTFS" } else { "ext4" },
            "total-bytes": total,
            "used-bytes": used,
            "disk": [{
                "dev": format!("/dev/sd{letter}1"),
                "bus-type": bus,
                "serial": format!("0QEMU_QEMU_HARDDISK_drive-{}", drive.key),
                "bus": 0, "target": 0, "unit": unit.parse::<u32>().unwrap_or(0),
                "pci-controller": {"domain": 0, "bus": 9, "slot": 1, "function": 0},
            }],
        })
    });
    Value::Array(systems.collect())
}

/// Blocks of memory as the kernel numbers them; a guest of terabytes shows no more than it could count.
fn memory_blocks(guest: &Guest) -> Value {
    let count = (guest.memory().bytes() / MEMORY_BLOCK).clamp(1, 8_192);
    let block = |n| json!({"phys-index": n, "online": true, "can-offline": true});
    Value::Array((0..count).map(block).collect())
}

fn processors(guest: &Guest) -> Value {
    let processor = |n| json!({"logical-id": n, "online": true, "can-offline": n != 0});
    Value::Array((0..guest.cpus(1).clamp(1, 1_024)).map(processor).collect())
}

/// Somebody logged in when the guest came up.
fn users(world: &World, guest: &Guest) -> Value {
    let since = world.running_since(guest);
    let since = since.map_or(0, |since| since.as_second().saturating_add(60));
    let login = i32::try_from(since).map_or(0.0, f64::from);
    let mut user = json!({"user": user(guest), "login-time": login});
    if is_windows(guest) {
        user["domain"] = json!("WORKGROUP");
    }
    json!([user])
}

pub(super) fn user(guest: &Guest) -> &str {
    let default = if is_windows(guest) {
        "Administrator"
    } else {
        "root"
    };
    guest.config.text("ciuser").unwrap_or(default)
}
