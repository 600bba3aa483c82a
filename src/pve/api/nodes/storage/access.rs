//! Volumes that a caller names: what the name says, and whether the caller may use them.

use super::Place;
use crate::proxmox::call::Call;
use crate::proxmox::fault::Fault;
use crate::pve::api::storage::known;
use crate::pve::world::World;
use crate::pve::world::ids::VolumeId;
use crate::pve::world::storage::Content;
use crate::pve::world::volname::{self, Parsed};

/// A volume that a call is about, there or not.
pub(super) struct Named<'w> {
    pub(super) place: Place<'w>,
    pub(super) id: VolumeId,
    pub(super) parsed: Parsed,
}

/// The volume that a parameter names, with or without the storage of the path in front.
///
/// # Errors
/// A storage that is another one or does not exist, or a name that says nothing.
pub(super) fn named<'w>(
    world: &'w World,
    call: &Call<'_>,
    volume: &str,
) -> Result<Named<'w>, Fault> {
    let storage = call.text("storage");
    let name = match volume.split_once(':') {
        None => volume,
        Some((given, name)) if given == storage => name,
        Some((given, _)) => {
            let text = format!("storage ID mismatch ({given} != {storage})\n");
            return Err(Fault::parameter("volume", text));
        }
    };
    by_name(world, call, storage, name)
}

/// The volume of a whole id.
///
/// # Errors
/// As [`named`].
pub(in crate::pve::api) fn by_id<'w>(
    world: &'w World,
    call: &Call<'_>,
    id: &str,
) -> Result<(Parsed, VolumeId, &'w crate::pve::world::storage::Storage), Fault> {
    let bad = || Fault::Failed(format!("unable to parse volume ID '{id}'"));
    let (storage, name) = id.split_once(':').ok_or_else(bad)?;
    let named = by_name(world, call, storage, name)?;
    Ok((named.parsed, named.id, named.place.storage))
}

fn by_name<'w>(
    world: &'w World,
    call: &Call<'_>,
    storage: &str,
    name: &str,
) -> Result<Named<'w>, Fault> {
    let (id, storage) = known(world, storage).map_err(Fault::Failed)?;
    let parsed = volname::parse(storage.kind, name).map_err(Fault::Failed)?;
    let place = Place {
        node: super::node(call)?,
        id: id.clone(),
        storage,
    };
    let id = VolumeId {
        storage: id.clone(),
        name: name.into(),
    };
    Ok(Named { place, id, parsed })
}

/// Whether the caller may use a volume (`check_volume_access`).
///
/// # Errors
/// The permission that is missing.
pub(in crate::pve::api) fn check(
    world: &World,
    call: &Call<'_>,
    id: &VolumeId,
    parsed: &Parsed,
) -> Result<(), Fault> {
    let storage = format!("/storage/{}", id.storage);
    if call.may(world, &storage, &["Datastore.Allocate"]) {
        return Ok(());
    }
    let guest = parsed.owner.map(|owner| format!("/vms/{owner}"));
    match (parsed.content, guest) {
        (Content::Iso | Content::Vztmpl | Content::Import, _) => {
            let either = ["Datastore.AllocateSpace", "Datastore.Audit"];
            match call.may_any(world, &storage, &either) {
                true => Ok(()),
                false => call.demand(
                    world,
                    &storage,
                    &["Datastore.AllocateSpace|Datastore.Audit"],
                ),
            }
        }
        (Content::Backup, Some(guest)) => {
            call.demand(world, &storage, &["Datastore.AllocateSpace"])?;
            call.demand(world, &guest, &["VM.Backup"])
        }
        (Content::Images | Content::Rootdir, Some(guest)) => {
            call.demand(world, &storage, &["Datastore.Audit"])?;
            call.demand(world, &guest, &["VM.Config.Disk"])
        }
        _ => Err(Fault::Failed(format!("missing privileges to access {id}"))),
    }
}
