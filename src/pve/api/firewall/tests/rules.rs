//! Rules and the groups that hold them.

use super::*;

#[test]
fn a_life_of_rules_at_every_level() {
    for path in RULES {
        let desk = desk();
        let kind = if path.contains("/sdn/") {
            "forward"
        } else {
            "in"
        };
        let known = desk.get(path).as_array().unwrap().len();
        let new = |port: u16| format!("type={kind}&action=ACCEPT&proto=tcp&dport={port}");
        for port in [3, 2, 1] {
            desk.must(&format!("POST {path}"), &new(port));
        }
        let list = desk.get(path);
        assert_eq!(list.as_array().unwrap().len(), known + 3, "{path}");
        assert_eq!(
            column(&list, "dport")[..3],
            [json!("1"), json!("2"), json!("3")]
        );
        assert_eq!(column(&list, "pos")[..3], [0, 1, 2]);
        assert_eq!(list[0]["enable"], 0);

        desk.must(&format!("PUT {path}/0"), "moveto=2&comment=ignored");
        assert_eq!(
            column(&desk.get(path), "dport")[..3],
            [json!("2"), json!("1"), json!("3")]
        );
        desk.must(&format!("PUT {path}/1"), "moveto=0");
        desk.must(
            &format!("PUT {path}/0"),
            "enable=1&comment=First&log=info&source=10.0.0.0/8",
        );
        let one = desk.get(&format!("{path}/0"));
        assert_eq!(
            (&one["enable"], &one["comment"]),
            (&json!(1), &json!("First"))
        );
        assert_eq!((&one["ipversion"], &one["dport"]), (&json!(4), &json!("1")));
        let digest = one["digest"].as_str().unwrap();
        desk.must(
            &format!("PUT {path}/0"),
            &format!("delete=comment,log&digest={digest}"),
        );
        let one = desk.get(&format!("{path}/0"));
        assert_eq!(one.get("comment"), None);
        assert_ne!(one["digest"], *digest);

        desk.must(&format!("DELETE {path}/0"), "");
        assert_eq!(
            column(&desk.get(path), "dport")[..2],
            [json!("2"), json!("3")]
        );
        desk.must(&format!("PUT {path}/0"), "moveto=99");
        assert_eq!(desk.get(&format!("{path}/{}", known + 1))["dport"], "2");
        holds(&desk);
    }
}

#[test]
fn rules_that_changed_or_are_not_there() {
    for path in RULES {
        let desk = desk();
        let one = desk.get(&format!("{path}/0"));
        let digest = one["digest"].as_str().unwrap();
        desk.must(
            &format!("PUT {path}/0"),
            &format!("comment=x&digest={digest}"),
        );
        let stale = "500 detected modified configuration - file changed by other user? Try again.";
        let line = format!("PUT {path}/0");
        refused(&desk, &line, &format!("digest={digest}"), stale);
        refused(
            &desk,
            &format!("DELETE {path}/0?digest={digest}"),
            "",
            stale,
        );
        for method in ["GET", "PUT", "DELETE"] {
            let line = format!("{method} {path}/77");
            refused(&desk, &line, "", "500 no rule at position 77");
        }
    }
}

const CLUSTER: &str = "POST /cluster/firewall/rules";
const GUEST: &str = "POST /nodes/pve01/qemu/101/firewall/rules";

/// Calls, what they say, and what is wrong with that.
const SENSELESS: &[(&str, &str, &str)] = &[
    (
        CLUSTER,
        "type=in&action=ALLOW",
        "action: unknown action 'ALLOW'",
    ),
    (
        GUEST,
        "type=forward&action=ACCEPT",
        "type: invalid rule type 'forward' for rule_env 'vm'",
    ),
    (
        "POST /cluster/firewall/groups/web",
        "type=group&action=web",
        "type: invalid rule type 'group' for rule_env 'group'",
    ),
    (
        CLUSTER,
        "type=forward&action=REJECT",
        "action: cannot define REJECT rules on forward chain",
    ),
    (
        GUEST,
        "type=in&action=DROP&iface=eth0",
        "iface: value does not match the regex pattern 'net\\d+'",
    ),
    (
        "POST /cluster/firewall/groups/web",
        "type=in&action=DROP&iface=eth0",
        "type: parameter -i not allowed for this rule type",
    ),
    (
        CLUSTER,
        "type=in&action=DROP&macro=Nothing",
        "macro: unknown macro 'Nothing'",
    ),
    (
        CLUSTER,
        "type=in&action=DROP&macro=SSH&proto=udp",
        "proto: parameter 'proto' already define in macro (value = 'tcp')",
    ),
    (
        CLUSTER,
        "type=in&action=DROP&dport=22",
        "proto: missing property - 'dport' requires this property",
    ),
    (
        CLUSTER,
        "type=in&action=DROP&proto=gre&sport=22",
        "sport: protocol 'gre' does not support ports",
    ),
    (
        CLUSTER,
        "type=in&action=DROP&icmp-type=echo-request",
        "proto: missing property - 'icmp-type' requires this property",
    ),
    (
        CLUSTER,
        "type=in&action=DROP&source=%2Bgone",
        "source: no such ipset 'gone'",
    ),
    (
        CLUSTER,
        "type=in&action=DROP&dest=nowhere",
        "dest: no such alias 'nowhere'",
    ),
    (
        CLUSTER,
        "type=in&action=DROP&source=10.0.0.1&dest=fd00::1",
        "dest: detected mixed ipv4/ipv6 addresses in rule",
    ),
    (
        "PUT /cluster/firewall/rules/0",
        "delete=type",
        "delete: unable to delete required property 'type'",
    ),
    (
        "PUT /cluster/firewall/rules/0",
        "delete=colour",
        "delete: no such property ('colour')",
    ),
];

#[test]
fn rules_that_make_no_sense() {
    let desk = desk();
    for (line, body, text) in SENSELESS {
        refused(&desk, line, body, text);
    }
    for body in [
        "type=in&action=DROP&macro=ssh",
        "type=in&action=ACCEPT&proto=icmp&icmp-type=echo-request",
        "type=in&action=ACCEPT&source=%2Bmanagement&dest=gateway",
        "type=in&action=ACCEPT&source=%2Bsdn/labnet-all",
        "type=group&action=web",
    ] {
        desk.must(CLUSTER, body);
    }
    assert_eq!(desk.get("/cluster/firewall/rules/4")["macro"], "SSH");
    assert_eq!(desk.get("/cluster/firewall/rules/3")["ipversion"], 4);
    desk.must(
        GUEST,
        "type=in&action=ACCEPT&iface=net0&source=%2Btesters&dest=tester",
    );
    holds(&desk);
}

#[test]
fn security_groups() {
    let desk = desk();
    desk.must(
        "POST /cluster/firewall/groups",
        "group=db&comment=Databases",
    );
    refused(
        &desk,
        "POST /cluster/firewall/groups",
        "group=db",
        "group: Security group 'db' already exists",
    );
    refused(
        &desk,
        "POST /cluster/firewall/groups",
        "group=x1&rename=x2",
        "group: Security group 'x2' does not exist",
    );
    refused(
        &desk,
        "POST /cluster/firewall/groups",
        "group=db&rename=web",
        "group: Security group 'db' does already exist",
    );
    desk.must(
        "POST /cluster/firewall/groups/db",
        "type=in&action=ACCEPT&macro=PostgreSQL",
    );
    refused(
        &desk,
        "DELETE /cluster/firewall/groups/db",
        "",
        "500 Security group 'db' is not empty",
    );
    desk.must("DELETE /cluster/firewall/groups/db/0", "");
    desk.must("DELETE /cluster/firewall/groups/db", "");
    let gone = "500 no such security group 'db'";
    refused(&desk, "GET /cluster/firewall/groups/db", "", gone);
    refused(&desk, "DELETE /cluster/firewall/groups/db", "", gone);
    holds(&desk);
}

#[test]
fn rules_follow_their_group_to_its_new_name() {
    let desk = desk();
    desk.must("POST /cluster/firewall/groups", "group=db");
    desk.must("POST /cluster/firewall/groups", "group=site&rename=web");
    assert_eq!(
        column(&desk.get("/cluster/firewall/groups"), "group"),
        ["db", "site"]
    );
    assert_eq!(
        desk.get("/cluster/firewall/groups/site")
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(desk.get("/cluster/firewall/rules/1")["action"], "site");
    assert_eq!(
        desk.get("/nodes/pve01/qemu/103/firewall/rules/0")["action"],
        "site"
    );
    desk.must(
        "POST /cluster/firewall/groups",
        "group=db&rename=db&comment=Other",
    );
    assert_eq!(desk.get("/cluster/firewall/groups")[0]["comment"], "Other");
    holds(&desk);
}
