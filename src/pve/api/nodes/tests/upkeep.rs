//! Packages, repositories, subscriptions.

use super::*;
use crate::pve::world::World;

#[test]
fn packages_are_looked_up() {
    for (release, suite) in [("7.4", "bullseye"), ("8.4", "bookworm"), ("9.2", "trixie")] {
        let desk = desk_of(release);
        let updates = desk.get("/nodes/pve02/apt/update");
        assert_eq!(updates.as_array().unwrap().len(), 1);
        assert_eq!(updates[0]["Package"], "pve-manager");
        assert_eq!(updates[0]["NotifyStatus"], updates[0]["Version"]);
        let upid = desk.task("POST /nodes/pve02/apt/update", "notify=1");
        assert!(upid.contains(":aptupdate::"), "{upid}");
        let updates = desk.get("/nodes/pve02/apt/update");
        assert!(updates.as_array().unwrap().len() > 4, "{release}");
        let versions = desk.get("/nodes/pve02/apt/versions");
        for row in updates.as_array().unwrap() {
            let name = row["Package"].as_str().unwrap();
            assert_ne!(row["Version"], row["OldVersion"], "{name}");
            assert_eq!(row["NotifyStatus"], row["Version"], "{name}");
            assert_eq!(
                item(&versions, "Package", name)["OldVersion"],
                row["OldVersion"]
            );
        }
        let version = desk.get("/version")["version"].as_str().unwrap().to_owned();
        let manager = item(&versions, "Package", "pve-manager");
        assert_eq!(manager["OldVersion"], version);
        assert!(
            manager["ManagerVersion"]
                .as_str()
                .unwrap()
                .starts_with(&version)
        );
        let log = desk.get("/nodes/pve02/apt/changelog?name=pve-manager");
        assert!(log.as_str().unwrap().contains(suite), "{log}");
        let log = desk.get("/nodes/pve02/apt/changelog?name=nothing");
        assert_eq!(log, "E: Unable to locate package nothing\nRC: 100");
    }
}

#[test]
fn repositories_are_switched() {
    for release in ["7.4", "8.4", "9.2"] {
        let desk = desk_of(release);
        let path = "/nodes/pve01/apt/repositories";
        let shown = desk.get(path);
        let standard = |handle: &str| {
            item(&desk.get(path)["standard-repos"], "handle", handle)["status"].clone()
        };
        assert_eq!(
            (standard("enterprise"), standard("no-subscription")),
            (json!(0), json!(1))
        );
        assert_eq!(standard("test"), Value::Null);
        let digest = shown["digest"].as_str().unwrap();
        desk.must(
            &format!("PUT {path}"),
            &format!("handle=test&digest={digest}"),
        );
        assert_eq!(standard("test"), json!(1));
        let got = desk.ask(
            &format!("PUT {path}"),
            &format!("handle=test&digest={digest}"),
        );
        assert!(
            got.status
                .starts_with("500 detected modified configuration"),
            "{got:?}"
        );
        let got = desk.ask(&format!("PUT {path}"), "handle=nothing");
        assert!(
            got.status
                .starts_with("500 no standard repository for handle 'nothing'")
        );
        for file in shown["files"].as_array().unwrap() {
            assert_eq!(file["digest"].as_array().unwrap().len(), 32);
            let file = file["path"].as_str().unwrap();
            desk.must(
                &format!("POST {path}"),
                &format!("path={file}&index=0&enabled=0"),
            );
            let now = item(&desk.get(path)["files"], "path", file);
            assert_eq!(now["repositories"][0]["Enabled"], 0, "{file}");
        }
        let got = desk.ask(&format!("POST {path}"), "path=/etc/nothing&index=0");
        assert_eq!(got.status, "500 invalid path - /etc/nothing");
        let file = shown["files"][0]["path"].as_str().unwrap();
        let got = desk.ask(&format!("POST {path}"), &format!("path={file}&index=9"));
        assert_eq!(got.status, "500 invalid index - 9");
        assert_eq!(World::read(&desk.world().export()).unwrap(), desk.world());
    }
}

/// A new installation has the repository of subscribers and no subscription.
#[test]
fn without_a_subscription_the_paid_repository_fails() {
    let desk = desk();
    desk.must("DELETE /nodes/pve01/subscription", "");
    desk.must("PUT /nodes/pve01/apt/repositories", "handle=enterprise");
    let upid = desk.must("POST /nodes/pve01/apt/update", "");
    let text = "command 'apt-get update' failed: exit code 100";
    assert_eq!(desk.exit_status(upid.as_str().unwrap()), text);
    desk.must("PUT /nodes/pve01/subscription", "key=pve1b-0123456789");
    desk.task("POST /nodes/pve01/apt/update", "");
}

#[test]
fn subscriptions() {
    let mut desk = desk();
    let path = "/nodes/pve01/subscription";
    desk.must(&format!("DELETE {path}"), "");
    let none = desk.get(path);
    assert_eq!(
        (&none["status"], &none["message"]),
        (&json!("notfound"), &json!("There is no subscription key"))
    );
    assert_eq!(item(&desk.get("/nodes"), "node", "pve01")["level"], "");
    desk.must(&format!("POST {path}"), "force=1");
    desk.must(&format!("PUT {path}"), "key=pve2p-0123456789");
    let shown = desk.get(path);
    assert_eq!(
        (&shown["status"], &shown["level"]),
        (&json!("active"), &json!("p"))
    );
    assert_eq!(
        shown["productname"],
        "Proxmox VE Premium Subscription 2 CPUs/year"
    );
    assert_eq!(shown["nextduedate"], "2027-01-05");
    assert_eq!(item(&desk.get("/nodes"), "node", "pve01")["level"], "p");
    let got = desk.ask(&format!("PUT {path}"), "key=nonsense");
    assert_eq!(
        got.body["errors"]["key"],
        "value does not match the regex pattern"
    );
    desk.step(10);
    desk.must(&format!("POST {path}"), "");
    assert_eq!(desk.get(path)["checktime"], shown["checktime"]);
    desk.must(&format!("POST {path}"), "force=1");
    assert_ne!(desk.get(path)["checktime"], shown["checktime"]);
    desk.change(|world| {
        for node in world.nodes.values_mut() {
            node.processors.sockets = 2;
        }
    });
    let got = desk.ask(&format!("PUT {path}"), "key=pve1c-0123456789");
    assert_eq!(got.status, "500 wrong number of sockets (1 < 2)");
    assert_eq!(desk.get("/nodes/pve02/subscription")["status"], "invalid");
}
