//! A Proxmox product, served: contract, handlers and a world joined into a personality.
//!
//! The path of a call: [`Address`] says where it wants to go, [`Gate`] whether it may, the world is settled and
//! locked as the handler asks, and [`Envelope`] says how the answer looks. What is bound to no handler is answered
//! by a plain collection, a directory, a canned answer or a sample, in this order.

use std::sync::{Arc, OnceLock, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::Value;

use super::address::{Address, Target};
use super::arguments::Reader;
use super::call::{Call, Context, Handler};
use super::envelope::{Answer, Envelope, Format};
use super::fault::Fault;
use super::gate::{Admitted, Gate, Refused, Rules};
use super::identity::UserId;
use super::lodge::Lodge;
use super::overlay::Overlay;
use super::product::Product;
use super::published::published;
use super::state::State;
use super::written::Former;
use crate::contract::{Contract, Operation};
use crate::fixture::{Canned, Fill};
use crate::http::form::{self, Syntax};
use crate::http::{Dialect, ListenerRole, Method, Reply, Request};
use crate::personality::{Answered, Control, Description, Personality, Surroundings};
use crate::record::{Labels, OperationLabel, Tally};
use crate::routes::{Listing, Origin, Table};

mod attended;
mod backend;
mod batch;
mod build;
mod dialect;
mod handle;
mod kept;
mod orders;
mod ready;
mod samples;

#[cfg(test)]
pub(crate) mod testing;

pub use backend::{Asking, Backend, Question};
pub use build::{Blueprint, Release};

use attended::Attended;
use kept::Kept;
use ready::Told;
use samples::Samples;

/// The flags that mean something to a Proxmox product.
pub const FLAGS: &[&str] = &[
    "--auth",
    "--auth-delay",
    "--task-time",
    "--root-password",
    "--overlay",
];

/// One Proxmox product, built.
pub struct Service<W: State> {
    description: &'static Description,
    context: Context,
    /// Canned answers that come before all others.
    overlay: Overlay,
    /// Consoles that somebody sits at.
    attended: Attended,
    /// Long answers for the next who asks the same.
    kept: Kept,
    contract: Contract,
    /// The contract as it is served, made when somebody asks for it.
    published: OnceLock<Bytes>,
    table: Table<Handler<W>>,
    rules: Rules,
    reader: Reader,
    samples: Samples,
    dialect: Arc<Dialect>,
    /// How long refusals of credentials and permissions are held back, where the start asks for it.
    is_slow_to_refuse: bool,
    /// The only lock around the world; taken in `read`, `write` and `settled` below and nowhere else.
    world: RwLock<W>,
    first_world: W,
}

impl<W: State> std::fmt::Debug for Service<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Service")
            .field("name", &self.description.name)
            .finish_non_exhaustive()
    }
}

impl<W: State> Personality for Service<W> {
    fn name(&self) -> &'static str {
        self.description.name
    }

    fn release(&self) -> &str {
        &self.context.release
    }

    fn contract(&self) -> Bytes {
        let document = &self.contract.document;
        let made = || {
            // What was read as a contract is JSON.
            published(document, self.context.edition).unwrap_or_else(|_| document.clone())
        };
        self.published.get_or_init(made).clone()
    }

    fn listing(&self) -> Vec<Listing> {
        self.table.listing()
    }

    fn labels(&self) -> Labels {
        let label = |operation: &Operation| OperationLabel {
            name: operation.id.clone(),
            method: operation.method.to_string(),
            template: operation.template.clone(),
            statuses: operation.statuses.clone(),
        };
        Labels {
            operations: self.contract.operations.iter().map(label).collect(),
            counters: Vec::new(),
            captures: Vec::new(),
        }
    }

    fn dialect(&self, _: ListenerRole) -> Arc<Dialect> {
        Arc::clone(&self.dialect)
    }

    fn answer(&self, request: &Request, surroundings: &Surroundings<'_>) -> Answered {
        let now = surroundings.now;
        let mut tally = Tally::default();
        let mut format = Format::Json;
        let mut result = match Address::read(self.context.product, request.path()) {
            Err(fault) => Err(fault),
            Ok(Address::Outside(path)) => return self.outside(request, &path, now),
            Ok(Address::Api(target)) => {
                format = target.format;
                self.called(request, &target, now, &mut tally)
            }
        };
        if let Ok(Told::Anew(answer, _)) = &mut result
            && let Some(console) = &mut answer.console
        {
            self.attend(console, surroundings.record.shared_waiters(), now);
        }
        let delay = result.as_ref().err().and_then(|fault| self.delay(fault));
        let mut reply = self.reply(result, format, now);
        reply.delay = delay;
        Answered {
            reply,
            tally,
            broadcasts: Vec::new(),
        }
    }

    fn control(&self) -> &dyn Control {
        self
    }
}

impl<W: State> Service<W> {
    fn read(&self) -> RwLockReadGuard<'_, W> {
        // A handler looks before it changes, and one that panicked all the same has left a world that can be
        // read; a test is better off with it than with a server that answers nothing more.
        self.world
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, W> {
        let world = self
            .world
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        self.kept.world_changes();
        world
    }

    /// Brings the world up to date, locking it for writing only if something is due.
    fn settled(&self, now: Timestamp) {
        self.dismiss(now);
        if self.read().is_due(now) {
            self.write().settle(now);
        }
    }

    /// What a request for the API is answered, once it has passed the gate.
    fn called(
        &self,
        request: &Request,
        target: &Target,
        now: Timestamp,
        tally: &mut Tally,
    ) -> Result<Told, Fault> {
        self.settled(now);
        let gate = Gate {
            edition: self.context.edition,
            table: &self.table,
            rules: &self.rules,
            reader: &self.reader,
        };
        let world = self.read();
        let admitted = gate.admit(&Lodge::new(&*world, &self.context, now), request, target);
        drop(world);
        if let Some(reply) = self.canned(&admitted, request, target, now, tally) {
            return Ok(Told::Canned(Box::new(reply)));
        }
        match admitted {
            Ok(admitted) => self.told(admitted, request, target, now, tally),
            Err(Refused { operation, fault }) => {
                tally.operation = operation.map(|operation| operation.index);
                Err(fault)
            }
        }
    }

    fn envelope(&self, format: Format, now: Timestamp) -> Envelope {
        Envelope {
            edition: self.context.edition,
            format,
            now,
        }
    }

    /// What lies beside the API: the product has its web interface there. `/version` says what this is, as the
    /// containers that this server replaces do (proxbox.md 3.2); the control plane answers at `/`.
    fn outside(&self, request: &Request, path: &str, now: Timestamp) -> Answered {
        let is_get = matches!(request.method, Method::Get | Method::Head);
        let reply = if path == "/version" && is_get {
            let text = serde_json::json!({
                "version": env!("CARGO_PKG_VERSION"),
                "service": self.description.name,
                "release": self.context.release,
            });
            Reply::new(200, "application/json", text.to_string())
        } else {
            let fault = Fault::NoFile(path.to_owned());
            self.envelope(Format::Json, now).reply(Err(fault))
        };
        Answered {
            reply,
            tally: Tally::default(),
            broadcasts: Vec::new(),
        }
    }

    fn call(
        &self,
        admitted: Admitted<'_, Handler<W>>,
        request: &Request,
        now: Timestamp,
        former: Option<Former>,
        tally: &mut Tally,
    ) -> Result<Answer, Fault> {
        let Admitted {
            operation,
            origin,
            identity,
            credentials,
            parameters,
        } = admitted;
        tally.operation = Some(operation.index);
        tally.origin = origin.name();
        tally.node = parameters.text("node").map(Into::into);
        let call = Call {
            operation,
            arguments: parameters,
            caller: identity.unwrap_or_else(|| UserId::root().into()),
            credentials,
            request,
            now,
            context: &self.context,
            former,
        };
        match origin {
            Origin::Handler { handler, .. } | Origin::Collection { handler, .. } => {
                self.handle(handler, &call)
            }
            Origin::Fixture(canned) => canned_answer(canned, &call),
            Origin::Sample => Ok(self.sampled(&call)),
        }
    }

    fn handle(&self, handler: &Handler<W>, call: &Call<'_>) -> Result<Answer, Fault> {
        if let Handler::Batch = handler {
            return Ok(self.batch(call));
        }
        if !handler.writes() {
            let looked = handler.look(&self.read(), call);
            return looked.unwrap_or_else(|| Ok(Answer::default()));
        }
        let mut world = self.write();
        let result = handled(handler, &mut *world, call);
        // A task that takes no time is over before anybody can ask for it.
        world.settle(call.now);
        result
    }

    /// The answer of an operation that nobody has written yet; a task where the product starts one.
    fn sampled(&self, call: &Call<'_>) -> Answer {
        if !Samples::starts_task(call.operation) {
            return Answer::new(self.samples.answer(call));
        }
        let mut world = self.write();
        let node = world.own_node().to_owned();
        let upid = call.begin(&mut *world, &node, samples::task(call));
        world.settle(call.now);
        Answer::new(upid)
    }

    /// How long a refusal is held back (proxmox.md 1.1, 1.2).
    fn delay(&self, fault: &Fault) -> Option<Duration> {
        if !self.is_slow_to_refuse {
            return None;
        }
        let is_perl = self.context.product == Product::Pve;
        match fault {
            Fault::NoCredentials
            | Fault::BadCredentials(_)
            | Fault::BadCsrf
            | Fault::LoginFailed
            | Fault::UploadDenied(_) => Some(Duration::from_secs(3)),
            Fault::Denied(_) | Fault::NoTokens(_) if !is_perl => Some(Duration::from_millis(500)),
            _ => None,
        }
    }
}

/// Lets a handler do its work on a world.
fn handled<W: State>(
    handler: &Handler<W>,
    world: &mut W,
    call: &Call<'_>,
) -> Result<Answer, Fault> {
    if handler.writes() && call.operation.method != Method::Get {
        world.ready_for(call)?;
    }
    match handler {
        Handler::Write(change) => change(world, call),
        Handler::Section(bound, action, around) if action.writes() => {
            around.guard(world, call)?;
            let file = bound.collection().file;
            let given = call.arguments.given();
            let mut answer = bound.change(*action, world.sections_mut(file), given)?;
            around.dress(world, call, &mut answer);
            Ok(answer)
        }
        looks => looks
            .look(world, call)
            .unwrap_or_else(|| Ok(Answer::default())),
    }
}

/// A file's answer: it holds what stands under `data`.
fn canned_answer(canned: &Canned, call: &Call<'_>) -> Result<Answer, Fault> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let given = call.arguments.given();
    let fill = || Fill {
        path: given
            .iter()
            .map(|(name, value)| (name.clone(), text(value)))
            .collect(),
        query: form::pairs(call.request.query(), Syntax::Standard)
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect(),
        body: &call.request.body,
        now: call.now.to_string(),
    };
    let broken = |error: String| {
        tracing::warn!(operation = call.operation.id, fixture = canned.place(), %error, "fixture does not fit this call");
        Fault::Failed(format!("fixture {} does not fit this call", canned.place()))
    };
    let reply = canned
        .reply(fill)
        .map_err(|error| broken(error.to_string()))?;
    let data: Value =
        serde_json::from_slice(&reply.bytes()).map_err(|error| broken(error.to_string()))?;
    Ok(Answer::new(data))
}
