//! `/cluster/qemu/**`: processors of virtual machines, those that somebody made and what may be added to them.

use serde_json::{Value, json};

use crate::proxmox::call::{Around, Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::pve::world::World;
use crate::routes::Route;
use crate::routes::route::get;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/cluster/qemu/cpu-flags", Handler::Read(flags)),
        get(
            "/cluster/qemu/custom-cpu-models",
            Handler::Around(Around::Dress(visible)),
        ),
    ]
}

/// Which vendor's processors know a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Vendor {
    Any,
    Intel,
    Amd,
}

/// The flags that virtual machines may be given (`PVE::QemuServer::CPUConfig`), in our words.
const FLAGS: [(&str, Vendor, &str); 13] = [
    (
        "nested-virt",
        Vendor::Any,
        "Virtual machines inside of virtual machines.",
    ),
    (
        "md-clear",
        Vendor::Intel,
        "Lets the guest know that MDS is mitigated.",
    ),
    (
        "pcid",
        Vendor::Intel,
        "Makes the mitigation of Meltdown cheaper.",
    ),
    (
        "spec-ctrl",
        Vendor::Intel,
        "Allows better mitigation of Spectre.",
    ),
    (
        "ssbd",
        Vendor::Any,
        "Protects against Speculative Store Bypass.",
    ),
    ("ibpb", Vendor::Amd, "Allows better mitigation of Spectre."),
    (
        "virt-ssbd",
        Vendor::Amd,
        "Base for protection against Speculative Store Bypass.",
    ),
    (
        "amd-ssbd",
        Vendor::Amd,
        "Faster protection against Speculative Store Bypass.",
    ),
    (
        "amd-no-ssb",
        Vendor::Amd,
        "Tells the guest that Speculative Store Bypass is no danger.",
    ),
    ("pdpe1gb", Vendor::Any, "Allows pages of 1 GiB."),
    (
        "hv-tlbflush",
        Vendor::Any,
        "Faster for Windows guests that have too many processors.",
    ),
    (
        "hv-evmcs",
        Vendor::Intel,
        "Faster for Windows guests with nested virtualization.",
    ),
    ("aes", Vendor::Any, "Instructions for AES."),
];

/// Emulation knows all flags, and so do all nodes then.
fn flags(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    if call.arguments.text("arch") == Some("aarch64") {
        return Ok(Answer::new(json!([])));
    }
    let is_emulated = call.text("accel") == "tcg";
    let rows = FLAGS.iter().map(|(name, vendor, description)| {
        let nodes = world.nodes.iter().filter(|(_, node)| {
            let is_amd = node.processors.model.contains("AMD");
            let fits = match vendor {
                Vendor::Any => true,
                Vendor::Intel => !is_amd,
                Vendor::Amd => is_amd,
            };
            node.is_online() && (fits || is_emulated)
        });
        let nodes: Vec<_> = nodes.map(|(name, _)| name.as_str()).collect();
        json!({"name": name, "description": description, "supported-on": nodes})
    });
    Ok(Answer::new(rows.collect::<Value>()))
}

fn visible(world: &World, call: &Call<'_>, answer: &mut Answer) {
    const SEEING: [&str; 3] = ["Mapping.Audit", "Mapping.Use", "Mapping.Modify"];
    if let Value::Array(items) = &mut answer.data {
        items.retain(|item| {
            let id = item["cputype"].as_str().unwrap_or_default();
            call.may_any(world, &format!("/mapping/cpu/{id}"), &SEEING)
        });
    }
}
