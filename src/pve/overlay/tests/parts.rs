//! One part of the world at a time.

use super::*;

#[test]
fn other_nodes() {
    let (world, remarks) = laid_of(&json!({
        "/cluster/status": [
            {"type": "cluster", "name": "site-b", "version": 7},
            {"type": "node", "name": "b1", "nodeid": 4, "ip": "10.9.0.1", "online": 1},
            {"type": "node", "name": "b2", "nodeid": 4, "ip": "10.9.0.2", "online": 0},
            {"type": "node", "name": "no name"},
        ],
        "/nodes/b1/qemu": [{"vmid": 900, "name": "x", "status": "running", "maxmem": 1 << 30, "maxdisk": 8 << 30}],
    }));
    assert_eq!(invariants(&world), [""; 0]);
    assert_eq!(world.cluster.name.as_deref(), Some("site-b"));
    let nodes: Vec<_> = world
        .nodes
        .iter()
        .map(|(name, node)| (name.as_str(), node.id))
        .collect();
    assert_eq!(nodes, [("b1", 4), ("b2", 1)]);
    let guests: Vec<_> = world.guests.keys().map(ToString::to_string).collect();
    assert_eq!(guests, ["900"]);
    assert!(world.ha.resources.is_empty() && world.replication.is_empty());
    assert_eq!(remarks.len(), 1, "{remarks:?}");
}

#[test]
fn single_things() {
    let (world, remarks) = laid_of(&json!({
        "/nodes/pve02/lxc/300/config": {
            "hostname": "new", "memory": 256, "rootfs": "tank-zfs:subvol-300-disk-0,size=2G",
            "net0": "name=eth0,bridge=vmbr7", "mp0": "nonsense",
        },
        "/nodes/pve01/qemu/101/status/current": {"status": "running", "qmpstatus": "paused", "name": "e2e-qemu-101"},
        "/nodes/pve03/network": [
            {"iface": "lo", "type": "loopback"},
            {"iface": "vmbr0", "type": "bridge", "address": "10.1.1.1", "netmask": "255.255.255.0", "autostart": 1},
        ],
        "/cluster/something/new": {"a": true},
    }));
    assert_eq!(invariants(&world), [""; 0]);
    let names: Vec<String> = world
        .guests
        .iter()
        .map(|(vmid, guest)| guest.name(*vmid))
        .collect();
    assert_eq!((names.len(), names[10].as_str()), (11, "new"));
    let guest = |vmid: &str| &world.guests[&vmid.parse().unwrap()];
    assert_eq!(
        guest("101").status,
        crate::pve::world::guest::Status::Paused
    );
    assert_eq!(guest("300").config.text("memory"), Some("256"));
    let network = &world.nodes[&"pve03".parse().unwrap()].network;
    assert_eq!(network["vmbr0"].cidr.as_deref(), Some("10.1.1.1/24"));
    assert_eq!(remarks.len(), 2, "{remarks:?}");
}
