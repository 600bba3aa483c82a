//! What a personality must be able to do, and the handle by which tests reach into it.
//!
//! `control` and `dispatch` know a product only by these traits; a fifth personality touches neither.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::Value;

use crate::clock::Clock;
use crate::http::{Dialect, ListenerRole, Reply, Request};
use crate::net::Traffic;
use crate::record::{Broadcast, Labels, Recorder, Tally};
use crate::routes::Listing;

/// One product that the server can be, before it is built.
#[derive(Debug)]
pub struct Description {
    /// Its name, as `--personality` takes it.
    pub name: &'static str,
    /// Other names that mean the same.
    pub aliases: &'static [&'static str],
    /// The releases it has a contract for, the default one first.
    pub releases: &'static [&'static str],
    /// The product's own port.
    pub port: u16,
    /// The port of the second listener, for products that have one.
    pub local_port: Option<u16>,
    /// Host names under which people reach the product, for the generated certificate.
    pub service_names: &'static [&'static str],
    /// The organization that the generated certificate names.
    pub organization: &'static str,
    /// The flags that mean something to it beside those that all personalities have, with both dashes.
    pub flags: &'static [&'static str],
    /// Builds it.
    pub build: fn(&Setup) -> Result<Box<dyn Personality>, SetupError>,
}

/// Everything that a start can set about a personality.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    /// The release to be; one of the description's.
    pub release: String,
    /// `--world`: `default`, `empty`, `large:<guests>`, or a file.
    pub world: WorldSource,
    /// `--overlay`: canned answers laid over the world.
    pub overlay: Option<PathBuf>,
    /// `--contract`: a document that replaces the one the binary carries.
    pub contract: Option<PathBuf>,
    /// `--fixtures`: a folder whose files come before those the binary carries.
    pub fixtures: Option<PathBuf>,
    /// `--seed`: ids that come out the same each time.
    pub seed: Option<u64>,
    /// `--keys seed:<hex>`: keys that come out the same each time.
    pub key_seed: Option<[u8; 32]>,
    /// `--nodes distinct`: every registration gets a node of its own.
    pub distinct_nodes: bool,
    /// `--keep-alive`: how long an event stream stays silent before a comment is sent.
    pub keep_alive: Option<Duration>,
    /// `--max-body`: the most bytes of a body, as sent and inflated.
    pub body_bytes: Option<usize>,
    /// `--auth`: how strictly senders are taken.
    pub auth: Auth,
    /// `--auth-delay`: whether refusals of senders come as late as the product's.
    pub auth_delay: bool,
    /// `--task-time`: how long simulated tasks take.
    pub task_time: Duration,
    /// `--root-password`: the password of the superuser; the documented one when nothing is said.
    pub root_password: Option<String>,
}

/// How strictly senders are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Auth {
    /// Any or no credential passes.
    #[default]
    Open,
    /// The product's own rules.
    Strict,
}

/// Where the first state comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum WorldSource {
    /// The lab that the binary carries.
    #[default]
    Default,
    /// The product as it is after installation.
    Empty,
    /// A cluster of so many guests.
    Large(u32),
    /// A world file.
    File(PathBuf),
}

/// Why a personality could not be built: one sentence that names file, line and field where there are any.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct SetupError(pub String);

/// What a personality made of a request.
#[derive(Debug)]
pub struct Answered {
    /// The reply.
    pub reply: Reply,
    /// What the exchange counts for.
    pub tally: Tally,
    /// Events that go out to the connected streams once the exchange is recorded.
    pub broadcasts: Vec<Broadcast>,
}

/// What a personality may look at while it answers.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// The time by the instance's clock.
    pub now: Timestamp,
    /// What happened so far.
    pub record: &'a Recorder,
}

/// One product, built and ready to answer.
pub trait Personality: Send + Sync {
    /// Its name.
    fn name(&self) -> &'static str;
    /// The release it is.
    fn release(&self) -> &str;
    /// The contract in force, as served at `/openapi.json`.
    fn contract(&self) -> Bytes;
    /// Every operation with its origin.
    fn listing(&self) -> Vec<Listing>;
    /// The names of its operations, counters and captures, for the recorder.
    fn labels(&self) -> Labels;
    /// How one of its listeners speaks HTTP.
    fn dialect(&self, listener: ListenerRole) -> Arc<Dialect>;
    /// Answers a request.
    fn answer(&self, request: &Request, surroundings: &Surroundings<'_>) -> Answered;
    /// The handle for tests.
    fn control(&self) -> &dyn Control;
}

/// Why something asked through the control plane was refused, in one sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub String);

/// An event made by a test, ready to go out.
#[derive(Debug)]
pub struct Injection {
    /// What the streams are sent.
    pub broadcast: Broadcast,
    /// The event as it goes out, for the test to read.
    pub event: Value,
}

/// How a test reaches into a personality's state.
pub trait Control: Send + Sync {
    /// The whole world, as a world file.
    fn export(&self) -> Value;
    /// Replaces the world.
    ///
    /// # Errors
    /// When the value is no world of this personality; nothing is changed then.
    fn import(&self, world: &Value) -> Result<(), Refused>;
    /// Changes the world by a JSON merge patch (RFC 7396).
    ///
    /// # Errors
    /// When the result would be no world of this personality; nothing is changed then.
    fn patch(&self, patch: &Value) -> Result<(), Refused>;
    /// Puts the world back to its first state.
    fn reset(&self);
    /// Makes an event from a test's description of it.
    ///
    /// # Errors
    /// When the description is not understood, or the personality has no events.
    fn event(&self, description: &Value, now: Timestamp) -> Result<Injection, Refused>;
    /// All tasks and plans, newest first.
    ///
    /// # Errors
    /// When the personality has no tasks.
    fn tasks(&self, now: Timestamp) -> Result<Value, Refused> {
        let _ = now;
        Err(Refused("this product has no tasks".to_owned()))
    }
    /// Does something about tasks, those there are or those to come, and says about which.
    ///
    /// # Errors
    /// When the personality has no tasks, or none of this id.
    fn order_tasks(&self, order: &TaskOrder, now: Timestamp) -> Result<Value, Refused> {
        let _ = (order, now);
        Err(Refused("this product has no tasks".to_owned()))
    }
    /// Turns a guest on or off. Says whether there is a guest of this number.
    ///
    /// # Errors
    /// When the personality has no guests, or knows no such status; the sentence says which there are.
    fn set_guest_status(&self, vmid: &str, status: &str, now: Timestamp) -> Result<bool, Refused> {
        let _ = (vmid, status, now);
        Err(Refused("this product has no guests".to_owned()))
    }
    /// How a lever stands.
    ///
    /// # Errors
    /// When the personality has no such lever, or none of this name.
    fn position(&self, lever: Lever<'_>, now: Timestamp) -> Result<Value, Stuck> {
        let _ = now;
        Err(Stuck::absent(lever))
    }
    /// Moves a lever and says how it stands then.
    ///
    /// # Errors
    /// When the personality has no such lever or none of this name, or it cannot stand like that; nothing is changed
    /// then.
    fn pull(&self, lever: Lever<'_>, pull: Pull<'_>, now: Timestamp) -> Result<Value, Stuck> {
        let _ = (pull, now);
        Err(Stuck::absent(lever))
    }
    /// The state of something, in one word; `absent` for what there is not.
    ///
    /// # Errors
    /// When the personality has nothing of this kind.
    fn state_of(&self, watched: Watched<'_>, now: Timestamp) -> Result<String, Refused> {
        let _ = (watched, now);
        Err(Refused(
            "this product has no guests, nodes or tasks to wait for".to_owned(),
        ))
    }
    /// When something will happen by itself next, as things stand.
    fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        let _ = now;
        None
    }
}

/// What a test moves in a product's world, beside tasks, by the name of what it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lever<'a> {
    /// Whether the cluster reaches a node.
    Node(&'a str),
    /// What is inside a guest.
    Agent(&'a str),
    /// What keeps others from changing a guest.
    Lock(&'a str),
}

/// How a test moves a lever.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pull<'a> {
    /// To this.
    To(&'a Value),
    /// To what it is now, merged with this (RFC 7396).
    By(&'a Value),
    /// To where it is when nobody moved it.
    Back,
}

/// Why a lever does not move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stuck {
    /// The product has no such lever, or it makes no sense as things stand: a sentence.
    Senseless(String),
    /// There is nothing of this name: a sentence, and another with those that there are.
    Unknown(String, String),
    /// The body is wrong: a sentence that names the field, and the field as a JSON pointer.
    Field(String, String),
}

impl Stuck {
    /// The product has no such lever.
    pub fn absent(lever: Lever<'_>) -> Self {
        Self::Senseless(match lever {
            Lever::Node(_) => "this product has no cluster whose nodes come and go".to_owned(),
            Lever::Agent(_) | Lever::Lock(_) => "this product has no guests".to_owned(),
        })
    }
}

/// Something that a test waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watched<'a> {
    /// A guest: `running`, `paused` or `stopped`.
    Guest(&'a str),
    /// A node: `online` or `offline`.
    Node(&'a str),
    /// A task: `running`, or else how it ended.
    Task(&'a str),
}

/// What a test wants of tasks: of the one with this id, or of the next ones that have this type and work on this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskOrder {
    /// What shall be done.
    pub verb: TaskVerb,
    /// The id of one task that there is.
    pub upid: Option<String>,
    /// The type of tasks; any when nothing is said.
    pub kind: Option<String>,
    /// What they work on; anything when nothing is said.
    pub id: Option<String>,
    /// For how many tasks to come; one when nothing is said.
    pub times: Option<u32>,
}

/// What can be done about tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskVerb {
    /// They go on until they are released.
    Hold,
    /// Those that are held end.
    Release,
    /// They end with this error.
    Fail(String),
    /// They end with so many warnings.
    Warn(u32),
    /// They take so long.
    Take(Duration),
    /// What was wanted of tasks to come is forgotten.
    Forget,
}

/// A personality with everything that belongs to it alone: nothing is global, so that one process can
/// hold several.
pub struct Instance {
    /// The product.
    pub personality: Box<dyn Personality>,
    /// What happened.
    pub record: Recorder,
    /// Its time.
    pub clock: Clock,
    /// When it started, by its clock.
    pub started: Timestamp,
    /// Connections and refusals below HTTP, as `net` counts them.
    pub traffic: Arc<Traffic>,
    /// The certificate that a client must trust to reach this server by TLS, as PEM.
    pub ca_pem: String,
}

impl std::fmt::Debug for Instance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Instance")
            .field("personality", &self.personality.name())
            .finish_non_exhaustive()
    }
}
