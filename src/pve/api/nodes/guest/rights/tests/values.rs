//! What is asked of the values of options: bridges, mapped devices and tags.

use super::{BRIDGE, MACHINE, denied, desk_with_user, told};
use crate::proxmox::service::testing::Desk;
use crate::pve::api::nodes::guest::testing::must;

#[test]
fn bridges() {
    let mut desk = desk_with_user();
    desk.log_in("root@pam");
    must(&desk, MACHINE, "net1=virtio,bridge=vmbr0,tag=7");
    let mut check = |body: &str, grants: &str, want: &str| {
        let told = told(&mut desk, grants, MACHINE, body);
        assert_eq!(told, want, "{body} {grants}");
    };
    let net = "/vms/105=VM.Config.Network";
    let uses = |path: &str| denied(&format!("/sdn/zones/{path}, SDN.Use"));
    let local = "/sdn/zones/localnetwork=SDN.Use";
    check("net2=virtio,bridge=vmbr1", net, &uses("localnetwork/vmbr1"));
    check("net2=virtio,bridge=vmbr1", &format!("{net} {BRIDGE}"), "");
    check("net2=virtio", net, "");
    check(
        "net2=virtio,bridge=vmbr1,tag=9",
        net,
        &uses("localnetwork/vmbr1/9"),
    );
    check(
        "net2=virtio,bridge=vmbr1,tag=9",
        &format!("{net} /sdn/zones/localnetwork/vmbr1/9=SDN.Use"),
        "",
    );
    let trunk = "net2=virtio,bridge=vmbr1,trunks=3;5-6";
    check(
        trunk,
        &format!("{net} /sdn/zones/localnetwork/vmbr1/3=SDN.Use"),
        &uses("localnetwork/vmbr1/5"),
    );
    check(trunk, &format!("{net} {BRIDGE}"), "");
    check(
        "net2=virtio,bridge=labnet",
        &format!("{net} {local}"),
        &uses("lab/labnet"),
    );
    check(
        "net2=virtio,bridge=labnet",
        &format!("{net} /sdn/zones/lab=SDN.Use"),
        "",
    );
    // Whoever may not use what is there may not take it away either.
    check(
        "net1=virtio,bridge=vmbr1",
        &format!("{net} {BRIDGE}"),
        &uses("localnetwork/vmbr0/7"),
    );
    check("delete=net1", net, &uses("localnetwork/vmbr0/7"));
    check("delete=net1", &format!("{net} {local}"), "");
    check("delete=net9", net, "");
}

#[test]
fn mapped_devices() {
    let mut desk = desk_with_user();
    desk.log_in("root@pam");
    must(&desk, MACHINE, "usb1=mapping=dongle");
    let mut check = |body: &str, grants: &str, want: &str| {
        let told = told(&mut desk, grants, MACHINE, body);
        assert_eq!(told, want, "{body} {grants}");
    };
    let hardware = "/vms/105=VM.Config.HWType,VM.Config.Disk,VM.Config.CPU";
    for (body, path) in [
        ("hostpci0=mapping=card", "pci/card"),
        ("usb0=mapping=dongle", "usb/dongle"),
        ("usb1=spice", "usb/dongle"),
        ("delete=usb1", "usb/dongle"),
        ("virtiofs0=dirid=shared-data", "dir/shared-data"),
        ("rng0=source=/dev/hwrng", "hwrng"),
        ("cpu=custom-lab-cpu", "cpu/lab-cpu"),
    ] {
        check(
            body,
            hardware,
            &denied(&format!("/mapping/{path}, Mapping.Use")),
        );
        check(body, &format!("{hardware} /mapping=Mapping.Use"), "");
    }
    let rom = "hostpci0=mapping=card,romfile=x.rom";
    let want = r#"400 {"hostpci0":"only root@pam can set 'romfile' option"}"#;
    check(rom, &format!("{hardware} /mapping=Mapping.Use"), want);
}

#[test]
fn tags() {
    let mut desk = desk_with_user();
    let options = "/vms/105=VM.Config.Options,VM.Audit";
    let mut check = |access: &str, body: &str, want: &str| {
        desk.log_in("root@pam");
        let set = match access {
            "" => "delete=user-tag-access".to_owned(),
            access => format!("user-tag-access={access}"),
        };
        must(&desk, "PUT /cluster/options", &set);
        let want = match want {
            "" => String::new(),
            tag => denied(&format!("/, Sys.Modify for modifying tag '{tag}'")),
        };
        assert_eq!(
            told(&mut desk, options, MACHINE, body),
            want,
            "{access} {body}"
        );
        assert_eq!(
            told(&mut desk, &format!("{options} /=Sys.Modify"), MACHINE, body),
            ""
        );
    };
    check("", "tags=ci;anything", "");
    check("", "tags=ci;production", "production");
    check(
        "user-allow=list,user-allow-list=red;blue",
        "tags=ci;red",
        "",
    );
    check("user-allow=list,user-allow-list=red;blue", "tags=red", "ci");
    check(
        "user-allow=list,user-allow-list=red;blue",
        "tags=ci;green",
        "green",
    );
    check(
        "user-allow=list,user-allow-list=production",
        "tags=ci;production",
        "production",
    );
    check("user-allow=existing,user-allow-list=red", "tags=red", "");
    check("user-allow=existing", "tags=ci;backup", "backup");
    check("user-allow=none,user-allow-list=red", "tags=ci;red", "red");
    check("user-allow=none", "delete=tags", "ci");
    check("user-allow=none", "tags=ci", "");
}

#[test]
fn releases_before_networks_had_rights() {
    let mut desk = Desk::with(crate::pve::blueprint(), |setup| {
        setup.auth = crate::personality::Auth::Strict;
        setup.release = "7.4".to_owned();
    });
    desk.log_in("root@pam");
    must(&desk, "POST /access/users", "userid=case@pve");
    let net = "/vms/105=VM.Config.Network,VM.Config.HWType";
    assert_eq!(
        told(&mut desk, net, MACHINE, "net2=virtio,bridge=vmbr1"),
        ""
    );
    let want = "500 only root can set 'hostpci0' config";
    assert_eq!(told(&mut desk, net, MACHINE, "hostpci0=0000:01:00.0"), want);
}
