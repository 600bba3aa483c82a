//! What can be waited for: a counter, a number of streams, a number of matching exchanges.

use serde_json::{Value, json};

use super::refusal::Refusal;
use crate::record::{Exchange, Labels, Reading};
use crate::stubs::{RequestPattern, Subject};

/// One thing waited for, with what was seen of it last.
pub(super) struct Condition {
    kind: Kind,
    /// The name of the counter, or what else is counted.
    what: String,
    want: u64,
    saw: u64,
}

enum Kind {
    /// The value itself.
    AtLeast(Gauge),
    /// The value above what it was at the token, or when the call came.
    More { gauge: Gauge, base: u64 },
    /// Connected streams.
    Streams,
    /// Exchanges that match; each is looked at once.
    Requests(Box<RequestPattern>),
}

/// What a name stands for.
#[derive(Debug, Clone, Copy)]
enum Gauge {
    Counter(usize),
    Operation(usize),
}

/// What the record shows at one moment.
pub(super) struct Sight<'a> {
    pub(super) reading: &'a Reading,
    pub(super) streams: usize,
    /// The exchanges since the last look.
    pub(super) fresh: &'a [std::sync::Arc<Exchange>],
    pub(super) labels: &'a Labels,
}

impl Condition {
    /// The counter `name` stands at `want` or above.
    pub(super) fn at_least(name: &str, want: u64, labels: &Labels) -> Result<Self, Refusal> {
        let kind = Kind::AtLeast(gauge(name, labels)?);
        Ok(Self::new(kind, name, want))
    }

    /// The counter `name` rose by `want` since `base`.
    pub(super) fn more(
        name: &str,
        want: u64,
        base: &Reading,
        labels: &Labels,
    ) -> Result<Self, Refusal> {
        let gauge = gauge(name, labels)?;
        let base = gauge.of(base);
        Ok(Self::new(Kind::More { gauge, base }, name, want))
    }

    /// `want` streams are connected.
    pub(super) fn streams(want: u64) -> Self {
        Self::new(Kind::Streams, "streams", want)
    }

    /// `want` exchanges match.
    pub(super) fn requests(pattern: RequestPattern, want: u64) -> Self {
        Self::new(Kind::Requests(Box::new(pattern)), "requests", want)
    }

    /// Whether it looks into the journal.
    pub(super) fn reads_journal(&self) -> bool {
        matches!(self.kind, Kind::Requests(_))
    }

    /// Brings what was seen up to date and says whether it is enough.
    pub(super) fn look(&mut self, sight: &Sight<'_>) -> bool {
        self.saw = match &self.kind {
            Kind::AtLeast(gauge) => gauge.of(sight.reading),
            Kind::More { gauge, base } => gauge.of(sight.reading).saturating_sub(*base),
            Kind::Streams => sight.streams as u64,
            Kind::Requests(pattern) => {
                let fits = |exchange: &&std::sync::Arc<Exchange>| {
                    pattern.matches(&Subject::of(exchange, sight.labels))
                };
                self.saw + sight.fresh.iter().filter(fits).count() as u64
            }
        };
        self.saw >= self.want
    }

    /// Starts counting from zero, because the counters do: there was a reset.
    pub(super) fn rebase(&mut self) {
        if let Kind::More { base, .. } = &mut self.kind {
            *base = 0;
        }
    }

    /// The condition as the answer shows it.
    pub(super) fn report(&self) -> Value {
        let kind = match self.kind {
            Kind::AtLeast(_) | Kind::Streams => "atLeast",
            Kind::More { .. } => "more",
            Kind::Requests(_) => "matching",
        };
        json!({ "what": self.what, "kind": kind, "want": self.want, "saw": self.saw })
    }

    /// What is missing, as a sentence; nothing when nothing is.
    pub(super) fn missing(&self) -> Option<String> {
        let Self {
            what, want, saw, ..
        } = self;
        (saw < want).then(|| match self.kind {
            Kind::AtLeast(_) => format!("{what} is {saw}, waited for at least {want}"),
            Kind::More { .. } => format!("{what} rose by {saw}, waited for {want} more"),
            Kind::Streams => format!("{saw} streams are connected, waited for {want}"),
            Kind::Requests(_) => format!("{saw} requests match, waited for {want}"),
        })
    }

    fn new(kind: Kind, what: &str, want: u64) -> Self {
        Self {
            kind,
            what: what.to_owned(),
            want,
            saw: 0,
        }
    }
}

impl Gauge {
    fn of(self, reading: &Reading) -> u64 {
        let value = match self {
            Self::Counter(at) => reading.counters.get(at),
            Self::Operation(at) => reading.operations.get(at),
        };
        value.copied().unwrap_or_default()
    }
}

/// Finds a name among the product's counters, then among the operations.
fn gauge(name: &str, labels: &Labels) -> Result<Gauge, Refusal> {
    let counter = labels.counters.iter().position(|known| known == name);
    let mut operations = labels.operations.iter();
    counter
        .map(Gauge::Counter)
        .or_else(|| {
            let operation = operations.position(|known| known.name == name);
            operation.map(Gauge::Operation)
        })
        .ok_or_else(|| {
            let counters = labels.counters.iter();
            let operations = labels.operations.iter().map(|known| &known.name);
            let known: Vec<&str> = counters.chain(operations).map(String::as_str).collect();
            let title = format!("there is no counter or operation `{name}`");
            Refusal::bad_request(title).detail(format!("there are {}", known.join(", ")))
        })
}
