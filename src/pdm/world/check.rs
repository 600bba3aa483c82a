//! What must be true of every datacenter manager: names lead somewhere, and its remotes are worlds of their
//! products. A world file is refused by these rules, and every change of a world keeps them.

use super::World;
use super::key;
use super::remote::Behind;
use super::view::Rule;
use crate::contract::Problem;
use crate::proxmox::Edition;
use crate::proxmox::Product;
use crate::proxmox::acl::Subject;
use crate::proxmox::identity::{Identity, UserId};
use crate::proxmox::role::Catalog;
use crate::proxmox::rust_access::REALMS;
use crate::proxmox::world_file::{Report, member};
use crate::{pbs, pve};

/// Everything that is wrong with a world, each in a sentence with its path; nothing is the only good answer.
pub fn invariants(world: &World) -> Vec<String> {
    let mut found: Vec<String> = problems(world)
        .into_iter()
        .map(|Problem { path, message }| format!("{path}: {message}"))
        .collect();
    for (id, remote) in &world.remotes {
        let inner = match &remote.behind {
            Behind::Pve(world) => pve::world::invariants(world),
            Behind::Pbs(world) => pbs::world::invariants(world),
        };
        found.extend(
            inner
                .into_iter()
                .map(|text| format!("remotes.{id}.world.{text}")),
        );
    }
    found
}

/// The same as problems of a world file, without what is inside of remotes: their own reading checks that.
pub(super) fn problems(world: &World) -> Vec<Problem> {
    let mut report = Report::default();
    accounts(world, &mut report);
    remotes(world, &mut report);
    keys(world, &mut report);
    views(world, &mut report);
    for (n, entry) in world.machine.tasks.entries().enumerate() {
        let node = &entry.task.upid.node;
        let known = *node == world.machine.node.name;
        report.expect(
            known,
            format!("tasks.list[{n}].upid"),
            format!("node {node}"),
        );
    }
    for (name, is_empty) in [
        ("datastores", world.machine.datastores.is_empty()),
        ("media", world.machine.media.is_empty()),
    ] {
        if !is_empty {
            report.add(name, "belongs to Backup Server");
        }
    }
    report.into_problems()
}

fn accounts(world: &World, report: &mut Report) {
    let access = &world.machine.access;
    let directory = &access.directory;
    if !directory.users.contains_key(&UserId::root()) {
        report.add("access.users", "root@pam always exists");
    }
    let realms = world.machine.sections.get(REALMS);
    let has_realm = |name: &str| realms.is_some_and(|realms| realms.0.contains_key(name));
    for realm in ["pam", "pdm"] {
        let known = has_realm(realm);
        report.expect(
            known,
            format!("sections[\"{REALMS}\"]"),
            format!("realm {realm}"),
        );
    }
    for user in directory.users.keys() {
        let realm = user.realm();
        let path = format!("access.users[\"{user}\"]");
        report.expect(has_realm(realm), path, format!("realm {realm}"));
    }
    let catalog = Catalog::new(Edition::Pdm);
    for entry in access.acl.entries() {
        let place = format!("access.acl[{:?}]", entry.path);
        let known = catalog.role(entry.role).is_some();
        report.expect(known, &*place, format!("role {}", entry.role));
        match entry.subject {
            Subject::User(user) => {
                report.expect(directory.has_user(user), place, format!("user {user}"));
            }
            Subject::Token(token) => {
                let known = directory.separation(token).is_some();
                report.expect(known, place, format!("token {token}"));
            }
            Subject::Group(group) => report.add(place, format!("there are no groups ({group})")),
        }
    }
}

fn remotes(world: &World, report: &mut Report) {
    for (id, remote) in &world.remotes {
        let path = member("remotes", id);
        let fits = (2..=32).contains(&id.len()) && is_safe(id);
        if !fits {
            report.add(
                &*path,
                "an id has 2 to 32 letters, digits, dots, dashes and underscores",
            );
        }
        if remote.nodes.is_empty() {
            report.add(format!("{path}.nodes"), "there is at least one address");
        }
        if Identity::parse(&remote.authid, Product::Pbs).is_err() {
            report.add(format!("{path}.authid"), "is neither a user nor a token");
        }
    }
}

/// `PROXMOX_SAFE_ID_REGEX` of proxmox-schema.
fn is_safe(text: &str) -> bool {
    let first = text.chars().next();
    let letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    first.is_some_and(letter) && text.chars().all(|c| letter(c) || ".-".contains(c))
}

fn keys(world: &World, report: &mut Report) {
    for (name, known) in &world.subscription_keys {
        let path = member("subscription-keys", name);
        let product = key::product(name);
        if product.is_none() {
            report.add(&*path, "is no key of a subscription");
        }
        if known.remote.is_some() != known.node.is_some() {
            report.add(&*path, "is assigned to a remote and a node, or to neither");
        }
        let Some(remote) = &known.remote else {
            continue;
        };
        let exists = world.remotes.contains_key(remote);
        report.expect(exists, format!("{path}.remote"), format!("remote {remote}"));
    }
}

fn views(world: &World, report: &mut Report) {
    let views = world.machine.sections_of("config/views");
    for (id, view) in views {
        for list in ["include", "exclude"] {
            let rules = view.properties.get(list).and_then(|rules| rules.as_array());
            for rule in rules.into_iter().flatten() {
                if let Err(why) = Rule::parse(rule.as_str().unwrap_or_default()) {
                    report.add(format!("sections[\"config/views\"].{id}.{list}"), why);
                }
            }
        }
    }
}
