//! `/resources`: everything there is, whichever remote has it.

pub(super) mod rows;

pub(super) mod filter;

mod status;

mod top;

mod search;

pub(super) mod subscription;

use serde_json::{Value, json};

use super::relay::{self, Ask};
use crate::pdm::world::World;
use crate::pdm::world::remote::{Kind, Remote};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::routes::Route;
use crate::routes::route::get;

use search::Search;

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let mut routes = vec![
        get("/resources/list", Handler::Read(list)),
        get("/resources/location-info", Handler::Read(locations)),
    ];
    routes.extend(status::routes());
    routes.extend(top::routes());
    routes.extend(subscription::routes());
    routes
}

/// A remote with its resources, or why there are none.
pub(super) struct Group<'w> {
    pub(super) id: &'w str,
    pub(super) remote: &'w Remote,
    pub(super) rows: Vec<Value>,
    pub(super) error: Option<String>,
}

fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let search = Search::parse(call.text("search"));
    let groups = groups(world, call, &search, call.arguments.text("resource-type"))?;
    let items = groups.into_iter().map(|group| {
        let mut item = json!({"remote": group.id, "resources": group.rows});
        if let Some(error) = group.error {
            item["error"] = json!(error);
        }
        item
    });
    Ok(Answer::new(items.collect::<Vec<_>>()))
}

/// What the caller may see, a search finds and a view shows (`get_resources_impl`).
pub(super) fn groups<'w>(
    world: &'w World,
    call: &Call<'_>,
    search: &Search,
    kind: Option<&str>,
) -> Result<Vec<Group<'w>>, Fault> {
    let view = filter::view(world, call)?;
    if view.is_none() {
        filter::sees_anything(world, call)?;
    }
    let view = match (view, search.view()) {
        (None, Some(named)) => Some(filter::named(world, named)?),
        (view, _) => view,
    };
    let only_remotes = search.wants_remotes_only();
    let mut groups = Vec::new();
    for (id, remote) in &world.remotes {
        let in_view = match &view {
            Some(view) => !view.skips(id),
            None => super::remotes::audits(world, call, id),
        };
        if !in_view || !search.takes_kind(remote.kind()) {
            continue;
        }
        let (mut rows, error) = match of_remote(id, remote, call) {
            Ok(rows) => (rows, None),
            Err(error) => (Vec::new(), Some(error)),
        };
        if only_remotes {
            rows.clear();
        }
        rows.retain(|row| {
            kind.is_none_or(|kind| rows::kind(row) == kind) && search.takes_row(id, row)
        });
        let takes_remote = || search.takes_remote(id, remote.kind(), error.is_none());
        if rows.is_empty() && !search.is_empty() && !takes_remote() {
            continue;
        }
        if let Some(view) = &view {
            rows.retain(|row| view.shows(rows::traits(id, row)));
            if rows.is_empty() && !(error.is_some() && view.names(id)) {
                continue;
            }
        }
        groups.push(Group {
            id,
            remote,
            rows,
            error,
        });
    }
    Ok(groups)
}

/// The resources of a remote, or why it does not tell.
fn of_remote(id: &str, remote: &Remote, call: &Call<'_>) -> Result<Vec<Value>, String> {
    if let Some(why) = remote.trouble() {
        return Err(why.to_owned());
    }
    let rows = match remote.kind() {
        Kind::Pve => relay::list(remote, call, Ask::get("/cluster/resources")).map(|found| {
            let rows = found.iter().filter_map(|row| rows::of_cluster(id, row));
            rows.collect()
        }),
        Kind::Pbs => rows::of_server(id, remote, call),
    };
    rows.map_err(|fault| match fault {
        Fault::Failed(text) => text,
        other => format!("{other:?}"),
    })
}

/// Where the machines stand, as clusters tell it: by remote, and by node there.
fn locations(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let view = filter::view(world, call)?;
    let mut found = serde_json::Map::new();
    for (id, remote) in &world.remotes {
        let in_view = match &view {
            Some(view) => !view.skips(id),
            None => super::remotes::audits(world, call, id),
        };
        if !in_view || remote.kind() != Kind::Pve || remote.trouble().is_some() {
            continue;
        }
        let options = relay::look(remote, call, Ask::get("/cluster/options"))?.data;
        if let Some(location) = options.get("location") {
            found.insert(id.clone(), json!({"cluster": location, "nodes": {}}));
        }
    }
    Ok(Answer::new(Value::Object(found)))
}
