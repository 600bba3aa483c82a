//! Who may change what, option by option.

mod values;

use crate::proxmox::service::testing::Desk;
use crate::pve::api::nodes::guest::testing::{form, must, words};
use crate::pve::testing::strict_desk;
use crate::pve::world::{World, invariants};

const MACHINE: &str = "PUT /nodes/pve02/qemu/105/config";
const CONTAINER: &str = "PUT /nodes/pve01/lxc/108/config";
const NEW_MACHINE: &str = "POST /nodes/pve01/qemu";
const NEW_CONTAINER: &str = "POST /nodes/pve01/lxc";
const CLONE: &str = "POST /nodes/pve02/qemu/105/clone";
const TEMPLATE: &str = "ostemplate=local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst";

const MAKE: &str = "/vms=VM.Allocate,VM.Audit,VM.Clone,VM.PowerMgmt /storage/local=Datastore.Audit,Datastore.AllocateSpace";
const SPACE: &str = "/storage/local-lvm=Datastore.AllocateSpace";
const BRIDGE: &str = "/sdn/zones/localnetwork/vmbr1=SDN.Use";

/// A user with nothing, until a case gives him something.
fn desk_with_user() -> Desk<World> {
    let mut desk = strict_desk();
    desk.log_in("root@pam");
    must(&desk, "POST /access/users", "userid=case@pve");
    desk
}

/// What a user is told who has these privileges (`<path>=<privilege>,...`, with blanks between them); empty when all
/// is well.
fn told(desk: &mut Desk<World>, grants: &str, line: &str, body: &str) -> String {
    let before = desk.world();
    desk.log_in("root@pam");
    for (number, grant) in grants.split_whitespace().enumerate() {
        let (path, privileges) = grant.split_once('=').unwrap();
        must(
            desk,
            "POST /access/roles",
            &format!("roleid=case{number}&privs={privileges}"),
        );
        let body = format!("path={path}&users=case@pve&roles=case{number}");
        must(desk, "PUT /access/acl", &body);
    }
    desk.log_in("case@pve");
    let got = desk.ask(line, &form(body));
    let is_done = got.status.starts_with("200") && got.data().is_null();
    let told = match is_done {
        true => String::new(),
        false => words(desk, got),
    };
    assert_eq!(
        invariants(&desk.world()),
        Vec::<String>::new(),
        "{line} {body}"
    );
    desk.change(|world| *world = before);
    told
}

fn denied(what: &str) -> String {
    format!("403 Permission check failed ({what})")
}

#[test]
fn options_of_machines() {
    let mut desk = desk_with_user();
    let mut check = |body: &str, grants: &str, want: &str| {
        let told = told(&mut desk, grants, MACHINE, body);
        assert_eq!(told, want, "{body} {grants}");
    };
    // One privilege each; the operation itself asks for any of them.
    for (body, privilege) in [
        ("cores=2", "VM.Config.CPU"),
        ("cpu=host", "VM.Config.CPU"),
        ("numa0=cpus=0-1,memory=512", "VM.Config.CPU"),
        ("memory=1024", "VM.Config.Memory"),
        ("balloon=0", "VM.Config.Memory"),
        ("vga=std", "VM.Config.HWType"),
        ("serial0=socket", "VM.Config.HWType"),
        ("usb0=spice", "VM.Config.HWType"),
        ("rng0=source=/dev/urandom", "VM.Config.HWType"),
        ("onboot=1", "VM.Config.Options"),
        ("name=other", "VM.Config.Options"),
        ("tags=free", "VM.Config.Options"),
        ("delete=tags", "VM.Config.Options"),
        ("boot=order=scsi0", "VM.Config.Disk"),
        ("delete=scsi0", "VM.Config.Disk"),
        ("scsi1=none,media=cdrom", "VM.Config.CDROM"),
    ] {
        let other = match privilege {
            "VM.Config.Network" => "VM.Config.Disk",
            _ => "VM.Config.Network",
        };
        check(body, &format!("/vms/105={privilege}"), "");
        let want = denied(&format!("/vms/105, {privilege}"));
        check(body, &format!("/vms/105={other}"), &want);
    }
}

#[test]
fn drives_and_others_of_machines() {
    let mut desk = desk_with_user();
    let mut check = |body: &str, grants: &str, want: &str| {
        let told = told(&mut desk, grants, MACHINE, body);
        assert_eq!(told, want, "{body} {grants}");
    };
    let cloud_init = denied("/vms/105, VM.Config.Network");
    check("ciuser=me", "/vms/105=VM.Config.Cloudinit", "");
    check("ciuser=me", "/vms/105=VM.Config.Network", "");
    check("ciuser=me", "/vms/105=VM.Config.Disk", &cloud_init);
    let drive = denied("/vms/105, VM.Config.Cloudinit, VM.Config.CDROM");
    check(
        "ide2=local-lvm:cloudinit",
        "/vms/105=VM.Config.CDROM",
        &drive,
    );
    let options = "/vms/105=VM.Config.Options";
    check("startup=order=1", options, &denied("/, Sys.Modify"));
    check("startup=order=1", &format!("{options} /=Sys.Modify"), "");
    let disk = "/vms/105=VM.Config.Disk";
    let space = denied("/storage/local-lvm, Datastore.AllocateSpace");
    check("scsi1=local-lvm:1", disk, &space);
    check("vmstatestorage=local-lvm", disk, &space);
    check("scsi1=local-lvm:1", &format!("{disk} {SPACE}"), "");
    check(
        "ide2=cdrom,media=cdrom",
        "/vms/105=VM.Config.CDROM",
        &denied("/, Sys.Console"),
    );
}

#[test]
fn what_only_the_superuser_may() {
    let mut desk = desk_with_user();
    let mut check = |body: &str, grants: &str, want: &str| {
        let told = told(&mut desk, grants, MACHINE, body);
        assert_eq!(told, want, "{body} {grants}");
    };
    // What nobody but the superuser may.
    let all = "/=VM.Config.Options,VM.Config.HWType,VM.Config.Disk,VM.Config.CPU,Sys.Modify,Datastore.Allocate";
    for (body, want) in [
        ("args=-x", "500 only root can set 'args' config"),
        (
            "hookscript=local:snippets/hook.pl",
            "500 only root can set 'hookscript' config",
        ),
        ("lock=backup", "500 only root can set 'lock' config"),
        ("affinity=0", "500 only root can set 'affinity' config"),
        (
            "parallel0=/dev/parport0",
            "500 only root can set 'parallel0' config",
        ),
        (
            "serial0=/dev/ttyS0",
            "500 only root can modify 'serial0' config for real devices",
        ),
        (
            "usb0=host=1234:5678",
            "500 only root can set 'usb0' config for real devices",
        ),
        (
            "hostpci0=0000:01:00.0",
            "500 only root can set 'hostpci0' config for non-mapped devices",
        ),
        (
            "skiplock=1&cores=1",
            r#"400 {"skiplock":"Only root may use this option."}"#,
        ),
        (
            "scsi1=/dev/sdb",
            "500 Only root can pass arbitrary filesystem paths.",
        ),
    ] {
        check(body, all, want);
    }
}

#[test]
fn options_of_containers() {
    let mut desk = desk_with_user();
    let mut check = |body: &str, grants: &str, want: &str| {
        let told = told(&mut desk, grants, CONTAINER, body);
        assert_eq!(told, want, "{body} {grants}");
    };
    for (body, privilege) in [
        ("cores=2", "VM.Config.CPU"),
        ("memory=1024", "VM.Config.Memory"),
        ("swap=1024", "VM.Config.Memory"),
        ("hostname=other", "VM.Config.Network"),
        ("nameserver=1.1.1.1", "VM.Config.Network"),
        ("onboot=0", "VM.Config.Options"),
        ("tags=production;proxy;new", "VM.Config.Options"),
    ] {
        let other = match privilege {
            "VM.Config.Network" => "VM.Config.Disk",
            _ => "VM.Config.Network",
        };
        check(body, &format!("/vms/108={privilege}"), "");
        let want = denied(&format!("/vms/108, {privilege}"));
        check(body, &format!("/vms/108={other}"), &want);
    }
}

#[test]
fn drives_and_features_of_containers() {
    let mut desk = desk_with_user();
    let mut check = |body: &str, grants: &str, want: &str| {
        let told = told(&mut desk, grants, CONTAINER, body);
        assert_eq!(told, want, "{body} {grants}");
    };
    let disk = "/vms/108=VM.Config.Disk";
    check(
        "mp0=local-lvm:1,mp=/a",
        disk,
        &denied("/storage/local-lvm, Datastore.AllocateSpace"),
    );
    check("mp0=local-lvm:1,mp=/a", &format!("{disk} {SPACE}"), "");
    let root = |what: &str| denied(&format!("{what} only allowed for root@pam"));
    check("mp0=/srv,mp=/a", disk, &root("mount point type bind is"));
    check(
        "mp0=/dev/sdb,mp=/a",
        disk,
        &root("mount point type device is"),
    );
    let net = "/vms/108=VM.Config.Network";
    let card = "net1=name=eth1,bridge=vmbr1";
    check(card, net, &denied("/sdn/zones/localnetwork/vmbr1, SDN.Use"));
    check(card, &format!("{net} {BRIDGE}"), "");
    check(
        "net0=name=eth0,bridge=vmbr1",
        &format!("{net} {BRIDGE}"),
        &denied("/sdn/zones/localnetwork/vmbr0, SDN.Use"),
    );
    let allocate = "/vms/108=VM.Allocate,VM.Config.Options";
    check("features=nesting=0", allocate, "");
    check("features=nesting=1", "/vms/108=VM.Config.Options", "");
    check(
        "features=nesting=0",
        "/vms/108=VM.Config.Options",
        &denied("/vms/108, VM.Allocate"),
    );
    check("delete=features", allocate, "");
    check(
        "features=nesting=1,keyctl=1",
        allocate,
        &root("changing feature flags (except nesting) is"),
    );
    check(
        "hookscript=local:snippets/hook.pl",
        allocate,
        &root("changing the hookscript is"),
    );
    check(
        "dev0=/dev/ttyS0",
        allocate,
        &root("configuring device passthrough is"),
    );
}

#[test]
fn guests_that_are_made() {
    let mut desk = desk_with_user();
    desk.log_in("root@pam");
    must(&desk, MACHINE, "tags=ci");
    let mut check = |line: &str, body: &str, grants: &str, want: &str| {
        let told = told(&mut desk, &format!("{MAKE} {grants}"), line, body);
        assert_eq!(told, want, "{line} {body} {grants}");
    };
    let bridge = denied("/sdn/zones/localnetwork/vmbr1, SDN.Use");
    let config = "/vms=VM.Allocate,VM.Config.Network,VM.Config.Options";
    let card = "vmid=300&net0=virtio,bridge=vmbr1";
    check(NEW_MACHINE, card, config, &bridge);
    check(NEW_MACHINE, card, &format!("{config} {BRIDGE}"), "task: OK");
    check(
        NEW_MACHINE,
        "vmid=300&scsi0=local-lvm:1",
        "",
        &denied("/storage/local-lvm, Datastore.AllocateSpace"),
    );
    check(NEW_MACHINE, "vmid=300&scsi0=local-lvm:1", SPACE, "task: OK");
    let tag = "task: unable to create VM 300 - 403 Permission check failed (/, Sys.Modify for modifying tag 'production')";
    check(NEW_MACHINE, "vmid=300&tags=production", config, tag);
    let serial = "500 only root can set 'serial0' config for real devices";
    check(NEW_MACHINE, "vmid=300&serial0=/dev/ttyS0", config, serial);
    let container = |rest: &str| format!("vmid=300&{TEMPLATE}&storage=local-lvm{rest}");
    check(NEW_CONTAINER, &container(""), SPACE, "task: OK");
    check(
        NEW_CONTAINER,
        &container("&unprivileged=0"),
        SPACE,
        &denied("/, Sys.Modify"),
    );
    check(
        NEW_CONTAINER,
        &container("&features=nesting=1"),
        SPACE,
        "task: OK",
    );
    check(
        NEW_CONTAINER,
        &container("&net0=name=eth0,bridge=vmbr1"),
        &format!("{SPACE} {config}"),
        &bridge,
    );
    let privileged = container("&unprivileged=0&features=nesting=1");
    let features = "changing feature flags for privileged container is only allowed for root@pam";
    check(
        NEW_CONTAINER,
        &privileged,
        &format!("{SPACE} /=Sys.Modify"),
        &denied(features),
    );
    check(CLONE, "newid=300", SPACE, &bridge);
    check(CLONE, "newid=300", &format!("{SPACE} {BRIDGE}"), "task: OK");
    check(
        CLONE,
        "newid=300",
        BRIDGE,
        &denied("/storage/local-lvm, Datastore.AllocateSpace"),
    );
}
