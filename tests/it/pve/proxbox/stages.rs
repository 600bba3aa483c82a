//! The stages of its end-to-end test (proxbox.md 1.3 and 1.5).

use super::*;

#[test]
fn the_contract() {
    for consumer in Consumer::all() {
        consumer.server.get("/health").expect(200);
        if consumer.world == "the lab" {
            // Without credentials, and without TLS.
            let version = consumer.server.get("/api2/json/version").expect(200).json();
            assert!(version["data"].is_object(), "{version}");
        }
        let version = consumer.object(
            "version",
            &[
                ("version", Type::Text),
                ("release", Type::Text),
                ("repoid", Type::Text),
            ],
        );
        let release = if consumer.world == "the lab" {
            "9.2"
        } else {
            "8.2"
        };
        assert_eq!(version["release"], release);
    }
}

#[test]
fn a_session_is_opened() {
    for consumer in Consumer::all() {
        let rows = consumer.typed(
            "cluster/status",
            &[("type", Type::Text), ("name", Type::Text)],
        );
        let cluster = row(&rows, "type", "cluster");
        consumer.check(
            "cluster/status",
            cluster,
            &[
                ("version", Type::Whole),
                ("nodes", Type::Whole),
                ("quorate", Type::Truth),
            ],
        );
        assert_eq!(cluster["name"], "e2e-cluster");
        let nodes: Vec<Value> = rows
            .iter()
            .filter(|row| row["type"] == "node")
            .cloned()
            .collect();
        for node in &nodes {
            consumer.check(
                "cluster/status",
                node,
                &[
                    ("ip", Type::Text),
                    ("nodeid", Type::Whole),
                    ("online", Type::Truth),
                    ("local", Type::Truth),
                    ("level?", Type::Text),
                ],
            );
        }
        assert_eq!(texts(&nodes, "name"), ["pve01", "pve02", "pve03"]);
        assert_eq!(row(&nodes, "name", "pve02")["ip"], "10.10.10.12");
        let join = consumer.object("cluster/config/join", &[("nodelist", Type::List)]);
        let nodelist = join["nodelist"].as_array().unwrap();
        assert_eq!(texts(nodelist, "name"), ["pve01", "pve02", "pve03"]);
        for node in nodelist {
            consumer.check(
                "join",
                node,
                &[("pve_fp", Type::Text), ("nodeid", Type::TextOrWhole)],
            );
        }
        if consumer.world == "the file" {
            let fingerprint = row(nodelist, "name", "pve01")["pve_fp"].as_str().unwrap();
            assert!(fingerprint.starts_with("25:30:3B"), "{fingerprint}");
        }
    }
}

#[test]
fn devices_and_storages() {
    for consumer in Consumer::all() {
        let all = consumer.typed(
            "cluster/resources",
            &[("id", Type::Text), ("type", Type::Text)],
        );
        let mut ids = texts(&all, "id");
        assert_eq!(ids.len(), all.len(), "every row has an id");
        ids.dedup();
        assert_eq!(ids.len(), all.len(), "and no other has it");
        let node = row(&all, "id", "node/pve02");
        assert_eq!(
            (&node["maxcpu"], &node["maxmem"]),
            (&json!(32), &json!(128_u64 << 30))
        );
        let members = [
            ("storage", Type::Text),
            ("type", Type::Text),
            ("content", Type::Text),
            ("nodes?", Type::Text),
            ("shared?", Type::Truth),
            ("disable?", Type::Truth),
            ("path?", Type::Text),
        ];
        let storages = consumer.typed("storage", &members);
        let names = texts(&storages, "storage");
        assert_eq!(
            names,
            ["backup", "ceph-pool", "local", "local-lvm", "nfs-backup"]
        );
        let backup = row(&storages, "storage", "backup");
        assert_eq!(backup["shared"], 1);
        assert_eq!(backup.get("disable"), None);
        for name in names {
            consumer.object(&format!("storage/{name}"), &members);
        }
    }
}

#[test]
fn backups() {
    for consumer in Consumer::all() {
        let nodes = consumer.nodes();
        let mut found = std::collections::BTreeSet::new();
        for storage in consumer.rows("storage") {
            let content = storage["content"].as_str().unwrap();
            if !content.split(',').any(|word| word == "backup") {
                continue;
            }
            let name = storage["storage"].as_str().unwrap();
            for node in &nodes {
                let path = format!("nodes/{node}/storage/{name}/content?content=backup");
                for row in consumer.typed(
                    &path,
                    &[
                        ("volid", Type::Text),
                        ("content", Type::Text),
                        ("vmid", Type::Whole),
                        ("size", Type::Whole),
                        ("ctime", Type::Whole),
                        ("format", Type::Text),
                        ("subtype?", Type::Text),
                        ("notes?", Type::Text),
                        ("protected?", Type::Truth),
                        ("verification?", Type::Object),
                    ],
                ) {
                    assert_eq!(row["content"], "backup");
                    found.insert((
                        row["volid"].as_str().unwrap().to_owned(),
                        row["vmid"].as_u64().unwrap(),
                    ));
                }
            }
        }
        assert_eq!(found.len(), 17, "{}", consumer.world);
        for (volume, vmid) in [
            (
                "backup:101/vzdump-qemu-101-2026_01_01-00_00_00.vma.zst",
                101,
            ),
            ("backup:102/vzdump-lxc-102-2026_01_01-00_00_00.tar.zst", 102),
        ] {
            assert!(
                found.contains(&(volume.to_owned(), vmid)),
                "{}: {volume}",
                consumer.world
            );
        }
    }
}

#[test]
fn tasks() {
    const ROW: &[(&str, Type)] = &[
        ("upid", Type::Text),
        ("node", Type::Text),
        ("type", Type::Text),
        ("id", Type::Text),
        ("user", Type::Text),
        ("pid", Type::Whole),
        ("pstart", Type::Whole),
        ("starttime", Type::Whole),
        ("status", Type::Text),
    ];
    for consumer in Consumer::all() {
        let mut all = Vec::new();
        for node in consumer.nodes() {
            let page =
                format!("nodes/{node}/tasks?source=archive&start=0&limit=500&until=4102444800");
            all.extend(consumer.typed(&page, ROW));
            let next =
                format!("nodes/{node}/tasks?source=archive&start=500&limit=500&until=4102444800");
            assert_eq!(consumer.rows(&next).len(), 0);
        }
        assert_eq!(all.len(), 10, "{}", consumer.world);
        assert!(all.iter().any(|task| task["id"] == "101"));
        for task in &all {
            let (node, upid) = (
                task["node"].as_str().unwrap(),
                task["upid"].as_str().unwrap(),
            );
            assert!(upid.starts_with(&format!("UPID:{node}:")));
            consumer.check("tasks", task, &[("endtime", Type::Whole)]);
            let path = format!("nodes/{node}/tasks/{upid}/status");
            let state = consumer.object(&path, ROW);
            assert_eq!(
                (&state["status"], &state["exitstatus"]),
                (&json!("stopped"), &json!("OK"))
            );
            for name in ["upid", "node", "id", "starttime"] {
                assert_eq!(state[name], task[name], "{path} {name}");
            }
            // Some clients send the colons as they should.
            let escaped = path.replace(':', "%3A");
            assert_eq!(consumer.read(&escaped), state);
        }
        let of_one = consumer.rows("nodes/pve01/tasks?vmid=103&source=archive");
        assert_eq!(of_one.len(), 2, "{}", consumer.world);
        if consumer.world == "the file" {
            let task = row(
                &all,
                "upid",
                "UPID:pve01:00000001:00000001:00000001:qmstart:101:root@pam:",
            );
            assert_eq!(task["starttime"], 1_767_229_200);
            assert_eq!(task["endtime"], 1_767_229_230);
        }
    }
}

#[test]
fn jobs() {
    for consumer in Consumer::all() {
        let replication = consumer.typed(
            "cluster/replication",
            &[
                ("id", Type::Text),
                ("guest", Type::Whole),
                ("jobnum", Type::Whole),
                ("target", Type::Text),
                ("source?", Type::Text),
                ("type", Type::Text),
                ("schedule?", Type::Text),
                ("rate?", Type::Number),
                ("comment?", Type::Text),
                ("disable?", Type::Truth),
            ],
        );
        assert_eq!(texts(&replication, "id"), ["103-0", "104-0"]);
        let jobs = consumer.typed(
            "cluster/backup",
            &[
                ("id", Type::Text),
                ("enabled?", Type::Truth),
                ("schedule", Type::Text),
                ("comment?", Type::Text),
                ("vmid?", Type::Text),
                ("storage", Type::Text),
            ],
        );
        assert_eq!(texts(&jobs, "id"), ["backup-job-01", "backup-job-02"]);
        assert_eq!(row(&jobs, "id", "backup-job-01")["vmid"], "103,104");
    }
}

#[test]
fn a_guest_is_turned_off() {
    for consumer in Consumer::all() {
        let status = || {
            let rows = consumer.rows("cluster/resources?type=vm");
            row(&rows, "vmid", 101)["status"].clone()
        };
        assert_eq!(status(), "running");
        let said = consumer
            .server
            .post("/__admin/vm/101/status", r#"{"status":"stopped"}"#);
        let said = said.expect(200).json();
        assert_eq!(said, json!({"ok": true, "vmid": 101, "status": "stopped"}));
        assert_eq!(status(), "stopped");
        let list = consumer.rows("nodes/pve01/qemu");
        assert_eq!(row(&list, "vmid", 101)["status"], "stopped");
        let current = consumer.read("nodes/pve01/qemu/101/status/current");
        assert_eq!(current["status"], "stopped");
        let everything = consumer.rows("cluster/resources");
        assert_eq!(row(&everything, "vmid", 101)["status"], "stopped");
        // And back, by what the product itself has for that.
        let path = "/api2/json/nodes/pve01/qemu/101/status/start";
        let mut client = Client::tls(
            consumer.server.main,
            &consumer.ca,
            "localhost",
            &["http/1.1"],
        );
        let started = client
            .exchange("POST", path, &[TOKEN], b"")
            .expect(200)
            .json();
        assert!(started["data"].as_str().unwrap().starts_with("UPID:pve01:"));
        assert_eq!(status(), "running");
    }
}
