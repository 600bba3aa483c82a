//! The forms of permission that occur, as data.

use serde_json::{Value, json};

use crate::proxmox::permission::Permission;

/// One permission of each form in the API viewers of Proxmox VE 7.4, 8.4 and 9.2, Backup Server 4 and Datacenter
/// Manager 1 (227 different ones on 2,497 operations), besides those without any.
const FORMS: &[&str] = &[
    r#"{"and": [{"check": {"partial": false, "path": ["datastore", "{store}"], "privs": ["Datastore.Modify"]}}, {"check": {"partial": false, "path": ["system", "disks"], "privs": ["Sys.Modify"]}}]}"#,
    r#"{"and": [{"check": {"partial": false, "path": ["resource", "{remote}", "guest", "{vmid}"], "privs": ["Resource.Migrate"]}}]}"#,
    r#"{"and": [{"check": {"partial": true, "path": ["datastore", "{store}"], "privs": ["Datastore.Modify"]}}, {"check": {"partial": false, "path": ["system", "disks"], "privs": ["Sys.Modify"]}}]}"#,
    r#"{"check": ["and", ["perm", "/sdn/fabrics/{fabric_id}", ["SDN.Audit", "SDN.Allocate"], "any", 1], ["perm", "/nodes/{node_id}", ["Sys.Audit", "Sys.Modify"], "any", 1]]}"#,
    r#"{"check": ["and", ["perm", "/mapping/notifications", ["Mapping.Modify"]], ["or", ["perm", "/", ["Sys.Audit", "Sys.Modify"]], ["perm", "/", ["Sys.AccessNetwork"]]]]}"#,
    r#"{"check": ["and", ["perm", "/vms/{vmid}", ["VM.Clone"]], ["or", ["perm", "/vms/{newid}", ["VM.Allocate"]], ["perm", "/pool/{pool}", ["VM.Allocate"], "require_param", "pool"]]]}"#,
    r#"{"check": ["and", ["perm", "/storage/{storage}", ["Datastore.AllocateTemplate"]], ["perm", "/", ["Sys.Audit", "Sys.Modify"]]]}"#,
    r#"{"check": ["and", ["perm", "/access/realm/{realm}", ["Realm.AllocateUser"]], ["perm", "/access/groups", ["User.Modify"]]]}"#,
    r#"{"check": ["and", ["userid-param", "Realm.AllocateUser"], ["userid-group", ["User.Modify"], "groups_param", "create"]]}"#,
    r#"{"check": ["and", ["userid-param", "Realm.AllocateUser"], ["userid-group", ["User.Modify"]]]}"#,
    r#"{"check": ["or", ["perm", "/", ["Sys.Audit", "Datastore.Audit"], "any", 1], ["perm", "/nodes/{node}", ["Sys.Audit", "Datastore.Audit"], "any", 1]]}"#,
    r#"{"check": ["or", ["perm", "/", ["Sys.Audit", "Sys.Modify"]], ["perm", "/nodes/{node}", ["Sys.AccessNetwork"]]]}"#,
    r#"{"check": ["or", ["perm", "/nodes", ["Sys.Audit"]], ["perm", "/mapping/cpu", ["Mapping.Audit", "Mapping.Use", "Mapping.Modify"], "any", 1]]}"#,
    r#"{"check": ["or", ["perm", "/mapping/dir/{id}", ["Mapping.Use"]], ["perm", "/mapping/dir/{id}", ["Mapping.Modify"]], ["perm", "/mapping/dir/{id}", ["Mapping.Audit"]]]}"#,
    r#"{"check": ["or", ["perm", "/mapping/notifications", ["Mapping.Modify"]], ["perm", "/mapping/notifications", ["Mapping.Audit"]]]}"#,
    r#"{"check": ["or", ["userid-param", "self"], ["and", ["userid-param", "Realm.AllocateUser"], ["userid-group", ["User.Modify"]]]]}"#,
    r#"{"check": ["or", ["userid-param", "self"], ["userid-group", ["User.Modify", "Sys.Audit"]]]}"#,
    r#"{"check": ["or", ["userid-param", "self"], ["userid-group", ["User.Modify"]]]}"#,
    r#"{"check": ["perm", "/access/realm", ["Realm.Allocate", "Sys.Audit"], "any", 1]}"#,
    r#"{"check": ["perm", "/", ["Sys.Modify", "Datastore.Allocate"]]}"#,
    r#"{"check": ["perm", "/", ["Sys.Audit"], "any", 1]}"#,
    r#"{"check": ["perm", "/", ["Sys.Audit"]], "user": "all"}"#,
    r#"{"check": ["perm", "/access/realm", ["Realm.Allocate"]]}"#,
    r#"{"check": ["perm", "/vms/{vmid}", "VM.Config.Cloudinit"]}"#,
    r#"{"check": ["perm-modify", "{path}"]}"#,
    r#"{"check": ["userid-group", ["User.Modify", "Sys.Audit"]]}"#,
    r#"{"check": ["userid-group", ["User.Modify"], "groups_param", "update"]}"#,
    r#"{"check": ["userid-group", ["User.Modify"]]}"#,
    r#"{"check": {"partial": false, "path": [], "privs": ["Sys.Audit"]}}"#,
    r#"{"check": {"partial": false, "path": ["datastore"], "privs": ["Datastore.Allocate"]}}"#,
    r#"{"check": {"partial": false, "path": ["access", "users"], "privs": ["Permissions.Modify"]}}"#,
    r#"{"check": {"partial": false, "path": ["system", "network", "dns"], "privs": ["Sys.Audit"]}}"#,
    r#"{"check": {"partial": false, "path": ["system", "network", "interfaces", "{iface}"], "privs": ["Sys.Modify"]}}"#,
    r#"{"check": {"partial": false, "path": ["tape", "device", "{name}"], "privs": ["Tape.Modify"]}}"#,
    r#"{"check": {"partial": false, "path": ["datastore", "{store}"], "privs": ["Datastore.Audit"]}}"#,
    r#"{"check": {"partial": false, "path": ["resource", "{remote}", "datastore", "{datastore}"], "privs": ["Resource.Audit"]}}"#,
    r#"{"check": {"partial": false, "path": ["resource", "{remote}", "node", "{node}", "system"], "privs": ["Resource.Modify"]}}"#,
    r#"{"check": {"partial": true, "path": ["datastore", "{store}"], "privs": ["Datastore.Audit"]}}"#,
    r#"{"check": {"partial": true, "path": ["datastore", "{store}"], "privs": ["Datastore.Audit", "Datastore.Backup"]}}"#,
    r#"{"or": [{"check": {"partial": false, "path": ["access", "users"], "privs": ["Permissions.Modify"]}}, {"userParam": "userid"}]}"#,
    r#"{"user": "all"}"#,
    r#"{"user": "world"}"#,
];

#[test]
fn every_form_of_the_contracts_is_understood() {
    for form in FORMS {
        let value: Value = serde_json::from_str(form).unwrap();
        let permission = Permission::parse(Some(&value));
        assert!(permission.is_ok(), "{form}: {permission:?}");
    }
    assert_eq!(Permission::parse(None), Ok(Permission::Root));
    assert_eq!(Permission::parse(Some(&Value::Null)), Ok(Permission::Root));
    let described = json!({"description": "in words"});
    assert_eq!(
        Permission::parse(Some(&described)),
        Ok(Permission::Described)
    );
}

#[test]
fn what_is_not_understood_is_named() {
    for value in [
        json!("all"),
        json!({"user": "joe@pve"}),
        json!({"user": null}),
        json!({"check": ["perm"]}),
        json!({"check": ["perm", "/", [1]]}),
        json!({"check": ["perm", "/", [], "all", 1]}),
        json!({"check": ["perm", "/", [], "any"]}),
        json!({"check": ["group-param", "x"]}),
        json!({"check": ["userid-param", "other"]}),
        json!({"check": ["userid-group", ["User.Modify"], "groups_param", "never"]}),
        json!({"check": {"path": [], "privs": []}}),
        json!({"check": {"path": [], "privs": [], "partial": false}, "and": []}),
        json!({"or": {"userParam": "x"}}),
        json!({"userParam": 1}),
    ] {
        let fault = Permission::parse(Some(&value)).unwrap_err().to_string();
        assert!(fault.starts_with("permission not understood: "), "{fault}");
    }
}
