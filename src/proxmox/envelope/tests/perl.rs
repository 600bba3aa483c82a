//! What Proxmox VE sends.

use serde_json::json;

use super::*;
use crate::proxmox::fault::{BadCredentials, Unreachable};
use crate::proxmox::permission::Denied;

#[test]
fn answers_of_pve() {
    let check = |format: Format, answer: Answer, want: &str| {
        assert_eq!(shown(Edition::Pve9, format, Ok(answer)), want);
    };
    let data = json!({"a": true, "b": [false, 1, "true"]});
    check(
        Format::Json,
        Answer::new(data.clone()),
        r#"200 -: {"data":{"a":1,"b":[0,1,"true"]}}"#,
    );
    let mut raw = Answer::new(data);
    raw.booleans = Booleans::AsTheyStand;
    check(
        Format::Json,
        raw,
        r#"200 -: {"data":{"a":true,"b":[false,1,"true"]}}"#,
    );
    check(
        Format::Extjs,
        Answer::default(),
        r#"200 -: {"data":null,"success":1}"#,
    );
    let listed = Answer::new(json!([]))
        .with("total", 7)
        .with("digest", "x")
        .with("changes", "");
    check(Format::Json, listed, r#"200 -: {"data":[],"total":7}"#);
    check(
        Format::Json,
        Answer::new(json!([])).with("total", 0),
        r#"200 -: {"data":[]}"#,
    );
}

#[test]
fn refusals_of_pve() {
    let check = |fault: Fault, want: &str| {
        assert_eq!(shown(Edition::Pve9, Format::Json, Err(fault)), want);
    };
    check(
        no_operation(),
        r#"501 Method 'GET /x' not implemented: {"data":null,"message":"Method 'GET /x' not implemented"}"#,
    );
    check(
        Fault::parameter("p", "wrong"),
        r#"400 Parameter verification failed.: {"data":null,"errors":{"p":"wrong"},"message":"Parameter verification failed.\n"}"#,
    );
    check(Fault::NoCredentials, "401 No ticket: ");
    check(
        Fault::BadCredentials(BadCredentials::Ticket),
        "401 Authentication failed!: ",
    );
    check(
        Fault::BadCsrf,
        "401 Permission denied - invalid csrf token: ",
    );
    check(
        Fault::LoginFailed,
        r#"401 authentication failure: {"data":null,"message":"authentication failure\n"}"#,
    );
    let denied = Denied::because("/vms/100, VM.Audit");
    check(
        denied.clone().into(),
        r#"403 Permission check failed (/vms/100, VM.Audit): {"data":null,"message":"Permission check failed (/vms/100, VM.Audit)\n"}"#,
    );
    check(
        Fault::UploadDenied(denied),
        "403 Permission check failed (/vms/100, VM.Audit): ",
    );
    check(
        Fault::proxy_loop(),
        r#"500 proxy loop detected: {"data":null,"message":"proxy loop detected\n"}"#,
    );
    check(
        Fault::Failed("one\ntwo\n".into()),
        r#"500 one: {"data":null,"message":"one\ntwo\n"}"#,
    );
    check(
        Fault::NoApiPath("/api2".into()),
        "501 no such uri: no such uri",
    );
    let unreachable = Fault::Unreachable(Unreachable::Connect, "No route to host".into());
    check(unreachable, "595 No route to host: ");
    check(
        Fault::Unacceptable(Unacceptable::BodyTooLarge),
        "501 for data too large: for data too large",
    );
    let kind = Unacceptable::ContentType("text/plain".into());
    let words = "upload 'Content-Type 'text/plain' not implemented";
    check(Fault::Unacceptable(kind), &format!("506 {words}: {words}"));
    check(
        Fault::Failed("a\tb".into()),
        r#"500 a b: {"data":null,"message":"a\tb\n"}"#,
    );
}

#[test]
fn older_releases_of_pve() {
    let check = |edition: Edition, fault: Fault, want: &str| {
        assert_eq!(shown(edition, Format::Json, Err(fault)), want);
    };
    let bad = || Fault::BadCredentials(BadCredentials::Ticket);
    check(
        Edition::Pve8,
        bad(),
        "401 permission denied - invalid PVE ticket: ",
    );
    check(
        Edition::Pve7,
        Fault::proxy_loop(),
        r#"500 proxy loop detected: {"data":null}"#,
    );
    check(
        Edition::Pve8,
        Fault::proxy_loop(),
        r#"500 proxy loop detected: {"data":null,"message":"proxy loop detected\n"}"#,
    );
}

#[test]
fn extjs_of_pve() {
    let check = |fault: Fault, want: &str| {
        assert_eq!(shown(Edition::Pve9, Format::Extjs, Err(fault)), want);
    };
    check(
        Fault::parameter("p", "wrong"),
        r#"200 -: {"data":null,"errors":{"p":"wrong"},"message":"Parameter verification failed.\n","status":400,"success":0}"#,
    );
    check(Fault::NoCredentials, "401 No ticket: ");
}

#[test]
fn headers_of_pve() {
    let good = reply(Edition::Pve9, Format::Json, Ok(Answer::default()));
    assert_eq!(
        field(&good, "content-type"),
        Some("application/json;charset=UTF-8")
    );
    assert_eq!(field(&good, "cache-control"), Some("max-age=0"));
    assert_eq!(field(&good, "pragma"), Some("no-cache"));
    assert_eq!(field(&good, "server"), Some("pve-api-daemon/3.0"));
    assert_eq!(
        field(&good, "expires"),
        Some("Thu, 01 Jan 2026 00:00:00 GMT")
    );
    assert_eq!(field(&good, "connection"), Some("Keep-Alive"));
    let bad = reply(Edition::Pve9, Format::Json, Err(Fault::NoCredentials));
    assert_eq!(field(&bad, "connection"), Some("close"));
    assert_eq!(field(&bad, "content-type"), None);
    let hidden = reply(Edition::Pve9, Format::Extjs, Err(Fault::no_quorum()));
    assert_eq!(field(&hidden, "connection"), Some("Keep-Alive"));
}
