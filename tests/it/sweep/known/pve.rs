//! What a person knows who walks through Proxmox VE.

use super::Known;

/// All of it.
pub(super) const PVE: Known = Known {
    queries: &[
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
        ("/nodes/{node}/vzdump/defaults", "storage=backup"),
        (
            "/nodes/{node}/vzdump/extractconfig",
            "volume=backup:101/vzdump-qemu-101-2026_01_01-00_00_00.vma.zst",
        ),
    ],
    families: &[
        ("/rrd", "timeframe=hour&ds=cpu"),
        ("/rrddata", "timeframe=hour"),
        ("vncwebsocket", "port=5900&vncticket=PVEVNC:1::x"),
        ("mtunnelwebsocket", "socket=/run/x&ticket=x"),
    ],
    values: &[
        // A tree, not a list.
        ("/nodes/{node}/ceph/osd/{osdid}", &["0"]),
        ("/nodes/{node}/disks/lvm/{name}", &["pve"]),
        ("/nodes/{node}/disks/lvmthin/{name}", &["data"]),
        ("/nodes/{node}/disks/directory/{name}", &["scratch"]),
        // Nothing lists these below a node, or below a map.
        ("/nodes/{node}/sdn/vnets/{vnet}", &["wide"]),
        ("/nodes/{node}/sdn/fabrics/{fabric}", &["spine"]),
        (
            "/cluster/sdn/route-maps/entries/{route-map-id}/entry/{order}",
            &["10"],
        ),
    ],
    refused: &[
        // No process of this number was begun.
        ("/nodes/{node}/qemu/{vmid}/agent/exec-status", 500),
        // The lab keeps its backups on file storages, and has no appliance to import.
        ("/nodes/{node}/storage/{storage}/file-restore/download", 500),
        ("/nodes/{node}/storage/{storage}/file-restore/list", 500),
        ("/nodes/{node}/storage/{storage}/import-metadata", 500),
    ],
    either: &[
        ("/nodes/{node}/ceph/osd/{osdid}/lv-info", 500),
        ("/nodes/{node}/ceph/osd/{osdid}/metadata", 500),
        ("/nodes/{node}/sdn/vnets/{vnet}/mac-vrf", 400),
        ("/nodes/{node}/sdn/zones/{zone}/ip-vrf", 400),
        ("/nodes/{node}/storage/{storage}/prunebackups", 500),
        // Groups became rules in 9.
        ("/cluster/ha/groups", 500),
    ],
    unreachable: &["/cluster/ha/groups/{group}"],
    // Streams ask for tickets that nobody has.
    sockets: 401,
};
