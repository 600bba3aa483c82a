"""The client library of WireMock reads our journal: the control plane speaks its admin API.

MOCK_URL is the server. Ends with 1 and a sentence at the first thing that differs.
"""

import os

import requests
from checks import expect
from wiremock.client import NearMissMatchPatternRequest, Requests
from wiremock.constants import Config

API = os.environ["MOCK_URL"].rstrip("/")


def main():
    Config.base_url = f"{API}/__admin"
    Requests.reset_request_journal()
    for node, body in (("a", '{"status":"up"}'), ("b", '{"status":"down"}')):
        requests.post(f"{API}/v1/nodes/{node}/heartbeat", data=body, timeout=10)
    requests.get(f"{API}/nowhere", timeout=10)

    received = Requests.get_all_received_requests()
    expect("exchanges in the journal", received.meta.total, 3)
    newest = received.requests[0]
    expect("url of the newest", newest.request.url, "/nowhere")
    expect("the same by its id", Requests.get_request(newest.id).request.url, "/nowhere")

    pattern = NearMissMatchPatternRequest(method="POST", url_path_pattern="/v1/nodes/.*/heartbeat")
    expect("matching exchanges", Requests.get_matching_request_count(pattern).count, 2)
    down = NearMissMatchPatternRequest(method="POST", body_patterns=[{"contains": "down"}])
    found = Requests.get_matching_requests(down).requests
    expect("url of the one that is down", [match.url for match in found], ["/v1/nodes/b/heartbeat"])
    unmatched = Requests.get_unmatched_requests().requests
    expect("unmatched exchanges", len(unmatched), 1)
    Requests.reset_request_journal()
    expect("exchanges after a reset", Requests.get_all_received_requests().meta.total, 0)
    print("wiremock: its client read the journal")


if __name__ == "__main__":
    main()
