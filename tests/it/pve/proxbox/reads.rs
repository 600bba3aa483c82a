//! Everything else that it reads: before each of its stages, and for its own pages (proxbox.md 2.3 to 2.5).

use super::*;

#[test]
fn firewall() {
    let rule: &[(&str, Type)] = &[
        ("pos", Type::Whole),
        ("type", Type::Text),
        ("action", Type::Text),
        ("enable?", Type::Whole),
        ("comment?", Type::Text),
    ];
    for consumer in Consumer::all() {
        consumer.typed("cluster/firewall/rules", rule);
        for group in consumer.typed("cluster/firewall/groups", &[("group", Type::Text)]) {
            let name = group["group"].as_str().unwrap();
            consumer.typed(&format!("cluster/firewall/groups/{name}"), rule);
        }
        for set in consumer.typed("cluster/firewall/ipset", &[("name", Type::Text)]) {
            let name = set["name"].as_str().unwrap();
            consumer.typed(
                &format!("cluster/firewall/ipset/{name}"),
                &[("cidr", Type::Text)],
            );
        }
        consumer.typed(
            "cluster/firewall/aliases",
            &[("name", Type::Text), ("cidr", Type::Text)],
        );
        consumer.object("cluster/firewall/options", &[("enable?", Type::Whole)]);
        for node in consumer.nodes() {
            consumer.typed(&format!("nodes/{node}/firewall/rules"), rule);
            consumer.object(&format!("nodes/{node}/firewall/options"), &[]);
        }
        for guest in ["nodes/pve01/qemu/101", "nodes/pve01/lxc/102"] {
            consumer.rows(&format!("{guest}/firewall"));
            consumer.typed(&format!("{guest}/firewall/rules"), rule);
            consumer.typed(
                &format!("{guest}/firewall/aliases"),
                &[("name", Type::Text)],
            );
            for set in consumer.rows(&format!("{guest}/firewall/ipset")) {
                let name = set["name"].as_str().unwrap();
                consumer.typed(
                    &format!("{guest}/firewall/ipset/{name}"),
                    &[("cidr", Type::Text)],
                );
            }
            consumer.object(&format!("{guest}/firewall/options"), &[]);
        }
    }
}

#[test]
fn nodes() {
    for consumer in Consumer::all() {
        assert_eq!(consumer.nodes(), ["pve01", "pve02", "pve03"]);
        for node in consumer.nodes() {
            let interfaces = consumer.typed(
                &format!("nodes/{node}/network"),
                &[
                    ("iface", Type::Text),
                    ("type", Type::Text),
                    ("active?", Type::Truth),
                    ("cidr?", Type::Text),
                    ("address?", Type::Text),
                    ("netmask?", Type::TextOrWhole),
                    ("bridge_ports?", Type::Text),
                    ("slaves?", Type::Text),
                    ("vlan-id?", Type::TextOrWhole),
                    ("vlan-raw-device?", Type::Text),
                ],
            );
            assert!(texts(&interfaces, "iface").contains(&"vmbr0".to_owned()));
            consumer.object(&format!("nodes/{node}/config"), &[]);
            consumer.typed(
                &format!("nodes/{node}/qemu"),
                &[("vmid", Type::Whole), ("name", Type::Text)],
            );
            consumer.typed(
                &format!("nodes/{node}/lxc"),
                &[("vmid", Type::TextOrWhole), ("name", Type::Text)],
            );
            consumer.rows(&format!("nodes/{node}/disks/zfs"));
            consumer.rows(&format!("nodes/{node}/storage?content=vztmpl"));
        }
        consumer.object("nodes/pve01/disks/zfs/tank", &[("name", Type::Text)]);
    }
}

#[test]
fn the_datacenter() {
    for consumer in Consumer::all() {
        let options = consumer.object("cluster/options", &[("keyboard?", Type::Text)]);
        assert!(!options["tag-style"].is_null(), "{options}");
        consumer.typed("cluster/qemu/custom-cpu-models", &[("cputype", Type::Text)]);
        for path in ["nodes", "pools", "storage", "access", "cluster"] {
            consumer.rows(path);
        }
        let next = consumer.read("cluster/nextid");
        assert_eq!(next, "100");
        consumer.object(
            "access/users/root@pam/token/e2e",
            &[("privsep", Type::Truth)],
        );
        consumer.read("cluster/metrics/export");
    }
}

#[test]
fn high_availability() {
    for consumer in Consumer::all() {
        let rows = consumer.typed(
            "cluster/ha/status/current",
            &[
                ("id", Type::Text),
                ("type", Type::Text),
                ("node?", Type::Text),
                ("status", Type::Text),
                ("state?", Type::Text),
                ("sid?", Type::Text),
                ("crm_state?", Type::Text),
                ("request_state?", Type::Text),
                ("quorate?", Type::Truth),
                ("timestamp?", Type::Whole),
            ],
        );
        row(&rows, "type", "quorum");
        for resource in consumer.typed("cluster/ha/resources", &[("sid", Type::Text)]) {
            let sid = resource["sid"].as_str().unwrap();
            consumer.object(
                &format!("cluster/ha/resources/{sid}"),
                &[("sid", Type::Text)],
            );
        }
        for rule in consumer.typed(
            "cluster/ha/rules",
            &[("rule", Type::Text), ("type", Type::Text)],
        ) {
            let name = rule["rule"].as_str().unwrap();
            consumer.object(&format!("cluster/ha/rules/{name}"), &[("rule", Type::Text)]);
        }
        consumer.read("cluster/ha/status/manager_status");
        let groups = consumer.ask("cluster/ha/groups");
        assert_eq!(groups.status(), 500);
        assert!(
            groups.head.reason.contains("migrated to rules"),
            "{}",
            groups.head.reason
        );
    }
}

#[test]
fn networks() {
    for consumer in Consumer::all() {
        for list in [
            "controllers",
            "zones",
            "vnets",
            "fabrics/all",
            "route-maps",
            "prefix-lists",
        ] {
            consumer.read(&format!("cluster/sdn/{list}"));
        }
        for vnet in consumer.typed(
            "cluster/sdn/vnets",
            &[("vnet", Type::Text), ("zone", Type::Text)],
        ) {
            let name = vnet["vnet"].as_str().unwrap();
            consumer.typed(
                &format!("cluster/sdn/vnets/{name}/subnets"),
                &[("subnet", Type::Text)],
            );
        }
        for zone in consumer.typed(
            "nodes/pve01/sdn/zones",
            &[("zone", Type::Text), ("status", Type::Text)],
        ) {
            let name = zone["zone"].as_str().unwrap();
            consumer.rows(&format!("nodes/pve01/sdn/zones/{name}/content"));
        }
    }
}

#[test]
fn ceph() {
    for consumer in Consumer::all() {
        consumer.object("cluster/ceph/status", &[("health", Type::Object)]);
        consumer.object("cluster/ceph/metadata", &[]);
        consumer.rows("cluster/ceph/flags");
        for list in ["pool", "mon", "mgr", "mds", "fs", "rules"] {
            consumer.rows(&format!("nodes/pve01/ceph/{list}"));
        }
    }
}
