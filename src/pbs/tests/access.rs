//! Accounts: the API that both Rust products share, asked through this one.

use serde_json::json;

use super::refusals;
use crate::pbs::testing::{desk, strict_desk};

#[test]
fn users_and_tokens() {
    let desk = desk();
    desk.must(
        "POST /access/users",
        "userid=joe@pbs&password=geheim123&comment=%20Joe%20",
    );
    let shown = desk.get("/access/users/joe@pbs");
    let want = json!({"userid": "joe@pbs", "enable": true, "expire": 0, "comment": "Joe"});
    assert_eq!(shown, want);
    let made = desk.must("POST /access/users/joe@pbs/token/t1", "comment=x");
    assert_eq!(made["tokenid"], "joe@pbs!t1");
    assert_eq!(made["value"].as_str().unwrap().len(), 36);
    let listed = desk.get("/access/users?include_tokens=1");
    let joe = listed
        .as_array()
        .unwrap()
        .iter()
        .find(|user| user["userid"] == "joe@pbs");
    assert_eq!(joe.unwrap()["tokens"][0]["tokenid"], "joe@pbs!t1");
    let again = desk.must(
        "PUT /access/users/joe@pbs/token/t1",
        "regenerate=1&enable=0",
    );
    assert_ne!(again["secret"], made["value"]);
    assert_eq!(desk.get("/access/users/joe@pbs/token/t1")["enable"], false);
    desk.must(
        "PUT /access/acl",
        "path=/datastore/main&role=DatastoreAudit&auth-id=joe@pbs",
    );
    desk.must("PUT /access/users/joe@pbs", "delete=comment&firstname=Joe");
    desk.must("DELETE /access/users/joe@pbs", "");
    assert!(!desk.get("/access/acl").to_string().contains("joe@pbs"));
}

#[test]
fn words_about_users_and_tokens() {
    let desk = desk();
    desk.must("POST /access/users", "userid=joe@pbs");
    desk.must("POST /access/users/joe@pbs/token/t1", "");
    refusals(
        &desk,
        &[
            (
                "POST /access/users",
                "userid=joe@pbs",
                "400",
                "user 'joe@pbs' already exists.",
            ),
            (
                "POST /access/users",
                "userid=joe@moon",
                "400",
                "unknown realm 'moon'",
            ),
            (
                "POST /access/users/joe@pbs/token/t1",
                "",
                "400",
                "token 't1' for user 'joe@pbs' already exists.",
            ),
            (
                "DELETE /access/users/joe@pbs/token/t2",
                "",
                "400",
                "token 't2' of user 'joe@pbs' does not exist.",
            ),
            (
                "GET /access/users/ann@pbs",
                "",
                "400",
                "no such user 'ann@pbs'",
            ),
            (
                "DELETE /access/users/ann@pbs",
                "",
                "400",
                "user 'ann@pbs' does not exist.",
            ),
        ],
    );
}

#[test]
fn words_about_permissions_and_realms() {
    let desk = desk();
    desk.must("POST /access/users", "userid=joe@pbs");
    refusals(
        &desk,
        &[
            (
                "PUT /access/acl",
                "path=/nothing&role=Admin&auth-id=joe@pbs",
                "400",
                "invalid acl path '/nothing'.",
            ),
            (
                "PUT /access/acl",
                "path=/&role=Admin&auth-id=ann@pbs",
                "400",
                "no such user.",
            ),
            (
                "PUT /access/acl",
                "path=/&role=Admin&auth-id=joe@pbs!t2",
                "400",
                "no such API token.",
            ),
            (
                "PUT /access/acl",
                "path=/&role=Admin&group=all",
                "400",
                "parameter 'group' - groups are currently not supported.",
            ),
            (
                "POST /access/domains/pam/sync",
                "",
                "400",
                "cannot sync realm of type 'pam'",
            ),
        ],
    );
    desk.task("POST /access/domains/lab-ldap/sync", "");
}

#[test]
fn logging_in_as_whom_the_provider_names() {
    let desk = strict_desk();
    let url = desk.must(
        "POST /access/openid/auth-url",
        "realm=lab-sso&redirect-url=https://a.example/",
    );
    let url = url.as_str().unwrap();
    assert!(
        url.starts_with("https://sso.e2e.example/realms/lab/authorize?"),
        "{url}"
    );
    let state = url
        .split("state=")
        .nth(1)
        .unwrap()
        .split('&')
        .next()
        .unwrap();
    let form = format!("state={state}&code=code-for-jane&redirect-url=https://a.example/");
    let login = desk.must("POST /access/openid/login", &form);
    assert_eq!(login["username"], "jane@lab-sso");
    assert!(
        login["ticket"]
            .as_str()
            .unwrap()
            .starts_with("PBS:jane@lab-sso:")
    );
    let got = desk.ask(
        "POST /access/openid/login",
        "state=pam.1&code=code-for-root&redirect-url=https://a.example/",
    );
    assert_eq!(got.status, "401");
}

#[test]
fn passwords_are_said_twice() {
    let mut desk = strict_desk();
    let log_in = |desk: &crate::proxmox::service::testing::Desk<_>, word: &str| {
        let got = desk.ask(
            "POST /access/ticket",
            &format!("username=operator@pbs&password={word}"),
        );
        got.status
    };
    assert_eq!(log_in(&desk, "operator-secret"), "200");
    assert_eq!(log_in(&desk, "wrong"), "401");
    desk.log_in("operator@pbs");
    let change = "userid=operator@pbs&password=something-new";
    assert_eq!(desk.ask("PUT /access/password", change).status, "401");
    desk.must(
        "PUT /access/password",
        &format!("{change}&confirmation-password=operator-secret"),
    );
    assert_eq!(log_in(&desk, "something-new"), "200");
    let got = desk.ask(
        "PUT /access/password",
        "userid=root@pam&password=something-new",
    );
    assert_eq!(got.body, "you are not authorized to change the password.");
}

#[test]
fn permissions_are_told() {
    let mut desk = strict_desk();
    desk.log_in("operator@pbs");
    let own = desk.get("/access/permissions");
    assert_eq!(own["/datastore/main"]["Datastore.Prune"], true);
    assert_eq!(own.get("/"), None);
    let got = desk.ask("GET /access/permissions?auth-id=auditor@pbs", "");
    assert_eq!(got.body, "not allowed to list permissions of auditor@pbs");
    // What is the own may be given to the own tokens.
    desk.must("POST /access/users/operator@pbs/token/t", "");
    let give = |who: &str| format!("path=/datastore/main&role=DatastoreAudit&auth-id={who}");
    desk.must("PUT /access/acl", &give("operator@pbs!t"));
    let got = desk.ask("PUT /access/acl", &give("auditor@pbs"));
    assert_eq!(
        got.body,
        "Unprivileged users can only set ACL items for API tokens."
    );
    let seen = desk.get("/access/acl");
    let seen = seen.as_array().unwrap();
    assert!(
        seen.iter()
            .all(|entry| entry["ugid"].as_str().unwrap().starts_with("operator@pbs"))
    );
    assert_eq!(desk.get("/access/users").as_array().unwrap().len(), 1);
}
