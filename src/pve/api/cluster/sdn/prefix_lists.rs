//! Prefix lists, by which routing filters networks, since release 9.2.
//!
//! No public source tells the product's words about duplicates and what is missing: they follow those of fabrics.

use serde_json::{Map, Value};

use super::fabrics::{objects, writable};
use super::pending::{self, Members};
use super::{LOOK, within};
use crate::proxmox::Product;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::property_string::{PropertyString, Spelling};
use crate::proxmox::section::Section;
use crate::pve::world::World;
use crate::routes::Route;
use crate::routes::route::{delete, get, post, put};

/// The members of an entry that are numbers.
const NUMBERS: &[&str] = &["seq", "le", "ge"];
/// The others.
const TEXTS: &[&str] = &["action", "prefix"];

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/cluster/sdn/prefix-lists", Handler::Read(list)),
        post("/cluster/sdn/prefix-lists", Handler::Write(create)),
        get("/cluster/sdn/prefix-lists/{id}", Handler::Read(read)),
        put("/cluster/sdn/prefix-lists/{id}", Handler::Write(update)),
        delete("/cluster/sdn/prefix-lists/{id}", Handler::Write(remove)),
        get(
            "/cluster/sdn/prefix-lists/{id}/entries",
            Handler::Read(entries),
        ),
        post(
            "/cluster/sdn/prefix-lists/{id}/entries",
            Handler::Write(add),
        ),
        get(
            "/cluster/sdn/prefix-lists/{id}/entries/{url_seq}",
            Handler::Read(entry),
        ),
        put(
            "/cluster/sdn/prefix-lists/{id}/entries/{url_seq}",
            Handler::Write(change),
        ),
        delete(
            "/cluster/sdn/prefix-lists/{id}/entries/{url_seq}",
            Handler::Write(take),
        ),
    ]
}

fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (running, written) = (
        &world.sdn.running.prefix_lists,
        &world.sdn.written().prefix_lists,
    );
    let mut seen = pending::seen(call, running, written, members);
    seen.retain(|(id, ..)| call.may_any(world, &format!("/sdn/prefix-lists/{id}"), LOOK));
    if !call.arguments.is_set("verbose") {
        for (.., object) in &mut seen {
            object.shift_remove("entries");
        }
    }
    Ok(Answer::new(objects(seen)))
}

fn read(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let lists = &world.sdn.written().prefix_lists;
    let mut object = members(call.text("id"), existing(world, call)?);
    object.insert("digest".to_owned(), lists.digest(Product::Pve).into());
    Ok(Answer::new(Value::Object(object)))
}

fn create(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = call.text("id");
    let lists = &world.sdn.written().prefix_lists;
    let free = writable(world, call, lists).and_then(|()| match lists.0.contains_key(id) {
        true => Err(Fault::Failed(format!("prefix list '{id}' already exists"))),
        false => Ok(()),
    });
    free.map_err(|fault| within("adding prefix list failed", fault))?;
    let entries = sequenced(
        call.arguments
            .list("entries")
            .iter()
            .map(|text| parsed(text))
            .collect(),
    );
    keep(world, call, entries);
    Ok(Answer::default())
}

fn update(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let known = may_change(world, call);
    let mut list = known.map_err(|fault| within("updating prefix list failed", fault))?;
    if call
        .arguments
        .list("delete")
        .iter()
        .any(|name| name == "entries")
    {
        list.clear();
    }
    if call.arguments.has("entries") {
        list = sequenced(
            call.arguments
                .list("entries")
                .iter()
                .map(|text| parsed(text))
                .collect(),
        );
    }
    keep(world, call, list);
    Ok(Answer::default())
}

fn remove(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let known = may_change(world, call);
    known.map_err(|fault| within("deleting prefix list failed", fault))?;
    world.sdn.write(|written| {
        written.prefix_lists.0.remove(call.text("id"));
    });
    Ok(Answer::default())
}

fn entries(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let list = stored(existing(world, call)?);
    Ok(Answer::new(
        list.into_iter().map(Value::Object).collect::<Value>(),
    ))
}

fn entry(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let list = stored(existing(world, call)?);
    let found = list.into_iter().find(|entry| number(entry) == wanted(call));
    Ok(Answer::new(Value::Object(
        found.ok_or_else(|| no_entry(call))?,
    )))
}

fn add(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let what = "adding prefix list entry failed";
    let mut list = may_change(world, call).map_err(|fault| within(what, fault))?;
    let entry = given(call);
    let taken = number(&entry).filter(|seq| list.iter().any(|known| number(known) == Some(*seq)));
    if let Some(seq) = taken {
        let text = format!("{what}: entry with sequence number {seq} already exists");
        return Err(Fault::Failed(text));
    }
    list.push(entry);
    keep(world, call, sequenced(list));
    Ok(Answer::default())
}

fn change(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let what = "updating prefix list entry failed";
    let mut list = may_change(world, call).map_err(|fault| within(what, fault))?;
    let wanted = wanted(call);
    let set = given(call);
    let moved = number(&set).filter(|seq| Some(*seq) != wanted);
    if let Some(seq) = moved.filter(|seq| list.iter().any(|known| number(known) == Some(*seq))) {
        let text = format!("{what}: entry with sequence number {seq} already exists");
        return Err(Fault::Failed(text));
    }
    let entry = list.iter_mut().find(|entry| number(entry) == wanted);
    let entry = entry.ok_or_else(|| within(what, no_entry(call)))?;
    for name in call.arguments.list("delete") {
        entry.shift_remove(&*name);
    }
    entry.extend(set);
    keep(world, call, sequenced(list));
    Ok(Answer::default())
}

fn take(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let what = "deleting prefix list entry failed";
    let mut list = may_change(world, call).map_err(|fault| within(what, fault))?;
    let at = list.iter().position(|entry| number(entry) == wanted(call));
    list.remove(at.ok_or_else(|| within(what, no_entry(call)))?);
    keep(world, call, list);
    Ok(Answer::default())
}

fn existing<'w>(world: &'w World, call: &Call<'_>) -> Result<&'w Section, Fault> {
    let id = call.text("id");
    let found = world.sdn.written().prefix_lists.0.get(id);
    found.ok_or_else(|| Fault::Failed(format!("prefix list '{id}' does not exist")))
}

/// The entries of the list of the path, where it may be changed.
fn may_change(world: &World, call: &Call<'_>) -> Result<Vec<Members>, Fault> {
    writable(world, call, &world.sdn.written().prefix_lists)?;
    existing(world, call).map(stored)
}

fn keep(world: &mut World, call: &Call<'_>, entries: Vec<Members>) {
    let entries: Vec<Value> = entries.iter().map(printed).collect();
    let mut section = Section::default();
    if !entries.is_empty() {
        section
            .properties
            .insert("entries".to_owned(), entries.into());
    }
    world.sdn.write(|written| {
        written
            .prefix_lists
            .0
            .insert(call.text("id").to_owned(), section);
    });
}

fn members(id: &str, list: &Section) -> Members {
    let mut members = Members::new();
    members.insert("id".to_owned(), id.into());
    members.extend(list.properties.clone());
    members
}

fn no_entry(call: &Call<'_>) -> Fault {
    let (seq, id) = (call.text("url_seq"), call.text("id"));
    Fault::Failed(format!(
        "no entry with sequence number {seq} in prefix list '{id}'"
    ))
}

fn wanted(call: &Call<'_>) -> Option<i64> {
    call.text("url_seq").parse().ok()
}

fn number(entry: &Members) -> Option<i64> {
    entry.get("seq").and_then(Value::as_i64)
}

fn given(call: &Call<'_>) -> Members {
    let given = call.arguments.given().iter();
    let own = given.filter(|(name, _)| is_member(name));
    own.map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn is_member(name: &str) -> bool {
    NUMBERS.contains(&name) || TEXTS.contains(&name)
}

fn stored(list: &Section) -> Vec<Members> {
    let entries = list.properties.get("entries").and_then(Value::as_array);
    let texts = entries.into_iter().flatten().filter_map(Value::as_str);
    texts.map(parsed).collect()
}

fn parsed(text: &str) -> Members {
    let read = PropertyString::parse(text, None, Spelling::Plain).unwrap_or_default();
    let members = read.iter().filter(|(name, _)| is_member(name));
    let members = members.map(|(name, value)| {
        let number = value
            .parse::<i64>()
            .ok()
            .filter(|_| NUMBERS.contains(&name));
        (
            name.to_owned(),
            number.map_or_else(|| value.into(), Value::from),
        )
    });
    members.collect::<Map<_, _>>()
}

fn printed(entry: &Members) -> Value {
    let parts = entry.iter().map(|(name, value)| match value {
        Value::String(text) => format!("{name}={text}"),
        other => format!("{name}={other}"),
    });
    Value::String(parts.collect::<Vec<_>>().join(","))
}

/// In the order of their numbers; one without a number comes five behind the last one, as routing daemons number.
fn sequenced(mut entries: Vec<Members>) -> Vec<Members> {
    let mut last = entries.iter().filter_map(number).max().unwrap_or(0);
    for entry in &mut entries {
        if number(entry).is_none() {
            last = last.saturating_add(5);
            entry.insert("seq".to_owned(), last.into());
        }
    }
    entries.sort_by_key(number);
    entries
}
