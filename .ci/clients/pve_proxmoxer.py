"""A guest's whole life through proxmoxer, the library that most Python tools for Proxmox VE use.

MOCK_HTTPS is host:port of a server in strict mode, MOCK_CA the certificate to trust. Everything is read back where
another endpoint shows it. Ends with 1 and a sentence at the first thing that differs.
"""

import os

from checks import contains, expect, fail, refused
from proxmoxer import ProxmoxAPI
from proxmoxer.core import AuthenticationError, ResourceException
from proxmoxer.tools import Tasks

HOST, PORT = os.environ["MOCK_HTTPS"].rsplit(":", 1)
CA = os.environ["MOCK_CA"]
SECRET = "00000000-0000-4000-8000-000000000000"


def main():
    ticket = connect(user="root@pam", password="secret")
    token = connect(user="root@pam", token_name="mock", token_value=SECRET)
    refusals(token)
    for pve in (ticket, token):
        tree(pve)
    storages_and_pools(token)
    people(ticket)
    life(token, "qemu")
    life(token, "lxc")
    uploads(token)
    cluster_objects(ticket)
    print("proxmoxer: logins, reads, two guests' lives, storages, pools, people, uploads, HA and firewall passed")


def connect(**credentials):
    return ProxmoxAPI(HOST, port=int(PORT), verify_ssl=CA, timeout=30, **credentials)


def refusals(pve):
    refused("no such ticket", AuthenticationError, lambda: connect(user="root@pam", password="wrong"))
    error = refused("a missing guest", ResourceException, lambda: pve.nodes("pve01").qemu(999).config.get())
    expect("status of a missing guest", error.status_code, 500)
    contains("reason of a missing guest", str(error), "nodes/pve01/qemu-server/999.conf' does not exist")
    error = refused("a wrong parameter", ResourceException, lambda: pve.nodes.get(nonsense=1))
    expect("status of a wrong parameter", error.status_code, 400)
    contains("its name", str(error.errors), "nonsense")
    error = refused("an unknown path", ResourceException, lambda: pve("no/such/path").get())
    expect("status of an unknown path", error.status_code, 501)


def tree(pve):
    """Reads what every dashboard reads, and whether it agrees."""
    contains("release", pve.version.get()["release"], ".")
    names = sorted(node["node"] for node in pve.nodes.get())
    expect("nodes", names, ["pve01", "pve02", "pve03"])
    cluster = [row for row in pve.cluster.status.get() if row["type"] == "cluster"]
    expect("name of the cluster", cluster[0]["name"], "e2e-cluster")
    guests = pve.cluster.resources.get(type="vm")
    for node in names:
        for kind in ("qemu", "lxc"):
            listed = {guest["vmid"]: guest for guest in getattr(pve.nodes(node), kind).get()}
            shown = {guest["vmid"]: guest for guest in guests if guest["node"] == node and guest["type"] == kind}
            expect(f"guests of {node}", sorted(listed), sorted(shown))
            for vmid, guest in listed.items():
                expect(f"name of {vmid}", guest["name"], shown[vmid]["name"])
                expect(f"status of {vmid}", guest["status"], shown[vmid]["status"])
                current = getattr(pve.nodes(node), kind)(vmid).status.current.get()
                expect(f"present status of {vmid}", current["status"], guest["status"])
    for storage in pve.storage.get():
        expect("storage by itself", pve.storage(storage["storage"]).get()["type"], storage["type"])
    for path in ("access/users", "access/groups", "access/roles", "access/acl", "access/domains", "pools",
                 "cluster/backup", "cluster/replication", "cluster/tasks", "cluster/ha/resources", "cluster/options",
                 "cluster/firewall/options", "cluster/sdn/zones", "nodes/pve01/network", "nodes/pve01/services",
                 "nodes/pve01/disks/list", "nodes/pve01/status", "nodes/pve01/dns", "nodes/pve01/time"):
        if pve(path).get() is None:
            fail(f"{path} answers with nothing")


def storages_and_pools(pve):
    pve.storage.post(storage="extra", type="dir", path="/srv/extra", content="images,rootdir,iso,backup")
    expect("content of the new storage", set(pve.storage("extra").get()["content"].split(",")),
           {"images", "rootdir", "iso", "backup"})
    names = [storage["storage"] for storage in pve.nodes("pve02").storage.get()]
    contains("storages of a node", names, "extra")
    refused("a storage twice", ResourceException,
            lambda: pve.storage.post(storage="extra", type="dir", path="/srv/extra"))
    pve.storage("extra").put(nodes="pve01", disable=0)
    elsewhere = [storage for storage in pve.nodes("pve02").storage.get() if storage["storage"] == "extra"]
    expect("storage of one node elsewhere", elsewhere[0]["enabled"], 0)
    pve.pools.post(poolid="ci", comment="made by a test")
    pve.pools("ci").put(vms="101", **{"allow-move": 1})
    members = pve.pools("ci").get()["members"]
    expect("members of the pool", [member.get("vmid") for member in members], [101])
    shown = [guest for guest in pve.cluster.resources.get(type="vm") if guest["vmid"] == 101]
    expect("pool of the guest", shown[0]["pool"], "ci")
    pve.pools("ci").put(vms="101", delete=1)
    pve.pools("ci").delete()
    expect("pools", "ci" in [pool["poolid"] for pool in pve.pools.get()], False)


def people(pve):
    pve.access.groups.post(groupid="crew")
    pve.access.users.post(userid="ann@pve", password="correct horse", groups="crew", email="ann@example.com")
    contains("members of the group", pve.access.groups("crew").get()["members"], "ann@pve")
    made = pve.access.users("ann@pve").token("ci").post(privsep=0)
    pve.access.acl.put(path="/vms/101", users="ann@pve", roles="PVEVMUser")
    as_token = connect(user="ann@pve", token_name="ci", token_value=made["value"])
    expect("what a user may see", [guest["vmid"] for guest in as_token.cluster.resources.get(type="vm")], [101])
    error = refused("another's guest", ResourceException,
                    lambda: as_token.nodes("pve01").qemu(103).status.stop.post())
    expect("status of what is not permitted", error.status_code, 403)
    contains("its reason", str(error), "VM.PowerMgmt")
    as_user = connect(user="ann@pve", password="correct horse")
    contains("permissions", as_user.access.permissions.get(), "/vms/101")
    pve.access.password.put(userid="ann@pve", password="another horse")
    refused("the old password", AuthenticationError, lambda: connect(user="ann@pve", password="correct horse"))
    pve.access.users("ann@pve").delete()
    expect("entries of the dead", [entry for entry in pve.access.acl.get() if "ann@pve" in entry["ugid"]], [])
    refused("a dead user's token", ResourceException, as_token.version.get)
    pve.access.groups("crew").delete()


def life(pve, kind):
    """From creation to deletion, with everything in between that is shown elsewhere."""
    vmid = int(pve.cluster.nextid.get())
    node = pve.nodes("pve01")
    guests = getattr(node, kind)
    if kind == "qemu":
        options = {"name": "ci", "memory": 1024, "cores": 2, "scsi0": "local-lvm:8", "net0": "virtio,bridge=vmbr0",
                   "agent": 1, "ostype": "l26"}
        disk = "scsi0"
    else:
        templates = [row["volid"] for row in node.storage("local").content.get(content="vztmpl")]
        options = {"hostname": "ci", "memory": 512, "rootfs": "local-lvm:8", "ostemplate": templates[0],
                   "net0": "name=eth0,bridge=vmbr0,ip=dhcp", "password": "correct horse"}
        disk = "rootfs"
    done(pve, guests.post(vmid=vmid, **options))
    expect("name in the list", shown(pve, vmid)["name"], "ci")
    config = guests(vmid).config.get()
    contains("the disk", config[disk], f"local-lvm:vm-{vmid}-disk-0,size=8G")
    contains("the card has an address", config["net0"], "BC:24:11:")
    volumes = [row["volid"] for row in node.storage("local-lvm").content.get(vmid=vmid)]
    expect("volumes", volumes, [f"local-lvm:vm-{vmid}-disk-0"])

    guests(vmid).config.put(description="a test", tags="b;a")
    expect("tags", shown(pve, vmid)["tags"], "a;b")
    refused("a stale digest", ResourceException, lambda: guests(vmid).config.put(cores=1, digest="0" * 40))
    done(pve, guests(vmid).status.start.post())
    expect("status after start", shown(pve, vmid)["status"], "running")
    if kind == "qemu":
        result = guests(vmid).agent("network-get-interfaces").get()["result"]
        macs = [card.get("hardware-address", "").upper() for card in result]
        address = config["net0"].split("=")[1].split(",")[0]
        contains("the agent's cards", macs, address)
        pid = guests(vmid).agent.exec.post(command=["echo", "hello"])["pid"]
        contains("a process in the guest", guests(vmid).agent("exec-status").get(pid=pid), "exited")
    done(pve, guests(vmid).snapshot.post(snapname="one", description="first"))
    names = [row["name"] for row in guests(vmid).snapshot.get()]
    expect("snapshots", sorted(names), ["current", "one"])
    done(pve, guests(vmid).snapshot("one").rollback.post())
    done(pve, guests(vmid).resize.put(disk=disk, size="+2G"))
    contains("the larger disk", guests(vmid).config.get()[disk], "size=10G")

    if shown(pve, vmid)["status"] == "running":
        done(pve, guests(vmid).status.stop.post())
    done(pve, guests(vmid).snapshot("one").delete())
    other = int(pve.cluster.nextid.get())
    name = {"qemu": "name", "lxc": "hostname"}[kind]
    done(pve, guests(vmid).clone.post(newid=other, full=1, **{name: "copy"}))
    expect("name of the clone", shown(pve, other)["name"], "copy")
    done(pve, node.vzdump.post(vmid=vmid, storage="backup", mode="stop"))
    rows = node.storage("backup").content.get(content="backup", vmid=vmid)
    # The number may have been another guest's, whose backups outlive it.
    backups = [row["volid"] for row in rows if row["subtype"] == kind]
    expect("backups", len(backups), 1)
    done(pve, guests(vmid).delete(purge=1))
    expect("the deleted guest", [row for row in pve.cluster.resources.get(type="vm") if row["vmid"] == vmid], [])
    if kind == "qemu":
        done(pve, guests.post(vmid=vmid, archive=backups[0], storage="local-lvm"))
    else:
        done(pve, guests.post(vmid=vmid, ostemplate=backups[0], restore=1, storage="local-lvm"))
    expect("the restored guest", shown(pve, vmid)["name"], "ci")
    options = {"qemu": {"with-local-disks": 1}, "lxc": {}}[kind]
    done(pve, guests(vmid).migrate.post(target="pve02", **options))
    expect("node after migration", shown(pve, vmid)["node"], "pve02")
    done(pve, getattr(pve.nodes("pve02"), kind)(vmid).delete(purge=1))
    done(pve, guests(other).delete(purge=1))
    left = [row["volid"] for row in node.storage("local-lvm").content.get() if row.get("vmid") in (vmid, other)]
    expect("volumes of the dead", left, [])


def uploads(pve):
    path = os.path.join(os.environ["CI_WORK"], "ci.iso")
    with open(path, "wb") as file:
        file.write(b"\0" * 3_000_000)
    with open(path, "rb") as file:
        done(pve, pve.nodes("pve01").storage("local").upload.post(content="iso", filename=file))
    found = [row for row in pve.nodes("pve01").storage("local").content.get(content="iso") if "ci.iso" in row["volid"]]
    expect("size of the upload", [row["size"] for row in found], [3_000_000])
    pve.nodes("pve01").storage("local").content(found[0]["volid"]).delete()


def cluster_objects(pve):
    pve.cluster.ha.resources.post(sid="vm:105", state="stopped", comment="ci")
    expect("HA state", pve.cluster.ha.resources("vm:105").get()["state"], "stopped")
    pve.cluster.ha.resources("vm:105").delete()
    pve.cluster.firewall.groups.post(group="ci", comment="made by a test")
    pve.cluster.firewall.groups("ci").post(type="in", action="ACCEPT", proto="tcp", dport="22", enable=1)
    rules = pve.cluster.firewall.groups("ci").get()
    expect("rules of the group", [(rule["pos"], rule["dport"]) for rule in rules], [(0, "22")])
    pve.cluster.firewall.groups("ci")(0).delete()
    pve.cluster.firewall.groups("ci").delete()


def done(pve, upid):
    """Waits for a task with the library's own loop."""
    task = Tasks.blocking_status(pve, upid, timeout=30, polling_interval=0.05)
    expect(f"end of {upid}", task and task["exitstatus"], "OK")


def shown(pve, vmid):
    rows = [row for row in pve.cluster.resources.get(type="vm") if row["vmid"] == vmid]
    expect(f"rows of {vmid}", len(rows), 1)
    return rows[0]


if __name__ == "__main__":
    main()
