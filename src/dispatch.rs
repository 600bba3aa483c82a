//! One request through control or personality, and into the record.

use std::sync::Arc;

use crate::clock::Stopwatch;
use crate::control;
use crate::http::{Outcome, Request};
use crate::net::Answerer;
use crate::personality::{Answered, Instance, Surroundings};
use crate::record::Exchange;

/// Sends each request where it belongs; the only caller of [`crate::record::Recorder::record`].
#[derive(Debug)]
pub struct Dispatch {
    instance: Arc<Instance>,
}

impl Dispatch {
    /// Dispatches to one instance.
    pub fn new(instance: Arc<Instance>) -> Self {
        Self { instance }
    }

    /// The instance that a request is for.
    fn instance_of(&self, _: &Request) -> &Arc<Instance> {
        &self.instance
    }
}

impl Answerer for Dispatch {
    fn answer(&self, request: Request) -> Outcome {
        let instance = self.instance_of(&request);
        control::answer(instance, &request)
            .unwrap_or_else(|| Outcome::Reply(product(instance, request)))
    }
}

/// Lets the product answer, then records the exchange, and only then sends its events: who reads the record
/// because of an event finds the exchange in it.
fn product(instance: &Instance, request: Request) -> crate::http::Reply {
    let stopwatch = Stopwatch::start();
    let now = instance.clock.now();
    let surroundings = Surroundings {
        now,
        record: &instance.record,
    };
    let Answered {
        reply,
        tally,
        broadcasts,
    } = instance.personality.answer(&request, &surroundings);
    let took = stopwatch.elapsed();
    tracing::debug!(
        method = %request.method,
        target = request.target,
        status = reply.status,
        origin = tally.origin,
        micros = took.as_micros(),
        "answered"
    );
    instance.record.record(Exchange {
        sequence: 0,
        at: now,
        took,
        request,
        tally,
        status: reply.status,
        reply_headers: reply.headers.clone(),
        reply_body: reply.bytes(),
        reply_length: None,
    });
    for broadcast in &broadcasts {
        instance.record.broadcast(broadcast);
    }
    reply
}
