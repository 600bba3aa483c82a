//! What a person knows who walks through Datacenter Manager.

use super::Known;

/// All of it.
pub(super) const PDM: Known = Known {
    queries: &[
        (
            "/nodes/{node}/apt/changelog",
            "name=proxmox-datacenter-manager",
        ),
        (
            "/nodes/{node}/sdn/vnets/{vnet}/mac-vrf",
            "remote=e2e-cluster",
        ),
        (
            "/nodes/{node}/sdn/zones/{zone}/ip-vrf",
            "remote=e2e-cluster",
        ),
        ("/pbs/realms", "hostname=10.10.10.20"),
        (
            "/pbs/remotes/{remote}/nodes/{node}/apt/changelog",
            "name=proxmox-backup-server",
        ),
        ("/pve/realms", "hostname=10.10.10.11"),
        ("/pve/remotes/{remote}/lxc/{vmid}/config", "state=active"),
        (
            "/pve/remotes/{remote}/nodes/{node}/apt/changelog",
            "name=pve-manager",
        ),
        ("/pve/remotes/{remote}/qemu/{vmid}/config", "state=active"),
    ],
    families: &[("/rrddata", "timeframe=hour&cf=AVERAGE")],
    values: &[
        ("/pbs/remotes/{remote}/nodes/{node}", &["localhost"]),
        (
            "/pve/remotes/{remote}/nodes/{node}/sdn/vnets/{vnet}",
            &["wide"],
        ),
        (
            "/pve/remotes/{remote}/nodes/{node}/sdn/zones/{zone}",
            &["overlay"],
        ),
        ("/pve/remotes/{remote}", &["e2e-cluster"]),
        ("/pbs/remotes/{remote}", &["pbs01"]),
        ("/nodes/{node}/sdn/vnets/{vnet}", &["wide"]),
        ("/nodes/{node}/sdn/zones/{zone}", &["overlay"]),
    ],
    refused: &[],
    // The node in these paths is one of the remote, not the manager's own.
    either: &[
        ("/nodes/{node}/sdn/vnets/{vnet}/mac-vrf", 400),
        ("/nodes/{node}/sdn/zones/{zone}/ip-vrf", 400),
    ],
    unreachable: &[],
    sockets: 400,
};
