//! `/config`: realms, certificates by ACME, notes and views.

use serde_json::{Value, json};

use super::pass::{self, Passed, row};
use crate::pdm::world::World;
use crate::pdm::world::view::Rule;
use crate::proxmox::Product;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::digest;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::section::Section;
use crate::proxmox::state::State;
use crate::routes::Route;
use crate::routes::route::{delete, get, post, put};

/// What is passed on as it is.
pub(super) const PASSED: &[Passed] = &[
    row("GET", "/config/access/ad", "/config/access/ad"),
    row("POST", "/config/access/ad", "/config/access/ad"),
    row(
        "GET",
        "/config/access/ad/{realm}",
        "/config/access/ad/{realm}",
    ),
    row(
        "PUT",
        "/config/access/ad/{realm}",
        "/config/access/ad/{realm}",
    ),
    row(
        "DELETE",
        "/config/access/ad/{realm}",
        "/config/access/ad/{realm}",
    ),
    row("GET", "/config/access/ldap", "/config/access/ldap"),
    row("POST", "/config/access/ldap", "/config/access/ldap"),
    row(
        "GET",
        "/config/access/ldap/{realm}",
        "/config/access/ldap/{realm}",
    ),
    row(
        "PUT",
        "/config/access/ldap/{realm}",
        "/config/access/ldap/{realm}",
    ),
    row(
        "DELETE",
        "/config/access/ldap/{realm}",
        "/config/access/ldap/{realm}",
    ),
    row("GET", "/config/access/openid", "/config/access/openid"),
    row("POST", "/config/access/openid", "/config/access/openid"),
    row(
        "GET",
        "/config/access/openid/{realm}",
        "/config/access/openid/{realm}",
    ),
    row(
        "PUT",
        "/config/access/openid/{realm}",
        "/config/access/openid/{realm}",
    ),
    row(
        "DELETE",
        "/config/access/openid/{realm}",
        "/config/access/openid/{realm}",
    ),
    row(
        "GET",
        "/config/access/tfa/webauthn",
        "/config/access/tfa/webauthn",
    ),
    row(
        "PUT",
        "/config/access/tfa/webauthn",
        "/config/access/tfa/webauthn",
    ),
    row("GET", "/config/acme/account", "/config/acme/account"),
    row("POST", "/config/acme/account", "/config/acme/account"),
    row(
        "GET",
        "/config/acme/account/{name}",
        "/config/acme/account/{name}",
    ),
    row(
        "PUT",
        "/config/acme/account/{name}",
        "/config/acme/account/{name}",
    ),
    row(
        "DELETE",
        "/config/acme/account/{name}",
        "/config/acme/account/{name}",
    ),
    row(
        "GET",
        "/config/acme/challenge-schema",
        "/config/acme/challenge-schema",
    ),
    row(
        "GET",
        "/config/acme/directories",
        "/config/acme/directories",
    ),
    row("GET", "/config/acme/plugins", "/config/acme/plugins"),
    row("POST", "/config/acme/plugins", "/config/acme/plugins"),
    row(
        "GET",
        "/config/acme/plugins/{id}",
        "/config/acme/plugins/{id}",
    ),
    row(
        "PUT",
        "/config/acme/plugins/{id}",
        "/config/acme/plugins/{id}",
    ),
    row(
        "DELETE",
        "/config/acme/plugins/{id}",
        "/config/acme/plugins/{id}",
    ),
    row("GET", "/config/acme/tos", "/config/acme/tos"),
    // What a machine does with ACME is part of its configuration in Backup Server.
    row("GET", "/config/certificate", "/nodes/localhost/config"),
    row("PUT", "/config/certificate", "/nodes/localhost/config"),
];

/// Where views are kept.
const VIEWS: &str = "config/views";

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let mut routes = pass::to_machine(PASSED);
    routes.extend([
        get("/config/notes", Handler::Read(notes)),
        put("/config/notes", Handler::Write(note)),
        get("/config/views", Handler::Read(views)),
        post("/config/views", Handler::Write(add_view)),
        get("/config/views/{id}", Handler::Read(view)),
        put("/config/views/{id}", Handler::Write(change_view)),
        delete("/config/views/{id}", Handler::Write(drop_view)),
    ]);
    routes
}

fn notes(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    let digest = digest::of_text(Product::Pdm, &world.notes);
    Ok(Answer::new(world.notes.clone()).with("digest", digest))
}

fn note(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let present = digest::of_text(Product::Pdm, &world.notes);
    if !digest::fits(call.arguments.text("digest"), &present) {
        return Err(Fault::configuration_changed());
    }
    call.text("notes").clone_into(&mut world.notes);
    Ok(Answer::default())
}

fn digest_of_views(world: &World) -> String {
    let sections = world.sections(VIEWS).cloned().unwrap_or_default();
    sections.digest(Product::Pdm)
}

fn unchanged(world: &World, call: &Call<'_>) -> Result<(), Fault> {
    match digest::fits(call.arguments.text("digest"), &digest_of_views(world)) {
        true => Ok(()),
        false => Err(Fault::configuration_changed()),
    }
}

/// The views that the caller may look at.
fn views(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let views = world.machine.sections_of(VIEWS);
    let privileges = ["Resource.Audit", "Resource.Modify"];
    let seen = views.filter(|(id, _)| call.may_any(world, &format!("/view/{id}"), &privileges));
    let items: Vec<Value> = seen.map(|(id, view)| shown(id, view)).collect();
    Ok(Answer::new(items).with("digest", digest_of_views(world)))
}

fn shown(id: &str, view: &Section) -> Value {
    let mut item = json!({"id": id});
    for (name, value) in &view.properties {
        let is_empty = value.as_array().is_some_and(Vec::is_empty) || value == "";
        if !is_empty {
            item[name.as_str()] = value.clone();
        }
    }
    item
}

fn no_such_view(id: &str) -> Fault {
    Fault::NotFound(format!("no such view '{id}'"))
}

fn view(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = call.text("id");
    let view = world.machine.section(VIEWS, id);
    let view = view.ok_or_else(|| no_such_view(id))?;
    Ok(Answer::new(shown(id, view)).with("digest", digest_of_views(world)))
}

/// What a call says about a view, its rules and layout looked at.
fn given(call: &Call<'_>) -> Result<Vec<(String, Value)>, Fault> {
    for name in ["include", "exclude"] {
        for rule in call.arguments.list(name) {
            let read = Rule::parse(&rule);
            read.map_err(|why| Fault::parameter(&format!("{name}/[0]"), why))?;
        }
    }
    let layout = call.text("layout");
    if !layout.is_empty()
        && let Err(error) = serde_json::from_str::<Value>(layout)
    {
        let text = format!("layout is not valid: '{error}'");
        return Err(Fault::parameter("layout", text));
    }
    let kept = ["include", "exclude", "include-all", "layout"];
    let given = call.arguments.given().iter();
    let given = given.filter(|(name, _)| kept.contains(&name.as_str()));
    Ok(given
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect())
}

fn add_view(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    unchanged(world, call)?;
    let id = call.text("id").to_owned();
    let properties = given(call)?;
    let views = world.sections_mut(VIEWS);
    if views.0.contains_key(&id) {
        return Err(Fault::entry_exists("id", "view", &id));
    }
    let view = Section {
        kind: "view".to_owned(),
        properties: properties.into_iter().collect(),
    };
    views.0.insert(id, view);
    Ok(Answer::default())
}

fn change_view(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    unchanged(world, call)?;
    let properties = given(call)?;
    let id = call.text("id");
    let view = world.sections_mut(VIEWS).0.get_mut(id);
    let view = view.ok_or_else(|| no_such_view(id))?;
    for name in call.arguments.list("delete") {
        view.properties.shift_remove(&*name);
    }
    view.properties.extend(properties);
    Ok(Answer::default())
}

fn drop_view(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    unchanged(world, call)?;
    let id = call.text("id");
    match world.sections_mut(VIEWS).0.remove(id) {
        Some(_) => Ok(Answer::default()),
        None => Err(Fault::does_not_exist("view", id)),
    }
}
