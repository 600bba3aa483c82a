//! Roles, the tree of permissions, and what it amounts to.

use serde_json::{Value, json};

use super::*;

#[test]
fn roles_from_beginning_to_end() {
    let desk = desk();
    desk.must("POST /access/roles", "roleid=Mine&privs=VM.Audit,Sys.Audit");
    desk.must("PUT /access/acl", "path=/vms&roles=Mine&users=ci@pve");
    let own = desk.get("/access/roles/Mine");
    assert_eq!(own, json!({"Sys.Audit": 1, "VM.Audit": 1}));
    desk.must("PUT /access/roles/Mine", "privs=VM.Console&append=1");
    let list = desk.get("/access/roles");
    let find = |list: &Value, name: &str| {
        let mut rows = list.as_array().unwrap().iter();
        rows.find(|row| row["roleid"] == name).cloned()
    };
    let row = find(&list, "Mine").unwrap();
    assert_eq!(row["privs"], "Sys.Audit,VM.Audit,VM.Console");
    assert_eq!(row["special"], 0);
    assert_eq!(find(&list, "PVEPoolUser").unwrap()["special"], 1);
    assert_eq!(find(&list, "NoAccess").unwrap()["privs"], "");
    desk.must("PUT /access/roles/Mine", "privs=VM.Console");
    assert_eq!(desk.get("/access/roles/Mine"), json!({"VM.Console": 1}));
    desk.must("DELETE /access/roles/Mine", "");
    assert!(!desk.get("/access/acl").to_string().contains("Mine"));
    holds(&desk);
}

#[test]
fn refusals_about_roles() {
    let reserved = r#"400 Parameter verification failed. {"roleid":"cannot use role ID starting with the (case-insensitive) 'PVE' namespace"}"#;
    check(
        &desk(),
        &[
            ("POST /access/roles", "roleid=pveMine", reserved),
            (
                "POST /access/roles",
                "roleid=LabOperator",
                "500 create role failed: role 'LabOperator' already exists",
            ),
            (
                "POST /access/roles",
                "roleid=NoAccess",
                "500 create role failed: role 'NoAccess' already exists",
            ),
            (
                "PUT /access/roles/NoAccess",
                "privs=VM.Audit",
                "500 auto-generated role 'NoAccess' cannot be modified",
            ),
            (
                "DELETE /access/roles/PVEAdmin",
                "",
                "500 auto-generated role 'PVEAdmin' cannot be deleted",
            ),
            ("GET /access/roles/x", "", "500 role 'x' does not exist"),
            (
                "PUT /access/roles/x",
                "",
                "500 update role failed: role 'x' does not exist",
            ),
            (
                "DELETE /access/roles/x",
                "",
                "500 delete role failed: role 'x' does not exist",
            ),
        ],
    );
    desk_of("7.4").must("POST /access/roles", "roleid=pveMine");
}

#[test]
fn permissions_change_at_once() {
    let mut desk = strict_desk();
    desk.log_in("ci@pve");
    let of_own = |desk: &Desk<World>| desk.get("/access/permissions?path=/vms/101");
    assert_eq!(of_own(&desk), json!({"/vms/101": {}}));
    desk.log_in("root@pam");
    desk.must(
        "PUT /access/acl",
        "path=vms//101/&roles=PVETemplateUser,PVEPoolUser&users=ci@pve&propagate=0",
    );
    let entries = desk.get("/access/acl");
    let entry = json!({
        "path": "/vms/101", "type": "user", "ugid": "ci@pve", "roleid": "PVEPoolUser", "propagate": 0,
    });
    assert!(entries.as_array().unwrap().contains(&entry), "{entries}");
    let of_ci = desk.get("/access/permissions?userid=ci@pve&path=/vms/101");
    let want = json!({"/vms/101": {"Pool.Audit": 0, "VM.Audit": 0, "VM.Clone": 0}});
    assert_eq!(of_ci, want);
    desk.log_in("ci@pve");
    assert_eq!(of_own(&desk), want);
    assert!(desk.get("/access/permissions").get("/vms/101").is_some());
    assert!(
        desk.get("/access/permissions?userid=ci@pve!runner")
            .is_object()
    );
    let foreign = desk.ask("GET /access/permissions?userid=root@pam", "");
    assert_eq!(
        foreign.status,
        "403 Permission check failed (/access, Sys.Audit)"
    );
    assert_eq!(desk.get("/access/acl"), json!([]));
    desk.log_in("root@pam");
    let away = "path=/vms/101&roles=PVETemplateUser,PVEPoolUser&users=ci@pve&delete=1";
    desk.must("PUT /access/acl", away);
    desk.log_in("ci@pve");
    assert_eq!(of_own(&desk), json!({"/vms/101": {}}));
    holds(&desk);
}

#[test]
fn refusals_about_permissions() {
    let required = "either 'users', 'groups' or 'tokens' is required.";
    let required = format!(
        "400 Parameter verification failed. {}",
        json!({"users": required, "groups": required, "tokens": required})
    );
    let path = |path: &str| {
        let errors = json!({"path": format!("invalid ACL path '{path}'")});
        format!("400 Parameter verification failed. {errors}")
    };
    let cases = [
        ("path=/&roles=PVEAdmin", required.as_str()),
        ("path=/x&roles=PVEAdmin&users=ci@pve", &path("/x")),
        ("path=/v%20ms&roles=PVEAdmin&users=ci@pve", &path("/v ms")),
        (
            "path=/&roles=None&users=ci@pve",
            "500 ACL update failed: role 'None' does not exist",
        ),
        (
            "path=/&roles=PVEAdmin&groups=none",
            "500 ACL update failed: group 'none' does not exist",
        ),
        (
            "path=/&roles=PVEAdmin&users=ann@pve",
            "500 ACL update failed: user 'ann@pve' does not exist",
        ),
        (
            "path=/&roles=PVEAdmin&tokens=ci@pve!none",
            "500 ACL update failed: no such token 'none' for user 'ci@pve'",
        ),
    ];
    let desk = desk();
    let before = desk.get("/access/acl");
    for (body, want) in cases {
        check(&desk, &[("PUT /access/acl", body, want)]);
    }
    assert_eq!(desk.get("/access/acl"), before);
    desk.must(
        "PUT /access/acl",
        "path=/x&roles=PVEAdmin&users=ci@pve&delete=1",
    );
}

#[test]
fn nobody_gives_what_they_do_not_have() {
    let mut desk = strict_desk();
    desk.change(|world| {
        let user = crate::proxmox::identity::UserId::parse("ci@pve", crate::proxmox::Product::Pve);
        let subject = crate::proxmox::acl::Subject::User(user.unwrap());
        let list = &mut world.access.acl;
        let here = crate::proxmox::acl::Reach::Here;
        list.grant("/vms/101", subject, "PVEVMAdmin", here);
    });
    desk.log_in("ci@pve");
    let give = |role: &str, propagate: &str| {
        let body = format!("path=/vms/101&roles={role}&users=operator@pve&propagate={propagate}");
        let got = desk.ask("PUT /access/acl", &body);
        let text = got.body["message"].as_str().unwrap_or_default().to_owned();
        text.lines().nth(1).unwrap_or_default().to_owned()
    };
    let lacks = "requires 'Permissions.Modify' or superset of privileges.";
    assert_eq!(
        give("Administrator", "0"),
        format!("role: Cannot add role 'Administrator' - {lacks}")
    );
    let reach = "requires 'Permissions.Modify' or propagated superset of privileges.";
    assert_eq!(
        give("PVEVMUser", "1"),
        format!("role: Cannot add role 'PVEVMUser' with propagation - {reach}")
    );
    assert_eq!(
        give("NoAccess", "0"),
        "role: Cannot add role 'NoAccess' - requires 'Permissions.Modify'"
    );
    assert_eq!(give("PVEVMUser", "0"), "");
    let seen = desk.get("/access/acl").to_string();
    assert!(seen.contains("operator@pve"), "{seen}");
}
