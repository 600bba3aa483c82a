//! What the emulator of a node can do: processors, machines, flags, ways to migrate.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::machine;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::product::Edition;
use crate::pve::world::World;
use crate::routes::Route;
use crate::routes::route::get;

/// Models of processors by their makers; each line begins with the first release that knows them.
const MODELS: [(u8, &str, &str); 9] = [
    (
        7,
        "GenuineIntel",
        "486 pentium pentium2 pentium3 coreduo core2duo Conroe Penryn Nehalem Nehalem-IBRS Westmere Westmere-IBRS \
         SandyBridge SandyBridge-IBRS IvyBridge IvyBridge-IBRS Haswell Haswell-IBRS Haswell-noTSX \
         Haswell-noTSX-IBRS Broadwell Broadwell-IBRS Broadwell-noTSX Broadwell-noTSX-IBRS Skylake-Client \
         Skylake-Client-IBRS Skylake-Client-noTSX-IBRS Skylake-Server Skylake-Server-IBRS \
         Skylake-Server-noTSX-IBRS Cascadelake-Server Cascadelake-Server-noTSX KnightsMill Icelake-Server \
         Icelake-Server-noTSX",
    ),
    (
        8,
        "GenuineIntel",
        "Skylake-Client-v4 Skylake-Server-v4 Skylake-Server-v5 Cascadelake-Server-v2 Cascadelake-Server-v4 \
         Cascadelake-Server-v5 Cooperlake Cooperlake-v2 Icelake-Client Icelake-Client-noTSX Icelake-Server-v3 \
         Icelake-Server-v4 Icelake-Server-v5 Icelake-Server-v6 SapphireRapids SapphireRapids-v2 GraniteRapids",
    ),
    (
        9,
        "GenuineIntel",
        "Icelake-Server-v7 SapphireRapids-v3 SapphireRapids-v4 GraniteRapids-v2 GraniteRapids-v3 SierraForest \
         SierraForest-v2 SierraForest-v3 ClearwaterForest",
    ),
    (
        7,
        "AuthenticAMD",
        "athlon phenom Opteron_G1 Opteron_G2 Opteron_G3 Opteron_G4 Opteron_G5 EPYC EPYC-IBPB EPYC-Rome EPYC-Milan",
    ),
    (
        8,
        "AuthenticAMD",
        "EPYC-v3 EPYC-v4 EPYC-Rome-v2 EPYC-Rome-v3 EPYC-Rome-v4 EPYC-Milan-v2 EPYC-Genoa",
    ),
    (
        9,
        "AuthenticAMD",
        "EPYC-v5 EPYC-Rome-v5 EPYC-Milan-v3 EPYC-Genoa-v2 EPYC-Turin",
    ),
    (7, "default", "kvm32 kvm64 qemu32 qemu64 max host"),
    (8, "abstract", "x86-64-v2 x86-64-v2-AES x86-64-v3 x86-64-v4"),
    (
        9,
        "ARM",
        "a64fx cortex-a35 cortex-a53 cortex-a55 cortex-a57 cortex-a710 cortex-a72 cortex-a76 neoverse-n1 \
         neoverse-n2 neoverse-v1",
    ),
];

/// Flags that a guest may have of its own, with what they are for.
const FLAGS: [(&str, &str); 13] = [
    (
        "nested-virt",
        "Lets the guest run guests: 'vmx' on Intel, 'svm' on AMD.",
    ),
    ("md-clear", "Tells the guest that MDS is dealt with."),
    (
        "pcid",
        "Makes the remedy against Meltdown cheaper on older Intel.",
    ),
    ("spec-ctrl", "A better remedy against Spectre on Intel."),
    ("ssbd", "Against Speculative Store Bypass on Intel."),
    ("ibpb", "A better remedy against Spectre on AMD."),
    ("virt-ssbd", "Against Speculative Store Bypass on AMD."),
    ("amd-ssbd", "The same faster, best with 'virt-ssbd'."),
    (
        "amd-no-ssb",
        "Tells the guest that an AMD is not concerned.",
    ),
    ("pdpe1gb", "Pages of 1 GB, where the machine has them."),
    (
        "hv-tlbflush",
        "Faster Windows on machines that give away more than they have.",
    ),
    ("hv-evmcs", "Faster guests of guests; Intel only."),
    ("aes", "AES in hardware."),
];

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    use Handler::Read;
    vec![
        get("/nodes/{node}/capabilities/qemu/cpu", Read(processors)),
        get("/nodes/{node}/capabilities/qemu/cpu-flags", Read(flags)),
        get("/nodes/{node}/capabilities/qemu/machines", Read(machines)),
        get("/nodes/{node}/capabilities/qemu/migration", Read(migration)),
    ]
}

fn number(edition: Edition) -> u8 {
    match edition {
        Edition::Pve7 => 7,
        Edition::Pve8 => 8,
        _ => 9,
    }
}

fn is_arm(call: &Call<'_>) -> bool {
    call.text("arch") == "aarch64"
}

/// Models that somebody made are for those who may see them.
fn processors(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let edition = call.context.edition;
    let known = MODELS
        .iter()
        .filter(|(since, ..)| *since <= number(edition));
    let known = known.filter(|(_, vendor, _)| (*vendor == "ARM") == is_arm(call));
    let mut rows = Vec::new();
    for (_, vendor, names) in known {
        for name in names.split(' ') {
            rows.push(match *vendor {
                // They stand on `qemu64`, which takes the maker of the machine.
                "abstract" if edition == Edition::Pve9 => {
                    json!({"name": name, "custom": false, "abstract": true, "vendor": "default"})
                }
                "abstract" => json!({"name": name, "custom": false, "vendor": "default"}),
                vendor => json!({"name": name, "custom": false, "vendor": vendor}),
            });
        }
    }
    if is_arm(call) {
        rows.push(json!({"name": "max", "custom": false, "vendor": "default"}));
    }
    let vendors: Vec<(String, String)> = rows.iter().filter_map(pair).collect();
    let sees_all = call.may(world, "/nodes", &["Sys.Audit"]);
    let custom = world.sections.get("cluster/qemu/custom-cpu-models");
    for (name, model) in custom.into_iter().flat_map(|models| &models.0) {
        let path = format!("/mapping/cpu/{name}");
        let sees = sees_all
            || call.may_any(
                world,
                &path,
                &["Mapping.Audit", "Mapping.Use", "Mapping.Modify"],
            );
        let reported = model
            .properties
            .get("reported-model")
            .and_then(Value::as_str);
        let reported = reported.unwrap_or("kvm64");
        let vendor = vendors.iter().find(|(known, _)| known == reported);
        if let Some((_, vendor)) = vendor.filter(|_| sees) {
            rows.push(json!({"name": format!("custom-{name}"), "custom": true, "vendor": vendor}));
        }
    }
    Ok(Answer::new(rows))
}

fn pair(row: &Value) -> Option<(String, String)> {
    let text = |key: &str| row.get(key).and_then(Value::as_str).map(str::to_owned);
    Some((text("name")?, text("vendor")?))
}

/// Which nodes have a flag follows from the makers of their processors.
fn flags(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    if is_arm(call) {
        return Ok(Answer::new(Vec::<Value>::new()));
    }
    let is_emulated = call.text("accel") == "tcg";
    let rows = FLAGS.iter().map(|(name, description)| {
        let nodes = world.nodes.iter().filter(|(_, node)| {
            let is_intel = node.processors.model.contains("Intel");
            match *name {
                "nested-virt" | "aes" | "pdpe1gb" => true,
                "pcid" | "md-clear" | "spec-ctrl" | "ssbd" | "hv-evmcs" => is_intel && !is_emulated,
                "hv-tlbflush" => !is_emulated,
                _ => !is_intel && !is_emulated,
            }
        });
        let nodes: Vec<_> = nodes.map(|(node, _)| node.as_str()).collect();
        json!({"name": name, "description": description, "supported-on": nodes})
    });
    Ok(Answer::new(rows.collect::<Vec<_>>()))
}

/// The versions of the emulator's machines, the newest first; of the newest there is one of the product's own.
fn machines(_: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let newest = match call.context.edition {
        Edition::Pve7 => (7, 2),
        Edition::Pve8 => (9, 2),
        _ => (10, 1),
    };
    let mut versions = BTreeSet::new();
    for major in 2..=newest.0 {
        let minors = match major {
            2 => 4..=12,
            3 => 0..=1,
            _ => 0..=2,
        };
        versions.extend(
            minors
                .map(|minor| (major, minor))
                .filter(|one| *one <= newest),
        );
    }
    let kinds: &[(&str, &str)] = match is_arm(call) {
        true => &[("virt", "virt")],
        false => &[("pc-q35", "q35"), ("pc-i440fx", "i440fx")],
    };
    let mut rows = Vec::new();
    for (major, minor) in versions.into_iter().rev() {
        for (start, kind) in kinds {
            let is_newest = (major, minor) == newest && call.context.edition != Edition::Pve7;
            let revisions: &[&str] = if is_newest { &["+pve1", ""] } else { &[""] };
            for revision in revisions {
                let version = format!("{major}.{minor}{revision}");
                rows.push(json!({
                    "id": format!("{start}-{version}"),
                    // The contract knows two types; the one of ARM is among neither.
                    "type": if *kind == "virt" { "q35" } else { kind },
                    "version": version,
                }));
            }
        }
    }
    Ok(Answer::new(rows))
}

fn migration(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    machine::node(world, call)?;
    Ok(Answer::as_it_stands(json!({"has-dbus-vmstate": true})))
}
