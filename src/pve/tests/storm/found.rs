//! The shortest stories of faults that storms found, each mended since.

use super::fault_of;

const STORIES: &[&[&str]] = &[
    // A lock that is set with the configuration is one.
    &["PUT /nodes/pve01/qemu/101/config lock=backup"],
    // A world in whose guests programs ran can be read again.
    &["POST /nodes/pve01/qemu/101/agent/exec command=uptime"],
    // Redistribution is a list, whatever was sent, and a new fabric has its id.
    &[
        "POST /cluster/sdn/fabrics/fabric id=s14&protocol=openfabric&ip_prefix=10.30.0.0%2F24&hello_interval=3&redistribute=",
        "GET /cluster/sdn/fabrics/all?pending=1",
        "GET /cluster/sdn/fabrics/fabric/s14",
    ],
    // What a node has is told alike while it is away.
    &["offline pve02"],
    // A guest that was put into a pool while it was made for another is in one.
    &[
        "POST /pools poolid=made",
        "POST /nodes/pve01/qemu vmid=200&pool=made",
        "PUT /pools/tests vms=200",
    ],
    // A job that synchronises a realm has one.
    &[
        "POST /cluster/jobs/realm-sync/nightly schedule=daily",
        "GET /cluster/jobs/realm-sync",
    ],
    // A storage is taken from the node that a guest is on its way to.
    &[
        "POST /nodes/pve01/qemu/101/migrate target=pve02&online=1&with-local-disks=1",
        "PUT /storage/local-lvm nodes=pve01",
    ],
    // A storage is another place by the time that a guest on it is made.
    &[
        "POST /storage storage=s1&type=dir&path=/mnt/a&content=images",
        "POST /nodes/pve01/qemu vmid=200&scsi0=s1:1",
        "DELETE /storage/s1",
        "POST /storage storage=s1&type=dir&path=/mnt/b&content=images",
    ],
    // A guest gets duties while it is destroyed.
    &[
        "DELETE /nodes/pve02/qemu/105",
        "POST /cluster/ha/resources sid=vm%3A105",
        "POST /cluster/replication id=105-0&type=local&target=pve01",
    ],
    // A snapshot is taken while the guest becomes a template.
    &[
        "POST /storage storage=s1&type=dir&path=/mnt/a&content=images",
        "POST /nodes/pve01/qemu vmid=200&scsi0=s1:1",
        "step 60",
        "POST /nodes/pve01/qemu/200/template",
        "POST /nodes/pve01/qemu/200/snapshot snapname=s0",
    ],
    // The pool of a backup job is deleted.
    &[
        "POST /pools poolid=made",
        "POST /cluster/backup schedule=daily&storage=backup&pool=made",
        "DELETE /pools/made",
    ],
];

#[test]
fn what_went_wrong_once() {
    for story in STORIES {
        let lines: Vec<String> = story.iter().map(|line| (*line).to_owned()).collect();
        assert_eq!(fault_of(&lines), None, "{story:#?}");
    }
}
