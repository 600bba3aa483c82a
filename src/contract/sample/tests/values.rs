//! What a member is called, and what its sample is; whole answers as a client sees them; and a second
//! opinion on what fits.

use super::*;

/// The sample of an object with one optional member.
fn member(name: &str, schema: Value) -> Value {
    let object = json!({"type": "object", "properties": {name: schema}});
    let schema = schema_of(&object);
    let value = sample(&schema, &hints(Booleans::ZeroOrOne));
    assert_eq!(fits(&schema, &value, Booleans::ZeroOrOne), [], "{name}");
    value.get(name).cloned().unwrap_or(Value::Null)
}

fn check(name: &str, schema: Value, want: Value) {
    assert_eq!(member(name, schema.clone()), want, "{name}: {schema}");
}

#[test]
fn names_and_units_have_values() {
    let text = || json!({"type": "string"});
    let integer = || json!({"type": "integer"});
    let number = || json!({"type": "number"});
    check("node", text(), json!("pve01"));
    check("storage", text(), json!("local"));
    check("vmid", integer(), json!(100));
    check("userid", text(), json!("root@pam"));
    check("email", text(), json!("admin@example.com"));
    check("starttime", integer(), json!(1_767_225_600));
    check("endtime", integer(), json!(1_767_225_660));
    check("uptime", integer(), json!(86_400));
    check("cpu", number(), json!(0.05));
    check("enabled", json!({"type": "boolean"}), json!(1));
    check("template", json!({"type": "boolean"}), json!(0));
    check(
        "onboot",
        json!({"type": "boolean", "default": true}),
        json!(1),
    );
    check("quux", text(), json!("example"));
    check("quux", integer(), json!(1));
    check(
        "loadavg",
        json!({"type": "array", "items": text()}),
        json!(["0.10", "0.10", "0.10"]),
    );
    let rendered = |renderer: &str| json!({"type": "integer", "x-renderer": renderer});
    check("quux", rendered("timestamp"), json!(1_767_225_600));
    check("quux", rendered("bytes"), json!(1 << 30));
    check(
        "quux",
        json!({"type": "number", "x-renderer": "fraction_as_percentage"}),
        json!(0.05),
    );
}

#[test]
fn what_a_schema_demands_counts_more_than_a_name() {
    let choices = |names: &[&str]| json!({"type": "string", "enum": names});
    check("status", choices(&["stopped", "running"]), json!("running"));
    check("status", choices(&["paused", "prelaunch"]), json!("paused"));
    check(
        "vmid",
        json!({"type": "integer", "minimum": 200}),
        json!(200),
    );
    check("uptime", json!({"type": "integer", "maximum": 5}), json!(1));
    check(
        "quux",
        json!({"type": "integer", "minimum": 7, "maximum": 9}),
        json!(7),
    );
    check(
        "quux",
        json!({"type": "string", "minLength": 10}),
        json!("exampleexa"),
    );
    check(
        "quux",
        json!({"type": "string", "maxLength": 2}),
        json!("ex"),
    );
    check(
        "quux",
        json!({"type": "string", "x-pattern": "[A-F]{3}-\\d+"}),
        json!("AAA-1"),
    );
    check(
        "quux",
        json!({"type": "string", "x-pattern": "/^[a-f]{3}|z$/", "minLength": 9}),
        Value::Null,
    );
    check(
        "quux",
        json!({"type": "string", "x-pattern": "(?^:[xyz]+)", "minLength": 4}),
        json!("xxxxx"),
    );
}

#[test]
fn formats_have_texts_and_what_is_unusual_or_untyped_is_left_out() {
    check(
        "quux",
        json!({"type": "string", "format": "ipv6"}),
        json!("2001:db8::10"),
    );
    check(
        "gateway",
        json!({"type": "string", "format": "ipv4"}),
        json!("192.0.2.1"),
    );
    check(
        "cidr",
        json!({"type": "string", "format": "CIDRv6"}),
        json!("2001:db8::/64"),
    );
    check(
        "quux",
        json!({"type": "string", "format": "pve-vmid-list"}),
        json!("100"),
    );
    check(
        "quux",
        json!({"type": "string", "format": "date-time"}),
        json!("2026-01-01T00:00:00Z"),
    );
    check("lock", json!({"type": "string"}), Value::Null);
    check("quux", json!({}), Value::Null);
    check("quux", json!({"type": "array", "items": {}}), json!([{}]));
}

#[test]
fn an_answer_repeats_what_was_asked_about() {
    let path = json!({"node": "pve02", "vmid": "101"});
    let current = answer("pve 9.2", "get_nodes_node_qemu_vmid_status_current", &path);
    assert_eq!(current["vmid"], 101);
    assert_eq!(current["status"], "running");
    assert!(current["mem"].as_u64() <= current["maxmem"].as_u64());
    let resources = answer("pve 9.2", "get_cluster_resources", &path);
    assert_eq!(resources[0]["node"], "pve02");
    let task = json!({"": "UPID:pve02:0:"});
    let started = answer("pve 9.2", "post_nodes_node_qemu_vmid_status_start", &task);
    assert_eq!(started, task[""]);
    let wrong = json!({"vmid": "none"});
    let current = answer("pve 9.2", "get_nodes_node_qemu_vmid_status_current", &wrong);
    assert_eq!(current["vmid"], 100);
}

#[test]
fn families_have_one_member_and_property_strings_the_usual_ones() {
    let config = answer("pve 9.2", "get_nodes_node_qemu_vmid_config", &json!({}));
    assert_eq!(config["net0"], "virtio=BC:24:11:00:00:01,bridge=vmbr0");
    assert_eq!(config["scsi0"], "local-lvm:vm-100-disk-0,size=32G");
    assert!(config.get("net1").is_none() && config.get("net[n]").is_none());
    assert!(config.get("lock").is_none());
    let config = answer("pve 9.2", "get_nodes_node_lxc_vmid_config", &json!({}));
    let volume = "local-lvm:subvol-100-disk-0";
    assert_eq!(config["rootfs"], format!("{volume},size=32G"));
    assert_eq!(config["mp0"], format!("{volume},mp=/mnt/data,size=32G"));
    let config = answer("pdm", "get_pve_remotes_remote_qemu_vmid_config", &json!({}));
    assert!(config["virtio0"].is_string() && config.get("virtio1").is_none());
    assert_eq!(config["kvm"], true);
}

fn guest() -> Schema {
    schema_of(&json!({
        "type": "object", "additionalProperties": false, "required": ["id", "net1"],
        "properties": {
            "id": {"type": "integer", "minimum": 1, "maximum": 9},
            "on": {"type": "boolean"},
            "mac": {"type": "string", "format": "mac-addr"},
            "name": {"type": "string", "x-pattern": "[a-z]+", "maxLength": 3},
            "tags": {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}, "maxItems": 2},
            "net0": {"type": "string"}, "net1": {"type": "string"},
            "usb[n]": {"type": "string", "x-indexed": true},
            "any": {"oneOf": [{"type": "string"}, {"type": "integer"}]}
        }
    }))
}

/// Each line is the path and what is wrong there.
fn second_opinion(value: Value, want: &[&str]) {
    let problems = fits(&guest(), &value, Booleans::ZeroOrOne);
    let line = |problem: &Problem| format!("{} {}", problem.path, problem.message);
    let lines: Vec<String> = problems.iter().map(line).collect();
    assert_eq!(lines, want, "{value}");
}

#[test]
fn an_answer_fits_as_a_client_reads_it() {
    second_opinion(json!({"id": 1}), &[]);
    second_opinion(
        json!({"id": 9.0, "on": 0, "usb17": "x", "any": 3, "name": null}),
        &[],
    );
    second_opinion(
        json!({"id": 1, "on": true, "tags": ["a", "b"], "mac": "bc:24:11:00:00:01"}),
        &[],
    );
    second_opinion(json!({}), &["id is missing"]);
    second_opinion(json!({"id": null}), &["id must be an integer, but is null"]);
    second_opinion(json!({"id": 10}), &["id must be at most 9, but is 10"]);
    second_opinion(json!({"id": 0}), &["id must be at least 1, but is 0"]);
    second_opinion(
        json!({"id": 1.5}),
        &["id must be an integer, but is a number that is no integer"],
    );
    second_opinion(
        json!({"id": "1"}),
        &["id must be an integer, but is a string"],
    );
}

#[test]
fn an_answer_that_does_not_fit_is_told_where() {
    second_opinion(
        json!({"id": 1, "on": 2}),
        &["on must be a boolean, but is 2"],
    );
    second_opinion(
        json!({"id": 1, "usb": "x"}),
        &["usb is no member of this type"],
    );
    second_opinion(
        json!({"id": 1, "any": []}),
        &["any must fit one of 2 types, but fits none"],
    );
    second_opinion(
        json!({"id": 1, "name": "A"}),
        &["name must match [a-z]+, but is \"A\""],
    );
    second_opinion(
        json!({"id": 1, "name": "abcd"}),
        &["name must have at most 3 characters, but has 4"],
    );
    second_opinion(
        json!({"id": 1, "mac": "bc:24"}),
        &["mac must have the format mac-addr, but is \"bc:24\""],
    );
    second_opinion(
        json!({"id": 1, "tags": ["c"]}),
        &["tags[0] must be one of \"a\", \"b\", but is \"c\""],
    );
    second_opinion(
        json!({"id": 1, "tags": ["a", "a", "b"]}),
        &["tags must have at most 2 items, but has 3"],
    );
    second_opinion(json!([]), &[" must be an object, but is a list"]);
    let real = fits(&guest(), &json!({"id": 1, "on": 1}), Booleans::Real);
    assert_eq!(real.len(), 1);
}

#[test]
fn problems_are_not_without_end() {
    let schema = schema_of(&json!({"type": "array", "items": {"type": "string"}}));
    let value = Value::from(vec![1; 10_000]);
    assert_eq!(fits(&schema, &value, Booleans::Real).len(), 100);
}
