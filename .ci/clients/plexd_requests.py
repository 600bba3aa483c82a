"""An agent's day against a running server, with the HTTP library that most Python tests use.

MOCK_URL is the API, MOCK_LOCAL_URL the local TLS endpoint. Ends with 1 and a sentence at the first thing that differs.
"""

import base64
import gzip
import json
import os
import tempfile

import requests
from checks import expect
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from prometheus_client.parser import text_string_to_metric_families

API = os.environ["MOCK_URL"].rstrip("/")
LOCAL = os.environ["MOCK_LOCAL_URL"].rstrip("/")
TIMEOUT = 10

# The canonical form of an event: these members in this order, without white space.
SIGNED_MEMBERS = ("event_type", "event_id", "issued_at", "nonce", "payload")
STATE_BLOCKS = (
    "peers policies signing_keys metadata bridge_config relay_config user_access_config "
    "ingress_config site_to_site_config data secret_refs"
).split()


def main():
    session = requests.Session()
    identity = register(session)
    session.headers["Authorization"] = "Bearer " + identity["node_secret_key"]
    node = f"{API}/v1/nodes/{identity['node_id']}"

    heartbeat(session, node)
    state(session, node)
    event(session, node, identity["signing_public_key"])
    token = secret(session, node, identity["node_secret_key"])
    local_endpoint(session, token)
    wait(session)
    metrics(session)
    print("requests: an agent's day passed")


def register(session):
    answer = session.post(
        f"{API}/v1/register",
        json={"token": "t", "public_key": base64.b64encode(bytes(32)).decode(), "hostname": "h"},
        timeout=TIMEOUT,
    )
    expect("status of register", answer.status_code, 200)
    identity = answer.json()
    expect("length of the node's key", len(identity["node_secret_key"]), 32)
    expect("length of the signing key", len(base64.b64decode(identity["signing_public_key"])), 32)
    return identity


def heartbeat(session, node):
    body = json.dumps({"timestamp": "2026-01-01T00:00:00Z", "status": "healthy"}).encode()
    answer = session.post(
        f"{node}/heartbeat", data=gzip.compress(body), headers={"Content-Encoding": "gzip"}, timeout=TIMEOUT
    )
    expect("status of a compressed heartbeat", answer.status_code, 200)
    expect("answer to a heartbeat", answer.json(), {"reconcile": True, "rotate_keys": False})
    captured = session.get(f"{API}/test/last-request/heartbeat", timeout=TIMEOUT).content
    expect("captured heartbeat", captured, body)


def state(session, node):
    answer = session.get(f"{node}/state", timeout=TIMEOUT)
    expect("status of the state", answer.status_code, 200)
    expect("blocks of the state", list(answer.json()), STATE_BLOCKS)


def event(session, node, signing_key):
    with session.get(f"{node}/events", stream=True, timeout=TIMEOUT) as stream:
        expect("type of the event stream", stream.headers["Content-Type"].split(";")[0], "text/event-stream")
        fields = {}
        for line in stream.iter_lines(chunk_size=1, decode_unicode=False):
            if not line:
                break
            name, _, value = line.decode().partition(":")
            fields[name] = value.removeprefix(" ")
    envelope = json.loads(fields["data"])
    expect("id in the frame", fields["id"], envelope["event_id"])
    expect("type of the first event", envelope["event_type"], "node_state_updated")

    signed = json.dumps({m: envelope[m] for m in SIGNED_MEMBERS}, separators=(",", ":"), ensure_ascii=False)
    for plain in "<>&\u2028\u2029":
        signed = signed.replace(plain, f"\\u{ord(plain):04x}")
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(signing_key))
    # Raises when the signature is not the key's.
    key.verify(base64.b64decode(envelope["signature"]), signed.encode())


def secret(session, node, node_key):
    answer = session.get(f"{node}/secrets/local-bearer-token", timeout=TIMEOUT)
    expect("status of a secret", answer.status_code, 200)
    sealed = answer.json()
    nonce, ciphertext = (base64.b64decode(sealed[member]) for member in ("nonce", "ciphertext"))
    # Raises when the tag does not fit.
    opened = AESGCM(node_key.encode()).decrypt(nonce, ciphertext, None).decode()
    expect("the opened secret", opened, "e2e-local-bearer-token")
    return opened


def local_endpoint(session, token):
    with tempfile.NamedTemporaryFile(suffix=".pem") as pem:
        pem.write(session.get(f"{API}/__admin/ca.pem", timeout=TIMEOUT).content)
        pem.flush()
        refused = requests.post(f"{LOCAL}/local/metrics", json=[], verify=pem.name, timeout=TIMEOUT)
        expect("status without the bearer", refused.status_code, 401)
        taken = requests.post(
            f"{LOCAL}/local/metrics",
            json=[{"group": "system"}],
            headers={"Authorization": f"Bearer {token}"},
            verify=pem.name,
            timeout=TIMEOUT,
        )
        expect("status with the bearer", taken.status_code, 204)
    counters = session.get(f"{API}/test/assertions", timeout=TIMEOUT).json()
    expect("counted local metrics", counters["local_metrics_count"] >= 1, True)


def wait(session):
    met = session.get(f"{API}/__admin/wait", params={"atLeast": "heartbeat_count:1", "timeout": "5s"}, timeout=TIMEOUT)
    expect("status of a wait for what has happened", met.status_code, 200)
    unmet = session.get(f"{API}/__admin/wait", params={"atLeast": "drift_count:1000", "timeout": "50ms"}, timeout=TIMEOUT)
    expect("status of a wait for what has not", unmet.status_code, 408)


def metrics(session):
    answer = session.get(f"{API}/metrics", timeout=TIMEOUT)
    expect("type of the metrics", answer.headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
    families = list(text_string_to_metric_families(answer.text))
    expect("some metrics", bool(families), True)
    expect("metrics without a type", [f.name for f in families if f.type == "unknown"], [])


main()
