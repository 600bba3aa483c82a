//! Changes of containers as clients make them.

use crate::pve::api::nodes::guest::testing::{guest, has_volume, holds, must, option, refusal};
use crate::pve::testing::desk;

const RUNNING: &str = "PUT /nodes/pve01/lxc/102/config";
const STOPPED: &str = "PUT /nodes/pve03/lxc/110/config";

#[test]
fn options_and_mount_points() {
    let desk = desk();
    must(
        &desk,
        RUNNING,
        "memory=2048&hostname=new&mp1=local-lvm:2,mp=/more&features=fuse=1",
    );
    let check = |key: &str, want: &str| assert_eq!(option(&desk, 102, key), want, "{key}");
    check("memory", "2048");
    check("hostname", "new");
    check("mp1", "local-lvm:vm-102-disk-2,mp=/more,size=2G");
    check("features", "nesting=1");
    assert!(guest(&desk, 102).pending.contains("features"));
    must(&desk, RUNNING, "delete=mp1");
    assert!(guest(&desk, 102).pending.contains("mp1"));
    must(&desk, RUNNING, "revert=mp1,features");
    assert!(guest(&desk, 102).pending.is_empty());
    must(
        &desk,
        STOPPED,
        "mp0=local-lvm:2,mp=/more&net0=name=eth0,bridge=vmbr0,ip=dhcp",
    );
    must(&desk, STOPPED, "delete=mp0");
    assert_eq!(option(&desk, 110, "unused0"), "local-lvm:vm-110-disk-1");
    must(&desk, STOPPED, "delete=unused0");
    assert_eq!(option(&desk, 110, "unused0"), "");
    holds(&desk);
}

#[test]
fn reverted_mount_points_leave_nothing() {
    let desk = desk();
    must(&desk, RUNNING, "mp0=local-lvm:2,mp=/other");
    assert!(has_volume(&desk, "pve01", "local-lvm:vm-102-disk-2"));
    must(&desk, RUNNING, "revert=mp0");
    assert!(!has_volume(&desk, "pve01", "local-lvm:vm-102-disk-2"));
    assert!(has_volume(&desk, "pve01", "local-lvm:vm-102-disk-1"));
    holds(&desk);
}

#[test]
fn what_is_refused() {
    let desk = desk();
    let check = |body: &str, want: &str| assert_eq!(refusal(&desk, STOPPED, body), want, "{body}");
    check("", "500 no options specified");
    check(
        "delete=nonsense",
        r#"400 {"delete":"unknown option 'nonsense'"}"#,
    );
    check(
        "delete=rootfs",
        "500 unable to delete required option 'rootfs'",
    );
    check(
        "delete=unprivileged",
        "500 unable to delete read-only option: 'unprivileged'",
    );
    check(
        "unprivileged=0",
        "500 unable to modify read-only option: 'unprivileged'",
    );
    check(
        "mp0=backup:2,mp=/a",
        "500 storage 'backup' does not allow content type 'rootdir' (Container)",
    );
    check(
        "cores=1&digest=0123456789012345678901234567890123456789",
        "500 detected modified configuration - file changed by other user? Try again.",
    );
    must(&desk, STOPPED, "protection=1");
    check(
        "delete=mp0&mp1=local-lvm:1,mp=/a",
        "500 can't remove CT 110 drive 'mp0' - protection mode enabled",
    );
    holds(&desk);
}
