//! The record's numbers for Prometheus, in its text format 0.0.4, and the writer for that format.
//!
//! Some readers of this format treat a missing series as an error and an untyped one as zero. So every
//! series exists from the first scrape, every family has its type before its samples, and the type line
//! carries the full name of a counter, `_total` included.

use std::fmt::{Display, Write};

use super::Recorder;

/// A page in the text format, while it is written.
#[derive(Debug, Default)]
pub struct Exposition {
    text: String,
}

/// One family of a page: samples that share a name and a type.
#[derive(Debug)]
pub struct Family<'a> {
    text: &'a mut String,
    name: &'static str,
}

impl Exposition {
    /// Begins a family whose values only rise; its name ends in `_total`.
    pub fn counter(&mut self, name: &'static str, help: &str) -> Family<'_> {
        self.family(name, "counter", help)
    }

    /// Begins a family whose values may fall.
    pub fn gauge(&mut self, name: &'static str, help: &str) -> Family<'_> {
        self.family(name, "gauge", help)
    }

    /// The page.
    pub fn finish(self) -> String {
        self.text
    }

    fn family(&mut self, name: &'static str, kind: &str, help: &str) -> Family<'_> {
        // Writing to a string does not fail.
        let _ = write!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
        Family {
            text: &mut self.text,
            name,
        }
    }
}

impl Family<'_> {
    /// Writes the only sample of a family.
    pub fn value(&mut self, value: impl Display) {
        self.sample(&[], value);
    }

    /// Writes a sample with labels.
    pub fn sample(&mut self, labels: &[(&str, &str)], value: impl Display) {
        self.text.push_str(self.name);
        for (at, (label, text)) in labels.iter().enumerate() {
            self.text.push(if at == 0 { '{' } else { ',' });
            self.text.push_str(label);
            self.text.push_str("=\"");
            escape(self.text, text);
            self.text.push('"');
        }
        if !labels.is_empty() {
            self.text.push('}');
        }
        // Writing to a string does not fail.
        let _ = writeln!(self.text, " {value}");
    }
}

/// Appends a label value with the three escapes of the format.
fn escape(text: &mut String, value: &str) {
    for character in value.chars() {
        match character {
            '\\' => text.push_str("\\\\"),
            '"' => text.push_str("\\\""),
            '\n' => text.push_str("\\n"),
            other => text.push(other),
        }
    }
}

impl Recorder {
    /// Writes the families of the record.
    pub fn expose(&self, page: &mut Exposition) {
        self.expose_calls(page);
        self.expose_streams(page);
        let size = self.journal_size();
        page.gauge("mock_server_journal_exchanges", "Exchanges in the journal.")
            .value(size.exchanges);
        page.gauge("mock_server_journal_bytes", "Bytes the journal keeps.")
            .value(size.bytes);
    }

    fn expose_calls(&self, page: &mut Exposition) {
        let counters = self.counts();
        let labels = self.labels();
        let operations = || labels.operations.iter().zip(&counters.operations);
        let mut requests = page.counter(
            "mock_server_requests_total",
            "Requests that named an operation of the contract.",
        );
        for (label, count) in operations() {
            let names = [
                ("operation", label.name.as_str()),
                ("method", &label.method),
                ("route", &label.template),
            ];
            requests.sample(&names, count.total);
        }
        let mut responses = page.counter(
            "mock_server_responses_total",
            "Replies to them by status; declared statuses are always present.",
        );
        for (label, count) in operations() {
            for (status, value) in count.statuses.iter() {
                let status = status.to_string();
                let names = [
                    ("operation", label.name.as_str()),
                    ("method", &label.method),
                    ("status", &status),
                ];
                responses.sample(&names, value);
            }
        }
        let unmatched = "Requests that named no operation of the contract.";
        page.counter("mock_server_unmatched_requests_total", unmatched)
            .value(counters.unmatched);
        let mut named = page.counter("mock_server_counter_total", "The product's own counters.");
        for (name, value) in labels.counters.iter().zip(&counters.named) {
            named.sample(&[("name", name)], value);
        }
        page.counter(
            "mock_server_auth_failures_total",
            "Replies with status 401.",
        )
        .value(counters.statuses.of(401));
    }

    fn expose_streams(&self, page: &mut Exposition) {
        let (sent, dropped) = self.stream_totals();
        page.gauge("mock_server_streams", "Connected event streams.")
            .value(self.stream_count());
        let help = "Events written to streams, without their greetings.";
        page.counter("mock_server_stream_events_sent_total", help)
            .value(sent);
        let help = "Events that a stream missed because its queue was full.";
        page.counter("mock_server_stream_events_dropped_total", help)
            .value(dropped);
        let help = "Events that tests sent through the control plane.";
        page.counter("mock_server_events_injected_total", help)
            .value(self.injected());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_written_as_the_format_has_it() {
        let mut page = Exposition::default();
        page.gauge("up", "Whether it is.").value(1.5);
        let mut calls = page.counter("calls_total", "Calls.");
        calls.sample(&[("a", "x\\y\"z\n"), ("b", "é")], 7);
        let want = "# HELP up Whether it is.\n# TYPE up gauge\nup 1.5\n\
            # HELP calls_total Calls.\n# TYPE calls_total counter\n\
            calls_total{a=\"x\\\\y\\\"z\\n\",b=\"é\"} 7\n";
        assert_eq!(page.finish(), want);
    }
}
