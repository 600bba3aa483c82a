//! What this server is, whether it serves, and where to look next.

use bytes::Bytes;
use serde_json::{Value, json};

use super::routes::ROUTES;
use super::{Answer, Ask, ok};
use crate::http::{Outcome, Reply};

/// The version of the binary.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Where a person may look next, in the order of curiosity.
const LINKS: [(&str, &str); 9] = [
    ("health", "/health"),
    ("metrics", "/metrics"),
    ("contract", "/openapi.json"),
    ("control", "/__admin"),
    ("requests", "/__admin/requests"),
    ("counters", "/__admin/counters"),
    ("world", "/__admin/world"),
    ("streams", "/__admin/streams"),
    ("certificate", "/__admin/ca.pem"),
];

/// `GET /`: JSON for programs, a small page for browsers.
pub(super) fn root(ask: &Ask<'_>) -> Answer {
    let accept = ask.request.headers.text("accept").unwrap_or_default();
    if accept.contains("text/html") {
        let page = Reply::new(200, "text/html; charset=utf-8", page(ask));
        return Ok(Outcome::Reply(page));
    }
    let links: serde_json::Map<_, _> = LINKS
        .iter()
        .map(|&(name, path)| (name.to_owned(), Value::from(path)))
        .collect();
    let personality = &ask.instance.personality;
    ok(&json!({
        "service": personality.name(),
        "release": personality.release(),
        "server": "mock-server",
        "version": VERSION,
        "links": links,
    }))
}

fn page(ask: &Ask<'_>) -> String {
    let (name, release) = (
        ask.instance.personality.name(),
        ask.instance.personality.release(),
    );
    let mut links = String::new();
    for (name, path) in LINKS {
        links += &format!("<li><a href=\"{path}\">{name}</a></li>\n");
    }
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>{name} {release}</title>\n\
         <h1>{name} {release}</h1>\n<p>mock-server {VERSION} stands in for this product.</p>\n\
         <ul>\n{links}</ul>\n</html>\n"
    )
}

/// `GET /health`: small and always the same, so that a probe may compare it.
pub(super) fn health(ask: &Ask<'_>) -> Answer {
    let personality = &ask.instance.personality;
    let body = json!({
        "status": "ready",
        "service": personality.name(),
        "release": personality.release(),
        "version": VERSION,
    });
    Ok(Outcome::Reply(Reply::new(
        200,
        "application/json",
        body.to_string(),
    )))
}

/// `GET /__admin/health`.
pub(super) fn admin_health(ask: &Ask<'_>) -> Answer {
    let now = ask.instance.clock.now();
    let uptime = now.duration_since(ask.instance.started);
    ok(&json!({
        "status": "healthy",
        "message": format!("{} is ready", ask.instance.personality.name()),
        "version": VERSION,
        "uptimeInSeconds": uptime.as_secs().max(0),
        "timestamp": now.to_string(),
    }))
}

/// `GET /__admin/version`.
pub(super) fn version(_: &Ask<'_>) -> Answer {
    ok(&json!({ "version": VERSION }))
}

/// `GET /__admin`: the table of routes.
pub(super) fn routes(_: &Ask<'_>) -> Answer {
    let routes: Vec<_> = ROUTES
        .iter()
        .map(|route| json!({ "method": route.method, "path": route.template, "what": route.what }))
        .collect();
    ok(&json!({ "routes": routes }))
}

/// `GET /openapi.json`.
pub(super) fn contract(ask: &Ask<'_>) -> Answer {
    let document = ask.instance.personality.contract();
    Ok(Outcome::Reply(Reply::new(
        200,
        "application/json",
        document,
    )))
}

/// `GET /__admin/ca.pem`.
pub(super) fn ca(ask: &Ask<'_>) -> Answer {
    let pem = Bytes::copy_from_slice(ask.instance.ca_pem.as_bytes());
    Ok(Outcome::Reply(Reply::new(
        200,
        "application/x-pem-file",
        pem,
    )))
}

#[cfg(test)]
mod tests {
    use crate::control::testing::{get, instance, request, send, send_request};

    #[test]
    fn health_is_small_and_exact() {
        let reply = send(&instance(), "GET", "/health", "");
        let want = format!(
            r#"{{"status":"ready","service":"fake","release":"1","version":"{}"}}"#,
            super::VERSION
        );
        assert_eq!(reply.bytes(), want);
        let admin = get(&instance(), "/__admin/health");
        assert_eq!(admin["status"], "healthy");
        assert_eq!(admin["uptimeInSeconds"], 0);
        assert_eq!(admin["timestamp"], "2026-01-01T00:00:00Z");
    }

    #[test]
    fn every_link_leads_somewhere() {
        let instance = instance();
        let root = get(&instance, "/");
        assert_eq!(root["service"], "fake");
        for (name, path) in root["links"].as_object().unwrap() {
            let reply = send(&instance, "GET", path.as_str().unwrap(), "");
            assert_eq!(reply.status, 200, "{name}");
        }
        let mut browser = request("GET", "/", "");
        browser.headers.push("accept", b"text/html,*/*");
        let page = send_request(&instance, &browser);
        assert_eq!(page.headers[0].1, "text/html; charset=utf-8");
    }

    #[test]
    fn documents_come_with_their_types() {
        let check = |path: &str, kind: &str, body: &str| {
            let reply = send(&instance(), "GET", path, "");
            assert_eq!(
                (&*reply.headers[0].1, &reply.bytes()[..]),
                (kind, body.as_bytes())
            );
        };
        check(
            "/openapi.json",
            "application/json",
            "{\"openapi\":\"3.0.3\"}",
        );
        check("/__admin/ca.pem", "application/x-pem-file", "PEM\n");
    }
}
