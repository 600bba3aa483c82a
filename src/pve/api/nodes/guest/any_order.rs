//! Whatever is done to guests in whatever order, the world stays whole.

use proptest::prelude::*;

use super::testing::holds;
use crate::proxmox::service::testing::Desk;
use crate::pve::world::World;
use crate::pve::world::guest::Status;

/// Calls about a few guests; `{}` is the number of one.
const CALLS: &[(&str, &str)] = &[
    (
        "POST /nodes/pve01/qemu",
        "vmid={}&scsi0=local-lvm:4&ide2=local:cloudinit",
    ),
    (
        "POST /nodes/pve01/qemu",
        "vmid={}&virtio0=ceph-pool:2&net0=virtio,bridge=vmbr0",
    ),
    (
        "POST /nodes/pve01/lxc",
        "vmid={}&ostemplate=local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst&rootfs=local-lvm:2",
    ),
    (
        "POST /nodes/pve01/qemu",
        "vmid={}&archive=backup:101/vzdump-qemu-101-2026_01_01-00_00_00.vma.zst&force=1",
    ),
    (
        "PUT /nodes/pve01/qemu/{}/config",
        "scsi1=local:1&scsi2=local-lvm:1",
    ),
    ("PUT /nodes/pve01/qemu/{}/config", "scsi0=ceph-pool:1"),
    (
        "PUT /nodes/pve01/qemu/{}/config",
        "scsi3=local-lvm:vm-{}-disk-0",
    ),
    ("PUT /nodes/pve01/qemu/{}/config", "delete=scsi0,ide2"),
    ("PUT /nodes/pve01/qemu/{}/config", "delete=scsi1&force=1"),
    ("PUT /nodes/pve01/qemu/{}/config", "delete=unused0"),
    ("PUT /nodes/pve01/qemu/{}/config", "revert=scsi0,scsi1"),
    ("PUT /nodes/pve01/qemu/{}/unlink", "idlist=scsi2&force=1"),
    ("PUT /nodes/pve01/lxc/{}/config", "mp0=local-lvm:1,mp=/a"),
    ("PUT /nodes/pve01/lxc/{}/config", "delete=mp0"),
    ("PUT /nodes/pve01/qemu/{}/resize", "disk=scsi0&size=%2B1G"),
    (
        "POST /nodes/pve01/qemu/{}/move_disk",
        "disk=scsi0&storage=ceph-pool",
    ),
    (
        "POST /nodes/pve01/qemu/{}/move_disk",
        "disk=scsi0&storage=local&delete=1",
    ),
    (
        "POST /nodes/pve01/qemu/{}/move_disk",
        "disk=scsi1&target-vmid=202&target-disk=scsi5",
    ),
    ("POST /nodes/pve01/qemu/{}/template", ""),
    ("POST /nodes/pve01/lxc/{}/template", ""),
    ("POST /nodes/pve01/qemu/{}/clone", "newid=202"),
    ("POST /nodes/pve01/qemu/{}/clone", "newid=203&full=1"),
    ("POST /nodes/pve01/lxc/{}/clone", "newid=203"),
    ("DELETE /nodes/pve01/qemu/{}", ""),
    ("DELETE /nodes/pve01/lxc/{}?force=1&purge=1", ""),
];

/// What is done to a guest: a call, or its power behind the product's back.
fn step(desk: &Desk<World>, call: usize, number: u32) {
    let Some((line, body)) = CALLS.get(call) else {
        let status = if call.is_multiple_of(2) {
            Status::Running
        } else {
            Status::Stopped
        };
        desk.change(|world| {
            let vmid = super::testing::vmid(number);
            let job = crate::proxmox::work::Job::new("qmstart", number);
            let job = job.doing(crate::pve::world::task::Effect::Power(vmid, status));
            let start = crate::proxmox::work::Start {
                product: crate::proxmox::Product::Pve,
                node: "pve01",
                user: crate::proxmox::identity::UserId::root().into(),
                now: desk.now(),
                duration: std::time::Duration::ZERO,
            };
            let is_template = world
                .guests
                .get(&vmid)
                .is_some_and(|guest| guest.is_template());
            if !is_template {
                world.tasks.begin(start, job);
            }
        });
        return;
    };
    let number = number.to_string();
    let fill = |text: &str| text.replace("{}", &number);
    let body = super::testing::form(&fill(body));
    let got = desk.ask(&fill(line), &body);
    assert!(!got.body.is_null(), "{line} {body}: {got:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_calls_keeps_the_rules(
        seconds in 0..2_u64,
        steps in prop::collection::vec((0..CALLS.len() + 4, 200_u32..204), 1..60)
    ) {
        let mut desk = Desk::with(crate::pve::blueprint(), |setup| {
            setup.task_time = std::time::Duration::from_secs(seconds * 3);
        });
        for (call, number) in steps {
            step(&desk, call, number);
            desk.step(i64::from(number % 2));
            holds(&desk);
        }
        desk.step(60);
        holds(&desk);
        let world = desk.world();
        prop_assert!(world.guests.values().all(|guest| guest.lock.is_none()));
    }
}
