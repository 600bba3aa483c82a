//! What rules of a firewall may refer to: aliases and sets, its own and the cluster's.

use serde_json::{Map, Value, json};

use super::{Purpose, level};
use crate::proxmox::Edition;
use crate::proxmox::call::Call;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::section::Sections;
use crate::pve::world::World;
use crate::pve::world::firewall::Level;

pub(super) fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let level = level(world, call, Purpose::Look)?;
    let wanted = call.arguments.text("type");
    let mut list = Vec::new();
    let scoped = call.context.edition != Edition::Pve7;
    let cluster = scoped.then_some("dc");
    match level {
        Level::Guest(_) => {
            add(world, &Level::Cluster, cluster, &mut list);
            networks(world, call, &mut list);
            add(world, &level, scoped.then_some("guest"), &mut list);
        }
        _ => {
            networks(world, call, &mut list);
            add(world, &level, cluster, &mut list);
        }
    }
    list.retain(|reference| wanted.is_none_or(|wanted| reference["type"] == *wanted));
    Ok(Answer::new(Value::Array(list)))
}

fn add(world: &World, level: &Level, scope: Option<&str>, list: &mut Vec<Value>) {
    let kinds = [
        ("ipset", world.ip_sets(level)),
        ("alias", world.aliases(level)),
    ];
    for (kind, sections) in kinds {
        for (name, section) in sections
            .into_iter()
            .flat_map(|sections: &Sections| &sections.0)
        {
            let sign = if kind == "ipset" { "+" } else { "" };
            let mut reference = Map::new();
            reference.insert("type".to_owned(), kind.into());
            reference.insert("name".to_owned(), name.as_str().into());
            reference.insert("ref".to_owned(), format!("{sign}{name}").into());
            if let Some(scope) = scope {
                reference.insert("scope".to_owned(), scope.into());
            }
            if let Some(comment) = section.properties.get("comment") {
                reference.insert("comment".to_owned(), comment.clone());
            }
            list.push(Value::Object(reference));
        }
    }
}

/// The sets that every virtual network brings with it, since 8.3.
fn networks(world: &World, call: &Call<'_>, list: &mut Vec<Value>) {
    if call.context.edition == Edition::Pve7 {
        return;
    }
    for (vnet, zone) in world.sdn.running.vnets_with_zones() {
        let path = format!("/sdn/zones/{zone}/{vnet}");
        if call.may_any(world, &path, &["SDN.Audit", "SDN.Allocate"]) {
            for (name, about) in world.sdn.ip_sets_of(vnet) {
                list.push(json!({
                    "type": "ipset",
                    "name": name,
                    "ref": format!("+{name}"),
                    "scope": "sdn",
                    "comment": about,
                }));
            }
        }
    }
}
