//! Plain collections with what stands around them.

use serde_json::{Value, json};

use crate::pve::testing::{desk, strict_desk};

/// A thing is made (on its own path if `create` starts with `!`), read, changed and deleted; what is said when it
/// is there already, and when it is gone.
fn check(path: &str, id: &str, [create, change]: [&str; 2], [exists, gone]: [&str; 2]) {
    let desk = desk();
    let item = format!("{path}/{id}");
    let line = match create.starts_with('!') {
        true => format!("POST {item}"),
        false => format!("POST {path}"),
    };
    let create = create.trim_start_matches('!');
    let before = desk.get(path).as_array().unwrap().len();
    assert_eq!(desk.must(&line, create), Value::Null);
    assert_eq!(
        desk.get(path).as_array().unwrap().len(),
        before + 1,
        "{path}"
    );
    let read = desk.get(&item);
    assert_eq!(read["digest"].as_str().unwrap().len(), 40);
    assert_eq!(desk.ask(&line, create).status, exists, "{path}");
    let stale = format!("{change}&digest={}", "0".repeat(40));
    let text = "detected modified configuration - file changed by other user? Try again.";
    let refused = desk.ask(&format!("PUT {item}"), &stale).status;
    assert_eq!(refused, format!("500 {text}"));
    desk.must(&format!("PUT {item}"), change);
    assert_ne!(desk.get(&item)["digest"], read["digest"]);
    desk.must(&format!("DELETE {item}"), "");
    assert_eq!(desk.get(path).as_array().unwrap().len(), before);
    assert_eq!(desk.ask(&format!("GET {item}"), "").status, gone, "{path}");
}

#[test]
fn the_life_of_plain_things() {
    check(
        "/cluster/acme/plugins",
        "one",
        [
            "id=one&type=dns&api=cf&data=Q0ZfVG9rZW49eA%3D%3D",
            "validation-delay=5",
        ],
        [
            "500 ACME plugin ID 'one' already exists",
            "500 ACME plugin 'one' not defined",
        ],
    );
    check(
        "/cluster/metrics/server",
        "one",
        [
            "!type=influxdb&server=10.0.0.1&port=8086&token=x",
            "port=8087&server=10.0.0.1",
        ],
        [
            "500 Metric server 'one' already exists",
            "500 status server entry 'one' does not exist",
        ],
    );
    check(
        "/cluster/mapping/pci",
        "one",
        [
            "id=one&map=id%3D8086:1521,node%3Dpve01,path%3D0000:01:00.0",
            "description=x",
        ],
        [
            "500 mapping ID 'one' already defined",
            "500 mapping 'one' not found",
        ],
    );
}

#[test]
fn the_life_of_newer_plain_things() {
    check(
        "/cluster/notifications/endpoints/gotify",
        "one",
        ["name=one&server=http://10.0.0.1&token=x", "comment=y"],
        [
            "400 Cannot create 'one', an entity with the same name already exists",
            "404 endpoint 'one' not found",
        ],
    );
    check(
        "/cluster/notifications/matchers",
        "one",
        ["name=one&target=relay&match-severity=error", "mode=any"],
        [
            "400 Cannot create 'one', an entity with the same name already exists",
            "404 matcher 'one' not found",
        ],
    );
    check(
        "/cluster/qemu/custom-cpu-models",
        "one",
        ["cputype=one&reported-model=kvm64", "flags=%2Baes"],
        [
            "500 custom CPU model 'one' already exists",
            "500 Custom cputype 'one' not found",
        ],
    );
}

#[test]
fn processors_and_their_flags() {
    let flags = desk().get("/cluster/qemu/cpu-flags");
    let aes = flags
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["name"] == "aes");
    assert_eq!(aes.unwrap()["supported-on"].as_array().unwrap().len(), 3);
    assert_eq!(
        desk().get("/cluster/qemu/custom-cpu-models")[0]["cputype"],
        "lab-cpu"
    );
    let mut strict = strict_desk();
    strict.log_in("ci@pve");
    assert_eq!(strict.get("/cluster/qemu/custom-cpu-models"), json!([]));
}

#[test]
fn plugins_show_their_data_decoded() {
    let desk = desk();
    let new = "id=cf&type=dns&api=cf&data=Q0ZfVG9rZW49eA%3D%3D";
    desk.must("POST /cluster/acme/plugins", new);
    let read = desk.get("/cluster/acme/plugins/cf");
    assert_eq!(read["data"], "CF_Token=x");
    assert_eq!(read["plugin"], "cf");
    assert_eq!(desk.get("/cluster/acme/plugins")[0]["plugin"], "cf");
}

#[test]
fn mappings_are_checked_and_kept_from_strangers() {
    let desk = desk();
    let on = |kind: &str, node: &str| {
        let list = desk.get(&format!("/cluster/mapping/{kind}?check-node={node}"));
        let member = if kind == "usb" { "error" } else { "checks" };
        list[0][member].clone()
    };
    assert_eq!(on("pci", "pve02"), json!([]));
    assert_eq!(
        on("pci", "pve01")[0]["message"],
        "No mapping for node pve01."
    );
    assert_eq!(on("usb", "pve03"), json!([]));
    assert_eq!(on("dir", "pve01"), json!([]));
    let mut strict = strict_desk();
    strict.log_in("ci@pve");
    assert_eq!(strict.get("/cluster/mapping/usb"), json!([]));
}

#[test]
fn messages_and_their_ways() {
    let desk = desk();
    let targets = desk.get("/cluster/notifications/targets");
    let mail = targets
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["name"] == "mail-to-root");
    assert_eq!(mail.unwrap()["type"], "sendmail");
    assert_eq!(mail.unwrap()["origin"], "builtin");
    let gotify = desk.get("/cluster/notifications/endpoints/gotify/phone");
    assert_eq!(gotify.get("token"), None);
    // What creation demands is kept, however empty.
    desk.must(
        "POST /cluster/notifications/endpoints/gotify",
        "name=quiet&server=&token=x&comment=",
    );
    let quiet = desk.get("/cluster/notifications/endpoints/gotify/quiet");
    assert_eq!((&quiet["server"], quiet.get("comment")), (&json!(""), None));
    let webhook = "name=hook&url=http://10.0.0.1&method=post&secret=name%3Dkey,value%3DeA";
    desk.must("POST /cluster/notifications/endpoints/webhook", webhook);
    let hook = desk.get("/cluster/notifications/endpoints/webhook/hook");
    assert_eq!(hook["secret"], json!(["name=key"]));
    desk.must("POST /cluster/notifications/targets/hook/test", "");
    let check = |line: &str, body: &str, want: &str| {
        assert_eq!(desk.ask(line, body).status, want, "{line}");
    };
    let refused = "404 endpoint 'nowhere' not found";
    check(
        "POST /cluster/notifications/targets/nowhere/test",
        "",
        refused,
    );
    check(
        "DELETE /cluster/notifications/endpoints/sendmail/mail-to-root",
        "",
        "400 cannot delete 'mail-to-root', referenced by: default-matcher",
    );
    check(
        "POST /cluster/notifications/endpoints/smtp",
        "name=phone&server=x&from-address=a@b.invalid&mailto=root@b.invalid",
        "400 Cannot create 'phone', an entity with the same name already exists",
    );
    check(
        "POST /cluster/notifications/endpoints/sendmail",
        "name=empty",
        "400 must at least provide one recipient, either in mailto or in mailto-user",
    );
    check(
        "POST /cluster/notifications/matchers",
        "name=mm&target=nowhere",
        "404 endpoint 'nowhere' does not exist",
    );
    desk.get("/cluster/notifications/matcher-fields");
    let values = desk.get("/cluster/notifications/matcher-field-values");
    assert!(values.to_string().contains("backup-job-01"));
}

#[test]
fn accounts_with_authorities() {
    let desk = desk();
    assert_eq!(
        desk.get("/cluster/acme/account"),
        json!([{"name": "default"}])
    );
    let new = "name=second&contact=a@example.invalid,b@example.invalid";
    let upid = desk.task("POST /cluster/acme/account", new);
    assert!(upid.contains(":acmeregister::"), "{upid}");
    let read = desk.get("/cluster/acme/account/second");
    assert_eq!(read["account"]["contact"][1], "mailto:b@example.invalid");
    let got = desk.ask("POST /cluster/acme/account", new);
    let text = "ACME account config file 'second' already exists.";
    assert_eq!(got.body["errors"]["name"], text);
    desk.task(
        "PUT /cluster/acme/account/second",
        "contact=c@example.invalid",
    );
    let read = desk.get("/cluster/acme/account/second");
    assert_eq!(
        read["account"]["contact"],
        json!(["mailto:c@example.invalid"])
    );
    desk.task("DELETE /cluster/acme/account/second", "");
    let got = desk.ask("GET /cluster/acme/account/second", "");
    let text = "ACME account config file 'second' does not exist.";
    assert_eq!(got.body["errors"]["name"], text);
    for path in ["tos", "meta", "directories", "challenge-schema"] {
        desk.get(&format!("/cluster/acme/{path}"));
    }
}
