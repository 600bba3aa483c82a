//! The machine: what is set shows, what waits waits.

use serde_json::{Value, json};

use super::refusals;
use crate::pbs::testing::{desk, empty_desk};
use crate::pbs::world::invariants;

const NODE: &str = "/nodes/localhost";

fn named(items: &Value, key: &str, name: &str) -> Option<Value> {
    let items = items.as_array().unwrap();
    items.iter().find(|item| item[key] == name).cloned()
}

#[test]
fn tasks_are_listed_filtered_and_counted() {
    let desk = desk();
    let total =
        |query: &str| desk.ask(&format!("GET {NODE}/tasks?{query}"), "").body["total"].clone();
    assert_eq!(total("limit=0"), 13);
    assert_eq!(total("typefilter=backup&limit=100"), 4);
    assert_eq!(total("store=archive&limit=100"), 2);
    assert_eq!(total("errors=1&limit=100"), 1);
    assert_eq!(total("statusfilter=error&limit=100"), 1);
    let upid = desk.must(&format!("POST {NODE}/apt/update"), "");
    let upid = upid.as_str().unwrap();
    let status = desk.get(&format!("{NODE}/tasks/{upid}/status"));
    assert_eq!(
        (&status["status"], &status["exitstatus"]),
        (&json!("stopped"), &json!("OK"))
    );
    let log = desk
        .ask(&format!("GET {NODE}/tasks/{upid}/log?test-status=1"), "")
        .body;
    assert_eq!(
        (&log["active"], &log["success"], &log["total"]),
        (&json!(false), &json!(1), &json!(2))
    );
    let unknown = upid.replace("aptupdate", "gone");
    assert_eq!(
        desk.get(&format!("{NODE}/tasks/{unknown}/status"))["exitstatus"],
        "unknown"
    );
}

#[test]
fn services_start_and_stop() {
    let desk = desk();
    desk.task(&format!("POST {NODE}/services/chrony/stop"), "");
    assert_eq!(
        desk.get(&format!("{NODE}/services/chrony/state"))["state"],
        "dead"
    );
    desk.task(&format!("POST {NODE}/services/chrony/restart"), "");
    let listed = desk.get(&format!("{NODE}/services"));
    assert_eq!(
        named(&listed, "service", "chrony").unwrap()["state"],
        "running"
    );
    refusals(
        &desk,
        &[
            (
                &format!("POST {NODE}/services/proxmox-backup/stop"),
                "",
                "400",
                "invalid service cmd 'proxmox-backup stop' cannot stop essential service!",
            ),
            (
                &format!("GET {NODE}/services/none/state"),
                "",
                "400",
                "unknown service name 'none'",
            ),
        ],
    );
}

#[test]
fn interfaces_wait_until_they_are_applied() {
    let desk = desk();
    let path = format!("{NODE}/network");
    desk.must(
        &format!("POST {path}"),
        "iface=vmbr1&type=bridge&bridge_ports=eno2&autostart=1",
    );
    let listed = desk.ask(&format!("GET {path}"), "").body;
    assert_eq!(
        named(&listed["data"], "name", "vmbr1").unwrap()["active"],
        false
    );
    let changes = listed["changes"].as_str().unwrap();
    assert!(changes.contains("+iface vmbr1 inet manual"), "{changes}");
    desk.must(&format!("DELETE {path}"), "");
    assert_eq!(named(&desk.get(&path), "name", "vmbr1"), None);
    desk.must(&format!("PUT {path}/vmbr0"), "mtu=9000");
    desk.task(&format!("PUT {path}"), "");
    let listed = desk.ask(&format!("GET {path}"), "").body;
    assert_eq!(listed.get("changes"), None);
    assert_eq!(
        named(&listed["data"], "name", "vmbr0").unwrap()["mtu"],
        9000
    );
    refusals(
        &desk,
        &[
            (
                &format!("POST {path}"),
                "iface=vmbr0&type=bridge",
                "400",
                "interface 'vmbr0' already exists",
            ),
            (
                &format!("POST {path}"),
                "iface=vmbr2&type=bridge&cidr=10.9.9.9/24&gateway=10.9.9.1",
                "400",
                "Default IPv4 gateway already exists on interface 'vmbr0'.",
            ),
            (
                &format!("DELETE {path}/none"),
                "",
                "400",
                "interface 'none' does not exist.",
            ),
        ],
    );
}

#[test]
fn settings_of_the_machine() {
    let desk = desk();
    desk.must(
        &format!("PUT {NODE}/dns"),
        "dns2=10.0.0.53&delete=dns1&search=new.example",
    );
    let dns = desk.get(&format!("{NODE}/dns"));
    assert_eq!(
        (&dns["dns1"], &dns["search"]),
        (&json!("10.0.0.53"), &json!("new.example"))
    );
    let digest = dns["digest"].as_str().unwrap();
    desk.must(
        &format!("PUT {NODE}/dns"),
        &format!("dns2=10.0.0.54&digest={digest}"),
    );
    let got = desk.ask(
        &format!("PUT {NODE}/dns"),
        &format!("dns2=10.0.0.55&digest={digest}"),
    );
    assert!(
        got.body
            .as_str()
            .unwrap()
            .starts_with("detected modified configuration")
    );
    desk.must(&format!("PUT {NODE}/time"), "timezone=UTC");
    let time = desk.get(&format!("{NODE}/time"));
    assert_eq!(time["time"], time["localtime"]);
    desk.must(
        &format!("PUT {NODE}/config"),
        "email-from=a@b.example&delete=description",
    );
    let config = desk.get(&format!("{NODE}/config"));
    assert_eq!(
        (&config["email-from"], config.get("description")),
        (&json!("a@b.example"), None)
    );
    desk.must(&format!("PUT {NODE}/subscription"), "key=pbsc-0123456789");
    assert_eq!(
        desk.get(&format!("{NODE}/subscription"))["status"],
        "active"
    );
    desk.must(&format!("DELETE {NODE}/subscription"), "");
    assert_eq!(
        desk.get(&format!("{NODE}/subscription"))["status"],
        "notfound"
    );
    desk.must(
        &format!("PUT {NODE}/apt/repositories"),
        "handle=no-subscription",
    );
    let listed = desk.get(&format!("{NODE}/apt/repositories"));
    let enabled: Vec<_> = listed["standard-repos"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["status"].clone())
        .collect();
    assert_eq!(enabled, [json!(true), json!(true), Value::Null]);
}

#[test]
fn certificates_are_ordered_for_the_configured_domains() {
    let desk = desk();
    let path = format!("{NODE}/certificates");
    let before = desk.get(&format!("{path}/info"))[0]["fingerprint"].clone();
    desk.task(&format!("POST {path}/acme/certificate"), "");
    let shown = desk.get(&format!("{path}/info"));
    assert_eq!(shown[0]["san"], json!(["pbs01.e2e.example"]));
    assert_ne!(shown[0]["fingerprint"], before);
    assert_eq!(
        desk.get(&format!("{NODE}/status"))["info"]["fingerprint"],
        shown[0]["fingerprint"]
    );
    let got = desk.ask(&format!("PUT {path}/acme/certificate"), "");
    assert!(
        got.body
            .as_str()
            .unwrap()
            .contains("does not expire within")
    );
    desk.must(&format!("DELETE {path}/custom"), "");
    assert_ne!(
        desk.get(&format!("{path}/info"))[0]["issuer"],
        shown[0]["issuer"]
    );
}

#[test]
fn disks_become_datastores() {
    let desk = empty_desk();
    let path = format!("{NODE}/disks");
    let unused = |query: &str| {
        desk.get(&format!("{path}/list?usage-type={query}"))
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(unused("unused"), 1);
    desk.task(&format!("POST {path}/initgpt"), "disk=sdb");
    desk.task(
        &format!("POST {path}/directory"),
        "name=store1&disk=sdb&add-datastore=1&filesystem=xfs",
    );
    assert_eq!(unused("unused"), 0);
    assert_eq!(
        desk.get(&format!("{path}/directory"))[0]["filesystem"],
        "xfs"
    );
    let total = desk.get("/admin/datastore/store1/status")["total"].as_u64();
    assert_eq!(total, Some(2 << 40));
    refusals(
        &desk,
        &[
            (
                &format!("POST {path}/zfs"),
                "name=tank&devices=sdb&raidlevel=single",
                "400",
                "disk 'sdb' is already in use.",
            ),
            (
                &format!("POST {path}/zfs"),
                "name=tank&devices=sdz&raidlevel=single",
                "400",
                "failed to get information about block device \"/sys/block/sdz\" - No such file or directory \
                 (os error 2)",
            ),
        ],
    );
    desk.task("DELETE /config/datastore/store1?destroy-data=1", "");
    desk.must(&format!("DELETE {path}/directory/store1"), "");
    desk.task(&format!("PUT {path}/wipedisk"), "disk=sdb");
    desk.task(
        &format!("POST {path}/zfs"),
        "name=tank&devices=sdb&raidlevel=single&add-datastore=1",
    );
    assert_eq!(desk.get(&format!("{path}/zfs"))[0]["health"], "ONLINE");
    assert_eq!(desk.get("/admin/datastore")[0]["store"], "tank");
    assert!(invariants(&desk.world()).is_empty());
}

#[test]
fn a_shell_is_announced() {
    let desk = desk();
    let opened = desk.must(&format!("POST {NODE}/termproxy"), "");
    assert!(opened["ticket"].as_str().unwrap().starts_with("PBSTERM:"));
    let got = desk.ask(
        &format!(
            "GET {NODE}/vncwebsocket?port={}&vncticket={}",
            opened["port"],
            opened["ticket"].as_str().unwrap().replace('+', "%2B")
        ),
        "",
    );
    assert_eq!(got.body, "missing Upgrade header");
}
