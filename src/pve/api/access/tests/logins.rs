//! Passwords, tickets and what they open.

use serde_json::json;

use super::*;
use crate::proxmox::identity::UserId;

fn log_in(desk: &Desk<World>, name: &str, password: &str) -> Got {
    let password = escaped(password);
    let body = format!("username={name}&password={password}&new-format=1");
    desk.ask("POST /access/ticket", &body)
}

/// A desk that knows `ann@pve` and hears the superuser.
fn with_ann() -> Desk<World> {
    let mut desk = strict_desk();
    desk.log_in("root@pam");
    let user = "userid=ann@pve&password=secret-secret&groups=auditors";
    desk.must("POST /access/users", user);
    desk
}

const FAILED: &str = "401 authentication failure";

#[test]
fn a_new_user_comes_in_at_once() {
    let desk = with_ann();
    let data = log_in(&desk, "ann@pve", "secret-secret").ok();
    assert_eq!(data["username"], "ann@pve");
    assert_eq!(data["clustername"], "e2e-cluster");
    assert_eq!(data["cap"]["vms"]["VM.Audit"], 1);
    let ticket = data["ticket"].as_str().unwrap();
    assert!(ticket.starts_with("PVE:ann@pve:"));
    log_in(&desk, "ann@pve", ticket).ok();
    for (name, password) in [
        ("ann@pve", "wrong"),
        ("bob@pve", "secret-secret"),
        ("x", "y"),
    ] {
        assert_eq!(log_in(&desk, name, password).status, FAILED);
    }
    desk.must("PUT /access/users/ann@pve", "enable=0");
    assert_eq!(log_in(&desk, "ann@pve", "secret-secret").status, FAILED);
    desk.must("PUT /access/users/ann@pve", "enable=1&expire=1000");
    assert_eq!(log_in(&desk, "ann@pve", "secret-secret").status, FAILED);
}

#[test]
fn new_passwords() {
    let mut desk = with_ann();
    desk.log_in("ann@pve");
    let change = |password: &str, confirmation: &str| {
        let body = format!("userid=ann@pve&password={password}{confirmation}");
        desk.ask("PUT /access/password", &body)
    };
    let errors = json!({"confirmation-password": "password is required to modify user"});
    let want = format!("400 Parameter verification failed. {errors}");
    assert_eq!(refused(&change("new-secret", "")), want);
    let wrong = change("new-secret", "&confirmation-password=wrong");
    assert_eq!(wrong.status, "500 invalid credentials");
    change("new-secret", "&confirmation-password=secret-secret").ok();
    assert_eq!(log_in(&desk, "ann@pve", "secret-secret").status, FAILED);
    log_in(&desk, "ann@pve", "new-secret").ok();
    let root = "userid=root@pam&password=new-secret&confirmation-password=new-secret";
    let root = desk.ask("PUT /access/password", root);
    assert!(root.status.starts_with("403 Permission check failed"));
    desk.log_in("root@pam");
    desk.must("PUT /access/password", "userid=ann@pve&password=12345678");
    log_in(&desk, "ann@pve", "12345678").ok();
    desk.must("POST /access/users", "userid=lou@lab-ldap");
    let ldap = "userid=lou@lab-ldap&password=12345678";
    let ldap = desk.ask("PUT /access/password", ldap);
    assert_eq!(ldap.status, "500 can't set password on auth type 'ldap'");
}

#[test]
fn releases_before_confirmation() {
    let desk = desk_of("7.4");
    desk.must("PUT /access/password", "userid=auditor@pve&password=12345");
    let known = UserId::parse("auditor@pve", crate::proxmox::Product::Pve).unwrap();
    assert!(desk.world().access.directory.password_fits(&known, "12345"));
    assert_eq!(desk.get("/access/ticket"), json!(null));
    let nobody = desk.ask("PUT /access/password", "userid=ann@pve&password=12345");
    assert_eq!(nobody.status, "500 no such user ('ann@pve')");
}

#[test]
fn realms_that_ignore_case() {
    let mut desk = strict_desk();
    desk.log_in("root@pam");
    desk.must("PUT /access/domains/lab-ldap", "case-sensitive=0");
    desk.must("POST /access/users", "userid=Ann@lab-ldap");
    let again = desk.ask("POST /access/users", "userid=ann@lab-ldap");
    assert_eq!(
        again.status,
        "500 create user failed: user 'Ann@lab-ldap' already exists"
    );
    desk.change(|world| {
        let ann = UserId::parse("Ann@lab-ldap", crate::proxmox::Product::Pve).unwrap();
        world.access.directory.users.get_mut(&ann).unwrap().password = Some("s".into());
    });
    let data = desk.must(
        "POST /access/ticket",
        "username=aNN&realm=lab-ldap&password=s",
    );
    assert_eq!(data["username"], "Ann@lab-ldap");
}

#[test]
fn tickets_of_consoles() {
    let desk = strict_desk();
    let context = crate::proxmox::call::testing::context(crate::proxmox::Edition::Pve9);
    let root = UserId::root().into();
    let foreign = context.signer.console(&root, "/vms/101", 5900, desk.now());
    let own = |path: &str| desk.signer().console(&root, path, 5900, desk.now());
    let verify = |ticket: &str, path: &str| {
        let body = format!(
            "authid=root@pam&vncticket={}&path={path}&privs=VM.Console&port=5900",
            escaped(ticket)
        );
        desk.ask("POST /access/vncticket", &body).status
    };
    assert!(verify(&own("/vms/101"), "/vms/101").starts_with("200"));
    assert_eq!(
        verify(&own("/vms/102"), "/vms/101"),
        "401 authentication failure"
    );
    assert_eq!(verify(&foreign, "/vms/101"), "401 authentication failure");
    assert_eq!(verify("x", "/v ms"), "401 authentication failure");
}
