//! What zones, networks, subnets, controllers and helpers have in common: they are sections with a type, whose
//! options depend on it.

use serde_json::{Map, Value};

use super::pending::{self, Seen};
use super::{LOOK, demand_any, unlocked, within};
use crate::proxmox::Product;
use crate::proxmox::arguments::split_list;
use crate::proxmox::call::Call;
use crate::proxmox::digest;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::section::{Section, Sections, drop_empty};
use crate::pve::world::World;
use crate::pve::world::sdn::{Sdn, View};

/// Whether an object of a type must say something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// It must, always.
    Required,
    /// It may.
    Optional,
}

/// The options of a type.
pub(super) type Options = &'static [(&'static str, Need)];

/// A kind of objects.
pub(super) trait Object {
    /// What the product calls it in its messages: `zone`.
    const WHAT: &'static str;
    /// The parameter that is its id.
    const ID: &'static str;

    /// Its objects in a state.
    fn of(sdn: &Sdn, view: View) -> &Sections;
    /// Changes those that are written.
    fn write(sdn: &mut Sdn, change: impl FnOnce(&mut Sections));
    /// The options of a type; nothing for a type that does not exist.
    fn options(kind: &str) -> Options;
    /// What is said of one that does not exist.
    fn missing(id: &str) -> String;
    /// The path of the rights on it.
    fn path(world: &World, id: &str, section: &Section) -> String;

    /// The id of a new one.
    fn new_id(_: &World, call: &Call<'_>) -> String {
        call.text(Self::ID).to_owned()
    }
    /// Whether the path of a call leads to it, where it is below another object.
    fn is_below(_: &Call<'_>, _: &Section) -> bool {
        true
    }
    /// Refuses before anything else: the rights that the contract leaves to the handler.
    fn admit(_: &World, _: &Call<'_>) -> Result<(), Fault> {
        Ok(())
    }
    /// Refuses what does not fit the other objects, and fills in what was left open.
    fn settle(
        _: &World,
        _: &Call<'_>,
        _: &str,
        _: &mut Section,
        _: Option<&Section>,
    ) -> Result<(), Fault> {
        Ok(())
    }
    /// Refuses the end of one that others need.
    fn release(_: &World, _: &str) -> Result<(), Fault> {
        Ok(())
    }
    /// What else happens when one was written, or is gone.
    fn follow(_: &mut World, _: &str) {}
    /// Adds what clients see besides.
    fn dress(_: &str, _: &mut Map<String, Value>) {}
}

pub(super) fn list<O: Object>(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    O::admit(world, call)?;
    let kind = call.arguments.text("type");
    let list = all::<O>(world, call);
    let seen = list.into_iter().filter(|(id, section, _)| {
        let path = O::path(world, id, section);
        O::is_below(call, section)
            && kind.is_none_or(|kind| kind == section.kind)
            && call.may_any(world, &path, LOOK)
    });
    let list: Value = seen.map(|(.., object)| Value::Object(object)).collect();
    Ok(Answer::new(list))
}

pub(super) fn read<O: Object>(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    O::admit(world, call)?;
    let wanted = call.text(O::ID);
    let mut list = all::<O>(world, call).into_iter();
    let found = list.find(|(id, ..)| id == wanted);
    let (id, section, object) = found.ok_or_else(|| Fault::Failed(O::missing(wanted)))?;
    if !O::is_below(call, &section) {
        return Err(Fault::parameter("vnet", "wrong vnet"));
    }
    demand_any(world, call, &O::path(world, &id, &section), LOOK)?;
    Ok(Answer::new(Value::Object(object)))
}

pub(super) fn create<O: Object>(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    O::admit(world, call)?;
    let id = O::new_id(world, call);
    let made = made::<O>(world, call, &id);
    let what = format!("create sdn {} object failed", O::WHAT);
    let section = made.map_err(|fault| within(&what, fault))?;
    keep::<O>(world, &id, Some(section));
    Ok(Answer::default())
}

pub(super) fn update<O: Object>(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    O::admit(world, call)?;
    let id = call.text(O::ID).to_owned();
    let changed = changed::<O>(world, call, &id);
    let what = format!("update sdn {} object failed", O::WHAT);
    let section = changed.map_err(|fault| within(&what, fault))?;
    keep::<O>(world, &id, Some(section));
    Ok(Answer::default())
}

pub(super) fn remove<O: Object>(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    O::admit(world, call)?;
    let id = call.text(O::ID).to_owned();
    let free = unlocked(world, call)
        .and_then(|()| known::<O>(world, call, &id))
        .and_then(|_| O::release(world, &id));
    let what = format!("delete sdn {} object failed", O::WHAT);
    free.map_err(|fault| within(&what, fault))?;
    keep::<O>(world, &id, None);
    Ok(Answer::default())
}

fn keep<O: Object>(world: &mut World, id: &str, section: Option<Section>) {
    O::write(&mut world.sdn, |sections| {
        match section {
            Some(mut section) => {
                drop_empty(&mut section.properties);
                sections.0.insert(id.to_owned(), section)
            }
            None => sections.0.remove(id),
        };
    });
    O::follow(world, id);
}

fn made<O: Object>(world: &World, call: &Call<'_>, id: &str) -> Result<Section, Fault> {
    unlocked(world, call)?;
    let kind = call.arguments.text("type").unwrap_or(O::WHAT);
    let mut section = Section {
        kind: kind.to_owned(),
        properties: given::<O>(call),
    };
    let options = O::options(kind);
    expected(options, &section.properties)?;
    for (name, need) in options {
        if *need == Need::Required && !section.properties.contains_key(*name) {
            let text = format!("missing value for required option '{name}'");
            return Err(Fault::Failed(text));
        }
    }
    if O::of(&world.sdn, View::Written).0.contains_key(id) {
        let text = format!("sdn {} object ID '{id}' already defined", O::WHAT);
        return Err(Fault::Failed(text));
    }
    O::settle(world, call, id, &mut section, None)?;
    Ok(section)
}

fn changed<O: Object>(world: &World, call: &Call<'_>, id: &str) -> Result<Section, Fault> {
    unlocked(world, call)?;
    let sections = O::of(&world.sdn, View::Written);
    if !digest::fits(
        call.arguments.text("digest"),
        &sections.digest(Product::Pve),
    ) {
        return Err(Fault::configuration_changed());
    }
    let before = known::<O>(world, call, id)?;
    let mut section = before.clone();
    let set = given::<O>(call);
    let options = O::options(&section.kind);
    expected(options, &set)?;
    for name in split_list(call.arguments.text("delete").unwrap_or_default()) {
        deletable(options, name, &set)?;
        section.properties.shift_remove(name);
    }
    section.properties.extend(set);
    O::settle(world, call, id, &mut section, Some(before))?;
    Ok(section)
}

/// The object of that id, as it is written.
fn known<'w, O: Object>(world: &'w World, call: &Call<'_>, id: &str) -> Result<&'w Section, Fault> {
    let found = O::of(&world.sdn, View::Written).0.get(id);
    let found = found.filter(|section| O::is_below(call, section));
    found.ok_or_else(|| Fault::Failed(O::missing(id)))
}

/// What a call says about the object itself.
fn given<O: Object>(call: &Call<'_>) -> Map<String, Value> {
    let steering = ["type", "digest", "delete", "lock-token"];
    let given = call.arguments.given().iter();
    let own = given.filter(|(name, _)| *name != O::ID && !steering.contains(&name.as_str()));
    own.map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// The words of `PVE::SectionConfig`.
fn expected(options: Options, set: &Map<String, Value>) -> Result<(), Fault> {
    let known = |name: &str| options.iter().any(|(known, _)| *known == name);
    match set.keys().find(|name| !known(name)) {
        Some(name) => Err(Fault::Failed(format!("unexpected property '{name}'"))),
        None => Ok(()),
    }
}

fn deletable(options: Options, name: &str, set: &Map<String, Value>) -> Result<(), Fault> {
    let option = options.iter().find(|(known, _)| *known == name);
    Err(Fault::Failed(match option {
        None => format!("no such option '{name}'"),
        Some((_, Need::Required)) => format!("unable to delete required option '{name}'"),
        Some(_) if set.contains_key(name) => {
            format!("cannot set and delete property '{name}' at the same time!")
        }
        Some(_) => return Ok(()),
    }))
}

/// All objects in the state that is asked for.
fn all<O: Object>(world: &World, call: &Call<'_>) -> Vec<Seen> {
    let running = O::of(&world.sdn, View::Running);
    let written = O::of(&world.sdn, View::Written);
    let members = |_: &str, section: &Section| {
        let mut members = section.properties.clone();
        members.insert("type".to_owned(), section.kind.as_str().into());
        members
    };
    let mut seen = pending::seen(call, running, written, members);
    for (id, _, object) in &mut seen {
        O::dress(id, object);
        object.insert(O::ID.to_owned(), id.as_str().into());
    }
    seen
}
