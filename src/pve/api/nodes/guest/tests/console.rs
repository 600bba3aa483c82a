//! Consoles and the monitor.

use super::*;

#[test]
fn a_ticket_opens_its_console_only() {
    let mut desk = crate::pve::testing::strict_desk();
    desk.log_in("root@pam");
    let made = desk.must(
        "POST /nodes/pve01/qemu/101/vncproxy",
        "websocket=1&generate-password=1",
    );
    assert_eq!(made["user"], "root@pam");
    assert!(
        made["cert"]
            .as_str()
            .unwrap()
            .starts_with("-----BEGIN CERTIFICATE-----\n")
    );
    assert_eq!(made["password"].as_str().unwrap().len(), 8);
    let ticket = made["ticket"].as_str().unwrap();
    let encoded: String = ticket.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let socket = |guest: &str, port: &Value| {
        desk.ask(
            &format!("GET /nodes/pve01/{guest}/vncwebsocket?port={port}&vncticket={encoded}"),
            "",
        )
    };
    let port = &made["port"];
    assert_eq!(socket("qemu/101", port).ok()["port"], port.to_string());
    let refused = socket("qemu/103", port);
    assert!(refused.status.starts_with("401"), "{refused:?}");
    for line in [
        "lxc/102/vncproxy",
        "lxc/102/termproxy",
        "lxc/102/spiceproxy",
    ] {
        desk.must(&format!("POST /nodes/pve01/{line}"), "");
    }
    let got = desk.ask("POST /nodes/pve01/qemu/101/spiceproxy", "");
    assert_eq!(got.status, "500 no spice port");
}

#[test]
fn the_monitor_answers() {
    let desk = desk();
    let ask = |command: &str| {
        desk.must(
            "POST /nodes/pve01/qemu/101/monitor",
            &format!("command={command}"),
        )
    };
    assert_eq!(ask("info status"), "VM status: running\r\n");
    assert!(ask("info version").as_str().unwrap().starts_with("10."));
    assert_eq!(ask("dance"), "unknown command: 'dance'\r\n");
    let stopped = desk.must("POST /nodes/pve02/qemu/105/monitor", "command=info status");
    assert_eq!(stopped, "ERROR: VM 105 not running\n");
    desk.must("PUT /nodes/pve01/qemu/101/sendkey", "key=ctrl-alt-delete");
    desk.must("POST /nodes/pve01/qemu/101/dbus-vmstate", "action=start");
    let got = desk.ask("PUT /nodes/pve02/qemu/105/sendkey", "key=a");
    assert_eq!(got.status, "500 VM 105 not running");
}
