//! Changes of machines as clients make them.

use crate::pve::api::nodes::guest::testing::{
    guest, has_volume, holds, must, option, refusal, task, vmid,
};
use crate::pve::testing::desk;
use crate::pve::world::guest::Pending;

const RUNNING: &str = "PUT /nodes/pve01/qemu/101/config";
const STOPPED: &str = "PUT /nodes/pve02/qemu/105/config";

#[test]
fn options_at_once_and_later() {
    let desk = desk();
    let text = "name=new&tags=B,a;b&description=one%0Atwo&memory=4096&cores=4";
    assert!(must(&desk, RUNNING, text).is_null());
    let check = |key: &str, want: &str| assert_eq!(option(&desk, 101, key), want, "{key}");
    check("name", "new");
    check("tags", "a;b");
    check("description", "one\ntwo");
    check("memory", "2048");
    let pending = guest(&desk, 101).pending;
    assert_eq!(
        pending.get("memory"),
        Some(&Pending::Set("4096".to_owned()))
    );
    must(&desk, RUNNING, "revert=memory");
    must(&desk, RUNNING, "delete=cores,description");
    let pending: Vec<_> = guest(&desk, 101).pending.into_iter().collect();
    assert_eq!(pending, [("cores".to_owned(), Pending::Delete)]);
    check("description", "");
    must(&desk, STOPPED, "memory=1024&delete=tags");
    assert_eq!(option(&desk, 105, "memory"), "1024");
    assert_eq!(option(&desk, 105, "tags"), "");
    holds(&desk);
}

#[test]
fn disks_through_the_configuration() {
    let desk = desk();
    must(
        &desk,
        STOPPED,
        "scsi1=local-lvm:8,ssd=1&ide2=local-lvm:cloudinit",
    );
    assert_eq!(
        option(&desk, 105, "scsi1"),
        "local-lvm:vm-105-disk-1,size=8G,ssd=1"
    );
    assert_eq!(option(&desk, 105, "boot"), "order=scsi0;net0;ide2");
    must(&desk, STOPPED, "delete=scsi1,ide2");
    assert_eq!(option(&desk, 105, "unused0"), "local-lvm:vm-105-disk-1");
    assert!(!has_volume(&desk, "pve02", "local-lvm:vm-105-cloudinit"));
    must(&desk, STOPPED, "delete=unused0");
    assert!(!has_volume(&desk, "pve02", "local-lvm:vm-105-disk-1"));
    must(&desk, STOPPED, "scsi1=local-lvm:8");
    must(
        &desk,
        "PUT /nodes/pve02/qemu/105/unlink",
        "idlist=scsi1&force=1",
    );
    assert!(!has_volume(&desk, "pve02", "local-lvm:vm-105-disk-1"));
    assert_eq!(option(&desk, 105, "unused0"), "");
    let upid = task(
        &desk,
        "POST /nodes/pve02/qemu/105/config",
        "scsi3=local-lvm:2&cores=8",
    );
    assert!(upid.contains(":qmconfig:105:"), "{upid}");
    assert_eq!(
        option(&desk, 105, "scsi3"),
        "local-lvm:vm-105-disk-1,size=2G"
    );
    assert!(
        must(
            &desk,
            "POST /nodes/pve02/qemu/105/config",
            "cores=2&background_delay=5"
        )
        .is_null()
    );
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
        "revert=nonsense",
        r#"400 {"revert":"unknown option 'nonsense'"}"#,
    );
    check(
        "delete=cores&cores=1",
        r#"400 {"delete":"you can't use '-cores' and -delete cores' at the same time"}"#,
    );
    check(
        "cores=1&digest=0123456789012345678901234567890123456789",
        "500 checksum mismatch (file change by other user?)",
    );
    check(
        "balloon=99999",
        "500 balloon value too large (must be smaller than assigned memory)",
    );
    check(
        "boot=order=scsi7",
        "500 invalid bootorder: device 'scsi7' does not exist'",
    );
    check("scsi1=gone:8", "500 storage 'gone' does not exist");
    check(
        "scsi1=local-lvm:vm-105-disk-9",
        "500 volume 'local-lvm:vm-105-disk-9' does not exist",
    );
    check(
        "delete=scsi0&force=1",
        r#"400 {"scsi0":"unable to delete 'local-lvm:vm-105-disk-0' - volume is still in use (snapshot?)"}"#,
    );
    check(
        "unused0=local-lvm:vm-104-disk-0",
        "500 volume 'local-lvm:vm-104-disk-0' is already in use by guest 104",
    );
    let digest = guest(&desk, 105).digest();
    must(&desk, STOPPED, &format!("cores=1&digest={digest}"));
    must(&desk, STOPPED, "protection=1");
    check(
        "delete=scsi0",
        "500 can't remove drive 'scsi0' - protection mode enabled",
    );
    desk.change(|world| {
        let guest = world.guests.get_mut(&vmid(105)).unwrap();
        guest.lock = Some(crate::pve::world::guest::Lock::Backup);
    });
    check("cores=1", "500 VM is locked (backup)");
    must(&desk, STOPPED, "cores=1&skiplock=1");
    let elsewhere = refusal(&desk, "PUT /nodes/pve01/qemu/105/config", "cores=1");
    assert_eq!(
        elsewhere,
        "500 Configuration file 'nodes/pve01/qemu-server/105.conf' does not exist"
    );
    holds(&desk);
}
