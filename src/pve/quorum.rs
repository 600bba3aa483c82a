//! What a cluster without a majority refuses to do: everything that is kept in its common file system.
//!
//! What a node does for itself goes on: logins, machines that are stopped, agents, services, consoles. The texts are
//! those of proxmox.md 1.1; which lock guards which part is from memory of `PVE::Cluster` and its callers.

use crate::http::Method;
use crate::proxmox::call::Call;
use crate::proxmox::fault::Fault;

/// What needs no majority below a guest.
const GUEST_ALONE: [&str; 13] = [
    "/agent",
    "/dbus-vmstate",
    "/monitor",
    "/sendkey",
    "/spiceproxy",
    "/status/reboot",
    "/status/reset",
    "/status/resume",
    "/status/shutdown",
    "/status/stop",
    "/status/suspend",
    "/termproxy",
    "/vncproxy",
];

/// What needs one below a node, beside its guests.
const NODE_TOGETHER: [&str; 8] = [
    "/ceph",
    "/certificates",
    "/config",
    "/firewall",
    "/migrateall",
    "/replication",
    "/startall",
    "/vzdump",
];

/// Paths with the lock that guards them.
const LOCKS: [(&str, &str); 17] = [
    ("/access/domains", "file-domains_cfg"),
    ("/access/password", "file-priv_shadow_cfg"),
    ("/access/tfa", "file-priv_tfa_cfg"),
    ("/access", "file-user_cfg"),
    ("/cluster/backup", "file-jobs_cfg"),
    ("/cluster/firewall", "firewall-cluster"),
    ("/cluster/ha", "domain-ha"),
    ("/cluster/jobs", "file-jobs_cfg"),
    ("/cluster/mapping/dir", "file-mapping_directory_cfg"),
    ("/cluster/mapping/pci", "file-mapping_pci_cfg"),
    ("/cluster/mapping/usb", "file-mapping_usb_cfg"),
    ("/cluster/metrics", "file-status_cfg"),
    ("/cluster/notifications", "file-notifications_cfg"),
    ("/cluster/options", "file-datacenter_cfg"),
    ("/cluster/replication", "file-replication_cfg"),
    ("/pools", "file-user_cfg"),
    ("/storage", "file-storage_cfg"),
];

/// What was tried, in front of the refusal: when it creates, changes or deletes.
const TRIED: [(&str, [&str; 3]); 8] = [
    ("/access/acl", ["", "ACL update failed: ", ""]),
    (
        "/access/domains",
        [
            "add auth server failed: ",
            "update auth server failed: ",
            "delete auth server failed: ",
        ],
    ),
    (
        "/access/groups",
        [
            "create group failed: ",
            "update group failed: ",
            "delete group failed: ",
        ],
    ),
    (
        "/access/roles",
        [
            "create role failed: ",
            "update role failed: ",
            "delete role failed: ",
        ],
    ),
    (
        "/access/users/{userid}/token",
        [
            "generating token failed: ",
            "updating token info failed: ",
            "deleting token failed: ",
        ],
    ),
    (
        "/access/users",
        [
            "create user failed: ",
            "update user failed: ",
            "delete user failed: ",
        ],
    ),
    (
        "/pools",
        [
            "create pool failed: ",
            "update pools failed: ",
            "delete pool failed: ",
        ],
    ),
    (
        "/storage",
        [
            "create storage failed: ",
            "update storage failed: ",
            "delete storage failed: ",
        ],
    ),
];

/// Whether an operation can be done without a majority.
///
/// # Errors
/// The refusal of one that cannot.
pub(super) fn needed(call: &Call<'_>) -> Result<(), Fault> {
    let path = call.operation.template.as_str();
    if goes_alone(path) {
        return Ok(());
    }
    match lock(call, path) {
        None => Err(Fault::no_quorum()),
        Some(lock) => {
            let tried = tried(call, path);
            Err(Fault::Failed(format!(
                "{tried}cfs-lock '{lock}' error: no quorum!"
            )))
        }
    }
}

fn goes_alone(path: &str) -> bool {
    for login in ["/access/ticket", "/access/openid", "/access/vncticket"] {
        if is_below(path, login) {
            return true;
        }
    }
    let Some(rest) = path.strip_prefix("/nodes/{node}") else {
        return false;
    };
    for guests in ["/qemu", "/lxc"] {
        if is_below(rest, guests) {
            let inner = rest.split_once("{vmid}").map_or("", |(_, inner)| inner);
            return GUEST_ALONE.iter().any(|alone| is_below(inner, alone));
        }
    }
    let mut together = NODE_TOGETHER.iter();
    !together.any(|together| is_below(rest, together))
}

fn lock(call: &Call<'_>, path: &str) -> Option<String> {
    if path.contains("/{vmid}/firewall/") {
        return Some(format!("firewall-vm-{}", call.text("vmid")));
    }
    if path.starts_with("/nodes/{node}/firewall/") {
        return Some(format!("firewall-host-{}", call.text("node")));
    }
    let found = LOCKS.iter().find(|(guarded, _)| is_below(path, guarded));
    found.map(|(_, lock)| (*lock).to_owned())
}

fn tried(call: &Call<'_>, path: &str) -> &'static str {
    let found = TRIED.iter().find(|(above, _)| is_below(path, above));
    found.map_or("", |(_, [created, changed, deleted])| {
        match call.operation.method {
            Method::Post => *created,
            Method::Delete => *deleted,
            _ => *changed,
        }
    })
}

/// Whether a path is another one, or is below it.
fn is_below(path: &str, above: &str) -> bool {
    let rest = path.strip_prefix(above);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
