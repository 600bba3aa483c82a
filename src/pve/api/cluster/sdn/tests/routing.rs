//! Fabrics, prefix lists and route maps.

use super::*;

#[test]
fn a_life_of_a_fabric() {
    let desk = desk();
    let path = "/cluster/sdn/fabrics/fabric";
    desk.must(
        &format!("POST {path}"),
        "id=leaf&protocol=ospf&area=0&ip_prefix=10.31.0.0/24",
    );
    refused(
        &desk,
        &format!("POST {path}"),
        "id=leaf&protocol=ospf&area=0",
        "adding fabric failed: fabric 'leaf' already exists",
    );
    let fabric = desk.get(&format!("{path}/leaf"));
    let digest = fabric["digest"].as_str().unwrap();
    let change = format!("protocol=ospf&area=1&digest={digest}");
    desk.must(&format!("PUT {path}/leaf"), &change);
    assert_eq!(desk.get(&format!("{path}/leaf"))["area"], "1");
    refused(
        &desk,
        &format!("PUT {path}/leaf"),
        &change,
        "updating fabric failed: detected modified configuration - file changed by other user? Try again.",
    );
    desk.must(&format!("DELETE {path}/leaf"), "");
    let gone = "fabric 'leaf' does not exist";
    refused(&desk, &format!("GET {path}/leaf"), "", gone);
    refused(
        &desk,
        &format!("DELETE {path}/leaf"),
        "",
        &format!("deleting fabric failed: {gone}"),
    );
    desk.must("POST /cluster/sdn/zones", "zone=x1&type=vxlan&fabric=spine");
    refused(
        &desk,
        &format!("DELETE {path}/spine"),
        "",
        "deleting fabric failed: this fabric is still used in the VXLAN zone \"x1\"",
    );
    holds(&desk);
}

#[test]
fn nodes_of_a_fabric() {
    let desk = desk();
    let path = "/cluster/sdn/fabrics/fabric";
    desk.must(&format!("POST {path}"), "id=leaf&protocol=ospf&area=0");
    let nodes = "/cluster/sdn/fabrics/node/leaf";
    let node = "node_id=pve01&protocol=ospf&ip=10.31.0.1&interfaces=name%3Deno1";
    desk.must(&format!("POST {nodes}"), node);
    refused(
        &desk,
        &format!("POST {nodes}"),
        node,
        "adding node failed: node 'pve01' already exists in fabric 'leaf'",
    );
    desk.must(&format!("PUT {nodes}/pve01"), "protocol=ospf&ip=10.31.0.9");
    assert_eq!(desk.get(&format!("{nodes}/pve01"))["ip"], "10.31.0.9");
    let all = desk.get("/cluster/sdn/fabrics/all");
    assert_eq!(column(&all["fabrics"], "id"), ["leaf", "spine"]);
    assert_eq!(all["nodes"].as_array().unwrap().len(), 4);
    let pending = desk.must("GET /cluster/sdn/fabrics/fabric?pending=1", "");
    assert_eq!(pending[0]["state"], "new");
    desk.task("PUT /cluster/sdn", "");
    assert_eq!(
        desk.get("/nodes/pve01/sdn/fabrics/leaf/interfaces")[1]["name"],
        "eno1"
    );

    desk.must(&format!("DELETE {path}/leaf"), "");
    let gone = "fabric 'leaf' does not exist";
    refused(&desk, &format!("GET {nodes}/pve01"), "", gone);
    refused(
        &desk,
        "DELETE /cluster/sdn/fabrics/node/spine/pve09",
        "",
        "deleting node failed: node 'pve09' does not exist in fabric 'spine'",
    );
    holds(&desk);
}

#[test]
fn a_life_of_a_prefix_list() {
    let desk = desk();
    let path = "/cluster/sdn/prefix-lists";
    desk.must(
        &format!("POST {path}"),
        "id=out&entries=action%3Dpermit,prefix%3D10.0.0.0/8",
    );
    let entries = format!("{path}/out/entries");
    desk.must(
        &format!("POST {entries}"),
        "action=deny&prefix=0.0.0.0/0&le=32",
    );
    desk.must(
        &format!("POST {entries}"),
        "action=deny&prefix=10.1.0.0/16&seq=1",
    );
    assert_eq!(column(&desk.get(&entries), "seq"), [1, 5, 10]);
    refused(
        &desk,
        &format!("POST {entries}"),
        "action=deny&prefix=10.1.0.0/16&seq=1",
        "adding prefix list entry failed: entry with sequence number 1 already exists",
    );
    desk.must(&format!("PUT {entries}/10"), "delete=le&seq=20");
    assert_eq!(
        desk.get(&format!("{entries}/20")),
        json!({"action": "deny", "prefix": "0.0.0.0/0", "seq": 20})
    );
    desk.must(&format!("DELETE {entries}/1"), "");
    let missing = "no entry with sequence number 1 in prefix list 'out'";
    refused(&desk, &format!("GET {entries}/1"), "", missing);
    let list = desk.get(&format!("{path}?verbose=1"));
    assert_eq!(list[1]["entries"].as_array().unwrap().len(), 2);
    assert_eq!(desk.get(path)[1].get("entries"), None);
    desk.must(&format!("PUT {path}/out"), "delete=entries");
    assert_eq!(desk.get(&entries), json!([]));
    desk.must(&format!("DELETE {path}/out"), "");
    refused(
        &desk,
        &format!("GET {path}/out"),
        "",
        "prefix list 'out' does not exist",
    );
    assert_eq!(desk.world().sdn.pending, None);
}

#[test]
fn a_life_of_a_route_map() {
    let desk = desk();
    let path = "/cluster/sdn/route-maps/entries";
    for order in [100, 20] {
        desk.must(
            &format!("POST {path}"),
            &format!("route-map-id=leave&order={order}&action=deny"),
        );
    }
    assert_eq!(
        column(&desk.get(&format!("{path}/leave")), "order"),
        [10, 20, 100]
    );
    refused(
        &desk,
        &format!("POST {path}"),
        "route-map-id=leave&order=20&action=deny",
        "adding route map entry failed: entry 20 of route map 'leave' already exists",
    );
    let entry = format!("{path}/leave/entry/10");
    desk.must(&format!("PUT {entry}"), "action=deny&delete=match");
    let read = desk.get(&entry);
    assert_eq!((&read["action"], read.get("match")), (&json!("deny"), None));
    assert_eq!(
        desk.get("/cluster/sdn/route-maps"),
        json!([{"id": "leave"}])
    );
    for order in [10, 20, 100] {
        desk.must(&format!("DELETE {path}/leave/entry/{order}"), "");
    }
    assert_eq!(desk.get("/cluster/sdn/route-maps"), json!([]));
    assert_eq!(
        desk.get("/cluster/sdn/route-maps?running=1"),
        json!([{"id": "leave"}])
    );
    refused(
        &desk,
        &format!("GET {path}/leave"),
        "",
        "route map 'leave' does not exist",
    );
    desk.must("POST /cluster/sdn/rollback", "");
    desk.must(&format!("GET {entry}"), "");
}
