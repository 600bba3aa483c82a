//! `/cluster/mapping/**`: names for devices and folders that nodes have in different places.
//!
//! The sections themselves are plain ([`crate::pve::sections`]); here is who sees which of them, and what is wrong
//! with them on a node.

use serde_json::{Map, Value, json};

use crate::proxmox::call::{Around, Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::property_string::{PropertyString, Spelling};
use crate::pve::world::World;
use crate::routes::Route;
use crate::routes::route::get;

/// What stands around their lists.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let dressed = |dress| Handler::Around(Around::Dress(dress));
    vec![
        get("/cluster/mapping/dir", dressed(dirs)),
        get("/cluster/mapping/pci", dressed(pci)),
        get("/cluster/mapping/usb", dressed(usb)),
    ]
}

/// The privileges of which one is enough to see a mapping.
const SEEING: [&str; 3] = ["Mapping.Audit", "Mapping.Use", "Mapping.Modify"];

fn dirs(world: &World, call: &Call<'_>, answer: &mut Answer) {
    shown(world, call, answer, "dir", |_, _| None);
}

fn pci(world: &World, call: &Call<'_>, answer: &mut Answer) {
    shown(world, call, answer, "pci", |entry, node| {
        let path = entry.value("path")?;
        // A path may name several devices, and functions may be left out.
        let devices = world.sections.get(&format!("nodes/{node}/hardware/pci"));
        let known = |path: &str| {
            let mut ids = devices.into_iter().flat_map(|known| known.0.keys());
            ids.any(|id| id == path || id.rsplit_once('.').is_some_and(|(id, _)| id == path))
        };
        let missing = path.split(';').find(|path| !known(path))?;
        Some(format!("pci device '{missing}' not found"))
    });
}

fn usb(world: &World, call: &Call<'_>, answer: &mut Answer) {
    shown(world, call, answer, "usb", |entry, node| {
        let id = entry.value("id")?;
        let devices = world.sections.get(&format!("nodes/{node}/hardware/usb"));
        let text = |section: &Map<String, Value>, name: &str| {
            let text = section.get(name).and_then(Value::as_str);
            text.unwrap_or_default().to_ascii_lowercase()
        };
        let mut devices = devices.into_iter().flat_map(|known| known.0.values());
        let found = devices.any(|device| {
            let (vendor, product) = (
                text(&device.properties, "vendid"),
                text(&device.properties, "prodid"),
            );
            format!("{vendor}:{product}") == id.to_ascii_lowercase()
        });
        (!found).then(|| format!("usb device '{id}' not found"))
    });
}

/// Leaves out what the caller may not see and says what is wrong with the rest on the node asked about. `fault`
/// is what is wrong with one entry of a mapping there.
fn shown(
    world: &World,
    call: &Call<'_>,
    answer: &mut Answer,
    kind: &str,
    fault: impl Fn(&PropertyString, &str) -> Option<String>,
) {
    let Value::Array(items) = &mut answer.data else {
        return;
    };
    items.retain(|item| {
        let id = item["id"].as_str().unwrap_or_default();
        call.may_any(world, &format!("/mapping/{kind}/{id}"), &SEEING)
    });
    let node = call.arguments.text("check-node");
    for item in items.iter_mut().filter_map(Value::as_object_mut) {
        item.entry("description").or_insert_with(|| json!(""));
        let found = node.map(|node| checks(item, node, &fault));
        match (kind, found) {
            ("usb", found) => {
                item.insert("error".to_owned(), found.unwrap_or_else(|| json!([])));
            }
            (_, Some(found)) => {
                item.insert("checks".to_owned(), found);
            }
            (_, None) => {}
        }
    }
}

fn checks(
    item: &Map<String, Value>,
    node: &str,
    fault: impl Fn(&PropertyString, &str) -> Option<String>,
) -> Value {
    let entries = item.get("map").and_then(Value::as_array);
    let entries = entries.into_iter().flatten().filter_map(Value::as_str);
    let entries =
        entries.filter_map(|text| PropertyString::parse(text, None, Spelling::Plain).ok());
    let here: Vec<_> = entries
        .filter(|entry| entry.value("node") == Some(node))
        .collect();
    if here.is_empty() {
        let message = format!("No mapping for node {node}.");
        return json!([{"severity": "warning", "message": message}]);
    }
    let faults = here.iter().filter_map(|entry| fault(entry, node));
    faults
        .map(|message| json!({"severity": "error", "message": message}))
        .collect()
}
