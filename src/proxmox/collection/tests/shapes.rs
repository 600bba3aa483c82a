//! How many paths of the documents have the shape of a collection.

use super::contract;

/// Paths that list and create, with items one part below that can be changed or deleted: design.md counts 61
/// with 302 operations in Proxmox VE 9.2. The second pair is those whose items can be read, changed and deleted,
/// wherever they are created: the ones that a [`Collection`] covers whole.
fn check(name: &str, want: [usize; 4]) {
    let contract = contract(name);
    let methods = |template: &str| -> Vec<&str> {
        let operations = contract.operations.iter();
        operations
            .filter(|operation| operation.template == template)
            .map(|operation| operation.method.as_str())
            .collect()
    };
    let mut found = [0; 4];
    for item in &contract.paths {
        let Some((above, last)) = item.template.rsplit_once('/') else {
            continue;
        };
        if !last.starts_with('{') {
            continue;
        }
        let (list, item) = (methods(above), methods(&item.template));
        let operations = list.len() + item.len();
        let (lists, creates) = (list.contains(&"GET"), list.contains(&"POST"));
        if lists && creates && (item.contains(&"PUT") || item.contains(&"DELETE")) {
            found[0] += 1;
            found[1] += operations;
        }
        let whole = ["GET", "PUT", "DELETE"]
            .iter()
            .all(|method| item.contains(method));
        if lists && whole && (creates || item.contains(&"POST")) {
            found[2] += 1;
            found[3] += operations;
        }
    }
    assert_eq!(found, want, "{name}");
}

#[test]
fn paths_of_this_shape() {
    check("pve-9.2", [61, 302, 51, 264]);
    check("pve-8.4", [55, 272, 45, 234]);
    check("pve-7.4", [47, 230, 36, 187]);
    check("pbs-4", [28, 140, 28, 142]);
    check("pdm-1", [15, 71, 12, 62]);
}
