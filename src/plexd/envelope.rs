//! Events: their canonical form, their signature, and the frame in which a stream carries them.
//!
//! The agent parses an envelope and encodes it again with Go's encoder before it verifies, so what is
//! signed must be Go's normal form (plexd-central.md 3.5). The fields of an [`Event`] are therefore kept as
//! JSON text in that form from the moment they are read, and never pass through a number or a sorted map.

use bytes::Bytes;
use jiff::Timestamp;

use super::keys::{Keys, Signer};
use crate::contract::lenient::{compact, render_string};

/// An event before it is signed. All texts but `issued_at` are JSON in Go's normal form.
#[derive(Debug, Clone)]
pub struct Event {
    /// `event_type`, with its quotes.
    pub event_type: String,
    /// `event_id`, with its quotes.
    pub event_id: String,
    /// `issued_at`.
    pub issued_at: Timestamp,
    /// `nonce`, with its quotes.
    pub nonce: String,
    /// `payload`: any JSON.
    pub payload: String,
}

impl Event {
    /// An event with plain texts; `payload` is JSON text.
    pub fn new(
        event_type: &str,
        event_id: &str,
        issued_at: Timestamp,
        nonce: &str,
        payload: &str,
    ) -> Self {
        Self {
            event_type: render_string(event_type),
            event_id: render_string(event_id),
            issued_at,
            nonce: render_string(nonce),
            // What is no JSON is sent as a JSON string rather than breaking the envelope.
            payload: compact(payload).unwrap_or_else(|_| render_string(payload)),
        }
    }

    /// The bytes that are signed: a compact object of the first five members in their order.
    pub fn canonical(&self) -> String {
        format!(
            r#"{{"event_type":{},"event_id":{},"issued_at":"{}","nonce":{},"payload":{}}}"#,
            self.event_type, self.event_id, self.issued_at, self.nonce, self.payload
        )
    }

    /// The envelope as it goes over the wire: the canonical form with the signature as its last member.
    pub fn signed(&self, keys: &Keys, signer: Signer) -> String {
        let mut envelope = self.canonical();
        let signature = keys.sign(signer, envelope.as_bytes());
        envelope.pop();
        envelope.push_str(r#","signature":""#);
        envelope.push_str(&signature);
        envelope.push_str("\"}");
        envelope
    }

    /// The frame of a stream that carries `data` for this event.
    pub fn frame(&self, data: &str) -> Bytes {
        let id = plain(&self.event_id);
        let event_type = plain(&self.event_type);
        format!("id: {id}\nevent: {event_type}\ndata: {data}\n\n").into()
    }

    /// The event's id without JSON quoting.
    pub fn id(&self) -> String {
        plain(&self.event_id)
    }
}

fn plain(rendered: &str) -> String {
    serde_json::from_str(rendered).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Keys {
        Keys::new(Some(std::array::from_fn(|n| u8::try_from(n).unwrap())))
    }

    fn event(payload: &str) -> Event {
        let at = "2026-01-01T00:00:00Z".parse().unwrap();
        Event::new("node_state_updated", "evt-1", at, "n-1", payload)
    }

    #[test]
    fn the_seed_vector_of_the_contract() {
        let event = event(r#"{"node_id":"node-mock-001"}"#);
        let canonical = r#"{"event_type":"node_state_updated","event_id":"evt-1","issued_at":"2026-01-01T00:00:00Z","nonce":"n-1","payload":{"node_id":"node-mock-001"}}"#;
        assert_eq!(event.canonical(), canonical);
        let signature = "T8Z/7Qdmxc4KnHKFP5EO6MbBwWf3xKvpkXE0mHcBrgrqB1+3QXNaIz7UgObjPmquPtv+DfpGRmCVVlK12EbaDg==";
        let envelope = event.signed(&keys(), Signer::Central);
        let want = canonical.strip_suffix('}').unwrap();
        assert_eq!(envelope, format!(r#"{want},"signature":"{signature}"}}"#));
    }

    #[test]
    fn the_later_vector_of_the_contract_signs_the_same_way() {
        let canonical = r#"{"id":"evt-1","type":"node_state_updated","scope":"node","key_id":"did:web:plexsphere.com#key-e2e","issued_at":"2026-01-01T00:00:00Z","payload":{"revision":42}}"#;
        let signature = "lSTbGqFxxmmrxtvxYrbKLY1/0hcEsTNRxoOyrT4i5tB9mCrSa8nH+a+rn4CSjma1xBHd0d4y8pAEiktnZ4c5AA==";
        assert_eq!(
            keys().sign(Signer::Central, canonical.as_bytes()),
            signature
        );
    }

    #[test]
    fn payloads_are_normal_and_fractions_trimmed() {
        let mut event = event(r#"{ "b" : 1.50, "a":"x<y>&é" , "c":[1, 2] }"#);
        event.issued_at = "2026-01-01T00:00:00.500Z".parse().unwrap();
        let canonical = event.canonical();
        assert!(
            canonical.contains(r#""issued_at":"2026-01-01T00:00:00.5Z""#),
            "{canonical}"
        );
        let payload = r#""payload":{"b":1.50,"a":"x\u003cy\u003e\u0026é","c":[1,2]}}"#;
        assert!(canonical.ends_with(payload), "{canonical}");
    }

    #[test]
    fn a_frame_names_id_and_type() {
        let frame = event("null").frame("{}");
        assert_eq!(frame, "id: evt-1\nevent: node_state_updated\ndata: {}\n\n");
    }
}
