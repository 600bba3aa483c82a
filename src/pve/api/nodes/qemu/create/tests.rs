//! New machines, and those that come back.

use crate::pve::api::nodes::guest::testing::{
    guest, has_volume, holds, must, option, refusal, task, vmid,
};
use crate::pve::testing::{desk, desk_of, strict_desk};
use crate::pve::world::guest::{Lock, Status};
use crate::pve::world::ids::Shelf;
use crate::pve::world::volume::SavedGuest;

const CREATE: &str = "POST /nodes/pve01/qemu";

#[test]
fn a_machine_with_everything() {
    let desk = desk();
    let body = "vmid=200&name=web&memory=2048&cores=2&onboot=1&scsi0=local-lvm:32,iothread=on\
                &ide2=local:iso/debian-12.9.0-amd64-netinst.iso,media=cdrom&net0=virtio,bridge=vmbr0,firewall=1\
                &efidisk0=local-lvm:1,efitype=4m&tpmstate0=local-lvm:1,version=v2.0&tags=Web,app&pool=tests\
                &ide0=local:cloudinit&sshkeys=ssh-rsa%2520AAAAB3Nza%2520me";
    let upid = task(&desk, CREATE, body);
    assert!(upid.contains(":qmcreate:200:root@pam:"), "{upid}");
    let check = |key: &str, want: &str| assert_eq!(option(&desk, 200, key), want, "{key}");
    check("scsi0", "local-lvm:vm-200-disk-1,iothread=1,size=32G");
    check("efidisk0", "local-lvm:vm-200-disk-0,efitype=4m,size=4M");
    check("tpmstate0", "local-lvm:vm-200-disk-2,size=4M,version=v2.0");
    check("ide0", "local:200/vm-200-cloudinit.qcow2,media=cdrom");
    check(
        "ide2",
        "local:iso/debian-12.9.0-amd64-netinst.iso,media=cdrom,size=632M",
    );
    check("boot", "order=scsi0;ide0;net0");
    check("meta", "creation-qemu=10.0.2,ctime=1767614400");
    check("onboot", "1");
    check("memory", "2048");
    check("tags", "app;web");
    check("sshkeys", "ssh-rsa%20AAAAB3Nza%20me");
    let net = option(&desk, 200, "net0");
    assert!(
        net.starts_with("virtio=BC:24:11:") && net.ends_with(",bridge=vmbr0,firewall=1"),
        "{net}"
    );
    assert_eq!(
        net.len(),
        "virtio=BC:24:11:00:00:00,bridge=vmbr0,firewall=1".len()
    );
    assert_eq!(option(&desk, 200, "smbios1").len(), "uuid=".len() + 36);
    assert_eq!(option(&desk, 200, "vmgenid").len(), 36);
    assert_eq!(guest(&desk, 200).lock, None);
    assert!(desk.world().pools["tests"].guests.contains(&vmid(200)));
    holds(&desk);
}

#[test]
fn what_is_there_while_it_is_made() {
    let mut desk = crate::proxmox::service::testing::Desk::with(crate::pve::blueprint(), |setup| {
        setup.task_time = std::time::Duration::from_secs(10);
    });
    let upid = must(&desk, CREATE, "vmid=200&scsi0=local-lvm:8&start=1");
    let upid = upid.as_str().unwrap();
    assert_eq!(desk.exit_status(upid), "running");
    assert_eq!(guest(&desk, 200).lock, Some(Lock::Create));
    assert!(guest(&desk, 200).config.is_empty());
    assert!(refusal(&desk, CREATE, "vmid=200").contains("VM 200 already exists on node 'pve01'"));
    holds(&desk);
    desk.step(10);
    assert_eq!(desk.exit_status(upid), "OK");
    assert_eq!(guest(&desk, 200).status, Status::Running);
    let world = desk.world();
    let last = world.tasks.tasks().next_back().unwrap();
    assert_eq!(last.upid.kind, "qmstart");
    holds(&desk);
}

#[test]
fn a_template_from_the_start() {
    let desk = desk();
    task(&desk, CREATE, "vmid=200&scsi0=local-lvm:8&template=1");
    assert_eq!(
        option(&desk, 200, "scsi0"),
        "local-lvm:base-200-disk-0,size=8G"
    );
    holds(&desk);
}

#[test]
fn what_is_refused() {
    let desk = desk();
    let check = |body: &str, want: &str| assert_eq!(refusal(&desk, CREATE, body), want, "{body}");
    check(
        "vmid=101",
        "500 unable to create VM 101 - VM 101 already exists on node 'pve01'",
    );
    check(
        "vmid=109",
        "500 unable to create VM 109 - CT 109 already exists on node 'pve02'",
    );
    check("vmid=200&scsi0=gone:8", "500 storage 'gone' does not exist");
    check(
        "vmid=200&scsi0=backup:8",
        r#"400 {"storage":"storage 'backup' does not support vm images"}"#,
    );
    check(
        "vmid=200&scsi0=local-lvm:8,import-from=local:import/appliance.qcow2",
        r#"400 {"scsi0":"'import-from' requires special syntax - use <storage ID>:0,import-from=<source>"}"#,
    );
    check(
        "vmid=200&ide2=local:iso/debian-12.9.0-amd64-netinst.iso",
        r#"400 {"ide2":"explicit 'media=cdrom' is required for iso images"}"#,
    );
    check(
        "vmid=200&ide2=local:iso/gone.iso,media=cdrom",
        "task: unable to create VM 200 - volume 'local:iso/gone.iso' does not exist",
    );
    check(
        "vmid=200&pool=gone",
        "403 Permission check failed (pool 'gone' does not exist)",
    );
    check(
        "vmid=200&sshkeys=nonsense",
        "500 SSH public key validation error",
    );
    assert!(!desk.world().guests.contains_key(&vmid(200)));
    holds(&desk);
}

#[test]
fn a_failure_leaves_nothing() {
    let desk = desk();
    let body = "vmid=200&scsi0=local-lvm:8&ide2=local:iso/gone.iso,media=cdrom";
    refusal(&desk, CREATE, body);
    assert!(!has_volume(&desk, "pve01", "local-lvm:vm-200-disk-0"));
    holds(&desk);
}

#[test]
fn who_may() {
    let mut desk = strict_desk();
    desk.log_in("auditor@pve");
    assert_eq!(
        refusal(&desk, CREATE, "vmid=200"),
        "403 Permission check failed"
    );
}

#[test]
fn older_releases() {
    for release in ["8.4", "7.4"] {
        let desk = desk_of(release);
        task(
            &desk,
            CREATE,
            "vmid=200&cdrom=none&scsi0=local-lvm:1&net0=virtio,bridge=vmbr0",
        );
        assert_eq!(option(&desk, 200, "ide2"), "none,media=cdrom");
        assert_eq!(option(&desk, 200, "boot"), "order=scsi0;ide2;net0");
        holds(&desk);
    }
}

#[test]
fn backups_come_back() {
    let desk = desk();
    let archive = "archive=backup:backup/vzdump-qemu-103-2026_01_01-00_00_00.vma.zst";
    let upid = task(
        &desk,
        CREATE,
        &format!("vmid=200&{archive}&unique=1&name=copy&storage=ceph-pool"),
    );
    assert!(upid.contains(":qmrestore:200:"), "{upid}");
    let check = |key: &str, want: &str| assert_eq!(option(&desk, 200, key), want, "{key}");
    check("name", "copy");
    check("scsi0", "ceph-pool:vm-200-disk-0,iothread=1,size=40G");
    check("tags", "production;web");
    assert_ne!(option(&desk, 200, "net0"), option(&desk, 103, "net0"));
    assert_ne!(option(&desk, 200, "smbios1"), option(&desk, 103, "smbios1"));
    holds(&desk);
    let running = refusal(&desk, CREATE, &format!("vmid=103&{archive}&force=1"));
    assert_eq!(running, "task: unable to restore VM 103 - vm is running");
    let taken = refusal(&desk, CREATE, &format!("vmid=105&{archive}"));
    assert!(
        taken.starts_with("500 unable to restore VM 105 - VM 105 already exists"),
        "{taken}"
    );
}

#[test]
fn a_backup_remembers_its_guest() {
    let desk = desk();
    let shelf: Shelf = "backup".parse().unwrap();
    let name = "backup/vzdump-qemu-103-2026_01_01-00_00_00.vma.zst";
    desk.change(|world| {
        let config = [
            ("name", "old"),
            ("memory", "1024"),
            ("virtio0", "local-lvm:x,size=3G"),
        ];
        let config = config
            .map(|(key, value)| (key, value.to_owned()))
            .into_iter()
            .collect();
        let volume = world
            .volumes
            .get_mut(&shelf)
            .unwrap()
            .get_mut(name)
            .unwrap();
        volume.guest = Some(SavedGuest {
            kind: crate::pve::world::guest::Kind::Qemu,
            config,
        });
    });
    desk.change(|world| {
        world
            .guests
            .get_mut(&vmid(103))
            .unwrap()
            .turn(Status::Stopped, desk.now())
    });
    task(
        &desk,
        CREATE,
        &format!("vmid=103&archive=backup:{name}&force=1"),
    );
    let guest = guest(&desk, 103);
    assert_eq!(guest.config.text("name"), Some("old"));
    assert_eq!(
        guest.config.text("virtio0"),
        Some("local-lvm:vm-103-disk-0,size=3G")
    );
    assert!(guest.snapshots.is_empty());
    assert!(desk.world().pools["production"].guests.contains(&vmid(103)));
    holds(&desk);
}
