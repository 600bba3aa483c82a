//! What is in a datastore, here or on a remote: namespaces with groups with snapshots with files.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ids::{BackupType, GroupId, Namespace, SnapshotId};
use super::is_default;
use super::moment::Moment;
use crate::proxmox::identity::Identity;

/// How a file is kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names are the product's own")]
pub enum CryptMode {
    #[default]
    None,
    SignOnly,
    Encrypt,
}

impl CryptMode {
    /// The product's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::SignOnly => "sign-only",
            Self::Encrypt => "encrypt",
        }
    }
}

/// A file of a snapshot; `index.json.blob`, the list of the others, is not written down but always there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct File {
    /// Its name on the server: `drive-scsi0.img.fidx`, `qemu-server.conf.blob`.
    pub name: String,
    /// What it holds, in bytes.
    pub size: u64,
    /// How it is kept.
    #[serde(default, skip_serializing_if = "is_default")]
    pub crypt_mode: CryptMode,
}

/// What a verification found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names are the product's own")]
pub enum Verdict {
    Ok,
    Failed,
}

/// A verification of one snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Verification {
    /// What it found.
    pub state: Verdict,
    /// The task that found it.
    pub upid: String,
}

/// One backup.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Snapshot {
    /// Its files.
    #[serde(default)]
    pub files: Vec<File>,
    /// What somebody wrote about it; lists show the first line as `comment`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub notes: String,
    /// Whether it may not be deleted.
    #[serde(default, skip_serializing_if = "is_default")]
    pub protected: bool,
    /// The last verification.
    #[serde(default, skip_serializing_if = "is_default")]
    pub verification: Option<Verification>,
    /// The fingerprint of the key that it is encrypted with.
    #[serde(default, skip_serializing_if = "is_default")]
    pub fingerprint: Option<String>,
}

impl Snapshot {
    /// What its files hold together.
    pub fn size(&self) -> u64 {
        let sizes = self.files.iter().map(|file| file.size);
        sizes.fold(INDEX_SIZE, u64::saturating_add)
    }

    /// Whether the state of its verification is bad.
    pub fn is_corrupt(&self) -> bool {
        let state = self.verification.as_ref().map(|found| found.state);
        state == Some(Verdict::Failed)
    }
}

/// The size of the list of files.
pub const INDEX_SIZE: u64 = 512;

/// The name of the list of files.
pub const INDEX_NAME: &str = "index.json.blob";

/// All backups of one guest or machine in a namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Group {
    /// Whose they are: a user or a token.
    pub owner: Identity,
    /// What somebody wrote about them; lists show the first line as `comment`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub notes: String,
    /// The backups by the moment they were taken.
    pub snapshots: BTreeMap<Moment, Snapshot>,
}

impl Group {
    /// When the last one was taken, in seconds since 1970.
    pub fn last(&self) -> i64 {
        let last = self.snapshots.last_key_value();
        last.map_or(0, |(time, _)| time.second())
    }

    /// What they take on disk: later backups share nearly everything with earlier ones.
    pub fn stored(&self) -> u64 {
        let mut sizes = self.snapshots.values().map(Snapshot::size);
        let first = sizes.next().unwrap_or(0);
        let rest = sizes.map(|size| size / 8);
        rest.fold(first / 2, u64::saturating_add)
    }
}

/// A namespace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Space {
    /// A comment.
    #[serde(skip_serializing_if = "is_default")]
    pub comment: Option<String>,
    /// Its groups.
    pub groups: BTreeMap<GroupId, Group>,
}

/// All namespaces; the root (`""`) is always there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Content(pub BTreeMap<Namespace, Space>);

impl Default for Content {
    fn default() -> Self {
        Self(BTreeMap::from([(Namespace::root(), Space::default())]))
    }
}

/// How many groups and snapshots there are of one type.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Groups.
    pub groups: u64,
    /// Snapshots.
    pub snapshots: u64,
}

impl Content {
    /// A group.
    pub fn group(&self, space: &Namespace, id: &GroupId) -> Option<&Group> {
        self.0.get(space)?.groups.get(id)
    }

    /// The same to change it.
    pub fn group_mut(&mut self, space: &Namespace, id: &GroupId) -> Option<&mut Group> {
        self.0.get_mut(space)?.groups.get_mut(id)
    }

    /// A snapshot.
    pub fn snapshot(&self, space: &Namespace, id: &SnapshotId) -> Option<&Snapshot> {
        let group = self.group(space, &id.group)?;
        group.snapshots.get(&Moment::new(id.time))
    }

    /// The same to change it.
    pub fn snapshot_mut(&mut self, space: &Namespace, id: &SnapshotId) -> Option<&mut Snapshot> {
        let group = self.group_mut(space, &id.group)?;
        group.snapshots.get_mut(&Moment::new(id.time))
    }

    /// Takes a snapshot out, and its group with the last one.
    pub fn remove(&mut self, space: &Namespace, id: &SnapshotId) -> Option<Snapshot> {
        let groups = &mut self.0.get_mut(space)?.groups;
        let group = groups.get_mut(&id.group)?;
        let removed = group.snapshots.remove(&Moment::new(id.time));
        if group.snapshots.is_empty() {
            groups.remove(&id.group);
        }
        removed
    }

    /// Puts a snapshot in, making its namespace and group where they are not there yet.
    pub fn insert(
        &mut self,
        space: &Namespace,
        id: &SnapshotId,
        owner: &Identity,
        snapshot: Snapshot,
    ) {
        let mut parent = Some(space.clone());
        while let Some(namespace) = parent {
            parent = namespace.parent();
            self.0.entry(namespace).or_default();
        }
        let groups = &mut self.0.entry(space.clone()).or_default().groups;
        let group = groups.entry(id.group.clone()).or_insert_with(|| Group {
            owner: owner.clone(),
            notes: String::new(),
            snapshots: BTreeMap::new(),
        });
        group.snapshots.insert(Moment::new(id.time), snapshot);
    }

    /// The namespaces at a place and below, down to this depth below it.
    pub fn spaces<'a>(
        &'a self,
        place: &'a Namespace,
        depth: usize,
    ) -> impl Iterator<Item = (&'a Namespace, &'a Space)> + 'a {
        let deepest = place.depth().saturating_add(depth);
        self.0
            .iter()
            .filter(move |(name, _)| place.contains(name) && name.depth() <= deepest)
    }

    /// All groups, with their namespaces.
    pub fn groups(&self) -> impl Iterator<Item = (&Namespace, &GroupId, &Group)> {
        self.0.iter().flat_map(|(space, content)| {
            let groups = content.groups.iter();
            groups.map(move |(id, group)| (space, id, group))
        })
    }

    /// How much there is of one type.
    pub fn count(&self, kind: BackupType) -> Count {
        let groups = self.groups().filter(|(_, id, _)| id.kind == kind);
        groups.fold(Count::default(), |count, (_, _, group)| Count {
            groups: count.groups + 1,
            snapshots: count.snapshots + group.snapshots.len() as u64,
        })
    }

    /// What all backups take on disk, in bytes.
    pub fn stored(&self) -> u64 {
        let groups = self.groups().map(|(_, _, group)| group.stored());
        groups.fold(0, u64::saturating_add)
    }

    /// What all backups hold, in bytes, as if nothing were shared.
    pub fn indexed(&self) -> u64 {
        let groups = self
            .groups()
            .flat_map(|(_, _, group)| group.snapshots.values());
        groups.map(Snapshot::size).fold(0, u64::saturating_add)
    }

    /// How many index files there are.
    pub fn index_files(&self) -> u64 {
        let groups = self
            .groups()
            .flat_map(|(_, _, group)| group.snapshots.values());
        let files = groups.flat_map(|snapshot| &snapshot.files);
        files.filter(|file| file.name.ends_with("idx")).count() as u64
    }
}
