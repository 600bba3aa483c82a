"""prometheus-pve-exporter scrapes everything it can, as monitoring does.

MOCK_HTTPS is host:port of a server in strict mode, MOCK_CA the certificate to trust. Ends with 1 and a sentence when a
family is missing or says something else than the API does.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time

import requests
from checks import expect, fail
from prometheus_client.parser import text_string_to_metric_families
from proxmoxer import ProxmoxAPI

HOST, PORT = os.environ["MOCK_HTTPS"].rsplit(":", 1)
CA = os.environ["MOCK_CA"]
SECRET = "00000000-0000-4000-8000-000000000000"


def main():
    pve = ProxmoxAPI(HOST, port=int(PORT), user="root@pam", token_name="mock", token_value=SECRET, verify_ssl=CA)
    guests = pve.cluster.resources.get(type="vm")
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as config:
        config.write(f"default:\n  user: root@pam\n  token_name: mock\n  token_value: {SECRET}\n  verify_ssl: false\n")
        config.flush()
        families = scrape(config.name)
    up = {sample.labels["id"]: sample.value for sample in families["pve_up"].samples}
    for guest in guests:
        expect(f"pve_up of {guest['id']}", up.get(guest["id"]), float(guest["status"] == "running"))
    infos = {sample.labels["id"]: sample.labels["name"] for sample in families["pve_guest_info"].samples}
    expect("guests", len(infos), len(guests))
    for family in ("pve_disk_size_bytes", "pve_memory_usage_bytes", "pve_cpu_usage_ratio", "pve_storage_info",
                   "pve_node_info", "pve_cluster_info", "pve_version_info", "pve_onboot_status",
                   "pve_uptime_seconds", "pve_subscription_status", "pve_not_backed_up_total",
                   "pve_replication_info", "pve_lock_state", "pve_ha_state"):
        if family not in families:
            fail(f"no {family} among {sorted(families)}")
    print(f"prometheus-pve-exporter: {len(families)} families of {len(guests)} guests")


def scrape(config):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    exporter = subprocess.Popen(
        [os.path.join(os.path.dirname(sys.executable), "pve_exporter"), "--config.file", config,
         "--web.listen-address", f"127.0.0.1:{port}"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    try:
        families = {}
        # Cluster-wide figures from any node, those of a node from that node.
        for collectors in ("cluster=1&node=0", "cluster=0&node=1"):
            url = f"http://127.0.0.1:{port}/pve?target={HOST}:{PORT}&{collectors}"
            for family in text_string_to_metric_families(patiently(url, exporter)):
                families[family.name] = family
        return families
    finally:
        exporter.terminate()
        exporter.wait()


def patiently(url, exporter):
    """The page, once the exporter listens."""
    for _ in range(200):
        if exporter.poll() is not None:
            fail(f"the exporter ended with {exporter.returncode}")
        try:
            answer = requests.get(url, timeout=30)
        except requests.ConnectionError:
            time.sleep(0.05)
            continue
        expect(f"status of {url}", answer.status_code, 200)
        return answer.text
    fail("the exporter does not listen")


if __name__ == "__main__":
    main()
