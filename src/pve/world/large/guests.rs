//! The guests of a large cluster: what they are called, how large they are, and what lies about of them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::json;

use super::{Members, later};
use crate::proxmox::world_file;
use crate::pve::world::World;
use crate::pve::world::guest::{Guest, Kind, Status};
use crate::pve::world::ha::{Resource, Sid};
use crate::pve::world::ids::{NodeName, Shelf, StorageId, Vmid};
use crate::pve::world::ordered::Ordered;
use crate::pve::world::size::Size;
use crate::pve::world::snapshot::Snapshot;
use crate::pve::world::volume::Volume;
use crate::random::uuid;

/// What guests do, with the gibibytes of memory and disk that this takes at the least.
const WORK: [(&str, u64, u64); 12] = [
    ("web", 2, 16),
    ("db", 8, 64),
    ("app", 4, 24),
    ("cache", 4, 8),
    ("queue", 2, 16),
    ("mail", 2, 32),
    ("proxy", 1, 8),
    ("monitor", 4, 48),
    ("build", 8, 80),
    ("files", 4, 128),
    ("dns", 1, 8),
    ("auth", 2, 16),
];

/// Whom they serve, as it stands in names and tags, and the pool for it. Half of all serve the first.
const PURPOSES: [(&str, &str); 4] = [
    ("prod", "production"),
    ("stage", "staging"),
    ("test", "tests"),
    ("dev", "development"),
];

/// Where their disks are: on the node, or on what all nodes see.
const LOCAL: &str = "local-lvm";
const SHARED: &str = "ceph-pool";

/// Where backups are.
const BACKUPS: &str = "nfs-backup";

/// One guest in the making.
struct Draft {
    vmid: Vmid,
    kind: Kind,
    name: String,
    work: &'static str,
    purpose: &'static str,
    pool: &'static str,
    memory: u64,
    disk: Size,
    storage: &'static str,
    runs: bool,
}

impl World {
    /// Puts guests on the nodes, one after the other, with everything that belongs to them.
    pub(super) fn grow_guests(&mut self, count: u32, random: &mut fastrand::Rng) {
        let nodes: Vec<(NodeName, Timestamp)> = self
            .nodes
            .iter()
            .map(|(name, node)| (name.clone(), node.started))
            .collect();
        let mut members = Members::new();
        let mut vmid = Vmid::FIRST;
        for (number, (node, since)) in (0..count).zip(nodes.iter().cycle()) {
            let draft = draft(vmid, number, random);
            let mut guest = draft.guest(node, *since, random);
            self.add_disk(&draft, node, random);
            if random.u8(0..100) < 12 {
                add_snapshots(&mut guest, *since, random);
            }
            if random.u8(0..100) < 30 {
                self.add_backup(&draft, *since, random);
            }
            if draft.storage == SHARED && draft.purpose == "prod" && random.u8(0..100) < 20 {
                let kind = draft.kind;
                self.ha
                    .resources
                    .insert(Sid { kind, vmid }, Resource::default());
            }
            // Some belong to nobody.
            if random.u8(0..100) < 75 || number < 8 {
                members.entry(draft.pool).or_default().push(vmid);
            }
            self.guests.insert(vmid, guest);
            // Numbers of guests that are gone leave gaps.
            let next = vmid.number() + 1 + u32::from(random.u8(0..20) == 0);
            match Vmid::new(next) {
                Some(next) => vmid = next,
                None => break,
            }
        }
        for (pool, guests) in members {
            let pool = self.pools.entry(pool.to_owned()).or_default();
            pool.guests = guests.into_iter().collect::<BTreeSet<_>>();
        }
    }

    fn add_disk(&mut self, draft: &Draft, node: &NodeName, random: &mut fastrand::Rng) {
        let is_shared = draft.storage == SHARED;
        let content = match draft.kind {
            Kind::Qemu => "images",
            Kind::Lxc => "rootdir",
        };
        // Thin: a fifth to a half of it was ever written.
        let used = draft.disk.bytes() / 100 * random.u64(20..50);
        let file = json!({
            "content": content,
            "format": "raw",
            "size": draft.disk,
            "used": Size(used),
            "owner": draft.vmid,
            "created": "2025-11-03T09:00:00Z",
        });
        let name = format!("vm-{}-disk-0", draft.vmid);
        self.shelve(
            draft.storage,
            (!is_shared).then(|| node.clone()),
            name,
            &file,
        );
    }

    fn add_backup(&mut self, draft: &Draft, since: Timestamp, random: &mut fastrand::Rng) {
        let made = later(since, random.i64(86_400..864_000));
        let (kind, ending) = match draft.kind {
            Kind::Qemu => ("qemu", "vma.zst"),
            Kind::Lxc => ("lxc", "tar.zst"),
        };
        let at = made.strftime("%Y_%m_%d-%H_%M_%S");
        let name = format!("backup/vzdump-{kind}-{}-{at}.{ending}", draft.vmid);
        let file = json!({
            "content": "backup",
            "format": ending,
            "size": Size(draft.disk.bytes() / 100 * random.u64(10..30)),
            "owner": draft.vmid,
            "created": made.to_string(),
            "notes": draft.name,
        });
        self.shelve(BACKUPS, None, name, &file);
    }

    fn shelve(
        &mut self,
        storage: &str,
        node: Option<NodeName>,
        name: String,
        file: &serde_json::Value,
    ) {
        // A lab without that storage has guests without those volumes, which nobody asks for.
        let id = storage.parse::<StorageId>().ok();
        let id = id.filter(|id| self.storages.contains_key(id));
        if let (Some(storage), Ok(volume)) = (id, world_file::read::<Volume>(file)) {
            let shelf = self.volumes.entry(Shelf { storage, node }).or_default();
            shelf.insert(name.into(), volume);
        }
    }
}

fn draft(vmid: Vmid, number: u32, random: &mut fastrand::Rng) -> Draft {
    let (work, memory, disk) = WORK[random.usize(..WORK.len())];
    let at = random.usize(..PURPOSES.len() * 2);
    let (purpose, pool) = match number {
        // Few guests, but somebody for each pool.
        0..8 => PURPOSES[vmid.number() as usize % PURPOSES.len()],
        _ => PURPOSES.get(at).copied().unwrap_or(PURPOSES[0]),
    };
    Draft {
        vmid,
        // One of each five stands still, another one each time.
        runs: (number + number / 5 * 3) % 5 != 4,
        kind: if random.u8(0..100) < 65 {
            Kind::Qemu
        } else {
            Kind::Lxc
        },
        name: format!("{work}-{purpose}-{:04}", number + 1),
        work,
        purpose,
        pool,
        memory: memory << random.u32(0..2),
        disk: Size((disk + 8 * random.u64(0..4)) << 30),
        storage: if random.u8(0..100) < 60 {
            SHARED
        } else {
            LOCAL
        },
    }
}

impl Draft {
    fn guest(&self, node: &NodeName, since: Timestamp, random: &mut fastrand::Rng) -> Guest {
        let runs = self.runs;
        let started = later(since, random.i64(300..400_000));
        Guest {
            kind: self.kind,
            node: node.clone(),
            status: if runs {
                Status::Running
            } else {
                Status::Stopped
            },
            lock: None,
            started: runs.then_some(started),
            parent: None,
            config: self.config(random),
            pending: Ordered::default(),
            snapshots: BTreeMap::new(),
            cloud_init: None,
            agent: None,
        }
    }

    fn config(&self, random: &mut fastrand::Rng) -> Ordered<String> {
        let Self {
            vmid,
            work,
            purpose,
            storage,
            disk,
            ..
        } = self;
        let [_, a, b, c] = vmid.number().to_be_bytes();
        let mac = format!("BC:24:11:{a:02X}:{b:02X}:{c:02X}");
        let bridge = if *purpose == "prod" { "vmbr0" } else { "vmbr1" };
        let cores = random.u32(1..5).to_string();
        let memory = (self.memory * 1024).to_string();
        let drive = format!("{storage}:vm-{vmid}-disk-0");
        let tags = format!("{purpose};{work}");
        let onboot = u8::from(*purpose == "prod").to_string();
        let entries = match self.kind {
            Kind::Qemu => vec![
                ("agent", "1".to_owned()),
                ("boot", "order=scsi0;net0".to_owned()),
                ("cores", cores),
                ("cpu", "x86-64-v2-AES".to_owned()),
                ("memory", memory),
                ("meta", "creation-qemu=10.0.2,ctime=1762160400".to_owned()),
                ("name", self.name.clone()),
                ("net0", format!("virtio={mac},bridge={bridge},firewall=1")),
                ("numa", "0".to_owned()),
                ("onboot", onboot),
                ("ostype", "l26".to_owned()),
                ("scsi0", format!("{drive},iothread=1,size={disk}")),
                ("scsihw", "virtio-scsi-single".to_owned()),
                (
                    "smbios1",
                    format!("uuid={}", uuid(random.u64(..), random.u64(..))),
                ),
                ("sockets", "1".to_owned()),
                ("tags", tags),
                ("vmgenid", uuid(random.u64(..), random.u64(..))),
            ],
            Kind::Lxc => vec![
                ("arch", "amd64".to_owned()),
                ("cores", cores),
                ("features", "nesting=1".to_owned()),
                ("hostname", self.name.clone()),
                ("memory", memory),
                (
                    "net0",
                    format!("name=eth0,bridge={bridge},firewall=1,hwaddr={mac},ip=dhcp,type=veth"),
                ),
                ("onboot", onboot),
                ("ostype", "debian".to_owned()),
                ("rootfs", format!("{drive},size={disk}")),
                ("swap", "512".to_owned()),
                ("tags", tags),
                ("unprivileged", "1".to_owned()),
            ],
        };
        entries.into_iter().collect()
    }
}

/// One or two snapshots, the second after the first.
fn add_snapshots(guest: &mut Guest, since: Timestamp, random: &mut fastrand::Rng) {
    let names = ["installed", "before-upgrade"];
    let mut parent = None;
    for (name, day) in names.into_iter().zip(2..).take(random.usize(1..3)) {
        let snapshot = Snapshot {
            taken: later(since, day * 86_400 + random.i64(0..80_000)),
            description: None,
            parent: parent.replace(name.to_owned()),
            state: None,
            memory: None,
            config: guest.config.clone(),
        };
        guest.snapshots.insert(name.to_owned(), snapshot);
    }
    guest.parent = parent;
}
