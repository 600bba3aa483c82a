//! The devices of a node.

use serde_json::{Map, Value, json};

use super::machine;
use crate::proxmox::arguments::split_list;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::property_string::{PropertyString, Spelling};
use crate::proxmox::section::Section;
use crate::pve::world::World;
use crate::pve::world::ids::NodeName;
use crate::routes::Route;
use crate::routes::route::get;

/// Their handlers. What is below a device is the same for all (and the name of the parameter differs by release).
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    use Handler::Read;
    vec![
        get("/nodes/{node}/hardware/pci", Read(pci)),
        get(
            "/nodes/{node}/hardware/pci/{pci-id-or-mapping}/mdev",
            Read(parts),
        ),
        get("/nodes/{node}/hardware/pci/{pciid}/mdev", Read(parts)),
        get("/nodes/{node}/hardware/usb", Read(usb)),
    ]
}

/// What a node has of a kind, by the path of its list.
fn devices<'w>(
    world: &'w World,
    node: &NodeName,
    list: &str,
) -> impl Iterator<Item = (&'w String, &'w Section)> {
    let sections = world.sections.get(&format!("nodes/{node}/hardware/{list}"));
    sections.into_iter().flat_map(|sections| &sections.0)
}

/// Devices of classes that are seldom given to guests are left out unless somebody asks for them.
fn pci(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (node, _) = machine::node(world, call)?;
    let hidden: Vec<_> = split_list(call.text("pci-class-blacklist")).collect();
    let is_verbose = call.arguments.is_set("verbose");
    let rows = devices(world, node, "pci").filter_map(|(id, device)| {
        let class = device.properties.get("class").and_then(Value::as_str)?;
        let digits = class.strip_prefix("0x").unwrap_or(class);
        if hidden.iter().any(|hidden| digits.starts_with(hidden)) {
            return None;
        }
        let mut row = Map::from_iter([("id".to_owned(), json!(id))]);
        for (key, value) in &device.properties {
            let is_plain = matches!(
                &**key,
                "class" | "vendor" | "device" | "iommugroup" | "mdev"
            );
            if is_plain || is_verbose {
                row.insert(key.clone(), value.clone());
            }
        }
        // The product's word for a device that is in no group.
        row.entry("iommugroup").or_insert(json!(-1));
        Some(Value::Object(row))
    });
    Ok(Answer::new(rows.collect::<Vec<_>>()))
}

/// The kinds of parts that a device can be taken into: one by its address, or all that a mapping leads to here.
fn parts(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (node, _) = machine::node(world, call)?;
    let wanted = match call.arguments.text("pciid") {
        Some(id) => id,
        None => call.text("pci-id-or-mapping"),
    };
    if wanted.contains(':') {
        return Ok(Answer::new(parts_of(world, node, wanted)));
    }
    let mappings = world.sections.get("cluster/mapping/pci");
    let Some(mapping) = mappings.and_then(|mappings| mappings.0.get(wanted)) else {
        // From memory: what `PVE::Mapping::PCI` says of a mapping that is not there.
        return Err(Fault::Failed(format!(
            "PCI device mapping '{wanted}' not found"
        )));
    };
    let maps = mapping.properties.get("map").and_then(Value::as_array);
    let mut rows: Vec<Value> = Vec::new();
    for map in maps.into_iter().flatten().filter_map(Value::as_str) {
        let map = PropertyString::parse(map, None, Spelling::Plain).unwrap_or_default();
        let path = map.value("path").unwrap_or_default();
        // Of a device with several functions no parts can be had.
        if map.value("node") == Some(node.as_str()) && !path.contains(';') {
            for row in parts_of(world, node, path) {
                if !rows.iter().any(|known| known["type"] == row["type"]) {
                    rows.push(row);
                }
            }
        }
    }
    rows.sort_by(|a, b| a["type"].as_str().cmp(&b["type"].as_str()));
    Ok(Answer::new(rows))
}

fn parts_of(world: &World, node: &NodeName, id: &str) -> Vec<Value> {
    let id = match id.matches(':').count() {
        1 => format!("0000:{id}"),
        _ => id.to_owned(),
    };
    let list = format!("pci/{id}/mdev");
    let parts = devices(world, node, &list);
    let rows = parts.map(|(kind, part)| {
        let mut row = part.properties.clone();
        row.insert("type".to_owned(), json!(kind));
        Value::Object(row)
    });
    rows.collect()
}

fn usb(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (node, _) = machine::node(world, call)?;
    let rows = devices(world, node, "usb").map(|(path, device)| {
        let mut row = device.properties.clone();
        row.insert(
            "usbpath".to_owned(),
            json!(path.split_once('-').map_or(&**path, |(_, port)| port)),
        );
        Value::Object(row)
    });
    Ok(Answer::new(rows.collect::<Vec<_>>()))
}
