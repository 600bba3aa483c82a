//! The way to a remote: which one is meant, what it is asked as whom, and how its answers and refusals are told on.

use serde_json::{Map, Value};

use crate::contract::Returns;
use crate::http::Method;
use crate::pdm::world::World;
use crate::pdm::world::remote::{Behind, Kind, Remote};
use crate::personality::SetupError;
use crate::proxmox::call::Call;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::identity::Identity;
use crate::proxmox::retyped::retyped;
use crate::proxmox::service::{Asking, Question};
use crate::proxmox::state::State;
use crate::{pbs, pve};

/// The remote of this id, of this kind where one is asked for (`get_remote` of the server's `api/remotes`, whose
/// text says "node").
pub(super) fn find<'w>(
    world: &'w World,
    id: &str,
    kind: Option<Kind>,
) -> Result<&'w Remote, Fault> {
    let remote = world.remotes.get(id);
    let remote = remote.ok_or_else(|| Fault::NotFound(format!("no such node '{id}'")))?;
    match kind {
        Some(kind) if kind != remote.kind() => {
            let name = kind.name();
            Err(Fault::Failed(format!(
                "remote {id:?} is not a {name} remote"
            )))
        }
        _ => Ok(remote),
    }
}

/// What a remote is asked, by its own path (`/nodes/pve01/status`).
pub(super) struct Ask {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) parameters: Map<String, Value>,
}

impl Ask {
    /// A question without parameters.
    pub(super) fn get(path: impl Into<String>) -> Self {
        Self {
            method: Method::Get,
            path: path.into(),
            parameters: Map::new(),
        }
    }

    /// The same with one more parameter.
    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.parameters.insert(name.to_owned(), value.into());
        self
    }

    fn question(self, asking: Asking) -> Question {
        Question {
            method: self.method,
            path: self.path,
            parameters: self.parameters,
            asking,
        }
    }
}

/// What a remote answers to a question.
pub(super) fn look(remote: &Remote, call: &Call<'_>, ask: Ask) -> Result<Answer, Fault> {
    look_as(remote, call, ask, sender(remote))
}

fn look_as(remote: &Remote, call: &Call<'_>, ask: Ask, asking: Asking) -> Result<Answer, Fault> {
    reachable(remote)?;
    let question = ask.question(asking);
    match &remote.behind {
        Behind::Pve(world) => {
            let backend = pve::backend().map_err(broken)?;
            let answer = backend.look(world, &question, call);
            answer.map_err(|fault| Fault::Failed(backend.words(&fault)))
        }
        Behind::Pbs(world) => {
            let backend = pbs::backend().map_err(broken)?;
            let answer = backend.look(world, &question, call);
            answer.map_err(|fault| Fault::Failed(backend.words(&fault)))
        }
    }
}

/// What a remote answers, having done what is asked. Tasks that tests have plans for are found there as well.
pub(super) fn change(
    world: &mut World,
    call: &Call<'_>,
    id: &str,
    ask: Ask,
) -> Result<Answer, Fault> {
    let remote = world.remotes.get_mut(id);
    let remote = remote.ok_or_else(|| Fault::NotFound(format!("no such node '{id}'")))?;
    reachable(remote)?;
    let question = ask.question(sender(remote));
    match &mut remote.behind {
        Behind::Pve(inner) => {
            let backend = pve::backend().map_err(broken)?;
            let answer = planned(&mut world.machine, &mut **inner, |inner| {
                backend.change(inner, &question, call)
            });
            answer.map_err(|fault| Fault::Failed(backend.words(&fault)))
        }
        Behind::Pbs(inner) => {
            let backend = pbs::backend().map_err(broken)?;
            let answer = planned(&mut world.machine, &mut **inner, |inner| {
                backend.change(inner, &question, call)
            });
            answer.map_err(|fault| Fault::Failed(backend.words(&fault)))
        }
    }
}

/// Lends a remote the plans that tests have for tasks: what they want of the next `qmstart` they say to this
/// server, and it happens where the task does.
fn planned<W: State>(
    machine: &mut pbs::world::World,
    remote: &mut W,
    work: impl FnOnce(&mut W) -> Result<Answer, Fault>,
) -> Result<Answer, Fault> {
    let plans = machine.tasks.plans().to_vec();
    machine.tasks.clear_plans();
    for plan in plans {
        remote.work_mut().plan(plan);
    }
    let answer = work(remote);
    let left = remote.work().plans().to_vec();
    remote.work_mut().clear_plans();
    for plan in left {
        machine.tasks.plan(plan);
    }
    answer
}

/// What this server's own machine answers to a question that the gate has let through already.
pub(super) fn look_at_machine(world: &World, call: &Call<'_>, ask: Ask) -> Result<Answer, Fault> {
    let question = ask.question(Asking::Known(call.caller.clone()));
    let backend = pbs::backend().map_err(broken)?;
    backend.look(&world.machine, &question, call)
}

/// The same, having done what is asked.
pub(super) fn change_machine(
    world: &mut World,
    call: &Call<'_>,
    ask: Ask,
) -> Result<Answer, Fault> {
    let question = ask.question(Asking::Known(call.caller.clone()));
    let backend = pbs::backend().map_err(broken)?;
    backend.change(&mut world.machine, &question, call)
}

/// An answer in the declared type of the operation that gives it.
pub(super) fn typed(call: &Call<'_>, answer: Answer) -> Answer {
    let data = match call.operation.returns() {
        Returns::Value(schema) => retyped(schema, answer.data),
        _ => answer.data,
    };
    Answer { data, ..answer }
}

/// A task of a remote, by the id that it has here; anything else stays as it is.
pub(super) fn tracked(kind: Kind, remote: &str, answer: Answer) -> Answer {
    let data = match answer.data {
        Value::String(text) if text.starts_with("UPID:") => upid(kind, remote, &text).into(),
        other => other,
    };
    Answer { data, ..answer }
}

/// The id of a remote's task here.
pub(super) fn upid(kind: Kind, remote: &str, upid: &str) -> String {
    format!("{}:{remote}!{upid}", kind.name())
}

/// The list that a remote answers.
pub(super) fn list(remote: &Remote, call: &Call<'_>, ask: Ask) -> Result<Vec<Value>, Fault> {
    look(remote, call, ask).map(items)
}

/// The list that a remote answers somebody who has just logged in there.
pub(super) fn list_as(
    remote: &Remote,
    call: &Call<'_>,
    ask: Ask,
    who: Identity,
) -> Result<Vec<Value>, Fault> {
    look_as(remote, call, ask, Asking::Known(who)).map(items)
}

fn items(answer: Answer) -> Vec<Value> {
    match answer.data {
        Value::Array(items) => items,
        _ => Vec::new(),
    }
}

/// A text as one part of a path.
pub(super) fn part(text: &str) -> String {
    Question::segment(text)
}

/// By whom a remote is asked: the token it was added with.
fn sender(remote: &Remote) -> Asking {
    let (authid, token) = (&remote.authid, &remote.token);
    Asking::Token(match remote.kind() {
        Kind::Pve => format!("PVEAPIToken={authid}={token}"),
        Kind::Pbs => format!("PBSAPIToken={authid}:{token}"),
    })
}

/// What the library says that cannot connect (from memory).
fn reachable(remote: &Remote) -> Result<(), Fault> {
    match remote.trouble() {
        None => Ok(()),
        Some(why) => Err(Fault::Failed(format!("client error (Connect): {why}"))),
    }
}

fn broken(error: &SetupError) -> Fault {
    Fault::Failed(error.to_string())
}
