//! The journal through its routes: the shape of an entry, narrowing, patterns.

use serde_json::json;

use super::*;
use crate::control::testing::{body, get, instance, record, send};
use crate::personality::Instance;

fn filled() -> Arc<Instance> {
    let instance = instance();
    record(
        &instance,
        "POST",
        "/v1/nodes/n-1/heartbeat?q=1",
        r#"{"status":"up"}"#,
        200,
    );
    record(&instance, "GET", "/v1/nodes/n-2/state", "", 200);
    record(&instance, "GET", "/nothing", "\u{e9}x", 404);
    instance
}

fn sequences(list: &Value) -> Vec<u64> {
    let list = list.as_array().expect("a list").iter();
    list.map(|entry| entry["sequence"].as_u64().unwrap())
        .collect()
}

#[test]
fn an_entry_has_wiremocks_fields_and_ours() {
    let instance = filled();
    let entry = get(
        &instance,
        "/__admin/requests/00000000-0000-4000-8000-000000000001",
    );
    let want = json!({
        "id": "00000000-0000-4000-8000-000000000001",
        "request": {
            "url": "/v1/nodes/n-1/heartbeat?q=1",
            "absoluteUrl": "http://localhost:8080/v1/nodes/n-1/heartbeat?q=1",
            "method": "POST", "clientIp": "127.0.0.1",
            "headers": { "host": "localhost:8080" }, "cookies": {},
            "browserProxyRequest": false, "loggedDate": 1_767_225_600_000_i64,
            "loggedDateString": "2026-01-01T00:00:00Z",
            "scheme": "http", "host": "localhost", "port": 8080,
            "queryParams": { "q": { "key": "q", "values": ["1"] } },
            "body": "{\"status\":\"up\"}", "bodyAsBase64": "eyJzdGF0dXMiOiJ1cCJ9",
        },
        "response": {
            "status": 200, "headers": { "content-type": "application/json" },
            "body": "{}", "bodyAsBase64": "e30=",
        },
        "wasMatched": true,
        "timing": {
            "addedDelay": 0, "processTime": 1, "responseSendTime": 0,
            "serveTime": 1, "totalTime": 1, "microseconds": 1500,
        },
        "sequence": 1, "operation": "heartbeat", "node": "n-1", "origin": "handler",
        "counter": "heartbeat_count", "capture": "heartbeat", "listener": "main",
        "bodyJson": { "status": "up" },
    });
    assert_eq!(entry, want);
    assert_eq!(get(&instance, "/__admin/requests/1")["sequence"], 1);
    assert_eq!(
        send(&instance, "GET", "/__admin/requests/9", "").status,
        404
    );
    assert_eq!(
        send(&instance, "DELETE", "/__admin/requests/1", "").status,
        200
    );
    assert_eq!(
        send(&instance, "DELETE", "/__admin/requests/1", "").status,
        404
    );
}

#[test]
fn the_list_is_newest_first_and_can_be_narrowed() {
    let instance = filled();
    let check = |query: &str, want: &[u64], total: u64| {
        let page = get(&instance, &format!("/__admin/requests{query}"));
        assert_eq!(sequences(&page["requests"]), want, "{query}");
        assert_eq!(page["meta"]["total"], total, "{query}");
        assert_eq!(page["requestJournalDisabled"], false);
    };
    check("", &[3, 2, 1], 3);
    check("?limit=1", &[3], 3);
    check("?limit=2&afterSequence=1", &[3, 2], 3);
    check("?since=2025-12-31T23:59:59Z", &[3, 2, 1], 3);
    check("?since=2026-01-01T00:00:00Z", &[], 3);
    check("?unmatched=true", &[3], 1);
    for bad in ["?limit=x", "?since=yesterday", "?lmit=1"] {
        let reply = send(&instance, "GET", &format!("/__admin/requests{bad}"), "");
        assert_eq!(reply.status, 400, "{bad}");
    }
    assert_eq!(
        send(&instance, "DELETE", "/__admin/requests", "").status,
        200
    );
    check("", &[], 0);
}

#[test]
fn patterns_count_find_and_remove() {
    let instance = filled();
    let check = |pattern: &str, want: &[u64]| {
        let count = body(&send(&instance, "POST", "/__admin/requests/count", pattern));
        assert_eq!(count["count"], want.len(), "{pattern}");
        let found = body(&send(&instance, "POST", "/__admin/requests/find", pattern));
        assert_eq!(sequences(&found["requests"]), want, "{pattern}");
    };
    check("", &[1, 2, 3]);
    check(r#"{"method":"GET"}"#, &[2, 3]);
    check(r#"{"node":"n-1","operation":"heartbeat"}"#, &[1]);
    check(
        r#"{"bodyPatterns":[{"equalToJson":{"status":"up"}}]}"#,
        &[1],
    );
    check(r#"{"status":404}"#, &[3]);
    let found = body(&send(&instance, "POST", "/__admin/requests/find", ""));
    assert_eq!(found["requests"][1]["url"], "/v1/nodes/n-2/state");
    assert_eq!(found["requests"][1]["status"], 200);
    let unmatched = get(&instance, "/__admin/requests/unmatched");
    assert_eq!(sequences(&unmatched["requests"]), [3]);
    let refused = send(
        &instance,
        "POST",
        "/__admin/requests/count",
        r#"{"cookies":{}}"#,
    );
    assert_eq!(refused.status, 422);
    assert_eq!(body(&refused)["errors"][0]["source"]["pointer"], "/cookies");
    let pattern = r#"{"method":"GET"}"#;
    let removed = body(&send(
        &instance,
        "POST",
        "/__admin/requests/remove",
        pattern,
    ));
    assert_eq!(sequences(&removed["serveEvents"]), [2, 3]);
    check("{}", &[1]);
}
