//! What is known of a file that came with an upload, and where a file that is brought in will lie.

use crate::http::checksum::Checksum;
use crate::http::multipart::Multipart;
use crate::proxmox::call::Call;
use crate::proxmox::fault::{Fault, Unacceptable};
use crate::pve::world::World;
use crate::pve::world::ids::{NodeName, VolumeId};
use crate::pve::world::size::Size;
use crate::pve::world::storage::{Content, Storage};
use crate::pve::world::storage_effect::StorageEffect;
use crate::pve::world::task::Effect;
use crate::pve::world::volname;
use crate::pve::world::volume::{Format, Volume};

/// What is known of an uploaded file; its bytes are nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Incoming {
    /// Its size.
    pub(super) size: u64,
    /// Its checksum by the algorithm that the upload names; none where that cannot be computed here.
    pub(super) checksum: Option<String>,
}

impl Incoming {
    /// The file of a call, counted and hashed.
    ///
    /// # Errors
    /// When the call has no file, or a form that does not read.
    pub(super) fn of(call: &Call<'_>) -> Result<Self, Fault> {
        let kind = call.request.headers.text("content-type");
        let broken = |_| Fault::Unacceptable(Unacceptable::Upload);
        if call.request.body.is_empty() {
            return Err(Fault::Failed("missing temporary file name".to_owned()));
        }
        let parts = Multipart::parse(kind.unwrap_or_default(), &call.request.body);
        let parts = parts.map_err(broken)?;
        let file = parts.file();
        let file = file.ok_or_else(|| Fault::Failed("missing temporary file name".to_owned()))?;
        // `net` has counted the file of a real upload, hashed it as asked for, and dropped it.
        if let Some(facts) = &call.request.upload {
            return Ok(Self {
                size: facts.bytes,
                checksum: facts.checksum.as_ref().map(|(_, hex)| hex.clone()),
            });
        }
        let algorithm = call.arguments.text("checksum-algorithm");
        let algorithm = algorithm.and_then(Checksum::named);
        Ok(Self {
            size: u64::try_from(file.size()).unwrap_or(u64::MAX),
            checksum: algorithm.map(|algorithm| parts.checksum(file, algorithm)),
        })
    }
}

/// Where a file will lie.
pub(super) struct Destination {
    pub(super) node: NodeName,
    pub(super) id: VolumeId,
    pub(super) path: String,
    content: Content,
    format: Format,
}

impl Destination {
    /// The place of a file of this name.
    ///
    /// # Errors
    /// A name that does not end as such files do.
    pub(super) fn of(
        node: NodeName,
        (id, storage): (&crate::pve::world::ids::StorageId, &Storage),
        content: Content,
        file: &str,
    ) -> Result<Self, Fault> {
        let file = normalized(file);
        let format = match content {
            Content::Iso => volname::iso(&file),
            Content::Vztmpl => volname::template(&file),
            _ => volname::import(&file).filter(|format| *format != Format::Ovf),
        };
        let text = match content {
            Content::Import => "invalid filename or wrong extension",
            _ => "wrong file extension",
        };
        let format = format.ok_or_else(|| Fault::parameter("filename", text))?;
        let name = format!("{}/{file}", content.as_str());
        Ok(Self {
            node,
            path: volname::path(id, storage, &name),
            id: VolumeId {
                storage: id.clone(),
                name: name.into(),
            },
            content,
            format,
        })
    }

    /// The last part of its path.
    pub(super) fn file(&self) -> &str {
        self.id.name.split_once('/').map_or("", |(_, file)| file)
    }

    /// Whether something lies there already.
    pub(super) fn is_taken(&self, world: &World) -> bool {
        world.volume(&self.id, &self.node).is_some()
    }

    /// Whether a file of this size fits in, an old one of its name being replaced.
    pub(super) fn has_room(&self, world: &World, size: u64) -> bool {
        let known = world.storages.get(&self.id.storage);
        let shelf = world.shelf(&self.id.storage, &self.node);
        let used = shelf.map(|shelf| world.used(&shelf)).unwrap_or_default();
        let old = world.volume(&self.id, &self.node).map(Volume::used);
        let used = used.bytes().saturating_sub(old.unwrap_or_default().bytes());
        known.is_some_and(|known| known.size.bytes().saturating_sub(used) >= size)
    }

    /// The file's arrival.
    pub(super) fn arrival(&self, call: &Call<'_>, size: u64) -> Effect {
        Effect::Storage(StorageEffect::Add {
            node: self.node.clone(),
            id: self.id.clone(),
            volume: Box::new(Volume {
                content: self.content,
                format: self.format,
                size: Size(size),
                used: None,
                owner: None,
                created: call.now,
                notes: None,
                protected: false,
                parent: None,
                guest: None,
            }),
        })
    }
}

/// A file's name without folders and without anything unusual (`normalize_content_filename`).
pub(super) fn normalized(file: &str) -> String {
    let file = file.trim_end_matches('\n');
    let last = file.rsplit(['/', '\\']).next().unwrap_or_default();
    let usual = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    last.chars()
        .map(|c| if usual(c) { c } else { '_' })
        .collect()
}
