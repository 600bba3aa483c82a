//! New containers, and those that come back.

use crate::pve::api::nodes::guest::testing::{holds, option, refusal, task};
use crate::pve::testing::desk;

const CREATE: &str = "POST /nodes/pve01/lxc";
const TEMPLATE: &str = "ostemplate=local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst";

#[test]
fn a_container_with_everything() {
    let desk = desk();
    let body = format!(
        "vmid=200&{TEMPLATE}&hostname=box&cores=2&password=secret&features=nesting=1&rootfs=local-lvm:8\
         &mp0=local:4,mp=/data&net0=name=eth0,bridge=vmbr0,ip=dhcp"
    );
    let upid = task(&desk, CREATE, &body);
    assert!(upid.contains(":vzcreate:200:"), "{upid}");
    let check = |key: &str, want: &str| assert_eq!(option(&desk, 200, key), want, "{key}");
    check("rootfs", "local-lvm:vm-200-disk-0,size=8G");
    check("mp0", "local:200/vm-200-disk-0.raw,mp=/data,size=4G");
    check("arch", "amd64");
    check("ostype", "debian");
    check("memory", "512");
    check("swap", "512");
    check("unprivileged", "1");
    check("features", "nesting=1");
    check("password", "");
    let net = option(&desk, 200, "net0");
    assert!(
        net.starts_with("name=eth0,bridge=vmbr0,hwaddr=BC:24:11:"),
        "{net}"
    );
    assert!(net.ends_with(",ip=dhcp,type=veth"), "{net}");
    holds(&desk);
}

#[test]
fn what_nobody_says() {
    let desk = desk();
    task(
        &desk,
        CREATE,
        &format!("vmid=200&{TEMPLATE}&unprivileged=0"),
    );
    let check = |key: &str, want: &str| assert_eq!(option(&desk, 200, key), want, "{key}");
    check("rootfs", "local:200/vm-200-disk-0.raw,size=4G");
    check("hostname", "CT200");
    check("unprivileged", "");
    task(
        &desk,
        CREATE,
        &format!("vmid=201&{TEMPLATE}&rootfs=8&storage=local-lvm"),
    );
    assert_eq!(
        option(&desk, 201, "rootfs"),
        "local-lvm:vm-201-disk-0,size=8G"
    );
    holds(&desk);
}

#[test]
fn what_is_refused() {
    let desk = desk();
    let check = |body: &str, want: &str| {
        let body = format!("{body}&{TEMPLATE}");
        assert_eq!(refusal(&desk, CREATE, &body), want, "{body}");
    };
    check("vmid=101", "500 VM 101 already exists on node 'pve01'");
    check("vmid=109", "500 CT 109 already exists on node 'pve02'");
    check(
        "vmid=200&mp0=local:4,mp=/data",
        "500 mount points configured, but 'rootfs' not set - aborting",
    );
    check(
        "vmid=200&storage=backup",
        r#"400 {"storage":"storage 'backup' does not support container directories"}"#,
    );
    check(
        "vmid=200&rootfs=gone:4",
        "500 storage 'gone' does not exist",
    );
    let gone = refusal(
        &desk,
        CREATE,
        "vmid=200&ostemplate=local:vztmpl/gone.tar.zst",
    );
    assert_eq!(
        gone,
        "task: unable to create CT 200 - volume 'local:vztmpl/gone.tar.zst' does not exist"
    );
    holds(&desk);
}

#[test]
fn backups_come_back() {
    let desk = desk();
    let archive = "restore=1&ostemplate=backup:backup/vzdump-lxc-108-2026_01_01-00_00_00.tar.zst";
    let body = format!("vmid=200&{archive}&storage=local-lvm&hostname=copy&unique=1");
    let upid = task(&desk, CREATE, &body);
    assert!(upid.contains(":vzrestore:200:"), "{upid}");
    assert_eq!(option(&desk, 200, "hostname"), "copy");
    assert_eq!(
        option(&desk, 200, "rootfs"),
        "local-lvm:vm-200-disk-0,size=8G"
    );
    assert_ne!(option(&desk, 200, "net0"), option(&desk, 108, "net0"));
    let running = refusal(&desk, CREATE, &format!("vmid=108&{archive}&force=1"));
    assert_eq!(running, "500 can't overwrite running container");
    holds(&desk);
}
