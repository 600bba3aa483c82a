//! Entries, levels and paths.

use super::*;
use crate::proxmox::Product;

fn user(name: &str) -> Subject {
    Subject::User(UserId::parse(name, Product::Pve).unwrap())
}

fn who(text: &str) -> Identity {
    Identity::parse(text, Product::Pve).unwrap()
}

fn token(name: &str) -> Subject {
    Subject::Token(TokenId::parse(name, Product::Pve).unwrap())
}

#[test]
fn entries_come_and_go() {
    let mut list = AccessList::default();
    list.grant("/vms/100", user("joe@pve"), "PVEVMUser", Reach::Below);
    list.grant("/vms/100", user("joe@pve"), "PVEVMUser", Reach::Here);
    list.grant("/vms/1001", token("joe@pve!ci"), "PVEVMUser", Reach::Below);
    list.grant(
        "/",
        Subject::Group("ops".into()),
        "PVEAuditor",
        Reach::Below,
    );
    let found = |list: &AccessList| {
        let text = |entry: Entry<'_>| format!("{} {}", entry.path, entry.role);
        list.entries().map(text).collect::<Vec<_>>()
    };
    let all = ["/ PVEAuditor", "/vms/100 PVEVMUser", "/vms/1001 PVEVMUser"];
    assert_eq!(found(&list), all);
    let mut without = list.clone();
    without.forget(&user("joe@pve"));
    assert_eq!(found(&without), ["/ PVEAuditor"]);
    let mut without = list.clone();
    without.forget_path("/vms/100");
    assert_eq!(found(&without), ["/ PVEAuditor", "/vms/1001 PVEVMUser"]);
    let mut without = list.clone();
    without.forget_role("PVEVMUser");
    assert_eq!(found(&without), ["/ PVEAuditor"]);
    assert!(list.revoke("/vms/100", &user("joe@pve"), "PVEVMUser"));
    assert!(!list.revoke("/vms/100", &user("joe@pve"), "PVEVMUser"));
    assert_eq!(list.paths().collect::<Vec<_>>(), ["/", "/vms/1001"]);
}

#[test]
fn deeper_levels_replace_higher_ones() {
    let mut list = AccessList::default();
    list.grant("/", user("joe@pve"), "A", Reach::Below);
    list.grant("/", Subject::Group("ops".into()), "G", Reach::Below);
    list.grant("/vms", user("joe@pve"), "B", Reach::Here);
    list.grant("/vms/100", Subject::Group("ops".into()), "C", Reach::Below);
    list.grant("/vms/101", user("joe@pve"), NO_ACCESS, Reach::Below);
    list.grant("/vms/101", user("joe@pve"), "D", Reach::Below);
    list.grant("/vms", token("joe@pve!ci"), "T", Reach::Below);
    let check = |name: &str, path: &str, want: &[&str]| {
        let roles = list.roles(&who(name), path, |group| {
            group == "ops" && name.starts_with('j')
        });
        assert_eq!(
            roles.into_keys().collect::<Vec<_>>(),
            want,
            "{name} on {path}"
        );
    };
    check("joe@pve", "/", &["A"]);
    check("joe@pve", "/nodes/pve01", &["A"]);
    check("joe@pve", "/vms", &["B"]);
    check("joe@pve", "/vms/99", &["A"]);
    check("joe@pve", "/vms/100", &["C"]);
    check("joe@pve", "/vms/101", &[NO_ACCESS]);
    check("jim@pve", "/vms/99", &["G"]);
    check("joe@pve!ci", "/vms/100", &["T"]);
    check("joe@pve!ci", "/nodes", &[]);
    check("ann@pve", "/vms/100", &[]);
}

#[test]
fn normal_paths() {
    let check = |path: &str, want: Option<&str>| {
        assert_eq!(normalized(path).as_deref(), want, "{path}");
    };
    check("/", Some("/"));
    check("//vms//100/", Some("/vms/100"));
    check("vms/100", Some("/vms/100"));
    check("", None);
    check("/vms/1 0", None);
    check("/storage/é", Some("/storage/é"));
}

#[test]
fn prefixes_of_paths() {
    let check = |path: &str, want: &[&str]| {
        assert_eq!(prefixes(path).collect::<Vec<_>>(), want);
    };
    check("/", &["/"]);
    check("/vms", &["/", "/vms"]);
    check("/vms/100", &["/", "/vms", "/vms/100"]);
}
