//! What the gate checks about each operation, read from the contract once, at the start.

use crate::contract::{Contract, Operation};
use crate::proxmox::permission::{Permission, PermissionFault};
use crate::proxmox::product::Product;

/// What is checked about one operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Who may call it.
    pub permission: Permission,
    /// The parameter that names the node that answers.
    pub node: Option<Box<str>>,
    /// Whether that node must be there: the call is passed on to it (Proxmox VE), or it is checked like any other
    /// parameter (the Rust products, which have one node).
    pub is_passed_on: bool,
}

impl Rule {
    /// Whether nobody needs to say who they are. In all five contracts the operations that are open to the world
    /// are those that the products open by name (proxmox.md 2.3 to 2.5).
    pub fn is_open(&self) -> bool {
        self.permission == Permission::World
    }
}

/// What is checked about all operations of a contract.
#[derive(Debug, Clone)]
pub struct Rules(Vec<Rule>);

/// A permission that is not understood.
#[derive(Debug, thiserror::Error)]
#[error("{operation}: {reason}")]
pub struct RuleFault {
    /// The operation that declares it.
    operation: String,
    /// What is not understood.
    reason: PermissionFault,
}

impl Rules {
    /// Reads the rules of a contract.
    ///
    /// # Errors
    /// A permission that is not understood.
    pub fn read(product: Product, contract: &Contract) -> Result<Self, RuleFault> {
        let operations = &contract.operations;
        // The description of 9.2 leaves out who answers; those of 7.4 and 8.4 say it.
        let says_who = operations
            .iter()
            .any(|operation| operation.facts.proxy_to.is_some());
        let rule = |operation: &Operation| {
            let permission = Permission::parse(operation.permissions.as_ref());
            let permission = permission.map_err(|reason| RuleFault {
                operation: operation.id.clone(),
                reason,
            })?;
            let of_node = operation.template.starts_with("/nodes/{node}");
            let proxy = operation.facts.proxy_to.clone();
            let is_passed_on = match product {
                Product::Pve if says_who => proxy.is_some(),
                Product::Pve => of_node && is_passed_on(&operation.template),
                Product::Pbs | Product::Pdm => operation.template.starts_with("/nodes/{node}/"),
            };
            Ok(Rule {
                permission,
                node: proxy.or_else(|| of_node.then(|| "node".into())),
                is_passed_on,
            })
        };
        operations
            .iter()
            .map(rule)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// The rule of an operation of this contract.
    pub fn of(&self, operation: &Operation) -> &Rule {
        &self.0[usize::from(operation.index)]
    }
}

/// Whether a call under a node is passed on to it, where the contract does not say. Every node has the cluster's
/// files and statistics, so what is read from these alone is answered anywhere; so it is in 7.4 and 8.4.
fn is_passed_on(template: &str) -> bool {
    let of_guest = ["/nodes/{node}/qemu/{vmid}/", "/nodes/{node}/lxc/{vmid}/"];
    let of_guest = of_guest.iter().any(|start| template.starts_with(start));
    let anywhere = [
        "/rrd",
        "/rrddata",
        "/vncwebsocket",
        "/mtunnelwebsocket",
        // Who is to be woken cannot be asked.
        "/wakeonlan",
    ];
    let indexes = [
        "/nodes/{node}",
        "/nodes/{node}/apt",
        "/nodes/{node}/capabilities",
        "/nodes/{node}/capabilities/qemu",
        "/nodes/{node}/ceph",
        "/nodes/{node}/certificates",
        "/nodes/{node}/certificates/acme",
        "/nodes/{node}/firewall",
        "/nodes/{node}/hardware",
        "/nodes/{node}/scan",
        "/nodes/{node}/sdn",
    ];
    let firewall = of_guest && template.contains("/firewall") && !template.ends_with("/log");
    !firewall && !anywhere.iter().any(|end| template.ends_with(end)) && !indexes.contains(&template)
}
