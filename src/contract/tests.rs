//! The contract that the binary carries.

use serde_json::Value;

use super::*;
use crate::http::{ListenerRole, Method};

mod documents;
mod refusals;
mod schemas;

const PLEXD: &[u8] = include_bytes!("../../openapi/plexd-2026-02.json");

fn plexd() -> Contract {
    Contract::parse(PLEXD, "plexd-2026-02.json").unwrap()
}

fn operation<'c>(contract: &'c Contract, id: &str) -> &'c Operation {
    let mut operations = contract.operations.iter();
    operations.find(|operation| operation.id == id).unwrap()
}

#[test]
fn plexd_is_whole() {
    let contract = plexd();
    assert_eq!(contract.title, "Central API of plexd");
    assert_eq!(contract.version, "2026-02");
    assert_eq!(contract.counters.len(), 24);
    assert_eq!(contract.captures.len(), 22);
    let ids: Vec<&str> = contract
        .operations
        .iter()
        .map(|operation| &*operation.id)
        .collect();
    let want = "ping register heartbeat state metadata events deregister key_rotate capabilities \
        endpoint drift secrets report execution_ack execution_result metrics logs audit artifact \
        tunnel_ready tunnel_closed integrity_violation test_state test_configure_state \
        test_configure_heartbeat test_inject_event test_assertions test_last_request \
        local_metrics local_logs local_audit";
    assert_eq!(ids, want.split_whitespace().collect::<Vec<_>>());
    let of_nodes = |operation: &&Operation| operation.template.starts_with("/v1/");
    assert_eq!(contract.operations.iter().filter(of_nodes).count(), 22);
    for (index, operation) in contract.operations.iter().enumerate() {
        assert_eq!(usize::from(operation.index), index);
        assert!(operation.statuses.contains(&405), "{}", operation.id);
        let decoded = operation.body == BodyRule::GoJson;
        assert!(
            !decoded || operation.statuses.contains(&400),
            "{}",
            operation.id
        );
        assert_eq!(
            operation.success == 204,
            operation.content_type.is_none(),
            "{}",
            operation.id
        );
    }
}

#[test]
fn counters_of_plexd_stand_in_its_order() {
    let contract = plexd();
    let want = "registration heartbeat state metadata deregister key_rotate capabilities endpoint \
        drift secrets report execution_ack execution_result metrics logs audit artifact \
        tunnel_ready tunnel_closed integrity_violation inject_event local_metrics local_logs \
        local_audit";
    let want: Vec<String> = want
        .split_whitespace()
        .map(|name| format!("{name}_count"))
        .collect();
    assert_eq!(contract.counters, want);
    let assertions = contract.schema("Assertions").unwrap();
    let listed: Vec<&str> = assertions
        .properties()
        .iter()
        .map(|counter| &*counter.name)
        .collect();
    assert_eq!(listed, want);
    let mut used: Vec<u16> = contract
        .operations
        .iter()
        .filter_map(|operation| operation.counter)
        .collect();
    used.sort_unstable();
    assert_eq!(
        used,
        (0..24).collect::<Vec<u16>>(),
        "each counter counts one operation"
    );
}

#[test]
fn facts_of_operations_are_kept() {
    let contract = plexd();
    let heartbeat = operation(&contract, "heartbeat");
    assert_eq!(heartbeat.method, Method::Post);
    assert_eq!(heartbeat.template, "/v1/nodes/{id}/heartbeat");
    assert_eq!(heartbeat.body, BodyRule::GoJson);
    assert_eq!(heartbeat.request.as_ref(), contract.schema("Heartbeat"));
    assert_eq!(
        heartbeat.response.as_ref(),
        contract.schema("HeartbeatAnswer")
    );
    assert_eq!(heartbeat.content_type.as_deref(), Some("application/json"));
    assert_eq!(heartbeat.statuses, [200, 400, 405]);
    assert_eq!(heartbeat.counter, Some(1));
    assert_eq!(operation(&contract, "deregister").body, BodyRule::Raw);
    assert_eq!(operation(&contract, "test_state").method, Method::Put);
    let both = operation(&contract, "test_configure_state");
    assert_eq!(both.capture, operation(&contract, "test_state").capture);
    assert_eq!(
        operation(&contract, "test_last_request").statuses,
        [200, 404, 405]
    );
    assert_eq!(
        operation(&contract, "local_logs").statuses,
        [204, 400, 401, 405]
    );
    let path = |template: &str| {
        contract
            .paths
            .iter()
            .find(|path| path.template == template)
            .unwrap()
    };
    assert_eq!(path("/local/logs").listeners, [ListenerRole::Local]);
    assert_eq!(
        path("/test/assertions").listeners,
        [ListenerRole::Main, ListenerRole::Local]
    );
    assert_eq!(path("/v1/ping").listeners, [ListenerRole::Main]);
    assert_eq!(path("/v1/ping").wrong_method.as_deref(), Some("json"));
    assert_eq!(
        path("/v1/nodes/{id}/state").wrong_method.as_deref(),
        Some("plain")
    );
}

#[test]
fn a_state_of_nothing_is_written_as_go_does() {
    let contract = plexd();
    let check = |schema: &str, want: &str| {
        let schema = contract.schema(schema).unwrap();
        assert_eq!(lenient::normalize(schema, b"{}").unwrap(), want);
    };
    check(
        "State",
        r#"{"peers":null,"policies":null,"data":null,"secret_refs":null}"#,
    );
    check(
        "HeartbeatAnswer",
        r#"{"reconcile":false,"rotate_keys":false}"#,
    );
    check(
        "Envelope",
        r#"{"event_type":"","event_id":"","issued_at":"0001-01-01T00:00:00Z","nonce":"","payload":null,"signature":""}"#,
    );
    check("SigningKeys", r#"{"current":""}"#);
}

#[test]
fn the_document_is_served_without_white_space() {
    let served = plexd().document;
    let value: Value = serde_json::from_slice(PLEXD).unwrap();
    assert_eq!(served, value.to_string());
}
