//! Clusters that begin, grow and shrink.

use serde_json::json;

use crate::personality::WorldSource;
use crate::proxmox::service::testing::Desk;
use crate::pve::testing::{desk, holds};
use crate::pve::world::World;

fn empty() -> Desk<World> {
    Desk::with(crate::pve::blueprint(), |setup| {
        setup.world = WorldSource::Empty;
    })
}

#[test]
fn what_a_cluster_tells_those_who_join() {
    let desk = desk();
    let join = desk.get("/cluster/config/join");
    assert_eq!(join["preferred_node"], "pve01");
    assert_eq!(join["nodelist"][2]["name"], "pve03");
    assert_eq!(join["totem"]["cluster_name"], "e2e-cluster");
    assert_eq!(join["config_digest"].as_str().unwrap().len(), 40);
    assert_eq!(desk.get("/cluster/config/apiversion"), 1);
    assert_eq!(desk.get("/cluster/config/qdevice"), json!({}));
    let got = desk.ask("POST /cluster/config", "clustername=other");
    let text = "500 cluster config '/etc/pve/corosync.conf' already exists";
    assert_eq!(got.status, text);
}

#[test]
fn a_cluster_begins() {
    let desk = empty();
    let alone = desk.get("/cluster/status");
    assert_eq!(alone.as_array().unwrap().len(), 1);
    assert_eq!(alone[0]["nodeid"], 0);
    assert_eq!(desk.get("/cluster/config/nodes"), json!([]));
    assert_eq!(desk.get("/cluster/config/totem"), json!({}));
    let got = desk.ask("GET /cluster/config/join", "");
    assert_eq!(
        got.status,
        "500 node is not in a cluster, no join info available!"
    );
    let upid = desk.task("POST /cluster/config", "clustername=mine");
    assert!(upid.contains(":clustercreate:mine:"), "{upid}");
    let status = desk.get("/cluster/status");
    assert_eq!(status[0]["name"], "mine");
    assert_eq!(status[1]["nodeid"], 1);
    desk.get("/cluster/config/join");
}

#[test]
fn a_machine_joins() {
    let desk = empty();
    let fingerprint = ["AB"; 32].join(":");
    let body = format!("hostname=big.example.invalid&password=secret&fingerprint={fingerprint}");
    let upid = desk.task("POST /cluster/config/join", &body);
    assert!(upid.contains(":clusterjoin:"), "{upid}");
    let nodes = desk.get("/cluster/config/nodes");
    assert_eq!(nodes[0]["node"], "big");
    assert_eq!(nodes[1]["nodeid"], "2");
    holds(&desk);
    let again = desk.must("POST /cluster/config/join", &body);
    let exit = desk.exit_status(again.as_str().unwrap());
    assert_eq!(exit, "Check if node may join a cluster failed!");
}

#[test]
fn nodes_come_and_go() {
    let desk = desk();
    let answer = desk.must(
        "POST /cluster/config/nodes/pve04",
        "new_node_ip=10.10.10.14",
    );
    assert!(
        answer["corosync_conf"]
            .as_str()
            .unwrap()
            .contains("name: pve04")
    );
    let got = desk.ask("POST /cluster/config/nodes/pve04", "");
    assert_eq!(got.status, "500 Can't add existing node 'pve04' to cluster");
    assert_eq!(desk.get("/cluster/status")[0]["nodes"], 4);
    desk.must("DELETE /cluster/config/nodes/pve02", "");
    holds(&desk);
    let all = desk.get("/cluster/resources").to_string();
    assert!(!all.contains("pve02"), "{all}");
    let got = desk.ask("DELETE /cluster/config/nodes/pve01", "");
    assert_eq!(got.status, "500 Cannot delete myself from cluster!");
    let got = desk.ask("DELETE /cluster/config/nodes/pve02", "");
    let text = "500 Node/IP: pve02 is not a known host of the cluster.";
    assert_eq!(got.status, text);
}
