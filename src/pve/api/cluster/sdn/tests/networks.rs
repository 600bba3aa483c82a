//! Networks, their subnets, and the addresses in them.

use super::objects::wrong;
use super::*;

#[test]
fn networks_and_their_numbers() {
    let desk = desk();
    desk.must(
        "POST /cluster/sdn/zones",
        "zone=x1&type=vxlan&peers=10.10.10.11",
    );
    let create = "create sdn vnet object";
    for (body, message) in [
        (
            "vnet=labnet&zone=lab",
            format!("{create} failed: sdn vnet object ID 'labnet' already defined"),
        ),
        (
            "vnet=n1&zone=gone",
            format!("{create} failed: cannot lookup undefined type!"),
        ),
        (
            "vnet=n1&zone=lab&tag=5",
            wrong(create, "tag", "vlan tag is not allowed on simple zone"),
        ),
        (
            "vnet=n1&zone=lanes",
            wrong(create, "tag", "missing vlan tag"),
        ),
        (
            "vnet=n1&zone=lanes&tag=5000",
            wrong(create, "tag", "vlan tag max value is 4096"),
        ),
        (
            "vnet=n1&zone=lanes&tag=20",
            wrong(create, "tag", "tag 20 already exist in vnet lane20"),
        ),
        ("vnet=n1&zone=x1", wrong(create, "tag", "missing vxlan tag")),
        (
            "vnet=n1&zone=x1&tag=11000",
            wrong(
                create,
                "tag",
                "vxlan tag 11000 already exist in vnet wide in zone overlay",
            ),
        ),
        (
            "vnet=n1&zone=overlay&tag=11001&vlanaware=1",
            wrong(
                create,
                "vlan-aware",
                "vlan-aware option can't be enabled with evpn",
            ),
        ),
    ] {
        refused(&desk, "POST /cluster/sdn/vnets", body, &message);
    }
    holds(&desk);
}

#[test]
fn numbers_are_unique_in_their_zone() {
    let desk = desk();
    let create = "create sdn vnet object";
    desk.must(
        "POST /cluster/sdn/zones",
        "zone=q1&type=qinq&bridge=vmbr1&tag=30",
    );
    desk.must("POST /cluster/sdn/vnets", "vnet=q1a&zone=q1&tag=20");
    refused(
        &desk,
        "POST /cluster/sdn/vnets",
        "vnet=q1b&zone=q1&tag=20",
        &wrong(create, "tag", "tag 20 already exist in zone q1 vnet q1a"),
    );
    desk.must(
        "PUT /cluster/sdn/vnets/q1a",
        "tag=21&alias=Inner&vlanaware=1",
    );
    assert_eq!(desk.get("/cluster/sdn/vnets/q1a")["vlanaware"], 1);
    holds(&desk);
}

#[test]
fn networks_with_subnets() {
    let desk = desk();
    let update = "update sdn vnet object";
    refused(
        &desk,
        "PUT /cluster/sdn/vnets/labnet",
        "zone=overlay",
        &wrong(update, "zone", "can't change zone if subnets exist"),
    );
    refused(
        &desk,
        "PUT /cluster/sdn/vnets/labnet",
        "vlanaware=1",
        &wrong(
            update,
            "vlanaware",
            "vlanaware vnet is not compatible with subnets",
        ),
    );
    refused(
        &desk,
        "DELETE /cluster/sdn/vnets/labnet",
        "",
        &wrong(
            "delete sdn vnet object",
            "vnet",
            "Can't delete vnet if subnets exists",
        ),
    );
    for method in ["GET", "PUT", "DELETE"] {
        let line = format!("{method} /cluster/sdn/vnets/gone");
        refused(&desk, &line, "", "sdn vnet 'gone' does not exist");
    }
    holds(&desk);
}

#[test]
fn subnets_and_their_addresses() {
    let desk = desk();
    let path = "/cluster/sdn/vnets/labnet/subnets";
    let create = "create sdn subnet object";
    let post = format!("POST {path}");
    for (body, message) in [
        (
            "subnet=10.20.0.0/24&type=subnet",
            format!("{create} failed: sdn subnet object ID 'lab-10.20.0.0-24' already defined"),
        ),
        (
            "subnet=10.21.0.0/24&type=subnet&gateway=10.22.0.1",
            wrong(create, "gateway", "10.22.0.1 is not in subnet 10.21.0.0/24"),
        ),
        (
            "subnet=10.21.0.0/24&type=subnet&dhcp-range=start-address%3D10.22.0.1,end-address%3D10.22.0.9",
            wrong(
                create,
                "dhcp-range",
                "start-address 10.22.0.1 is not in subnet 10.21.0.0/24",
            ),
        ),
    ] {
        refused(&desk, &post, body, &message);
    }
    let range = "dhcp-range=start-address%3D10.21.0.10,end-address%3D10.21.0.20";
    desk.must(
        &post,
        &format!("subnet=10.21.0.0/24&type=subnet&gateway=10.21.0.1&snat=1&{range}"),
    );
    let one = format!("{path}/lab-10.21.0.0-24");
    let read = desk.get(&one);
    assert_eq!(
        read["dhcp-range"],
        json!([{"start-address": "10.21.0.10", "end-address": "10.21.0.20"}])
    );
    assert_eq!(
        (&read["network"], &read["mask"]),
        (&json!("10.21.0.0"), &json!("24"))
    );
    desk.must(&format!("PUT {one}"), "gateway=10.21.0.2&delete=snat");
    assert_eq!(desk.get(&one).get("snat"), None);
    desk.must(&format!("DELETE {one}"), "");
    let missing = "sdn subnet 'lab-10.9.0.0-24' does not exist";
    refused(&desk, &format!("GET {path}/lab-10.9.0.0-24"), "", missing);
    refused(
        &desk,
        &format!("DELETE {path}/lab-10.9.0.0-24"),
        "",
        &format!("delete sdn subnet object failed: {missing}"),
    );
    holds(&desk);
}

#[test]
fn addresses_that_are_taken() {
    let desk = desk();
    let path = "/cluster/sdn/vnets/labnet/subnets";
    let one = format!("{path}/lab-10.21.0.0-24");
    let new = "subnet=10.21.0.0/24&type=subnet&gateway=10.21.0.2";
    desk.must(&format!("POST {path}"), new);
    desk.task("PUT /cluster/sdn", "");
    let taken = || {
        let list = desk.get("/cluster/sdn/ipams/pve/status");
        let own = list
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["subnet"] == "10.21.0.0/24");
        own.map(|one| one["ip"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(taken(), ["10.21.0.2"]);
    let ips = "/cluster/sdn/vnets/labnet/ips";
    let entry = |ip: &str| format!("zone=lab&ip={ip}&mac=BC:24:11:00:00:0A");
    desk.must(&format!("POST {ips}"), &entry("10.21.0.9"));
    refused(
        &desk,
        &format!("POST {ips}"),
        &entry("10.21.0.9"),
        "IP '10.21.0.9' already exist",
    );
    refused(
        &desk,
        &format!("POST {ips}"),
        &entry("10.99.0.9"),
        "can't find any subnet for ip 10.99.0.9",
    );
    desk.must(&format!("PUT {ips}"), &(entry("10.21.0.8") + "&vmid=101"));
    assert_eq!(taken(), ["10.21.0.2", "10.21.0.8"]);
    refused(
        &desk,
        &format!("DELETE {one}"),
        "",
        "delete sdn subnet object failed: cannot delete subnet '10.21.0.0/24', not empty",
    );
    desk.must(&format!("DELETE {ips}?{}", entry("10.21.0.8")), "");
    let gone = "IP '10.21.0.8' does not exist in IPAM DB";
    refused(
        &desk,
        &format!("DELETE {ips}?{}", entry("10.21.0.8")),
        "",
        gone,
    );
    desk.must(&format!("DELETE {one}"), "");
    assert_eq!(taken(), [] as [&str; 0]);
    desk.must("POST /cluster/sdn/rollback", "");
    assert_eq!(taken(), ["10.21.0.2"]);
    holds(&desk);
}
