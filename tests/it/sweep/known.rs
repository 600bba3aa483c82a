//! What a person knows who walks through a product: values that no list gives, and what is refused for good
//! reasons.

use mock_server::proxmox::Product;

/// What reading a path leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// 200 and an answer of the declared type.
    Good,
    /// A refusal with this status: the product has nothing to show there.
    Refused(u16),
}

/// Templates that are read with a query.
const QUERIES: &[(&str, &str)] = &[
    ("/cluster/jobs/schedule-analyze", "schedule=sat%2002:00"),
    ("/cluster/sdn/dry-run", "node=pve01"),
    ("/nodes/{node}/apt/changelog", "name=pve-manager"),
    (
        "/nodes/{node}/ceph/cfg/value",
        "config-keys=mon:auth_allow_insecure_global_id_reclaim",
    ),
    (
        "/nodes/{node}/ceph/cmd-safety",
        "action=stop&service=osd&id=0",
    ),
    ("/nodes/{node}/disks/smart", "disk=/dev/sda"),
    ("/nodes/{node}/lxc/{vmid}/feature", "feature=snapshot"),
    ("/nodes/{node}/qemu/{vmid}/agent/exec-status", "pid=1"),
    (
        "/nodes/{node}/qemu/{vmid}/agent/file-read",
        "file=/etc/hostname",
    ),
    ("/nodes/{node}/qemu/{vmid}/cloudinit/dump", "type=user"),
    ("/nodes/{node}/qemu/{vmid}/feature", "feature=snapshot"),
    (
        "/nodes/{node}/query-oci-repo-tags",
        "reference=docker.io/library/alpine",
    ),
    (
        "/nodes/{node}/query-url-metadata",
        "url=https://example.com/image.iso",
    ),
    ("/nodes/{node}/scan/cifs", "server=10.10.10.30"),
    ("/nodes/{node}/scan/glusterfs", "server=10.10.10.30"),
    ("/nodes/{node}/scan/iscsi", "portal=10.10.10.30"),
    ("/nodes/{node}/scan/lvmthin", "vg=pve"),
    ("/nodes/{node}/scan/nfs", "server=10.10.10.30"),
    (
        "/nodes/{node}/scan/pbs",
        "server=10.10.10.40&username=root@pam&password=secret",
    ),
    (
        "/nodes/{node}/storage/{storage}/file-restore/download",
        "volume=x&filepath=/",
    ),
    (
        "/nodes/{node}/storage/{storage}/file-restore/list",
        "volume=x&filepath=/",
    ),
    (
        "/nodes/{node}/storage/{storage}/import-metadata",
        "volume=x",
    ),
    (
        "/nodes/{node}/vzdump/extractconfig",
        "volume=backup:backup/vzdump-qemu-101-2026_01_01-00_00_00.vma.zst",
    ),
];

/// Queries of whole families, by the end of the template.
const FAMILIES: &[(&str, &str)] = &[
    ("/rrd", "timeframe=hour&ds=cpu"),
    ("/rrddata", "timeframe=hour"),
    ("vncwebsocket", "port=5900&vncticket=PVEVNC:1::x"),
    ("mtunnelwebsocket", "socket=/run/x&ticket=x"),
];

/// Values of the last part of a template that no list names.
const VALUES: &[(&str, &[&str])] = &[
    // A tree, not a list.
    ("/nodes/{node}/ceph/osd/{osdid}", &["0"]),
];

/// Templates that are refused in the default world.
const REFUSED: &[(&str, u16)] = &[
    // No process of this number was begun.
    ("/nodes/{node}/qemu/{vmid}/agent/exec-status", 500),
];

/// Templates to which nothing leads in the default world.
const UNREACHABLE: &[&str] = &[];

/// The query for reading a template.
pub(super) fn query(_: Product, template: &str) -> &'static str {
    let own = QUERIES.iter().find(|(known, _)| *known == template);
    let family = || FAMILIES.iter().find(|(end, _)| template.ends_with(end));
    own.or_else(family).map_or("", |(_, query)| query)
}

/// The values of the last part of a template, where no list names them.
pub(super) fn values(_: Product, template: &str) -> Option<&'static [&'static str]> {
    let found = VALUES.iter().find(|(known, _)| *known == template);
    found.map(|(_, values)| *values)
}

/// What reading a template leads to.
pub(super) fn reading(_: Product, template: &str) -> Reading {
    // Streams ask for tickets that nobody has.
    if template.ends_with("websocket") {
        return Reading::Refused(401);
    }
    let found = REFUSED.iter().find(|(known, _)| *known == template);
    found.map_or(Reading::Good, |(_, status)| Reading::Refused(*status))
}

/// Whether it is right that nothing leads to a template.
pub(super) fn is_unreachable(_: Product, template: &str) -> bool {
    UNREACHABLE
        .iter()
        .any(|known| template == *known || template.starts_with(&format!("{known}/")))
}

/// Whether a list's item leads nowhere: the state of now is in the list of snapshots, but is none.
pub(super) fn is_no_path(parameter: &str, value: &str) -> bool {
    parameter == "snapname" && value == "current"
}

/// Other names under which lists give the value of a parameter.
pub(super) fn keys(parameter: &str) -> &'static [&'static str] {
    match parameter {
        "volume" => &["volid"],
        "snapname" => &["name"],
        _ => &["id", "name"],
    }
}
