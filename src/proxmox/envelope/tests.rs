//! Answers and refusals as they go over the wire.

mod perl;
mod rust;

use super::*;
use crate::http::Body;

fn reply(edition: Edition, format: Format, result: Result<Answer, Fault>) -> Reply {
    let envelope = Envelope {
        edition,
        format,
        now: "2026-01-01T00:00:00Z".parse().unwrap(),
    };
    envelope.reply(result)
}

fn field<'a>(reply: &'a Reply, name: &str) -> Option<&'a str> {
    let found = reply.headers.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| &**value)
}

fn text(reply: &Reply) -> String {
    let Body::Whole(body) = &reply.body else {
        panic!("a stream");
    };
    String::from_utf8(body.to_vec()).unwrap()
}

fn no_operation() -> Fault {
    Fault::NoOperation {
        method: "GET".into(),
        path: "/x".into(),
        full_path: "/api2/json/x".into(),
    }
}

/// Status line and body.
fn shown(edition: Edition, format: Format, result: Result<Answer, Fault>) -> String {
    let reply = reply(edition, format, result);
    let reason = reply.reason.as_deref().unwrap_or("-");
    format!("{} {reason}: {}", reply.status, text(&reply))
}

#[test]
fn what_net_refuses() {
    let envelope = |edition| Envelope {
        edition,
        format: Format::Json,
        now: "2026-01-01T00:00:00Z".parse().unwrap(),
    };
    let refusals = [
        Refusal::BodyTooLarge { limit: 1 },
        Refusal::Timeout,
        Refusal::BrokenBody,
    ];
    let statuses = |edition| refusals.map(|refusal| envelope(edition).refuse(refusal).status);
    assert_eq!(statuses(Edition::Pve9), [501, 408, 400]);
    assert_eq!(statuses(Edition::Pbs), [400, 408, 400]);
}
