//! The documents of the Proxmox products: how many operations each has, and that nothing in them is lost
//! on the way in.

use std::fs;

use serde_json::json;

use super::super::{Contract, Kind, Operation, Place, Returns, Schema};
use crate::http::Method;

fn text(name: &str) -> Vec<u8> {
    let path = format!("{}/openapi/{name}.json", env!("CARGO_MANIFEST_DIR"));
    fs::read(path).unwrap()
}

fn contract(name: &str) -> Contract {
    Contract::parse(&text(name), name).unwrap()
}

fn operation<'c>(contract: &'c Contract, id: &str) -> &'c Operation {
    let mut operations = contract.operations.iter();
    operations.find(|operation| operation.id == id).unwrap()
}

/// Checks a document: its operations in all, and those that answer with null, declare a permission, and
/// link to what is below them.
fn check(name: &str, title: &str, release: &str, want: [usize; 4]) {
    let text = text(name);
    let contract = Contract::parse(&text, name).unwrap();
    assert_eq!((&*contract.title, &*contract.version), (title, release));
    let count = |what: &dyn Fn(&Operation) -> bool| {
        contract
            .operations
            .iter()
            .filter(|&operation| what(operation))
            .count()
    };
    let found = [
        contract.operations.len(),
        count(&|operation| operation.returns() == Returns::Null),
        count(&|operation| operation.permissions.is_some()),
        count(&|operation| !operation.facts.links.is_empty()),
    ];
    assert_eq!(found, want, "{name}");
    let mut router = matchit::Router::new();
    for path in &contract.paths {
        router.insert(path.template.as_str(), ()).unwrap();
    }
    for operation in &contract.operations {
        let declared = format!("{name}: {}", operation.id);
        assert_eq!(operation.success, 200, "{declared}");
        let in_path = operation.template.matches('{').count();
        let places = operation.parameters.iter().map(|known| known.place);
        assert!(
            places.take(in_path).all(|place| place == Place::Path),
            "{declared}"
        );
    }
    let whole: openapiv3::OpenAPI = serde_json::from_slice(&text).unwrap();
    assert_eq!(
        whole.operations().count(),
        contract.operations.len(),
        "{name}"
    );
    for word in ["\"description\":\"", "verbose_description", "typetext"] {
        let document = String::from_utf8_lossy(&contract.document);
        let prose = document.replace("\"description\":\"\"", "");
        assert!(!prose.contains(word), "{name} has {word}");
    }
}

#[test]
fn pve_9_2() {
    check("pve-9.2", "Proxmox VE API", "9.2", [675, 200, 660, 136]);
}

#[test]
fn pve_8_4() {
    check("pve-8.4", "Proxmox VE API", "8.4", [605, 175, 590, 120]);
}

#[test]
fn pve_7_4() {
    check("pve-7.4", "Proxmox VE API", "7.4", [540, 139, 527, 103]);
}

#[test]
fn pbs_4() {
    check(
        "pbs-4",
        "Proxmox Backup Server API",
        "4",
        [359, 191, 338, 0],
    );
}

#[test]
fn pdm_1() {
    check(
        "pdm-1",
        "Proxmox Datacenter Manager API",
        "1",
        [318, 126, 304, 0],
    );
}

#[test]
fn an_operation_of_proxmox_ve() {
    let contract = contract("pve-9.2");
    let create = operation(&contract, "post_nodes_node_qemu");
    assert_eq!(
        (&create.method, &*create.template),
        (&Method::Post, "/nodes/{node}/qemu")
    );
    assert_eq!(create.facts.name.as_deref(), Some("create_vm"));
    assert!(create.facts.protected && create.facts.allow_token && !create.additional);
    let vmid = create.parameter("vmid").unwrap();
    assert_eq!(
        (vmid.place, vmid.required, vmid.schema.format()),
        (Place::Rest, true, Some("pve-vmid"))
    );
    let net = &create.parameter("net[n]").unwrap().schema.facts();
    assert!(net.indexed);
    let inner = net.property_string.as_ref().unwrap();
    assert_eq!(inner.facts().default_key.as_deref(), Some("model"));
    let alias = inner.property("virtio").unwrap();
    assert!(!alias.required);
    assert_eq!(alias.schema.facts().key_alias.as_deref(), Some("model"));
    let start = operation(&contract, "post_nodes_node_qemu_vmid_status_start");
    let declared = json!({"check": ["perm", "/vms/{vmid}", ["VM.PowerMgmt"]]});
    assert_eq!(start.permissions, Some(declared));
    let index = operation(&contract, "get_nodes");
    assert_eq!(index.facts.links, ["{node}".into()]);
    let upload = operation(&contract, "post_nodes_node_storage_storage_upload");
    assert!(upload.facts.upload);
    // Written as a string in the product's own description.
    let count = operation(&contract, "get_nodes_node_qemu_vmid_agent_file_read");
    let count = count.parameter("count").unwrap().schema.facts();
    assert_eq!(count.maximum, Some(16_777_216.into()));
}

#[test]
fn operations_of_the_others() {
    let backup = contract("pbs-4");
    let list = operation(&backup, "get_admin_datastore");
    let Returns::Value(Schema {
        kind: Kind::Array(items),
        ..
    }) = list.returns()
    else {
        panic!("a list");
    };
    let mode = &items.property("maintenance").unwrap().schema;
    let mode = mode.facts().property_string.as_ref().unwrap();
    assert_eq!(mode.facts().default_key.as_deref(), Some("type"));
    let root = operation(&backup, "get_root");
    assert!(root.additional);
    let node = &operation(&backup, "get_nodes_node").parameters[0];
    assert!(node.schema.facts().undeclared && node.required);
    let manager = contract("pdm-1");
    let resources = operation(&manager, "get_pve_remotes_remote_resources");
    let Returns::Value(Schema {
        kind: Kind::Array(items),
        ..
    }) = resources.returns()
    else {
        panic!("a list");
    };
    assert!(matches!(&items.kind, Kind::OneOf(variants) if variants.len() > 1));
    assert!(items.facts().type_property.is_some());
}
