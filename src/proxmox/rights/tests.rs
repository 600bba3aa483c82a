//! Tables of grants and what they amount to.

use super::testing::Lab;
use super::*;

fn check(lab: &Lab, who: &str, path: &str, want: &[&str]) {
    let who = Identity::parse(who, lab.product).unwrap();
    let granted = lab.rights().on(&who, path);
    let mut names: Vec<_> = lab.catalog.names(granted.all).collect();
    names.sort_unstable();
    assert_eq!(names, want, "{who} on {path}");
}

#[test]
fn users_groups_and_roles() {
    let lab = Lab::granting(
        Product::Pve,
        &[
            "/ @ops PVEPoolUser",
            "/vms joe@pve Custom",
            "/vms/101 joe@pve NoAccess",
            "/vms/102 joe@pve Unknown",
            "/vms/103 @dev PVEMappingUser",
            "/vms/103 @ops PVEPoolUser",
        ],
    );
    check(&lab, "joe@pve", "/", &["Pool.Audit"]);
    check(&lab, "joe@pve", "/vms/100", &["VM.Audit", "VM.Backup"]);
    check(&lab, "joe@pve", "/vms/101", &[]);
    check(&lab, "joe@pve", "/vms/102", &[]);
    check(&lab, "ann@pve", "/vms/100", &["Pool.Audit"]);
    check(
        &lab,
        "ann@pve",
        "/vms/103",
        &["Mapping.Audit", "Mapping.Use", "Pool.Audit"],
    );
    check(&lab, "tim@pve", "/vms/100", &[]);
    let root = lab.rights().on(&UserId::root().into(), "/vms/101");
    assert_eq!(root.all, lab.catalog.all());
}

#[test]
fn tokens() {
    let lines = [
        "/vms joe@pve Custom",
        "/vms joe@pve!own PVETemplateUser",
        "/vms joe@pve!shared PVETemplateUser",
        "/vms root@pam!own PVETemplateUser",
    ];
    let lab = Lab::granting(Product::Pve, &lines);
    check(&lab, "joe@pve!own", "/vms/100", &["VM.Audit"]);
    check(
        &lab,
        "joe@pve!shared",
        "/vms/100",
        &["VM.Audit", "VM.Backup"],
    );
    check(&lab, "joe@pve!gone", "/vms/100", &[]);
    check(&lab, "root@pam!own", "/vms/100", &["VM.Audit", "VM.Clone"]);
    let shared = Identity::parse("root@pam!shared", Product::Pve).unwrap();
    assert_eq!(lab.rights().on(&shared, "/").all, lab.catalog.all());

    let lab = Lab::granting(
        Product::Pbs,
        &[
            "/datastore joe@pbs DatastoreAudit",
            "/datastore joe@pbs!shared DatastoreReader",
        ],
    );
    check(&lab, "joe@pbs!shared", "/datastore/a", &["Datastore.Audit"]);
}

#[test]
fn pools() {
    let lab = Lab::granting(
        Product::Pve,
        &[
            "/pool/prod joe@pve Custom",
            "/pool/prod/web ann@pve NoAccess",
            "/vms ann@pve Custom",
            "/vms/200 tim@pve NoAccess",
            "/pool tim@pve Custom",
        ],
    );
    check(&lab, "joe@pve", "/vms/200", &["VM.Audit", "VM.Backup"]);
    check(&lab, "joe@pve", "/storage/ceph", &["VM.Audit", "VM.Backup"]);
    check(&lab, "joe@pve", "/vms/201", &[]);
    check(&lab, "ann@pve", "/vms/200", &[]);
    check(&lab, "ann@pve", "/vms/201", &["VM.Audit", "VM.Backup"]);
    check(&lab, "tim@pve", "/vms/200", &[]);
}

#[test]
fn listings() {
    let lab = Lab::granting(
        Product::Pve,
        &[
            "/vms joe@pve PVETemplateUser",
            "/vms/101 joe@pve Custom!",
            "/pool/prod joe@pve PVEPoolUser",
        ],
    );
    let joe = Identity::parse("joe@pve", Product::Pve).unwrap();
    let found = lab.rights().listing(&joe, None);
    let paths: Vec<_> = found.keys().map(String::as_str).collect();
    assert_eq!(
        paths,
        [
            "/pool/prod",
            "/storage/ceph",
            "/vms",
            "/vms/101",
            "/vms/200"
        ]
    );
    assert_eq!(found["/vms"]["VM.Clone"], Reach::Below);
    assert_eq!(found["/vms/101"]["VM.Audit"], Reach::Here);
    assert_eq!(
        found["/storage/ceph"],
        BTreeMap::from([("Pool.Audit", Reach::Here)])
    );
    let one = lab.rights().listing(&joe, Some("/vms/101"));
    assert_eq!(one.len(), 1);
    assert!(lab.rights().listing(&joe, Some("/nodes")).is_empty());
    let lab_of_zones = Lab::granting(Product::Pve, &["/sdn/zones/lab joe@pve PVESDNUser"]);
    let root = lab_of_zones.rights().listing(&UserId::root().into(), None);
    assert!(root.contains_key("/sdn/zones"));
    let root = lab.rights().listing(&UserId::root().into(), None);
    assert_eq!(
        root["/"].len(),
        lab.catalog.names(lab.catalog.all()).count()
    );
}
