//! Task lists, states and logs as clients see them.

use serde_json::{Value, json};

use crate::proxmox::service::testing::Desk;
use crate::proxmox::work::{Plan, Wish};
use crate::pve::testing::{desk, strict_desk};
use crate::pve::world::World;

fn ids(list: &Value) -> Vec<&str> {
    let rows = list.as_array().unwrap().iter();
    rows.map(|row| row["upid"].as_str().unwrap()).collect()
}

fn held(desk: &Desk<World>, kind: &str) {
    desk.change(|world| {
        world.tasks.plan(Plan {
            kind: Some(kind.to_owned()),
            id: None,
            times: 1,
            wish: Wish::Hold,
        });
    });
}

/// Begins a task that belongs to nobody else's part of the product.
fn begin(desk: &Desk<World>, user: &str) -> String {
    use crate::proxmox::identity::Identity;
    use crate::proxmox::product::Product;
    use crate::proxmox::work::{Job, Start};
    let mut upid = String::new();
    desk.change(|world| {
        let start = Start {
            product: Product::Pve,
            node: "pve02",
            user: Identity::parse(user, Product::Pve).unwrap(),
            now: desk.now(),
            duration: std::time::Duration::ZERO,
        };
        let job = Job::new("vzdump", 104)
            .saying("INFO: one")
            .saying("INFO: two");
        upid = world.tasks.begin(start, job).to_string();
    });
    upid
}

#[test]
fn lists_and_filters() {
    let desk = desk();
    let count = |query: &str| {
        let got = desk.ask(&format!("GET /nodes/pve01/tasks{query}"), "");
        let total = got.body["total"].as_u64().unwrap_or_default();
        (got.data().as_array().unwrap().len(), total)
    };
    assert_eq!(count(""), (4, 4));
    assert_eq!(count("?limit=2"), (2, 4));
    assert_eq!(count("?limit=2&start=3"), (1, 4));
    assert_eq!(count("?vmid=103"), (2, 2));
    assert_eq!(count("?typefilter=qmstart&userfilter=ROOT"), (1, 1));
    assert_eq!(count("?statusfilter=error,warning"), (0, 0));
    assert_eq!(count("?errors=1"), (0, 0));
    assert_eq!(count("?source=active"), (0, 0));
    let list = desk.get("/nodes/pve02/tasks?userfilter=ci");
    assert_eq!(list[0]["user"], "ci@pve");
    assert_eq!(list[0]["tokenid"], "runner");
    assert_eq!(list[0]["status"], "OK");
    let times: Vec<_> = desk
        .get("/nodes/pve01/tasks")
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["starttime"].as_i64().unwrap())
        .collect();
    assert!(times.is_sorted_by(|a, b| a >= b), "{times:?}");
}

#[test]
fn a_task_from_its_start_to_its_end() {
    let desk = desk();
    held(&desk, "vzdump");
    let upid = begin(&desk, "root@pam");
    let path = format!("/nodes/pve02/tasks/{upid}");
    assert_eq!(
        desk.get(&path),
        json!([{"name": "log"}, {"name": "status"}])
    );
    let running = desk.get(&format!("{path}/status"));
    assert_eq!(running["status"], "running");
    assert_eq!(running.get("exitstatus"), None);
    let active = desk.get("/nodes/pve02/tasks?source=active");
    assert_eq!(active[0]["status"], "RUNNING");
    assert_eq!(ids(&desk.get("/cluster/tasks"))[0], upid);
    assert_eq!(desk.must(&format!("DELETE {path}"), ""), Value::Null);
    let over = desk.get(&format!("{path}/status"));
    assert_eq!(over["status"], "stopped");
    assert_eq!(over["exitstatus"], "received interrupt");
    let log = desk.ask(&format!("GET {path}/log?start=1"), "");
    assert_eq!(log.body["total"], 3);
    assert_eq!(log.data()[0], json!({"n": 2, "t": "INFO: two"}));
    assert_eq!(log.data()[1]["t"], "TASK ERROR: received interrupt");
    assert_eq!(desk.get(&format!("{path}/log?start=9")), json!([]));
    let file = desk.ask(&format!("GET {path}/log?download=1"), "");
    let text = "INFO: one\nINFO: two\nTASK ERROR: received interrupt\n";
    assert_eq!(file.body, text);
}

#[test]
fn node_and_cluster_lists_agree() {
    let desk = desk();
    let mut of_nodes: Vec<String> = Vec::new();
    for node in ["pve01", "pve02", "pve03"] {
        let list = desk.get(&format!("/nodes/{node}/tasks?source=all"));
        of_nodes.extend(ids(&list).into_iter().map(str::to_owned));
    }
    of_nodes.sort();
    let cluster = desk.get("/cluster/tasks");
    let mut of_cluster = ids(&cluster);
    of_cluster.sort_unstable();
    assert_eq!(of_cluster, of_nodes);
    assert_eq!(cluster[0]["saved"], "1");
    assert!(cluster[0]["endtime"].is_i64());
}

#[test]
fn what_is_refused() {
    let desk = desk();
    let check = |path: &str, text: &str| {
        for target in ["", "/status", "/log"] {
            if target.is_empty() && text == "no such task" {
                continue;
            }
            let got = desk.ask(&format!("GET /nodes/pve01/tasks/{path}{target}"), "");
            assert_eq!(
                got.status, "400 Parameter verification failed.",
                "{path}{target}"
            );
            assert_eq!(got.body["errors"]["upid"], text);
        }
    };
    check("nothing", "unable to parse worker upid");
    check(
        "UPID:pve01:000003E9:00010000:69463B9B:qmstart:101:root@pam:",
        "no such task",
    );
    check(
        "UPID:pve02:0000040D:00010A97:69463C4F:qmstart:104:root@pam:",
        "no such task",
    );
}

#[test]
fn who_sees_what() {
    let mut desk = strict_desk();
    let token = "UPID:pve02:0000047C:00012A5C:69540F9C:qmshutdown:105:ci@pve!runner:";
    let foreign = "UPID:pve02:0000040D:00010A97:69463C4F:qmstart:104:root@pam:";
    desk.log_in("ci@pve");
    assert_eq!(ids(&desk.get("/nodes/pve02/tasks")), [token]);
    assert_eq!(ids(&desk.get("/cluster/tasks")), [token]);
    let got = desk.ask(&format!("GET /nodes/pve02/tasks/{foreign}/status"), "");
    assert_eq!(
        got.status,
        "403 Permission check failed (/nodes/pve02, Sys.Audit)"
    );
    let got = desk.ask(&format!("DELETE /nodes/pve02/tasks/{foreign}"), "");
    assert_eq!(
        got.status,
        "403 Permission check failed (/nodes/pve02, Sys.Modify)"
    );
    let mine = begin(&desk, "ci@pve");
    assert_eq!(ids(&desk.get("/nodes/pve02/tasks")), [&*mine, token]);
    desk.send_with(
        "authorization",
        "PVEAPIToken=ci@pve!runner=00000000-0000-4000-8000-000000000003",
    );
    assert_eq!(ids(&desk.get("/nodes/pve02/tasks")), [token]);
    desk.log_in("auditor@pve");
    assert_eq!(desk.get("/nodes/pve02/tasks").as_array().unwrap().len(), 4);
}
