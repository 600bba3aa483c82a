//! The domains that a node wants a certificate for, from its configuration (`get_acme_conf` of `PVE::NodeConfig`).

use std::collections::BTreeMap;

use serde_json::Value;

use crate::proxmox::fault::Fault;
use crate::proxmox::property_string::{PropertyString, Spelling};
use crate::pve::world::World;
use crate::pve::world::options::Options;

/// How many `acmedomain[n]` there are.
const INDEXED: u32 = 6;

/// What a node wants of an authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    /// The account at the authority.
    pub(super) account: String,
    /// The domains in lower case, with the option that each comes from.
    pub(super) domains: BTreeMap<String, String>,
}

/// Reads what a configuration says.
///
/// # Errors
/// A domain that stands twice, or a plugin that does not exist.
pub(super) fn of(options: &Options, world: &World) -> Result<Wanted, Fault> {
    let text = |key: &str| options.0.get(key).and_then(Value::as_str);
    let parsed = |text: &str, default| {
        PropertyString::parse(text, default, Spelling::Plain).unwrap_or_default()
    };
    let acme = text("acme")
        .map(|text| parsed(text, None))
        .unwrap_or_default();
    let mut domains = BTreeMap::new();
    let plain = acme.value("domains").unwrap_or_default().split(';');
    for domain in plain.filter(|domain| !domain.is_empty()) {
        let domain = domain.to_ascii_lowercase();
        if domains.contains_key(&domain) {
            let text = format!("duplicate domain '{domain}' in ACME config properties");
            return Err(Fault::Failed(text));
        }
        domains.insert(domain, "acme".to_owned());
    }
    for n in 0..INDEXED {
        let key = format!("acmedomain{n}");
        let Some(record) = text(&key) else {
            continue;
        };
        let record = parsed(record, Some("domain"));
        let domain = record.value("domain").unwrap_or_default();
        let domain = domain.to_ascii_lowercase();
        if let Some(other) = domains.get(&domain) {
            return Err(Fault::Failed(format!(
                "duplicate domain '{domain}' in ACME config properties '{key}' and '{other}'"
            )));
        }
        let plugin = record.value("plugin").unwrap_or("standalone");
        if plugin != "standalone" && !has_plugin(world, plugin) {
            let text = format!("plugin '{plugin}' for domain '{domain}' not found!");
            return Err(Fault::Failed(text));
        }
        domains.insert(domain, key);
    }
    Ok(Wanted {
        account: acme.value("account").unwrap_or("default").to_owned(),
        domains,
    })
}

fn has_plugin(world: &World, id: &str) -> bool {
    let plugins = world.sections.get("cluster/acme/plugins");
    plugins.is_some_and(|plugins| plugins.0.contains_key(id))
}
