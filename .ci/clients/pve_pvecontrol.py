"""An administrator's hour with pvecontrol, as commands in a shell: it looks, moves a guest, empties a node, restores.

MOCK_HTTPS is host:port of a server in strict mode, MOCK_CA the certificate to trust, MOCK_URL the same server without
TLS. What is printed is held against what the API says. Ends with 1 and a sentence at the first thing that differs.
"""

import json
import os
import subprocess
import sys
import tempfile

import requests
from checks import contains, expect, fail
from proxmoxer import ProxmoxAPI

HOST, PORT = os.environ["MOCK_HTTPS"].rsplit(":", 1)
CA = os.environ["MOCK_CA"]
SECRET = "00000000-0000-4000-8000-000000000000"
CONFIG = f"""
clusters:
  - {{name: token, host: "{HOST}:{PORT}", user: root@pam, token_name: mock, token_value: {SECRET}, ssl_verify: true}}
  - {{name: ticket, host: "{HOST}:{PORT}", user: root@pam, password: secret, ssl_verify: true}}
  - {{name: stranger, host: "{HOST}:{PORT}", user: root@pam, password: wrong, ssl_verify: true}}
vm: {{max_last_backup: 1500}}
"""


def main():
    pve = ProxmoxAPI(HOST, port=int(PORT), user="root@pam", token_name="mock", token_value=SECRET, verify_ssl=CA)
    with tempfile.TemporaryDirectory() as home:
        shell = Shell(home)
        lists(shell, pve)
        checks(shell, pve)
        moves(shell, pve)
        restores(shell, pve)
    print(f"pvecontrol: {shell.count} commands: status, lists, sanity checks, report, migrations, evacuation and restore")


class Shell:
    """A home with a config file in it, and what was run there."""

    def __init__(self, home):
        folder = os.path.join(home, ".config", "pvecontrol")
        os.makedirs(folder)
        with open(os.path.join(folder, "config.yaml"), "w", encoding="utf-8") as file:
            file.write(CONFIG)
        self.program = os.path.join(os.path.dirname(sys.executable), "pvecontrol")
        self.environment = {"HOME": home, "REQUESTS_CA_BUNDLE": CA, "PATH": os.environ["PATH"], "COLUMNS": "200",
                            "PYTHONUNBUFFERED": "1"}
        self.count = 0

    def run(self, *arguments, cluster="token", code=0, typed=""):
        """What a command prints."""
        command = self.command(cluster, arguments)
        ended = subprocess.run(command, env=self.environment, input=typed, capture_output=True, text=True, timeout=60,
                               check=False)
        if ended.returncode != code:
            fail(f"{' '.join(arguments)} ended with {ended.returncode}:\n{ended.stdout}{ended.stderr}")
        return ended.stdout

    def watch(self, text, then, *arguments):
        """The same, for a command that goes on: something is done when it has printed a text."""
        command = self.command("token", arguments)
        with subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              text=True) as process:
            seen = ""
            while text not in seen and (line := process.stdout.readline()):
                seen += line
            contains(" ".join(arguments), seen, text)
            then()
            return seen + process.stdout.read()

    def command(self, cluster, arguments):
        self.count += 1
        return [self.program, "--cluster", cluster, "--no-color", "--no-unicode", *arguments]

    def rows(self, *arguments, **options):
        """The same, read as JSON."""
        return json.loads(self.run("--output", "json", *arguments, **options))


def lists(shell, pve):
    resources = pve.cluster.resources.get()
    guests = {row["vmid"]: row for row in resources if row["type"] == "qemu"}
    for cluster in ("token", "ticket"):
        status = shell.rows("status", cluster=cluster)[0]
        expect("status", status["status"], "healthy")
        expect("machines", status["vm"], len(guests))
        expect("nodes", status["nodes"], {"online": 3, "offline": 0, "unknown": 0})
        seen = {row["vmid"]: row for row in shell.rows("vm", "list", cluster=cluster)}
        expect("guests", sorted(seen), sorted(guests))
        for vmid, row in seen.items():
            expect(f"{vmid}", (row["name"], row["node"], row["status"].lower(), sorted(row["tags"])),
                   (guests[vmid]["name"], guests[vmid]["node"], "vmstatus." + guests[vmid]["status"],
                    sorted(guests[vmid]["tags"].split(";"))))
    contains("status of a stranger", shell.run("status", cluster="stranger", code=1), "")
    text = shell.run("status")
    contains("name of the cluster", text, "Name: e2e-cluster")
    nodes = {row["node"]: row for row in shell.rows("node", "list")}
    for row in (row for row in resources if row["type"] == "node"):
        running = [guest for guest in guests.values() if guest["node"] == row["node"] and guest["status"] == "running"]
        expect(f"{row['node']}", (nodes[row["node"]]["status"], nodes[row["node"]]["maxcpu"]),
               ("NodeStatus.ONLINE", row["maxcpu"]))
        expect(f"cores given away on {row['node']}", nodes[row["node"]]["allocatedcpu"],
               sum(guest["maxcpu"] for guest in running))
    storages = {(row["storage"], row["nodes"]) for row in shell.rows("storage", "list")}
    contains("a shared storage is one", storages, ("backup", "pve01, pve02, pve03"))
    contains("a local storage is one for each node", storages, ("local", "pve02"))
    tasks = {row["upid"]: row for row in shell.rows("task", "list")}
    for row in pve.cluster.tasks.get():
        expect(f"end of {row['upid']}", tasks[row["upid"]]["exitstatus"], row["status"])
    upid = next(iter(tasks))
    contains("log of a task", shell.run("task", "get", upid), "TASK OK")
    users = {row["userid"]: row for row in shell.rows("user", "list")}
    contains("tokens of root", users["root@pam"]["tokens"], "root@pam!mock")
    expect("groups", [row["groupid"] for row in shell.rows("group", "list")],
           [row["groupid"] for row in pve.access.groups.get()])
    expect("permissions", len(shell.rows("acl", "list")), len(pve.access.acl.get()))


def checks(shell, pve):
    """Its checks judge the cluster: each is right about the guests that the API shows."""
    guests = [row for row in pve.cluster.resources.get(type="vm") if row["type"] == "qemu"]
    starts = {row["vmid"]: pve.nodes(row["node"]).qemu(row["vmid"]).config.get().get("onboot") == 1 for row in guests}
    wrong = any(starts[row["vmid"]] != (row["status"] == "running") for row in guests)
    text = shell.run("sanitycheck", "vms_start_on_boot", code=int(wrong))
    for row in guests:
        contains("check of the start at boot", text, f"'{row['vmid']}/{row['name']}'")
    contains("check of backups", shell.run("sanitycheck", "vm_backups", code=1), "last backup is too old")
    contains("check of the nodes", shell.run("sanitycheck", "nodes"), "'pve01' isn't in mem overcommit")
    # It takes every rule for one about nodes.
    for rule in pve.cluster.ha.rules.get(type="resource-affinity"):
        pve.cluster.ha.rules(rule["rule"]).delete()
    contains("all checks", shell.run("sanitycheck", code=1), "Total checks: 6")
    contains("the report", shell.run("report"), "e2e-cluster")


def moves(shell, pve):
    text = shell.run("vm", "migrate", "101", "--target", "pve03", "--online", "--dry-run")
    contains("a dry run", text, "Dry run, skipping migration")
    expect("where 101 is", where(pve)[101], "pve01")
    text = shell.run("vm", "migrate", "101", "--target", "pve03", "--online")
    contains("a migration with a snapshot", text, "online storage migration not possible if snapshot exists")
    for vmid, node in where(pve).items():
        for snapshot in pve.nodes(node).qemu(vmid).snapshot.get():
            if snapshot["name"] != "current":
                pve.nodes(node).qemu(vmid).snapshot(snapshot["name"]).delete()
    control("hold", {"type": "qmigrate"})
    text = shell.watch("log output, follow mode", lambda: control("release", {}),
                       "vm", "migrate", "101", "--target", "pve03", "--online", "--follow")
    contains("its end", text, "TaskRunningStatus.STOPPED")
    expect("where 101 is", where(pve)[101], "pve03")
    contains("a guest that is not there", shell.run("vm", "migrate", "999", "--target", "pve03", code=1), "not found")

    plan = shell.run("node", "evacuate", "pve03", "--online", "--dry-run", typed="yes\n")
    running = sorted(row["vmid"] for row in pve.nodes("pve03").qemu.get() if row["status"] == "running")
    for vmid in running:
        contains("the plan", plan, f"Migrating VM {vmid} ")
    expect("the plan is a plan", sorted(vmid for vmid, node in where(pve).items() if node == "pve03" and vmid in running),
           running)
    shell.run("node", "evacuate", "pve03", "--online", "--wait", typed="yes\n")
    expect("running machines of the emptied node",
           [row["vmid"] for row in pve.nodes("pve03").qemu.get() if row["status"] == "running"], [])
    for vmid in running:
        status = pve.nodes(where(pve)[vmid]).qemu(vmid).status.current.get()["status"]
        expect(f"status of {vmid} after its journey", status, "running")
    contains("emptying it again", shell.run("node", "evacuate", "pve03"), "No VM to migrate")
    contains("emptying nowhere", shell.run("node", "evacuate", "nowhere"), "Node nowhere does not exist")


def restores(shell, pve):
    archive = next(row["volid"] for row in pve.nodes("pve01").storage("backup").content.get(content="backup", vmid=103))
    vmid = pve.cluster.nextid.get()
    restore = ["vm", "restore", vmid, "--target", "pve01", "--archive", archive, "--storage", "local-lvm"]
    contains("the restore", shell.run(*restore, "--wait"), "OK")
    expect("the restored machine", pve.nodes("pve01").qemu(vmid).config.get()["name"], "web-server-01")
    shell.run(*restore, code=1)
    pve.nodes("pve01").qemu(vmid).delete()


def control(verb, body):
    requests.post(f"{os.environ['MOCK_URL']}/__admin/tasks/{verb}", json=body, timeout=10).raise_for_status()


def where(pve):
    return {row["vmid"]: row["node"] for row in pve.cluster.resources.get(type="vm") if row["type"] == "qemu"}


if __name__ == "__main__":
    main()
