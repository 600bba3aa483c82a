//! What is done to a product, a line for each step, so that a failure can be told, kept and played again.
//!
//! A line is a call (`POST /pools poolid=x`), or what else happens to a cluster: `step 5` (seconds), `offline pve02`,
//! `online pve02`, and of the control plane `hold qmstart`, `fail vzdump`, `turn 101 stopped`, `release`.

use crate::personality::{TaskOrder, TaskVerb};
use crate::proxmox::service::testing::{Desk, Got};
use crate::pve::world::World;
use crate::pve::world::node::Presence;

/// Does what a line says: what a call was answered, or nothing.
pub(super) fn play(desk: &mut Desk<World>, line: &str) -> Option<Got> {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    match word {
        "step" => desk.step(rest.parse().unwrap()),
        "offline" => set_presence(desk, rest, Presence::Offline),
        "online" => set_presence(desk, rest, Presence::Online),
        "hold" => order(desk, TaskVerb::Hold, Some(rest)),
        "fail" => order(desk, TaskVerb::Fail("out of luck".to_owned()), Some(rest)),
        "release" => {
            order(desk, TaskVerb::Forget, None);
            order(desk, TaskVerb::Release, None);
        }
        "turn" => {
            let (vmid, status) = rest.split_once(' ').unwrap();
            // Containers do not pause, and templates do not run.
            let _ = desk.control().set_guest_status(vmid, status, desk.now());
        }
        method => {
            let (target, form) = rest.split_once(' ').unwrap_or((rest, ""));
            return Some(desk.ask(&format!("{method} {target}"), form));
        }
    }
    None
}

fn set_presence(desk: &Desk<World>, name: &str, presence: Presence) {
    desk.change(|world| {
        let mut nodes = world.nodes.iter_mut();
        if let Some((_, node)) = nodes.find(|(known, _)| known.as_str() == name) {
            node.presence = presence;
        }
    });
}

fn order(desk: &Desk<World>, verb: TaskVerb, kind: Option<&str>) {
    let order = TaskOrder {
        verb,
        upid: None,
        kind: kind.map(str::to_owned),
        id: None,
        times: None,
    };
    desk.control().order_tasks(&order, desk.now()).unwrap();
}

/// What is wrong with an answer, whatever was asked: a refusal of the product has its words and one of its codes.
pub(super) fn fault(got: &Got) -> Option<String> {
    let (code, words) = got.status.split_once(' ').unwrap_or((&got.status, ""));
    let is_own = match code {
        "200" | "400" | "401" | "403" | "404" => true,
        "500" | "595" => !words.is_empty() && !words.contains("fixture"),
        // A reason phrase ends with the line, as names of nothing may not.
        "501" => words.starts_with("Method '"),
        "506" => words.contains("not implemented"),
        _ => false,
    };
    (!is_own).then(|| format!("answers {}", got.status))
}
