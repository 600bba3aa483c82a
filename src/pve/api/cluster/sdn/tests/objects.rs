//! Zones, networks, subnets, controllers and helpers: what they demand of each other.

use super::*;

/// How a wrong parameter reads inside the failure of a whole.
fn wrong(what: &str, name: &str, text: &str) -> String {
    format!("{what} failed: 400 Parameter verification failed.\n{name}: {text}")
}

#[test]
fn zones_of_every_type() {
    let desk = desk();
    for body in [
        "zone=z1&type=simple&mtu=1400&nodes=pve01,pve02",
        "zone=z2&type=vlan&bridge=vmbr1",
        "zone=z3&type=qinq&bridge=vmbr1&tag=30&vlan-protocol=802.1ad",
        "zone=z4&type=vxlan&peers=10.10.10.11,10.10.10.12",
        "zone=z5&type=evpn&controller=fabric&vrf-vxlan=20000",
    ] {
        desk.must("POST /cluster/sdn/zones", body);
    }
    let zone = desk.get("/cluster/sdn/zones/z5");
    assert!(zone["mac"].as_str().unwrap().starts_with("BC:24:11:"));
    let create = "create sdn zone object";
    for (body, message) in [
        (
            "zone=z1&type=simple",
            format!("{create} failed: sdn zone object ID 'z1' already defined"),
        ),
        (
            "zone=z9&type=vlan",
            format!("{create} failed: missing value for required option 'bridge'"),
        ),
        (
            "zone=z9&type=simple&bridge=vmbr0",
            format!("{create} failed: unexpected property 'bridge'"),
        ),
        (
            "zone=z9&type=simple&dns=gone",
            wrong(create, "dns", "gone don't exist"),
        ),
        (
            "zone=z9&type=simple&dnszone=a.example",
            wrong(create, "dnszone", "missing dns server"),
        ),
        (
            "zone=z9&type=simple&ipam=gone",
            wrong(create, "ipam", "gone not existing"),
        ),
        (
            "zone=z9&type=vxlan",
            wrong(
                create,
                "peers",
                "must have exactly one of peers / fabric defined",
            ),
        ),
        (
            "zone=z9&type=evpn&controller=gone&vrf-vxlan=7",
            format!("{create} failed: controller gone don't exist"),
        ),
        (
            "zone=z9&type=evpn&controller=fabric&vrf-vxlan=20000",
            format!("{create} failed: vrf-vxlan 20000 is already declared in z5"),
        ),
    ] {
        refused(&desk, "POST /cluster/sdn/zones", body, &message);
    }
    sound(&desk);
}

#[test]
fn a_life_of_a_zone() {
    let desk = desk();
    let zone = desk.get("/cluster/sdn/zones/lanes");
    let digest = zone["digest"].as_str().unwrap();
    desk.must(
        "PUT /cluster/sdn/zones/lanes",
        &format!("mtu=9000&delete=nodes&digest={digest}"),
    );
    let zone = desk.get("/cluster/sdn/zones/lanes");
    assert_eq!((&zone["mtu"], zone.get("nodes")), (&json!(9000), None));
    let update = "update sdn zone object failed";
    let stale = "detected modified configuration - file changed by other user? Try again.";
    for (body, text) in [
        (format!("mtu=1&digest={digest}"), stale),
        (
            "delete=bridge".to_owned(),
            "unable to delete required option 'bridge'",
        ),
        ("delete=colour".to_owned(), "no such option 'colour'"),
        (
            "delete=mtu&mtu=1".to_owned(),
            "cannot set and delete property 'mtu' at the same time!",
        ),
        ("peers=10.0.0.1".to_owned(), "unexpected property 'peers'"),
    ] {
        refused(
            &desk,
            "PUT /cluster/sdn/zones/lanes",
            &body,
            &format!("{update}: {text}"),
        );
    }
    refused(
        &desk,
        "PUT /cluster/sdn/zones/lab",
        "delete=ipam",
        &wrong(
            "update sdn zone object",
            "ipam",
            "can't change ipam if a subnet is already defined in this zone",
        ),
    );
    refused(
        &desk,
        "DELETE /cluster/sdn/zones/lanes",
        "",
        "delete sdn zone object failed: zone lanes is used by vnet lane20",
    );
    let gone = "sdn 'gone' does not exist";
    refused(&desk, "GET /cluster/sdn/zones/gone", "", gone);
    refused(
        &desk,
        "PUT /cluster/sdn/zones/gone",
        "mtu=1",
        &format!("{update}: {gone}"),
    );
    desk.must("DELETE /cluster/sdn/vnets/lane20", "");
    desk.must("DELETE /cluster/sdn/zones/lanes", "");
    assert_eq!(
        column(&desk.get("/cluster/sdn/zones?type=vlan"), "zone"),
        [] as [&str; 0]
    );
    // The nodes still have it.
    assert_eq!(desk.get("/nodes/pve01/sdn/zones")[1]["zone"], "lanes");
    sound(&desk);
}

#[test]
fn networks_and_their_numbers() {
    let desk = desk();
    desk.must(
        "POST /cluster/sdn/zones",
        "zone=q1&type=qinq&bridge=vmbr1&tag=30",
    );
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
    let update = "update sdn vnet object";
    refused(
        &desk,
        "PUT /cluster/sdn/vnets/labnet",
        "zone=q1",
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
    sound(&desk);
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
    let missing = "sdn subnet 'lab-10.9.0.0-24' does not exist";
    refused(&desk, &format!("GET {path}/lab-10.9.0.0-24"), "", missing);
    refused(
        &desk,
        &format!("DELETE {path}/lab-10.9.0.0-24"),
        "",
        &format!("delete sdn subnet object failed: {missing}"),
    );
    desk.must("POST /cluster/sdn/rollback", "");
    assert_eq!(taken(), ["10.21.0.2"]);
    sound(&desk);
}

#[test]
fn controllers_and_helpers() {
    let desk = desk();
    let post = "POST /cluster/sdn/controllers";
    desk.must(
        post,
        "controller=bgp1&type=bgp&node=pve01&asn=65001&peers=10.0.0.1",
    );
    refused(
        &desk,
        post,
        "controller=more&type=evpn&asn=65000",
        "create sdn controller object failed: must have exactly one of peers / fabric defined",
    );
    refused(
        &desk,
        "DELETE /cluster/sdn/controllers/fabric",
        "",
        "delete sdn controller object failed: controller fabric is used by overlay",
    );
    desk.must("DELETE /cluster/sdn/controllers/bgp1", "");
    refused(
        &desk_of("8.4"),
        post,
        "controller=more&type=evpn&asn=65000&peers=10.0.0.1",
        "create sdn controller object failed: only 1 global evpn controller can be defined",
    );

    desk.must(
        "POST /cluster/sdn/ipams",
        "ipam=box&type=netbox&url=http://10.0.0.1&token=t",
    );
    refused(
        &desk,
        "POST /cluster/sdn/ipams",
        "ipam=box2&type=netbox&url=http://10.0.0.1",
        "create sdn ipam object failed: missing value for required option 'token'",
    );
    refused(
        &desk,
        "GET /cluster/sdn/ipams/box/status",
        "",
        "Currently only PVE IPAM is supported!",
    );
    desk.must("PUT /cluster/sdn/dns/labdns", "ttl=60");
    assert_eq!(desk.get("/cluster/sdn/dns/labdns")["ttl"], 60);
    refused(
        &desk,
        "POST /cluster/sdn/dns",
        "dns=labdns&type=powerdns&url=http://10.0.0.1&key=k",
        "create sdn dns object failed: sdn dns object ID 'labdns' already defined",
    );
    desk.must("DELETE /cluster/sdn/dns/labdns", "");
    assert_eq!(desk.world().sdn.pending, None);
    sound(&desk);
}
