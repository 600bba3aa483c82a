//! How large a storage is that somebody defines: as large as what it lies on.

use serde_json::Value;

use super::World;
use super::size::Size;
use super::storage::{Storage, StorageKind};

/// The size of what comes over a network, which nobody here can measure.
const OF_NETWORK: Size = Size(4 << 40);

/// The size of a volume group that no node has.
const OF_NOWHERE: Size = Size(1 << 40);

impl World {
    /// The size of a storage, and what is used of it besides volumes. It lies on a disk of its nodes where one of
    /// them has such a folder, volume group or pool, else on their root file systems or on the network.
    pub fn usual_size(&self, storage: &Storage) -> (Size, Size) {
        let option = |name: &str| {
            let value = storage.options.0.get(name).and_then(Value::as_str);
            value.unwrap_or_default()
        };
        match storage.kind {
            StorageKind::Dir | StorageKind::Btrfs => {
                let path = option("path");
                let own = path.strip_prefix("/mnt/pve/");
                match own.and_then(|name| self.device_size("directory", name)) {
                    Some(size) => (size, Size::default()),
                    None => self.root_size(storage),
                }
            }
            StorageKind::Lvm | StorageKind::Lvmthin => {
                let size = self.device_size("lvm", option("vgname"));
                (size.unwrap_or(OF_NOWHERE), Size::default())
            }
            StorageKind::Zfspool => {
                let pool = option("pool").split('/').next().unwrap_or_default();
                let size = self.device_size("zfs", pool);
                (size.unwrap_or(OF_NOWHERE), Size::default())
            }
            // Nobody asks these how large they are.
            StorageKind::Iscsi | StorageKind::Iscsidirect | StorageKind::Esxi => {
                (Size::default(), Size::default())
            }
            _ => (OF_NETWORK, Size::default()),
        }
    }

    /// The size of the disks under a folder, volume group or pool of a node.
    fn device_size(&self, what: &str, name: &str) -> Option<Size> {
        self.nodes.iter().find_map(|(node, machine)| {
            let sections = self.sections.get(&format!("nodes/{node}/disks/{what}"))?;
            let properties = &sections.0.get(name)?.properties;
            let devices = properties.get("devices").or(properties.get("device"))?;
            let devices = devices.as_str()?.split(',');
            let sizes = devices.filter_map(|device| Some(machine.disks.get(device)?.size));
            Some(sizes.sum())
        })
    }

    /// The smallest root file system of the nodes that have a storage.
    fn root_size(&self, storage: &Storage) -> (Size, Size) {
        let nodes = self.nodes.iter().filter(|(name, _)| storage.is_on(name));
        let smallest = nodes
            .map(|(_, node)| node.root)
            .min_by_key(|root| root.size);
        smallest.map_or((OF_NOWHERE, Size::default()), |root| (root.size, root.used))
    }
}
