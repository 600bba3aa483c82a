//! What a handler of the Central API is given, and what it gives back.

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;

use super::answers;
use super::keys::Keys;
use super::world::{Identity, World};
use crate::contract::Schema;
use crate::http::{Body, Reply, Request};
use crate::random::Random;
use crate::record::{Broadcast, Recorder};
use crate::routes::Values;

/// A handler; its type says whether it changes the world.
#[derive(Debug, Clone, Copy)]
pub enum Handler {
    /// Reads the world.
    Read(fn(&World, &Call<'_>) -> Result<Answer, Fault>),
    /// Changes the world.
    Write(fn(&mut World, &Call<'_>) -> Result<Answer, Fault>),
}

/// One call of an operation.
#[derive(Debug)]
pub struct Call<'a> {
    /// The request; its body decodes as the contract demands.
    pub request: &'a Request,
    /// The values of the path template.
    pub values: &'a Values<'a, 'a>,
    /// The schema of the request's body.
    pub schema: Option<&'a Schema>,
    /// The time.
    pub now: Timestamp,
    /// What happened so far.
    pub record: &'a Recorder,
    /// What never changes while the server runs.
    pub central: &'a Central,
}

impl Call<'_> {
    /// The value of a parameter of the path; empty when the template has none of that name.
    pub fn value(&self, name: &str) -> String {
        self.values.get(name).unwrap_or_default().into_owned()
    }
}

/// What a handler gives back.
#[derive(Debug)]
pub struct Answer {
    /// The reply.
    pub reply: Reply,
    /// The node it is about, where that is not the `{id}` of the path.
    pub node: Option<Box<str>>,
    /// Events that go out after the exchange is recorded.
    pub broadcasts: Vec<Broadcast>,
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        Self {
            reply,
            node: None,
            broadcasts: Vec::new(),
        }
    }
}

impl Answer {
    /// 200 with JSON that already ends in a newline.
    pub fn json(line: Bytes) -> Self {
        Reply::new(200, "application/json", line).into()
    }

    /// 204.
    pub fn no_content() -> Self {
        Reply::empty(204).into()
    }
}

/// Why a call was refused. A refused call is not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The body is not what the contract asks for.
    InvalidBody,
    /// Nothing was captured under that name.
    NothingCaptured,
    /// The mesh has no more addresses.
    MeshFull,
    /// The bearer of the local endpoint is missing or wrong.
    Unauthorized,
}

impl Fault {
    /// The refusal as a client reads it.
    pub fn reply(self) -> Reply {
        match self {
            Self::InvalidBody => answers::invalid_body(),
            Self::NothingCaptured => answers::nothing_captured(),
            Self::MeshFull => answers::mesh_full(),
            Self::Unauthorized => Reply::empty(401),
        }
    }
}

impl From<crate::contract::lenient::Malformed> for Fault {
    fn from(_: crate::contract::lenient::Malformed) -> Self {
        Self::InvalidBody
    }
}

/// What never changes while the server runs.
#[derive(Debug)]
pub struct Central {
    /// The keys.
    pub keys: Keys,
    /// What a registration is answered, from the fixture `register`.
    pub identity: Identity,
    /// The same as it is served, for every node alike.
    pub registration: Bytes,
    /// What every secret holds, from the fixture `secrets`; also the bearer of the local endpoint.
    pub secret: Secret,
    /// Whether each registration gets a node of its own.
    pub distinct_nodes: bool,
    /// How long a stream is silent before a comment is sent.
    pub keep_alive: Duration,
    /// Ids and nonces of events that tests do not name themselves.
    pub random: Random,
    /// The state document's schema.
    pub state_schema: Schema,
    /// The heartbeat answer's schema.
    pub heartbeat_schema: Schema,
    /// The world file's schema.
    pub world_schema: Schema,
    /// The captures in their order, by name.
    pub captures: Vec<String>,
    /// The counters in their order, by name.
    pub counters: Vec<String>,
}

/// A secret before it is sealed.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct Secret {
    /// What it says.
    pub plaintext: String,
    /// Its version.
    pub version: u64,
}

/// A reply whose body is a stream of events.
pub fn stream(source: Box<dyn crate::http::EventSource>) -> Reply {
    let mut reply = Reply::new(200, "text/event-stream", Bytes::new())
        .with("cache-control", "no-cache")
        .with("connection", "keep-alive");
    reply.body = Body::Events(source);
    reply
}
