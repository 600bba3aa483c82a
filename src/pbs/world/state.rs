//! A backup server as the machinery that the three products share sees it.

use jiff::Timestamp;
use serde_json::Value;

use super::World;
use super::task::Effect;
use crate::contract::Problem;
use crate::proxmox::account::Directory;
use crate::proxmox::acl::AccessList;
use crate::proxmox::gate::Place;
use crate::proxmox::section::Sections;
use crate::proxmox::state::State;
use crate::proxmox::task::Outcome;
use crate::proxmox::work::Work;

impl State for World {
    type Effect = Effect;

    fn read(file: &Value) -> Result<Self, Vec<Problem>> {
        Self::read(file)
    }

    fn export(&self) -> Value {
        self.export()
    }

    fn directory(&self) -> &Directory {
        &self.access.directory
    }

    fn accounts_mut(&mut self) -> (&mut Directory, &mut AccessList) {
        (&mut self.access.directory, &mut self.access.acl)
    }

    fn access_list(&self) -> &AccessList {
        &self.access.acl
    }

    fn own_node(&self) -> &str {
        &self.node.name
    }

    fn place(&self, node: &str) -> Place {
        match node == self.node.name || node == "localhost" {
            true => Place::Reachable,
            false => Place::Unknown,
        }
    }

    fn sections(&self, file: &str) -> Option<&Sections> {
        self.sections.get(file)
    }

    fn sections_mut(&mut self, file: &str) -> &mut Sections {
        self.sections.entry(file.to_owned()).or_default()
    }

    fn work(&self) -> &Work<Effect> {
        &self.tasks
    }

    fn work_mut(&mut self) -> &mut Work<Effect> {
        &mut self.tasks
    }

    fn apply(&mut self, effect: &Effect, _: Timestamp, outcome: &Outcome) {
        self.finish(effect, outcome);
    }
}
