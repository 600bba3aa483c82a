//! Changing the network of a node: what is refused, what is pending, what applies.

use serde_json::{Value, json};

use crate::pve::testing::{desk, desk_of, holds};

fn row(list: &Value, name: &str) -> Value {
    let rows = list.as_array().unwrap();
    let found = rows.iter().find(|row| row["iface"] == name);
    found.cloned().unwrap_or(Value::Null)
}

#[test]
fn the_lab_shows_its_network() {
    for release in ["7.4", "8.4", "9.2"] {
        let desk = desk_of(release);
        let list = desk.get("/nodes/pve01/network");
        assert_eq!(list.as_array().unwrap().len(), 6);
        let bridge = row(&list, "vmbr0");
        assert_eq!(bridge["cidr"], "10.10.10.11/24");
        assert_eq!(bridge["address"], "10.10.10.11");
        assert_eq!(bridge["netmask"], "24");
        assert_eq!(bridge["bridge_ports"], "bond0");
        assert_eq!(bridge["active"], 1);
        assert_eq!(bridge["families"], json!(["inet"]));
        assert_eq!(row(&list, "eno1")["exists"], 1);
        let vlan = row(&list, "vmbr0.20");
        assert_eq!(
            (&vlan["vlan-id"], &vlan["vlan-raw-device"]),
            (&json!("20"), &json!("vmbr0"))
        );
        assert_eq!(desk.get("/nodes/pve01/network/lo")["type"], "loopback");
        let bridges = desk.get("/nodes/pve01/network?type=any_bridge");
        // Two of the node, three of the cluster.
        assert_eq!(bridges.as_array().unwrap().len(), 5);
    }
    let all = desk().get("/nodes/pve01/network?type=include_sdn");
    assert_eq!(row(&all, "labnet")["type"], "vnet");
    assert_eq!(row(&all, "spine")["type"], "fabric");
}

#[test]
fn a_bridge_is_made_changed_reverted_and_applied() {
    let desk = desk();
    let path = "/nodes/pve01/network";
    desk.must(
        &format!("POST {path}"),
        "iface=vmbr7&type=bridge&cidr=10.77.0.1/24&autostart=1&comments=for+tests&bridge_vlan_aware=1",
    );
    let got = desk.ask(&format!("GET {path}"), "");
    let changes = got.body["changes"].as_str().unwrap();
    assert!(
        changes.starts_with("--- /etc/network/interfaces\t"),
        "{changes}"
    );
    assert!(
        changes.contains("\n+auto vmbr7\n+iface vmbr7 inet static\n+\taddress 10.77.0.1/24\n"),
        "{changes}"
    );
    let new = row(&got.body["data"], "vmbr7");
    assert_eq!(new["active"], Value::Null);
    assert_eq!(new["comments"], "for tests\n");
    assert_eq!(new["bridge_vids"], "2-4094");
    assert!(
        !desk.world().nodes["pve01".parse().as_ref().unwrap()]
            .network
            .contains_key("vmbr7")
    );

    desk.must(&format!("DELETE {path}"), "");
    let got = desk.ask(&format!("GET {path}"), "");
    assert_eq!(got.body.get("changes"), None);
    assert_eq!(row(&got.body["data"], "vmbr7"), Value::Null);

    desk.must(
        &format!("POST {path}"),
        "iface=vmbr7&type=bridge&cidr6=fd00::1/64",
    );
    let upid = desk.task(&format!("PUT {path}"), "");
    assert!(upid.contains(":srvreload:networking:"), "{upid}");
    let got = desk.ask(&format!("GET {path}"), "");
    assert_eq!(got.body.get("changes"), None);
    let bridge = desk.get("/nodes/pve01/network/vmbr7");
    assert_eq!(bridge["families"], json!(["inet6"]));
    assert_eq!(
        (&bridge["method"], &bridge["method6"]),
        (&json!("manual"), &json!("static"))
    );

    desk.must(
        &format!("PUT {path}/vmbr7"),
        "type=bridge&cidr=10.78.0.1/24&delete=cidr6&mtu=1400",
    );
    let bridge = desk.get("/nodes/pve01/network/vmbr7");
    assert_eq!(
        (&bridge["cidr"], &bridge["cidr6"]),
        (&json!("10.78.0.1/24"), &Value::Null)
    );
    assert_eq!(bridge["mtu"], "1400");
    desk.must(&format!("DELETE {path}/vmbr7"), "");
    desk.task(&format!("PUT {path}"), "");
    assert_eq!(row(&desk.get(path), "vmbr7"), Value::Null);
    holds(&desk);
}

/// Method and path below the network, form, parameter, text.
const WRONG: &[(&str, &str, &str, &str)] = &[
    (
        "POST ",
        "iface=vmbr0&type=bridge",
        "iface",
        "interface already exists",
    ),
    (
        "POST ",
        "iface=lo&type=eth",
        "iface",
        "interface already exists",
    ),
    (
        "PUT /vmbr9",
        "type=bridge",
        "iface",
        "interface does not exist",
    ),
    ("DELETE /vmbr9", "", "iface", "interface does not exist"),
    ("GET /vmbr9", "", "iface", "interface does not exist"),
    (
        "POST ",
        "iface=vmbr9&type=bridge&gateway=10.0.0.1",
        "gateway",
        "Default gateway already exists on interface 'vmbr0'.",
    ),
    (
        "POST ",
        "iface=vmbr9&type=bridge&bridge_ports=eno1",
        "bridge_ports",
        "eno1 is already used on interface 'bond0'.",
    ),
    (
        "POST ",
        "iface=vmbr9&type=bridge&cidr=10.0.0.1/24&address=10.0.0.1&netmask=255.255.255.0",
        "address",
        "address conflicts with cidr",
    ),
    (
        "POST ",
        "iface=vmbr9&type=bridge&cidr6=ff02::1/64",
        "address",
        "ff02::1 with type 'MULTICAST', cannot be used as host IPv6 address.",
    ),
    (
        "POST ",
        "iface=bond1&type=OVSBond",
        "ovs_bridge",
        "parameter is required",
    ),
    (
        "POST ",
        "iface=bond1&type=OVSBond&ovs_bridge=vmbr5",
        "ovs_bridge",
        "bridge 'vmbr5' does not exist",
    ),
    (
        "POST ",
        "iface=bond1&type=OVSBond&ovs_bridge=vmbr0",
        "ovs_bridge",
        "interface 'vmbr0' is no OVS bridge",
    ),
];

/// The same without a parameter.
const IMPOSSIBLE: &[(&str, &str, &str)] = &[
    (
        "POST ",
        "iface=vmbr9&type=bridge&bridge_ports=eno9",
        "bridge 'vmbr9' - unable to find bridge port 'eno9'",
    ),
    (
        "POST ",
        "iface=eno9.5&type=vlan",
        "vlan 'eno9.5' - unable to find parent 'eno9'",
    ),
    (
        "POST ",
        "iface=lane&type=vlan",
        "missing vlan-raw-device option",
    ),
    (
        "POST ",
        "iface=bond7&type=bond&slaves=vmbr1",
        "bond 'bond7' - wrong interface type on slave 'vmbr1' ('bridge' != 'eth or bond')",
    ),
    (
        "POST ",
        "iface=vmbr9&type=bridge&bridge_ports=vmbr0.20",
        "iface vmbr0.20 - ip address can't be set on interface if bridged in vmbr9",
    ),
    (
        "POST ",
        "iface=vmbr1.9&type=vlan&mtu=9000",
        "interface 'vmbr1' - mtu 1500 is lower than 'vmbr1.9' - mtu 9000",
    ),
    (
        "DELETE /bond0",
        "",
        "bridge 'vmbr0' - unable to find bridge port 'bond0'",
    ),
];

#[test]
fn what_cannot_be() {
    let desk = desk();
    let ask = |line: &str, body: &str| {
        let (method, path) = line.split_once(' ').unwrap();
        desk.ask(&format!("{method} /nodes/pve01/network{path}"), body)
    };
    for (line, body, name, text) in WRONG {
        let got = ask(line, body);
        assert_eq!(
            got.status, "400 Parameter verification failed.",
            "{line} {body}"
        );
        assert_eq!(got.body["errors"], json!({ *name: text }), "{line} {body}");
    }
    for (line, body, text) in IMPOSSIBLE {
        let got = ask(line, body);
        assert_eq!(got.status, format!("500 {text}"), "{line} {body}");
    }
    let got = desk.ask("GET /nodes/pve01/network", "");
    assert_eq!(got.body.get("changes"), None, "nothing is half changed");
}

#[test]
fn open_vswitch_and_vlans() {
    let desk = desk();
    let path = "/nodes/pve03/network";
    desk.must(
        &format!("PUT {path}/bond0"),
        "type=bond&slaves=eno1&bond_mode=active-backup&bond-primary=eno1",
    );
    desk.must(
        &format!("POST {path}"),
        "iface=vmbr5&type=OVSBridge&ovs_ports=eno2&autostart=1",
    );
    desk.must(
        &format!("POST {path}"),
        "iface=lane5&type=OVSIntPort&ovs_bridge=vmbr5&ovs_tag=5&cidr=10.5.0.3/24",
    );
    desk.must(
        &format!("POST {path}"),
        "iface=lane&type=vlan&vlan-raw-device=vmbr1&vlan-id=30",
    );
    desk.task(&format!("PUT {path}"), "");
    let list = desk.get(path);
    assert_eq!(row(&list, "vmbr5")["ovs_ports"], "eno2 lane5");
    assert_eq!(row(&list, "eno2")["type"], "OVSPort");
    assert_eq!(row(&list, "lane5")["ovs_tag"], "5");
    assert_eq!(row(&list, "lane")["vlan-id"], "30");
    desk.must(&format!("DELETE {path}/lane5"), "");
    assert_eq!(desk.get("/nodes/pve03/network/vmbr5")["ovs_ports"], "eno2");
    desk.must(&format!("DELETE {path}/vmbr5"), "");
    assert_eq!(desk.get("/nodes/pve03/network/eno2")["type"], "eth");
}
