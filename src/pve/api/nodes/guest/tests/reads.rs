//! What lists and configurations show, in all releases, and of the types that clients rely on.

use super::*;

#[test]
fn every_read_fits_in_every_release() {
    for release in ["9.2", "8.4", "7.4"] {
        let desk = desk_of(release);
        for (node, kind, vmid) in [
            ("pve01", "qemu", 101),
            ("pve02", "qemu", 104),
            ("pve02", "qemu", 105),
            ("pve01", "lxc", 102),
            ("pve03", "lxc", 110),
        ] {
            desk.get(&format!("/nodes/{node}/{kind}"));
            for what in [
                "",
                "/status/current",
                "/config",
                "/config?current=1",
                "/pending",
                "/snapshot",
                "/feature?feature=snapshot",
                "/feature?feature=clone",
                "/rrddata?timeframe=hour",
                "/rrddata?timeframe=year&cf=MAX",
                "/rrd?timeframe=day&ds=cpu",
                "/status",
            ] {
                desk.get(&format!("/nodes/{node}/{kind}/{vmid}{what}"));
            }
            if kind == "qemu" {
                for what in [
                    "/cloudinit",
                    "/cloudinit/dump?type=user",
                    "/migrate",
                    "/agent",
                ] {
                    desk.get(&format!("/nodes/{node}/{kind}/{vmid}{what}"));
                }
            } else if release != "7.4" && vmid == 102 {
                desk.get(&format!("/nodes/{node}/{kind}/{vmid}/interfaces"));
            }
        }
        desk.get("/nodes/pve01/qemu?full=1");
    }
}

#[test]
fn types_that_break_clients() {
    let desk = desk();
    let config = desk.get("/nodes/pve01/qemu/101/config");
    assert_eq!(config["cores"], 2);
    assert_eq!(config["onboot"], 1);
    assert_eq!(config["memory"], "2048");
    assert_eq!(config["agent"], "1");
    assert_eq!(config["digest"].as_str().unwrap().len(), 40);
    assert_eq!(
        desk_of("7.4").get("/nodes/pve01/qemu/101/config")["memory"],
        2048
    );
    let config = desk.get("/nodes/pve01/lxc/102/config");
    assert_eq!(config["memory"], 1024);
    assert_eq!(config["unprivileged"], 1);
    let row = &desk.get("/nodes/pve02/qemu")[0];
    assert_eq!(row["vmid"], 104);
    assert_eq!(row.get("template"), None);
    assert!(row["pid"].is_i64());
    let rows = desk.get("/nodes/pve02/qemu");
    let stopped = rows
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["vmid"] == 105)
        .unwrap();
    assert_eq!((stopped.get("pid"), &stopped["uptime"]), (None, &json!(0)));
    let row = &desk.get("/nodes/pve01/lxc")[0];
    assert_eq!(
        (&row["type"], &row["maxswap"]),
        (&json!("lxc"), &json!(512 << 20))
    );
}

#[test]
fn lists_and_states_agree() {
    let desk = desk();
    for row in desk.get("/nodes/pve01/qemu?full=1").as_array().unwrap() {
        let current = desk.get(&format!("/nodes/pve01/qemu/{}/status/current", row["vmid"]));
        for (key, value) in row.as_object().unwrap() {
            assert_eq!(current[key], *value, "{key}");
        }
    }
    let current = desk.get("/nodes/pve01/qemu/103/status/current");
    assert_eq!(current["ha"], json!({"managed": 1, "state": "started"}));
    assert_eq!(current["agent"], 1);
    assert!(current["nics"].get("tap103i0").is_some());
    let other = desk.get("/nodes/pve02/qemu/104/status/current");
    assert_eq!(other["ha"], json!({"managed": 0}));
}

#[test]
fn pending_and_snapshots_of_configurations() {
    let desk = desk();
    let items = desk.get("/nodes/pve02/qemu/104/pending");
    let memory = items
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["key"] == "memory");
    let want = json!({"key": "memory", "value": "16384", "pending": "24576"});
    assert_eq!(memory.unwrap(), &want);
    let old = desk.get("/nodes/pve02/qemu/104/config?snapshot=nightly");
    assert_eq!(old["memory"], "16384");
    let got = desk.ask("GET /nodes/pve02/qemu/104/config?snapshot=no", "");
    assert_eq!(got.status, "500 snapshot 'no' does not exist");
    let got = desk.ask(
        "GET /nodes/pve02/qemu/104/config?snapshot=nightly&current=1",
        "",
    );
    assert!(got.status.starts_with("400"), "{got:?}");
}

#[test]
fn only_what_the_caller_may_see() {
    let mut desk = crate::pve::testing::strict_desk();
    for (user, count) in [("auditor@pve", 2), ("ci@pve", 1)] {
        desk.log_in(user);
        let rows = desk.get("/nodes/pve02/qemu");
        assert_eq!(rows.as_array().unwrap().len(), count, "{user}");
    }
    assert_eq!(desk.get("/nodes/pve01/qemu"), json!([]));
}

#[test]
fn what_cloud_init_is_told() {
    let desk = desk();
    set(&desk, 105, |guest| {
        guest.config.set("ciuser", "debian".to_owned());
        guest.config.set("cipassword", "secret".to_owned());
        guest
            .config
            .set("sshkeys", "ssh-ed25519%20AAAA%20me".to_owned());
        guest
            .config
            .set("ipconfig0", "ip=10.1.2.3/24,gw=10.1.2.1".to_owned());
    });
    let dump = |kind: &str| {
        let got = desk.get(&format!("/nodes/pve02/qemu/105/cloudinit/dump?type={kind}"));
        got.as_str().unwrap().to_owned()
    };
    let user = dump("user");
    assert!(
        user.starts_with("#cloud-config\nhostname: gitlab-runner-01\n"),
        "{user}"
    );
    assert!(
        user.contains("fqdn: gitlab-runner-01.e2e.example\nuser: debian\n"),
        "{user}"
    );
    assert!(user.contains("  - ssh-ed25519 AAAA me\n"), "{user}");
    let network = dump("network");
    assert!(
        network.contains(
            "address: '10.1.2.3'\n        netmask: '255.255.255.0'\n        gateway: '10.1.2.1'"
        ),
        "{network}"
    );
    assert!(dump("meta").starts_with("instance-id: "));
    let items = desk.get("/nodes/pve02/qemu/105/cloudinit");
    let password = items
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["key"] == "cipassword");
    assert_eq!(password.unwrap()["value"], "**********");
    assert_eq!(
        desk.get("/nodes/pve02/qemu/105/config")["cipassword"],
        "**********"
    );
}

#[test]
fn curves() {
    let desk = desk();
    let points = desk.get("/nodes/pve01/qemu/101/rrddata?timeframe=hour");
    let points = points.as_array().unwrap();
    assert_eq!(points.len(), 60);
    assert!(
        points
            .iter()
            .all(|point| point["cpu"].as_f64().unwrap() > 0.0)
    );
    let stopped = desk.get("/nodes/pve02/qemu/105/rrddata?timeframe=hour");
    assert_eq!(stopped[0].get("cpu"), None);
    assert!(stopped[0].get("maxmem").is_some());
    let year = desk.get("/nodes/pve01/qemu/101/rrddata?timeframe=year");
    assert_eq!(year[0].as_object().unwrap().len(), 1, "before it was made");
}
