//! Realms, what a sync brings, and logins by somebody else's word.

use serde_json::{Value, json};

use super::*;

const LDAP: &str = "realm=ldap2&type=ldap&server1=10.0.0.1&base_dn=dc%3Dlab%2Cdc%3Dexample&user_attr=uid&password=bind&default=1";

const OPENID: &str =
    "realm=sso&type=openid&issuer-url=https://id.example/&client-id=lab&autocreate=1";

#[test]
fn a_realm_from_beginning_to_end() {
    let desk = desk();
    desk.must("POST /access/domains", LDAP);
    let read = desk.get("/access/domains/ldap2");
    assert_eq!(read["type"], "ldap");
    assert_eq!(read["base_dn"], "dc=lab,dc=example");
    assert_eq!(read["default"], 1);
    assert!(read.get("password").is_none());
    let digest = read["digest"].as_str().unwrap();
    let change = format!("comment=Second&delete=user_attr&digest={digest}");
    desk.must("PUT /access/domains/ldap2", &change);
    let stale = desk.ask("PUT /access/domains/ldap2", &change);
    assert!(
        stale.status.contains("detected modified configuration"),
        "{stale:?}"
    );
    desk.must("PUT /access/domains/pve", "default=1");
    let list = desk.get("/access/domains");
    let defaults = list
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["default"] == 1);
    let names: Vec<_> = defaults.map(|row| row["realm"].clone()).collect();
    assert_eq!(names, ["pve"]);
    let row = json!({"realm": "ldap2", "type": "ldap", "comment": "Second"});
    assert!(list.as_array().unwrap().contains(&row), "{list}");
    desk.must("POST /access/users", "userid=ann@ldap2");
    desk.must("DELETE /access/domains/ldap2", "");
    desk.must("DELETE /access/domains/pve", "");
    assert_eq!(desk.get("/access/domains").as_array().unwrap().len(), 3);
    holds(&desk);
    assert!(World::read(&desk.world().export()).is_ok());
}

#[test]
fn nobody_comes_in_from_a_realm_that_is_gone() {
    let mut desk = strict_desk();
    desk.log_in("root@pam");
    desk.must("POST /access/users", "userid=ann@lab-ldap");
    desk.change(|world| {
        let users = world.access.directory.users.iter_mut();
        users.for_each(|(_, user)| user.password = Some("s".to_owned()));
    });
    let log_in = || desk.ask("POST /access/ticket", "username=ann@lab-ldap&password=s");
    log_in().ok();
    desk.must("DELETE /access/domains/lab-ldap", "");
    assert_eq!(log_in().status, "401 authentication failure");
    assert!(desk.get("/access/users/ann@lab-ldap").is_object());
}

#[test]
fn refusals_about_realms() {
    check(
        &desk(),
        &[
            (
                "POST /access/domains",
                "realm=pve&type=pve",
                "500 add auth server failed: domain 'pve' already exists",
            ),
            (
                "POST /access/domains",
                "realm=two&type=pam",
                "500 add auth server failed: unable to create builtin type 'pam'",
            ),
            (
                "POST /access/domains",
                "realm=two&type=ldap&server1=10.0.0.1",
                "500 add auth server failed: missing value for required option 'base_dn'",
            ),
            (
                "POST /access/domains",
                "realm=two&type=openid&issuer-url=x&client-id=y&server1=10.0.0.1",
                "500 add auth server failed: unexpected property 'server1'",
            ),
            (
                "PUT /access/domains/two",
                "comment=x",
                "500 update auth server failed: domain 'two' does not exist",
            ),
            (
                "PUT /access/domains/pve",
                "",
                "500 update auth server failed: no options specified",
            ),
            (
                "PUT /access/domains/pve",
                "check-connection=1",
                "500 update auth server failed: 'check-connection' parameter can only be set for realms of type 'ldap' or 'ad'",
            ),
            (
                "GET /access/domains/two",
                "",
                "500 domain 'two' does not exist",
            ),
            (
                "DELETE /access/domains/two",
                "",
                "500 delete auth server failed: authentication domain 'two' does not exist",
            ),
        ],
    );
}

#[test]
fn refusals_about_syncs() {
    check(
        &desk(),
        &[
            (
                "POST /access/domains/two/sync",
                "scope=both",
                r#"400 Parameter verification failed. {"realm":"Realm does not exist."}"#,
            ),
            (
                "POST /access/domains/pve/sync",
                "scope=both",
                "500 Cannot sync realm type 'pve'! Only LDAP/AD realms can be synced.",
            ),
            (
                "POST /access/domains/lab-ldap/sync",
                "",
                r#"400 Parameter verification failed. {"scope":"Not passed as parameter and not defined in realm default sync options."}"#,
            ),
        ],
    );
}

#[test]
fn a_sync_brings_users_and_groups() {
    let desk = desk();
    let dry = desk.task("POST /access/domains/lab-ldap/sync", "scope=both&dry-run=1");
    assert!(dry.contains(":auth-realm-sync-test:lab-ldap:"), "{dry}");
    assert!(
        desk.ask("GET /access/users/lara@lab-ldap", "")
            .status
            .starts_with("500")
    );
    desk.must("POST /access/users", "userid=old@lab-ldap");
    desk.must(
        "PUT /access/domains/lab-ldap",
        "sync-defaults-options=scope%3Dboth",
    );
    let upid = desk.task("POST /access/domains/lab-ldap/sync", "");
    assert!(
        upid.contains(":auth-realm-sync:lab-ldap:root@pam:"),
        "{upid}"
    );
    assert_eq!(desk.get("/access/users/lara@lab-ldap")["firstname"], "Lara");
    let members = desk.get("/access/groups/people-lab-ldap");
    assert_eq!(
        members["members"],
        json!(["lara@lab-ldap", "milo@lab-ldap"])
    );
    desk.must("PUT /access/users/milo@lab-ldap", "comment=Own");
    let strict = "scope=users&remove-vanished=acl%3Bentry%3Bproperties&enable-new=0";
    desk.task("POST /access/domains/lab-ldap/sync", strict);
    assert!(
        desk.ask("GET /access/users/old@lab-ldap", "")
            .status
            .starts_with("500")
    );
    assert!(
        desk.get("/access/users/milo@lab-ldap")
            .get("comment")
            .is_none()
    );
    holds(&desk);
}

/// The state in a URL, as a provider sends it back.
fn state(url: &str) -> String {
    let query = url.split_once('?').unwrap().1;
    let mut pairs = crate::http::form::pairs(query, crate::http::form::Syntax::Standard);
    let found = pairs.find(|(name, _)| name == "state").unwrap();
    found.1.into_owned()
}

#[test]
fn logins_by_openid() {
    let mut desk = strict_desk();
    desk.log_in("root@pam");
    desk.must("POST /access/domains", OPENID);
    desk.change(|world| {
        let mut file = world.export();
        file["access"]["realms"]["sso"]["remote"] = json!({"users": {"ann": {"firstname": "Ann"}}});
        *world = World::read(&file).unwrap();
    });
    desk.send_with("x-nothing", "");
    let redirect = "redirect-url=https://pve:8006";
    let begin = |realm: &str| {
        desk.ask(
            "POST /access/openid/auth-url",
            &format!("realm={realm}&{redirect}"),
        )
    };
    let end = |state: &str, code: &str| {
        let body = format!("state={}&code={code}&{redirect}", escaped(state));
        desk.ask("POST /access/openid/login", &body)
    };
    let url = begin("sso").ok();
    let url = url.as_str().unwrap().to_owned();
    assert!(url.starts_with("https://id.example/authorize?response_type=code&client_id=lab&"));
    let data: Value = end(&state(&url), "code-for-ann").ok();
    assert_eq!(data["username"], "ann@sso");
    assert!(data["cap"].is_object() && data["CSRFPreventionToken"].is_string());
    assert_eq!(
        end(&state(&url), "code-for-ann").status,
        "401 authentication failure"
    );
    let again = state(begin("sso").ok().as_str().unwrap());
    assert_eq!(end(&again, "guessed").status, "401 authentication failure");
    assert_eq!(
        end("x", "code-for-ann").status,
        "401 authentication failure"
    );
    assert_eq!(begin("pve").status, "500 wrong realm type (pve != openid)");
    assert_eq!(
        begin("none").status,
        "500 authentication domain 'none' does not exist"
    );
    desk.log_in("root@pam");
    assert_eq!(desk.get("/access/users/ann@sso")["firstname"], "Ann");
    holds(&desk);
}
