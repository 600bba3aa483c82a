//! Calls as real clients make them: nothing in them is refused, and handlers find what they need.

use super::*;

struct Release {
    contract: &'static Contract,
    reader: Reader,
}

fn release(wanted: &str) -> Release {
    let mut documents = DOCUMENTS.iter();
    let (_, product, contract) = documents.find(|(name, ..)| *name == wanted).unwrap();
    Release {
        reader: Reader::new(*product, contract),
        contract,
    }
}

impl Release {
    fn passes(&self, id: &str, path: &[(&str, &'static str)], body: Value) -> Arguments<'_> {
        let mut operations = self.contract.operations.iter();
        let operation = operations
            .find(|one| one.id == id)
            .unwrap_or_else(|| panic!("no {id}"));
        let path = path
            .iter()
            .map(|(name, value)| (*name, Cow::Borrowed(*value)));
        let sent = Sent {
            query: Form::default(),
            body: json_body(body),
        };
        let read = self.reader.read(operation, path, sent);
        read.unwrap_or_else(|problems| panic!("{id}: {problems:?}"))
    }
}

#[test]
fn machines() {
    let mac = "BC:24:11:00:00:01";
    for name in ["pve-9.2", "pve-8.4", "pve-7.4"] {
        let release = release(name);
        let node = [("node", "pve01")];
        let machine = json!({
            "vmid": "100", "name": "web-1", "memory": "2048", "cores": 2, "sockets": "1", "cpu": "host,flags=+aes",
            "ostype": "l26", "scsihw": "virtio-scsi-single", "agent": "1,fstrim_cloned_disks=1", "onboot": true,
            "scsi0": "local-lvm:32,iothread=1,discard=on,ssd=1,cache=writeback", "ide2": "local:iso/a.iso,media=cdrom",
            "scsi1": "local-lvm:0,import-from=/var/tmp/a.qcow2", "efidisk0": "local-lvm:1,efitype=4m",
            "net0": format!("virtio={mac},bridge=vmbr0,tag=5,firewall=1"), "net1": "model=e1000,bridge=vmbr1",
            "boot": "order=scsi0;ide2;net0", "ipconfig0": "ip=dhcp,ip6=auto", "ipconfig1": "ip=10.0.0.2/24,gw=10.0.0.1",
            "serial0": "socket", "vga": "serial0", "tags": "a;b", "startup": "order=1,up=5", "hotplug": "disk,network",
            "sshkeys": "ssh-ed25519%20AAAA%20me", "nameserver": "10.0.0.1 10.0.0.2", "searchdomain": "example.org",
            "hostpci0": "0000:01:00.0,pcie=1", "usb0": "host=1234:abcd", "rng0": "source=/dev/urandom",
            "smbios1": "uuid=01234567-89ab-cdef-0123-456789abcdef,base64=1,serial=YQ==", "numa0": "cpus=0-1,memory=512",
            "watchdog": "model=i6300esb,action=reset", "cicustom": "user=local:snippets/a.yaml", "bootdisk": "scsi0"
        });
        let read = release.passes("post_nodes_node_qemu", &node, machine);
        assert_eq!(
            (read.integer("vmid"), read.boolean("onboot")),
            (Some(100), Some(true))
        );
        assert_eq!(read.indexed("net").len(), 2, "{name}");
        let net = read.property_string("net0").unwrap();
        assert_eq!(
            (&net["model"], &net["macaddr"]),
            (&json!("virtio"), &json!(mac))
        );
        assert_eq!(
            read.property_string("scsi0").unwrap()["file"],
            "local-lvm:32"
        );
    }
}

#[test]
fn everything_else_of_proxmox_ve() {
    for name in ["pve-9.2", "pve-8.4", "pve-7.4"] {
        let release = release(name);
        let node = [("node", "pve01")];
        let container = json!({
            "vmid": 101, "ostemplate": "local:vztmpl/a.tar.zst", "hostname": "ct-1", "rootfs": "local-lvm:8",
            "net0": "name=eth0,bridge=vmbr0,ip=dhcp,ip6=auto,type=veth", "mp0": "local-lvm:4,mp=/srv,backup=1",
            "features": "nesting=1,keyctl=1", "unprivileged": "1", "swap": "0", "nameserver": "fe80::1%eth0",
            "timezone": "host", "password": "secret", "start": 0
        });
        release.passes("post_nodes_node_lxc", &node, container);
        let storage = json!({
            "storage": "backup1", "type": "nfs", "server": "nas.example.org", "export": "/a", "content": "backup,iso",
            "prune-backups": "keep-last=3,keep-daily=7", "nodes": "pve01,pve02", "options": "vers=4.2"
        });
        release.passes("post_storage", &[], storage);
        let user =
            json!({"userid": "joe@pve", "email": "joe@example.org", "groups": "a,b", "expire": 0});
        release.passes("post_access_users", &[], user);
        let acl =
            json!({"path": "/vms/100", "roles": "PVEVMAdmin", "users": "joe@pve", "propagate": 1});
        release.passes("put_access_acl", &[], acl);
        let job = json!({
            "schedule": "mon..fri 22:30", "vmid": "100,101", "storage": "backup1", "mode": "snapshot", "enabled": 1,
            "prune-backups": "keep-all=1", "mailto": "root,joe@example.org"
        });
        release.passes("post_cluster_backup", &[], job);
        let rule = json!({
            "type": "in", "action": "ACCEPT", "source": "10.0.0.0/8,192.168.0.1", "dest": "+set", "dport": "22,80:90",
            "proto": "tcp", "enable": 1, "log": "nolog"
        });
        release.passes("post_cluster_firewall_rules", &[], rule);
        let migration = json!({"target": "pve02", "online": 1, "targetstorage": "aa:bb,local"});
        let guest = [("node", "pve01"), ("vmid", "100")];
        release.passes("post_nodes_node_qemu_vmid_migrate", &guest, migration);
    }
}

#[test]
fn backup_server_and_datacenter_manager() {
    let backup = release("pbs-4");
    let store = json!({
        "name": "store1", "path": "/srv/store1", "gc-schedule": "daily", "comment": "über",
        "tuning": "chunk-order=inode,gc-atime-safety-check=1", "notify-user": "root@pam"
    });
    backup.passes("post_config_datastore", &[], store);
    let user = json!({"userid": "joe@pbs", "password": "secret12", "enable": true, "email": "joe@example.org"});
    backup.passes("post_access_users", &[], user);
    let manager = release("pdm-1");
    let remote = json!({
        "id": "lab", "type": "pve", "authid": "root@pam!pdm", "token": "secret",
        "nodes": ["pve01.example.org,fingerprint=".to_owned() + &["ab"; 32].join(":")]
    });
    manager.passes("post_remotes_remote", &[], remote);
}
