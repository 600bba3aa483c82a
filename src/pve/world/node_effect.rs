//! What the ends of tasks do to a node.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::World;
use super::certificate::CustomCertificate;
use super::guest::Status;
use super::ids::NodeName;
use super::node::{Presence, ServiceState, Unit};

/// What happens to a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NodeEffect {
    /// A service runs or does not.
    Service(String, ServiceState),
    /// The pending interfaces become those that are.
    ApplyNetwork,
    /// Newer versions of these packages are known; of those in the second list people are told.
    Refresh(Vec<String>, Vec<String>),
    /// This certificate takes the place of the custom one.
    Certificate(Option<CustomCertificate>),
    /// It goes down, and up again.
    Reboot,
    /// It goes down.
    Shutdown,
    /// It comes up.
    Start,
}

impl World {
    /// Does what the end of a task does to a node. One that is gone by then is left alone.
    pub(super) fn finish_node(&mut self, name: &NodeName, effect: &NodeEffect, at: Timestamp) {
        match effect {
            NodeEffect::Reboot => {
                self.stop_node(name, at);
                self.start_node(name, at);
            }
            NodeEffect::Shutdown => self.stop_node(name, at),
            NodeEffect::Start => self.start_node(name, at),
            _ => {}
        }
        let Some(node) = self.nodes.get_mut(name) else {
            return;
        };
        match effect {
            NodeEffect::Service(service, state) => {
                if let Some(service) = node.services.get_mut(service) {
                    service.state = *state;
                }
            }
            NodeEffect::ApplyNetwork => {
                if let Some(pending) = node.pending_network.take() {
                    node.network = pending;
                }
            }
            NodeEffect::Refresh(outdated, announced) => {
                node.packages.outdated = outdated.iter().cloned().collect();
                node.packages.announced = announced.iter().cloned().collect();
            }
            NodeEffect::Certificate(certificate) => {
                node.certificates.custom.clone_from(certificate);
            }
            NodeEffect::Reboot | NodeEffect::Shutdown | NodeEffect::Start => {}
        }
    }

    /// All guests of a node that goes down are stopped before.
    fn stop_node(&mut self, name: &NodeName, at: Timestamp) {
        let Some(node) = self.nodes.get_mut(name) else {
            return;
        };
        node.presence = Presence::Offline;
        let guests = self.guests.values_mut();
        for guest in guests.filter(|guest| guest.node == *name) {
            if guest.status.is_running() {
                guest.turn(Status::Stopped, at);
            }
        }
    }

    /// A node that comes up starts what is to come up with it, and takes the network as it was to be: the product
    /// has a service for that (`pvenetcommit`).
    pub(super) fn start_node(&mut self, name: &NodeName, at: Timestamp) {
        let Some(node) = self.nodes.get_mut(name) else {
            return;
        };
        node.presence = Presence::Online;
        node.started = at;
        if let Some(pending) = node.pending_network.take() {
            node.network = pending;
        }
        let services: Vec<_> = node
            .services
            .iter()
            .filter(|(_, service)| service.unit == Unit::Enabled)
            .map(|(name, _)| name.to_owned())
            .collect();
        for service in services {
            if let Some(service) = node.services.get_mut(&service) {
                service.state = ServiceState::Running;
            }
        }
        let guests = self.guests.values_mut();
        for guest in guests.filter(|guest| guest.node == *name) {
            let on_boot = guest.config.text("onboot") == Some("1");
            if on_boot && !guest.is_template() && guest.lock.is_none() {
                guest.turn(Status::Running, at);
            }
        }
    }
}
