//! `/nodes/{node}/apt`: packages, what is newer, and where they come from.

use serde_json::{Map, Value, json};

use crate::pbs::api::single;
use crate::pbs::world::World;
use crate::pbs::world::node::Package;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::work::Job;
use crate::routes::Route;
use crate::routes::route::{get, post, put};

/// Which of the product's repositories are set up, by handle, each with `enabled`; without any, the one that the
/// installation leaves behind.
const REPOSITORIES: &str = "nodes/apt/repositories";

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let repositories = "/nodes/{node}/apt/repositories";
    vec![
        get("/nodes/{node}/apt/update", Handler::Read(updates)),
        post("/nodes/{node}/apt/update", Handler::Write(refresh)),
        get("/nodes/{node}/apt/versions", Handler::Read(versions)),
        get("/nodes/{node}/apt/changelog", Handler::Read(changelog)),
        get(repositories, Handler::Read(list)),
        put(repositories, Handler::Write(add)),
        post(repositories, Handler::Write(change)),
    ]
}

fn shown(name: &str, package: &Package) -> Value {
    json!({
        "Package": name,
        "Title": package.title,
        "Description": package.title,
        "Arch": "amd64",
        "Version": package.update.as_ref().unwrap_or(&package.version),
        "OldVersion": package.version,
        "Origin": "Proxmox",
        "Priority": "optional",
        "Section": "admin",
    })
}

fn updates(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    let packages = world.node.packages.iter();
    let newer = packages.filter(|(_, package)| package.update.is_some());
    Ok(Answer::new(
        newer
            .map(|(name, one)| shown(name, one))
            .collect::<Vec<_>>(),
    ))
}

fn refresh(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let mut job = Job::new("aptupdate", "");
    if !call.arguments.is_set("quiet") {
        job = job.saying("starting apt-get update");
    }
    if call.arguments.is_set("notify") {
        job = job.saying("sending notification mail about available updates");
    }
    call.start(world, job)
}

/// The packages of the product, the most important ones first as the product sorts them.
fn versions(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    let rank = |name: &str| match name {
        "proxmox-backup" => 0,
        "proxmox-backup-server" => 1,
        _ => 2,
    };
    let mut packages: Vec<_> = world.node.packages.iter().collect();
    packages.sort_by_key(|(name, _)| rank(name));
    let items = packages.into_iter().map(|(name, package)| {
        let installed = Package {
            update: None,
            ..package.clone()
        };
        let mut item = shown(name, &installed);
        if name == "proxmox-backup" {
            item["ExtraInfo"] = json!("running kernel: 6.17.4-1-pve");
        }
        if name == "proxmox-backup-server" {
            item["ExtraInfo"] = json!(format!("running version: {}", package.version));
        }
        item
    });
    Ok(Answer::new(items.collect::<Vec<_>>()))
}

fn changelog(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("name");
    let Some(package) = world.node.packages.get(name) else {
        let text = format!("could not find a version for package '{name}'");
        return Err(Fault::Failed(text));
    };
    let newest = package.update.as_ref().unwrap_or(&package.version);
    let version = call.arguments.text("version").unwrap_or(newest);
    Ok(Answer::new(format!(
        "{name} ({version}) trixie; urgency=medium\n\n  * fix what was wrong with the version before\n\n \
         -- Proxmox Support Team <support@proxmox.com>  Wed, 03 Dec 2025 16:12:44 +0100\n"
    )))
}

/// A repository of the product.
struct Standard {
    handle: &'static str,
    name: &'static str,
    description: &'static str,
    component: &'static str,
    server: &'static str,
}

const STANDARD: &[Standard] = &[
    Standard {
        handle: "enterprise",
        name: "Enterprise",
        description: "This is the default, stable, and recommended repository, available for all Proxmox subscription users.",
        component: "pbs-enterprise",
        server: "https://enterprise.proxmox.com/debian/pbs",
    },
    Standard {
        handle: "no-subscription",
        name: "No-Subscription",
        description: "This is the recommended repository for testing and non-production use.",
        component: "pbs-no-subscription",
        server: "http://download.proxmox.com/debian/pbs",
    },
    Standard {
        handle: "test",
        name: "Test",
        description: "This repository contains the latest packages and is primarily used for test labs and by developers.",
        component: "pbs-test",
        server: "http://download.proxmox.com/debian/pbs",
    },
];

const DEBIAN: &str = "/etc/apt/sources.list.d/debian.sources";

const PRODUCT: &str = "/etc/apt/sources.list.d/proxmox.sources";

/// Whether a repository is set up and switched on; nothing when it is not set up.
fn status(world: &World, handle: &str) -> Option<bool> {
    match world.section(REPOSITORIES, handle) {
        Some(one) => Some(one.properties.get("enabled") != Some(&Value::Bool(false))),
        None => {
            let is_untouched = world.sections_of(REPOSITORIES).next().is_none();
            (is_untouched && handle == "enterprise").then_some(true)
        }
    }
}

fn repository(component: &[&str], suites: &[&str], server: &str, enabled: bool) -> Value {
    json!({
        "Types": ["deb"],
        "URIs": [server],
        "Suites": suites,
        "Components": component,
        "Enabled": enabled,
        "FileType": "sources",
    })
}

fn set_up(world: &World) -> Vec<(&'static Standard, bool)> {
    let all = STANDARD.iter();
    all.filter_map(|one| Some((one, status(world, one.handle)?)))
        .collect()
}

fn list(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    let digest = single::digest_of(world, REPOSITORIES);
    let own: Vec<Value> = set_up(world)
        .iter()
        .map(|(one, enabled)| repository(&[one.component], &["trixie"], one.server, *enabled))
        .collect();
    let debian = repository(
        &["main", "contrib"],
        &["trixie", "trixie-updates"],
        "http://deb.debian.org/debian",
        true,
    );
    let standard = STANDARD.iter().map(|one| {
        let mut item =
            json!({"handle": one.handle, "name": one.name, "description": one.description});
        if let Some(enabled) = status(world, one.handle) {
            item["status"] = json!(enabled);
        }
        item
    });
    let standard: Vec<Value> = standard.collect();
    let origins = own.iter().enumerate().map(|(index, _)| {
        json!({"path": PRODUCT, "index": index, "kind": "origin", "message": "Proxmox"})
    });
    let infos: Vec<Value> =
        [json!({"path": DEBIAN, "index": 0, "kind": "origin", "message": "Debian"})]
            .into_iter()
            .chain(origins)
            .collect();
    Ok(Answer::new(json!({
        "digest": digest,
        "errors": [],
        "infos": infos,
        "standard-repos": standard,
        "files": [
            {"path": DEBIAN, "file-type": "sources", "repositories": [debian]},
            {"path": PRODUCT, "file-type": "sources", "repositories": own},
        ],
    })))
}

fn set(world: &mut World, handle: &str, enabled: bool) {
    for (one, enabled) in set_up(world) {
        let repositories = world.sections.entry(REPOSITORIES.to_owned()).or_default();
        let section = repositories.0.entry(one.handle.to_owned()).or_default();
        section
            .properties
            .insert("enabled".to_owned(), json!(enabled));
    }
    let repositories = world.sections.entry(REPOSITORIES.to_owned()).or_default();
    let mut properties = Map::new();
    properties.insert("enabled".to_owned(), json!(enabled));
    repositories
        .0
        .insert(handle.to_owned(), single::section("", properties));
}

/// Sets up one of the product's repositories; one that is there is switched on.
fn add(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    single::fits(world, call, REPOSITORIES)?;
    let handle = call.text("handle").to_owned();
    set(world, &handle, true);
    Ok(Answer::default())
}

/// Switches the repository at a place of a file on or off.
fn change(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    single::fits(world, call, REPOSITORIES)?;
    let (path, index) = (
        call.text("path"),
        call.arguments.integer("index").unwrap_or(-1),
    );
    if path != DEBIAN && path != PRODUCT {
        return Err(Fault::Failed(format!("invalid path: {path}")));
    }
    let place = usize::try_from(index).unwrap_or(usize::MAX);
    let known = set_up(world);
    let handle = match (path == PRODUCT, known.get(place)) {
        (true, Some((one, _))) => one.handle,
        (false, _) if place == 0 => return Ok(Answer::default()),
        _ => return Err(Fault::Failed(format!("invalid index: {index}"))),
    };
    if let Some(enabled) = call.arguments.boolean("enabled") {
        set(world, handle, enabled);
    }
    Ok(Answer::default())
}
