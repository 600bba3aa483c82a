//! `/nodes/{node}/network`: interfaces as they are to be. Changes wait until they are applied or taken back.

use serde_json::{Map, Value, json};

use crate::pbs::api::single;
use crate::pbs::world::World;
use crate::pbs::world::task::Effect;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::digest;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::product::Product;
use crate::proxmox::section::{Section, Sections};
use crate::proxmox::work::Job;
use crate::routes::Route;
use crate::routes::route::{delete, get, post, put};

/// The interfaces that there are.
const NOW: &str = "nodes/network";

/// Those that there will be, while changes wait.
const NEXT: &str = "nodes/network.new";

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let all = "/nodes/{node}/network";
    let one = "/nodes/{node}/network/{iface}";
    vec![
        get(all, Handler::Read(list)),
        post(all, Handler::Write(create)),
        put(all, Handler::Write(reload)),
        delete(all, Handler::Write(revert)),
        get(one, Handler::Read(read)),
        put(one, Handler::Write(update)),
        delete(one, Handler::Write(remove)),
    ]
}

/// What is to be: with the changes that wait.
fn wanted(world: &World) -> Sections {
    let sections = world.sections.get(NEXT).or_else(|| world.sections.get(NOW));
    sections.cloned().unwrap_or_default()
}

/// An interface as clients see it; one that is not there yet is not active.
fn shown(world: &World, name: &str, interface: &Section) -> Value {
    let mut item = interface.properties.clone();
    item.insert("name".to_owned(), json!(name));
    item.insert("type".to_owned(), json!(interface.kind));
    item.insert(
        "active".to_owned(),
        json!(world.section(NOW, name).is_some()),
    );
    item.entry("autostart").or_insert_with(|| json!(false));
    item.entry("method").or_insert_with(|| json!("manual"));
    for list in ["altnames", "options", "options6"] {
        item.entry(list).or_insert_with(|| json!([]));
    }
    Value::Object(item)
}

fn list(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    let wanted = wanted(world);
    let items = wanted.0.iter().map(|(name, one)| shown(world, name, one));
    let items: Vec<Value> = items.collect();
    let answer = Answer::new(items).with("digest", wanted.digest(Product::Pbs));
    Ok(match changes(world) {
        Some(changes) => answer.with("changes", changes),
        None => answer,
    })
}

fn read(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("iface");
    let wanted = wanted(world);
    let interface = wanted.0.get(name).ok_or_else(|| missing(name))?;
    let digest = wanted.digest(Product::Pbs);
    Ok(Answer::new(shown(world, name, interface)).with("digest", digest))
}

fn missing(name: &str) -> Fault {
    Fault::Failed(format!("interface '{name}' does not exist."))
}

/// The properties that a call sets; lists come as one text.
fn given(call: &Call<'_>) -> Map<String, Value> {
    let mut given = single::given(call);
    given.retain(|name, _| !matches!(name.as_str(), "iface" | "type"));
    for name in ["slaves", "bridge_ports"] {
        if given.contains_key(name) {
            let list = call.arguments.list(name);
            given.insert(
                name.to_owned(),
                list.iter().map(|port| json!(port)).collect(),
            );
        }
    }
    given
}

/// Only one interface leads out (`check_duplicate_gateway_v4`).
fn check_gateway(sections: &Sections, name: &str, given: &Map<String, Value>) -> Result<(), Fault> {
    for key in ["gateway", "gateway6"] {
        let others = sections.0.iter().filter(|(other, _)| *other != name);
        let mut others = others.filter(|(_, one)| one.properties.contains_key(key));
        if let (true, Some((other, _))) = (given.contains_key(key), others.next()) {
            let version = if key == "gateway" { "IPv4" } else { "IPv6" };
            let text = format!("Default {version} gateway already exists on interface '{other}'.");
            return Err(Fault::Failed(text));
        }
    }
    Ok(())
}

fn create(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("iface");
    let mut sections = wanted(world);
    if sections.0.contains_key(name) {
        let text = format!("interface '{name}' already exists");
        return Err(Fault::Failed(text));
    }
    let mut properties = given(call);
    check_gateway(&sections, name, &properties)?;
    let kind = match call.arguments.text("type") {
        Some(kind) => kind,
        None if name.contains('.') || name.starts_with("vlan") => "vlan",
        None => {
            return Err(Fault::parameter(
                "type",
                "Unable to detect interface type from name.",
            ));
        }
    };
    let has_address = properties.contains_key("cidr");
    let method = if has_address { "static" } else { "manual" };
    properties.entry("method").or_insert_with(|| json!(method));
    sections
        .0
        .insert(name.to_owned(), single::section(kind, properties));
    world.sections.insert(NEXT.to_owned(), sections);
    Ok(Answer::default())
}

fn fits(call: &Call<'_>, sections: &Sections) -> Result<(), Fault> {
    match digest::fits(
        call.arguments.text("digest"),
        &sections.digest(Product::Pbs),
    ) {
        true => Ok(()),
        false => Err(Fault::configuration_changed()),
    }
}

fn update(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("iface");
    let mut sections = wanted(world);
    fits(call, &sections)?;
    let given = given(call);
    check_gateway(&sections, name, &given)?;
    let interface = sections.0.get_mut(name).ok_or_else(|| missing(name))?;
    if let Some(kind) = call.arguments.text("type")
        && kind != interface.kind
    {
        let text = format!(
            "got unexpected interface type ({kind} != {})",
            interface.kind
        );
        return Err(Fault::Failed(text));
    }
    for gone in call.arguments.list("delete") {
        interface.properties.shift_remove(&*gone);
    }
    interface.properties.extend(given);
    world.sections.insert(NEXT.to_owned(), sections);
    Ok(Answer::default())
}

fn remove(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("iface");
    let mut sections = wanted(world);
    fits(call, &sections)?;
    if sections.0.remove(name).is_none() {
        return Err(missing(name));
    }
    world.sections.insert(NEXT.to_owned(), sections);
    Ok(Answer::default())
}

fn reload(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let job = Job::new("srvreload", "networking").doing(Effect::ApplyNetwork);
    call.start(world, job)
}

fn revert(world: &mut World, _: &Call<'_>) -> Result<Answer, Fault> {
    world.sections.remove(NEXT);
    Ok(Answer::default())
}

/// The difference between what is and what is to be, as `diff -u` writes it; nothing when there is none.
fn changes(world: &World) -> Option<String> {
    let next = world.sections.get(NEXT)?;
    let now = world.sections.get(NOW).cloned().unwrap_or_default();
    let (old, new) = (written(&now), written(next));
    let same = |pair: &(&String, &String)| pair.0 == pair.1;
    let before = old.iter().zip(&new).take_while(same).count();
    let rest = old.len().min(new.len()).saturating_sub(before);
    let after = old
        .iter()
        .rev()
        .zip(new.iter().rev())
        .take(rest)
        .take_while(same)
        .count();
    let middle = |lines: &[String]| -> Vec<String> {
        let count = lines.len().saturating_sub(before + after);
        lines.iter().skip(before).take(count).cloned().collect()
    };
    let (gone, come) = (middle(&old), middle(&new));
    if gone.is_empty() && come.is_empty() {
        return None;
    }
    let mut text = format!(
        "--- /etc/network/interfaces\n+++ /etc/network/interfaces.new\n@@ -{},{} +{},{} @@\n",
        before + 1,
        gone.len(),
        before + 1,
        come.len()
    );
    for (sign, lines) in [('-', gone), ('+', come)] {
        for line in lines {
            text.push_str(&format!("{sign}{line}\n"));
        }
    }
    Some(text)
}

/// The interfaces in the form of `/etc/network/interfaces`.
fn written(sections: &Sections) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, interface) in &sections.0 {
        let text = |key: &str| interface.properties.get(key).map(plain);
        if interface.properties.get("autostart") == Some(&Value::Bool(true)) {
            lines.push(format!("auto {name}"));
        }
        let method = text("method").unwrap_or_else(|| "manual".to_owned());
        lines.push(format!("iface {name} inet {method}"));
        for (key, word) in [
            ("cidr", "address"),
            ("gateway", "gateway"),
            ("slaves", "bond-slaves"),
            ("bond_mode", "bond-mode"),
            ("bond-primary", "bond-primary"),
            ("bridge_ports", "bridge-ports"),
            ("mtu", "mtu"),
            ("vlan-id", "vlan-id"),
            ("vlan-raw-device", "vlan-raw-device"),
        ] {
            if let Some(value) = text(key) {
                lines.push(format!("\t{word} {value}"));
            }
        }
        lines.push(String::new());
    }
    lines
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}
