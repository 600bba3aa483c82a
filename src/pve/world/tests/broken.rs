//! Broken worlds, each with the sentence that refuses it.

use super::*;

/// The lab with one member (a JSON pointer) set to a value, or taken out by `null`, and the sentence that refuses
/// it then.
type Case = (&'static str, &'static str, &'static str);

#[test]
fn shapes() {
    SHAPES.iter().for_each(check);
}

#[test]
fn references_of_guests() {
    GUESTS.iter().for_each(check);
}

#[test]
fn references_of_the_rest() {
    OTHERS.iter().for_each(check);
}

fn check(&(pointer, value, sentence): &Case) {
    let value = json(value);
    let mut file = super::json(DEFAULT);
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let key = key.replace("~1", "/");
    match file.pointer_mut(parent).unwrap() {
        Value::Object(members) if value.is_null() => {
            members.remove(&key).unwrap();
        }
        Value::Object(members) => {
            members.insert(key, value);
        }
        Value::Array(items) => items[key.parse::<usize>().unwrap()] = value,
        other => panic!("{other}"),
    }
    let problems = World::read(&file).unwrap_err();
    let sentences: Vec<String> = problems
        .iter()
        .map(|problem| format!("{}: {}", problem.path, problem.message))
        .collect();
    assert!(
        sentences.iter().any(|known| known == sentence),
        "{pointer}: {sentences:#?}"
    );
}

const SHAPES: &[Case] = &[
    (
        "/guests/101/colour",
        r#""red""#,
        "guests.101.colour: `colour` is unknown; there are kind, node, status, lock, started, parent, config, \
         pending, snapshots, cloud-init, agent",
    ),
    ("/guests/101/node", "null", "guests.101: has no `node`"),
    (
        "/guests/101/node",
        "7",
        "guests.101.node: must be a string, but is integer `7`",
    ),
    (
        "/guests/101/status",
        r#""asleep""#,
        "guests.101.status: unknown variant `asleep`, expected one of `running`, `paused`, `stopped`",
    ),
    (
        "/guests/101/config/memory",
        "2048",
        "guests.101.config.memory: must be a string, but is integer `2048`",
    ),
    (
        "/guests/99",
        "{}",
        "guests.99: `99` is no guest number (100 to 999999999)",
    ),
    (
        "/guests/0101",
        "{}",
        "guests.0101: `0101` is no guest number (100 to 999999999)",
    ),
    ("/nodes/-x", "{}", "nodes.-x: `-x` is no name of a node"),
    (
        "/storages/local/size",
        r#""big""#,
        "storages.local.size: `big` is no size",
    ),
    ("/volumes/7", "{}", "volumes.7: `7` is no name of a storage"),
    (
        "/tasks/list/2/upid",
        r#""UPID:""#,
        "tasks.list[2]: unable to parse worker upid 'UPID:'",
    ),
    (
        "/cluster/version",
        "-1",
        "cluster.version: invalid value: integer `-1`, expected u32",
    ),
    ("/access/acl/0/role", "null", "access.acl[0]: has no `role`"),
    (
        "/access/acl/0/path",
        r#""/v ms""#,
        "access.acl: `/v ms` is no path",
    ),
    (
        "/access/users/ci@pve/totp",
        r#""12345x""#,
        "access.users[\"ci@pve\"].totp: `12345x` is neither a code of digits nor an otpauth URI",
    ),
    (
        "/access/users/ci@pve/pasword",
        r#""x""#,
        "access.users[\"ci@pve\"].pasword: `pasword` is unknown; there are enable, expire, password, totp, factors, \
         lockout, comment, firstname, lastname, email, keys, tokens",
    ),
    (
        "/storages/local/options/path",
        "[[]]",
        "storages.local.options.path: must be a text, a number, a truth value or a list of those",
    ),
    (
        "/replication/103",
        "{}",
        "replication.103: `103` is no id of a replication job (<guest>-<number>)",
    ),
    (
        "/sections/cluster~1firewall~1aliases",
        r#"{"a": {"cidr": {}}}"#,
        "sections[\"cluster/firewall/aliases\"].a.cidr: must be a text, a number, a truth value or a list of those",
    ),
];

const GUESTS: &[Case] = &[
    (
        "/guests/101/node",
        r#""pve09""#,
        "guests.101.node: node pve09 does not exist",
    ),
    (
        "/guests/101/config/scsi0",
        r#""nowhere:vm-101-disk-0,size=20G""#,
        "guests.101.config.scsi0: storage nowhere does not exist",
    ),
    (
        "/guests/101/config/scsi0",
        r#""local-lvm:vm-101-disk-7,size=20G""#,
        "guests.101.config.scsi0: volume local-lvm:vm-101-disk-7 does not exist",
    ),
    (
        "/guests/101/config/scsi0",
        r#""local-lvm:vm-101-disk-0,size=21G""#,
        "guests.101.config.scsi0: says size=21G, but volume local-lvm:vm-101-disk-0 has 20G",
    ),
    (
        "/guests/101/config/scsi1",
        r#""local-lvm:vm-103-disk-0""#,
        "guests.101.config.scsi1: volume local-lvm:vm-103-disk-0 belongs to 103",
    ),
    (
        "/guests/101/config/scsi1",
        r#""local-lvm:vm-101-disk-0""#,
        "guests.101.config.scsi1: volume local-lvm:vm-101-disk-0 is a drive of guest 101 already",
    ),
    (
        "/guests/101/config/scsi0",
        r#""nonsense""#,
        "guests.101.config.scsi0: `nonsense` is no volume id",
    ),
    (
        "/guests/103/snapshots/post-upgrade/parent",
        r#""gone""#,
        "guests.103.snapshots.post-upgrade.parent: snapshot gone does not exist",
    ),
    (
        "/guests/103/snapshots/pre-upgrade/parent",
        r#""post-upgrade""#,
        "guests.103.snapshots.pre-upgrade.parent: the snapshot is its own ancestor",
    ),
    (
        "/guests/101/parent",
        r#""gone""#,
        "guests.101.parent: snapshot gone does not exist",
    ),
    (
        "/guests/105/started",
        r#""2026-01-01T00:00:00Z""#,
        "guests.105.started: the guest does not run",
    ),
    (
        "/guests/101/config/template",
        r#""1""#,
        "guests.101.status: a template cannot run",
    ),
];

const OTHERS: &[Case] = &[
    (
        "/volumes/tape",
        "{}",
        "volumes[\"tape\"]: storage tape does not exist",
    ),
    (
        "/volumes/local",
        "{}",
        "volumes[\"local\"]: local is not shared: say local@<node>",
    ),
    (
        "/volumes/backup@pve01",
        "{}",
        "volumes[\"backup@pve01\"]: backup is shared and belongs to no node",
    ),
    (
        "/storages/ceph-pool/size",
        r#""10G""#,
        "volumes[\"ceph-pool\"]: 20G is used, more than the storage's size 10G",
    ),
    (
        "/storages/backup/content",
        "[]",
        "volumes[\"backup\"][\"102/vzdump-lxc-102-2026_01_01-00_00_00.tar.zst\"]: storage backup does not take \
         backup",
    ),
    (
        "/storages/local/nodes",
        r#"["pve9"]"#,
        "storages.local.nodes: node pve9 does not exist",
    ),
    (
        "/pools/tests/guests",
        "[999]",
        "pools[\"tests\"].guests: guest 999 does not exist",
    ),
    (
        "/pools/tests/guests",
        "[103]",
        "pools[\"tests\"].guests: guest 103 is in pool production already",
    ),
    (
        "/access/users/ci@pve",
        "null",
        "access.acl[\"/vms/105\"]: user ci@pve does not exist",
    ),
    (
        "/access/users/operator@pve",
        "null",
        "access.groups[\"operators\"].members: user operator@pve does not exist",
    ),
    (
        "/access/users/ci@pve/factors",
        r#"{"recovery": {"kind": "totp", "created": "2026-01-01T00:00:00Z", "totp": "123456"}}"#,
        "access.users[\"ci@pve\"].factors.recovery: recovery keys, and nothing else, have the id `recovery`",
    ),
    (
        "/access/realms/lab-ldap/remote/groups/people",
        r#"["nobody"]"#,
        "access.realms.lab-ldap.remote.groups.people: user nobody does not exist",
    ),
    (
        "/access/groups/auditors",
        "null",
        "access.acl[\"/\"]: group auditors does not exist",
    ),
    (
        "/access/roles/LabOperator",
        "null",
        "access.acl[\"/vms\"]: role LabOperator does not exist",
    ),
    (
        "/access/users/root@pam",
        "null",
        "access.users: root@pam always exists",
    ),
    (
        "/access/acl/0/path",
        r#""/nowhere""#,
        "access.acl[\"/nowhere\"]: no permissions can stand on this path",
    ),
    (
        "/ha/resources/vm:999",
        "{}",
        "ha.resources[\"vm:999\"]: guest vm:999 does not exist",
    ),
    (
        "/ha/resources/ct:101",
        "{}",
        "ha.resources[\"ct:101\"]: guest ct:101 does not exist",
    ),
    (
        "/replication/103-0/target",
        r#""pve9""#,
        "replication.103-0.target: node pve9 does not exist",
    ),
    (
        "/sdn/running/zones",
        "null",
        "sdn.running.vnets.labnet.zone: zone lab does not exist",
    ),
    (
        "/sections/cluster~1sdn~1zones",
        "{}",
        "sections[\"cluster/sdn/zones\"]: software-defined networks are in `sdn`",
    ),
    (
        "/sdn/running/subnets",
        r#"{"lab-10.0.0.0-8": {"type": "subnet", "vnet": "gone"}}"#,
        "sdn.running.subnets[\"lab-10.0.0.0-8\"].vnet: vnet gone does not exist",
    ),
    (
        "/sdn/running/subnets/lanes-10.0.0.0-8",
        r#"{"type": "subnet", "vnet": "labnet"}"#,
        "sdn.running.subnets[\"lanes-10.0.0.0-8\"]: the id of a subnet is <zone>-<network>-<length>",
    ),
    (
        "/sdn/running/fabrics",
        "{}",
        "sdn.running.fabric-nodes[\"spine/pve01\"]: fabric spine does not exist",
    ),
    (
        "/sdn/addresses/lab-10.20.0.0-24/10.0.0.1",
        "{}",
        "sdn.addresses[\"lab-10.20.0.0-24\"]: 10.0.0.1 is not in this subnet",
    ),
    (
        "/sections/cluster~1firewall~1ipset",
        "{}",
        "sections[\"cluster/firewall/ipset/management\"]: ipset management does not exist",
    ),
    (
        "/lists/guests~199~1firewall~1rules",
        "[]",
        "lists[\"guests/99/firewall/rules\"]: guest 99 does not exist",
    ),
    (
        "/sections/cluster~1notifications~1matchers/default-matcher/target",
        r#"["nobody"]"#,
        "sections[\"cluster/notifications/matchers\"][\"default-matcher\"].target: target nobody does not exist",
    ),
    (
        "/replication/103-0/target",
        r#""pve01""#,
        "replication.103-0.target: the guest is on this node itself",
    ),
    (
        "/guests/104/pending",
        r#"{"scsi5": {"set": "local-lvm:vm-104-disk-9,size=1G"}}"#,
        "guests.104.pending.scsi5: volume local-lvm:vm-104-disk-9 does not exist",
    ),
    (
        "/nodes/pve02/id",
        "1",
        "nodes.pve02.id: 1 is the number of pve01",
    ),
    (
        "/cluster/name",
        "null",
        "cluster.name: several nodes are a cluster, and a cluster has a name",
    ),
];
