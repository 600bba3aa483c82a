//! Answers that are there already: those of a file laid over the world, and lists that were just written.

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;

use super::kept::Asked;
use super::{Handler, Service};
use crate::http::compress::Compressed;
use crate::http::{Method, Reply, Request};
use crate::proxmox::address::Target;
use crate::proxmox::envelope::{Answer, Format};
use crate::proxmox::fault::Fault;
use crate::proxmox::gate::{Admitted, Refused};
use crate::proxmox::state::State;
use crate::proxmox::written::Written;
use crate::record::Tally;

impl<W: State> Service<W> {
    /// The answer that a file laid over the world has for a call that the gate let in, or for one of which the
    /// contract knows nothing.
    pub(super) fn canned(
        &self,
        admitted: &Result<Admitted<'_, Handler<W>>, Refused<'_>>,
        request: &Request,
        target: &Target,
        now: Timestamp,
        tally: &mut Tally,
    ) -> Option<Reply> {
        if !matches!(request.method, Method::Get | Method::Head) {
            return None;
        }
        let (body, text) = self.overlay.answer(&target.path, request.query())?;
        match admitted {
            Ok(admitted) => {
                tally.operation = Some(admitted.operation.index);
                tally.node = admitted.parameters.text("node").map(Into::into);
            }
            Err(Refused {
                fault: Fault::NoOperation { .. },
                ..
            }) => {}
            Err(_) => return None,
        }
        tally.origin = "overlay";
        let envelope = self.envelope(target.format, now);
        Some(envelope.canned(body, text))
    }

    /// Answers a call that the gate let in: with what the same call was just told, if that was long.
    pub(super) fn told(
        &self,
        admitted: Admitted<'_, Handler<W>>,
        request: &Request,
        target: &Target,
        now: Timestamp,
        tally: &mut Tally,
    ) -> Result<Told, Fault> {
        let caller = admitted.identity.as_ref();
        let asked = match target.format {
            Format::Json => self.kept.asked(request, caller, now.as_second()),
            Format::Extjs => None,
        };
        let found = asked.as_ref().and_then(|asked| self.kept.find(asked));
        if let Some((body, compressed)) = found {
            tally.operation = Some(admitted.operation.index);
            tally.origin = admitted.origin.name();
            tally.node = admitted.parameters.text("node").map(Into::into);
            return Ok(Told::Again(body, compressed));
        }
        let former = asked.as_ref().and_then(|asked| self.kept.former(asked));
        let answer = self.call(admitted, request, now, former, tally)?;
        let asked = asked.filter(|_| answer.written.is_some());
        Ok(Told::Anew(Box::new(answer), asked))
    }

    /// The reply to a call.
    pub(super) fn reply(&self, told: Result<Told, Fault>, format: Format, now: Timestamp) -> Reply {
        let envelope = self.envelope(format, now);
        match told {
            Ok(Told::Canned(reply)) => *reply,
            Ok(Told::Again(body, compressed)) => Reply {
                compressed: Some(compressed),
                ..envelope.verbatim(body)
            },
            Ok(Told::Anew(answer, asked)) => {
                let notes = answer.written.as_ref().and_then(Written::notes);
                let mut reply = envelope.reply(Ok(*answer));
                if let Some(asked) = asked {
                    self.kept.put(asked, &mut reply, notes);
                }
                reply
            }
            Err(fault) => envelope.reply(Err(fault)),
        }
    }
}

/// What a call is told.
pub(super) enum Told {
    /// What a file laid over the world has.
    Canned(Box<Reply>),
    /// The body that somebody else got a moment ago, and where it is kept in other codings.
    Again(Bytes, Arc<Compressed>),
    /// An answer, and what to keep it under if it shall be kept.
    Anew(Box<Answer>, Option<Asked>),
}
