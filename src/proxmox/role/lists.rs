//! The names of privileges, as data.

use crate::proxmox::product::Edition;

/// A group of privileges of Proxmox VE.
pub(super) struct Group {
    /// The part of its name that goes into the names of its roles.
    pub(super) name: &'static str,
    /// The privileges by degree: root, admin, user, audit.
    pub(super) degrees: [Vec<&'static str>; 4],
}

/// The groups of a release of Proxmox VE.
pub(super) fn pve(edition: Edition) -> Vec<Group> {
    let since_8 = edition != Edition::Pve7;
    let mut groups = vec![
        virtual_machines(edition),
        system(edition),
        group(
            "Datastore",
            [
                &[],
                &["Datastore.Allocate", "Datastore.AllocateTemplate"],
                &["Datastore.AllocateSpace"],
                &["Datastore.Audit"],
            ],
        ),
        group(
            "SDN",
            [
                &[],
                &["SDN.Allocate", "SDN.Audit"],
                if since_8 { &["SDN.Use"] } else { &[] },
                &["SDN.Audit"],
            ],
        ),
        group(
            "User",
            [
                &["Realm.Allocate"],
                &["User.Modify", "Group.Allocate", "Realm.AllocateUser"],
                &[],
                &[],
            ],
        ),
        group(
            "Pool",
            [&[], &["Pool.Allocate"], &["Pool.Audit"], &["Pool.Audit"]],
        ),
    ];
    if since_8 {
        let mapping: [&[&str]; 4] = [
            &[],
            &["Mapping.Modify"],
            &["Mapping.Use"],
            &["Mapping.Audit"],
        ];
        groups.push(group("Mapping", mapping));
    }
    groups
}

/// All privileges of a release of Proxmox VE, each once.
pub(super) fn names(edition: Edition, groups: &[Group]) -> Vec<&'static str> {
    let mut names: Vec<&'static str> = Vec::new();
    let all = groups
        .iter()
        .flat_map(|group| group.degrees.iter().flatten());
    for name in all {
        if !names.contains(name) {
            names.push(name);
        }
    }
    if edition != Edition::Pve7 {
        // In no group since 8.0: whoever may change permissions may become everybody.
        names.push("Permissions.Modify");
    }
    names
}

fn group(name: &'static str, degrees: [&[&'static str]; 4]) -> Group {
    Group {
        name,
        degrees: degrees.map(<[_]>::to_vec),
    }
}

fn virtual_machines(edition: Edition) -> Group {
    let mut vm = group(
        "VM",
        [
            &[],
            &[
                "VM.Config.Disk",
                "VM.Config.CPU",
                "VM.Config.Memory",
                "VM.Config.Network",
                "VM.Config.HWType",
                "VM.Config.Options",
                "VM.Allocate",
                "VM.Clone",
                "VM.Migrate",
                "VM.Snapshot",
                "VM.Snapshot.Rollback",
            ],
            &[
                "VM.Config.CDROM",
                "VM.Config.Cloudinit",
                "VM.Console",
                "VM.Backup",
                "VM.PowerMgmt",
            ],
            &["VM.Audit"],
        ],
    );
    if edition == Edition::Pve9 {
        vm.degrees[1].extend(["VM.GuestAgent.Unrestricted", "VM.Replicate"]);
        vm.degrees[2].extend([
            "VM.GuestAgent.FileRead",
            "VM.GuestAgent.FileSystemMgmt",
            "VM.GuestAgent.FileWrite",
        ]);
        vm.degrees[3].push("VM.GuestAgent.Audit");
    } else {
        vm.degrees[1].push("VM.Monitor");
    }
    vm
}

fn system(edition: Edition) -> Group {
    let mut system = group(
        "Sys",
        [
            &["Sys.PowerMgmt", "Sys.Modify", "Sys.Incoming"],
            &["Sys.Console", "Sys.Syslog"],
            &[],
            &["Sys.Audit"],
        ],
    );
    if edition == Edition::Pve7 {
        system.degrees[1].push("Permissions.Modify");
    } else {
        system.degrees[0].push("Sys.AccessNetwork");
    }
    system
}

/// The privileges of Backup Server.
pub(super) const PBS: &[&str] = &[
    "Sys.Audit",
    "Sys.Modify",
    "Sys.PowerManagement",
    "Datastore.Audit",
    "Datastore.Allocate",
    "Datastore.Modify",
    "Datastore.Read",
    "Datastore.Verify",
    "Datastore.Backup",
    "Datastore.Prune",
    "Permissions.Modify",
    "Remote.Audit",
    "Remote.Modify",
    "Remote.Read",
    "Remote.DatastoreBackup",
    "Remote.DatastoreModify",
    "Remote.DatastorePrune",
    "Sys.Console",
    "Tape.Audit",
    "Tape.Modify",
    "Tape.Write",
    "Tape.Read",
    "Realm.Allocate",
];

/// The roles of Backup Server besides `Admin`, who has everything.
pub(super) const PBS_ROLES: &[(&str, &[&str])] = &[
    ("NoAccess", &[]),
    ("Audit", &["Sys.Audit", "Datastore.Audit"]),
    (
        "DatastoreAdmin",
        &[
            "Datastore.Audit",
            "Datastore.Modify",
            "Datastore.Read",
            "Datastore.Verify",
            "Datastore.Backup",
            "Datastore.Prune",
        ],
    ),
    (
        "DatastoreReader",
        &["Datastore.Audit", "Datastore.Verify", "Datastore.Read"],
    ),
    ("DatastoreBackup", &["Datastore.Backup"]),
    (
        "DatastorePowerUser",
        &["Datastore.Prune", "Datastore.Backup"],
    ),
    ("DatastoreAudit", &["Datastore.Audit"]),
    ("RemoteAudit", &["Remote.Audit"]),
    (
        "RemoteAdmin",
        &["Remote.Audit", "Remote.Modify", "Remote.Read"],
    ),
    ("RemoteSyncOperator", &["Remote.Audit", "Remote.Read"]),
    (
        "RemoteSyncPushOperator",
        &["Remote.Audit", "Remote.DatastoreBackup"],
    ),
    (
        "RemoteDatastorePowerUser",
        &[
            "Remote.Audit",
            "Remote.DatastoreBackup",
            "Remote.DatastorePrune",
        ],
    ),
    (
        "RemoteDatastoreAdmin",
        &[
            "Remote.Audit",
            "Remote.DatastoreBackup",
            "Remote.DatastoreModify",
            "Remote.DatastorePrune",
        ],
    ),
    ("TapeAudit", &["Tape.Audit"]),
    (
        "TapeAdmin",
        &["Tape.Audit", "Tape.Modify", "Tape.Read", "Tape.Write"],
    ),
    ("TapeOperator", &["Tape.Audit", "Tape.Read", "Tape.Write"]),
    ("TapeReader", &["Tape.Audit", "Tape.Read"]),
];

/// The privileges of Datacenter Manager.
pub(super) const PDM: &[&str] = &[
    "System.Audit",
    "System.Modify",
    "Sys.Console",
    "Sys.PowerManagement",
    "Resource.Audit",
    "Resource.Manage",
    "Resource.Modify",
    "Resource.Create",
    "Resource.Delete",
    "Resource.Migrate",
    "Access.Audit",
    "Access.Modify",
    "Realm.Allocate",
];

/// The roles of Datacenter Manager besides `Administrator`, who has everything.
pub(super) const PDM_ROLES: &[(&str, &[&str])] = &[
    ("NoAccess", &[]),
    (
        "Auditor",
        &["System.Audit", "Resource.Audit", "Access.Audit"],
    ),
];
