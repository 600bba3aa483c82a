//! Aliases, sets and what refers to them.

use super::*;

/// The levels that have names.
const NAMES: &[&str] = &[
    "/cluster/firewall",
    "/nodes/pve01/qemu/101/firewall",
    "/nodes/pve01/lxc/102/firewall",
];

#[test]
fn a_life_of_aliases() {
    for base in NAMES {
        let desk = desk();
        let path = format!("{base}/aliases");
        desk.must(
            &format!("POST {path}"),
            "name=Server&cidr=10.1.2.3/32&comment=One",
        );
        refused(
            &desk,
            &format!("POST {path}"),
            "name=server&cidr=10.1.2.4",
            "name: alias 'server' already exists",
        );
        let one = desk.get(&format!("{path}/server"));
        assert_eq!(
            (&one["name"], &one["cidr"]),
            (&json!("Server"), &json!("10.1.2.3"))
        );
        assert_eq!(
            (&one["ipversion"], &one["comment"]),
            (&json!(4), &json!("One"))
        );
        let digest = one["digest"].as_str().unwrap();
        let change = format!("cidr=fd00::/64&rename=Servers&digest={digest}");
        desk.must(&format!("PUT {path}/Server"), &change);
        let one = desk.get(&format!("{path}/Servers"));
        assert_eq!((&one["ipversion"], one.get("comment")), (&json!(6), None));
        refused(
            &desk,
            &format!("PUT {path}/Servers"),
            &change,
            "500 detected modified configuration - file changed by other user? Try again.",
        );
        desk.must(&format!("POST {path}"), "name=other&cidr=10.0.0.0/8");
        refused(
            &desk,
            &format!("PUT {path}/other"),
            "cidr=10.0.0.0/8&rename=servers",
            "name: alias 'servers' already exists",
        );
        refused(
            &desk,
            &format!("GET {path}/Server"),
            "",
            "name: no such alias",
        );
        refused(
            &desk,
            &format!("PUT {path}/Server"),
            "cidr=10.0.0.1",
            "name: no such alias",
        );
        desk.must(&format!("DELETE {path}/Servers"), "");
        desk.must(&format!("DELETE {path}/Servers"), "");
        holds(&desk);
    }
}

#[test]
fn a_life_of_sets() {
    for base in NAMES {
        let desk = desk();
        let path = format!("{base}/ipset");
        desk.must(&format!("POST {path}"), "name=ops&comment=People");
        refused(
            &desk,
            &format!("POST {path}"),
            "name=ops",
            "name: IPSet 'ops' already exists",
        );
        desk.must(
            &format!("POST {path}/ops"),
            "cidr=10.9.8.7/16&comment=House",
        );
        desk.must(&format!("POST {path}/ops"), "cidr=10.9.1.1/32&nomatch=1");
        desk.must(&format!("POST {path}/ops"), "cidr=dc/gateway");
        refused(
            &desk,
            &format!("POST {path}/ops"),
            "cidr=10.9.0.0/16",
            "cidr: address '10.9.0.0/16' already exists",
        );
        refused(
            &desk,
            &format!("POST {path}/ops"),
            "cidr=0.0.0.0/0",
            "cidr: a zero prefix is not allowed in ipset entries",
        );
        refused(
            &desk,
            &format!("POST {path}/ops"),
            "cidr=dc/gone",
            "500 no such alias 'gone'",
        );
        desk.must(&format!("POST {path}/ops"), "cidr=2001:0DB8::00FF");
        desk.must(&format!("POST {path}/ops"), "cidr=2001:0DB8:1::00FF/64");
        let list = desk.get(&format!("{path}/ops"));
        assert_eq!(
            column(&list, "cidr"),
            [
                "10.9.0.0/16",
                "10.9.1.1",
                "2001:0DB8::00FF",
                "2001:db8:1::/64",
                "dc/gateway"
            ]
        );
        assert_eq!(
            (&list[1]["nomatch"], list[0].get("nomatch")),
            (&json!(1), None)
        );

        holds(&desk);
    }
}

#[test]
fn addresses_in_a_set_and_its_end() {
    for base in NAMES {
        let desk = desk();
        let path = format!("{base}/ipset");
        desk.must(&format!("POST {path}"), "name=ops");
        desk.must(
            &format!("POST {path}/ops"),
            "cidr=10.9.0.0/16&comment=House",
        );
        desk.must(&format!("POST {path}/ops"), "cidr=10.9.1.1");
        // The rest of the path is the address, written either way.
        for written in ["10.9.0.0/16", "10.9.0.0%2F16"] {
            assert_eq!(
                desk.get(&format!("{path}/ops/{written}"))["comment"],
                "House"
            );
        }
        let entry = format!("{path}/ops/10.9.0.0/16");
        desk.must(&format!("PUT {entry}"), "nomatch=1");
        let read = desk.get(&entry);
        assert_eq!((&read["nomatch"], read.get("comment")), (&json!(1), None));
        let missing = "cidr: no such IP/Network";
        refused(&desk, &format!("GET {path}/ops/10.0.0.1"), "", missing);
        refused(
            &desk,
            &format!("PUT {path}/ops/10.0.0.1"),
            "comment=x",
            missing,
        );
        let digest = read["digest"].as_str().unwrap();
        desk.must(&format!("DELETE {entry}?digest={digest}"), "");
        refused(
            &desk,
            &format!("DELETE {path}/ops/10.9.1.1?digest={digest}"),
            "",
            "500 detected modified configuration - file changed by other user? Try again.",
        );
        holds(&desk);
    }
}

#[test]
fn another_name_for_a_set_and_its_end() {
    for base in NAMES {
        let desk = desk();
        let path = format!("{base}/ipset");
        desk.must(&format!("POST {path}"), "name=ops");
        desk.must(&format!("POST {path}/ops"), "cidr=10.9.1.1");
        desk.must(&format!("POST {path}"), "name=crew&rename=ops");
        refused(
            &desk,
            &format!("GET {path}/ops"),
            "",
            "500 no such IPSet 'ops'",
        );
        assert_eq!(
            desk.get(&format!("{path}/crew")).as_array().unwrap().len(),
            1
        );
        refused(
            &desk,
            &format!("DELETE {path}/crew"),
            "",
            "500 IPSet 'crew' is not empty",
        );
        desk.must(&format!("DELETE {path}/crew?force=1"), "");
        refused(
            &desk,
            &format!("DELETE {path}/crew"),
            "",
            "500 no such IPSet 'crew'",
        );
        holds(&desk);
    }
}

#[test]
fn references_have_a_scope() {
    let desk = desk();
    let scopes = |path: &str| {
        let mut scopes = column(&desk.get(path), "scope");
        scopes.dedup();
        scopes
    };
    assert_eq!(scopes("/cluster/firewall/refs"), ["sdn", "dc"]);
    assert_eq!(
        scopes("/nodes/pve01/qemu/101/firewall/refs"),
        ["dc", "sdn", "guest"]
    );
    let aliases = desk.get("/cluster/firewall/refs?type=alias");
    assert_eq!(
        aliases,
        json!([{"type": "alias", "name": "gateway", "ref": "gateway", "scope": "dc", "comment": "The way out"}])
    );
    let sets = desk.get("/nodes/pve01/qemu/103/firewall/refs?type=ipset");
    assert_eq!(sets[0]["ref"], "+management");
}
