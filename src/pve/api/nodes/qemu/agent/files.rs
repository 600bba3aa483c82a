//! Files in the guest, read and written through its agent.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::{answering, derived, error, willing};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::pve::api::nodes::guest::find;
use crate::pve::world::World;
use crate::pve::world::agent::Content;
use crate::pve::world::guest::Guest;
use crate::pve::world::ids::Vmid;
use crate::routes::Route;
use crate::routes::route::{get, post};

/// The product reads no more at once.
const MOST: usize = 16 << 20;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get(
            "/nodes/{node}/qemu/{vmid}/agent/file-read",
            Handler::Read(read),
        ),
        post(
            "/nodes/{node}/qemu/{vmid}/agent/file-write",
            Handler::Write(write),
        ),
    ]
}

fn read(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (vmid, guest) = answering(world, call)?;
    willing(guest, "file-open")?;
    willing(guest, "file-read")?;
    let path = call.text("file");
    let content = content(vmid, guest, path).ok_or_else(|| missing(path, "r"))?;
    let bytes = content.bytes();
    let number = |name: &str| usize::try_from(call.arguments.integer(name).unwrap_or(-1)).ok();
    let start = number("offset").unwrap_or(0).min(bytes.len());
    let most = number("count").unwrap_or(MOST);
    let end = start.saturating_add(most).min(bytes.len());
    let part = bytes.get(start..end).unwrap_or_default();
    let is_raw = call.arguments.boolean("decode") == Some(false);
    let text = match (is_raw, std::str::from_utf8(part)) {
        (true, _) => STANDARD.encode(part),
        (false, Ok(text)) => text.to_owned(),
        // Perl takes bytes for the first 256 characters.
        (false, Err(_)) => part.iter().map(|byte| char::from(*byte)).collect(),
    };
    let mut answer = json!({"content": text, "bytes-read": part.len()});
    if end < bytes.len() {
        answer["truncated"] = json!(1);
    }
    Ok(Answer::new(answer))
}

fn missing(path: &str, mode: &str) -> Fault {
    error(&format!(
        "failed to open file '{path}' (mode: '{mode}'): No such file or directory"
    ))
}

/// A file that somebody put there, or one of those that every system has.
pub(super) fn content(vmid: Vmid, guest: &Guest, path: &str) -> Option<Content> {
    let own = guest.agent.as_ref().and_then(|agent| agent.files.get(path));
    if let Some(content) = own {
        return Some(content.clone());
    }
    if derived::is_windows(guest) {
        return None;
    }
    let name = derived::host_name(vmid, guest);
    let text = match path {
        "/etc/hostname" => format!("{name}\n"),
        "/etc/hosts" => format!("127.0.0.1\tlocalhost\n127.0.1.1\t{name}\n"),
        "/etc/os-release" => concat!(
            "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\n",
            "VERSION_ID=\"12\"\nVERSION=\"12 (bookworm)\"\nID=debian\n"
        )
        .to_owned(),
        _ => return None,
    };
    Some(Content::Text(text))
}

fn write(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (_, guest) = answering(world, call)?;
    willing(guest, "file-open")?;
    willing(guest, "file-write")?;
    let (path, given) = (call.text("file"), call.text("content"));
    if path.is_empty() || path.ends_with('/') {
        return Err(missing(path, "wb"));
    }
    let content = match call.arguments.boolean("encode") {
        Some(false) => {
            let bytes = STANDARD.decode(given);
            Content::of(&bytes.map_err(|_| error("Invalid base64 data"))?)
        }
        _ => Content::Text(given.to_owned()),
    };
    let (_, guest) = find::guest_mut(world, call)?;
    guest.agent_mut().files.insert(path.to_owned(), content);
    Ok(Answer::default())
}
