//! The catalogue of templates of containers (`pveam`), and fetching one.

use serde_json::{Value, json};

use super::incoming::Destination;
use super::{download, node, refused};
use crate::http::checksum::Checksum;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::work::Job;
use crate::pve::world::World;
use crate::pve::world::storage::Content;
use crate::routes::Route;
use crate::routes::route::{get, post};

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/nodes/{node}/aplinfo", Handler::Read(list)),
        post("/nodes/{node}/aplinfo", Handler::Write(fetch)),
    ]
}

/// A template: package, version, system, section, ending, headline.
type Template = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

const TEMPLATES: [Template; 14] = [
    (
        "almalinux-9-default",
        "20240911",
        "almalinux",
        "system",
        "tar.xz",
        "LXC default image for almalinux 9",
    ),
    (
        "alpine-3.20-default",
        "20240908",
        "alpine",
        "system",
        "tar.xz",
        "LXC default image for alpine 3.20",
    ),
    (
        "alpine-3.22-default",
        "20250617",
        "alpine",
        "system",
        "tar.xz",
        "LXC default image for alpine 3.22",
    ),
    (
        "archlinux-base",
        "20240911-1",
        "archlinux",
        "system",
        "tar.zst",
        "ArchLinux base image.",
    ),
    (
        "centos-9-stream-default",
        "20240828",
        "centos",
        "system",
        "tar.xz",
        "LXC default image for centos 9-stream",
    ),
    (
        "debian-11-standard",
        "11.7-1",
        "debian-11",
        "system",
        "tar.zst",
        "Debian 11 Bullseye (standard)",
    ),
    (
        "debian-12-standard",
        "12.7-1",
        "debian-12",
        "system",
        "tar.zst",
        "Debian 12 Bookworm (standard)",
    ),
    (
        "debian-13-standard",
        "13.1-2",
        "debian-13",
        "system",
        "tar.zst",
        "Debian 13 Trixie (standard)",
    ),
    (
        "fedora-42-default",
        "20250428",
        "fedora",
        "system",
        "tar.xz",
        "LXC default image for fedora 42",
    ),
    (
        "opensuse-15.6-default",
        "20240910",
        "opensuse",
        "system",
        "tar.xz",
        "LXC default image for opensuse 15.6",
    ),
    (
        "proxmox-mail-gateway-8.2-standard",
        "8.2-1",
        "debian-12",
        "mail",
        "tar.zst",
        "Proxmox Mail Gateway 8.2",
    ),
    (
        "rockylinux-9-default",
        "20240912",
        "rockylinux",
        "system",
        "tar.xz",
        "LXC default image for rockylinux 9",
    ),
    (
        "ubuntu-22.04-standard",
        "22.04-1",
        "ubuntu-22.04",
        "system",
        "tar.zst",
        "Ubuntu 22.04 Jammy (standard)",
    ),
    (
        "ubuntu-24.04-standard",
        "24.04-2",
        "ubuntu-24.04",
        "system",
        "tar.zst",
        "Ubuntu 24.04 Noble (standard)",
    ),
];

const SOURCE: &str = "http://download.proxmox.com/images";

fn file((package, version, _, _, ending, _): &Template) -> String {
    format!("{package}_{version}_amd64.{ending}")
}

fn location(template: &Template) -> String {
    format!("{SOURCE}/{}/{}", template.3, file(template))
}

fn list(_: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    let rows = TEMPLATES.iter().map(|template| {
        let (package, version, os, section, _, headline) = *template;
        let file = file(template);
        json!({
            "template": file,
            "package": package,
            "version": version,
            "os": os,
            "section": section,
            "type": "lxc",
            "architecture": "amd64",
            "headline": headline,
            "description": format!("{headline}\n"),
            "infopage": "https://pve.proxmox.com/wiki/Linux_Container",
            "source": SOURCE,
            "location": location(template),
            "maintainer": "Proxmox Support Team <support@proxmox.com>",
            "manageurl": "",
            "sha512sum": Checksum::Sha512.hex(file.as_bytes()),
        })
    });
    Ok(Answer::new(rows.collect::<Value>()))
}

fn fetch(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let wanted = call.text("template");
    let template = TEMPLATES.iter().find(|template| file(template) == wanted);
    let template = template.ok_or_else(|| Fault::parameter("template", "no such template"))?;
    let node = node(call)?;
    let name = call.text("storage");
    let (id, _) = crate::pve::api::storage::known(world, name).map_err(Fault::Failed)?;
    let id = id.clone();
    let storage = world.usable_storage(&id, &node).map_err(refused)?;
    if !storage.content.contains(&Content::Vztmpl) {
        return Err(Fault::Failed(format!(
            "storage '{id}' does not support templates"
        )));
    }
    let to = Destination::of(node, (&id, storage), Content::Vztmpl, wanted)?;
    let job = (&to, Job::new("download", wanted));
    let job = download::fetched(world, call, job, &location(template), true);
    call.start(world, job)
}
