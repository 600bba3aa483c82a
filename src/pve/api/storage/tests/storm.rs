//! Many calls in no order: whatever they do, the world holds together and every answer has its declared type.

use crate::pve::testing::desk;
use crate::pve::world::invariants;
use crate::random::Random;

const CALLS: [&str; 44] = [
    "POST /storage storage=s1&type=dir&path=/mnt/a&content=images,iso,backup,rootdir",
    "POST /storage storage=s2&type=nfs&server=10.0.0.1&export=/x&content=backup,vztmpl,images",
    "POST /storage storage=local-lvm&type=lvmthin&vgname=pve&thinpool=data&content=images,rootdir",
    "POST /storage storage=backup&type=dir&path=/mnt/backup&shared=1&content=backup&nodes=pve01,pve02",
    "POST /storage storage=local&type=dir&path=/other",
    "PUT /storage/s1 shared=1",
    "PUT /storage/s1 delete=shared",
    "PUT /storage/s1 content=iso",
    "PUT /storage/s2 nodes=pve01",
    "PUT /storage/local content=iso,backup,images",
    "PUT /storage/local content=vztmpl,snippets,import,rootdir",
    "PUT /storage/local-lvm nodes=pve02",
    "PUT /storage/local-lvm delete=nodes",
    "PUT /storage/backup disable=1",
    "PUT /storage/backup delete=disable",
    "PUT /storage/ceph-pool nodes=pve01",
    "DELETE /storage/s1 ",
    "DELETE /storage/s2 ",
    "DELETE /storage/local-lvm ",
    "DELETE /storage/backup ",
    "DELETE /storage/local ",
    "POST /nodes/pve01/storage/s1/content vmid=101&filename=vm-101-disk-5.qcow2&size=1G",
    "POST /nodes/pve02/storage/local-lvm/content vmid=104&filename=vm-104-disk-9&size=2G",
    "DELETE /nodes/pve01/storage/s1/content/101/vm-101-disk-5.qcow2 ",
    "DELETE /nodes/pve02/storage/local-lvm/content/vm-104-disk-9 ",
    "DELETE /nodes/pve01/storage/local/content/iso/debian-12.9.0-amd64-netinst.iso ",
    "POST /nodes/pve01/storage/local/download-url url=http://a.example/b.iso&content=iso&filename=b.iso",
    "POST /nodes/pve02/storage/s2/oci-registry-pull reference=a/b:c",
    "POST /nodes/pve01/aplinfo storage=local&template=debian-12-standard_12.7-1_amd64.tar.zst",
    "POST /nodes/pve01/vzdump all=1&storage=backup&compress=zstd",
    "POST /nodes/pve02/vzdump vmid=104,109,999&storage=s2&prune-backups=keep-last%3D2",
    "POST /nodes/pve03/vzdump pool=production&storage=s1&mode=stop&protected=1",
    "DELETE /nodes/pve01/storage/backup/prunebackups?prune-backups=keep-last%3D1 ",
    "POST /cluster/backup id=j1&schedule=daily&storage=s1&vmid=101,999",
    "PUT /cluster/backup/j1 pool=tests",
    "PUT /cluster/backup/j1 all=1&storage=s2",
    "DELETE /cluster/backup/j1 ",
    "POST /nodes/pve01/disks/zfs name=zp&devices=/dev/sdd&raidlevel=single&add_storage=1",
    "POST /nodes/pve02/disks/lvmthin name=zp&device=/dev/sdd&add_storage=1",
    "POST /nodes/pve01/storage/zp/content vmid=101&filename=vm-101-disk-7&size=4G",
    "DELETE /nodes/pve01/storage/zp/content/vm-101-disk-7 ",
    "DELETE /nodes/pve01/disks/zfs/zp?cleanup-config=1&cleanup-disks=1 ",
    "DELETE /nodes/pve02/disks/lvmthin/zp?volume-group=zp&cleanup-config=1&cleanup-disks=1 ",
    "PUT /nodes/pve01/disks/wipedisk disk=/dev/sdd",
];

const LOOKS: [&str; 9] = [
    "/storage",
    "/cluster/backup",
    "/cluster/backup-info/not-backed-up",
    "/nodes/pve01/storage?format=1",
    "/nodes/pve02/storage",
    "/nodes/pve01/disks/list?include-partitions=1",
    "/nodes/pve01/disks/lvm",
    "/nodes/pve02/disks/lvmthin",
    "/nodes/pve01/disks/zfs",
];

#[test]
fn whatever_is_called() {
    for seed in 0..4 {
        let mut desk = desk();
        let random = Random::new(Some(seed));
        let mut done = Vec::new();
        for n in 0..250 {
            let at = usize::try_from(random.next() % 44).unwrap();
            let (line, form) = CALLS[at].rsplit_once(' ').unwrap();
            let got = desk.ask(line, form);
            done.push(format!("{line} {form}: {}", got.status));
            desk.step(7);
            let faults = invariants(&desk.world());
            assert!(faults.is_empty(), "{faults:#?} after {done:#?}");
            if n % 25 == 0 {
                for look in LOOKS {
                    desk.get(look);
                }
                for row in desk
                    .get("/nodes/pve01/storage?enabled=1")
                    .as_array()
                    .unwrap()
                {
                    let id = row["storage"].as_str().unwrap();
                    if row["active"] == 1 {
                        desk.get(&format!("/nodes/pve01/storage/{id}/content"));
                    }
                }
            }
        }
        let world = desk.world();
        let again = crate::pve::world::World::read(&world.export()).unwrap();
        assert_eq!(again, world);
    }
}
