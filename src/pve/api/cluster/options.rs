//! `/cluster/options`: what is set for the whole datacenter.
//!
//! The file keeps property strings; whoever reads the options gets most of them taken apart, because the product
//! takes them apart when it reads the file (`PVE::DataCenterConfig`).

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::proxmox::arguments::split_list;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::property_string::{PropertyString, Spelling};
use crate::pve::api::nodes::guest::rights::Tags;
use crate::pve::world::World;
use crate::routes::Route;
use crate::routes::route::{get, put};

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/cluster/options", Handler::Read(read)),
        put("/cluster/options", Handler::Write(change)),
    ]
}

/// The property strings that are taken apart, with the key that may go without its name.
const TAKEN_APART: [(&str, Option<&str>); 11] = [
    ("crs", None),
    ("ha", None),
    ("location", None),
    ("migration", Some("type")),
    ("next-id", None),
    ("notify", None),
    ("replication", Some("type")),
    ("tag-style", None),
    ("u2f", None),
    ("user-tag-access", None),
    ("webauthn", None),
];

/// What everybody may see.
const PUBLIC: [&str; 4] = ["console", "tag-style", "location", "consent-text"];

fn read(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let auditor = call.may(world, "/", &["Sys.Audit"]);
    let options = world.cluster.options.0.iter();
    let visible = options.filter(|(name, _)| auditor || PUBLIC.contains(&name.as_str()));
    let mut shown: Map<_, _> = visible
        .map(|(name, value)| (name.clone(), taken_apart(name, value)))
        .collect();
    let tags = Tags::of(world, call).allowed;
    shown.insert("allowed-tags".to_owned(), json!(tags));
    Ok(Answer::new(Value::Object(shown)))
}

fn taken_apart(name: &str, value: &Value) -> Value {
    let Value::String(text) = value else {
        return value.clone();
    };
    if name == "registered-tags" {
        let tags: BTreeSet<_> = split_list(text).collect();
        return json!(tags);
    }
    let Some((_, default)) = TAKEN_APART.iter().find(|(known, _)| *known == name) else {
        return value.clone();
    };
    let Ok(read) = PropertyString::parse(text, *default, Spelling::Plain) else {
        return value.clone();
    };
    let members = read.iter().map(|(key, value)| {
        let value = match key {
            "user-allow-list" => split_list(value).collect(),
            _ => json!(value),
        };
        (key.to_owned(), value)
    });
    Value::Object(members.collect())
}

fn change(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    if let Some(range) = call.arguments.property_string("next-id") {
        let end = |name: &str, default: i64| range[name].as_i64().unwrap_or(default);
        if end("lower", 100) >= end("upper", 1_000_000) {
            // From memory of `PVE::API2::Cluster`.
            let text = "lower limit must be smaller than upper limit";
            return Err(Fault::parameter("next-id", text));
        }
    }
    let options = &mut world.cluster.options.0;
    for (name, value) in call.arguments.given() {
        let value = match (name.as_str(), value) {
            ("delete", _) => continue,
            // It is kept as lines of a comment, of which nothing has none.
            ("description", Value::String(text)) if text.is_empty() => {
                options.shift_remove(name);
                continue;
            }
            ("description", Value::String(text)) if !text.ends_with('\n') => {
                json!(format!("{text}\n"))
            }
            _ => value.clone(),
        };
        options.insert(name.clone(), value);
    }
    for name in call.arguments.list("delete") {
        options.shift_remove(&*name);
    }
    Ok(Answer::default())
}
