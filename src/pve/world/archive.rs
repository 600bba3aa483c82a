//! Backups of guests: what their names say, which of them retention lets go, and how a new one is called.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::World;
use super::guest::Kind;
use super::ids::{NodeName, StorageId, Vmid, VolumeId};
use super::storage::{Content, StorageKind};
use super::volume::{Format, Volume};
use crate::proxmox::prune::{Candidate, Keep, Mark, marks};

/// A backup on a storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Archive<'w> {
    /// Its name there.
    pub name: &'w str,
    /// What is there.
    pub volume: &'w Volume,
    /// What it is a backup of, where its name says so.
    pub kind: Option<Kind>,
    /// Whether its name is one that the product gives; retention lets others alone.
    pub has_standard_name: bool,
}

impl<'w> Archive<'w> {
    /// A volume as a backup; `None` for other volumes.
    pub fn of(name: &'w str, volume: &'w Volume) -> Option<Self> {
        if volume.content != Content::Backup {
            return None;
        }
        // Files of testers have backups under their guest's number (proxbox.md 1.5).
        let rest = match name.split_once('/') {
            Some((folder, rest)) if folder == "backup" || is_number(folder) => rest,
            _ => name,
        };
        let on_server = match rest.split_once('/') {
            Some(("vm", _)) => Some(Kind::Qemu),
            Some(("ct", _)) => Some(Kind::Lxc),
            _ => None,
        };
        if on_server.is_some() || rest.contains('/') {
            return Some(Self {
                name,
                volume,
                kind: on_server,
                has_standard_name: on_server.is_some(),
            });
        }
        let kinds = [(Kind::Qemu, "vzdump-qemu-"), (Kind::Lxc, "vzdump-lxc-")];
        let found = kinds
            .iter()
            .find_map(|(kind, prefix)| Some((*kind, rest.strip_prefix(prefix)?)));
        Some(Self {
            name,
            volume,
            kind: found.map(|(kind, _)| kind),
            has_standard_name: found.is_some_and(|(_, rest)| is_standard(rest)),
        })
    }

    /// The product's word for what it is a backup of.
    pub fn subtype(&self) -> &'static str {
        self.kind.map_or("unknown", Kind::as_str)
    }
}

/// `100-2026_01_31-10_20_30.vma.zst`
fn is_standard(rest: &str) -> bool {
    let Some((owner, rest)) = rest.split_once('-') else {
        return false;
    };
    let stamp = rest.split('.').next().unwrap_or_default();
    let shape: String = stamp
        .chars()
        .map(|c| if c.is_ascii_digit() { '9' } else { c })
        .collect();
    owner.parse::<Vmid>().is_ok() && shape == "9999_99_99-99_99_99"
}

/// What retention does with a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// What the rules say.
    Marked(Mark),
    /// Nothing: its name is not one that the product gives.
    Renamed,
}

impl Fate {
    /// The product's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Marked(mark) => mark.as_str(),
            Self::Renamed => "renamed",
        }
    }
}

/// Which backups of a storage are meant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Choice {
    /// Those of this guest only.
    pub owner: Option<Vmid>,
    /// Those of this type of guest only.
    pub kind: Option<Kind>,
}

impl World {
    /// The backups on a storage, as a node sees it.
    pub fn archives(
        &self,
        storage: &StorageId,
        node: &NodeName,
        choice: Choice,
    ) -> impl Iterator<Item = Archive<'_>> {
        let volumes = self.volumes_on(storage, node);
        volumes
            .filter_map(|(name, volume)| Archive::of(name, volume))
            .filter(move |archive| {
                let is_his = choice.owner.is_none() || archive.volume.owner == choice.owner;
                is_his && (choice.kind.is_none() || archive.kind == choice.kind)
            })
    }

    /// What retention does with each of them, guest by guest.
    pub fn fates(
        &self,
        storage: &StorageId,
        node: &NodeName,
        choice: Choice,
        keep: Keep,
    ) -> Vec<(Archive<'_>, Fate)> {
        let archives: Vec<_> = self.archives(storage, node, choice).collect();
        let mut groups: BTreeMap<(&str, Option<Vmid>), Vec<usize>> = BTreeMap::new();
        for (n, archive) in archives.iter().enumerate() {
            if archive.has_standard_name {
                let group = (archive.subtype(), archive.volume.owner);
                groups.entry(group).or_default().push(n);
            }
        }
        let mut fates: Vec<Fate> = archives
            .iter()
            .map(|archive| match archive.volume.protected {
                true => Fate::Marked(Mark::Protected),
                false => Fate::Renamed,
            })
            .collect();
        for members in groups.values() {
            let candidates: Vec<Candidate> = members
                .iter()
                .filter_map(|n| {
                    let volume = archives.get(*n)?.volume;
                    Some(Candidate {
                        made: volume.created,
                        is_protected: volume.protected,
                    })
                })
                .collect();
            for (n, mark) in members.iter().zip(marks(&candidates, keep)) {
                if let Some(fate) = fates.get_mut(*n) {
                    *fate = Fate::Marked(mark);
                }
            }
        }
        archives.into_iter().zip(fates).collect()
    }

    /// Removes what retention lets go and gives the names.
    pub fn prune(
        &mut self,
        storage: &StorageId,
        node: &NodeName,
        choice: Choice,
        keep: Keep,
    ) -> Vec<VolumeId> {
        let fates = self.fates(storage, node, choice, keep);
        let doomed: Vec<VolumeId> = fates
            .into_iter()
            .filter(|(_, fate)| *fate == Fate::Marked(Mark::Remove))
            .map(|(archive, _)| VolumeId {
                storage: storage.clone(),
                name: archive.name.into(),
            })
            .collect();
        doomed
            .into_iter()
            .filter(|id| self.remove_volume(id, node).is_ok())
            .collect()
    }
}

/// How a backup is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// It is not.
    None,
    /// `lzo`
    Lzo,
    /// `gzip`
    Gzip,
    /// `zstd`
    Zstd,
}

impl Compression {
    /// What the parameter `compress` says.
    pub fn named(name: &str) -> Self {
        match name {
            "1" | "lzo" => Self::Lzo,
            "gzip" => Self::Gzip,
            "zstd" => Self::Zstd,
            _ => Self::None,
        }
    }

    /// The format of a backup that is compressed so.
    pub fn format(self, kind: Kind) -> Format {
        match (kind, self) {
            (Kind::Qemu, Self::None) => Format::Vma,
            (Kind::Qemu, Self::Lzo) => Format::VmaLzo,
            (Kind::Qemu, Self::Gzip) => Format::VmaGz,
            (Kind::Qemu, Self::Zstd) => Format::VmaZst,
            (Kind::Lxc, Self::None) => Format::Tar,
            (Kind::Lxc, Self::Lzo) => Format::TarLzo,
            (Kind::Lxc, Self::Gzip) => Format::TarGz,
            (Kind::Lxc, Self::Zstd) => Format::TarZst,
        }
    }
}

/// The name and format of a backup that is made at a moment. Names have the time of UTC.
pub fn new_name(
    storage: StorageKind,
    guest: (Kind, Vmid),
    at: Timestamp,
    compression: Compression,
) -> (Box<str>, Format) {
    let (kind, vmid) = guest;
    if storage == StorageKind::Pbs {
        let (group, format) = match kind {
            Kind::Qemu => ("vm", Format::PbsVm),
            Kind::Lxc => ("ct", Format::PbsCt),
        };
        let stamp = at.strftime("%Y-%m-%dT%H:%M:%SZ");
        return (format!("backup/{group}/{vmid}/{stamp}").into(), format);
    }
    let format = compression.format(kind);
    let stamp = at.strftime("%Y_%m_%d-%H_%M_%S");
    let (kind, end) = (kind.as_str(), format.as_str());
    let name = format!("backup/vzdump-{kind}-{vmid}-{stamp}.{end}");
    (name.into(), format)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let vmid = Vmid::new(100).unwrap();
        let at = "2026-01-31T10:20:30Z".parse().unwrap();
        let check = |storage, kind, compression, want: &str| {
            let (name, format) = new_name(storage, (kind, vmid), at, compression);
            assert_eq!(&*name, want);
            let volume = Volume {
                content: Content::Backup,
                format,
                size: Default::default(),
                used: None,
                owner: Some(vmid),
                created: at,
                notes: None,
                protected: false,
                parent: None,
                guest: None,
            };
            let archive = Archive::of(&name, &volume).unwrap();
            assert_eq!(
                (archive.kind, archive.has_standard_name),
                (Some(kind), true)
            );
        };
        use Compression::{Gzip, Zstd};
        use StorageKind::{Dir, Pbs};
        check(
            Dir,
            Kind::Qemu,
            Zstd,
            "backup/vzdump-qemu-100-2026_01_31-10_20_30.vma.zst",
        );
        check(
            Dir,
            Kind::Lxc,
            Gzip,
            "backup/vzdump-lxc-100-2026_01_31-10_20_30.tar.gz",
        );
        check(
            Dir,
            Kind::Qemu,
            Compression::None,
            "backup/vzdump-qemu-100-2026_01_31-10_20_30.vma",
        );
        check(Pbs, Kind::Lxc, Zstd, "backup/ct/100/2026-01-31T10:20:30Z");
    }
}
