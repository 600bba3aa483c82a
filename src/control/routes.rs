//! The table of control routes and the look-up in it.
//!
//! Some fifty rows are searched from the top: nobody measures the control plane, and the order makes
//! `/requests/count` come before `/requests/{id}` without further rules.

use super::{
    Answer, Ask, about, counters, events, guests, levers, metrics, requests, tasks, time, wait,
    world,
};
use crate::http::Method;

/// One control route.
#[derive(Debug)]
pub(super) struct Route {
    pub(super) method: &'static str,
    pub(super) template: &'static str,
    pub(super) what: &'static str,
    pub(super) answer: fn(&Ask<'_>) -> Answer,
}

/// What a look-up came to.
pub(super) enum Found<'a> {
    /// A route, with the value of its `{id}`.
    Route(&'static Route, &'a str),
    /// The path is known with these methods.
    OtherMethods(Vec<&'static str>),
    /// The path is not known.
    Nothing,
}

const fn route(
    method: &'static str,
    template: &'static str,
    answer: fn(&Ask<'_>) -> Answer,
    what: &'static str,
) -> Route {
    Route {
        method,
        template,
        what,
        answer,
    }
}

/// All control routes, in the order in which they are tried and listed.
#[rustfmt::skip]
pub(super) const ROUTES: &[Route] = &[
    route("GET", "/", about::root, "what this is and where to look next"),
    route("GET", "/health", about::health, "200 as soon as requests are served"),
    route("GET", "/metrics", metrics::page, "Prometheus text format 0.0.4"),
    route("GET", "/openapi.json", about::contract, "the contract in force"),
    route("GET", "/__admin", about::routes, "this list"),
    route("GET", "/__admin/health", about::admin_health, "`WireMock`'s form of `/health`"),
    route("GET", "/__admin/version", about::version, "the version of the server"),
    route("GET", "/__admin/ca.pem", about::ca, "the certificate that a client must trust"),
    route("GET", "/__admin/requests", requests::list, "the journal, newest first; `limit`, `since`, `afterSequence`, `unmatched`"),
    route("DELETE", "/__admin/requests", requests::clear, "empties the journal"),
    route("POST", "/__admin/requests/count", requests::count, "how many exchanges match a request pattern"),
    route("POST", "/__admin/requests/find", requests::find, "the exchanges that match, oldest first"),
    route("POST", "/__admin/requests/remove", requests::remove, "takes them out of the journal"),
    route("POST", "/__admin/requests/reset", requests::clear, "empties the journal, as older clients of `WireMock` ask"),
    route("GET", "/__admin/requests/unmatched", requests::unmatched, "requests that named no operation"),
    route("GET", "/__admin/requests/{id}", requests::show, "one exchange"),
    route("DELETE", "/__admin/requests/{id}", requests::remove_one, "takes it out of the journal"),
    route("GET", "/__admin/counters", counters::show, "calls per operation, status and node, with a token"),
    route("POST", "/__admin/counters/reset", counters::reset, "all counters to zero"),
    route("GET", "/__admin/wait", wait::by_query, "blocks until counters, streams, the journal or the world show what is asked for"),
    route("POST", "/__admin/wait", wait::by_body, "the same, asked in JSON"),
    route("POST", "/__admin/reset", world::reset_all, "counters, captures, journal and world as at the start; `only` narrows"),
    route("GET", "/__admin/world", world::export, "the whole state, without counting as a call"),
    route("PUT", "/__admin/world", world::import, "replaces it"),
    route("PATCH", "/__admin/world", world::patch, "changes it by a JSON merge patch"),
    route("POST", "/__admin/world/reset", world::reset, "puts it back to the first state"),
    route("POST", "/__admin/events", events::inject, "sends an event to the streams; `waitFor` waits for that many streams first"),
    route("GET", "/__admin/streams", events::list, "who is connected"),
    route("DELETE", "/__admin/streams", events::close_all, "ends all streams"),
    route("DELETE", "/__admin/streams/{id}", events::close, "ends one"),
    route("GET", "/__admin/tasks", tasks::list, "the product's tasks, newest first, and what is planned for the next ones"),
    route("POST", "/__admin/tasks/hold", tasks::hold, "keeps a task, or the next ones of a type, from ending"),
    route("POST", "/__admin/tasks/release", tasks::release, "lets held tasks end"),
    route("POST", "/__admin/tasks/fail", tasks::fail, "ends a task, or the next ones of a type, with an error"),
    route("POST", "/__admin/tasks/warn", tasks::warn, "ends the next tasks of a type with warnings"),
    route("POST", "/__admin/tasks/take", tasks::take, "says how long the next tasks of a type take"),
    route("DELETE", "/__admin/tasks/plans", tasks::forget, "forgets what is planned"),
    route("POST", "/__admin/vm/{id}/status", guests::set_status, "turns a guest on or off, outside of the product's own API"),
    route("GET", "/__admin/vm/{id}/agent", levers::agent, "what is inside a guest, and whether its agent answers"),
    route("PUT", "/__admin/vm/{id}/agent", levers::set_agent, "scripts it: `presence`, `delay`, `addresses`, `answers`, `failures`, `programs`, `files`"),
    route("PATCH", "/__admin/vm/{id}/agent", levers::patch_agent, "changes the script by a JSON merge patch"),
    route("DELETE", "/__admin/vm/{id}/agent", levers::reset_agent, "forgets the script: what the guest answers follows from its configuration"),
    route("GET", "/__admin/vm/{id}/lock", levers::lock, "the lock of a guest"),
    route("PUT", "/__admin/vm/{id}/lock", levers::set_lock, "locks it: `backup`, `migrate` and so on"),
    route("DELETE", "/__admin/vm/{id}/lock", levers::clear_lock, "takes its lock away"),
    route("GET", "/__admin/node/{id}/status", levers::node, "whether the cluster reaches a node"),
    route("POST", "/__admin/node/{id}/status", levers::set_node, "cuts a node off (`offline`) or brings it back (`online`)"),
    route("GET", "/__admin/clock", time::show, "the time here"),
    route("POST", "/__admin/clock", time::set, "`freeze`, `step` or `resume` it"),
];

/// Finds the route of a request. A slash at the end of a path makes no difference.
pub(super) fn find<'a>(method: &Method, path: &'a str) -> Found<'a> {
    let path = match path.strip_suffix('/') {
        Some("") | None => path,
        Some(path) => path,
    };
    let mut methods = Vec::new();
    for route in ROUTES {
        let Some(id) = value_of(route.template, path) else {
            continue;
        };
        if route.method == method.routed().as_str() {
            return Found::Route(route, id);
        }
        if !methods.contains(&route.method) {
            methods.push(route.method);
            methods.extend((route.method == "GET").then_some("HEAD"));
        }
    }
    match methods.is_empty() {
        true => Found::Nothing,
        false => Found::OtherMethods(methods),
    }
}

/// The value of the template's segment `{id}`, or nothing when the path is the template itself.
fn value_of<'a>(template: &str, path: &'a str) -> Option<&'a str> {
    let Some((before, behind)) = template.split_once("{id}") else {
        return (template == path).then_some("");
    };
    let id = path.strip_prefix(before)?.strip_suffix(behind)?;
    (!id.is_empty() && !id.contains('/')).then_some(id)
}
