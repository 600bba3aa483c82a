//! Backups of guests: the task that makes them, one guest after the other. What goes wrong with one leaves the others
//! alone.

mod one;

mod wanted;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::World;
use super::guest::{Lock, Status};
use super::ids::{NodeName, Vmid};
use super::storage_effect::{JOB_ERRORS, StorageEffect};
use super::task::Effect;
use crate::proxmox::work::Job;
use one::Saved;
pub use one::filled;
use wanted::{Target, Wanted};

/// A backup that somebody wants of guests on one node.
pub struct Dump<'a> {
    /// Where the guests are.
    pub node: NodeName,
    /// How: the options of backups, by the product's names.
    pub options: &'a Map<String, Value>,
    /// Those that are saved, in this order.
    pub local: &'a [Vmid],
    /// Those that are meant and are on other nodes.
    pub elsewhere: &'a [Vmid],
    /// Whether all guests are meant, so that those that may not be saved are left out silently.
    pub is_all: bool,
    /// When.
    pub now: Timestamp,
    /// Whether whoever wants it has a privilege on a path.
    pub may: &'a dyn Fn(&str, &str) -> bool,
}

impl Dump<'_> {
    /// The task, and the guests that it locks from its beginning.
    pub fn job(&self, world: &World) -> (Job<Effect>, Vec<Vmid>) {
        let id = match self.local {
            [one] => one.to_string(),
            _ => String::new(),
        };
        let built = Wanted::of(world, self).and_then(|wanted| self.build(world, &wanted));
        match built {
            Ok((job, locked)) => (Job { id, ..job }, locked),
            Err(text) => {
                let job = Job::new("vzdump", id).saying(format!("ERROR: {text}"));
                (job.failing(text), Vec::new())
            }
        }
    }

    fn build(&self, world: &World, wanted: &Wanted) -> Result<(Job<Effect>, Vec<Vmid>), String> {
        let mut job = Job::new("vzdump", "")
            .saying(format!("INFO: starting new backup job: {}", self.command()));
        if !self.elsewhere.is_empty() {
            let list: Vec<String> = self.elsewhere.iter().map(Vmid::to_string).collect();
            job = job.saying(format!("INFO: skip external VMs: {}", list.join(", ")));
        }
        let mut locked = Vec::new();
        let mut has_failed = false;
        for vmid in self.local {
            let path = format!("/vms/{vmid}");
            let is_known = world.guests.contains_key(vmid);
            if is_known && !(self.may)(&path, "VM.Backup") {
                if self.is_all {
                    continue;
                }
                return Err(format!("Permission check failed ({path}, VM.Backup)"));
            }
            match one::save(world, wanted, *vmid) {
                Ok(saved) => {
                    job = added(job, wanted, *vmid, saved);
                    locked.push(*vmid);
                }
                Err((lines, why)) => {
                    has_failed = true;
                    job = lines.into_iter().fold(job, Job::saying);
                    job = job.saying(format!("ERROR: Backup of VM {vmid} failed - {why}"));
                }
            }
        }
        job = match has_failed {
            true => job
                .saying("INFO: Backup job finished with errors")
                .failing(JOB_ERRORS),
            false => job.saying("INFO: Backup job finished successfully"),
        };
        Ok((job, locked))
    }

    /// The options as a command line, as the log's first line has them.
    fn command(&self) -> String {
        let mut line = "vzdump".to_owned();
        if self.options.contains_key("vmid") {
            for vmid in self.local {
                line.push_str(&format!(" {vmid}"));
            }
        }
        for (name, value) in self.options {
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Bool(set) => i32::from(*set).to_string(),
                other => other.to_string(),
            };
            if !matches!(name.as_str(), "vmid" | "node") {
                line.push_str(&format!(" --{name} {text}"));
            }
        }
        line.push_str(&format!(" --node {}", self.node));
        line
    }
}

fn added(mut job: Job<Effect>, wanted: &Wanted, vmid: Vmid, saved: Saved) -> Job<Effect> {
    for line in saved.lines {
        job = job.saying(line);
    }
    // Whoever runs is stopped for the backup, and runs again as soon as it has begun.
    if saved.was_stopped {
        job = job
            .doing(Effect::Power(vmid, Status::Stopped))
            .doing(Effect::Power(vmid, Status::Running));
    }
    if let Target::Storage(storage, _) = &wanted.target
        && let Some((id, volume)) = saved.volume
    {
        let node = wanted.node.clone();
        job = job.doing(Effect::Storage(StorageEffect::Add {
            node: node.clone(),
            id,
            volume: Box::new(volume),
        }));
        if wanted.removes {
            job = job.doing(Effect::Storage(StorageEffect::Prune {
                node,
                storage: storage.clone(),
                owner: Some(vmid),
                kind: Some(saved.kind),
                keep: wanted.keep.clone(),
            }));
        }
    }
    job.doing(Effect::Unlock(vmid, Lock::Backup))
}
