//! The parameters that backups and backup jobs have in common: who may set them, and which exclude each other.

use serde_json::{Map, Value};

use super::numbers;
use crate::proxmox::call::Call;
use crate::proxmox::fault::Fault;
use crate::proxmox::property_string::{PropertyString, Spelling};
use crate::pve::world::World;
use crate::pve::world::backup::Selection;

/// Whether parameters must say which guests are meant: those of a change need not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pve::api) enum Selecting {
    /// They must.
    Needed,
    /// They may.
    Optional,
}

/// Whether the caller may set what is set (`assert_param_permission_common`).
///
/// # Errors
/// An option that is the superuser's, or a permission that is missing.
pub(in crate::pve::api) fn permitted(
    world: &World,
    call: &Call<'_>,
    given: &Map<String, Value>,
) -> Result<(), Fault> {
    if call.is_root() {
        return Ok(());
    }
    for name in ["tmpdir", "dumpdir", "script", "job-id"] {
        if given.contains_key(name) {
            return Err(Fault::parameter(name, "Only root may set this option."));
        }
    }
    if ["bwlimit", "ionice", "performance"]
        .iter()
        .any(|name| given.contains_key(*name))
    {
        call.demand(world, "/", &["Sys.Modify"])?;
    }
    let fleecing = given.get("fleecing").and_then(Value::as_str);
    let read = fleecing.map(|text| PropertyString::parse(text, Some("enabled"), Spelling::Plain));
    if let Some(Ok(read)) = read
        && let Some(storage) = read.value("storage")
    {
        let path = format!("/storage/{storage}");
        call.demand(world, &path, &["Datastore.AllocateSpace"])?;
    }
    Ok(())
}

/// The storage of a backup: `local` where nothing says where to.
pub(in crate::pve::api) fn storage(given: &Map<String, Value>) -> Option<&str> {
    if given.contains_key("dumpdir") {
        return None;
    }
    let storage = given.get("storage").and_then(Value::as_str);
    Some(storage.unwrap_or("local"))
}

/// Holds parameters against each other (`verify_vzdump_parameters`).
///
/// # Errors
/// The first contradiction.
pub(in crate::pve::api) fn verify(
    given: &Map<String, Value>,
    selecting: Selecting,
) -> Result<(), Fault> {
    let is_set = |name: &str| match given.get(name) {
        Some(Value::Bool(set)) => *set,
        Some(Value::String(text)) => !text.is_empty(),
        other => other.is_some(),
    };
    for name in ["all", "exclude", "pool"] {
        if is_set(name) && is_set("vmid") {
            return Err(Fault::parameter(
                name,
                "option conflicts with option 'vmid'",
            ));
        }
    }
    if let Some(rules) = given.get("prune-backups").and_then(Value::as_str) {
        retention(rules)?;
    }
    if let Some(template) = given.get("notes-template").and_then(Value::as_str) {
        notes(template).map_err(|text| Fault::parameter("notes-template", text))?;
    }
    let selects = ["all", "stop", "pool", "vmid", "exclude"];
    if selecting == Selecting::Needed && !selects.iter().any(|name| is_set(name)) {
        return Err(Fault::parameter("vmid", "property is missing"));
    }
    Ok(())
}

/// Whether rules of retention fit each other (`validate_prune_backups`).
fn retention(rules: &str) -> Result<(), Fault> {
    let keep = crate::proxmox::prune::Keep::parse(rules);
    let others = crate::proxmox::prune::Keep { all: false, ..keep };
    if keep.all && !others.keeps_all() {
        let text = "keep-all cannot be set together with other options.";
        return Err(Fault::Failed(text.to_owned()));
    }
    Ok(())
}

/// The variables of templates of notes.
const VARIABLES: [&str; 4] = ["cluster", "guestname", "node", "vmid"];

/// Checks a template of notes.
fn notes(template: &str) -> Result<(), String> {
    if template.contains('\n') {
        return Err("contains a line feed\n".to_owned());
    }
    let mut problems = Vec::new();
    let mut rest = template.char_indices();
    while let Some((at, c)) = rest.next() {
        if c == '\\'
            && let Some((_, escaped)) = rest.next()
            && !matches!(escaped, 'n' | '\\')
        {
            let at = template.get(..at).unwrap_or_default().chars().count();
            problems.push(format!("escape sequence '\\{escaped}' at char {at}"));
        }
    }
    for (end, name) in variables(template) {
        if !VARIABLES.contains(&name) {
            let end = template.get(..end).unwrap_or_default().chars().count();
            let at = end.saturating_sub(name.chars().count());
            problems.push(format!("variable '{name}' at char {at}"));
        }
    }
    match problems.is_empty() {
        true => Ok(()),
        false => Err(format!("found unknown: {}\n", problems.join(", "))),
    }
}

/// The variables of a template, each with the place behind it.
fn variables(template: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    for (at, _) in template.match_indices("{{") {
        let rest = template.get(at + 2..).unwrap_or_default();
        let Some((name, _)) = rest.split_once("}}") else {
            continue;
        };
        let is_name =
            !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || "{}".contains(c));
        if is_name {
            found.push((at + 4 + name.len(), name));
        }
    }
    found
}

/// Which guests parameters mean; `None` when they do not say.
pub(in crate::pve::api) fn selection(given: &Map<String, Value>) -> Option<Selection> {
    let text = |name: &str| {
        let value = given.get(name).and_then(Value::as_str);
        value.filter(|text| !text.is_empty())
    };
    if let Some(pool) = text("pool") {
        return Some(Selection::Pool(pool.to_owned()));
    }
    if let Some(list) = text("vmid") {
        return Some(Selection::Guests(numbers(list)));
    }
    let is_all = given
        .get("all")
        .and_then(Value::as_bool)
        .unwrap_or_default();
    let exclude = given.get("exclude").and_then(Value::as_str);
    (is_all || exclude.is_some()).then(|| {
        let but = exclude.map(numbers).unwrap_or_default();
        Selection::AllBut(but.into_iter().collect())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pve::world::dump::filled;

    #[test]
    fn templates_of_notes() {
        let check = |template: &str, want: &str| {
            let got = match notes(template) {
                Err(text) => text,
                Ok(()) => filled(
                    template,
                    &[("guestname", "web".to_owned()), ("vmid", "100".to_owned())],
                ),
            };
            assert_eq!(got, want, "{template}");
        };
        check("{{guestname}} ({{vmid}})", "web (100)");
        check(r"a\nb\\", "a\nb\\");
        check("{{x}}", "found unknown: variable 'x' at char 4\n");
        check(
            r"é\t {{y}}",
            "found unknown: escape sequence '\\t' at char 1, variable 'y' at char 8\n",
        );
        check("{{ vmid }}", "{{ vmid }}");
        check("{{", "{{");
    }
}
