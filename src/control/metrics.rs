//! `GET /metrics`: the numbers of the process and of `net`, then those of the record.

use std::sync::atomic::{AtomicU64, Ordering};

use super::about::VERSION;
use super::{Answer, Ask};
use crate::http::{Outcome, Reply};
use crate::net::Traffic;
use crate::personality::Instance;
use crate::record::Exposition;

/// The one type that every reader of the format takes, whatever it says it accepts.
const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// A number that `net` counts: the metric's name, what it says, and where it stands. What ends in `_total`
/// only rises, the others are gauges.
type TrafficCount = (&'static str, &'static str, fn(&Traffic) -> &AtomicU64);

/// What `net` counts.
const TRAFFIC: &[TrafficCount] = &[
    (
        "mock_server_connections",
        "Connections open now, streams included.",
        |traffic| &traffic.open,
    ),
    (
        "mock_server_connections_accepted_total",
        "Connections accepted.",
        |traffic| &traffic.accepted,
    ),
    (
        "mock_server_connections_refused_total",
        "Connections closed at once because too many were open.",
        |traffic| &traffic.refused_full,
    ),
    (
        "mock_server_accept_errors_total",
        "Attempts to accept that failed.",
        |traffic| &traffic.accept_errors,
    ),
    (
        "mock_server_tls_handshakes_total",
        "TLS handshakes that were completed.",
        |traffic| &traffic.tls_handshakes,
    ),
    (
        "mock_server_tls_failures_total",
        "TLS handshakes that were begun and not completed.",
        |traffic| &traffic.tls_failures,
    ),
    (
        "mock_server_timeouts_total",
        "Connections cut off because the client was too slow.",
        |traffic| &traffic.timeouts,
    ),
    (
        "mock_server_broken_requests_total",
        "Requests that were not HTTP, or whose body broke off.",
        |traffic| &traffic.broken_requests,
    ),
    (
        "mock_server_body_too_large_total",
        "Requests refused for the size of their body.",
        |traffic| &traffic.body_too_large,
    ),
];

/// `GET /metrics`.
pub(super) fn page(ask: &Ask<'_>) -> Answer {
    let mut page = Exposition::default();
    process(ask.instance, &mut page);
    for (name, help, number) in TRAFFIC {
        let value = number(&ask.instance.traffic).load(Ordering::Relaxed);
        if name.ends_with("_total") {
            page.counter(name, help).value(value);
        } else {
            page.gauge(name, help).value(value);
        }
    }
    ask.instance.record.expose(&mut page);
    let reply = Reply::new(200, CONTENT_TYPE, page.finish());
    Ok(Outcome::Reply(reply))
}

fn process(instance: &Instance, page: &mut Exposition) {
    let labels = [
        ("version", VERSION),
        ("personality", instance.personality.name()),
        ("release", instance.personality.release()),
    ];
    page.gauge("mock_server_build_info", "What runs here; always 1.")
        .sample(&labels, 1);
    let help = "When the server started, in seconds since 1970, by its clock.";
    page.gauge("process_start_time_seconds", help)
        .value(instance.started.as_duration().as_secs_f64());
    if let Some(bytes) = resident_bytes() {
        let help = "Memory that the process occupies.";
        page.gauge("process_resident_memory_bytes", help)
            .value(bytes);
    }
}

/// Resident memory as the kernel reports it. `status` gives kilobytes; `statm` would give pages, whose
/// size differs between machines.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1_024)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use crate::control::testing::{instance, record, send};

    /// What the strictest reader of the format accepts; says what is wrong and where.
    fn strict(page: &str) -> Result<(), String> {
        if !page.ends_with('\n') {
            return Err("no final newline".into());
        }
        let (mut typed, mut family, mut done) = (HashSet::new(), String::new(), HashSet::new());
        for line in page.lines() {
            let wrong = |why: &str| Err(format!("{why}: {line}"));
            if line.contains('\r') || line.contains('\u{feff}') {
                return wrong("control bytes");
            }
            if let Some(rest) = line.strip_prefix("# TYPE ") {
                let Some((name, kind)) = rest.split_once(' ') else {
                    return wrong("no type");
                };
                if !["counter", "gauge", "histogram", "summary"].contains(&kind) {
                    return wrong("unknown type");
                }
                if (kind == "counter") != name.ends_with("_total") {
                    return wrong("name and type disagree");
                }
                if !typed.insert(name.to_owned()) {
                    return wrong("typed twice");
                }
                name.clone_into(&mut family);
            } else if !line.starts_with("# HELP ") {
                let Some((series, value)) = sample(line) else {
                    return wrong("no sample");
                };
                let name = series.split('{').next().unwrap_or_default();
                if name != family {
                    return wrong("sample outside its family");
                }
                if value.parse::<f64>().is_err() {
                    return wrong("no value");
                }
                if !done.insert(series.to_owned()) {
                    return wrong("series twice");
                }
            }
        }
        Ok(())
    }

    /// Series and value of a sample line; `None` when it has anything besides, or is badly quoted.
    fn sample(line: &str) -> Option<(&str, &str)> {
        let end = line.find(['{', ' '])?;
        let legal = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if end == 0 || !line[..end].chars().all(legal) {
            return None;
        }
        let mut at = end;
        if line[at..].starts_with('{') {
            loop {
                let rest = &line[at + 1..];
                let name = rest.find('=')?;
                if name == 0 || !rest[..name].chars().all(legal) {
                    return None;
                }
                at += 1 + name + 1;
                at += quoted(&line[at..])?;
                match line[at..].chars().next()? {
                    ',' => {}
                    '}' => break,
                    _ => return None,
                }
            }
            at += 1;
        }
        let value = line[at..].strip_prefix(' ')?;
        (!value.contains(' ')).then_some((&line[..at], value))
    }

    /// The length of a quoted text with legal escapes.
    fn quoted(text: &str) -> Option<usize> {
        let mut characters = text.char_indices();
        if characters.next()?.1 != '"' {
            return None;
        }
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => return Some(at + 1),
                '\\' if !"\\\"n".contains(characters.next()?.1) => return None,
                _ => {}
            }
        }
        None
    }

    #[test]
    fn the_checker_is_strict() {
        let check = |page: &str, good: bool| assert_eq!(strict(page).is_ok(), good, "{page:?}");
        check("# TYPE a gauge\na 1\n", true);
        check(
            "# HELP a x y\n# TYPE a_total counter\na_total{b=\"c\\n\",d=\"\"} 1\n",
            true,
        );
        check("# TYPE a gauge\na 1", false);
        check("a 1\n# TYPE a gauge\n", false);
        check("# TYPE a untyped\na 1\n", false);
        check("# TYPE a counter\na_total 1\n", false);
        check("# TYPE a gauge\na 1\n# TYPE a gauge\n", false);
        check("# TYPE a_total counter\na_total 1 # {x=\"y\"} 1\n", false);
        check("# TYPE a gauge\na{b=\"c\"d\"} 1\n", false);
        check("# TYPE a gauge\na{b=\"\\x\"} 1\n", false);
        check("# TYPE a gauge\na 1\na 1\n", false);
        check("# TYPE a gauge\n{\"a\"} 1\n", false);
        check("# TYPE a gauge\na 1\r\r\n", false);
    }

    #[test]
    fn every_series_is_there_from_the_first_scrape_and_stays() {
        let instance = instance();
        let scrape = || {
            let reply = send(&instance, "GET", "/metrics", "");
            assert_eq!(reply.headers[0].1, super::CONTENT_TYPE);
            String::from_utf8(reply.bytes().to_vec()).unwrap()
        };
        let series = |page: &str| -> HashSet<String> {
            let samples = page.lines().filter_map(sample);
            samples.map(|(series, _)| series.to_owned()).collect()
        };
        let first = scrape();
        strict(&first).unwrap();
        for line in [
            "mock_server_requests_total{operation=\"heartbeat\",method=\"POST\",route=\"/v1/nodes/{id}/heartbeat\"} 0",
            "mock_server_responses_total{operation=\"heartbeat\",method=\"POST\",status=\"400\"} 0",
            "mock_server_counter_total{name=\"heartbeat_count\"} 0",
            "mock_server_auth_failures_total 0",
            "mock_server_stream_events_dropped_total 0",
            "mock_server_streams 0",
            "process_start_time_seconds 1767225600",
        ] {
            assert!(first.lines().any(|found| found == line), "{line}\n{first}");
        }
        record(&instance, "POST", "/v1/nodes/n-1/heartbeat", "{}", 200);
        record(&instance, "POST", "/v1/nodes/n-1/heartbeat", "{}", 401);
        let second = scrape();
        strict(&second).unwrap();
        assert!(second.contains("mock_server_auth_failures_total 1\n"));
        assert!(second.contains("mock_server_counter_total{name=\"heartbeat_count\"} 2\n"));
        assert!(series(&second).is_superset(&series(&first)));
        send(&instance, "POST", "/__admin/reset", "");
        assert_eq!(series(&scrape()), series(&second));
    }
}
