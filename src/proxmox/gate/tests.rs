//! Each rule of the order of checks, product by product.

use super::testing::Hut;
use super::*;
use crate::proxmox::fault::{BadCredentials, Unreachable};
use crate::proxmox::permission::Denied;
use crate::proxmox::problem::Problem;

mod forms;
mod whole;

type Fields = Vec<(&'static str, String)>;

fn field(name: &'static str, value: &str) -> (&'static str, String) {
    (name, value.to_owned())
}

/// A change that everybody may ask for, with all that it needs.
fn write(product: Product) -> &'static str {
    match product {
        Product::Pve => "PUT /api2/json/access/acl?path=/&roles=NoAccess&users=joe@pam",
        Product::Pbs => "PUT /api2/json/access/acl?path=/&role=NoAccess&auth-id=joe@pam",
        Product::Pdm => "PUT /api2/json/access/acl?path=/&role=NoAccess&auth-id=joe@pam",
    }
}

/// What is said about the parameter `bad`.
fn bad() -> Fault {
    Fault::parameter("bad", Problem::Unknown.text(Product::Pve))
}

fn no_operation(method: &str, path: &str) -> Fault {
    Fault::NoOperation {
        method: method.to_owned(),
        path: path.to_owned(),
        full_path: format!("/api2/json{path}"),
    }
}

fn fault(hut: &Hut, line: &str, fields: &Fields, body: &str) -> Fault {
    match hut.ask(line, fields, body) {
        Err(fault) => fault,
        Ok(admitted) => panic!("{line} was admitted: {admitted:?}"),
    }
}

#[test]
fn senders_come_before_paths() {
    for product in Product::ALL {
        let hut = Hut::new(product, Mode::Strict, &[]);
        let none = Fields::new();
        assert_eq!(
            fault(&hut, "GET /api2/json/x", &none, ""),
            Fault::NoCredentials
        );
        let bad = vec![("cookie", format!("{}=x:y", product.cookies()[0]))];
        let want = Fault::BadCredentials(BadCredentials::Ticket);
        assert_eq!(fault(&hut, "GET /api2/json/x", &bad, ""), want);
        let root = hut.logged_in("root@pam");
        let found = fault(&hut, "GET /api2/json/x?q=1", &root, "");
        assert_eq!(found, no_operation("GET", "/x"));
        let found = fault(&hut, "PUT /api2/json/version", &root, "");
        assert_eq!(found, no_operation("PUT", "/version"));
    }
    let hut = Hut::new(Product::Pbs, Mode::Strict, &[]);
    let found = fault(
        &hut,
        "HEAD /api2/json/version",
        &hut.logged_in("root@pam"),
        "",
    );
    // A change by a ticket, as everything but GET is, here with its token.
    assert_eq!(found, no_operation("HEAD", "/version"));
}

#[test]
fn unknown_formats_come_after_senders_in_the_perl_product() {
    let hut = Hut::new(Product::Pve, Mode::Strict, &[]);
    let line = "GET /api2/html/version";
    assert_eq!(fault(&hut, line, &Fields::new(), ""), Fault::NoCredentials);
    let want = Fault::NoFormat {
        path: "/version".into(),
        format: "html".into(),
    };
    assert_eq!(fault(&hut, line, &hut.logged_in("root@pam"), ""), want);
    let hut = Hut::new(Product::Pdm, Mode::Strict, &[]);
    assert_eq!(fault(&hut, line, &Fields::new(), ""), want);
}

#[test]
fn open_operations_ask_nobody() {
    for product in Product::ALL {
        let hut = Hut::new(product, Mode::Strict, &[]);
        let bad = vec![("cookie", format!("{}=x:y", product.cookies()[0]))];
        for line in [
            "GET /api2/json/access/domains",
            "POST /api2/json/access/ticket?username=joe@pam&password=secret",
        ] {
            assert_eq!(hut.ask(line, &bad, "").unwrap().0, None, "{line}");
        }
    }
}

#[test]
fn senders_are_proven() {
    for product in Product::ALL {
        let hut = Hut::new(product, Mode::Strict, &[]);
        let check = |line: &str, fields: &Fields, want: Result<&str, Fault>| {
            let found = hut.ask(line, fields, "").map(|(who, _)| who.unwrap());
            assert_eq!(
                found,
                want.map(str::to_owned),
                "{product:?} {line} {fields:?}"
            );
        };
        let read = "GET /api2/json/version";
        let bad = |why| Err(Fault::BadCredentials(why));
        check(read, &hut.logged_in("joe@pam"), Ok("joe@pam"));
        check(read, &hut.with_token("joe@pam!mock"), Ok("joe@pam!mock"));
        let missing = BadCredentials::NoSuchUser("nobody@pam".into());
        check(read, &hut.logged_in("nobody@pam"), bad(missing.clone()));
        check(read, &hut.with_token("nobody@pam!mock"), bad(missing));
        let disabled = BadCredentials::Disabled("off@pam".into());
        check(read, &hut.logged_in("off@pam"), bad(disabled));
        let expired = BadCredentials::Expired("old@pam".into());
        check(read, &hut.logged_in("old@pam"), bad(expired));
        let past = BadCredentials::Expired("joe@pam!past".into());
        check(read, &hut.with_token("joe@pam!past"), bad(past));
        let unknown = BadCredentials::NoSuchToken {
            user: "joe@pam".into(),
            name: "other".into(),
        };
        check(read, &hut.with_token("joe@pam!other"), bad(unknown));
        let mut wrong = hut.with_token("joe@pam!mock");
        wrong[0].1.push('1');
        check(read, &wrong, bad(BadCredentials::Secret));
        let unreadable = vec![("authorization", format!("{}=joe", product.token_scheme()))];
        check(read, &unreadable, bad(BadCredentials::Secret));
    }
}

#[test]
fn changes_by_ticket_need_a_csrf_token() {
    for product in Product::ALL {
        let hut = Hut::new(product, Mode::Strict, &[]);
        let root = hut.logged_in("root@pam");
        let bare = vec![root[0].clone()];
        assert!(hut.ask("GET /api2/json/version", &bare, "").is_ok());
        let line = write(product);
        assert_eq!(fault(&hut, line, &bare, ""), Fault::BadCsrf);
        let crossed = vec![bare[0].clone(), hut.logged_in("joe@pam")[1].clone()];
        assert_eq!(fault(&hut, line, &crossed, ""), Fault::BadCsrf);
        // Found before the path is.
        assert_eq!(fault(&hut, "POST /api2/json/x", &bare, ""), Fault::BadCsrf);
        assert!(hut.ask(line, &root, "").is_ok());
    }
}

#[test]
fn conflicts_come_before_tokens_and_tokens_before_permissions() {
    let hut = Hut::new(Product::Pve, Mode::Strict, &[]);
    let joe = hut.logged_in("joe@pve");
    let line = "GET /api2/json/nodes/pve01/qemu/100/config?vmid=101&bad=1";
    let text = "duplicate parameter (already defined in URI) with conflicting values!";
    assert_eq!(fault(&hut, line, &joe, ""), Fault::parameter("vmid", text));
    let line = "GET /api2/json/nodes/pve01/qemu/100/config?vmid=100&bad=1";
    let denied = Fault::Denied(Denied::because("/vms/100, VM.Audit"));
    assert_eq!(fault(&hut, line, &joe, ""), denied);
    let token = hut.with_token("joe@pve!mock");
    let line = "POST /api2/json/access/tfa/root@pam?bad=1";
    let want = Fault::NoTokens("/access/tfa/root@pam".into());
    assert_eq!(fault(&hut, line, &token, ""), want);
}

#[test]
fn permissions_come_before_nodes_and_nodes_before_parameters() {
    let hut = Hut::new(Product::Pve, Mode::Strict, &["/vms ann@pve PVEAuditor"]);
    let (joe, ann) = (hut.logged_in("joe@pve"), hut.logged_in("ann@pve"));
    let path = |node: &str| format!("GET /api2/json/nodes/{node}/qemu/100/config?bad=1");
    let denied = Fault::Denied(Denied::because("/vms/100, VM.Audit"));
    assert_eq!(fault(&hut, &path("nowhere"), &joe, ""), denied);
    let unknown = Fault::no_such_node("nowhere");
    assert_eq!(fault(&hut, &path("nowhere"), &ann, ""), unknown);
    let offline = Fault::Unreachable(Unreachable::Connect, "No route to host".into());
    assert_eq!(fault(&hut, &path("pve03"), &ann, ""), offline);
    assert_eq!(fault(&hut, &path("pve02"), &ann, ""), bad());
    // Statistics are everywhere, so no node is asked.
    let line = "GET /api2/json/nodes/pve03/qemu/100/rrddata?timeframe=hour";
    assert!(hut.ask(line, &ann, "").is_ok());
    let line = "GET /api2/json/nodes/localhost/qemu/100/config";
    assert_eq!(hut.ask(line, &ann, "").unwrap().1["node"], "pve01");
}

#[test]
fn in_open_mode_all_are_who_they_say_they_are() {
    for product in Product::ALL {
        let hut = Hut::new(product, Mode::Open, &[]);
        let check = |line: &str, fields: &Fields, want: &str| {
            let who = hut.ask(line, fields, "").unwrap().0;
            assert_eq!(who.as_deref(), Some(want), "{product:?} {fields:?}");
        };
        let write = write(product);
        check(write, &Fields::new(), "root@pam");
        check(write, &hut.with_token("nobody@pam!any"), "nobody@pam!any");
        let prefix = product.ticket_prefix();
        let cookie = |ticket: &str| {
            let name = product.cookies()[0];
            vec![("cookie", format!("{name}={prefix}:{ticket}"))]
        };
        check(write, &cookie("joe@pam:00000000::made-up"), "joe@pam");
        check(write, &cookie("!tfa!x"), "root@pam");
        let bare = vec![(
            "authorization",
            format!("{}=joe@pam!me", product.token_scheme()),
        )];
        check(write, &bare, "joe@pam!me");
        let found = fault(&hut, "GET /api2/json/x", &Fields::new(), "");
        assert_eq!(found, no_operation("GET", "/x"));
    }
    // What is wrong with a request is wrong for everybody.
    let hut = Hut::new(Product::Pve, Mode::Open, &[]);
    let found = fault(
        &hut,
        "GET /api2/json/nodes/nowhere/status",
        &Fields::new(),
        "",
    );
    assert_eq!(found, Fault::no_such_node("nowhere"));
}

#[test]
fn rests_of_paths_are_values() {
    let hut = Hut::new(Product::Pve, Mode::Open, &[]);
    let base = "/api2/json/nodes/pve01/storage/local/content";
    for volume in [
        "local:iso/a.iso",
        "local%3Aiso%2Fa.iso",
        "local:iso//a.iso/",
    ] {
        let line = format!("GET {base}/{volume}");
        let given = hut.ask(&line, &Fields::new(), "").unwrap().1;
        assert_eq!(given["volume"], "local:iso/a.iso", "{volume}");
    }
    let line = "GET /api2/json/cluster/firewall/ipset/web/10.0.0.0/24";
    assert_eq!(
        hut.ask(line, &Fields::new(), "").unwrap().1["cidr"],
        "10.0.0.0/24"
    );
    assert!(hut.ask(&format!("GET {base}"), &Fields::new(), "").is_ok());
}
