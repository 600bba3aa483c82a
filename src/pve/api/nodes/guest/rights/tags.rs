//! Who may give which tag to a guest, or take it away.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Change, Subject};
use crate::proxmox::arguments::split_list;
use crate::proxmox::call::Call;
use crate::proxmox::fault::Fault;
use crate::proxmox::permission::Denied;
use crate::proxmox::property_string::{PropertyString, Spelling};
use crate::pve::world::World;

/// The tags that a caller may use (`PVE::GuestHelpers`, `get_allowed_tags`).
#[derive(Debug, Default)]
pub(in crate::pve::api) struct Tags {
    /// Those that are offered.
    pub(in crate::pve::api) allowed: BTreeSet<String>,
    registered: BTreeSet<String>,
    is_free: bool,
}

impl Tags {
    /// What the options of the datacenter leave to the caller.
    pub(in crate::pve::api) fn of(world: &World, call: &Call<'_>) -> Self {
        let options = &world.cluster.options.0;
        let text = |name: &str| {
            options
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let access = text("user-tag-access");
        let access = PropertyString::parse(access, None, Spelling::Plain).unwrap_or_default();
        let allow = access.value("user-allow").unwrap_or("free");
        let privileged = call.may(world, "/", &["Sys.Modify"]);
        let list = |text: &str| split_list(text).map(str::to_owned).collect::<BTreeSet<_>>();
        let registered = list(text("registered-tags"));
        let mut allowed = BTreeSet::new();
        if allow != "none" || privileged {
            allowed.extend(list(access.value("user-allow-list").unwrap_or_default()));
        }
        if matches!(allow, "free" | "existing") || privileged {
            for (vmid, guest) in &world.guests {
                if call.may(world, &format!("/vms/{vmid}"), &["VM.Audit"]) {
                    allowed.extend(list(guest.tags().unwrap_or_default()));
                }
            }
        }
        match privileged {
            true => allowed.extend(registered.iter().cloned()),
            false => allowed.retain(|tag| !registered.contains(tag)),
        }
        Self {
            allowed,
            registered,
            is_free: allow == "free",
        }
    }

    fn may_use(&self, tag: &str) -> bool {
        (self.is_free || self.allowed.contains(tag)) && !self.registered.contains(tag)
    }
}

/// Refuses tags that the caller may neither give nor take away; those that stay are nobody's business.
///
/// # Errors
/// `Permission check failed (/, Sys.Modify for modifying tag 'x')`.
pub(super) fn may_change(
    subject: Subject<'_>,
    world: &World,
    call: &Call<'_>,
    change: &Change<'_>,
) -> Result<(), Fault> {
    let guest = Subject {
        pool: None,
        ..subject
    };
    guest.demand(world, call, &["VM.Config.Options"])?;
    if call.may(world, "/", &["Sys.Modify"]) {
        return Ok(());
    }
    let list = |text: Option<&'_ str>| -> BTreeSet<String> {
        split_list(text.unwrap_or_default())
            .map(str::to_owned)
            .collect()
    };
    let (old, new) = (list(change.old), list(change.new));
    let mut changed = old.symmetric_difference(&new).peekable();
    if changed.peek().is_none() {
        return Ok(());
    }
    let tags = Tags::of(world, call);
    match changed.find(|tag| !tags.may_use(tag)) {
        None => Ok(()),
        Some(tag) => {
            let why = format!("/, Sys.Modify for modifying tag '{tag}'");
            Err(Fault::Denied(Denied::because(why)))
        }
    }
}
