//! From the root to everything that can be read.

use std::collections::BTreeSet;

use mock_server::contract::sample::{Booleans, fits};
use mock_server::contract::{Operation, Returns};
use mock_server::http::Method;
use mock_server::proxmox::Product;
use mock_server::proxmox::published::{is_otherwise, members_otherwise};
use serde_json::Value;

use super::Swept;
use super::known::{self, Reading};
use super::tree::{Tree, encoded, join, split};

/// Reads everything that can be reached and gives the paths that were found.
pub(super) fn walk(swept: &Swept, faults: &mut Vec<String>) -> Tree {
    let mut tree = Tree::default();
    tree.add("/", "/".to_owned());
    let mut templates: Vec<&str> = swept
        .contract
        .paths
        .iter()
        .map(|item| item.template.as_str())
        .collect();
    // Paths in the middle of others may have no operation of their own.
    let above: BTreeSet<&str> = templates.iter().flat_map(|t| ancestors(t)).collect();
    templates.extend(above);
    templates.sort_by_key(|template| (template.matches('/').count(), template.len(), *template));
    templates.dedup();
    for template in templates {
        if known::of(swept.product).is_unreachable(template) {
            continue;
        }
        grow(swept, template, &mut tree);
        if let Some(operation) = get(swept, template) {
            for path in tree.of(template).to_vec() {
                read(swept, operation, &path, faults);
            }
        }
        if tree.of(template).is_empty() {
            faults.push(format!("nothing leads to {template}"));
        }
    }
    tree
}

fn ancestors(template: &str) -> Vec<&str> {
    let ends = template.match_indices('/').map(|(at, _)| at);
    ends.filter(|at| *at > 0)
        .map(|at| &template[..at])
        .collect()
}

fn get<'s>(swept: &'s Swept, template: &str) -> Option<&'s Operation> {
    let mut operations = swept.contract.operations.iter();
    operations.find(|one| one.method == Method::Get && one.template == template)
}

/// Finds the concrete paths of a template below those of the one above it.
fn grow(swept: &Swept, template: &str, tree: &mut Tree) {
    let Some((above, last)) = split(template) else {
        return;
    };
    let name = last
        .strip_prefix('{')
        .and_then(|name| name.strip_suffix('}'));
    for path in tree.of(above).to_vec() {
        let Some(name) = name else {
            tree.add(template, join(&path, last));
            continue;
        };
        if let Some(values) = known::of(swept.product).values(template) {
            for value in values {
                tree.add(template, join(&path, &encoded(value)));
            }
            continue;
        }
        for value in listed(swept, above, &path, name) {
            let value = known::spelled(template, &path, value);
            tree.add(template, join(&path, &encoded(&value)));
        }
    }
}

/// What the list at a path calls its items.
fn listed(swept: &Swept, above: &str, path: &str, name: &str) -> Vec<String> {
    let Some(operation) = get(swept, above) else {
        return Vec::new();
    };
    let answer = swept.server.get(&target(path, operation, swept.product));
    if answer.status() != 200 {
        return Vec::new();
    }
    let linked = operation.facts.links.iter().find_map(|link| {
        let key = link.strip_prefix('{')?.strip_suffix('}')?;
        Some(key.to_owned())
    });
    let keys: Vec<String> = linked
        .into_iter()
        .chain([name.to_owned()])
        .chain(known::keys(name).iter().map(|key| (*key).to_owned()))
        .collect();
    let text = |item: &Value| {
        let found = keys.iter().find_map(|key| item.get(key))?;
        match found {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    };
    let items = answer.json()["data"].as_array().cloned();
    let texts = items.unwrap_or_default();
    texts
        .iter()
        .filter_map(|item| match item {
            Value::String(text) => Some(text.clone()),
            item => text(item),
        })
        .filter(|value| !known::is_no_path(name, value))
        .collect()
}

/// Reads one path; it must be 200 and of the declared type, or what the product refuses.
fn read(swept: &Swept, operation: &Operation, path: &str, faults: &mut Vec<String>) {
    let target = target(path, operation, swept.product);
    let answer = swept.server.get(&target);
    let status = answer.status();
    let fits_status = match known::of(swept.product).reading(&operation.template) {
        Reading::Refused(wanted) => status == wanted,
        Reading::Either(wanted) => status == wanted || status == 200,
        Reading::Good => status == 200,
    };
    if !fits_status {
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        faults.push(format!("GET {target}: {status} {body}"));
        return;
    }
    if status != 200 || is_otherwise(swept.product, &operation.template) {
        return;
    }
    let booleans = match swept.product {
        Product::Pve => Booleans::ZeroOrOne,
        Product::Pbs | Product::Pdm => Booleans::Real,
    };
    if let Returns::Value(schema) = operation.returns() {
        let data = &answer.json()["data"];
        let members = members_otherwise(swept.product, &operation.template);
        let mut problems = fits(schema, data, booleans);
        problems.retain(|problem| !members.iter().any(|one| problem.path.ends_with(one)));
        if let Some(problem) = problems.first() {
            let count = problems.len();
            let shown: String = data.to_string().chars().take(200).collect();
            faults.push(format!("GET {target}: {count}x {problem:?}: {shown}"));
        }
    }
}

fn target(path: &str, operation: &Operation, product: Product) -> String {
    let query = known::of(product).query(&operation.template);
    let separator = if query.is_empty() { "" } else { "?" };
    format!("/api2/json{path}{separator}{query}")
}
