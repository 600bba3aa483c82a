//! `cap`: what the web interface of Proxmox VE offers a user, by area
//! (pve-access-control's `compute_api_permission`).

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::proxmox::identity::Identity;
use crate::proxmox::rights::Rights;

/// The areas with the privileges that count there, by their starts.
const AREAS: &[(&str, &[&str])] = &[
    ("vms", &["VM.", "Permissions.Modify"]),
    ("access", &["User.", "Group.", "Permissions.Modify"]),
    ("storage", &["Datastore.", "Permissions.Modify"]),
    ("nodes", &["Sys.", "Permissions.Modify"]),
    ("sdn", &["SDN.", "Permissions.Modify"]),
    ("dc", &["Sys.", "SDN."]),
    ("mapping", &["Mapping.", "Permissions.Modify"]),
];

/// The paths that are looked at in any case.
const PATHS: &[&str] = &[
    "/",
    "/nodes",
    "/access/groups",
    "/vms",
    "/storage",
    "/sdn",
    "/mapping",
];

/// The privileges that somebody has anywhere, by area: `{"vms": {"VM.Audit": 1}, ...}`. `mapping` is there from
/// the release on that knows its privileges.
pub fn capabilities(rights: &Rights<'_>, who: &Identity) -> Value {
    let has_mappings = rights.catalog.privilege("Mapping.Audit").is_some();
    let mut areas: Map<String, Value> = AREAS
        .iter()
        .filter(|(area, _)| has_mappings || *area != "mapping")
        .map(|(area, _)| ((*area).to_owned(), json!({})))
        .collect();
    let paths: BTreeSet<&str> = PATHS.iter().copied().chain(rights.list.paths()).collect();
    for path in paths {
        let granted = rights.on(who, path).all;
        for privilege in rights.catalog.names(granted) {
            for area in areas_of(path) {
                let starts = AREAS.iter().find(|(name, _)| name == area);
                let counts = starts
                    .is_some_and(|(_, starts)| starts.iter().any(|s| privilege.starts_with(s)));
                // On a pool, only what its members have counts.
                let counts =
                    counts && !(path.starts_with("/pool") && privilege.starts_with("Perm"));
                if let (true, Some(Value::Object(area))) = (counts, areas.get_mut(*area)) {
                    area.insert(privilege.to_owned(), json!(1));
                }
            }
        }
    }
    Value::Object(areas)
}

/// The areas that a path counts for: that of its first part, the datacenter's for the root.
fn areas_of(path: &str) -> &'static [&'static str] {
    match path.trim_start_matches('/').split('/').next() {
        Some("vms") => &["vms"],
        Some("access") => &["access"],
        Some("storage") => &["storage"],
        Some("nodes") => &["nodes"],
        Some("sdn") => &["sdn"],
        Some("mapping") => &["mapping"],
        Some("pool") => &["vms", "storage"],
        Some("") => &["dc"],
        _ => &[],
    }
}
