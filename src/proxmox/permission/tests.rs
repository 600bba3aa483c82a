//! Every form of permission that the five contracts declare, and what some of them answer.

mod forms;

use serde_json::json;

use super::*;
use crate::contract::Contract;
use crate::proxmox::Product;
use crate::proxmox::rights::testing::Lab;

/// Asks for `declared` as `who` with parameters `a=1&b=2`; the answer is `ok` or the refusal's text.
fn ask(lab: &Lab, declared: &Value, who: &str, parameters: &str) -> String {
    let permission = Permission::parse(Some(declared)).unwrap();
    let who = Identity::parse(who, lab.product).ok();
    let parameter = |name: &str| {
        let mut pairs = parameters
            .split('&')
            .filter_map(|pair| pair.split_once('='));
        pairs
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.to_owned())
    };
    let asking = Asking {
        who: who.as_ref(),
        rights: lab.rights(),
        parameter: &parameter,
    };
    permission
        .allows(&asking)
        .map_or_else(|denied| denied.to_string(), |()| "ok".to_owned())
}

const BARE: &str = "Permission check failed";

#[test]
fn who_may_call_at_all() {
    let lab = Lab::new(Product::Pve);
    let check = |declared: Value, who: &str, want: &str| {
        assert_eq!(ask(&lab, &declared, who, ""), want, "{declared} as {who}");
    };
    check(json!({"user": "world"}), "", "ok");
    check(
        json!({"user": "all"}),
        "",
        "Permission check failed (user != null)",
    );
    check(json!({"user": "all"}), "joe@pve", "ok");
    check(
        json!(null),
        "joe@pve",
        "Permission check failed (user != root@pam)",
    );
    check(json!(null), "root@pam", "ok");
    check(
        json!(null),
        "root@pam!own",
        "Permission check failed (user != root@pam)",
    );
    check(json!({"description": "x"}), "joe@pve", BARE);
    check(json!({"description": "x"}), "root@pam", "ok");
}

fn check_of_joe(declared: &Value, parameters: &str, want: &str) {
    let lab = Lab::granting(
        Product::Pve,
        &["/vms/100 joe@pve Custom", "/pool/p joe@pve PVEPoolUser"],
    );
    let found = ask(&lab, &json!({ "check": declared }), "joe@pve", parameters);
    let want = match want {
        "ok" => want.to_owned(),
        "" => BARE.to_owned(),
        detail => format!("{BARE} ({detail})"),
    };
    assert_eq!(found, want, "{declared} with {parameters}");
}

#[test]
fn privileges_on_paths() {
    let check = |privileges: Value, parameters: &str, want: &str| {
        let declared = json!(["perm", "/vms/{vmid}", privileges]);
        check_of_joe(&declared, parameters, want);
    };
    check(json!(["VM.Audit"]), "vmid=100", "ok");
    check(json!("VM.Audit"), "vmid=100", "ok");
    let three = json!(["VM.Audit", "VM.Clone", "VM.Migrate"]);
    check(three, "vmid=100", "/vms/100, VM.Clone");
    check(json!(["VM.Audit"]), "", "/vms/-, VM.Audit");
    check(json!(["VM.Audit"]), "vmid=0", "/vms/-, VM.Audit");
    check(json!(["VM.Audit"]), "vmid=1 0", ", VM.Audit");
    check(json!(["VM.Unknown"]), "vmid=100", "/vms/100, VM.Unknown");
    let any = json!(["perm", "/vms/{vmid}", ["VM.Clone", "VM.Audit"], "any", 1]);
    check_of_joe(&any, "vmid=100", "ok");
    check_of_joe(&any, "vmid=101", "/vms/101, VM.Clone|VM.Audit");
}

#[test]
fn checks_of_checks() {
    let audit = json!(["perm", "/vms/{vmid}", ["VM.Audit"]]);
    let pool = json!([
        "perm",
        "/pool/{pool}",
        ["Pool.Audit"],
        "require_param",
        "pool"
    ]);
    check_of_joe(&pool, "pool=p", "ok");
    check_of_joe(&pool, "", "");
    check_of_joe(&json!(["or", audit, pool]), "pool=p", "ok");
    check_of_joe(&json!(["or", audit, pool]), "vmid=101", "");
    let both = json!(["and", audit, pool]);
    check_of_joe(&both, "vmid=101&pool=p", "/vms/101, VM.Audit");
    check_of_joe(&both, "vmid=100&pool=p", "ok");
    // The parts of an `and` throw, past the alternatives of an `or` around it.
    let thrown = json!(["or", ["and", audit], pool]);
    check_of_joe(&thrown, "vmid=101&pool=p", "/vms/101, VM.Audit");
}

fn users() -> Lab {
    Lab::granting(
        Product::Pve,
        &[
            "/access/realm/pve joe@pve PVEUserAdmin",
            "/access/groups/dev joe@pve PVEUserAdmin",
            "/access/groups tim@pve PVEUserAdmin",
        ],
    )
}

#[test]
fn calls_about_users() {
    let lab = users();
    let check = |declared: Value, who: &str, parameters: &str, want: &str| {
        let found = ask(&lab, &json!({ "check": declared }), who, parameters);
        assert_eq!(found, want, "{declared} as {who} with {parameters}");
    };
    let own = json!(["userid-param", "self"]);
    check(own.clone(), "joe@pve", "userid=joe@pve", "ok");
    check(own.clone(), "joe@pve!own", "userid=joe@pve", BARE);
    check(own.clone(), "joe@pve", "userid=tim@pve", BARE);
    check(
        own.clone(),
        "joe@pve",
        "userid=nobody@pve",
        "no such user ('nobody@pve')",
    );
    check(own.clone(), "joe@pve", "", "user name '' is too short");
}

#[test]
fn calls_about_realms_and_groups() {
    let lab = users();
    let check = |declared: Value, who: &str, parameters: &str, want: &str| {
        let found = ask(&lab, &json!({ "check": declared }), who, parameters);
        assert_eq!(found, want, "{declared} as {who} with {parameters}");
    };
    let own = json!(["userid-param", "self"]);
    let realm = json!(["userid-param", "Realm.AllocateUser"]);
    check(realm.clone(), "joe@pve", "userid=new@pve", "ok");
    let text = "Permission check failed (/access/realm/pam, Realm.AllocateUser)";
    check(realm.clone(), "joe@pve", "userid=new@pam", text);
    let group = json!(["userid-group", ["User.Modify"]]);
    check(group.clone(), "joe@pve", "userid=ann@pve", "ok");
    check(group.clone(), "joe@pve", "userid=tim@pve", BARE);
    check(group.clone(), "tim@pve", "userid=joe@pve", "ok");
    check(
        group.clone(),
        "tim@pve",
        "userid=nobody@pve",
        "no such user ('nobody@pve')",
    );
    check(
        json!(["or", own, group]),
        "joe@pve",
        "userid=nobody@pve",
        BARE,
    );
    check(
        json!(["or", own, group]),
        "joe@pve",
        "userid=x",
        "user name 'x' is too short",
    );
}

#[test]
fn calls_that_name_groups() {
    let lab = users();
    let check = |declared: Value, who: &str, parameters: &str, want: &str| {
        let found = ask(&lab, &json!({ "check": declared }), who, parameters);
        assert_eq!(found, want, "{declared} as {who} with {parameters}");
    };
    let create = json!(["userid-group", ["User.Modify"], "groups_param", "create"]);
    check(create.clone(), "joe@pve", "userid=new@pve&groups=dev", "ok");
    let text = "Permission check failed (/access/groups/ops, User.Modify)";
    check(
        create.clone(),
        "joe@pve",
        "userid=new@pve&groups=dev, ops",
        text,
    );
    let text = "Permission check failed (/access/groups, User.Modify)";
    check(create.clone(), "joe@pve", "userid=new@pve", text);
    check(create, "tim@pve", "userid=new@pve", "ok");
    let update = json!(["userid-group", ["User.Modify"], "groups_param", "update"]);
    check(update.clone(), "joe@pve", "userid=ann@pve&groups=dev", "ok");
    check(update, "joe@pve", "userid=tim@pve&groups=dev", BARE);
}

#[test]
fn changes_of_permissions() {
    let lab = Lab::granting(
        Product::Pve,
        &[
            "/vms joe@pve PVEVMAdmin",
            "/access joe@pve Administrator",
            "/ tim@pve Administrator",
        ],
    );
    let check = |who: &str, path: &str, want: &str| {
        let declared = json!({"check": ["perm-modify", "{path}"]});
        assert_eq!(
            ask(&lab, &declared, who, &format!("path={path}")),
            want,
            "{path}"
        );
    };
    check("joe@pve", "/vms/100", "ok");
    check(
        "joe@pve",
        "/vms",
        "Permission check failed (/vms, Permissions.Modify)",
    );
    let text = "Permission check failed (/storage/a, Permissions.Modify|Datastore.Allocate)";
    check("joe@pve", "/storage/a", text);
    check("joe@pve", "/access/groups", "ok");
    check("tim@pve", "/pool/p", "ok");
    check("joe@pve", "/vms/1 0", "ok");
}

#[test]
fn the_rust_products() {
    let lab = Lab::granting(
        Product::Pbs,
        &[
            "/datastore/a joe@pbs DatastoreBackup",
            "/datastore/a joe@pbs!own DatastoreBackup",
        ],
    );
    let check = |declared: Value, who: &str, parameters: &str, want: bool| {
        let found = ask(&lab, &declared, who, parameters);
        assert_eq!(found == "ok", want, "{declared} as {who}: {found}");
    };
    let privilege = |partial: bool| {
        let privileges = ["Datastore.Audit", "Datastore.Backup"];
        json!({"check": {"path": ["datastore", "{store}"], "privs": privileges, "partial": partial}})
    };
    check(privilege(true), "joe@pbs", "store=a", true);
    check(privilege(true), "joe@pbs", "store=a/ns/x", true);
    check(privilege(false), "joe@pbs", "store=a", false);
    check(privilege(true), "joe@pbs", "store=b", false);
    check(privilege(true), "joe@pbs", "", false);
    let own = json!({"or": [privilege(false), {"userParam": "userid"}], "description": "x"});
    check(own.clone(), "joe@pbs", "userid=joe@pbs", true);
    check(own.clone(), "joe@pbs!own", "userid=joe@pbs", false);
    check(own, "joe@pbs", "userid=tim@pbs", false);
    check(
        json!({"and": [privilege(true), privilege(false)]}),
        "joe@pbs",
        "store=a",
        false,
    );
}

#[test]
fn every_operation_of_the_contracts_declares_what_is_understood() {
    for name in ["pve-9.2", "pve-8.4", "pve-7.4", "pbs-4", "pdm-1"] {
        let path = format!("{}/openapi/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let contract = Contract::parse(&std::fs::read(path).unwrap(), name).unwrap();
        for operation in &contract.operations {
            let parsed = Permission::parse(operation.permissions.as_ref());
            assert!(parsed.is_ok(), "{name} {}: {parsed:?}", operation.id);
        }
    }
}
