//! Turning nodes and services off and on.

use super::*;

#[test]
fn a_node_that_is_off_is_off_everywhere() {
    let desk = desk();
    let got = desk
        .control()
        .patch(&json!({"nodes": {"pve02": {"presence": "offline"}}}));
    assert!(got.is_ok(), "{got:?}");
    let list = desk.get("/nodes");
    let row = item(&list, "node", "pve02");
    assert_eq!(row["status"], "offline");
    assert_eq!((&row["uptime"], &row["cpu"]), (&Value::Null, &Value::Null));
    assert_eq!(row["maxcpu"], 32);
    assert_eq!(
        desk.ask("GET /nodes/pve02/status", "").status,
        "595 No route to host"
    );
    // What every node knows is answered all the same.
    assert!(desk.get("/nodes/pve02/rrddata?timeframe=hour").is_array());
    assert!(desk.get("/nodes/pve02").is_array());
}

#[test]
fn a_node_goes_down_and_is_woken() {
    let mut desk = desk();
    let got = desk.ask("POST /nodes/pve01/wakeonlan", "");
    assert_eq!(
        got.status,
        "500 'pve01' is local node, cannot wake my self!"
    );
    desk.must("POST /nodes/pve02/status", "command=shutdown");
    assert_eq!(
        item(&desk.get("/nodes"), "node", "pve02")["status"],
        "offline"
    );
    desk.step(60);
    assert_eq!(
        desk.must("POST /nodes/pve02/wakeonlan", ""),
        "BC:24:11:00:01:02"
    );
    let row = item(&desk.get("/nodes"), "node", "pve02");
    assert_eq!(
        (&row["status"], &row["uptime"]),
        (&json!("online"), &json!(0))
    );
    holds(&desk);

    desk.must("PUT /nodes/pve03/config", "delete=wakeonlan");
    let got = desk.ask("POST /nodes/pve03/wakeonlan", "");
    assert_eq!(
        got.status,
        "500 No wake on LAN MAC address defined for 'pve03'!"
    );
    let got = desk.ask("POST /nodes/pve09/wakeonlan", "");
    assert_eq!(got.status, "500 no such cluster node 'pve09'");
}

#[test]
fn a_reboot_starts_anew() {
    let mut desk = desk();
    desk.must(
        "POST /nodes/pve01/network",
        "iface=vmbr7&type=bridge&autostart=1",
    );
    desk.must("POST /nodes/pve01/status", "command=reboot");
    desk.step(30);
    assert_eq!(desk.get("/nodes/pve01/status")["uptime"], 30);
    let got = desk.ask("GET /nodes/pve01/network", "");
    assert_eq!(got.body.get("changes"), None, "what was pending is applied");
    assert_eq!(item(&got.body["data"], "iface", "vmbr7")["active"], 1);
    for guest in desk.world().guests.values() {
        if guest.node.as_str() == "pve01" && guest.status.is_running() {
            assert_eq!(guest.config.text("onboot"), Some("1"));
        }
    }
    let tasks = desk.world();
    let last = tasks.tasks.tasks().next_back().unwrap();
    assert_eq!(
        (&*last.upid.kind, last.upid.user.to_string()),
        ("stopall", "root@pam".to_owned())
    );
    let got = desk.ask("POST /nodes/pve01/status", "command=dance");
    assert_eq!(got.status, "400 Parameter verification failed.");
}

#[test]
fn services_are_started_and_stopped() {
    for release in ["7.4", "8.4", "9.2"] {
        let desk = desk_of(release);
        let path = "/nodes/pve01/services";
        let count = desk.get(path).as_array().unwrap().len();
        assert_eq!(count, if release == "9.2" { 23 } else { 19 });
        let state = || desk.get(&format!("{path}/cron/state"));
        let upid = desk.task(&format!("POST {path}/cron/stop"), "");
        assert!(upid.contains(":srvstop:cron:"), "{upid}");
        assert_eq!(
            (&state()["state"], &state()["active-state"]),
            (&json!("dead"), &json!("inactive"))
        );
        assert_eq!(item(&desk.get(path), "service", "cron"), state());
        desk.task(&format!("POST {path}/cron/reload"), "");
        assert_eq!(
            state()["state"],
            "dead",
            "what does not run is not reloaded"
        );
        desk.task(&format!("POST {path}/cron/start"), "");
        assert_eq!(state()["state"], "running");
        desk.task(&format!("POST {path}/ksmtuned/restart"), "");
        assert_eq!(
            desk.get(&format!("{path}/ksmtuned/state"))["state"],
            "running"
        );

        let upid = desk.must(&format!("POST {path}/pveproxy/stop"), "");
        let text = "invalid service cmd 'pveproxy stop': refusing to stop essential service!";
        assert_eq!(desk.exit_status(upid.as_str().unwrap()), text);
        assert_eq!(
            desk.get(&format!("{path}/pveproxy/state"))["state"],
            "running"
        );
        let none = desk.get(&format!("{path}/systemd-timesyncd/state"));
        assert_eq!(
            (&none["unit-state"], &none["state"]),
            (&json!("not-found"), &json!("dead"))
        );
        let upid = desk.must(&format!("POST {path}/systemd-timesyncd/start"), "");
        let text = "command 'systemctl start systemd-timesyncd' failed: exit code 5";
        assert_eq!(desk.exit_status(upid.as_str().unwrap()), text);
        let got = desk.ask(&format!("POST {path}/dance/start"), "");
        assert_eq!(got.status, "400 Parameter verification failed.");
    }
}

#[test]
fn shells_have_tickets() {
    let mut desk = strict_desk();
    desk.log_in("root@pam");
    let shell = desk.must("POST /nodes/pve02/termproxy", "");
    assert_eq!(shell["user"], "root@pam");
    let escaped = |text: &str| {
        text.replace('+', "%2B")
            .replace('=', "%3D")
            .replace('/', "%2F")
    };
    let (port, ticket) = (&shell["port"], shell["ticket"].as_str().unwrap());
    let path = format!(
        "/nodes/pve02/vncwebsocket?port={port}&vncticket={}",
        escaped(ticket)
    );
    assert_eq!(desk.get(&path)["port"], port.to_string());
    let other = path.replace("pve02", "pve01");
    assert!(
        desk.ask(&format!("GET {other}"), "")
            .status
            .starts_with("401")
    );
    let screen = desk.must("POST /nodes/pve01/vncshell", "websocket=1");
    assert_eq!(screen["password"].as_str().unwrap().len(), 8);
    let ticket = escaped(screen["ticket"].as_str().unwrap());
    desk.get(&format!(
        "/nodes/pve01/vncwebsocket?port={}&vncticket={ticket}",
        screen["port"]
    ));
    desk.step(50);
    assert!(
        desk.ask(&format!("GET {path}"), "")
            .status
            .starts_with("401")
    );
    let spice = desk.must("POST /nodes/pve01/spiceshell", "proxy=10.10.10.11");
    assert_eq!(
        (&spice["type"], &spice["proxy"]),
        (&json!("spice"), &json!("http://10.10.10.11:3128"))
    );
}
