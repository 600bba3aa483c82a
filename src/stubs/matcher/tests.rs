//! Tables of request patterns: what they match, and how they are refused.

use bytes::Bytes;

use super::*;
use crate::http::{Headers, ListenerRole, Method};

fn request() -> Request {
    let mut headers = Headers::default();
    headers.push("content-type", b"application/json");
    headers.push("x-tag", b"a");
    headers.push("x-tag", b"b");
    Request {
        method: Method::Post,
        target: "/v1/nodes/n-1/drift?q=1&q=two%20words&flag".into(),
        headers,
        body: Bytes::from_static(b"{\"kind\":\"peer_added\",\"list\":[1,2,3]}"),
        body_fault: None,
        upload: None,
        peer: ([127, 0, 0, 1], 4711).into(),
        listener: ListenerRole::Main,
        secure: false,
    }
}

/// Holds a pattern against the request above, as the exchange that it would be.
fn check(pattern: &str, want: bool) {
    let request = request();
    let subject = Subject {
        request: &request,
        node: Some("n-1"),
        operation: Some("drift"),
        status: Some(204),
    };
    let value: Value = serde_json::from_str(pattern).unwrap();
    let pattern = RequestPattern::read(&value).expect("a valid pattern");
    assert_eq!(pattern.matches(&subject), want, "{value}");
}

#[test]
fn lines_and_fields_match_as_wiremock_has_it() {
    check("{}", true);
    check(r#"{"method":"ANY"}"#, true);
    check(r#"{"method":"post"}"#, true);
    check(r#"{"method":"GET"}"#, false);
    check(
        r#"{"url":"/v1/nodes/n-1/drift?q=1&q=two%20words&flag"}"#,
        true,
    );
    check(r#"{"url":"/v1/nodes/n-1/drift"}"#, false);
    check(r#"{"urlPath":"/v1/nodes/n-1/drift"}"#, true);
    check(r#"{"urlPattern":"/v1/nodes/.*"}"#, true);
    check(r#"{"urlPattern":"nodes"}"#, false);
    check(r#"{"urlPathPattern":"/v1/nodes/[^/]+/drift"}"#, true);
    check(r#"{"urlPathPattern":"/v1|/v1/nodes/[^/]+/dri"}"#, false);
    check(r#"{"queryParameters":{"q":{"equalTo":"two words"}}}"#, true);
    check(r#"{"queryParameters":{"q":{"equalTo":"3"}}}"#, false);
    check(r#"{"queryParameters":{"flag":{"equalTo":""}}}"#, true);
    check(r#"{"queryParameters":{"none":{"absent":true}}}"#, true);
    check(r#"{"queryParameters":{"q":{"absent":true}}}"#, false);
    check(r#"{"headers":{"X-Tag":{"equalTo":"b"}}}"#, true);
    check(r#"{"headers":{"X-Tag":{"matches":"[cd]"}}}"#, false);
    check(
        r#"{"headers":{"Content-Type":{"equalTo":"APPLICATION/JSON","caseInsensitive":true}}}"#,
        true,
    );
    check(
        r#"{"headers":{"Content-Type":{"equalTo":"APPLICATION/JSON"}}}"#,
        false,
    );
}

#[test]
fn bodies_match_as_wiremock_has_it_and_so_do_our_conditions() {
    check(
        r#"{"bodyPatterns":[{"contains":"peer_added"},{"doesNotContain":"policy"}]}"#,
        true,
    );
    check(
        r#"{"bodyPatterns":[{"contains":"peer_added"},{"contains":"policy"}]}"#,
        false,
    );
    check(r#"{"bodyPatterns":[{"matches":".*\"list\".*"}]}"#, true);
    check(r#"{"bodyPatterns":[{"matches":"list"}]}"#, false);
    check(r#"{"bodyPatterns":[{"doesNotMatch":"list"}]}"#, true);
    check(r#"{"bodyPatterns":[{"absent":true}]}"#, false);
    check(
        r#"{"bodyPatterns":[{"equalToJson":"{\"list\":[3,2,1]}","ignoreArrayOrder":true,"ignoreExtraElements":true}]}"#,
        true,
    );
    check(
        r#"{"bodyPatterns":[{"equalToJson":{"list":[1,2,3],"kind":"peer_added"}}]}"#,
        true,
    );
    check(
        r#"{"bodyPatterns":[{"equalToJson":{"list":[1,2,3]}}]}"#,
        false,
    );
    check(r#"{"node":"n-1","operation":"drift","status":204}"#, true);
    check(r#"{"node":"n-2"}"#, false);
    check(r#"{"operation":"state"}"#, false);
    check(r#"{"status":200}"#, false);
}

/// Reads a pattern that is to be refused.
fn refuse(pattern: &str, pointer: &str, problem: &str) {
    let value: Value = serde_json::from_str(pattern).unwrap();
    let fault = RequestPattern::read(&value).expect_err(pattern);
    assert_eq!(
        (fault.pointer.as_str(), fault.problem.as_str()),
        (pointer, problem)
    );
}

#[test]
fn conditions_that_are_not_understood_are_refused_by_name() {
    refuse("[]", "", "a request pattern is an object, not []");
    refuse(
        r#"{"metod":"GET"}"#,
        "/metod",
        "a request pattern has no field `metod`",
    );
    refuse(
        r#"{"cookies":{}}"#,
        "/cookies",
        "the condition `cookies` is not supported yet",
    );
    refuse(r#"{"method":1}"#, "/method", "`method` is a text, not 1");
    refuse(
        r#"{"status":70000}"#,
        "/status",
        "`status` is the number of a status, not 70000",
    );
}

#[test]
fn matchers_that_are_not_understood_are_refused_by_name() {
    refuse(
        r#"{"headers":{"a":{"equals":"x"}}}"#,
        "/headers/a/equals",
        "there is no matcher `equals`",
    );
    refuse(
        r#"{"headers":{"a":"x"}}"#,
        "/headers/a",
        r#"a matcher is an object such as {"equalTo": ...}, not "x""#,
    );
    refuse(
        r#"{"bodyPatterns":[{"matchesJsonPath":"$.a"}]}"#,
        "/bodyPatterns/0/matchesJsonPath",
        "the matcher `matchesJsonPath` is not supported yet",
    );
    refuse(
        r#"{"bodyPatterns":[{}]}"#,
        "/bodyPatterns/0",
        "the matcher states no condition",
    );
    refuse(
        r#"{"bodyPatterns":[{"contains":"a","equalTo":"b"}]}"#,
        "/bodyPatterns/0",
        "a matcher states one condition, this one has two",
    );
    refuse(
        r#"{"bodyPatterns":[{"contains":"a","caseInsensitive":true}]}"#,
        "/bodyPatterns/0/caseInsensitive",
        "`caseInsensitive` goes with `equalTo` only",
    );
    refuse(
        r#"{"bodyPatterns":[{"equalToJson":"{"}]}"#,
        "/bodyPatterns/0/equalToJson",
        "the text of `equalToJson` is not JSON: EOF while parsing an object at line 1 column 1",
    );
    refuse(
        r#"{"urlPattern":"a)(b"}"#,
        "/urlPattern",
        "`a)(b` is not a regular expression that is understood here: error: unopened group",
    );
}

#[test]
fn expressions_are_bounded() {
    let check = |regex: String| {
        let pattern = serde_json::json!({ "urlPattern": regex });
        assert!(RequestPattern::read(&pattern).is_err());
    };
    check("x".repeat(5_000));
    check("(?:x{1000}){1000}".into());
    let many: Vec<Value> = vec![serde_json::json!({ "contains": "x" }); 65];
    let pattern = serde_json::json!({ "bodyPatterns": many });
    assert!(RequestPattern::read(&pattern).is_err());
}
