//! Directories: paths that list what is below them and nothing else.
//!
//! The Perl product names in its contract what an item is called (`{name}`, `{subdir}`, `{id}`); the Rust
//! products call it `subdir` and declare nothing (`list_subdirs_api_method` of proxmox-router).

use std::panic::Location;

use serde_json::{Value, json};

use super::product::Product;
use crate::contract::{Contract, Operation};
use crate::http::Method;

/// What is below a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index(Vec<Value>);

impl Index {
    /// Where directories are made, for listings of origins.
    pub const LOCATION: &'static Location<'static> = Location::caller();

    /// The directory that an operation lists; `None` when it is none: what is below goes by ids, or there is
    /// nothing below.
    pub fn of(product: Product, contract: &Contract, operation: &Operation) -> Option<Self> {
        if operation.method != Method::Get {
            return None;
        }
        let key = match product {
            Product::Pve => {
                let [link] = operation.facts.links.as_slice() else {
                    return None;
                };
                link.strip_prefix('{')?.strip_suffix('}')?
            }
            Product::Pbs | Product::Pdm if operation.facts.returns_null => "subdir",
            Product::Pbs | Product::Pdm => return None,
        };
        let mut below = children(contract, &operation.template);
        below.sort_unstable();
        below.dedup();
        let is_directory = !below.is_empty() && !below.iter().any(|name| name.starts_with('{'));
        is_directory.then(|| Self(below.into_iter().map(|name| json!({ key: name })).collect()))
    }

    /// The items, each an object with the name of what is below.
    pub fn items(&self) -> Value {
        Value::Array(self.0.clone())
    }
}

/// The next parts of all paths below a template.
fn children<'c>(contract: &'c Contract, template: &str) -> Vec<&'c str> {
    let below = match template {
        "/" => "/".to_owned(),
        template => format!("{template}/"),
    };
    let rest = contract
        .paths
        .iter()
        .filter_map(|item| item.template.strip_prefix(&*below));
    rest.filter_map(|rest| rest.split('/').next())
        .filter(|name| !name.is_empty())
        .collect()
}
