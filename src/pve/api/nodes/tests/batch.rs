//! Several calls in one.

use super::*;

#[test]
fn each_call_has_its_own_end() {
    let mut desk = strict_desk();
    desk.log_in("root@pam");
    let commands = json!([
        {"method": "PUT", "path": "time", "args": {"timezone": "Asia/Tokyo"}},
        {"method": "GET", "path": "time"},
        {"method": "GET", "path": "network", "args": {"type": "bond"}},
        {"method": "POST", "path": "network", "args": {"iface": "vmbr0", "type": "bridge"}},
        {"method": "GET", "path": "nothing"},
        {"method": "POST", "path": "execute", "args": {"commands": "[]"}},
        {"method": "POST", "path": "services/cron/stop"},
    ]);
    let body = json!({"commands": commands.to_string()}).to_string();
    let rows = desk.must("POST /nodes/pve01/execute", &body);
    let status: Vec<_> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["status"].as_u64().unwrap())
        .collect();
    assert_eq!(status, [200, 200, 200, 400, 501, 500, 200], "{rows}");
    assert_eq!(rows[1]["data"]["timezone"], "Asia/Tokyo");
    assert_eq!(rows[2]["data"][0]["iface"], "bond0");
    assert_eq!(
        rows[3]["errors"],
        json!({"iface": "interface already exists"})
    );
    assert_eq!(rows[5]["message"], "no handler for 'nodes/pve01/execute'\n");
    assert_eq!(
        desk.get("/nodes/pve01/services/cron/state")["state"],
        "dead"
    );
    let got = desk.ask(
        "POST /nodes/pve01/execute",
        &json!({"commands": "x"}).to_string(),
    );
    assert_eq!(got.status, "400 Parameter verification failed.");
}

#[test]
fn only_the_superuser_makes_batches() {
    let mut desk = strict_desk();
    desk.log_in("operator@pve");
    let got = desk.ask("POST /nodes/pve01/execute", "commands=%5B%5D");
    assert!(got.status.starts_with("403"), "{got:?}");
}
