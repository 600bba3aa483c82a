//! Removable datastores and those in object stores: mount, unmount, refresh.

use crate::pbs::api::reach::{self, Use};
use crate::pbs::world::World;
use crate::pbs::world::datastore::Mount;
use crate::pbs::world::task::Effect;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::work::Job;
use crate::routes::Route;
use crate::routes::route::{post, put};

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        post("/admin/datastore/{store}/mount", Handler::Write(mount)),
        post("/admin/datastore/{store}/unmount", Handler::Write(unmount)),
        put(
            "/admin/datastore/{store}/s3-refresh",
            Handler::Write(refresh),
        ),
    ]
}

/// The device of the path's datastore.
fn device(world: &World, call: &Call<'_>) -> Result<(String, Mount), Fault> {
    let name = call.text("store");
    let store = reach::store(world, name, Use::Lookup)?;
    if store.mount == Mount::Nonremovable {
        let text = format!("datastore '{name}' is not removable");
        return Err(Fault::Failed(text));
    }
    Ok((name.to_owned(), store.mount))
}

fn mount(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (name, mount) = device(world, call)?;
    let mut job = Job::new("mount-device", &name);
    job = match mount {
        Mount::Mounted => job.failing(format!("datastore '{name}' is already mounted")),
        _ => job
            .saying(format!("mounting datastore '{name}'"))
            .doing(Effect::Mount(name)),
    };
    call.start(world, job)
}

fn unmount(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (name, mount) = device(world, call)?;
    if mount == Mount::Notmounted {
        let text = format!("datastore '{name}' is not mounted");
        return Err(Fault::Failed(text));
    }
    let job = Job::new("unmount-device", &name)
        .saying(format!("unmounting datastore '{name}'"))
        .doing(Effect::Unmount(name));
    call.start(world, job)
}

fn refresh(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("store").to_owned();
    let store = reach::store(world, &name, Use::Lookup)?;
    if store.backend() != "s3" {
        let text = format!("datastore '{name}' not of type s3");
        return Err(Fault::Failed(text));
    }
    let job = Job::new("s3-refresh", &name).saying("refreshed contents from the object store");
    call.start(world, job)
}
