//! Names of volumes: what a name says about a volume, and where its file or device is.
//!
//! `parse_volname` and `path` of the product's storage plugins, in their words.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::ids::{StorageId, Vmid};
use super::storage::{Content, Storage, StorageKind};
use super::volume::Format;

/// What a name says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// What the volume is; `images` for all disks, because names do not tell machines from containers.
    pub content: Content,
    /// The name without its folder, or with it where that is part of it.
    pub file: String,
    /// The guest that it belongs to.
    pub owner: Option<Vmid>,
    /// Its format.
    pub format: Format,
    /// Whether it is the base of linked clones.
    pub is_base: bool,
}

/// Extensions of CD images.
static ISO: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[^/]+\.(?i:iso|img)$"));
/// Extensions of templates of containers.
static TEMPLATE: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[^/]+\.tar(?:\.(gz|xz|zst|bz2))?$"));
/// Extensions of backups.
static BACKUP: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^[^/]+\.(tgz|(?:tar|vma)(?:\.(?:gz|lzo|zst|bz2))?)$"));
/// What may be imported from, with the extension.
static IMPORT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^[ a-zA-Z0-9\-.+=_]+\.(ova|ovf|qcow2|raw|vmdk)$"));
/// A disk in a folder.
static FILE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(?:(base|basevol)?[^/\s]+)\.(raw|qcow2|vmdk|subvol)$"));
/// A disk without a folder.
static BLOCK: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^(?:(?:base|basevol)-\d+-[^/\s]+/)?((base|basevol|vm|subvol)-(\d+)-[^/\s]+)$")
});
/// A snapshot of a Backup Server.
static PBS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^backup/((vm|ct|host)/([^\s_/]+)/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)$")
});
/// The guest in the name of a backup.
static SAVED: LazyLock<Regex> = LazyLock::new(|| pattern(r"^vzdump-(?:openvz|lxc|qemu)-(\d+)-.+"));

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the patterns of this file are tested")
}

/// What a name says on a storage of this type.
///
/// # Errors
/// The product's sentence about a name that says nothing.
pub fn parse(kind: StorageKind, name: &str) -> Result<Parsed, String> {
    let (parsed, what) = match kind {
        StorageKind::Pbs => (snapshot(name), "PBS"),
        StorageKind::Lvm | StorageKind::Lvmthin => (block(name), "lvm"),
        StorageKind::Zfs | StorageKind::Zfspool => (block(name), "zfs"),
        StorageKind::Rbd => (block(name), "rbd"),
        StorageKind::Iscsi | StorageKind::Iscsidirect => (lun(name), "iscsi"),
        StorageKind::Esxi => {
            return appliance(name).ok_or_else(|| format!("failed to parse volname '{name}'"));
        }
        _ => (in_folder(name)?, "directory"),
    };
    parsed.ok_or_else(|| format!("unable to parse {what} volume name '{name}'"))
}

fn plain(content: Content, file: &str, format: Format) -> Parsed {
    Parsed {
        content,
        file: file.to_owned(),
        owner: None,
        format,
        is_base: false,
    }
}

/// A backup by the name of its file, if it is of a guest.
fn saved(file: &str) -> Option<Parsed> {
    let owner = SAVED.captures(file)?.get(1)?.as_str().parse().ok();
    let format = backup(file)?;
    Some(Parsed {
        owner,
        ..plain(Content::Backup, file, format)
    })
}

/// Names below the folders of a storage with files.
fn in_folder(name: &str) -> Result<Option<Parsed>, String> {
    if name.starts_with(|c: char| c.is_ascii_digit())
        && let Some((owner, file)) = name.split_once('/')
        && owner.bytes().all(|byte| byte.is_ascii_digit())
    {
        // The product has no such names, but the files that proxbox is tested with do (proxbox.md 1.5, row 10).
        if let Some(backup) = saved(file) {
            return Ok(Some(backup));
        }
        return disk(owner, file).map(Some);
    }
    let Some((folder, file)) = name.split_once('/') else {
        return Ok(None);
    };
    Ok(match folder {
        "iso" => ISO
            .is_match(file)
            .then(|| plain(Content::Iso, file, Format::Iso)),
        "vztmpl" => template(file).map(|format| plain(Content::Vztmpl, file, format)),
        "backup" => backup(file).map(|format| Parsed {
            owner: SAVED
                .captures(file)
                .and_then(|found| found.get(1)?.as_str().parse().ok()),
            ..plain(Content::Backup, file, format)
        }),
        "snippets" if !file.is_empty() && !file.contains('/') => {
            Some(plain(Content::Snippets, file, Format::Snippet))
        }
        "import" => import(file).map(|format| plain(Content::Import, file, format)),
        _ => None,
    })
}

/// `100/vm-100-disk-0.qcow2`, also behind the name of a base.
fn disk(owner: &str, rest: &str) -> Result<Parsed, String> {
    let (owner, file) = match rest.split('/').collect::<Vec<_>>()[..] {
        [base, owner, file] => {
            file_format(base)?;
            (owner, file)
        }
        _ => (owner, rest),
    };
    let (format, is_base) = file_format(file)?;
    Ok(Parsed {
        content: Content::Images,
        file: file.to_owned(),
        owner: owner.parse().ok(),
        format,
        is_base,
    })
}

fn file_format(file: &str) -> Result<(Format, bool), String> {
    let found = FILE.captures(file);
    let format = found
        .as_ref()
        .and_then(|found| disk_format(found.get(2)?.as_str()));
    let format = format.ok_or_else(|| format!("unable to parse volume filename '{file}'"))?;
    Ok((format, file.starts_with("base-")))
}

/// The format of a disk by its name.
pub fn disk_format(name: &str) -> Option<Format> {
    [Format::Raw, Format::Qcow2, Format::Vmdk, Format::Subvol]
        .into_iter()
        .find(|format| format.as_str() == name)
}

/// The format of a template by its file's name, as lists show it.
pub fn template(file: &str) -> Option<Format> {
    let found = TEMPLATE.captures(file)?;
    Some(match found.get(1).map(|end| end.as_str()) {
        None => Format::Tar,
        Some("gz") => Format::Tgz,
        Some("xz") => Format::Txz,
        // bzip2 is rarer than a format of its own is worth; both are read alike.
        Some(_) => Format::Tzst,
    })
}

/// The format of a CD image by its file's name.
pub fn iso(file: &str) -> Option<Format> {
    ISO.is_match(file).then_some(Format::Iso)
}

/// The format of an image to be imported by its file's name.
pub fn import(file: &str) -> Option<Format> {
    let found = IMPORT.captures(file)?;
    Some(match found.get(1)?.as_str() {
        "ova" => Format::Ova,
        "ovf" => Format::Ovf,
        other => disk_format(other)?,
    })
}

fn backup(file: &str) -> Option<Format> {
    let found = BACKUP.captures(file)?;
    Some(match found.get(1)?.as_str() {
        "tgz" => Format::Tgz,
        "tar" => Format::Tar,
        "tar.gz" => Format::TarGz,
        "tar.lzo" => Format::TarLzo,
        "vma" => Format::Vma,
        "vma.gz" => Format::VmaGz,
        "vma.lzo" => Format::VmaLzo,
        other if other.starts_with("vma") => Format::VmaZst,
        _ => Format::TarZst,
    })
}

fn block(name: &str) -> Option<Parsed> {
    let found = BLOCK.captures(name)?;
    let stem = found.get(2)?.as_str();
    let format = match stem {
        "subvol" | "basevol" => Format::Subvol,
        _ if name.ends_with(".qcow2") => Format::Qcow2,
        _ => Format::Raw,
    };
    Some(Parsed {
        content: Content::Images,
        file: found.get(1)?.as_str().to_owned(),
        owner: found.get(3)?.as_str().parse().ok(),
        format,
        is_base: stem.starts_with("base"),
    })
}

fn snapshot(name: &str) -> Option<Parsed> {
    let found = PBS.captures(name)?;
    let format = match found.get(2)?.as_str() {
        "vm" => Format::PbsVm,
        _ => Format::PbsCt,
    };
    Some(Parsed {
        owner: found.get(3)?.as_str().parse().ok(),
        ..plain(Content::Backup, found.get(1)?.as_str(), format)
    })
}

fn lun(name: &str) -> Option<Parsed> {
    let fits = name.split('.').count() > 3 && !name.contains('/');
    fits.then(|| plain(Content::Images, name, Format::Raw))
}

fn appliance(name: &str) -> Option<Parsed> {
    (name.split('/').count() > 2).then(|| plain(Content::Import, name, Format::Vmdk))
}

/// Where a volume's file or device is on its node.
pub fn path(id: &StorageId, storage: &Storage, name: &str) -> String {
    let option = |key: &str| match storage.options.0.get(key) {
        Some(Value::String(text)) => text.as_str(),
        _ => "",
    };
    let file = name.rsplit('/').next().unwrap_or(name);
    match storage.kind {
        StorageKind::Lvm | StorageKind::Lvmthin => format!("/dev/{}/{file}", option("vgname")),
        StorageKind::Zfspool if file.starts_with("subvol") => {
            format!("/{}/{file}", option("pool"))
        }
        StorageKind::Zfspool => format!("/dev/zvol/{}/{file}", option("pool")),
        StorageKind::Zfs => format!("iscsi://{}/{}/0", option("portal"), option("target")),
        StorageKind::Rbd => {
            let pool = match option("pool") {
                "" => "rbd",
                pool => pool,
            };
            format!(
                "rbd:{pool}/{file}:conf=/etc/pve/ceph.conf:id=admin:keyring=/etc/pve/priv/ceph/{id}.keyring"
            )
        }
        StorageKind::Pbs => {
            let user = match option("username") {
                "" => "root@pam",
                user => user,
            };
            let snapshot = name.strip_prefix("backup/").unwrap_or(name);
            let (server, store) = (option("server"), option("datastore"));
            format!("pbs://{user}@{server}:{store}/{snapshot}")
        }
        StorageKind::Iscsi | StorageKind::Iscsidirect => format!("/dev/disk/by-id/{file}"),
        StorageKind::Esxi => format!("/run/pve/import/esxi/{id}/mnt/{name}"),
        _ => {
            let content = parse(storage.kind, name).map_or(Content::Images, |read| read.content);
            let rest = match content {
                Content::Images => name,
                _ => file,
            };
            format!("{}/{}/{rest}", option("path"), content.folder())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::StorageKind::{Dir, Lvmthin, Pbs, Rbd, Zfspool};
    use super::*;

    const NAMES: [(StorageKind, &str, &str); 20] = [
        (Dir, "iso/a.iso", "iso a.iso - iso"),
        (
            Dir,
            "iso/a.txt",
            "unable to parse directory volume name 'iso/a.txt'",
        ),
        (
            Dir,
            "iso/a/b.iso",
            "unable to parse directory volume name 'iso/a/b.iso'",
        ),
        (Dir, "vztmpl/a.tar.zst", "vztmpl a.tar.zst - tzst"),
        (
            Dir,
            "backup/vzdump-qemu-101-2026_01_01-00_00_00.vma.zst",
            "backup vzdump-qemu-101-2026_01_01-00_00_00.vma.zst 101 vma.zst",
        ),
        (Dir, "backup/x.tar", "backup x.tar - tar"),
        (Dir, "snippets/a", "snippets a - snippet"),
        (Dir, "import/a b.ova", "import a b.ova - ova"),
        (
            Dir,
            "100/vm-100-disk-0.qcow2",
            "images vm-100-disk-0.qcow2 100 qcow2",
        ),
        (
            Dir,
            "99/base-99-disk-0.raw/100/vm-100-disk-0.qcow2",
            "images vm-100-disk-0.qcow2 100 qcow2",
        ),
        (
            Dir,
            "100/base-100-disk-0.raw",
            "images base-100-disk-0.raw 100 raw base",
        ),
        (Dir, "100/x", "unable to parse volume filename 'x'"),
        (Dir, "é", "unable to parse directory volume name 'é'"),
        (Lvmthin, "vm-100-disk-0", "images vm-100-disk-0 100 raw"),
        (
            Lvmthin,
            "base-100-disk-0",
            "images base-100-disk-0 100 raw base",
        ),
        (Lvmthin, "x", "unable to parse lvm volume name 'x'"),
        (
            Rbd,
            "base-99-disk-0/vm-100-disk-0",
            "images vm-100-disk-0 100 raw",
        ),
        (
            Zfspool,
            "subvol-100-disk-0",
            "images subvol-100-disk-0 100 subvol",
        ),
        (
            Pbs,
            "backup/vm/100/2026-01-31T09:20:30Z",
            "backup vm/100/2026-01-31T09:20:30Z 100 pbs-vm",
        ),
        (Pbs, "x", "unable to parse PBS volume name 'x'"),
    ];

    #[test]
    fn what_names_say() {
        let check = |kind: StorageKind, name: &str, want: &str| {
            let got = match parse(kind, name) {
                Err(text) => text,
                Ok(read) => {
                    let owner = read.owner.map_or("-".to_owned(), |owner| owner.to_string());
                    let base = if read.is_base { " base" } else { "" };
                    let content = read.content.as_str();
                    format!(
                        "{content} {} {owner} {}{base}",
                        read.file,
                        read.format.as_str()
                    )
                }
            };
            assert_eq!(got, want);
        };
        for (kind, name, want) in NAMES {
            check(kind, name, want);
        }
    }
}
