//! What can be waited for in a product's world: the state of a guest, of a node, the end of a task.

use serde_json::{Map, Value, json};

use super::refusal::Refusal;
use super::wanted::Wanted;
use super::world::unprocessable;
use crate::personality::{Instance, Watched};

/// A state that is waited for, with what was seen of it last.
pub(super) struct Sought {
    kind: Kind,
    id: String,
    want: String,
    saw: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Guest,
    Node,
    Task,
}

/// What guests and nodes can be.
const GUESTS: &[&str] = &["running", "paused", "stopped", "absent"];
const NODES: &[&str] = &["online", "offline", "absent"];

/// All states that a call waits for.
pub(super) fn all(instance: &Instance, wanted: &Wanted) -> Result<Vec<Sought>, Refusal> {
    let mut all = Vec::new();
    let lists = [
        (Kind::Guest, "guestStatus", GUESTS, &wanted.guest_status),
        (Kind::Node, "nodeStatus", NODES, &wanted.node_status),
    ];
    for (kind, key, states, given) in lists {
        for (id, state) in given {
            all.push(Sought::new(kind, id, one_of(states, state, key)?));
        }
    }
    for id in &wanted.task_ended {
        all.push(Sought::new(Kind::Task, id, "ended"));
    }
    for sought in &mut all {
        let seen = sought.seen(instance).map_err(unprocessable)?;
        if sought.kind == Kind::Task && seen == "absent" {
            return Err(Refusal::new(404, format!("there is no task {}", sought.id)));
        }
    }
    Ok(all)
}

fn one_of<'a>(states: &[&'a str], given: &Value, key: &str) -> Result<&'a str, Refusal> {
    let found = states.iter().find(|state| given == *state);
    found.copied().ok_or_else(|| {
        let title = format!("`{key}` is one of {}, not {given}", states.join(", "));
        Refusal::bad_request(title)
    })
}

impl Sought {
    fn new(kind: Kind, id: &str, want: &str) -> Self {
        Self {
            kind,
            id: id.to_owned(),
            want: want.to_owned(),
            saw: String::new(),
        }
    }

    fn seen(&self, instance: &Instance) -> Result<String, crate::personality::Refused> {
        let watched = match self.kind {
            Kind::Guest => Watched::Guest(&self.id),
            Kind::Node => Watched::Node(&self.id),
            Kind::Task => Watched::Task(&self.id),
        };
        let now = instance.clock.now();
        instance.personality.control().state_of(watched, now)
    }

    /// Brings what was seen up to date and says whether it is what is wanted.
    pub(super) fn look(&mut self, instance: &Instance) -> bool {
        if let Ok(seen) = self.seen(instance) {
            self.saw = seen;
        }
        self.is_met()
    }

    fn is_met(&self) -> bool {
        match self.kind {
            Kind::Task => self.saw != "running",
            Kind::Guest | Kind::Node => self.saw == self.want,
        }
    }

    fn what(&self) -> String {
        let kind = match self.kind {
            Kind::Guest => "guest",
            Kind::Node => "node",
            Kind::Task => "task",
        };
        format!("{kind} {}", self.id)
    }

    /// The state as the answer shows it; of a task, how it ended.
    pub(super) fn report(&self) -> Value {
        json!({ "what": self.what(), "kind": "state", "want": self.want, "saw": self.saw })
    }

    /// What is missing, as a sentence; nothing when nothing is.
    pub(super) fn missing(&self) -> Option<String> {
        let (what, want, saw) = (self.what(), &self.want, &self.saw);
        (!self.is_met()).then(|| format!("{what} is {saw}, waited for {want}"))
    }
}

/// `ID:STATE` of a query.
pub(super) fn id_and_state(
    key: &str,
    text: &str,
    into: &mut Map<String, Value>,
) -> Result<(), Refusal> {
    let Some((id, state)) = text.rsplit_once(':') else {
        let title = format!("`{key}` is ID:STATE such as 101:running, not `{text}`");
        return Err(Refusal::bad_request(title));
    };
    into.insert(id.to_owned(), state.into());
    Ok(())
}
