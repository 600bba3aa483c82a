//! The personality `plexd-central`: the Central API that the plexd mesh agent talks to.
//!
//! Its contract is a document in `openapi/`, its answers are files in `fixtures/plexd-central/`; the code here
//! is what neither can say: keys and signatures, the state document, the streams. The wire facts are those of
//! plexd's own test double of February 2026.

pub mod keys;

pub mod envelope;

pub mod world;

mod world_file;

pub mod call;

pub mod answers;

pub mod setup;

mod node_api;

mod test_api;

mod local_api;

mod injection;

mod handle;

use std::borrow::Cow;
use std::sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard};

use bytes::Bytes;

use self::call::{Answer, Call, Central, Fault, Handler};
use self::world::World;
use crate::contract::{BodyRule, Contract, Operation, PathItem, lenient};
use crate::fixture::{Canned, Fill};
use crate::http::form::{self, Syntax};
use crate::http::{Dialect, ListenerRole, Reply, Request, path};
use crate::personality::{Answered, Control, Description, Personality, Surroundings};
use crate::record::{Labels, OperationLabel, Tally};
use crate::routes::{Found, Listing, Origin, Route, Table, Values};

/// What the roster knows of it.
pub const DESCRIPTION: Description = Description {
    name: "plexd-central",
    aliases: &["plexd"],
    releases: &["2026-02"],
    port: 8080,
    local_port: Some(8443),
    // Names under which upstream's compose file and Kubernetes manifests reach it.
    service_names: &[
        "mock-api",
        "plexd-central",
        "mock-api.plexd-e2e",
        "mock-api.plexd-e2e.svc",
        "mock-api.plexd-e2e.svc.cluster.local",
    ],
    organization: "plexd-e2e-mock",
    flags: &["--keys", "--nodes", "--keep-alive", "--local-listen"],
    build: setup::build,
};

/// The Central API, built.
#[derive(Debug)]
pub struct Plexd {
    release: String,
    contract: Contract,
    table: Table<Handler>,
    central: Central,
    /// The only lock around the world; taken in `read` and `write` below and nowhere else.
    world: RwLock<World>,
    first_world: World,
    main: Arc<Dialect>,
    local: Arc<Dialect>,
}

/// All bindings of the personality.
fn routes() -> Vec<Route<Handler>> {
    let mut routes = node_api::routes();
    routes.extend(test_api::routes());
    routes
}

impl Personality for Plexd {
    fn name(&self) -> &'static str {
        DESCRIPTION.name
    }

    fn release(&self) -> &str {
        &self.release
    }

    fn contract(&self) -> Bytes {
        self.contract.document.clone()
    }

    fn listing(&self) -> Vec<Listing> {
        self.table.listing()
    }

    fn labels(&self) -> Labels {
        let label = |operation: &Operation| OperationLabel {
            name: operation.id.clone(),
            method: operation.method.to_string(),
            template: operation.template.clone(),
            // A wrong method names no operation, so no operation ever answers 405.
            statuses: operation
                .statuses
                .iter()
                .copied()
                .filter(|&status| status != 405)
                .collect(),
        };
        Labels {
            operations: self.contract.operations.iter().map(label).collect(),
            counters: self.contract.counters.clone(),
            captures: self.contract.captures.clone(),
        }
    }

    fn dialect(&self, listener: ListenerRole) -> Arc<Dialect> {
        Arc::clone(match listener {
            ListenerRole::Main => &self.main,
            ListenerRole::Local => &self.local,
        })
    }

    fn answer(&self, request: &Request, surroundings: &Surroundings<'_>) -> Answered {
        let asked = request.path();
        if let Some(clean) = path::cleaned(asked) {
            return unrouted(answers::cleaned_path(with_query(clean, request.query())));
        }
        let Some(canonical) = path::canonical(asked) else {
            return unrouted(answers::bad_path());
        };
        match self
            .table
            .look_up(request.listener, &request.method, &canonical)
        {
            Found::NoPath => unrouted(answers::no_such_path()),
            Found::WrongMethod(item) => unrouted(self.wrong_method(item)),
            Found::Route {
                operation,
                origin,
                values,
            } => self.route(operation, origin, &values, request, surroundings),
        }
    }

    fn control(&self) -> &dyn Control {
        self
    }
}

impl Plexd {
    fn read(&self) -> RwLockReadGuard<'_, World> {
        // A handler that panicked has not half-changed a world: every change is one assignment.
        self.world
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, World> {
        self.world
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// One call, from the check of its body to what it counts for.
    fn route(
        &self,
        operation: &Operation,
        origin: &Origin<Handler>,
        values: &Values<'_, '_>,
        request: &Request,
        surroundings: &Surroundings<'_>,
    ) -> Answered {
        let mut tally = Tally {
            operation: Some(operation.index),
            node: values.get("id").map(|id| id.as_ref().into()),
            origin: origin.name(),
            ..Tally::default()
        };
        let done = local_api::admit(&self.central, request, &operation.template)
            .and_then(|()| read_body(operation, request, &mut tally))
            .and_then(|()| {
                self.behave(
                    operation,
                    origin,
                    &Call {
                        request,
                        values,
                        schema: operation.request.as_ref(),
                        now: surroundings.now,
                        record: surroundings.record,
                        central: &self.central,
                    },
                )
            });
        match done {
            Ok(answer) => {
                tally.counter = operation.counter;
                tally.node = answer.node.or(tally.node);
                Answered {
                    reply: answer.reply,
                    tally,
                    broadcasts: answer.broadcasts,
                }
            }
            Err(fault) => Answered {
                reply: refusal(fault, request.listener),
                tally,
                broadcasts: Vec::new(),
            },
        }
    }

    fn behave(
        &self,
        operation: &Operation,
        origin: &Origin<Handler>,
        call: &Call<'_>,
    ) -> Result<Answer, Fault> {
        match origin {
            Origin::Handler { handler, .. } | Origin::Collection { handler, .. } => match handler {
                Handler::Read(handler) => handler(&self.read(), call),
                Handler::Write(handler) => handler(&mut self.write(), call),
            },
            Origin::Fixture(canned) => Ok(fixture(operation, canned, call).into()),
            // The table is built without additions, so there is none.
            Origin::Sample => Ok(answers::no_such_path().into()),
        }
    }

    fn wrong_method(&self, item: &PathItem) -> Reply {
        match item.wrong_method.as_deref() {
            Some("json") => answers::wrong_method(),
            _ => answers::wrong_method_plain(self.table.allowed(item)),
        }
    }
}

/// Takes a body as the operation says: captured before it is decoded, so that a malformed one can be
/// looked at too.
fn read_body(operation: &Operation, request: &Request, tally: &mut Tally) -> Result<(), Fault> {
    if operation.body == BodyRule::Unread {
        return Ok(());
    }
    if request.body_fault.is_some() {
        return Err(Fault::InvalidBody);
    }
    tally.capture = operation.capture;
    match (operation.body, &operation.request) {
        (BodyRule::GoJson, Some(schema)) => Ok(lenient::check(schema, &request.body)?),
        _ => Ok(()),
    }
}

/// The refusal as the listener words it: the local endpoint's have no body.
fn refusal(fault: Fault, listener: ListenerRole) -> Reply {
    match (fault, listener) {
        (Fault::InvalidBody, ListenerRole::Local) => Reply::empty(400),
        (fault, _) => fault.reply(),
    }
}

fn fixture(operation: &Operation, canned: &Canned, call: &Call<'_>) -> Reply {
    let owned = |(key, value): (Cow<'_, str>, Cow<'_, str>)| (key.into_owned(), value.into_owned());
    let values = call.values.iter().map(|(key, value)| (key.into(), value));
    let fill = || Fill {
        path: values.map(owned).collect(),
        query: form::pairs(call.request.query(), Syntax::Standard)
            .map(owned)
            .collect(),
        body: &call.request.body,
        now: call.now.to_string(),
    };
    canned.reply(fill).unwrap_or_else(|error| {
        tracing::warn!(operation = operation.id, fixture = canned.place(), %error, "fixture does not fit this call");
        answers::json(500, r#"{"error":"fixture does not fit this call"}"#)
    })
}

fn unrouted(reply: Reply) -> Answered {
    Answered {
        reply,
        tally: Tally::default(),
        broadcasts: Vec::new(),
    }
}

fn with_query(path: String, query: &str) -> String {
    if query.is_empty() {
        path
    } else {
        format!("{path}?{query}")
    }
}
