//! Answers that are of another type than the product declares.
//!
//! A client meets the product, not its description; so these answers are the product's, and the document that is
//! served says of them only what is true.

use crate::proxmox::product::Product;

/// Whether the answer to a `GET` of this template is of another type than declared.
pub fn is_otherwise(product: Product, template: &str) -> bool {
    match product {
        // The free number is a text (proxmox.md 4.0).
        Product::Pve => template == "/cluster/nextid",
        Product::Pbs => BACKUP.contains(&template),
        Product::Pdm => MANAGER.contains(&template),
    }
}

/// The members of the answer to a `GET` of this template, or of the items of its list, that are of another type than
/// declared: Perl writes a text for what it read as one and never counted with, a number for what it made one of, and
/// a truth value as JSON's where it passes one on.
pub fn members_otherwise(product: Product, template: &str) -> &'static [&'static str] {
    let known = CLUSTER.iter().find(|(known, _)| *known == template);
    let members = known.map(|(_, members)| *members);
    members.filter(|_| product == Product::Pve).unwrap_or(&[])
}

/// Those of Proxmox VE.
const CLUSTER: &[(&str, &[&str])] = &[
    // Numbers of `/etc/network/interfaces` (`PVE::Network::Interfaces`).
    (
        "/nodes/{node}/network",
        &["mtu", "netmask6", "ovs_tag", "vlan-id", "vxlan-id"],
    ),
    // Numbers that may have a fraction (`check_type`); whole ones are numbers, of `pending` too.
    (
        "/nodes/{node}/qemu/{vmid}/config",
        &["cpulimit", "migrate_downtime"],
    ),
    ("/nodes/{node}/lxc/{vmid}/config", &["cpulimit"]),
    ("/nodes/{node}/qemu/{vmid}/pending", PENDING),
    ("/nodes/{node}/lxc/{vmid}/pending", PENDING),
    // Truth values of Ceph, and of `JSON::true`.
    (
        "/nodes/{node}/capabilities/qemu/migration",
        &["has-dbus-vmstate"],
    ),
    ("/nodes/{node}/ceph/cmd-safety", &["safe"]),
    ("/nodes/{node}/ceph/mds", DAEMON),
    ("/nodes/{node}/ceph/mgr", DAEMON),
    ("/nodes/{node}/ceph/mon", DAEMON),
    (
        "/nodes/{node}/ceph/pool/{name}/status",
        &[
            "fast_read",
            "hashpspool",
            "nodeep-scrub",
            "nodelete",
            "nopgchange",
            "noscrub",
            "nosizechange",
            "use_gmt_hitset",
            "write_fadvise_dontneed",
        ],
    ),
    // The position in the path is given back (`get_rule` of pve-firewall).
    ("/cluster/firewall/rules/{pos}", POSITION),
    ("/cluster/firewall/groups/{group}/{pos}", POSITION),
    ("/cluster/sdn/vnets/{vnet}/firewall/rules/{pos}", POSITION),
    ("/nodes/{node}/firewall/rules/{pos}", POSITION),
    ("/nodes/{node}/qemu/{vmid}/firewall/rules/{pos}", POSITION),
    ("/nodes/{node}/lxc/{vmid}/firewall/rules/{pos}", POSITION),
];

const DAEMON: &[&str] = &["direxists", "quorum", "service"];

const PENDING: &[&str] = &["value", "pending"];

const POSITION: &[&str] = &["pos"];

/// Those of Backup Server (proxmox.md 4.11, proxbox.md 2.7).
const BACKUP: &[&str] = &[
    // Files of a snapshot are declared as texts where objects are given.
    "/admin/datastore/{store}/snapshots",
    // The id of a task is declared where the text is given.
    "/nodes/{node}/apt/changelog",
    // An object is declared as closed to which the product adds members.
    "/nodes/{node}/disks/zfs/{name}",
];

/// Those of Datacenter Manager, by what its own source gives.
const MANAGER: &[&str] = &[
    // The status is declared where lines are given.
    "/pve/remotes/{remote}/tasks/{upid}/log",
    "/nodes/{node}/tasks/{upid}/log",
    // The status of a node is declared where its subscription is given.
    "/pve/remotes/{remote}/nodes/{node}/subscription",
    // What high availability says is declared as an object without members.
    "/pve/remotes/{remote}/qemu/{vmid}/status",
    "/pve/remotes/{remote}/lxc/{vmid}/status",
    // Lists of interfaces are declared as if they had one item.
    "/pve/remotes/{remote}/nodes/{node}/network",
    // Networks are declared without the type that all resources have.
    "/resources/list",
    // One route is declared where a list of them is given.
    "/pve/remotes/{remote}/nodes/{node}/sdn/vnets/{vnet}/mac-vrf",
    "/pve/remotes/{remote}/nodes/{node}/sdn/zones/{zone}/ip-vrf",
    "/nodes/{node}/sdn/vnets/{vnet}/mac-vrf",
    "/nodes/{node}/sdn/zones/{zone}/ip-vrf",
    // The list of resources is declared where counts are given.
    "/resources/status",
    // Two hundred devices and three hundred mount points are declared as if each container had them all.
    "/pve/remotes/{remote}/lxc/{vmid}/config",
    "/pve/remotes/{remote}/qemu/{vmid}/config",
    // Objects that are closed and empty are declared where there are any members.
    "/ceph/clusters/{cluster}/status",
    "/ceph/clusters/{cluster}/osd-tree",
    "/ceph/clusters/{cluster}/pools",
    // Ids are declared that are those of Backup Server; remotes stand before them.
    "/remotes/tasks/list",
    // Files are declared as texts where objects are given.
    "/pbs/remotes/{remote}/datastore/{datastore}/snapshots",
];
