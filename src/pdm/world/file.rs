//! World files of Datacenter Manager: its own members beside those of its machine.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::key::PoolKey;
use super::remote::{Behind, Kind, NodeUrl, Remote};
use super::{AutoInstall, World, check, is_default};
use crate::contract::Problem;
use crate::pbs;
use crate::proxmox::world_file::{self, Faults, member};

/// The members that only this product has; all others are the machine's.
const OWN: &[&str] = &["remotes", "notes", "subscription-keys", "auto-install"];

/// What only this product has, as a file says it.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Own {
    remotes: BTreeMap<String, Entry>,
    #[serde(skip_serializing_if = "is_default")]
    notes: String,
    #[serde(skip_serializing_if = "is_default")]
    subscription_keys: BTreeMap<String, PoolKey>,
    #[serde(skip_serializing_if = "is_default")]
    auto_install: AutoInstall,
}

/// A remote as a file says it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Entry {
    #[serde(rename = "type")]
    kind: Kind,
    nodes: Vec<NodeUrl>,
    authid: String,
    #[serde(default)]
    token: String,
    #[serde(default, skip_serializing_if = "is_default")]
    web_url: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    unreachable: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    collected: Option<Timestamp>,
    /// `default`, `empty`, or a whole world of the product.
    #[serde(default = "by_default")]
    world: Value,
}

fn by_default() -> Value {
    json!("default")
}

impl World {
    /// The world that a file says.
    ///
    /// # Errors
    /// What has a wrong name or type, or else every reference that leads nowhere.
    pub fn read(value: &Value) -> Result<Self, Vec<Problem>> {
        let (own, machine) = parted(value);
        let own: Own = world_file::read(&own).map_err(|fault| {
            Faults::of(value)
                .entries::<String, Entry>("remotes")
                .entries::<String, PoolKey>("subscription-keys")
                .and(fault)
        })?;
        let machine: pbs::world::World =
            world_file::read(&machine).map_err(|problem| vec![problem])?;
        let mut problems = Vec::new();
        let mut remotes = BTreeMap::new();
        for (id, entry) in own.remotes {
            match entry.read() {
                Ok(remote) => drop(remotes.insert(id, remote)),
                Err(found) => problems.extend(found.into_iter().map(|problem| {
                    let place = format!("{}.world", member("remotes", &id));
                    let path = match problem.path.is_empty() {
                        true => place,
                        false => format!("{place}.{}", problem.path),
                    };
                    Problem { path, ..problem }
                })),
            }
        }
        let world = Self {
            machine,
            remotes,
            notes: own.notes,
            subscription_keys: own.subscription_keys,
            auto_install: own.auto_install,
        };
        problems.extend(check::problems(&world));
        if problems.is_empty() {
            Ok(world)
        } else {
            Err(problems)
        }
    }

    /// The world as a file; [`Self::read`] gives the same world again.
    pub fn export(&self) -> Value {
        let own = Own {
            remotes: self
                .remotes
                .iter()
                .map(|(id, remote)| (id.clone(), Entry::of(remote)))
                .collect(),
            notes: self.notes.clone(),
            subscription_keys: self.subscription_keys.clone(),
            auto_install: self.auto_install.clone(),
        };
        let mut file = self.machine.export();
        // What every machine of this product lacks is left out.
        if let Value::Object(members) = &mut file {
            members.retain(|name, value| name != "datastores" || *value != json!({}));
            let own = serde_json::to_value(own).expect("every key of a world is a text");
            if let Value::Object(own) = own {
                members.extend(own);
            }
        }
        file
    }
}

/// What is this product's own, and the machine.
fn parted(file: &Value) -> (Value, Value) {
    let Value::Object(members) = file else {
        return (json!({}), file.clone());
    };
    let (own, machine): (Map<_, _>, Map<_, _>) = members
        .iter()
        .map(|(name, value)| (name.clone(), value.clone()))
        .partition(|(name, _)| OWN.contains(&name.as_str()));
    (Value::Object(own), Value::Object(machine))
}

impl Entry {
    fn read(self) -> Result<Remote, Vec<Problem>> {
        let named = |message| {
            vec![Problem {
                path: String::new(),
                message,
            }]
        };
        let behind = match self.world {
            Value::String(name) => Behind::named(self.kind, &name).map_err(named)?,
            whole => Behind::read(self.kind, &whole)?,
        };
        Ok(Remote {
            nodes: self.nodes,
            authid: self.authid,
            token: self.token,
            web_url: self.web_url,
            unreachable: self.unreachable,
            collected: self.collected,
            behind,
        })
    }

    fn of(remote: &Remote) -> Self {
        let kind = remote.kind();
        let is_as_named = |name: &&str| Behind::named(kind, name).as_ref() == Ok(&remote.behind);
        let name = ["default", "empty"].into_iter().find(is_as_named);
        Self {
            kind,
            nodes: remote.nodes.clone(),
            authid: remote.authid.clone(),
            token: remote.token.clone(),
            web_url: remote.web_url.clone(),
            unreachable: remote.unreachable.clone(),
            collected: remote.collected,
            // A remote that neither anybody nor time has changed says whose world it has.
            world: match name {
                Some(name) => name.into(),
                None => remote.behind.export(),
            },
        }
    }
}
