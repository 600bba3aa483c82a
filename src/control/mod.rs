//! The test and admin plane: the same routes beside every product.
//!
//! It knows a product only by the traits of [`crate::personality`]. Nothing asked here is counted or
//! kept in the journal, so a test can look without changing what it looks at. Paths and JSON are those of
//! `WireMock`'s admin API where it has them.
//!
//! | Route | What |
//! |---|---|
//! | `GET /` | what this is and where to look next |
//! | `GET /health` | 200 as soon as requests are served |
//! | `GET /metrics` | Prometheus text format 0.0.4 |
//! | `GET /openapi.json` | the contract in force |
//! | `GET /__admin` | this list |
//! | `GET /__admin/health` | `WireMock`'s form of `/health` |
//! | `GET /__admin/version` | the version of the server |
//! | `GET /__admin/ca.pem` | the certificate that a client must trust |
//! | `GET /__admin/requests` | the journal, newest first; `limit`, `since`, `afterSequence`, `unmatched` |
//! | `DELETE /__admin/requests` | empties the journal |
//! | `POST /__admin/requests/count` | how many exchanges match a request pattern |
//! | `POST /__admin/requests/find` | the exchanges that match, oldest first |
//! | `POST /__admin/requests/remove` | takes them out of the journal |
//! | `POST /__admin/requests/reset` | empties the journal, as older clients of `WireMock` ask |
//! | `GET /__admin/requests/unmatched` | requests that named no operation |
//! | `GET /__admin/requests/{id}` | one exchange |
//! | `DELETE /__admin/requests/{id}` | takes it out of the journal |
//! | `GET /__admin/counters` | calls per operation, status and node, with a token |
//! | `POST /__admin/counters/reset` | all counters to zero |
//! | `GET /__admin/wait` | blocks until counters, streams, the journal or the world show what is asked for |
//! | `POST /__admin/wait` | the same, asked in JSON |
//! | `POST /__admin/reset` | counters, captures, journal and world as at the start; `only` narrows |
//! | `GET /__admin/world` | the whole state, without counting as a call |
//! | `PUT /__admin/world` | replaces it |
//! | `PATCH /__admin/world` | changes it by a JSON merge patch |
//! | `POST /__admin/world/reset` | puts it back to the first state |
//! | `POST /__admin/events` | sends an event to the streams; `waitFor` waits for that many streams first |
//! | `GET /__admin/streams` | who is connected |
//! | `DELETE /__admin/streams` | ends all streams |
//! | `DELETE /__admin/streams/{id}` | ends one |
//! | `GET /__admin/tasks` | the product's tasks, newest first, and what is planned for the next ones |
//! | `POST /__admin/tasks/hold` | keeps a task, or the next ones of a type, from ending |
//! | `POST /__admin/tasks/release` | lets held tasks end |
//! | `POST /__admin/tasks/fail` | ends a task, or the next ones of a type, with an error |
//! | `POST /__admin/tasks/warn` | ends the next tasks of a type with warnings |
//! | `POST /__admin/tasks/take` | says how long the next tasks of a type take |
//! | `DELETE /__admin/tasks/plans` | forgets what is planned |
//! | `POST /__admin/vm/{id}/status` | turns a guest on or off, outside of the product's own API |
//! | `GET /__admin/vm/{id}/agent` | what is inside a guest, and whether its agent answers |
//! | `PUT /__admin/vm/{id}/agent` | scripts it: `presence`, `delay`, `addresses`, `answers`, `failures`, `programs`, `files` |
//! | `PATCH /__admin/vm/{id}/agent` | changes the script by a JSON merge patch |
//! | `DELETE /__admin/vm/{id}/agent` | forgets the script: what the guest answers follows from its configuration |
//! | `GET /__admin/vm/{id}/lock` | the lock of a guest |
//! | `PUT /__admin/vm/{id}/lock` | locks it: `backup`, `migrate` and so on |
//! | `DELETE /__admin/vm/{id}/lock` | takes its lock away |
//! | `GET /__admin/node/{id}/status` | whether the cluster reaches a node |
//! | `POST /__admin/node/{id}/status` | cuts a node off (`offline`) or brings it back (`online`) |
//! | `GET /__admin/clock` | the time here |
//! | `POST /__admin/clock` | `freeze`, `step` or `resume` it |

mod about;
mod condition;
mod counters;
mod entry;
mod events;
mod guests;
mod input;
mod levers;
mod metrics;
mod refusal;
mod requests;
mod routes;
mod sought;
mod tasks;
mod time;
mod wait;
mod wanted;
mod world;

#[cfg(test)]
mod testing;

use std::sync::Arc;

use serde::Serialize;

use refusal::Refusal;
use routes::{Found, find};

use crate::http::{ListenerRole, Outcome, Reply, Request};
use crate::personality::Instance;

/// What a route is given.
struct Ask<'a> {
    instance: &'a Arc<Instance>,
    request: &'a Request,
    /// The value of the template's `{id}`; empty where it has none.
    id: &'a str,
}

/// What a route returns.
type Answer = Result<Outcome, Refusal>;

/// Answers a request to the control plane; `None` when the path is the product's. The second listener of
/// a product is all the product's.
pub fn answer(instance: &Arc<Instance>, request: &Request) -> Option<Outcome> {
    let path = request.path();
    if request.listener != ListenerRole::Main || !is_ours(path) {
        return None;
    }
    let answer = match find(&request.method, path) {
        Found::Route(route, id) => {
            let answer = (route.answer)(&Ask {
                instance,
                request,
                id,
            });
            if route.method != "GET" {
                // Whoever waits for something in the world looks again.
                instance.record.waiters().wake();
            }
            answer
        }
        Found::OtherMethods(allowed) => Err(Refusal::wrong_method(request, &allowed)),
        Found::Nothing => Err(Refusal::unknown_path(path)),
    };
    Some(answer.unwrap_or_else(|refusal| Outcome::Reply(refusal.into_reply())))
}

/// Whether a path belongs to the control plane, known or not.
fn is_ours(path: &str) -> bool {
    match path.strip_prefix("/__admin") {
        Some(rest) => rest.is_empty() || rest.starts_with('/'),
        None => matches!(path, "/" | "/health" | "/metrics" | "/openapi.json"),
    }
}

/// A JSON reply laid out for people, as `WireMock`'s are.
fn json(status: u16, value: &impl Serialize) -> Reply {
    match serde_json::to_vec_pretty(value) {
        Ok(mut body) => {
            body.push(b'\n');
            Reply::new(status, "application/json", body)
        }
        Err(error) => Refusal::new(500, "the answer cannot be written as JSON")
            .detail(error.to_string())
            .into_reply(),
    }
}

/// The usual end of a route: 200 with JSON.
fn ok(value: &impl Serialize) -> Answer {
    Ok(Outcome::Reply(json(200, value)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::routes::ROUTES;
    use super::testing::{get, instance, send};
    use super::*;

    #[test]
    fn the_module_doc_lists_every_route() {
        let doc = include_str!("mod.rs");
        for route in ROUTES {
            let line = format!(
                "//! | `{} {}` | {} |",
                route.method, route.template, route.what
            );
            assert!(doc.contains(&line), "missing: {line}");
        }
        let lines = doc.lines().filter(|line| line.starts_with("//! | `"));
        assert_eq!(lines.count(), ROUTES.len());
    }

    proptest! {
        #[test]
        fn no_request_is_too_odd(
            route in 0..ROUTES.len(),
            method in "(GET|POST|PUT|PATCH|DELETE|X)",
            query in "((limit|since|requests|timeout|waitFor|atLeast|url)=[ -~é]{0,6}&){0,2}",
            body in "\\PC{0,20}|\\{\"[a-z]{1,6}\": ?([0-9]{1,20}|\\{\\}|\"[^\"]{0,6}\")\\}",
        ) {
            let target = format!("{}?{query}", ROUTES[route].template);
            let request = super::testing::request(&method, &target, &body);
            if let Some(Outcome::Reply(reply)) = answer(&instance(), &request) {
                prop_assert!((200..500).contains(&reply.status), "{}", reply.status);
            }
        }
    }

    #[test]
    fn paths_and_methods_that_are_not_ours() {
        let instance = instance();
        let check = |method: &str, target: &str, status: u16, allow: Option<&str>| {
            let reply = send(&instance, method, target, "");
            let found = reply.headers.iter().find(|(name, _)| name == "allow");
            assert_eq!(reply.status, status, "{method} {target}");
            assert_eq!(found.map(|(_, value)| &**value), allow);
        };
        check("POST", "/health", 405, Some("GET, HEAD"));
        check("PUT", "/__admin/requests", 405, Some("GET, HEAD, DELETE"));
        check("GET", "/__admin/counters/reset", 405, Some("POST"));
        check(
            "PUT",
            "/__admin/requests/count",
            405,
            Some("POST, GET, HEAD, DELETE"),
        );
        check("GET", "/__admin/nothing", 404, None);
        check("GET", "/__admin/", 200, None);
        check("HEAD", "/health", 200, None);
        for product in ["/v1/ping", "/__administrator", "/healthy", "/metrics/x"] {
            assert!(
                super::answer(&instance, &super::testing::request("GET", product, "")).is_none()
            );
        }
        let body = get(&instance, "/__admin/nothing");
        assert_eq!(
            body["errors"][0]["title"],
            "there is no control route /__admin/nothing"
        );
    }
}
