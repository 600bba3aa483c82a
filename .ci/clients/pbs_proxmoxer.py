"""A backup server through proxmoxer: logins by password and token, reads, and writes that are read back.

MOCK_HTTPS is host:port of a server in strict mode, MOCK_CA the certificate to trust. Ends with 1 and a sentence at the
first thing that differs.
"""

import os
import time

from checks import contains, expect, fail, refused
from proxmoxer import ProxmoxAPI
from proxmoxer.core import AuthenticationError, ResourceException

HOST, PORT = os.environ["MOCK_HTTPS"].rsplit(":", 1)
CA = os.environ["MOCK_CA"]
SECRET = "00000000-0000-4000-8000-000000000000"


def main():
    ticket = connect(user="root@pam", password="secret")
    token = connect(user="root@pam", token_name="mock", token_value=SECRET)
    refused("a wrong password", AuthenticationError, lambda: connect(user="root@pam", password="wrong"))
    for pbs in (ticket, token):
        reads(pbs)
        refusals(pbs)
        writes(pbs)
    print("proxmoxer: a backup server's logins, reads, refusals and writes passed")


def connect(**credentials):
    return ProxmoxAPI(HOST, service="PBS", port=int(PORT), verify_ssl=CA, timeout=30, **credentials)


def reads(pbs):
    contains("version", pbs.version.get()["version"], ".")
    stores = [store["store"] for store in pbs.admin.datastore.get()]
    usage = {row["store"]: row for row in pbs.status("datastore-usage").get()}
    expect("datastores", sorted(usage), sorted(stores))
    for store in stores:
        status = pbs.admin.datastore(store).status.get()
        expect(f"space of {store}", status["used"] + status["avail"] <= status["total"], True)
        for namespace in pbs.admin.datastore(store).namespace.get():
            where = {"ns": namespace["ns"]} if namespace["ns"] else {}
            snapshots = pbs.admin.datastore(store).snapshots.get(**where)
            for group in pbs.admin.datastore(store).groups.get(**where):
                mine = [one for one in snapshots
                        if (one["backup-type"], one["backup-id"]) == (group["backup-type"], group["backup-id"])]
                expect(f"snapshots of {group['backup-id']}", len(mine), group["backup-count"])
                expect("the last", max(one["backup-time"] for one in mine), group["last-backup"])
    status = pbs.nodes("localhost").status.get()
    expect("three loads", [type(load) for load in status["loadavg"]], [float] * 3)
    for path in ("config/prune", "config/verify", "config/sync", "config/remote", "admin/gc", "access/users",
                 "access/acl", "access/roles", "nodes/localhost/tasks", "nodes/localhost/services"):
        if pbs(path).get() is None:
            fail(f"{path} answers with nothing")


def refusals(pbs):
    error = refused("a missing datastore", ResourceException, lambda: pbs.config.datastore("nowhere").get())
    contains("its words", str(error), "nowhere")
    error = refused("a strange parameter", ResourceException, lambda: pbs.version.get(nonsense=1))
    expect("its status", error.status_code, 400)
    error = refused("an unknown path", ResourceException, lambda: pbs("no/such/path").get())
    expect("status of an unknown path", error.status_code, 404)


def writes(pbs):
    pbs.config.remote.post(name="ci-remote", host="10.0.0.9", **{"auth-id": "root@pam", "password": "secret"})
    remote = pbs.config.remote("ci-remote").get()
    expect("host of the remote", remote["host"], "10.0.0.9")
    expect("its password", "password" in remote, False)
    pbs.config.remote("ci-remote").put(comment="made by a test")
    shown = [one for one in pbs.config.remote.get() if one["name"] == "ci-remote"]
    expect("its comment", shown[0]["comment"], "made by a test")
    pbs.config.remote("ci-remote").delete()
    pbs.access.users.post(userid="ann@pbs", password="correct horse")
    made = pbs.access.users("ann@pbs").token("ci").post()
    pbs.access.acl.put(path="/datastore", role="DatastoreAudit", **{"auth-id": "ann@pbs"})
    pbs.access.acl.put(path="/datastore", role="DatastoreAudit", **{"auth-id": "ann@pbs!ci"})
    theirs = connect(user="ann@pbs", token_name="ci", token_value=made["value"])
    expect("what an auditor sees", len(theirs.admin.datastore.get()) > 0, True)
    error = refused("an auditor's change", ResourceException,
                    lambda: theirs.config.remote.post(name="another", host="10.0.0.9", **{"auth-id": "a@pam", "password": "x"}))
    expect("its status", error.status_code, 403)
    pbs.access.users("ann@pbs").delete()
    store = pbs.admin.datastore.get()[0]["store"]
    upid = pbs.admin.datastore(store).gc.post()
    for _ in range(100):
        status = pbs.nodes("localhost").tasks(upid).status.get()
        if status["status"] == "stopped":
            expect("end of the garbage collection", status["exitstatus"], "OK")
            return
        time.sleep(0.05)
    fail("the garbage collection does not end")


if __name__ == "__main__":
    main()
