//! Disks are looked at, used, and freed again.

use serde_json::{Value, json};

use crate::pve::testing::{desk, desk_of, holds};
use crate::pve::world::World;

type Desk = crate::proxmox::service::testing::Desk<World>;

const DISKS: &str = "/nodes/pve01/disks";

fn paths(list: &Value) -> Vec<&str> {
    let rows = list.as_array().unwrap().iter();
    rows.map(|row| row["devpath"].as_str().unwrap()).collect()
}

fn usage(desk: &Desk, path: &str) -> Option<String> {
    let list = desk.get(&format!("{DISKS}/list"));
    let row = list
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["devpath"] == path)
        .unwrap()
        .clone();
    row.get("used")
        .map(|used| used.as_str().unwrap().to_owned())
}

/// Another free disk, because the lab has one.
fn with_disks(desk: &Desk, count: usize) {
    desk.change(|world| {
        let node = world.nodes.get_mut(&"pve01".parse().unwrap()).unwrap();
        let free = node.disks["/dev/sdd"].clone();
        for n in 0..count {
            let letter = char::from(b'e' + u8::try_from(n).unwrap());
            let mut disk = free.clone();
            disk.serial = format!("{}{letter}", disk.serial);
            node.disks.insert(format!("/dev/sd{letter}"), disk);
        }
    });
}

#[test]
fn what_there_is() {
    for release in ["9.2", "8.4", "7.4"] {
        let desk = desk_of(release);
        let list = desk.get(&format!("{DISKS}/list"));
        assert_eq!(
            paths(&list),
            [
                "/dev/nvme0n1",
                "/dev/sda",
                "/dev/sdb",
                "/dev/sdc",
                "/dev/sdd"
            ]
        );
        assert_eq!(
            (&list[1]["osdid"], &list[1]["used"]),
            (&json!(0), &json!("LVM"))
        );
        assert_eq!(
            (&list[2]["wearout"], &list[2]["rpm"]),
            (&json!("N/A"), &json!(7200))
        );
        let unused = desk.get(&format!("{DISKS}/list?type=unused"));
        assert_eq!(paths(&unused), ["/dev/sdd"]);
        let journals = desk.get(&format!("{DISKS}/list?type=journal_disks"));
        assert_eq!(paths(&journals), ["/dev/nvme0n1", "/dev/sdb", "/dev/sdd"]);
        let all = desk.get(&format!("{DISKS}/list?include-partitions=1"));
        assert!(paths(&all).contains(&"/dev/nvme0n1p3") && paths(&all).contains(&"/dev/sdb1"));
        assert_eq!(
            desk.get(&format!("{DISKS}/smart?disk=/dev/sdb"))["type"],
            "ata"
        );
        assert_eq!(
            desk.get(&format!("{DISKS}/smart?disk=/dev/nvme0n1"))["type"],
            "text"
        );
        assert_eq!(
            desk.get(&format!("{DISKS}/smart?disk=/dev/sda&healthonly=1")),
            json!({"health": "PASSED"})
        );
        assert_eq!(
            desk.get(&format!("{DISKS}/lvm"))["children"][0]["name"],
            "pve"
        );
        assert_eq!(desk.get(&format!("{DISKS}/lvmthin"))[0]["lv"], "data");
        assert_eq!(desk.get(&format!("{DISKS}/zfs"))[0]["name"], "tank");
        let tank = desk.get(&format!("{DISKS}/zfs/tank"));
        assert_eq!(tank["children"][0]["children"][0]["name"], "/dev/sdc1");
        assert_eq!(
            desk.get(&format!("{DISKS}/directory"))[0]["path"],
            "/mnt/pve/scratch"
        );
        desk.get(DISKS);
    }
}

#[test]
fn each_making_and_its_end() {
    let check = |what: &str, form: &str, kind: &str, used: &str| {
        let desk = desk();
        let line = format!("POST {DISKS}/{what}");
        desk.task(&line, &format!("name=fresh&add_storage=1&{form}"));
        assert_eq!(usage(&desk, "/dev/sdd").as_deref(), Some(used));
        let storage = desk.get("/storage/fresh");
        assert_eq!(
            (&storage["type"], &storage["nodes"]),
            (&json!(kind), &json!("pve01"))
        );
        let status = desk.get("/nodes/pve01/storage/fresh/status");
        assert!(status["avail"].as_u64() > Some(20 << 30), "{status}");
        let used_now = desk.ask(&line, &format!("name=other&{form}"));
        assert_eq!(used_now.status, "500 device '/dev/sdd' is already in use");
        holds(&desk);
        let mut end = format!("DELETE {DISKS}/{what}/fresh?cleanup-config=1&cleanup-disks=1");
        if what == "lvmthin" {
            end += "&volume-group=fresh";
        }
        let upid = desk.task(&end, "");
        assert!(upid.contains("remove:fresh"), "{upid}");
        assert_eq!(usage(&desk, "/dev/sdd"), None);
        let groups = desk.get(&format!("{DISKS}/lvm"))["children"].clone();
        assert_eq!(groups.as_array().unwrap().len(), 1);
        assert_eq!(
            desk.ask("GET /storage/fresh", "").status,
            "500 storage 'fresh' does not exist"
        );
        let again = desk.must(&end, "");
        assert_ne!(desk.exit_status(again.as_str().unwrap()), "OK");
        holds(&desk);
    };
    check("directory", "device=/dev/sdd&filesystem=xfs", "dir", "xfs");
    check("lvm", "device=/dev/sdd", "lvm", "LVM");
    check("lvmthin", "device=/dev/sdd", "lvmthin", "LVM");
    check("zfs", "devices=/dev/sdd&raidlevel=single", "zfspool", "ZFS");
}

const REFUSED: [(&str, &str); 7] = [
    (
        "devices=/dev/sdd,/dev/sde&raidlevel=raidz",
        "500 raidz needs at least 3 disks",
    ),
    (
        "devices=/dev/sdd,/dev/sde&raidlevel=single",
        "500 please give only one disk for single disk mode",
    ),
    (
        "devices=/dev/sdd,/dev/sde,/dev/sdf&raidlevel=raid10",
        "500 raid10 needs an even number of disks",
    ),
    (
        "devices=/dev/sdc&raidlevel=single",
        "500 device '/dev/sdc' is already in use",
    ),
    (
        "devices=/dev/nix&raidlevel=single",
        "500 not a valid block device",
    ),
    (
        "devices=/tmp/x&raidlevel=single",
        "500 got unusual device path '/tmp/x'",
    ),
    (
        "devices=/dev/sdd&raidlevel=single&draid-config=data%3D1,spares%3D0",
        "500 draid-config set without using dRAID level",
    ),
];

#[test]
fn pools_of_several_disks() {
    let desk = desk();
    with_disks(&desk, 3);
    let line = format!("POST {DISKS}/zfs");
    let check = |form: &str, want: &str| {
        let got = desk.ask(&line, &format!("name=big&{form}"));
        assert_eq!(got.status, want, "{form}");
    };
    for (form, want) in REFUSED {
        check(form, want);
    }

    let clash = desk.ask(&line, "name=tank&devices=/dev/sdd&raidlevel=single");
    assert_eq!(
        clash.status,
        "500 pool 'tank' already exists on node 'pve01'"
    );
    let clash = desk.ask(
        &line,
        "name=local&devices=/dev/sdd&raidlevel=single&add_storage=1",
    );
    assert_eq!(
        clash.status,
        "500 Storage ID 'local' already exists on node pve01"
    );
    desk.task(
        &line,
        "name=big&devices=/dev/sdd,/dev/sde,/dev/sdf,/dev/sdg&raidlevel=raid10&add_storage=1",
    );
    let pool = desk.get(&format!("{DISKS}/zfs/big"));
    assert_eq!(pool["children"][0]["children"][1]["name"], "mirror-1");
    let total = desk.get("/nodes/pve01/storage/big/status")["total"].clone();
    assert_eq!(total, 64_u64 << 30);
    // The same pool on another node joins the same storage.
    desk.task(
        "POST /nodes/pve02/disks/zfs",
        "name=big&devices=/dev/sdd&raidlevel=single&add_storage=1",
    );
    assert_eq!(desk.get("/storage/big")["nodes"], "pve01,pve02");
    desk.task("DELETE /nodes/pve01/disks/zfs/big?cleanup-config=1", "");
    assert_eq!(desk.get("/storage/big")["nodes"], "pve02");
    assert_eq!(usage(&desk, "/dev/sde").as_deref(), Some("ZFS"));
    holds(&desk);
}

#[test]
fn disks_themselves() {
    let desk = desk();
    let upid = desk.task(&format!("POST {DISKS}/initgpt"), "disk=/dev/sdd");
    assert!(upid.contains(":diskinit:sdd:"));
    let list = desk.get(&format!("{DISKS}/list?type=unused"));
    assert_eq!(list[0]["gpt"], 1);
    let check = |line: &str, disk: &str, want: &str| {
        let got = desk.ask(
            &format!(
                "{line} {DISKS}/{}",
                if line == "PUT" { "wipedisk" } else { "initgpt" }
            ),
            &format!("disk={disk}"),
        );
        assert_eq!(got.status, want, "{line} {disk}");
    };
    check("POST", "/dev/sdc", "500 disk /dev/sdc already in use");
    check("POST", "/dev/sdb1", "500 /dev/sdb1 is a partition");
    check(
        "PUT",
        "/dev/sdb",
        "500 disk/partition '/dev/sdb1' is mounted",
    );
    check(
        "PUT",
        "/dev/sda",
        "500 disk/partition '/dev/sda' has a holder",
    );
    check(
        "PUT",
        "/dev/nvme0n1",
        "500 disk/partition '/dev/nvme0n1' has a holder",
    );
    let pooled = desk.must(&format!("PUT {DISKS}/wipedisk"), "disk=/dev/sdc");
    assert!(
        desk.exit_status(pooled.as_str().unwrap())
            .contains("Device or resource busy")
    );
    for busy in ["lvm/pve", "lvmthin/data?volume-group=pve"] {
        let upid = desk.must(&format!("DELETE {DISKS}/{busy}"), "");
        assert!(
            desk.exit_status(upid.as_str().unwrap())
                .ends_with("exit code 5")
        );
    }
    desk.task(&format!("DELETE {DISKS}/zfs/tank"), "");
    assert_eq!(usage(&desk, "/dev/sdc").as_deref(), Some("ZFS"));
    desk.task(&format!("PUT {DISKS}/wipedisk"), "disk=/dev/sdc");
    assert_eq!(usage(&desk, "/dev/sdc"), None);
}
