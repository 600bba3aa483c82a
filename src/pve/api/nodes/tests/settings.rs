//! Name servers, clocks, hosts, configuration, journal.

use super::*;

#[test]
fn name_servers() {
    let desk = desk();
    let path = "/nodes/pve01/dns";
    assert_eq!(
        desk.get(path),
        json!({"search": "e2e.example", "dns1": "10.10.10.2", "dns2": "10.10.10.1"})
    );
    desk.must(
        &format!("PUT {path}"),
        "search=x.example&dns1=10.0.0.1&dns2=10.0.0.1&dns3=fd00::1",
    );
    assert_eq!(
        desk.get(path),
        json!({"search": "x.example", "dns1": "10.0.0.1", "dns2": "fd00::1"})
    );
    let got = desk.ask(&format!("PUT {path}"), "dns1=10.0.0.1");
    assert_eq!(
        got.body["errors"]["search"],
        "property is missing and it is not optional"
    );
}

#[test]
fn clocks() {
    let desk = desk();
    let path = "/nodes/pve01/time";
    let time = desk.get(path);
    assert_eq!(time["timezone"], "Europe/Vienna");
    assert_eq!(time["time"], 1_767_614_400);
    assert_eq!(time["localtime"], 1_767_614_400 + 3600);
    desk.must(&format!("PUT {path}"), "timezone=America/New_York");
    assert_eq!(desk.get(path)["localtime"], 1_767_614_400 - 5 * 3600);
    let got = desk.ask(&format!("PUT {path}"), "timezone=Europe/Nowhere");
    assert_eq!(got.body["errors"], json!({"timezone": "No such timezone"}));
}

#[test]
fn hosts() {
    let desk = desk();
    let path = "/nodes/pve01/hosts";
    let hosts = desk.get(path);
    let digest = hosts["digest"].as_str().unwrap();
    assert_eq!(digest.len(), 40);
    let body = |data: &str, digest: &str| json!({"data": data, "digest": digest}).to_string();
    desk.must(
        &format!("POST {path}"),
        &body("127.0.0.1 localhost\n# x\n", digest),
    );
    assert_eq!(desk.get(path)["data"], "127.0.0.1 localhost\n# x\n");
    let got = desk.ask(&format!("POST {path}"), &body("", digest));
    let text = "500 detected modified configuration - file changed by other user? Try again.";
    assert_eq!(got.status, text);
    for (data, text) in [
        ("300.0.0.1 x\n", "Invalid IP '300.0.0.1'"),
        ("10.0.0.1 a_b\n", "Invalid Hostname 'a_b'"),
    ] {
        let got = desk.ask(&format!("POST {path}"), &json!({"data": data}).to_string());
        assert_eq!(got.body["errors"], json!({"data": text}));
    }
}

#[test]
fn configuration() {
    let desk = desk();
    let path = "/nodes/pve01/config";
    let config = desk.get(path);
    assert_eq!(config["description"], "Rack 4, unit 11\n");
    let digest = config["digest"].as_str().unwrap();
    desk.must(
        &format!("PUT {path}"),
        &format!(
            "description=one%0Atwo&acmedomain1=Mail.Example.org&delete=wakeonlan&digest={digest}"
        ),
    );
    let changed = desk.get(path);
    assert_eq!(changed["description"], "one\ntwo\n");
    assert_eq!(changed["wakeonlan"], Value::Null);
    assert_ne!(changed["digest"], config["digest"]);
    let got = desk.ask(
        &format!("PUT {path}"),
        &format!("description=x&digest={digest}"),
    );
    assert!(
        got.status
            .starts_with("500 detected modified configuration")
    );
    assert_eq!(
        desk.get(&format!("{path}?property=acmedomain1")),
        json!({"acmedomain1": "Mail.Example.org"})
    );
    let got = desk.ask(&format!("PUT {path}"), "acmedomain2=mail.example.org");
    let text = "500 duplicate domain 'mail.example.org' in ACME config properties 'acmedomain2' and 'acmedomain1'";
    assert_eq!(got.status, text);
    let got = desk.ask(
        &format!("PUT {path}"),
        "acmedomain2=domain%3Dx.example.org,plugin%3Dnix",
    );
    assert_eq!(
        got.status,
        "500 plugin 'nix' for domain 'x.example.org' not found!"
    );
    let got = desk.ask(&format!("PUT {path}"), "startall-onboot-delay=301");
    assert_eq!(
        got.body["errors"]["startall-onboot-delay"],
        "value must have a maximum value of 300"
    );
}

#[test]
fn the_journal_knows_starts_and_tasks() {
    let desk = desk();
    let whole = desk.ask("GET /nodes/pve01/syslog?limit=500", "");
    let total = whole.body["total"].as_u64().unwrap();
    let lines = whole.body["data"].as_array().unwrap();
    assert_eq!(lines.len() as u64, total);
    assert_eq!(lines[0]["n"], 1);
    assert!(
        lines[0]["t"]
            .as_str()
            .unwrap()
            .starts_with("Dec 15 06:30:00 pve01 kernel: ")
    );
    let upid = desk.task("POST /nodes/pve01/services/cron/restart", "");
    let after = desk.ask(
        "GET /nodes/pve01/syslog?service=pvedaemon&since=2026-01-05%2013:00&limit=500",
        "",
    );
    let texts: Vec<_> = after.body["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["t"].as_str().unwrap())
        .collect();
    assert!(
        texts
            .iter()
            .any(|text| text.ends_with(&format!("starting task {upid}"))),
        "{texts:?}"
    );
    assert!(
        texts
            .iter()
            .any(|text| text.ends_with(&format!("end task {upid} OK"))),
        "{texts:?}"
    );
    let page = desk.ask(
        &format!("GET /nodes/pve01/syslog?start={}&limit=5", total - 1),
        "",
    );
    assert_eq!(page.body["data"][0]["n"], total);
    let none = desk.ask("GET /nodes/pve01/syslog?service=nothing", "");
    assert_eq!(none.body["data"], json!([{"n": 1, "t": "no content"}]));
    let early = desk.ask(
        "GET /nodes/pve01/syslog?until=2025-12-15%2006:30:00&limit=500",
        "",
    );
    assert!(early.body["total"].as_u64().unwrap() < total);
}

#[test]
fn the_journal_goes_on_from_a_cursor() {
    let desk = desk();
    let last = desk.get("/nodes/pve01/journal?lastentries=3");
    let rows = last.as_array().unwrap();
    assert_eq!(rows.len(), 5, "a cursor on each side");
    let cursor = rows[4].as_str().unwrap().to_owned();
    assert!(rows[0].as_str().unwrap().starts_with("s="));
    let path = format!(
        "/nodes/pve01/journal?startcursor={}",
        cursor.replace('=', "%3D").replace(';', "%3B")
    );
    assert_eq!(
        desk.get(&path).as_array().unwrap().len(),
        2,
        "nothing happened since"
    );
    desk.task("POST /nodes/pve01/services/cron/restart", "");
    assert_eq!(desk.get(&path).as_array().unwrap().len(), 4);
    let since = desk.get("/nodes/pve01/journal?since=1767614400");
    assert_eq!(since.as_array().unwrap().len(), 4);
}

#[test]
fn devices() {
    let desk = desk();
    let ids = |query: &str| -> Vec<String> {
        let list = desk.get(&format!("/nodes/pve01/hardware/pci{query}"));
        let rows = list.as_array().unwrap().iter();
        rows.map(|row| row["id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(ids(""), ["0000:00:02.0", "0000:01:00.0"]);
    assert_eq!(ids("?pci-class-blacklist=03").len(), 2);
    assert_eq!(ids("?pci-class-blacklist=ff").len(), 3);
    let short = desk.get("/nodes/pve01/hardware/pci?verbose=0");
    assert_eq!(
        (&short[0]["device_name"], &short[0]["mdev"]),
        (&Value::Null, &json!(1))
    );
    let parts = desk.get("/nodes/pve01/hardware/pci/0000:00:02.0/mdev");
    assert_eq!(item(&parts, "type", "i915-GVTg_V5_8")["available"], 2);
    assert_eq!(desk.get("/nodes/pve01/hardware/pci/00:02.0/mdev"), parts);
    assert_eq!(desk.get("/nodes/pve02/hardware/pci/card/mdev"), json!([]));
    assert_eq!(desk.get("/nodes/pve03/hardware/usb")[1]["usbpath"], "2");
    let models = desk.get("/nodes/pve01/capabilities/qemu/cpu");
    assert_eq!(item(&models, "name", "custom-lab-cpu")["custom"], 1);
    let machines = desk.get("/nodes/pve01/capabilities/qemu/machines");
    assert_eq!(machines[0]["id"], "pc-q35-10.1+pve1");
}
