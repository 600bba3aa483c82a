"""What proxbox asks of Proxmox VE, through proxmox-sdk, the library it asks with: its reads in its order, with its token.

MOCK_HTTPS is host:port of a server in strict mode, MOCK_CA the certificate to trust, MOCK_URL the same server without
TLS. Every answer goes through the library's own models of the product's types, which are strict, and what proxbox makes
of an answer is checked. Then a guest is turned off by the control plane and read again, and a guest lives and dies by
the library. Ends with 1 and a sentence at the first thing that differs.
"""

import os
import re
import time
import warnings
from importlib import import_module

import requests
from checks import contains, expect, fail, refused
from proxmox_sdk import ProxmoxSDK, ResourceException
from proxmox_sdk.sdk.exceptions import AuthenticationError
from pydantic import ValidationError

HOST, PORT = os.environ["MOCK_HTTPS"].rsplit(":", 1)
warnings.filterwarnings("ignore", "Field name .* shadows an attribute")
MODELS = [import_module(f"proxmox_sdk.generated.proxmox.latest.models.{name}")
          for name in ("access", "cluster", "nodes", "pools", "storage", "version")]


def main():
    token = {"user": "root@pam", "token_name": "e2e", "token_value": "e2e-secret"}
    with session(**token) as pve:
        reader = Reader(pve)
        overview(reader)
        devices(reader)
        guests(reader)
        backups(reader)
        schedules(reader)
        pages(reader)
        refusals(pve)
        turned_off(reader)
        life(pve)
    with session(user="root@pam", password="secret") as pve:
        reader = Reader(pve, reader.count)
        overview(reader)
        life(pve)
    with session(user="root@pam", password="wrong") as pve:
        refused("a wrong password", AuthenticationError, pve.version.get)
    print(f"proxmox-sdk: {reader.count} reads of proxbox on port {PORT}, a guest turned off, two guests' lives")


def session(**credentials):
    return ProxmoxSDK.sync(host=HOST, port=int(PORT), verify_ssl=True, cert=os.environ["MOCK_CA"], timeout=30, **credentials)


class Reader:
    """Reads paths and holds each answer against the library's model of it."""

    def __init__(self, pve, count=0):
        self.pve = pve
        self.count = count

    def get(self, template, *names, **query):
        """The answer of a path, whose parts in braces are named in order."""
        path = template
        for name in names:
            path = re.sub(r"\{\w+\}", str(name), path, count=1)
        self.count += 1
        data = self.pve(path).get(**query)
        name = "Get" + "".join(part.capitalize() for part in re.findall(r"[A-Za-z0-9]+", template)) + "Response"
        model = next((getattr(models, name) for models in MODELS if hasattr(models, name)), None)
        if model is None:
            fail(f"the library has no {name}")
        try:
            model.model_validate(data)
        except ValidationError as error:
            fail(f"{path} does not fit {name}: {error}")
        return data


def overview(reader):
    """What it asks before everything (proxbox.md 2.2)."""
    expect("release", reader.get("version")["release"][:2], "9.")
    status = reader.get("cluster/status")
    expect("name of the cluster", [row["name"] for row in status if row["type"] == "cluster"], ["e2e-cluster"])
    names = sorted(row["name"] for row in status if row["type"] == "node")
    expect("nodes that joined", sorted(row["name"] for row in reader.get("cluster/config/join")["nodelist"]), names)
    expect("nodes", sorted(row["node"] for row in reader.get("nodes")), names)


def devices(reader):
    reader.get("cluster/resources")
    for path in ("rules", "groups", "ipset", "aliases", "options"):
        reader.get(f"cluster/firewall/{path}")
    for row in reader.get("cluster/firewall/groups"):
        reader.get("cluster/firewall/groups/{group}", row["group"])
    for row in reader.get("cluster/firewall/ipset"):
        reader.get("cluster/firewall/ipset/{name}", row["name"])
    for node in reader.get("nodes"):
        name = node["node"]
        reader.get("nodes/{node}/firewall/rules", name)
        interfaces = reader.get("nodes/{node}/network", name)
        contains(f"bridges of {name}", [row["iface"] for row in interfaces if row["type"] == "bridge"], "vmbr0")
    storages = reader.get("storage")
    for row in storages:
        whole = reader.get("storage/{storage}", row["storage"])
        expect("type of a storage", whole["type"], row["type"])
    shared = {row["storage"]: row.get("shared") for row in storages}
    expect("whether backup is shared", shared["backup"], 1)


def guests(reader):
    rows = reader.get("cluster/resources", type="vm")
    expect("ids are of one guest each", len({row["id"] for row in rows}), len(rows))
    colours = reader.get("cluster/options")["tag-style"]
    contains("colours of tags", str(colours), "production")
    for row in rows:
        place = (row["node"], row["vmid"])
        kind = row["type"]
        config = reader.get(f"nodes/{{node}}/{kind}/{{vmid}}/config", *place)
        disks = [text for key, text in config.items() if re.fullmatch(r"(scsi|virtio|sata|ide|mp)\d+|rootfs", key)]
        contains(f"sizes of disks of {row['id']}", "".join(disks), "size=")
        names = [part["name"] for part in reader.get(f"nodes/{{node}}/{kind}/{{vmid}}/snapshot", *place)]
        contains(f"snapshots of {row['id']}", names, "current")
        if kind == "qemu" and row["status"] == "running":
            result = reader.get("nodes/{node}/qemu/{vmid}/agent/network-get-interfaces", *place)["result"]
            macs = {card.get("hardware-address", "").upper() for card in result}
            for text in (text for key, text in config.items() if re.fullmatch(r"net\d+", key)):
                contains(f"addresses of {row['id']}", macs, re.search(r"=([0-9A-F:]{17})", text)[1])
            reader.get("nodes/{node}/qemu/{vmid}/agent/get-host-name", *place)
    for vmid, kind in ((101, "qemu"), (102, "lxc")):
        names = [part["name"] for part in reader.get(f"nodes/{{node}}/{kind}/{{vmid}}/snapshot", "pve01", vmid)]
        contains(f"the snapshot of {vmid}", names, "base")


def backups(reader):
    volumes = set()
    for storage in reader.get("storage"):
        if "backup" not in storage["content"]:
            continue
        for node in storage["nodes"].split(","):
            content = reader.get("nodes/{node}/storage/{storage}/content", node, storage["storage"], content="backup")
            volumes.update((row["volid"], row["vmid"]) for row in content)
    contains("backups", volumes, ("backup:101/vzdump-qemu-101-2026_01_01-00_00_00.vma.zst", 101))
    contains("backups", volumes, ("backup:102/vzdump-lxc-102-2026_01_01-00_00_00.tar.zst", 102))


def schedules(reader):
    for job in reader.get("cluster/replication"):
        expect("number of a replication", job["id"], f"{job['guest']}-{job['jobnum']}")
    for job in reader.get("cluster/backup"):
        contains("schedule of a backup", job, "schedule")
    until, ids = int(time.time()) + 60, set()
    for node in ("pve01", "pve02", "pve03"):
        rows = reader.get("nodes/{node}/tasks", node, source="archive", start=0, limit=500, until=until)
        for row in rows:
            ids.add(row["id"])
            contains("the id of a task", row["upid"], f"UPID:{node}:")
            status = reader.get("nodes/{node}/tasks/{upid}/status", node, row["upid"])
            expect(f"end of {row['upid']}", status["exitstatus"], row["status"])
    contains("guests with tasks", ids, "101")


def pages(reader):
    """What it reads for its other pages (proxbox.md 2.5)."""
    for path in ("cluster/ha/status/current", "cluster/ha/resources", "cluster/ha/rules", "cluster/ha/status/manager_status",
                 "cluster/sdn/zones", "cluster/sdn/vnets", "cluster/qemu/custom-cpu-models", "cluster/ceph/status",
                 "cluster/ceph/flags", "pools", "access/users"):
        reader.get(path)
    for path in ("config", "qemu", "lxc", "disks/zfs", "ceph/pool", "ceph/osd", "firewall/options"):
        reader.get(f"nodes/{{node}}/{path}", "pve01")
    for path in ("rules", "ipset", "aliases", "options"):
        reader.get(f"nodes/{{node}}/qemu/{{vmid}}/firewall/{path}", "pve01", 101)
    reader.get("nodes/{node}/storage/{storage}/identity", "pve01", "local")
    reader.get("access/users/{userid}/token/{tokenid}", "root@pam", "e2e")


def refusals(pve):
    """It tells by the reason phrase what it may pass over."""
    error = refused("groups of HA", ResourceException, pve.cluster.ha.groups.get)
    expect("status of groups", error.status_code, 500)
    contains("its reason", str(error), "migrated to rules")
    error = refused("a filter that is none", ResourceException,
                    lambda: pve.cluster.resources.get(type="ClusterResourcesType.vm"))
    expect("status of a wrong filter", error.status_code, 400)
    contains("what is wrong", error.errors, "type")
    error = refused("the agent of a stopped guest", ResourceException,
                    lambda: pve("nodes/pve02/qemu/105/agent/get-host-name").get())
    contains("its reason", error.status_message, "VM 105 is not running")
    pve.access.users.post(userid="nobody@pve", password="correct horse")
    with session(user="nobody@pve", password="correct horse") as nobody:
        error = refused("the cluster", ResourceException, nobody.cluster.status.get)
        expect("status of the cluster for nobody", error.status_code, 403)
        contains("its reason", str(error).lower(), "permission check failed")
        expect("guests for nobody", nobody.cluster.resources.get(type="vm"), [])
    pve.access.users("nobody@pve").delete()


def turned_off(reader):
    """Running, then stopped by the control plane, and read again (proxbox.md 1.6)."""
    url = f"{os.environ['MOCK_URL']}/__admin/vm/101/status"
    for status in ("stopped", "running"):
        answer = requests.post(url, json={"status": status}, timeout=15)
        expect("answer of the control plane", answer.json(), {"ok": True, "vmid": 101, "status": status})
        rows = {row["vmid"]: row for row in reader.get("cluster/resources", type="vm")}
        expect("status in the list", rows[101]["status"], status)
        listed = {row["vmid"]: row for row in reader.get("nodes/{node}/qemu", "pve01")}
        expect("status on its node", listed[101]["status"], status)
        current = reader.get("nodes/{node}/qemu/{vmid}/status/current", "pve01", 101)
        expect("its status", current["status"], status)


def life(pve):
    """What it changes (proxbox.md 2.6)."""
    vmid = int(pve.cluster.nextid.get())
    node = pve.nodes("pve01")
    done(pve, node.qemu.post(vmid=vmid, name="ci", memory=512, scsi0="local-lvm:4", net0="virtio,bridge=vmbr0"))
    machine = node.qemu(vmid)
    done(pve, machine.status.start.post())
    expect("status", machine.status.current.get()["status"], "running")
    done(pve, machine.snapshot.post(snapname="one", description="of a test"))
    machine.config.put(description="changed")
    done(pve, machine.snapshot("one").delete())
    done(pve, node.vzdump.post(vmid=str(vmid), storage="backup", mode="snapshot", compress="zstd"))
    contains("where it may go", machine.migrate.get()["allowed_nodes"], "pve02")
    done(pve, machine.migrate.post(**{"target": "pve02", "online": 1, "with-local-disks": 1}))
    machine = pve.nodes("pve02").qemu(vmid)
    done(pve, machine.status.reboot.post())
    done(pve, machine.status.stop.post())
    done(pve, machine.delete(purge=1))
    archives = node.storage("backup").content.get(content="backup", vmid=vmid)
    for archive in archives:
        node.storage("backup").content(archive["volid"]).delete()
    expect("backups of the dead", len(archives) > 0, True)


def done(pve, upid):
    """Polls a task as proxbox does."""
    for _ in range(600):
        status = pve(f"nodes/{upid.split(':')[1]}/tasks/{upid}/status").get()
        if status["status"] == "stopped":
            return expect(f"end of {upid}", status["exitstatus"], "OK")
    return fail(f"{upid} does not end")


if __name__ == "__main__":
    main()
