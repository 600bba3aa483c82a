//! Where packages come from, as the files of each release say it (proxmox-apt's `repositories`).

use serde_json::{Value, json};

use crate::http::checksum::Checksum;
use crate::proxmox::call::Call;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::product::Edition;
use crate::pve::api::nodes::machine;
use crate::pve::world::World;
use crate::pve::world::supply::{Base, Channel, Repositories};

/// What an entry of a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    /// One of the system.
    Base(Base),
    /// One of the product.
    Channel(Channel),
}

/// A file with its entries.
#[derive(Debug, Clone)]
struct File {
    path: &'static str,
    entries: Vec<Entry>,
}

/// The system that a release stands on.
pub(super) fn suite(edition: Edition) -> &'static str {
    match edition {
        Edition::Pve7 => "bullseye",
        Edition::Pve8 => "bookworm",
        _ => "trixie",
    }
}

fn ceph(edition: Edition) -> &'static str {
    match edition {
        Edition::Pve7 => "quincy",
        _ => "squid",
    }
}

/// The handle of a repository; releases before 8 have no Ceph for subscribers.
fn handle(channel: Channel, edition: Edition) -> Option<String> {
    let ceph = ceph(edition);
    let is_old = edition == Edition::Pve7;
    Some(match channel {
        Channel::Enterprise => "enterprise".to_owned(),
        Channel::NoSubscription => "no-subscription".to_owned(),
        Channel::Test => "test".to_owned(),
        Channel::CephEnterprise if is_old => return None,
        Channel::CephEnterprise => format!("ceph-{ceph}-enterprise"),
        Channel::CephNoSubscription if is_old => format!("ceph-{ceph}"),
        Channel::CephNoSubscription => format!("ceph-{ceph}-no-subscription"),
        Channel::CephTest => format!("ceph-{ceph}-test"),
    })
}

/// The files of a release. Since 9 they are in the form with a paragraph for each entry, and what belongs
/// together shares one.
fn files(repositories: &Repositories, edition: Edition) -> Vec<File> {
    let configured = |wanted: &[Channel]| -> Vec<Entry> {
        let known = repositories.channels.keys().copied();
        let known = known.filter(|channel| wanted.contains(channel));
        let known = known.filter(|channel| handle(*channel, edition).is_some());
        known.map(Entry::Channel).collect()
    };
    let free = configured(&[Channel::NoSubscription, Channel::Test]);
    let paid = configured(&[Channel::Enterprise]);
    let ceph = configured(&[
        Channel::CephEnterprise,
        Channel::CephNoSubscription,
        Channel::CephTest,
    ]);
    let (base, free_path, paid_path, ceph_path) = match edition {
        Edition::Pve9 => (
            vec![Entry::Base(Base::Main), Entry::Base(Base::Security)],
            "/etc/apt/sources.list.d/proxmox.sources",
            "/etc/apt/sources.list.d/pve-enterprise.sources",
            "/etc/apt/sources.list.d/ceph.sources",
        ),
        _ => (
            vec![
                Entry::Base(Base::Main),
                Entry::Base(Base::Updates),
                Entry::Base(Base::Security),
            ],
            "/etc/apt/sources.list",
            "/etc/apt/sources.list.d/pve-enterprise.list",
            "/etc/apt/sources.list.d/ceph.list",
        ),
    };
    let file = |path: &'static str, entries: Vec<Entry>| File { path, entries };
    let mut files = match edition {
        Edition::Pve9 => vec![
            file("/etc/apt/sources.list.d/debian.sources", base),
            file(free_path, free),
        ],
        _ => vec![file(free_path, [base, free].concat())],
    };
    files.push(file(paid_path, paid));
    files.push(file(ceph_path, ceph));
    files.retain(|file| !file.entries.is_empty());
    files.sort_by_key(|file| file.path);
    files
}

pub(super) fn is_on(repositories: &Repositories, entry: Entry) -> bool {
    match entry {
        Entry::Base(base) => !repositories.base_off.contains(&base),
        Entry::Channel(channel) => repositories
            .channels
            .get(&channel)
            .copied()
            .unwrap_or(false),
    }
}

/// All entries of all files in their order.
pub(super) fn entries(repositories: &Repositories, edition: Edition) -> Vec<Entry> {
    let files = files(repositories, edition).into_iter();
    files.flat_map(|file| file.entries).collect()
}

/// The address of an entry.
pub(super) fn address(entry: Entry, edition: Edition) -> String {
    let paid = "https://enterprise.proxmox.com/debian";
    let free = "http://download.proxmox.com/debian";
    match entry {
        Entry::Base(Base::Security) => "http://security.debian.org/debian-security/".to_owned(),
        Entry::Base(_) => "http://deb.debian.org/debian/".to_owned(),
        Entry::Channel(channel) => {
            let start = if channel.is_enterprise() { paid } else { free };
            match channel.is_ceph() {
                true => format!("{start}/ceph-{}", ceph(edition)),
                false => format!("{start}/pve"),
            }
        }
    }
}

fn suites(entry: Entry, edition: Edition) -> Vec<String> {
    let suite = suite(edition);
    match entry {
        Entry::Base(Base::Main) if edition == Edition::Pve9 => {
            vec![suite.to_owned(), format!("{suite}-updates")]
        }
        Entry::Base(Base::Updates) => vec![format!("{suite}-updates")],
        Entry::Base(Base::Security) => vec![format!("{suite}-security")],
        _ => vec![suite.to_owned()],
    }
}

fn components(entry: Entry, edition: Edition) -> Vec<&'static str> {
    let is_recent = edition == Edition::Pve9;
    match entry {
        Entry::Base(_) if edition == Edition::Pve7 => vec!["main", "contrib"],
        Entry::Base(_) => vec!["main", "contrib", "non-free-firmware"],
        Entry::Channel(Channel::Enterprise) => vec!["pve-enterprise"],
        Entry::Channel(Channel::NoSubscription) => vec!["pve-no-subscription"],
        Entry::Channel(Channel::Test) if is_recent => vec!["pve-test"],
        Entry::Channel(Channel::Test) => vec!["pvetest"],
        Entry::Channel(Channel::CephEnterprise) => vec!["enterprise"],
        Entry::Channel(Channel::CephNoSubscription) if edition == Edition::Pve7 => vec!["main"],
        Entry::Channel(Channel::CephNoSubscription) => vec!["no-subscription"],
        Entry::Channel(Channel::CephTest) => vec!["test"],
    }
}

fn shown_entry(repositories: &Repositories, entry: Entry, edition: Edition) -> Value {
    let mut row = json!({
        "Types": ["deb"],
        "URIs": [address(entry, edition)],
        "Suites": suites(entry, edition),
        "Components": components(entry, edition),
        "FileType": kind(edition),
        "Enabled": is_on(repositories, entry),
        "Comment": "",
    });
    if edition == Edition::Pve9 {
        let keyring = match entry {
            Entry::Base(_) => "/usr/share/keyrings/debian-archive-keyring.gpg",
            Entry::Channel(_) => "/usr/share/keyrings/proxmox-archive-keyring.gpg",
        };
        row["Options"] = json!([{"Key": "Signed-By", "Values": [keyring]}]);
    }
    row
}

fn kind(edition: Edition) -> &'static str {
    match edition {
        Edition::Pve9 => "sources",
        _ => "list",
    }
}

/// The digest of all files together.
fn digest(repositories: &Repositories, edition: Edition) -> String {
    let rows = entries(repositories, edition).into_iter();
    let rows: Vec<_> = rows
        .map(|entry| shown_entry(repositories, entry, edition))
        .collect();
    Checksum::Sha256.hex(Value::from(rows).to_string().as_bytes())
}

/// The octets of a digest in hexadecimal digits.
fn octets(digest: &str) -> Vec<u8> {
    let pairs = digest.as_bytes().chunks(2);
    let texts = pairs.filter_map(|pair| std::str::from_utf8(pair).ok());
    texts
        .filter_map(|text| u8::from_str_radix(text, 16).ok())
        .collect()
}

pub(super) fn show(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (_, node) = machine::node(world, call)?;
    let edition = call.context.edition;
    let repositories = &node.repositories;
    let mut infos = Vec::new();
    let mut rows = Vec::new();
    for file in files(repositories, edition) {
        for (n, entry) in file.entries.iter().enumerate() {
            let origin = match entry {
                Entry::Base(_) => "Debian",
                Entry::Channel(_) => "Proxmox",
            };
            infos.push(json!({
                "path": file.path,
                "index": n.to_string(),
                "kind": "origin",
                "message": origin,
            }));
        }
        let entries = file.entries.iter();
        let entries: Vec<_> = entries
            .map(|entry| shown_entry(repositories, *entry, edition))
            .collect();
        let digest = Checksum::Sha256.hex(Value::from(entries.clone()).to_string().as_bytes());
        rows.push(json!({
            "path": file.path,
            "file-type": kind(edition),
            "repositories": entries,
            "digest": octets(&digest),
        }));
    }
    Ok(Answer::new(json!({
        "files": rows,
        "errors": [],
        "digest": digest(repositories, edition),
        "infos": infos,
        "standard-repos": standard(repositories, edition),
    })))
}

fn standard(repositories: &Repositories, edition: Edition) -> Vec<Value> {
    let channels = Channel::ALL.into_iter();
    let rows = channels.filter_map(|channel| {
        let handle = handle(channel, edition)?;
        let (name, who) = match channel {
            Channel::Enterprise | Channel::CephEnterprise => ("Enterprise", "for subscribers"),
            Channel::NoSubscription | Channel::CephNoSubscription => {
                ("No-Subscription", "for everybody else")
            }
            Channel::Test | Channel::CephTest => ("Test", "with what is newest"),
        };
        let mut capital = ceph(edition).to_owned();
        if let Some(first) = capital.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        let name = match channel.is_ceph() {
            true => format!("Ceph {capital} {name}"),
            false => name.to_owned(),
        };
        let mut row = json!({
            "handle": handle,
            "description": format!("The repository {who}."),
            "name": name,
        });
        if let Some(is_on) = repositories.channels.get(&channel) {
            row["status"] = json!(is_on);
        }
        Some(row)
    });
    rows.collect()
}

fn unchanged(repositories: &Repositories, call: &Call<'_>) -> Result<(), Fault> {
    let present = digest(repositories, call.context.edition);
    match crate::proxmox::digest::fits(call.arguments.text("digest"), &present) {
        true => Ok(()),
        false => Err(Fault::configuration_changed()),
    }
}

/// Writes down a repository of the product, or switches it on when it is.
pub(super) fn add(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let edition = call.context.edition;
    let node = machine::node_mut(world, call)?;
    unchanged(&node.repositories, call)?;
    let wanted = call.text("handle");
    let mut channels = Channel::ALL.into_iter();
    let found = channels.find(|channel| handle(*channel, edition).as_deref() == Some(wanted));
    let Some(channel) = found else {
        return Err(Fault::Failed(format!(
            "no standard repository for handle '{wanted}' on host product 'pve' and suite '{}'",
            suite(edition)
        )));
    };
    node.repositories.channels.insert(channel, true);
    Ok(Answer::default())
}

/// Switches an entry on or off.
pub(super) fn change(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let node = machine::node_mut(world, call)?;
    let repositories = &mut node.repositories;
    unchanged(repositories, call)?;
    let path = call.text("path");
    let files = files(repositories, call.context.edition);
    let Some(file) = files.into_iter().find(|file| file.path == path) else {
        return Err(Fault::Failed(format!("invalid path - {path}")));
    };
    let index = call.arguments.integer("index").unwrap_or_default();
    let entry = usize::try_from(index)
        .ok()
        .and_then(|n| file.entries.get(n).copied());
    let Some(entry) = entry else {
        return Err(Fault::Failed(format!("invalid index - {index}")));
    };
    let Some(on) = call.arguments.boolean("enabled") else {
        return Ok(Answer::default());
    };
    match entry {
        Entry::Channel(channel) => {
            repositories.channels.insert(channel, on);
        }
        Entry::Base(base) if on => {
            repositories.base_off.remove(&base);
        }
        Entry::Base(base) => {
            repositories.base_off.insert(base);
        }
    }
    Ok(Answer::default())
}
