//! `/cluster/ha/rules`: which guests belong where, and which belong together or apart.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::properties::{change, digest_of, expect_digest};
use super::{node_list, nodes, sid};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::pve::world::World;
use crate::pve::world::ha::{Affinity, Rule, Sid};
use crate::pve::world::options::Options;
use crate::routes::Route;
use crate::routes::route::{delete, get, post, put};

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/cluster/ha/rules", Handler::Read(list)),
        post("/cluster/ha/rules", Handler::Write(create)),
        get("/cluster/ha/rules/{rule}", Handler::Read(read)),
        put("/cluster/ha/rules/{rule}", Handler::Write(update)),
        delete("/cluster/ha/rules/{rule}", Handler::Write(remove)),
    ]
}

const OPTIONS: [&str; 3] = ["comment", "disable", "strict"];

/// What is there always.
const FIXED: [&str; 3] = ["resources", "nodes", "affinity"];

fn kind(rule: &Rule) -> &'static str {
    match rule.affinity {
        Affinity::Nodes(_) => "node-affinity",
        Affinity::Together | Affinity::Apart => "resource-affinity",
    }
}

fn members(name: &str, rule: &Rule) -> Map<String, Value> {
    let mut members = rule.options.0.clone();
    let mut set = |name: &str, value: Value| members.insert(name.to_owned(), value);
    set("rule", json!(name));
    set("type", json!(kind(rule)));
    let resources: Vec<_> = rule.resources.iter().map(Sid::to_string).collect();
    set("resources", json!(resources.join(",")));
    match &rule.affinity {
        Affinity::Nodes(nodes) => set("nodes", json!(node_list(nodes))),
        Affinity::Together => set("affinity", json!("positive")),
        Affinity::Apart => set("affinity", json!("negative")),
    };
    members
}

fn digest(world: &World, call: &Call<'_>) -> String {
    let rules = world.ha.rules.iter();
    let entries = rules.map(|(name, rule)| (name.clone(), Value::Object(members(name, rule))));
    digest_of(call, entries)
}

fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let digest = digest(world, call);
    let wanted = call.arguments.text("type");
    let resource = call.arguments.text("resource");
    let resource = resource.map(|text| sid(world, text).ok());
    let rules = world.ha.rules.iter().filter(|(_, rule)| {
        let has = |sid: &Option<Sid>| sid.is_some_and(|sid| rule.resources.contains(&sid));
        wanted.is_none_or(|wanted| wanted == kind(rule)) && resource.as_ref().is_none_or(has)
    });
    let rows = rules.map(|(name, rule)| {
        let mut row = members(name, rule);
        row.insert("digest".to_owned(), json!(digest));
        Value::Object(row)
    });
    Ok(Answer::new(rows.collect::<Value>()))
}

fn known<'a>(world: &'a World, call: &Call<'_>, text: &str) -> Result<&'a Rule, Fault> {
    let name = call.text("rule");
    let rule = world.ha.rules.get(name);
    rule.ok_or_else(|| Fault::Failed(text.replace("{rule}", name)))
}

fn read(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let rule = known(world, call, "no such ha rule '{rule}'")?;
    let mut shown = members(call.text("rule"), rule);
    shown.insert("digest".to_owned(), json!(digest(world, call)));
    Ok(Answer::new(Value::Object(shown)))
}

fn create(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("rule");
    if world.ha.rules.contains_key(name) {
        return Err(Fault::Failed(format!("HA rule '{name}' already defined")));
    }
    let kind = call.text("type");
    let affinity = affinity(world, call, kind)?;
    let missing = match kind {
        "node-affinity" => "nodes",
        _ => "affinity",
    };
    let affinity = affinity.ok_or_else(|| {
        let text = format!("missing value for required option '{missing}'");
        Fault::Failed(text)
    })?;
    let mut rule = Rule {
        affinity,
        resources: resources(world, call)?.unwrap_or_default(),
        options: Options::default(),
    };
    change(call, &mut rule.options.0, &OPTIONS, &FIXED)?;
    expect_sense(name, &rule)?;
    world.ha.rules.insert(name.to_owned(), rule);
    Ok(Answer::default())
}

fn update(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let mut rule = known(world, call, "HA rule '{rule}' does not exist")?.clone();
    expect_digest(call, &digest(world, call))?;
    let name = call.text("rule");
    if call.text("type") != kind(&rule) {
        let text = format!("type of HA rule '{name}' cannot be changed");
        return Err(Fault::parameter("type", text));
    }
    change(call, &mut rule.options.0, &OPTIONS, &FIXED)?;
    if let Some(affinity) = affinity(world, call, kind(&rule))? {
        rule.affinity = affinity;
    }
    if let Some(resources) = resources(world, call)? {
        rule.resources = resources;
    }
    expect_sense(name, &rule)?;
    world.ha.rules.insert(name.to_owned(), rule);
    Ok(Answer::default())
}

fn remove(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    known(world, call, "HA rule '{rule}' does not exist")?;
    world.ha.rules.remove(call.text("rule"));
    Ok(Answer::default())
}

/// What the rule says, if the caller says it; refuses what belongs to the other type of rules.
fn affinity(world: &World, call: &Call<'_>, kind: &str) -> Result<Option<Affinity>, Fault> {
    let foreign: &[&str] = match kind {
        "node-affinity" => &["affinity"],
        _ => &["nodes", "strict"],
    };
    if let Some(name) = foreign.iter().find(|name| call.arguments.has(name)) {
        return Err(Fault::Failed(format!("unexpected property '{name}'")));
    }
    let text = |name: &str| call.arguments.text(name);
    Ok(match kind {
        "node-affinity" => match text("nodes") {
            Some(list) => Some(Affinity::Nodes(nodes(world, list)?)),
            None => None,
        },
        _ => text("affinity").map(|affinity| match affinity {
            "negative" => Affinity::Apart,
            _ => Affinity::Together,
        }),
    })
}

fn resources(world: &World, call: &Call<'_>) -> Result<Option<BTreeSet<Sid>>, Fault> {
    if !call.arguments.has("resources") {
        return Ok(None);
    }
    let mut resources = BTreeSet::new();
    let mut unmanaged = Vec::new();
    for text in call.arguments.list("resources") {
        let found = sid(world, &text).ok();
        match found.filter(|sid| world.ha.resources.contains_key(sid)) {
            Some(sid) => {
                resources.insert(sid);
            }
            None => unmanaged.push(text),
        }
    }
    if unmanaged.is_empty() {
        return Ok(Some(resources));
    }
    let unmanaged = unmanaged.join(", ");
    Err(Fault::Failed(format!(
        "cannot use unmanaged resource(s) {unmanaged}."
    )))
}

/// One resource alone is neither together with nor apart from anything.
fn expect_sense(name: &str, rule: &Rule) -> Result<(), Fault> {
    let alone = rule.resources.len() < 2 && !matches!(rule.affinity, Affinity::Nodes(_));
    if !alone {
        return Ok(());
    }
    let why = "rule is ineffective as there are less than two resources";
    Err(Fault::Failed(format!("Rule '{name}' is invalid.\n{why}")))
}
