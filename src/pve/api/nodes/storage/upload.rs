//! Files that clients send.

use super::incoming::{Destination, Incoming};
use super::{defined, refused};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::work::Job;
use crate::pve::world::World;
use crate::pve::world::storage::Content;
use crate::pve::world::task::Effect;
use crate::routes::Route;
use crate::routes::route::post;

/// Its handler.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![post(
        "/nodes/{node}/storage/{storage}/upload",
        Handler::Write(upload),
    )]
}

fn upload(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let place = defined(world, call)?;
    world
        .usable_storage(&place.id, &place.node)
        .map_err(refused)?;
    let storage = place.storage;
    if !storage.kind.has_files() {
        let kind = storage.kind.as_str();
        return Err(Fault::Failed(format!(
            "can't upload to storage type '{kind}'"
        )));
    }
    let name = call.text("content");
    let content = match Content::named(name) {
        Some(content @ (Content::Iso | Content::Vztmpl | Content::Import)) => content,
        _ => {
            let text = format!("upload content type '{name}' not allowed");
            return Err(Fault::parameter("content", text));
        }
    };
    let incoming = Incoming::of(call)?;
    let target = (&place.id, storage);
    let to = Destination::of(place.node, target, content, call.text("filename"))?;
    if !storage.content.contains(&content) {
        let id = &to.id.storage;
        return Err(Fault::Failed(format!(
            "storage '{id}' does not support '{name}' content"
        )));
    }
    let job = job(world, call, &to, &incoming);
    let node = to.node.to_string();
    Ok(Answer::new(call.begin(world, &node, job)))
}

/// The task, which compares checksums before it copies anything.
fn job(world: &World, call: &Call<'_>, to: &Destination, incoming: &Incoming) -> Job<Effect> {
    let temporary = format!(
        "/var/tmp/pveupload-{:016x}{:016x}",
        call.random(),
        call.random()
    );
    let mut job = Job::new("imgcopy", "").saying(format!("starting file import from: {temporary}"));
    if call.arguments.has("checksum-algorithm") {
        let want = call.text("checksum");
        let got = incoming.checksum.as_deref().unwrap_or(want);
        if !got.eq_ignore_ascii_case(want) {
            return job
                .saying("calculating checksum...")
                .failing(format!("checksum mismatch: got '{got}' != expect '{want}'"));
        }
        job = job.saying("calculating checksum...OK, checksum verified");
    }
    let (path, size) = (&to.path, incoming.size);
    job = job
        .saying(format!("target node: {}", to.node))
        .saying(format!("target file: {path}"))
        .saying(format!("file size is: {size}"))
        .saying(format!("command: cp -- {temporary} {path}"));
    if !to.has_room(world, size) {
        return job
            .saying(format!(
                "cp: error writing '{path}': No space left on device"
            ))
            .failing(format!(
                "import failed: command 'cp -- {temporary} {path}' failed: exit code 1"
            ));
    }
    job.saying("finished file import successfully")
        .doing(to.arrival(call, size))
}
