//! `/config/remote`: other backup servers, and what they hold.

use serde_json::{Value, json};

use crate::pbs::api::admin::group_shown;
use crate::pbs::api::single;
use crate::pbs::world::World;
use crate::pbs::world::content::Content;
use crate::pbs::world::ids::Namespace;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::routes::Route;
use crate::routes::route::{delete, get};

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let scan = "/config/remote/{name}/scan";
    vec![
        delete("/config/remote/{name}", Handler::Write(remove)),
        delete("/config/s3/{id}", Handler::Write(remove_s3)),
        get("/config/s3/{id}/list-buckets", Handler::Read(buckets)),
        get(scan, Handler::Read(stores)),
        get(
            "/config/remote/{name}/scan/{store}/groups",
            Handler::Read(groups),
        ),
        get(
            "/config/remote/{name}/scan/{store}/namespaces",
            Handler::Read(namespaces),
        ),
    ]
}

/// A remote that a job needs stays.
fn remove(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("name");
    single::fits(world, call, "config/remote")?;
    for (id, job) in world.sections_of("config/sync") {
        if job.properties.get("remote") == Some(&json!(name)) {
            let store = job.properties.get("store").and_then(Value::as_str);
            let store = store.unwrap_or_default();
            let text = format!("remote '{name}' is used by sync job '{id}' (datastore '{store}')");
            return Err(Fault::parameter("name", text));
        }
    }
    let remotes = world.sections.get_mut("config/remote");
    if remotes.and_then(|remotes| remotes.0.remove(name)).is_none() {
        return Err(Fault::does_not_exist("remote", name));
    }
    world.remotes.remove(name);
    Ok(Answer::default())
}

/// So does an object store under a datastore.
fn remove_s3(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = call.text("id");
    single::fits(world, call, "config/s3")?;
    let uses = |backend: &str| {
        backend
            .split(',')
            .any(|part| part == format!("client={id}"))
    };
    for (name, store) in &world.datastores {
        if store.options.text("backend").is_some_and(uses) {
            let text = format!("s3 client config '{id}' in use by datastore '{name}'");
            return Err(Fault::Failed(text));
        }
    }
    let clients = world.sections.get_mut("config/s3");
    if clients.and_then(|clients| clients.0.remove(id)).is_none() {
        return Err(Fault::NotFound(format!(
            "s3 client config '{id}' does not exist."
        )));
    }
    Ok(Answer::default())
}

fn buckets(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = call.text("id");
    match world.section("config/s3", id) {
        Some(_) => Ok(Answer::new(json!([{"name": "backups"}]))),
        None => Err(Fault::no_such_entry("s3client", id)),
    }
}

/// The datastores of a remote; one of which the world knows nothing does not answer.
fn reached<'w>(
    world: &'w World,
    call: &Call<'_>,
) -> Result<&'w std::collections::BTreeMap<String, Content>, Fault> {
    let name = call.text("name");
    let remote = world.section("config/remote", name);
    let remote = remote.ok_or_else(|| Fault::no_such_entry("remote", name))?;
    world.remotes.get(name).ok_or_else(|| {
        let host = remote.properties.get("host").and_then(Value::as_str);
        let host = host.unwrap_or_default();
        let why = "Connection refused (os error 111)";
        // From memory: the error of the client that connects, behind the remote's name.
        let text = format!(
            "remote connection to '{name}' failed - error trying to connect: {why} ({host})"
        );
        Fault::Failed(text)
    })
}

fn stores(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let stores = reached(world, call)?.keys();
    let items = stores.map(|name| json!({"store": name, "mount-status": "nonremovable"}));
    Ok(Answer::new(items.collect::<Vec<_>>()))
}

fn store<'w>(world: &'w World, call: &Call<'_>) -> Result<&'w Content, Fault> {
    let name = call.text("store");
    let found = reached(world, call)?.get(name);
    found.ok_or_else(|| Fault::no_such_entry("datastore", name))
}

fn groups(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let space = call.text("namespace").parse::<Namespace>();
    let space = space.map_err(|bad| Fault::parameter("namespace", bad.to_string()))?;
    let content = store(world, call)?.0.get(&space);
    let content =
        content.ok_or_else(|| Fault::Failed("ENOENT: No such file or directory".to_owned()))?;
    let groups = content.groups.iter();
    Ok(Answer::new(
        groups
            .map(|(id, group)| group_shown(id, group))
            .collect::<Vec<_>>(),
    ))
}

fn namespaces(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let spaces = store(world, call)?.0.iter();
    let items = spaces.map(|(name, space)| {
        let mut item = json!({"ns": name.as_str()});
        if let Some(comment) = &space.comment {
            item["comment"] = json!(comment);
        }
        item
    });
    Ok(Answer::new(items.collect::<Vec<_>>()))
}
