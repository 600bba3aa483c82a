//! What Backup Server and Datacenter Manager send.

use serde_json::json;

use super::*;
use crate::proxmox::permission::Denied;

fn check(format: Format, result: Result<Answer, Fault>, want: &str) {
    for edition in [Edition::Pbs, Edition::Pdm] {
        assert_eq!(shown(edition, format, result.clone()), want);
    }
}

#[test]
fn answers_and_refusals_in_both_formats() {
    let listed = || {
        Ok(Answer::new(json!([true]))
            .with("total", 0)
            .with("digest", "x"))
    };
    check(
        Format::Json,
        listed(),
        r#"200 -: {"data":[true],"total":0,"digest":"x"}"#,
    );
    check(
        Format::Extjs,
        listed(),
        r#"200 -: {"data":[true],"success":true,"status":200,"total":0,"digest":"x"}"#,
    );
    let problem = || Err(Fault::parameter("p", "wrong"));
    check(
        Format::Json,
        problem(),
        "400 -: parameter verification failed - 'p': wrong",
    );
    check(
        Format::Extjs,
        problem(),
        r#"200 -: {"message":"parameter verification errors","errors":{"p":"wrong"},"success":false,"status":400}"#,
    );
    check(
        Format::Json,
        Err(no_operation()),
        "404 -: Path '/api2/json/x' not found.",
    );
    check(
        Format::Extjs,
        Err(no_operation()),
        r#"200 -: {"message":"Path '/api2/json/x' not found.","errors":{},"success":false,"status":404}"#,
    );
    check(
        Format::Extjs,
        Err(Fault::NoCredentials),
        "401 -: authentication failed",
    );
}

#[test]
fn refusals_in_plain_text() {
    let refused = |fault: Fault, want: &str| check(Format::Json, Err(fault), want);
    refused(Fault::BadCsrf, "401 -: authentication failed");
    refused(Fault::LoginFailed, "401 -: permission check failed.");
    refused(
        Denied::because("x").into(),
        "403 -: permission check failed",
    );
    let no_entry = Fault::no_such_entry("datastore", "x");
    refused(no_entry, "400 -: no such datastore 'x'");
    let no_job = Fault::does_not_exist("job", "x");
    refused(no_job, "404 -: job 'x' does not exist.");
    let text = "parameter verification failed - 'name': datastore 'x' already exists.";
    let exists = Fault::entry_exists("name", "datastore", "x");
    refused(exists, &format!("400 -: {text}"));
    let too_large = Fault::Unacceptable(Unacceptable::BodyTooLarge);
    refused(too_large, "400 -: Request body too large");
    let kind = Unacceptable::ContentType("text/plain".into());
    let text = r#"400 -: unsupported content type Ok("text/plain")"#;
    refused(Fault::Unacceptable(kind), text);
    refused(
        Fault::NoApiPath("/api2".into()),
        "404 -: invalid api path '/api2'",
    );
}

#[test]
fn headers_of_the_rust_products() {
    let cookie = |format, fault| {
        let reply = reply(Edition::Pdm, format, Err(fault));
        field(&reply, "set-cookie").map(|cookie| cookie.starts_with("__Host-PDMAuthCookie=;"))
    };
    assert_eq!(cookie(Format::Json, Fault::NoCredentials), Some(true));
    assert_eq!(cookie(Format::Json, Fault::LoginFailed), Some(true));
    assert_eq!(cookie(Format::Extjs, Fault::LoginFailed), None);
    assert_eq!(cookie(Format::Json, Fault::no_such_task()), None);
    let answer = Answer {
        cookie: Some("a=b".into()),
        ..Answer::default()
    };
    let reply = reply(Edition::Pdm, Format::Json, Ok(answer));
    assert_eq!(field(&reply, "set-cookie"), Some("a=b"));
    assert_eq!(field(&reply, "server"), None);
}
