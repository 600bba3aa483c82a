//! The packages of each release: versions as they are installed, and what is newer.

use serde_json::{Value, json};

use crate::proxmox::product::Edition;
use crate::pve::release;

/// One line for each, with the versions of all releases.
const TABLE: &str = include_str!("packages.txt");

/// A package of a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Package {
    /// Its name.
    pub(super) name: &'static str,
    section: &'static str,
    /// Who made it: `Proxmox` or `Debian`.
    pub(super) origin: &'static str,
    /// The version that is installed.
    pub(super) version: &'static str,
    /// The version that its repository has.
    pub(super) newer: Option<&'static str>,
    title: &'static str,
}

/// The packages of a release, in the order of the table.
pub(super) fn of(edition: Edition) -> impl Iterator<Item = Package> {
    let column = match edition {
        Edition::Pve7 => 3,
        Edition::Pve8 => 4,
        _ => 5,
    };
    let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(move |line| {
        let fields: Vec<&'static str> = line.split(" | ").collect();
        let field = |at: usize| fields.get(at).copied().filter(|text| *text != "-");
        Some(Package {
            name: field(0)?,
            section: field(1)?,
            origin: field(2)?,
            version: field(column)?,
            newer: field(column + 3),
            title: field(9)?,
        })
    })
}

/// The package of this name.
pub(super) fn named(edition: Edition, name: &str) -> Option<Package> {
    of(edition).find(|package| package.name == name)
}

impl Package {
    /// What is said of it: its candidate, and what is installed (`$assemble_pkginfo` of `PVE::API2::APT`).
    pub(super) fn shown(&self, candidate: &str) -> Value {
        json!({
            "Package": self.name,
            "Title": self.title,
            "Description": format!("{}, as {} makes it.", self.title, self.origin),
            "Origin": self.origin,
            "Section": self.section,
            "Priority": "optional",
            "Arch": if matches!(self.section, "perl" | "web" | "doc" | "localization") { "all" } else { "amd64" },
            "Version": candidate,
            "OldVersion": self.version,
        })
    }

    /// The same with its state, for the list of what matters.
    pub(super) fn installed(&self, candidate: &str, edition: Edition) -> Value {
        let mut shown = self.shown(candidate);
        shown["CurrentState"] = json!("Installed");
        match self.name {
            "pve-manager" => {
                let version = release::version(edition);
                shown["ManagerVersion"] = json!(format!("{version}/{}", release::COMMIT));
            }
            "proxmox-ve" => shown["RunningKernel"] = json!(release::kernel(edition)),
            _ => {}
        }
        shown
    }
}
