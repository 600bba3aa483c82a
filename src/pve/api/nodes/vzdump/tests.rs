//! Backups come, remember their guests, and go by retention.

use serde_json::{Value, json};

use crate::pve::testing::{desk, desk_of, holds, strict_desk};
use crate::pve::world::World;
use crate::pve::world::guest::Lock;

type Desk = crate::proxmox::service::testing::Desk<World>;

fn of_guest(desk: &Desk, storage: &str, vmid: u32) -> Vec<Value> {
    let list = desk.get(&format!(
        "/nodes/pve01/storage/{storage}/content?content=backup&vmid={vmid}"
    ));
    list.as_array().unwrap().clone()
}

#[test]
fn one_guest() {
    let desk = desk();
    let upid = desk.task(
        "POST /nodes/pve01/vzdump",
        "vmid=101&storage=backup&mode=snapshot&compress=zstd&notes-template={{guestname}} on {{node}}&protected=1",
    );
    assert!(upid.contains(":vzdump:101:root@pam:"));
    let list = of_guest(&desk, "backup", 101);
    assert_eq!(list.len(), 2);
    let id = "backup:backup/vzdump-qemu-101-2026_01_05-12_00_00.vma.zst";
    assert_eq!(list[1]["volid"], id);
    assert_eq!(list[1]["notes"], "e2e-qemu-101 on pve01");
    assert_eq!(list[1]["ctime"], desk.now().as_second());
    assert_eq!(list[1]["protected"], 1);
    let config = desk.get(&format!("/nodes/pve01/vzdump/extractconfig?volume={id}"));
    assert!(
        config
            .as_str()
            .unwrap()
            .contains("\nscsi0: local-lvm:vm-101-disk-0,iothread=1,size=20G\n"),
        "{config}"
    );
    let log = desk.world();
    let log = log.tasks.tasks().last().unwrap();
    let texts: Vec<_> = log.lines.iter().map(|line| line.text.as_str()).collect();
    assert!(
        texts.contains(&"INFO: include disk 'scsi0' 'local-lvm:vm-101-disk-0' 20G"),
        "{texts:?}"
    );
    assert_eq!(
        texts.last(),
        Some(&"INFO: Backup job finished successfully")
    );
    holds(&desk);
}

#[test]
fn retention_goes_on_from_there() {
    let mut desk = desk();
    for _ in 0..3 {
        desk.task(
            "POST /nodes/pve01/vzdump",
            "vmid=103&storage=backup&prune-backups=keep-last%3D2",
        );
        desk.step(86_400);
    }
    let list = of_guest(&desk, "backup", 103);
    assert_eq!(list.len(), 2);
    assert_eq!(list[0]["format"], "vma");
    let upid = desk.must(
        "POST /nodes/pve01/vzdump",
        "vmid=103&storage=backup&prune-backups=keep-last%3D2&remove=0",
    );
    assert_eq!(desk.exit_status(upid.as_str().unwrap()), "job errors");
    holds(&desk);
}

#[test]
fn several_guests() {
    let desk = desk();
    let upid = desk.task(
        "POST /nodes/pve01/vzdump",
        "vmid=101,102,104&storage=nfs-backup&compress=gzip",
    );
    assert!(upid.contains(":vzdump::root@pam:"));
    assert_eq!(of_guest(&desk, "nfs-backup", 101).len(), 2);
    assert_eq!(of_guest(&desk, "nfs-backup", 102)[0]["format"], "tar.gz");
    // It is on another node.
    assert_eq!(of_guest(&desk, "nfs-backup", 104).len(), 1);
    assert_eq!(
        desk.must("POST /nodes/pve01/vzdump", "vmid=104&storage=nfs-backup"),
        "OK"
    );
    desk.task(
        "POST /nodes/pve02/vzdump",
        "all=1&storage=nfs-backup&exclude=105",
    );
    assert_eq!(of_guest(&desk, "nfs-backup", 105).len(), 0);
    assert_eq!(of_guest(&desk, "nfs-backup", 109).len(), 2);
    desk.task(
        "POST /nodes/pve01/vzdump",
        "pool=tests&storage=nfs-backup&compress=lzo",
    );
    // Retention of the storage keeps one of a month.
    assert_eq!(of_guest(&desk, "nfs-backup", 102).len(), 1);
    let partly = desk.must(
        "POST /nodes/pve01/vzdump",
        "vmid=108,999&storage=nfs-backup",
    );
    assert_eq!(desk.exit_status(partly.as_str().unwrap()), "job errors");
    assert_eq!(of_guest(&desk, "nfs-backup", 108).len(), 1);
    holds(&desk);
}

#[test]
fn what_is_refused() {
    let desk = desk();
    let check = |form: &str, want: &str| {
        let got = desk.ask("POST /nodes/pve01/vzdump", form);
        let text = match got.data().as_str() {
            Some(upid) if upid.starts_with("UPID") => desk.exit_status(upid),
            Some(other) => other.to_owned(),
            None if got.body["errors"].is_object() => got.body["errors"].to_string(),
            None => got.status,
        };
        assert_eq!(text, want, "{form}");
    };
    check("storage=backup", r#"{"vmid":"property is missing"}"#);
    check(
        "vmid=101&all=1",
        r#"{"all":"option conflicts with option 'vmid'"}"#,
    );
    check(
        "vmid=101&pool=tests",
        r#"{"pool":"option conflicts with option 'vmid'"}"#,
    );
    check(
        "vmid=101&stdout=1",
        r#"{"stdout":"option is only allowed on the command line interface."}"#,
    );
    check(
        "vmid=101&storage=nix",
        "could not get storage information for 'nix': storage 'nix' does not exist",
    );
    check(
        "vmid=101",
        "could not get storage information for 'local': can't use storage 'local' for backups - wrong content type",
    );
    check("vmid=999&storage=backup", "job errors");
    check("vmid=103&storage=backup&mode=stop", "job errors");
    check(
        "vmid=101&storage=backup&notes-template={{x}}",
        r#"{"notes-template":"found unknown: variable 'x' at char 4\n"}"#,
    );
    desk.change(|world| {
        world.guests.get_mut(&"101".parse().unwrap()).unwrap().lock = Some(Lock::Snapshot)
    });
    check("vmid=101&storage=backup", "job errors");
    assert_eq!(
        desk.world().guests[&"101".parse().unwrap()].lock,
        Some(Lock::Snapshot)
    );
    holds(&desk);
}

#[test]
fn it_takes_its_time() {
    let mut desk = crate::proxmox::service::testing::Desk::with(crate::pve::blueprint(), |setup| {
        setup.task_time = std::time::Duration::from_secs(60);
    });
    let before = desk.world().guests[&"101".parse().unwrap()].started;
    let upid = desk.must(
        "POST /nodes/pve01/vzdump",
        "vmid=101&storage=backup&mode=stop",
    );
    let vmid = "101".parse().unwrap();
    assert_eq!(desk.world().guests[&vmid].lock, Some(Lock::Backup));
    assert_eq!(of_guest(&desk, "backup", 101).len(), 1);
    assert_eq!(desk.exit_status(upid.as_str().unwrap()), "running");
    desk.step(60);
    let guest = desk.world().guests[&vmid].clone();
    assert_eq!(guest.lock, None);
    assert!(guest.status.is_running() && guest.started != before);
    assert_eq!(of_guest(&desk, "backup", 101).len(), 2);
    holds(&desk);
}

#[test]
fn defaults() {
    let desk = desk();
    let got = desk.get("/nodes/pve01/vzdump/defaults?storage=backup");
    assert_eq!(
        (&got["mode"], &got["prune-backups"], &got["dumpdir"]),
        (
            &json!("snapshot"),
            &json!("keep-last=7"),
            &json!("/mnt/backup/dump")
        )
    );
    let got = desk.ask("GET /nodes/pve01/vzdump/defaults", "");
    assert_eq!(
        got.status,
        "500 can't use storage 'local' for backups - wrong content type"
    );
    desk_of("8.4").get("/nodes/pve01/vzdump/defaults?storage=backup");
    desk_of("7.4").get("/nodes/pve01/vzdump/defaults?storage=backup");
}

#[test]
fn who_may() {
    let mut desk = strict_desk();
    desk.log_in("auditor@pve");
    let got = desk.ask("POST /nodes/pve01/vzdump", "vmid=101&storage=backup");
    assert_eq!(
        got.status,
        "403 Permission check failed (/storage/backup, Datastore.AllocateSpace)"
    );
    let got = desk.ask(
        "POST /nodes/pve01/vzdump",
        "vmid=101&storage=backup&script=/x",
    );
    assert_eq!(
        got.body["errors"]["script"],
        "Only root may set this option."
    );
}
