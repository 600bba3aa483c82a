//! What it reads of guests (proxbox.md 2.3 and 2.4).

use super::*;

/// The guests of `cluster/resources?type=vm`.
fn guests(consumer: &Consumer) -> Vec<Value> {
    consumer.typed(
        "cluster/resources?type=vm",
        &[
            ("id", Type::Text),
            ("type", Type::Text),
            ("vmid", Type::Whole),
            ("name", Type::Text),
            ("node", Type::Text),
            ("status", Type::Text),
            ("maxcpu", Type::Number),
            ("maxmem", Type::Whole),
            ("maxdisk", Type::Whole),
            ("template", Type::Truth),
            ("tags?", Type::Text),
            ("pool?", Type::Text),
            ("hastate?", Type::Text),
            ("cpu", Type::Number),
            ("mem", Type::Whole),
            ("uptime", Type::Whole),
        ],
    )
}

fn path(guest: &Value) -> String {
    let part = |name: &str| guest[name].as_str().unwrap();
    format!("nodes/{}/{}/{}", part("node"), part("type"), guest["vmid"])
}

#[test]
fn machines() {
    for consumer in Consumer::all() {
        let guests = guests(&consumer);
        assert_eq!(guests.len(), 10, "{}", consumer.world);
        let running = guests.iter().filter(|guest| guest["status"] == "running");
        assert_eq!(running.count(), 8, "{}", consumer.world);
        for (vmid, kind) in [(101, "qemu"), (102, "lxc")] {
            let guest = row(&guests, "vmid", vmid);
            assert_eq!(
                (&guest["type"], &guest["node"]),
                (&json!(kind), &json!("pve01"))
            );
        }
        for guest in &guests {
            let path = path(guest);
            let config = configuration(&consumer, guest, &format!("{path}/config"));
            let current = consumer.object(
                &format!("{path}/status/current"),
                &[
                    ("status", Type::Text),
                    ("name", Type::Text),
                    ("vmid", Type::Whole),
                ],
            );
            for name in ["name", "status", "maxmem"] {
                assert_eq!(current[name], guest[name], "{path} {name}");
            }
            let name = config.get("name").or_else(|| config.get("hostname"));
            assert_eq!(name, Some(&guest["name"]), "{path}");
            assert_eq!(config.get("tags"), guest.get("tags"), "{path}");
        }
    }
}

/// A configuration, held to the types that break the consumer.
fn configuration(consumer: &Consumer, guest: &Value, path: &str) -> Value {
    let is_machine = guest["type"] == "qemu";
    let members: &[(&str, Type)] = match is_machine {
        true => &[
            ("digest", Type::Text),
            ("memory", Type::Text),
            ("agent?", Type::Text),
            ("name", Type::Text),
            ("onboot?", Type::Truth),
            ("sockets?", Type::Whole),
            ("cores?", Type::Whole),
            ("ostype?", Type::Text),
            ("searchdomain?", Type::Text),
            ("tags?", Type::Text),
            ("description?", Type::Text),
        ],
        false => &[
            ("digest", Type::Text),
            ("memory", Type::Whole),
            ("hostname", Type::Text),
            ("onboot?", Type::Truth),
            ("unprivileged?", Type::Truth),
            ("cores?", Type::Whole),
            ("rootfs", Type::Text),
            ("searchdomain?", Type::Text),
            ("tags?", Type::Text),
            ("ostype?", Type::Text),
        ],
    };
    let config = consumer.object(path, members);
    let stems = ["scsi", "virtio", "sata", "ide", "rootfs", "mp"];
    let keys = config.as_object().unwrap().iter();
    let disks = keys.filter(|(key, text)| {
        let stem = key.trim_end_matches(|c: char| c.is_ascii_digit());
        stems.contains(&stem) && text.as_str().is_some_and(|text| text.contains("size="))
    });
    assert!(disks.count() > 0, "{}: {path}: {config}", consumer.world);
    if let Some(card) = config.get("net0").and_then(Value::as_str) {
        let word = if is_machine { "virtio=" } else { "hwaddr=" };
        assert!(card.contains(word), "{card}");
    }
    config
}

#[test]
fn agents() {
    for consumer in Consumer::all() {
        for guest in guests(&consumer) {
            if guest["type"] != "qemu" {
                continue;
            }
            let path = path(&guest);
            // Asked whether or not the machine runs.
            let names = consumer.ask(&format!("{path}/agent/network-get-interfaces"));
            if guest["status"] != "running" {
                let reason = format!("VM {} is not running", guest["vmid"]);
                assert_eq!((names.status(), &names.head.reason), (500, &reason));
                continue;
            }
            let interfaces = names.expect(200).json()["data"]["result"].clone();
            let config = consumer
                .read(&format!("{path}/config"))
                .to_string()
                .to_uppercase();
            for interface in interfaces.as_array().unwrap() {
                consumer.check(
                    "agent",
                    interface,
                    &[("name", Type::Text), ("hardware-address?", Type::Text)],
                );
                for address in interface["ip-addresses"].as_array().into_iter().flatten() {
                    consumer.check(
                        "agent",
                        address,
                        &[
                            ("ip-address", Type::Text),
                            ("ip-address-type", Type::Text),
                            ("prefix", Type::Whole),
                        ],
                    );
                }
                let mac = interface["hardware-address"]
                    .as_str()
                    .unwrap_or_default()
                    .to_uppercase();
                let is_own = interface["name"] == "lo" || config.contains(&mac);
                assert!(is_own, "{path}: {interface}");
            }
            let host = consumer.object(
                &format!("{path}/agent/get-host-name"),
                &[("result", Type::Object)],
            );
            assert!(host["result"]["host-name"].is_string(), "{host}");
        }
    }
}

#[test]
fn snapshots() {
    for consumer in Consumer::all() {
        let mut count = 0;
        for guest in guests(&consumer) {
            let path = format!("{}/snapshot", path(&guest));
            let rows = consumer.typed(
                &path,
                &[
                    ("name", Type::Text),
                    ("description", Type::Text),
                    ("snaptime?", Type::Whole),
                    ("parent?", Type::Text),
                    ("vmstate?", Type::Truth),
                ],
            );
            let names = texts(&rows, "name");
            assert!(names.contains(&"current".to_owned()), "{path}");
            if ["101", "102"].contains(&guest["vmid"].to_string().as_str()) {
                assert!(names.contains(&"base".to_owned()), "{path}");
            }
            count += names.len() - 1;
        }
        assert_eq!(count, 11, "{}", consumer.world);
    }
}
