//! Clones, whole and linked.

use crate::proxmox::service::testing::Desk;
use crate::proxmox::work::{Plan, Wish};
use crate::pve::api::nodes::guest::testing::{
    guest, has_volume, holds, must, option, refusal, task, vmid,
};
use crate::pve::testing::desk;
use crate::pve::world::World;
use crate::pve::world::guest::{Lock, Status};

const CLONE: &str = "POST /nodes/pve02/qemu/105/clone";

fn forget_snapshots(desk: &Desk<World>, number: u32) {
    desk.change(|world| {
        let guest = world.guests.get_mut(&vmid(number)).unwrap();
        guest.snapshots.clear();
        guest.parent = None;
    });
}

#[test]
fn whole_clones() {
    let desk = desk();
    let upid = task(
        &desk,
        CLONE,
        "newid=200&name=copy&pool=tests&description=mine",
    );
    assert!(upid.contains(":qmclone:105:"), "{upid}");
    let check = |key: &str, want: &str| assert_eq!(option(&desk, 200, key), want, "{key}");
    check("name", "copy");
    check("description", "mine");
    check("scsi0", "local-lvm:vm-200-disk-0,iothread=1,size=60G");
    check("cores", "4");
    for key in ["net0", "smbios1", "vmgenid"] {
        assert_ne!(option(&desk, 200, key), option(&desk, 105, key), "{key}");
    }
    assert!(guest(&desk, 200).snapshots.is_empty());
    assert_eq!(
        (guest(&desk, 200).lock, guest(&desk, 105).lock),
        (None, None)
    );
    assert!(desk.world().pools["tests"].guests.contains(&vmid(200)));
    task(
        &desk,
        CLONE,
        "newid=201&storage=local&format=qcow2&snapname=clean",
    );
    assert_eq!(
        option(&desk, 201, "scsi0"),
        "local:201/vm-201-disk-0.qcow2,iothread=1,size=60G"
    );
    assert_eq!(option(&desk, 201, "name"), "Copy-of-VM-gitlab-runner-01");
    task(
        &desk,
        "POST /nodes/pve03/qemu/106/clone",
        "newid=202&target=pve01",
    );
    assert_eq!(guest(&desk, 202).node.as_str(), "pve01");
    task(
        &desk,
        "POST /nodes/pve03/lxc/110/clone",
        "newid=203&hostname=copy&full=1",
    );
    assert_eq!(
        option(&desk, 203, "rootfs"),
        "local-lvm:vm-203-disk-0,size=16G"
    );
    holds(&desk);
}

#[test]
fn linked_clones() {
    let desk = desk();
    forget_snapshots(&desk, 105);
    forget_snapshots(&desk, 110);
    task(&desk, "POST /nodes/pve02/qemu/105/template", "");
    assert_eq!(option(&desk, 105, "template"), "1");
    assert_eq!(
        option(&desk, 105, "scsi0"),
        "local-lvm:base-105-disk-0,iothread=1,size=60G"
    );
    task(&desk, CLONE, "newid=200");
    let disk = "local-lvm:base-105-disk-0/vm-200-disk-0,iothread=1,size=60G";
    assert_eq!(option(&desk, 200, "scsi0"), disk);
    assert_eq!(option(&desk, 200, "template"), "");
    task(&desk, CLONE, "newid=201&full=1");
    assert_eq!(
        option(&desk, 201, "scsi0"),
        "local-lvm:vm-201-disk-0,iothread=1,size=60G"
    );
    assert!(must(&desk, "POST /nodes/pve03/lxc/110/template", "").is_null());
    assert_eq!(
        option(&desk, 110, "rootfs"),
        "local-lvm:base-110-disk-0,size=16G"
    );
    task(&desk, "POST /nodes/pve03/lxc/110/clone", "newid=203");
    holds(&desk);
    let check = |body: &str, want: &str| assert_eq!(refusal(&desk, CLONE, body), want, "{body}");
    check(
        "newid=300&storage=local",
        "500 parameter 'storage' not allowed for linked clones",
    );
    check(
        "newid=300&format=raw",
        "500 parameter 'format' not allowed for linked clones",
    );
    let again = refusal(&desk, "POST /nodes/pve02/qemu/105/template", "");
    assert_eq!(again, "500 you can't convert a template to a template");
}

#[test]
fn containers_that_are_created_as_templates_have_no_bases() {
    let desk = desk();
    let form = "vmid=200&ostemplate=local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst&rootfs=local-lvm:4&template=1";
    desk.task("POST /nodes/pve01/lxc", form);
    let clone = "POST /nodes/pve01/lxc/200/clone";
    assert_eq!(
        refusal(&desk, clone, "newid=201&full=0"),
        "500 Linked clone feature for 'local-lvm:vm-200-disk-0' is not available"
    );
    desk.task(clone, "newid=201&full=1");
}

#[test]
fn what_is_refused() {
    let desk = desk();
    let check = |line: &str, body: &str, want: &str| {
        assert_eq!(
            refusal(&desk, &format!("POST /nodes/{line}"), body),
            want,
            "{line} {body}"
        );
    };
    let clone = "pve02/qemu/105/clone";
    check(
        clone,
        "newid=101",
        "500 unable to create VM 101: config file already exists",
    );
    check(
        clone,
        "newid=200&full=0",
        "500 Linked clone feature is not supported for drive 'scsi0'",
    );
    check(
        clone,
        "newid=200&snapname=gone",
        "500 snapshot 'gone' does not exist",
    );
    check(
        clone,
        "newid=200&target=pve01",
        "500 can't clone VM to node 'pve01' (VM uses local storage)",
    );
    check(
        clone,
        "newid=200&target=pve01&storage=local-lvm",
        "500 can't clone to non-shared storage 'local-lvm'",
    );
    check(
        clone,
        "newid=200&storage=gone",
        "500 storage 'gone' does not exist",
    );
    check(
        clone,
        "newid=200&storage=backup",
        r#"400 {"storage":"storage 'backup' does not support vm images"}"#,
    );
    check(
        "pve01/lxc/108/clone",
        "newid=200",
        "500 Full clone of a running container is only possible from a snapshot",
    );
    check(
        "pve01/lxc/108/clone",
        "newid=101",
        "500 VM 101 already exists on node 'pve01'",
    );
    holds(&desk);
}

#[test]
fn templates_that_cannot_be() {
    let desk = desk();
    let check = |line: &str, body: &str, want: &str| {
        let line = format!("POST /nodes/{line}");
        assert_eq!(refusal(&desk, &line, body), want);
    };
    check(
        "pve02/qemu/105/template",
        "",
        "500 unable to create template, because VM contains snapshots",
    );
    forget_snapshots(&desk, 101);
    check(
        "pve01/qemu/101/template",
        "",
        "500 you can't convert a VM to template if VM is running",
    );
    holds(&desk);
}

#[test]
fn locks_while_it_is_made() {
    let mut desk = Desk::with(crate::pve::blueprint(), |setup| {
        setup.task_time = std::time::Duration::from_secs(5);
    });
    must(&desk, CLONE, "newid=200");
    assert_eq!(guest(&desk, 200).lock, Some(Lock::Clone));
    assert_eq!(guest(&desk, 105).lock, Some(Lock::Clone));
    // Several clones of one source go on at the same time.
    must(&desk, CLONE, "newid=201");
    desk.change(|world| {
        world.tasks.plan(Plan {
            kind: Some("qmclone".to_owned()),
            id: None,
            times: 1,
            wish: Wish::Fail("no".to_owned()),
        });
    });
    must(&desk, CLONE, "newid=202");
    assert!(has_volume(&desk, "pve02", "local-lvm:vm-202-disk-0"));
    desk.step(5);
    assert!(!desk.world().guests.contains_key(&vmid(202)));
    assert!(!has_volume(&desk, "pve02", "local-lvm:vm-202-disk-0"));
    assert_eq!(guest(&desk, 105).lock, None);
    assert_eq!(guest(&desk, 201).status, Status::Stopped);
    assert_eq!(guest(&desk, 201).lock, None);
    holds(&desk);
}
