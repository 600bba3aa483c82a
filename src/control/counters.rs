//! The counters of the record as JSON.

use serde_json::{Map, Value, json};

use super::{Answer, Ask, ok};
use crate::record::{Counters, Labels, NodeCount, Reading, Sparse};

/// `GET /__admin/counters`.
pub(super) fn show(ask: &Ask<'_>) -> Answer {
    ask.query(&[])?;
    let labels = ask.instance.record.labels();
    let (counters, reading) = ask.instance.record.counts_and_reading();
    let mut body = json!({
        "counters": named(labels, &reading),
        "operations": operations(labels, &counters),
        "statuses": statuses(&counters.statuses),
        "nodes": nodes(labels, &counters),
        "unmatched": counters.unmatched,
        "token": reading.token(),
    });
    if counters.other_nodes.total > 0 {
        body["otherNodes"] = node(labels, &counters.other_nodes);
    }
    ok(&body)
}

/// `POST /__admin/counters/reset`.
pub(super) fn reset(ask: &Ask<'_>) -> Answer {
    ask.query(&[])?;
    ask.instance.record.reset_counters();
    ok(&json!({ "ok": true, "token": ask.instance.record.token() }))
}

/// The product's own counters by name.
pub(super) fn named(labels: &Labels, reading: &Reading) -> Map<String, Value> {
    let values = labels.counters.iter().zip(&reading.counters);
    values
        .map(|(name, value)| (name.clone(), Value::from(*value)))
        .collect()
}

fn operations(labels: &Labels, counters: &Counters) -> Map<String, Value> {
    let operations = labels.operations.iter().zip(&counters.operations);
    operations
        .map(|(label, count)| {
            let value = json!({
                "method": label.method,
                "route": label.template,
                "total": count.total,
                "byStatus": statuses(&count.statuses),
            });
            (label.name.clone(), value)
        })
        .collect()
}

fn statuses(counts: &Sparse) -> Map<String, Value> {
    counts
        .iter()
        .map(|(status, count)| (status.to_string(), Value::from(count)))
        .collect()
}

/// The nodes by name, in the order of names, so that two answers can be compared as text.
fn nodes(labels: &Labels, counters: &Counters) -> Map<String, Value> {
    let mut nodes: Vec<_> = counters.nodes.iter().collect();
    nodes.sort_unstable_by_key(|(name, _)| *name);
    nodes
        .into_iter()
        .map(|(name, count)| (name.to_string(), node(labels, count)))
        .collect()
}

fn node(labels: &Labels, count: &NodeCount) -> Value {
    let named: Map<_, _> = count
        .named
        .iter()
        .filter_map(|(at, value)| {
            let name = labels.counters.get(usize::from(at))?;
            Some((name.clone(), Value::from(value)))
        })
        .collect();
    json!({ "total": count.total, "counters": named })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::control::testing::{get, instance, record, send};

    #[test]
    fn counters_by_operation_status_and_node() {
        let instance = instance();
        record(&instance, "POST", "/v1/nodes/n-1/heartbeat", "{}", 200);
        record(&instance, "GET", "/nothing", "", 404);
        let mut body = get(&instance, "/__admin/counters");
        assert_eq!(body["token"], "r0.2.c0-1.o0-1");
        body.as_object_mut().unwrap().remove("token");
        let want = json!({
            "counters": { "heartbeat_count": 1, "state_count": 0 },
            "operations": {
                "heartbeat": {
                    "method": "POST", "route": "/v1/nodes/{id}/heartbeat",
                    "total": 1, "byStatus": { "200": 1, "400": 0 },
                },
                "state": {
                    "method": "GET", "route": "/v1/nodes/{id}/state",
                    "total": 0, "byStatus": { "200": 0 },
                },
            },
            "statuses": { "200": 1, "404": 1 },
            "nodes": { "n-1": { "total": 1, "counters": { "heartbeat_count": 1 } } },
            "unmatched": 1,
        });
        assert_eq!(body, want);
        assert_eq!(
            send(&instance, "POST", "/__admin/counters/reset", "").status,
            200
        );
        assert_eq!(get(&instance, "/__admin/counters")["token"], "r1.2");
    }
}
