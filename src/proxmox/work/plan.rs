//! What a test wants of tasks that have not begun yet.

use serde::{Deserialize, Serialize};

use crate::proxmox::task::{Hold, Outcome, Task};
use crate::proxmox::upid::Upid;

/// What shall become of the next tasks of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Plan {
    /// The type of the tasks; any when nothing is said.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// What they work on; anything when nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// For how many tasks.
    #[serde(default = "once")]
    pub times: u32,
    /// What becomes of them.
    pub wish: Wish,
}

/// What becomes of a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wish {
    /// It goes on until it is released.
    Hold,
    /// It ends with this error.
    Fail(String),
    /// It ends with so many warnings.
    Warn(u32),
    /// It takes so many milliseconds.
    Take(u64),
}

fn once() -> u32 {
    1
}

impl Wish {
    /// Does so to a task that begins.
    pub(super) fn apply(self, task: &mut Task) {
        match self {
            Self::Hold => task.hold = Hold::Held,
            Self::Fail(text) => task.outcome = Outcome::Error(text),
            Self::Warn(count) => task.outcome = Outcome::Warnings(count),
            Self::Take(milliseconds) => {
                task.duration = std::time::Duration::from_millis(milliseconds);
            }
        }
    }
}

/// The wish of the first plan that a task falls under; a plan that was for one task more is gone then.
pub(super) fn take(plans: &mut Vec<Plan>, upid: &Upid) -> Option<Wish> {
    let fits = |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|w| w == is);
    let position = plans
        .iter()
        .position(|plan| fits(&plan.kind, &upid.kind) && fits(&plan.id, &upid.id))?;
    let plan = plans.get_mut(position)?;
    plan.times = plan.times.saturating_sub(1);
    let wish = plan.wish.clone();
    if plan.times == 0 {
        plans.remove(position);
    }
    Some(wish)
}
