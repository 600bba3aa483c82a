//! The cluster as a whole.

use serde::{Deserialize, Serialize};

use super::World;
use super::backup::Selection;
use super::ids::{NodeName, Vmid};
use super::is_default;
use super::node::Node;
use super::options::Options;

/// What is true of all nodes together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Cluster {
    /// Its name; a machine of its own has none.
    #[serde(skip_serializing_if = "is_default")]
    pub name: Option<String>,
    /// The version of its configuration, which grows with every node that joins or leaves.
    #[serde(skip_serializing_if = "is_default")]
    pub version: u32,
    /// The options of the datacenter: `keyboard`, `mac_prefix`, `tag-style`, `migration`.
    #[serde(skip_serializing_if = "is_default")]
    pub options: Options,
}

impl World {
    /// Makes a cluster of the machine that this world is.
    pub fn found_cluster(&mut self, name: String, number: u32) {
        if self.cluster.name.is_some() {
            return;
        }
        self.cluster.name = Some(name);
        self.cluster.version = 1;
        for node in self.nodes.values_mut() {
            node.id = number;
        }
    }

    /// Adds a node to the cluster.
    pub fn add_node(&mut self, name: NodeName, node: Node) {
        self.nodes.insert(name, node);
        self.cluster.version = self.cluster.version.saturating_add(1);
    }

    /// Takes a node out of the cluster, with its guests and all that names it. The product leaves the files of the
    /// guests behind, where nobody finds them any more.
    pub fn forget_node(&mut self, name: &NodeName) {
        self.nodes.remove(name);
        self.cluster.version = self.cluster.version.saturating_add(1);
        let gone: Vec<Vmid> = self.guests_on(name).map(|(vmid, _)| vmid).collect();
        self.guests.retain(|_, guest| guest.node != *name);
        for storage in self.storages.values_mut() {
            storage.nodes.remove(name);
        }
        self.volumes.retain(|shelf, volumes| {
            volumes.retain(|_, volume| {
                let owned = volume.owner.is_some_and(|owner| gone.contains(&owner));
                !(owned && volume.is_disk())
            });
            shelf.node.as_ref() != Some(name)
        });
        for pool in self.pools.values_mut() {
            pool.guests.retain(|vmid| !gone.contains(vmid));
        }
        self.replication
            .retain(|id, job| job.target != *name && !gone.contains(&id.guest));
        self.ha.forget(name, &gone);
        for job in self.backup_jobs.values_mut() {
            job.node = job.node.take().filter(|node| node != name);
            match &mut job.selection {
                Selection::Guests(guests) => guests.retain(|vmid| !gone.contains(vmid)),
                Selection::AllBut(guests) => guests.retain(|vmid| !gone.contains(vmid)),
                Selection::Pool(_) => {}
            }
        }
        self.access.acl.forget_path(&format!("/nodes/{name}"));
        for vmid in &gone {
            self.access.acl.forget_path(&format!("/vms/{vmid}"));
        }
        self.forget_ceph(name);
        self.forget_paths(name, &gone);
        self.tasks.forget_node(name.as_str());
    }

    /// What is kept below a node or a guest goes with it.
    fn forget_paths(&mut self, name: &NodeName, gone: &[Vmid]) {
        let mut starts = vec![format!("nodes/{name}/")];
        starts.extend(gone.iter().map(|vmid| format!("guests/{vmid}/")));
        let stays = |path: &String| !starts.iter().any(|start| path.starts_with(start));
        self.sections.retain(|path, _| stays(path));
        self.lists.retain(|path, _| stays(path));
        self.options.retain(|path, _| stays(path));
    }
}
