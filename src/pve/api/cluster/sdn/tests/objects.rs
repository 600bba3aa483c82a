//! Zones, controllers and helpers: what they demand of each other.

use super::*;

/// How a wrong parameter reads inside the failure of a whole.
pub(super) fn wrong(what: &str, name: &str, text: &str) -> String {
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
    holds(&desk);
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
    holds(&desk);
}

#[test]
fn zones_in_use() {
    let desk = desk();
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
    let update = "update sdn zone object failed";
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
    holds(&desk);
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
    holds(&desk);
}
