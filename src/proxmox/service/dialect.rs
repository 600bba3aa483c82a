//! How the three products speak HTTP (proxmox.md 1.1, 1.2).

use std::time::Duration;

use jiff::Timestamp;

use crate::http::compress::Coding;
use crate::http::{Dialect, Refusal, Reply};
use crate::proxmox::envelope::{Envelope, Format};
use crate::proxmox::gate::is_upload;
use crate::proxmox::product::Edition;

/// The largest body that is read at all. What is too large for an ordinary call is refused by the gate, in the
/// product's words.
const LARGEST_BODY: usize = 4 * 1024 * 1024;

/// The dialect of a release.
pub(super) fn dialect(edition: Edition, body_bytes: Option<usize>) -> Dialect {
    let common = Dialect {
        http2: true,
        header_bytes: 64 * 1024,
        header_fields: 100,
        body_bytes: body_bytes.unwrap_or(LARGEST_BODY),
        inflate: false,
        patience: Duration::from_secs(30),
        idle: Duration::from_secs(60),
        requests: u32::MAX,
        codings: &[Coding::Deflate],
        compress_above: 0,
        drops_file: |_, _| false,
        refuse: match edition {
            Edition::Pve7 => |refusal| refuse(Edition::Pve7, refusal),
            Edition::Pve8 => |refusal| refuse(Edition::Pve8, refusal),
            Edition::Pve9 => |refusal| refuse(Edition::Pve9, refusal),
            Edition::Pbs => |refusal| refuse(Edition::Pbs, refusal),
            Edition::Pdm => |refusal| refuse(Edition::Pdm, refusal),
        },
    };
    match edition {
        Edition::Pbs | Edition::Pdm => common,
        Edition::Pve7 | Edition::Pve8 | Edition::Pve9 => Dialect {
            http2: false,
            header_bytes: 8 * 1024,
            header_fields: 64,
            idle: Duration::from_secs(5),
            requests: 100,
            codings: &[Coding::Gzip, Coding::Deflate],
            compress_above: 1024,
            drops_file: |method, path| {
                let path = path
                    .strip_prefix("/api2/json")
                    .or_else(|| path.strip_prefix("/api2/extjs"));
                path.is_some_and(|path| is_upload(method, path))
            },
            ..common
        },
    }
}

/// What `net` refuses before there is a request has no time of its own; the header that shows one is left to its
/// beginning.
fn refuse(edition: Edition, refusal: Refusal) -> Reply {
    let envelope = Envelope {
        edition,
        format: Format::Json,
        now: Timestamp::UNIX_EPOCH,
    };
    envelope.refuse(refusal)
}
