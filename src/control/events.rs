//! Events made by tests, and the streams that they go to.

use std::sync::Arc;
use std::task::{Context, Poll};

use serde_json::{Value, json};

use super::input::number;
use super::refusal::Refusal;
use super::wanted::{USUAL_TIMEOUT, read_timeout};
use super::world::unprocessable;
use super::{Answer, Ask, json as json_reply, ok};
use crate::http::{Outcome, Reply, Wait};
use crate::personality::Instance;
use crate::record::{StreamStatus, Ticket};

/// `POST /__admin/events`: the body describes the event to the personality, which may do without. With
/// `waitFor=N` the event goes out as soon as N streams are connected.
pub(super) fn inject(ask: &Ask<'_>) -> Answer {
    let (mut streams, mut timeout) = (0, USUAL_TIMEOUT);
    for (key, value) in ask.query(&["waitFor", "timeout"])? {
        match &*key {
            "waitFor" => streams = number(&key, &value)?,
            _ => timeout = read_timeout(&json!(value))?,
        }
    }
    let description = ask.optional_body()?.unwrap_or_else(|| json!({}));
    if ask.instance.record.stream_count() as u64 >= streams {
        let reply = send(ask.instance, &description)?;
        return Ok(Outcome::Reply(reply));
    }
    let wait = Box::new(Audience {
        instance: Arc::clone(ask.instance),
        description,
        streams,
        ticket: ask.instance.record.waiters().enter(),
    });
    Ok(Outcome::Wait { wait, timeout })
}

/// `GET /__admin/streams`.
pub(super) fn list(ask: &Ask<'_>) -> Answer {
    ask.query(&[])?;
    let streams: Vec<_> = ask.instance.record.streams().iter().map(entry).collect();
    ok(&json!({ "count": streams.len(), "streams": streams }))
}

/// `DELETE /__admin/streams`.
pub(super) fn close_all(ask: &Ask<'_>) -> Answer {
    ask.query(&[])?;
    let closed = ask.instance.record.close_streams();
    ok(&json!({ "ok": true, "closed": closed }))
}

/// `DELETE /__admin/streams/{id}`.
pub(super) fn close(ask: &Ask<'_>) -> Answer {
    ask.query(&[])?;
    let id = ask.id.parse().ok();
    match id.is_some_and(|id| ask.instance.record.close_stream(id)) {
        true => ok(&json!({ "ok": true, "closed": 1 })),
        false => {
            let title = format!("there is no stream `{}`", ask.id);
            Err(Refusal::new(404, title).detail("GET /__admin/streams lists those there are"))
        }
    }
}

/// Makes an event and sends it.
fn send(instance: &Instance, description: &Value) -> Result<Reply, Refusal> {
    let control = instance.personality.control();
    let injection = control
        .event(description, instance.clock.now())
        .map_err(unprocessable)?;
    let delivery = instance.record.inject(&injection.broadcast);
    let body = json!({
        "event": injection.event,
        "clients": delivery.matched,
        "queued": delivery.queued,
        "dropped": delivery.dropped,
    });
    Ok(json_reply(200, &body))
}

fn entry(stream: &StreamStatus) -> Value {
    json!({
        "id": stream.id,
        "node": stream.node,
        "peer": stream.peer.to_string(),
        "since": stream.since.to_string(),
        "sent": stream.sent,
        "dropped": stream.dropped,
        "queued": stream.queued,
        "lastEventId": stream.last_event_id,
        "lastSentId": stream.last_sent_id,
    })
}

/// An event that waits for its audience.
struct Audience {
    instance: Arc<Instance>,
    description: Value,
    streams: u64,
    ticket: Ticket,
}

impl Wait for Audience {
    fn poll_reply(&mut self, cx: &mut Context<'_>) -> Poll<Reply> {
        let record = &self.instance.record;
        record.waiters().keep(&self.ticket, cx.waker());
        if (record.stream_count() as u64) < self.streams {
            return Poll::Pending;
        }
        let sent = send(&self.instance, &self.description);
        Poll::Ready(sent.unwrap_or_else(Refusal::into_reply))
    }

    fn timed_out(&mut self) -> Reply {
        let (connected, wanted) = (self.instance.record.stream_count(), self.streams);
        let title = format!("{connected} streams are connected, waited for {wanted}");
        Refusal::new(408, title)
            .detail("the event was not sent")
            .into_reply()
    }
}

impl Drop for Audience {
    fn drop(&mut self) {
        self.instance.record.waiters().leave(&self.ticket);
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;
    use crate::control::testing::{answered, body, get, instance, request, send, subscribe};

    #[test]
    fn an_event_says_how_many_it_reached() {
        let instance = instance();
        let _streams = [subscribe(&instance, "n-1"), subscribe(&instance, "n-2")];
        let check = |sent: &str, clients: usize, event: &Value| {
            let reply = send(&instance, "POST", "/__admin/events", sent);
            let want =
                json!({ "event": event, "clients": clients, "queued": clients, "dropped": 0 });
            assert_eq!(body(&reply), want);
        };
        check("", 2, &json!({}));
        check(r#"{"node":"n-2"}"#, 1, &json!({ "node": "n-2" }));
        let refused = send(&instance, "POST", "/__admin/events", "7");
        assert_eq!(refused.status, 422);
        assert_eq!(instance.record.injected(), 2);
        let list = get(&instance, "/__admin/streams");
        let want = json!({
            "id": 2, "node": "n-2", "peer": "127.0.0.1:4711", "since": "2026-01-01T00:00:00Z",
            "sent": 0, "dropped": 0, "queued": 2, "lastEventId": "evt-0", "lastSentId": null,
        });
        assert_eq!((&list["count"], &list["streams"][1]), (&json!(2), &want));
    }

    #[test]
    fn an_event_can_wait_for_its_audience() {
        let instance = instance();
        let ask = request("POST", "/__admin/events?waitFor=1&timeout=2s", "");
        let begin = || match answered(&instance, &ask) {
            Outcome::Wait { wait, .. } => wait,
            Outcome::Reply(_) => panic!("answered at once"),
        };
        let mut cx = Context::from_waker(Waker::noop());
        let mut wait = begin();
        assert!(wait.poll_reply(&mut cx).is_pending());
        assert_eq!(begin().timed_out().status, 408);
        assert_eq!(instance.record.injected(), 0);
        let _stream = subscribe(&instance, "n-1");
        let Poll::Ready(reply) = wait.poll_reply(&mut cx) else {
            panic!("still waiting");
        };
        assert_eq!(body(&reply)["clients"], 1);
    }

    #[test]
    fn streams_can_be_ended() {
        let instance = instance();
        let _streams = [subscribe(&instance, "n-1"), subscribe(&instance, "n-2")];
        let check = |target: &str, status: u16| {
            assert_eq!(
                send(&instance, "DELETE", target, "").status,
                status,
                "{target}"
            );
        };
        check("/__admin/streams/2", 200);
        check("/__admin/streams/3", 404);
        check("/__admin/streams/x", 404);
        check("/__admin/streams", 200);
    }
}
