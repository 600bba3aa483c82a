//! Files that a node fetches. Nothing is fetched here: what a client would find is made up from the address, the
//! same for every question about it.

use serde_json::json;

use super::incoming::{Destination, normalized};
use super::usable;
use crate::http::checksum::Checksum;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::work::Job;
use crate::pve::world::World;
use crate::pve::world::storage::Content;
use crate::pve::world::task::Effect;
use crate::routes::Route;
use crate::routes::route::{get, post};

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        post(
            "/nodes/{node}/storage/{storage}/download-url",
            Handler::Write(download),
        ),
        post(
            "/nodes/{node}/storage/{storage}/oci-registry-pull",
            Handler::Write(pull),
        ),
        get("/nodes/{node}/query-url-metadata", Handler::Read(metadata)),
        get("/nodes/{node}/query-oci-repo-tags", Handler::Read(tags)),
    ]
}

fn download(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let place = usable(world, call)?;
    let storage = place.storage;
    let failed = |text: String| Err(Fault::Failed(text));
    if !storage.kind.has_files() {
        return failed(not_of_files(storage.kind.as_str()));
    }
    let name = call.text("content");
    let content = Content::named(name);
    let Some(content) = content.filter(|content| storage.content.contains(content)) else {
        let id = &place.id;
        return failed(format!(
            "storage '{id}' is not configured for content-type '{name}'"
        ));
    };
    if !matches!(content, Content::Iso | Content::Vztmpl | Content::Import) {
        let text = format!("upload content-type '{name}' is not allowed");
        return Err(Fault::parameter("content", text));
    }
    let target = (&place.id, storage);
    let to = Destination::of(place.node, target, content, call.text("filename"))?;
    let job = job(world, call, &to, content);
    let node = to.node.to_string();
    Ok(Answer::new(call.begin(world, &node, job)))
}

fn not_of_files(kind: &str) -> String {
    format!("can't upload to storage type '{kind}', not a file based storage!")
}

fn job(world: &World, call: &Call<'_>, to: &Destination, content: Content) -> Job<Effect> {
    let job = Job::new("download", to.file());
    if let Some(compression) = call.arguments.text("compression") {
        let text = match compression {
            _ if content != Content::Iso => {
                format!("decompression not supported for {}", content.as_str())
            }
            "gz" | "lzo" | "zst" | "bz2" => String::new(),
            _ => "no decompression method found".to_owned(),
        };
        if !text.is_empty() {
            return job.failing(text);
        }
    }
    let has_checksum = call.arguments.has("checksum");
    fetched(world, call, (to, job), call.text("url"), has_checksum)
}

/// A job that fetches a file (`download_file_from_url`). A checksum that is given is believed.
pub(super) fn fetched(
    world: &World,
    call: &Call<'_>,
    (to, job): (&Destination, Job<Effect>),
    url: &str,
    has_checksum: bool,
) -> Job<Effect> {
    let path = &to.path;
    let mut job = job.saying(format!("downloading {url} to {path}"));
    if to.is_taken(world) {
        return match has_checksum {
            true => job.saying(
                "calculating checksum of existing file...OK, got correct file already, no need to download",
            ),
            false => job.failing(format!("refusing to override existing file '{path}'")),
        };
    }
    let size = size(url);
    if !to.has_room(world, size) {
        return job.failing("download failed: No space left on device");
    }
    if has_checksum {
        job = job.saying("calculating checksum...OK, checksum verified");
    }
    job.saying(format!("download of '{url}' to '{path}' finished"))
        .doing(to.arrival(call, size))
}

fn pull(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let place = usable(world, call)?;
    let storage = place.storage;
    let failed = |text: String| Err(Fault::Failed(text));
    if !storage.kind.has_files() {
        return failed(not_of_files(storage.kind.as_str()));
    }
    if !storage.content.contains(&Content::Vztmpl) {
        let id = &place.id;
        return failed(format!(
            "storage '{id}' is not configured for content-type 'vztmpl'"
        ));
    }
    let reference = call.text("reference");
    let name = call.arguments.text("filename").unwrap_or(reference);
    let file = format!("{}.tar", normalized(name));
    let to = Destination::of(place.node, (&place.id, storage), Content::Vztmpl, &file)?;
    if to.is_taken(world) {
        return failed(format!("refusing to override existing file '{file}'"));
    }
    let size = size(reference);
    let mut job = Job::new("ociregistrypull", &file);
    job = if to.has_room(world, size) {
        job.saying("Getting image source signatures")
            .saying("Copying config to image destination")
            .saying("Writing manifest to image destination")
            .doing(to.arrival(call, size))
    } else {
        job.failing("command 'skopeo copy' failed: No space left on device")
    };
    let node = to.node.to_string();
    Ok(Answer::new(call.begin(world, &node, job)))
}

fn metadata(_: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let url = call.text("url");
    let path = url.split('?').next().unwrap_or_default();
    let file = path.rsplit('/').next().unwrap_or_default();
    let host_only = path.matches('/').count() < 3;
    let kind = match file.rsplit('.').next().unwrap_or_default() {
        "iso" | "img" => "application/x-iso9660-image",
        "gz" | "tgz" => "application/gzip",
        "xz" => "application/x-xz",
        "zst" => "application/zstd",
        "tar" | "ova" => "application/x-tar",
        _ => "application/octet-stream",
    };
    let mut answer = json!({"size": size(url), "mimetype": kind});
    if !file.is_empty() && !host_only {
        answer["filename"] = json!(file);
    }
    Ok(Answer::new(answer))
}

/// The tags of an image: the newest, and three versions that follow from its name.
fn tags(_: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let major = number(call.text("reference")) % 20 + 1;
    let tags = [
        "latest".to_owned(),
        major.to_string(),
        format!("{major}.0"),
        format!("{major}.1"),
    ];
    Ok(Answer::new(json!(tags)))
}

/// The size of what is behind an address: tens to hundreds of mebibytes, in whole sectors.
fn size(url: &str) -> u64 {
    let mebibytes = match url.split('?').next().unwrap_or_default() {
        path if path.ends_with(".iso") || path.ends_with(".img") => 600,
        _ => 100,
    };
    (mebibytes << 20) + number(url) % (50 << 20) / 2048 * 2048
}

fn number(text: &str) -> u64 {
    let digits = Checksum::Sha1.hex(text.as_bytes());
    let start = digits.get(..12).unwrap_or_default();
    u64::from_str_radix(start, 16).unwrap_or_default()
}
