//! Users, groups and tokens.

use serde_json::{Value, json};

use super::*;

fn named<'a>(rows: &'a Value, key: &str, name: &str) -> &'a Value {
    let mut rows = rows.as_array().unwrap().iter();
    rows.find(|row| row[key] == name).unwrap()
}

#[test]
fn a_user_from_beginning_to_end() {
    let desk = desk();
    desk.must("POST /access/groups", "groupid=new&comment=New+ones");
    let user = "userid=ann@pve&groups=new,operators&password=secret-secret&email=a@b.example&expire=1900000000&comment=Hi";
    desk.must("POST /access/users", user);
    let read = desk.get("/access/users/ann@pve");
    let want = json!({
        "enable": 1, "expire": 1_900_000_000, "email": "a@b.example", "comment": "Hi",
        "groups": ["new", "operators"],
    });
    assert_eq!(read, want);
    let list = desk.get("/access/users?full=1");
    let row = named(&list, "userid", "ann@pve");
    assert_eq!(row["groups"], "new,operators");
    assert_eq!(row["realm-type"], "pve");
    assert!(row.get("tokens").is_none());
    let members = desk.get("/access/groups/new");
    assert_eq!(
        members,
        json!({"members": ["ann@pve"], "comment": "New ones"})
    );
    desk.must(
        "PUT /access/users/ann@pve",
        r#"{"groups": "auditors", "append": true, "comment": ""}"#,
    );
    let groups = &desk.get("/access/users/ann@pve")["groups"];
    assert_eq!(*groups, json!(["auditors", "new", "operators"]));
    assert!(desk.get("/access/users/ann@pve").get("comment").is_none());
    desk.must("PUT /access/users/ann@pve", "groups=auditors&enable=0");
    assert_eq!(
        desk.get("/access/users/ann@pve")["groups"],
        json!(["auditors"])
    );
    let off = desk.get("/access/users?enabled=0");
    assert_eq!(off.as_array().unwrap().len(), 1);
    desk.must(
        "PUT /access/acl",
        "path=/vms/4711&roles=PVEVMUser&users=ann@pve",
    );
    desk.must("POST /access/users/ann@pve/token/t1", "");
    desk.must(
        "PUT /access/acl",
        "path=/&roles=PVEAuditor&tokens=ann@pve!t1",
    );
    holds(&desk);
    desk.must("DELETE /access/users/ann@pve", "");
    holds(&desk);
    let entries = desk.get("/access/acl");
    assert!(!entries.to_string().contains("ann@pve"));
    assert!(!desk.get("/access/groups").to_string().contains("ann@pve"));
    assert_eq!(desk.must("DELETE /access/users/ann@pve", ""), Value::Null);
}

#[test]
fn an_empty_text_clears_what_was_said() {
    let desk = desk();
    let check = |create: &str, read: &str, change: &str, names: &[&str]| {
        let (line, form) = create.split_once('?').unwrap();
        desk.must(&format!("POST {line}"), form);
        let before = desk.get(read);
        desk.must(&format!("PUT {read}"), change);
        let after = desk.get(read);
        for name in names {
            assert!(before.get(name).is_some(), "{read}: {name}");
            assert_eq!(after.get(name), None, "{read}: {name}");
        }
    };
    check(
        "/access/users?userid=e@pve&comment=a&email=e@example.org&lastname=L",
        "/access/users/e@pve",
        "comment=&email=&lastname=",
        &["comment", "email", "lastname"],
    );
    check(
        "/access/domains?realm=ee&type=openid&issuer-url=https://sso.example&client-id=c&comment=a&scopes=email",
        "/access/domains/ee",
        "comment=&scopes=",
        &["comment", "scopes"],
    );
    check(
        "/cluster/ha/resources?sid=vm:105&comment=a",
        "/cluster/ha/resources/vm:105",
        "comment=",
        &["comment"],
    );
    check(
        "/cluster/sdn/zones?zone=ee&type=simple&ipam=pve&nodes=pve01",
        "/cluster/sdn/zones/ee",
        "nodes=",
        &["nodes"],
    );
}

#[test]
fn refusals_about_users_and_groups() {
    check(
        &desk(),
        &[
            (
                "POST /access/users",
                "userid=auditor@pve",
                "500 create user failed: user 'auditor@pve' already exists",
            ),
            (
                "POST /access/users",
                "userid=ann@pve&groups=none",
                "500 create user failed: no such group 'none'",
            ),
            (
                "POST /access/users",
                "userid=ann@lab-ldap&password=secret-secret",
                "500 create user failed: can't set password on auth type 'ldap'",
            ),
            (
                "POST /access/users",
                "userid=ann@none&password=secret-secret",
                "500 create user failed: auth domain 'none' does not exist",
            ),
            (
                "PUT /access/users/ann@pve",
                "comment=x",
                "500 update user failed: no such user ('ann@pve')",
            ),
            (
                "GET /access/users/ann@pve",
                "",
                "500 no such user ('ann@pve')",
            ),
            (
                "POST /access/groups",
                "groupid=auditors",
                "500 create group failed: group 'auditors' already exists",
            ),
            ("GET /access/groups/x", "", "500 group 'x' does not exist"),
            (
                "PUT /access/groups/x",
                "",
                "500 update group failed: group 'x' does not exist",
            ),
            (
                "DELETE /access/groups/x",
                "",
                "500 delete group failed: group 'x' does not exist",
            ),
        ],
    );
}

#[test]
fn groups_go_with_their_permissions() {
    let desk = desk();
    desk.must("PUT /access/groups/operators", "comment=Changed");
    let list = desk.get("/access/groups");
    let row = named(&list, "groupid", "operators");
    assert_eq!(row["comment"], "Changed");
    assert_eq!(row["users"], "operator@pve");
    desk.must("DELETE /access/groups/operators", "");
    assert_eq!(desk.get("/access/users/operator@pve")["groups"], json!([]));
    assert!(!desk.get("/access/acl").to_string().contains("operators"));
    holds(&desk);
}

#[test]
fn secrets_are_shown_once() {
    let mut desk = strict_desk();
    desk.log_in("root@pam");
    let made = desk.must(
        "POST /access/users/operator@pve/token/ci",
        "comment=For+tests&privsep=0",
    );
    assert_eq!(made["full-tokenid"], "operator@pve!ci");
    assert_eq!(made["info"], json!({"privsep": 0, "comment": "For tests"}));
    let secret = made["value"].as_str().unwrap().to_owned();
    assert_eq!((secret.len(), &secret[14..15]), (36, "4"));
    let token = json!({"expire": 0, "privsep": 0, "comment": "For tests"});
    assert_eq!(desk.get("/access/users/operator@pve/token/ci"), token);
    let listed = desk.get("/access/users/operator@pve/token");
    assert_eq!(listed[0]["tokenid"], "ci");
    assert_eq!(
        desk.get("/access/users/operator@pve")["tokens"]["ci"],
        token
    );
    let header = |secret: &str| format!("PVEAPIToken=operator@pve!ci={secret}");
    desk.send_with("authorization", &header(&secret));
    assert!(desk.get("/version").is_object());
    let nobody = desk.ask(
        "PUT /access/password",
        "userid=operator@pve&password=12345678",
    );
    assert!(nobody.status.starts_with("403"), "{nobody:?}");
    desk.log_in("root@pam");
    let changed = desk.must(
        "PUT /access/users/operator@pve/token/ci",
        "regenerate=1&delete=comment&expire=1900000000",
    );
    assert_eq!(changed["full-tokenid"], "operator@pve!ci");
    assert_eq!(changed["expire"], 1_900_000_000);
    assert!(changed.get("comment").is_none());
    desk.send_with("authorization", &header(&secret));
    assert!(desk.ask("GET /version", "").status.starts_with("401"));
    desk.send_with("authorization", &header(changed["value"].as_str().unwrap()));
    assert!(desk.get("/version").is_object());
    desk.log_in("root@pam");
    desk.must("DELETE /access/users/operator@pve/token/ci", "");
    assert_eq!(desk.get("/access/users/operator@pve/token"), json!([]));
}

#[test]
fn refusals_about_tokens() {
    check(
        &desk(),
        &[
            (
                "POST /access/users/root@pam/token/mock",
                "",
                r#"400 Parameter verification failed. {"tokenid":"Token already exists."}"#,
            ),
            (
                "POST /access/users/ann@pve/token/mock",
                "",
                "500 no such user ('ann@pve')",
            ),
            (
                "GET /access/users/root@pam/token/none",
                "",
                "500 no such token 'none' for user 'root@pam'",
            ),
            (
                "DELETE /access/users/root@pam/token/none",
                "",
                "500 no such token 'none' for user 'root@pam'",
            ),
            (
                "PUT /access/users/root@pam/token/mock",
                "delete=expire",
                "500 updating token info failed: 400 Parameter verification failed.",
            ),
        ],
    );
}

#[test]
fn lists_leave_out_what_may_not_be_seen() {
    let mut desk = strict_desk();
    let names = |rows: Value, key: &str| -> Vec<String> {
        let rows = rows.as_array().unwrap().iter();
        rows.map(|row| row[key].as_str().unwrap().to_owned())
            .collect()
    };
    desk.log_in("auditor@pve");
    assert_eq!(names(desk.get("/access/users"), "userid").len(), 4);
    assert_eq!(names(desk.get("/access/groups"), "groupid").len(), 2);
    desk.log_in("operator@pve");
    assert_eq!(names(desk.get("/access/users"), "userid"), ["operator@pve"]);
    assert_eq!(names(desk.get("/access/groups"), "groupid").len(), 0);
    desk.change(|world| {
        let list = &mut world.access.acl;
        let user =
            crate::proxmox::identity::UserId::parse("operator@pve", crate::proxmox::Product::Pve);
        let subject = crate::proxmox::acl::Subject::User(user.unwrap());
        let reach = crate::proxmox::acl::Reach::Below;
        list.grant("/access/groups/auditors", subject, "PVEUserAdmin", reach);
    });
    let seen = names(desk.get("/access/users"), "userid");
    assert_eq!(seen, ["auditor@pve", "operator@pve"]);
    assert_eq!(names(desk.get("/access/groups"), "groupid"), ["auditors"]);
    let missing = desk.ask("GET /access/users/ann@pve", "");
    assert_eq!(missing.status, "500 no such user ('ann@pve')");
}
