//! Waits driven by hand: what they answer, and that they are woken and not asked.

use std::task::Waker;
use std::time::Duration;

use super::*;
use crate::control::testing::{answered, body, instance, record, request, send, subscribe};
use crate::control::wanted::USUAL_TIMEOUT;
use crate::record::waiters::testing::Bell;

const HEARTBEAT: &str = "/v1/nodes/n-1/heartbeat";

/// A wait that was begun, with a bell in the place of a runtime.
struct Begun {
    wait: Box<dyn Wait>,
    timeout: Duration,
    bell: Arc<Bell>,
}

impl Begun {
    fn new(outcome: Outcome) -> Self {
        let Outcome::Wait { wait, timeout } = outcome else {
            panic!("answered at once");
        };
        Self {
            wait,
            timeout,
            bell: Arc::default(),
        }
    }

    fn poll(&mut self) -> Option<Reply> {
        let waker = Waker::from(self.bell.clone());
        match self.wait.poll_reply(&mut Context::from_waker(&waker)) {
            Poll::Ready(reply) => Some(reply),
            Poll::Pending => None,
        }
    }
}

fn begin(instance: &Arc<Instance>, query: &str) -> Begun {
    let request = request("GET", &format!("/__admin/wait?{query}"), "");
    Begun::new(answered(instance, &request))
}

fn beat(instance: &Arc<Instance>) {
    record(instance, "POST", HEARTBEAT, "{}", 200);
}

#[test]
fn a_wait_is_woken_by_what_it_waits_for() {
    let instance = instance();
    let mut begun = begin(&instance, "atLeast=heartbeat_count:2&timeout=5s");
    assert_eq!(begun.timeout, Duration::from_secs(5));
    assert!(begun.poll().is_none());
    assert_eq!(begun.bell.rings(), 0);
    beat(&instance);
    beat(&instance);
    assert_eq!(
        begun.bell.rings(),
        1,
        "woken once for both, until it looks again"
    );
    let reply = begun.poll().expect("satisfied");
    assert_eq!(reply.status, 200);
    let want = json!({
        "satisfied": true,
        "conditions": [{ "what": "heartbeat_count", "kind": "atLeast", "want": 2, "saw": 2 }],
        "counters": { "heartbeat_count": 2, "state_count": 0 },
        "token": "r0.2.c0-2.o0-2",
    });
    assert_eq!(body(&reply), want);
}

#[test]
fn what_holds_already_is_answered_at_once() {
    let instance = instance();
    beat(&instance);
    let token = instance.record.token();
    beat(&instance);
    let check = |query: &str| {
        let reply = send(&instance, "GET", &format!("/__admin/wait?{query}"), "");
        assert_eq!(body(&reply)["satisfied"], true, "{query}");
    };
    check("atLeast=heartbeat_count:2");
    check("atLeast=heartbeat:2&atLeast=state:0");
    check(&format!("more=heartbeat_count:1&since={token}"));
    check("requests=2&operation=heartbeat&method=POST&status=200&node=n-1");
    check(&format!("requests=1&urlPathPattern=/v1/.+&since={token}"));
    check("streams=0");
}

#[test]
fn time_up_says_what_is_missing() {
    let instance = instance();
    beat(&instance);
    let query = "atLeast=heartbeat_count:1&more=heartbeat:2&streams=1&requests=3&urlPath=/v1/x";
    let mut begun = begin(&instance, query);
    assert_eq!(begun.timeout, USUAL_TIMEOUT);
    assert!(begun.poll().is_none());
    beat(&instance);
    let reply = begun.wait.timed_out();
    assert_eq!(reply.status, 408);
    let body = body(&reply);
    assert_eq!(body["satisfied"], false);
    let want = json!([
        "heartbeat rose by 1, waited for 2 more",
        "0 streams are connected, waited for 1",
        "0 requests match, waited for 3",
    ]);
    assert_eq!(body["missing"], want);
    assert_eq!(body["conditions"].as_array().unwrap().len(), 4);
}

#[test]
fn each_exchange_is_counted_once_and_streams_wake_too() {
    let instance = instance();
    beat(&instance);
    let mut begun = begin(&instance, "requests=3&operation=heartbeat&streams=1");
    for _ in 0..3 {
        assert!(begun.poll().is_none());
    }
    beat(&instance);
    assert!(begun.poll().is_none());
    beat(&instance);
    assert!(begun.poll().is_none());
    let rings = begun.bell.rings();
    let stream = subscribe(&instance, "n-1");
    assert_eq!(begun.bell.rings(), rings + 1);
    let reply = body(&begun.poll().expect("satisfied"));
    assert_eq!(reply["conditions"][1]["saw"], 3);
    drop(stream);
}

#[test]
fn a_reset_starts_the_count_again() {
    let instance = instance();
    beat(&instance);
    let token = instance.record.token();
    let mut begun = begin(&instance, "more=heartbeat_count:2");
    assert!(begun.poll().is_none());
    instance.record.reset();
    assert_eq!(begun.bell.rings(), 1);
    beat(&instance);
    assert!(begun.poll().is_none());
    beat(&instance);
    assert!(begun.poll().is_some());
    let target = format!("/__admin/wait?more=heartbeat_count:1&since={token}");
    assert_eq!(send(&instance, "GET", &target, "").status, 409);
}

#[test]
fn a_dropped_wait_leaves_no_waker() {
    let instance = instance();
    let mut begun = begin(&instance, "atLeast=heartbeat_count:1");
    assert!(begun.poll().is_none());
    let bell = begun.bell.clone();
    drop(begun);
    beat(&instance);
    assert_eq!(bell.rings(), 0);
}

#[test]
fn the_same_can_be_asked_in_json() {
    let instance = instance();
    let asked = json!({
        "atLeast": { "heartbeat_count": 1 },
        "requests": { "pattern": { "bodyPatterns": [{ "contains": "up" }] }, "count": 1 },
        "timeout": 2,
    });
    let request = request("POST", "/__admin/wait", &asked.to_string());
    let mut begun = Begun::new(answered(&instance, &request));
    assert_eq!(begun.timeout, Duration::from_secs(2));
    beat(&instance);
    assert!(begun.poll().is_none());
    record(&instance, "POST", HEARTBEAT, r#"{"status":"up"}"#, 200);
    assert!(begun.poll().is_some());
}

#[test]
fn what_cannot_be_waited_for_is_refused() {
    let instance = instance();
    let check = |query: &str, status: u16, title: &str| {
        let reply = send(&instance, "GET", &format!("/__admin/wait?{query}"), "");
        assert_eq!(reply.status, status, "{query}");
        assert_eq!(body(&reply)["errors"][0]["title"], title, "{query}");
    };
    check("atLeast=x:1", 400, "there is no counter or operation `x`");
    check(
        "atLeast=state",
        400,
        "`atLeast` is NAME:N such as heartbeat_count:3, not `state`",
    );
    check("more=state:-1", 400, "`more` is a whole number, not `-1`");
    check(
        "streams=1&timeout=11m",
        400,
        "`timeout` is at most 10m, not `11m`",
    );
    check(
        "timeout=1s",
        400,
        "a wait has 1 to 100 conditions, this one has 0",
    );
    check(
        "atleast=state:1",
        400,
        "there is no parameter `atleast` here",
    );
    check(
        "requests=1&urlPathPattern=(",
        422,
        "`(` is not a regular expression that is understood here: error: unclosed group",
    );
    check(
        "node=n-1",
        400,
        "method, url, urlPath, urlPathPattern, node, operation, status go with `requests=N` only",
    );
    check(
        "streams=1&since=yesterday",
        400,
        "this is not a token: use one as an answer of the control plane gave it under `token`",
    );
    let reply = send(&instance, "POST", "/__admin/wait", r#"{"atLest":{}}"#);
    let detail = body(&reply)["errors"][0]["detail"].to_string();
    assert!(
        reply.status == 400 && detail.contains("unknown field `atLest`"),
        "{detail}"
    );
}
