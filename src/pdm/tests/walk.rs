//! Every `GET` of the tree, with the values that its lists name.

use crate::contract::Contract;
use crate::http::Method;
use crate::pdm::RELEASES;
use crate::pdm::testing::desk;
use crate::proxmox::Product;
use crate::proxmox::published::is_otherwise;

/// The values of a parameter of a path, by its name and by what stands before it.
fn values(template: &str, name: &str) -> Vec<&'static str> {
    match name {
        "remote" if template.starts_with("/pbs/") => vec!["pbs01"],
        "remote" => vec!["e2e-cluster"],
        "id" if template.starts_with("/remotes/") => vec!["e2e-cluster", "pbs01"],
        "id" if template.starts_with("/config/views") => vec!["production", "cluster"],
        "id" if template.starts_with("/config/acme") => vec!["lab-dns"],
        "id" if template.starts_with("/auto-install") => vec!["rack5"],
        "node" if template.starts_with("/pve/") => vec!["pve01", "pve02"],
        "node" if template.starts_with("/pbs/") => vec!["localhost"],
        "node" if template.ends_with("-vrf") => vec!["pve01"],
        "node" => vec!["localhost", "pdm01"],
        "vmid" if template.contains("/lxc/") => vec!["102", "109"],
        "vmid" => vec!["101", "104"],
        "storage" => vec!["local", "ceph-pool"],
        "datastore" => vec!["main", "archive"],
        "realm" if template.contains("/ldap/") => vec!["lab-ldap"],
        "realm" if template.contains("/ad/") => vec!["lab-ad"],
        "realm" => vec!["lab-sso"],
        "userid" if template.contains("/{id}") => vec!["operator@pdm"],
        "userid" if template.contains("/{token-name}") => vec!["root@pam"],
        "userid" => vec!["root@pam", "operator@pdm"],
        "token-name" => vec!["e2e"],
        "name" => vec!["default"],
        "iface" => vec!["eno1", "lo"],
        "key" => vec!["pve1c-0123456789", "pve2s-89abcdef01"],
        "vnet" => vec!["wide"],
        "zone" => vec!["overlay"],
        _ => Vec::new(),
    }
}

/// What has to be asked besides the path.
fn query(template: &str) -> &'static str {
    match template {
        _ if template.ends_with("/rrddata") => "?timeframe=hour&cf=AVERAGE",
        _ if template.ends_with("}/config") && template.contains("{vmid}") => "?state=active",
        _ if template.contains("/pbs/") && template.ends_with("/apt/changelog") => {
            "?name=proxmox-backup-server"
        }
        _ if template.starts_with("/pve/") && template.ends_with("/apt/changelog") => {
            "?name=pve-manager"
        }
        _ if template.ends_with("/apt/changelog") => "?name=proxmox-datacenter-manager",
        "/pve/realms" => "?hostname=10.10.10.11",
        "/pbs/realms" => "?hostname=10.10.10.20",
        _ if template.starts_with("/nodes/{node}/sdn/") && template.ends_with("-vrf") => {
            "?remote=e2e-cluster"
        }
        _ => "",
    }
}

/// All paths that a template stands for; ids of tasks and of storage clusters are those that their lists name.
fn paths(template: &str, named: &dyn Fn(&str, &str) -> Vec<String>) -> Vec<String> {
    let mut paths = vec![String::new()];
    for part in template.split('/').skip(1) {
        let name = part
            .strip_prefix('{')
            .and_then(|part| part.strip_suffix('}'));
        let values: Vec<String> = match name {
            None => vec![part.to_owned()],
            Some(name) => {
                let known = values(template, name);
                match known.is_empty() {
                    true => named(template, name),
                    false => known.into_iter().map(str::to_owned).collect(),
                }
            }
        };
        paths = paths
            .iter()
            .flat_map(|path| values.iter().map(move |value| format!("{path}/{value}")))
            .collect();
    }
    paths
}

#[test]
fn every_path_answers_in_its_declared_type() {
    let desk = desk();
    let release = &RELEASES[0];
    let contract = Contract::parse(release.document, release.place).unwrap();
    let named = |template: &str, name: &str| -> Vec<String> {
        let (list, field) = match name {
            "cluster" => ("/ceph/clusters".to_owned(), "cluster"),
            "upid" if template.starts_with("/nodes/") => {
                ("/nodes/localhost/tasks".to_owned(), "upid")
            }
            "upid" if template.starts_with("/pbs/") => {
                ("/remotes/tasks/list?remote=pbs01".to_owned(), "upid")
            }
            "upid" => ("/remotes/tasks/list?remote=e2e-cluster".to_owned(), "upid"),
            "id" => ("/access/tfa/operator@pdm".to_owned(), "id"),
            _ => return Vec::new(),
        };
        let items = desk.must(&format!("GET {list}"), "");
        let ids = items.as_array().unwrap().iter().take(2);
        ids.map(|item| item[field].as_str().unwrap().to_owned())
            .collect()
    };
    let mut faults = Vec::new();
    for operation in &contract.operations {
        let template = operation.template.as_str();
        if operation.method != Method::Get || template.ends_with("vncwebsocket") {
            continue;
        }
        let paths = paths(template, &named);
        if paths.is_empty() {
            faults.push(format!("{template}: nothing to ask for"));
        }
        for path in paths {
            let target = format!("{path}{}", query(template));
            let asked = std::panic::AssertUnwindSafe(|| {
                if is_otherwise(Product::Pdm, template) {
                    drop(desk.must(&format!("GET {target}"), ""));
                } else {
                    drop(desk.get(&target));
                }
            });
            if let Err(panic) = std::panic::catch_unwind(asked) {
                let text = panic.downcast_ref::<String>().cloned();
                let text: String = text.unwrap_or_default().chars().take(400).collect();
                faults.push(format!("{target}: {text}"));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}
