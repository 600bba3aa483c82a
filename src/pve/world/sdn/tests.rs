//! What is written, what runs, and what nodes have loaded.

use serde_json::json;

use super::*;

fn sdn() -> Sdn {
    let file = json!({
        "running": {
            "zones": {"z": {"type": "simple", "nodes": "pve01,pve02"}},
            "vnets": {"v": {"type": "vnet", "zone": "z"}},
            "subnets": {"z-10.0.0.0-24": {"type": "subnet", "vnet": "v", "gateway": "10.0.0.1"}},
        },
    });
    serde_json::from_value(file).unwrap()
}

#[test]
fn what_is_written_waits_until_it_is_applied() {
    let mut sdn = sdn();
    sdn.write(|written| {
        written.vnets.0.remove("v");
    });
    assert!(sdn.written().vnets.0.is_empty());
    assert!(!sdn.view(View::Running).vnets.0.is_empty());
    let version = sdn.commit();
    assert!(sdn.running.vnets.0.is_empty());
    assert_eq!((sdn.pending.as_ref(), sdn.is_loaded()), (None, false));
    sdn.load(version);
    assert!(sdn.is_loaded());
}

#[test]
fn what_is_written_back_is_no_change() {
    let mut sdn = sdn();
    let before = sdn.clone();
    let vnet = sdn.running.vnets.0["v"].clone();
    sdn.write(|written| written.vnets.0.clear());
    assert!(sdn.pending.is_some());
    sdn.write(|written| {
        written.vnets.0.insert("v".to_owned(), vnet);
    });
    assert_eq!(sdn, before);
}

#[test]
fn subnets_by_their_ids() {
    let check = |id: &str, zone: &str, cidr: &str| {
        assert_eq!(zone_of(id), zone);
        assert_eq!(
            cidr_of(id).map(|cidr| cidr.to_string()).unwrap_or_default(),
            cidr
        );
    };
    check("z-10.0.0.0-24", "z", "10.0.0.0/24");
    check("z-fd00::-64", "z", "fd00::/64");
    check("z", "", "");
    check("z-x-y", "z", "");
    let sdn = sdn();
    let found = |sdn: &Sdn, address: &str| {
        let found = sdn.subnet_for("v", address.parse().unwrap());
        found.map(|(id, _)| id.to_owned())
    };
    assert_eq!(found(&sdn, "10.0.0.7").as_deref(), Some("z-10.0.0.0-24"));
    assert_eq!(found(&sdn, "10.0.1.7"), None);
}

#[test]
fn gateways_are_in_the_list_of_addresses() {
    let mut sdn = sdn();
    let id = "z-10.0.0.0-24";
    sdn.register(id);
    assert!(sdn.addresses.is_empty(), "nobody keeps it");
    let pve = serde_json::from_value(json!({"type": "simple", "ipam": "pve"})).unwrap();
    sdn.running.zones.0.insert("z".to_owned(), pve);
    sdn.register(id);
    sdn.register(id);
    assert_eq!(sdn.addresses[id].len(), 1);
    assert!(!sdn.is_used(id));
    sdn.write(|written| written.subnets.0.clear());
    sdn.register(id);
    assert!(sdn.addresses.is_empty());
}

#[test]
fn zones_name_their_nodes() {
    let sdn = sdn();
    let on = |node: &str| is_on(&sdn.running.zones.0["z"], &node.parse().unwrap());
    assert_eq!((on("pve01"), on("pve02"), on("pve03")), (true, true, false));
    assert!(sdn.has_ip_set("v-gateway"));
    assert!(!sdn.has_ip_set("v-other"));
}
