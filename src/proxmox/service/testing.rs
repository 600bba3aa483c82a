//! A product without a socket, for tests of handlers: requests in as text, status line and JSON out.

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::Value;

use super::{Blueprint, Service};
use crate::contract::sample::{Booleans, fits};
use crate::contract::{Operation, Problem, Returns};
use crate::http::{Headers, ListenerRole, Method, Request};
use crate::personality::{Auth, Control, Personality, Setup, Surroundings};
use crate::proxmox::Product;
use crate::proxmox::identity::UserId;
use crate::proxmox::published::{is_otherwise, members_otherwise};
use crate::proxmox::state::State;
use crate::record::{Labels, Recorder};
use crate::routes::Found;

/// A product that answers tests: its default world, seed 7, open, the time at noon of 5 January 2026 until it is
/// moved on.
pub(crate) struct Desk<W: State> {
    service: Service<W>,
    record: Recorder,
    now: Timestamp,
    headers: Vec<(&'static str, String)>,
}

/// What came back.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Got {
    /// The status with the reason phrase where the product has its own: `500 no such task`.
    pub(crate) status: String,
    /// The body as JSON; null for none, a string for text.
    pub(crate) body: Value,
}

impl Got {
    /// `data` of the body.
    pub(crate) fn data(&self) -> &Value {
        &self.body["data"]
    }

    /// `data` of an answer that must be 200.
    pub(crate) fn ok(self) -> Value {
        assert!(self.status.starts_with("200"), "{self:?}");
        self.body["data"].clone()
    }
}

impl<W: State> Desk<W> {
    /// The newest release in open mode.
    pub(crate) fn open(blueprint: Blueprint<W>) -> Self {
        Self::with(blueprint, |_| ())
    }

    /// The newest release, set up otherwise.
    pub(crate) fn with(blueprint: Blueprint<W>, change: impl FnOnce(&mut Setup)) -> Self {
        let mut setup = Setup {
            release: blueprint.releases[0].name.to_owned(),
            seed: Some(7),
            ..Setup::default()
        };
        change(&mut setup);
        let service = blueprint.build(&setup).unwrap();
        Self {
            service,
            record: Recorder::new(Labels::default(), 0),
            now: "2026-01-05T12:00:00Z".parse().unwrap(),
            headers: Vec::new(),
        }
    }

    /// As [`Self::open`], with the product's own rules about senders.
    pub(crate) fn strict(blueprint: Blueprint<W>) -> Self {
        Self::with(blueprint, |setup| setup.auth = Auth::Strict)
    }

    /// From now on as this user, with a ticket.
    pub(crate) fn log_in(&mut self, user: &str) {
        self.headers = self.credentials(user);
    }

    fn credentials(&self, user: &str) -> Vec<(&'static str, String)> {
        let product = self.service.context.product;
        let user = UserId::parse(user, product).unwrap();
        let signer = &self.service.context.signer;
        let ticket = signer.ticket(&user, self.now);
        vec![
            ("cookie", format!("{}={ticket}", product.cookies()[0])),
            ("csrfpreventiontoken", signer.csrf(&user, self.now)),
        ]
    }

    /// From now on with this header field and no other.
    pub(crate) fn send_with(&mut self, name: &'static str, value: &str) {
        self.headers = vec![(name, value.to_owned())];
    }

    /// Moves the time on.
    pub(crate) fn step(&mut self, seconds: i64) {
        self.now += jiff::SignedDuration::from_secs(seconds);
    }

    /// The present time.
    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    /// The world at this moment.
    pub(crate) fn world(&self) -> W {
        self.service.settled(self.now);
        self.service.read().clone()
    }

    /// Changes the world behind the product's back.
    pub(crate) fn change(&self, change: impl FnOnce(&mut W)) {
        change(&mut self.service.write());
    }

    /// The handle of tests.
    pub(crate) fn control(&self) -> &dyn Control {
        &self.service
    }

    /// Makes it write the next answers without those that it kept.
    pub(crate) fn forget_answers(&self) {
        self.service.kept.clear();
    }

    /// Who signs its tickets.
    pub(crate) fn signer(&self) -> &crate::proxmox::ticket::Signer {
        &self.service.context.signer
    }

    /// The product.
    pub(crate) fn service(&self) -> &Service<W> {
        &self.service
    }

    /// Sends `METHOD /path?query` below `/api2/json` with a form (`a=b&c=d`), or JSON when it starts with a brace.
    pub(crate) fn ask(&self, line: &str, body: &str) -> Got {
        self.ask_with(&self.headers, line, body)
    }

    /// Reads as the superuser, whoever is logged in.
    pub(crate) fn look(&self, target: &str) -> Got {
        let headers = self.credentials(&UserId::root().to_string());
        self.ask_with(&headers, &format!("GET {target}"), "")
    }

    fn ask_with(&self, sender: &[(&'static str, String)], line: &str, body: &str) -> Got {
        let (method, target) = line.split_once(' ').unwrap();
        let mut headers = Headers::default();
        for (name, value) in sender {
            headers.push(name, value.as_bytes());
        }
        if !body.is_empty() {
            let kind = match body.starts_with('{') {
                true => "application/json",
                false => "application/x-www-form-urlencoded",
            };
            headers.push("content-type", kind.as_bytes());
            headers.push("content-length", body.len().to_string().as_bytes());
        }
        self.send(Request {
            method: Method::parse(method),
            target: format!("/api2/json{target}").into(),
            headers,
            body: Bytes::copy_from_slice(body.as_bytes()),
            body_fault: None,
            upload: None,
            peer: ([127, 0, 0, 1], 1).into(),
            listener: ListenerRole::Main,
            secure: true,
        })
    }

    /// Sends a whole request.
    pub(crate) fn send(&self, request: Request) -> Got {
        let surroundings = Surroundings {
            now: self.now,
            record: &self.record,
        };
        let reply = self.service.answer(&request, &surroundings).reply;
        let status = match &reply.reason {
            Some(reason) => format!("{} {reason}", reply.status),
            None => reply.status.to_string(),
        };
        let bytes = reply.bytes();
        let text = || Value::String(String::from_utf8_lossy(&bytes).into_owned());
        let body = match bytes.is_empty() {
            true => Value::Null,
            false => serde_json::from_slice(&bytes).unwrap_or_else(|_| text()),
        };
        Got { status, body }
    }

    /// `GET`, which must be 200 and of the declared type, where the product keeps to it: its `data`.
    pub(crate) fn get(&self, target: &str) -> Value {
        let data = self.must(&format!("GET {target}"), "");
        let misfits = self.misfits(target, &data);
        assert!(misfits.is_empty(), "GET {target}: {misfits:?}: {data}");
        data
    }

    /// What keeps the answer to a `GET` from being of the declared type, where the product keeps to it.
    pub(crate) fn misfits(&self, target: &str, data: &Value) -> Vec<Problem> {
        let product = self.service.context.product;
        let booleans = match product {
            Product::Pve => Booleans::ZeroOrOne,
            Product::Pbs | Product::Pdm => Booleans::Real,
        };
        match self.operation(&format!("GET {target}")) {
            Some(operation) if !is_otherwise(product, &operation.template) => {
                match operation.returns() {
                    Returns::Value(schema) => {
                        let members = members_otherwise(product, &operation.template);
                        let is_other = |path: &str| members.iter().any(|one| path.ends_with(one));
                        let mut misfits = fits(schema, data, booleans);
                        misfits.retain(|misfit| !is_other(&misfit.path));
                        misfits
                    }
                    Returns::Null | Returns::Undeclared => Vec::new(),
                }
            }
            _ => Vec::new(),
        }
    }

    /// The operation that a line (`GET /path?query`) is about.
    pub(crate) fn operation(&self, line: &str) -> Option<&Operation> {
        let (method, target) = line.split_once(' ')?;
        let target = target.split(' ').next().unwrap_or(target);
        let path = target.split('?').next().unwrap_or(target);
        let method = Method::parse(method);
        let found = self
            .service
            .table
            .look_up(ListenerRole::Main, &method, path);
        match found {
            Found::Route { operation, .. } => Some(operation),
            Found::NoPath | Found::WrongMethod(_) => None,
        }
    }

    /// Every operation of the contract.
    pub(crate) fn operations(&self) -> &[Operation] {
        &self.service.contract.operations
    }

    /// A call that must be 200: its `data`.
    pub(crate) fn must(&self, line: &str, body: &str) -> Value {
        let got = self.ask(line, body);
        assert!(got.status.starts_with("200"), "{line}: {got:?}");
        got.body["data"].clone()
    }

    /// A call that starts a task, which must be 200 and end with `OK`: the task's id.
    pub(crate) fn task(&self, line: &str, body: &str) -> String {
        let upid = self.must(line, body);
        let upid = upid.as_str().expect("a task's id").to_owned();
        assert_eq!(self.exit_status(&upid), "OK", "{line}");
        upid
    }

    /// How a task ended; `running` when it has not.
    pub(crate) fn exit_status(&self, upid: &str) -> String {
        let product = self.service.context.product;
        let upid = crate::proxmox::upid::Upid::parse(upid, product).unwrap();
        let world = self.world();
        let task = world.work().find(&upid).expect("a task of this id");
        let (status, exit) = task.status(self.now);
        exit.unwrap_or_else(|| status.to_owned())
    }
}
