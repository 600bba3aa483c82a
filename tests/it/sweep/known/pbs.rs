//! What a person knows who walks through Backup Server.

use super::Known;

/// One backup of the lab.
const ONE: &str = "backup-type=vm&backup-id=101&ns=lab&backup-time=1767225600";

/// All of it.
pub(super) const PBS: Known = Known {
    queries: &[
        (
            "/admin/datastore/{store}/catalog",
            "backup-type=vm&backup-id=101&ns=lab&backup-time=1767225600&filepath=/",
        ),
        (
            "/admin/datastore/{store}/download",
            "backup-type=vm&backup-id=101&ns=lab&backup-time=1767225600&file-name=index.json.blob",
        ),
        (
            "/admin/datastore/{store}/download-decoded",
            "backup-type=vm&backup-id=101&ns=lab&backup-time=1767225600&file-name=index.json.blob",
        ),
        ("/admin/datastore/{store}/files", ONE),
        (
            "/admin/datastore/{store}/group-notes",
            "backup-type=vm&backup-id=101&ns=lab",
        ),
        ("/admin/datastore/{store}/notes", ONE),
        ("/admin/datastore/{store}/protected", ONE),
        (
            "/admin/datastore/{store}/pxar-file-download",
            "backup-type=vm&backup-id=101&ns=lab&backup-time=1767225600&filepath=/",
        ),
        ("/nodes/{node}/apt/changelog", "name=proxmox-backup-server"),
        ("/nodes/{node}/disks/smart", "disk=sda"),
    ],
    families: &[
        ("/rrd", "timeframe=hour&cf=AVERAGE"),
        ("vncwebsocket", "port=5900&vncticket=PBSTERM:1::x"),
    ],
    values: &[
        // The backup that is asked about is in this one.
        ("/admin/datastore/{store}", &["main"]),
        // They are listed under /config.
        ("/admin/s3/{s3-client-id}", &["garage"]),
    ],
    refused: &[
        // Nothing is kept of what is inside of backups.
        ("/admin/datastore/{store}/catalog", 400),
        ("/admin/datastore/{store}/download", 404),
        ("/admin/datastore/{store}/download-decoded", 404),
        ("/admin/datastore/{store}/pxar-file-download", 404),
        // Ways into other protocols, which ask for an upgrade.
        ("/backup", 400),
        ("/reader", 400),
        // It destroys, and asks what.
        ("/tape/media/destroy", 400),
    ],
    either: &[],
    // What is behind an upgrade has no address of its own.
    unreachable: &["/backup/_upgrade_", "/reader/_upgrade_"],
    sockets: 400,
};
