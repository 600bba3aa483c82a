//! The whole way of a request, from its line to status, reason phrase and body.

use serde_json::{Value, json};

use super::*;

/// A product's house with strict senders, and what is sent with each request.
struct Way {
    hut: Hut,
    fields: Fields,
}

impl Way {
    fn new(product: Product, user: Option<&str>) -> Self {
        let grants = ["/vms/100 ann@pve PVEAdmin", "/pool ann@pve PVEAdmin"];
        let grants = if product.is_perl() { &grants[..] } else { &[] };
        let hut = Hut::new(product, Mode::Strict, grants);
        let fields = user.map(|user| hut.logged_in(user)).unwrap_or_default();
        Self { hut, fields }
    }

    fn json(mut self) -> Self {
        self.fields.push(field("content-type", "application/json"));
        self
    }

    /// Status line and body, as text.
    fn text(&self, line: &str, sent: &str, status: &str, body: &str) {
        let found = self.hut.reply(line, &self.fields, sent);
        assert_eq!(found, (status.to_owned(), body.to_owned()), "{line} {sent}");
    }

    /// Status line and body, as JSON.
    fn body(&self, line: &str, sent: &str, status: &str, body: Value) {
        let (found, text) = self.hut.reply(line, &self.fields, sent);
        assert_eq!(found, status, "{line} {sent}: {text}");
        let found: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(found, body, "{line} {sent}");
    }

    /// A refusal of parameters by Proxmox VE.
    fn wrong(&self, line: &str, sent: &str, errors: Value) {
        let message = "Parameter verification failed.";
        let want = json!({"data": null, "errors": errors, "message": format!("{message}\n")});
        self.body(line, sent, &format!("400 {message}"), want);
    }
}

#[test]
fn paths_and_senders_of_the_perl_product() {
    let line = "GET /api2/json/nowhere?a=1";
    Way::new(Product::Pve, None).text(line, "", "401 No ticket", "");
    let ann = Way::new(Product::Pve, Some("ann@pve"));
    let message = "Method 'GET /nowhere' not implemented";
    let status = format!("501 {message}");
    ann.body(line, "", &status, json!({"data": null, "message": message}));
    let mut open = Way::new(Product::Pve, None);
    open.hut.mode = Mode::Open;
    open.body(line, "", &status, json!({"data": null, "message": message}));
    let extjs = json!({"data": null, "message": message, "status": 501, "success": 0});
    ann.body("GET /api2/extjs/nowhere", "", "200", extjs);
}

#[test]
fn paths_and_senders_of_the_rust_products() {
    for (product, user) in [(Product::Pbs, "ann@pbs"), (Product::Pdm, "ann@pdm")] {
        let line = "GET /api2/json/nowhere";
        Way::new(product, None).text(line, "", "401", "authentication failed");
        let text = "Path '/api2/json/nowhere' not found.";
        let user = Way::new(product, Some(user));
        user.text(line, "", "404", text);
        let mut open = Way::new(product, None);
        open.hut.mode = Mode::Open;
        open.text(line, "", "404", text);
        let message = "Path '/api2/extjs/nowhere' not found.";
        let extjs = json!({"message": message, "errors": {}, "success": false, "status": 404});
        user.body("GET /api2/extjs/nowhere", "", "200", extjs);
        let denied = "permission check failed";
        user.text("POST /api2/json/access/users", "bad=1", "403", denied);
    }
}

#[test]
fn the_order_of_the_perl_product() {
    let ann = Way::new(Product::Pve, Some("ann@pve"));
    let conflict = "duplicate parameter (already defined in URI) with conflicting values!";
    let line = "PUT /api2/json/nodes/pve01/qemu/101/config";
    ann.wrong(line, "vmid=102&bad=1", json!({"vmid": conflict}));
    let denied = "Permission check failed (/vms/101, VM.Config.Disk|VM.Config.CDROM|VM.Config.CPU|\
                  VM.Config.Memory|VM.Config.Network|VM.Config.HWType|VM.Config.Options|\
                  VM.Config.Cloudinit)";
    let want = json!({"data": null, "message": format!("{denied}\n")});
    ann.body(line, "vmid=101&bad=1", &format!("403 {denied}"), want);
    // Permissions that name a parameter find it in form, query and JSON alike.
    let root = Way::new(Product::Pve, Some("root@pam"));
    for (way, line, sent) in [
        (&ann, "POST /api2/json/pools?poolid=web", ""),
        (&ann, "POST /api2/json/pools", "poolid=web"),
        (&ann, "POST /api2/json/pools?poolid=web", "poolid=bad!"),
        (&root, "POST /api2/json/pools", "poolid=web"),
    ] {
        way.body(line, sent, "200", json!({"data": {"poolid": "web"}}));
    }
    let json = Way::new(Product::Pve, Some("ann@pve")).json();
    let sent = r#"{"poolid": "bad!", "comment": "é"}"#;
    json.body(
        "POST /api2/json/pools?poolid=web",
        sent,
        "200",
        json!({"data": {"poolid": "web", "comment": "é"}}),
    );
}

#[test]
fn parameters_of_the_perl_product() {
    let ann = Way::new(Product::Pve, Some("ann@pve"));
    let json = Way::new(Product::Pve, Some("ann@pve")).json();
    let line = "PUT /api2/json/nodes/localhost/qemu/100/config";
    let unknown = Problem::Unknown.text(Product::Pve);
    ann.wrong(line, "bad=1", json!({"bad": unknown}));
    let type_check = "type check ('integer') failed - got 'x'";
    for way in [
        (&ann, "sockets=x&bad=1"),
        (&json, r#"{"sockets":"x","bad":1}"#),
    ] {
        let errors = json!({"sockets": type_check, "bad": unknown});
        way.0.wrong(line, way.1, errors);
    }
    let extjs = json!({
        "data": null, "errors": {"sockets": type_check}, "status": 400, "success": 0,
        "message": "Parameter verification failed.\n",
    });
    let line_extjs = line.replace("json", "extjs");
    ann.body(&line_extjs, "sockets=x", "200", extjs);
    let snapshot = "POST /api2/json/nodes/pve01/qemu/100/snapshot";
    let missing = "property is missing and it is not optional";
    ann.wrong(snapshot, "", json!({"snapname": missing}));
    // The query wins, `localhost` gets its name, and nothing is there that was not given.
    let given = json!({"data": {"node": "pve01", "vmid": 100, "sockets": 2, "net0": "virtio", "onboot": 1}});
    let with_query = format!("{line}?sockets=2&_dc=7");
    ann.body(
        &with_query,
        "sockets=1;net0=virtio&onboot=1",
        "200",
        given.clone(),
    );
    let sent = r#"{"sockets": 1, "net0": "virtio", "onboot": true}"#;
    json.body(&with_query, sent, "200", given);
}

#[test]
fn parameters_of_the_rust_products() {
    for (product, id) in [(Product::Pbs, "joe@pbs"), (Product::Pdm, "joe@pdm")] {
        let root = Way::new(product, Some("root@pam"));
        let line = format!("PUT /api2/json/access/users/{id}");
        let one = "parameter verification failed - ";
        let unknown = "'bad': schema does not allow additional properties.";
        root.text(&line, "bad=1", "400", &format!("{one}{unknown}"));
        let boolean = "'enable': Unable to parse boolean option.";
        root.text(&line, "enable=maybe", "400", &format!("{one}{boolean}"));
        let both = format!("parameter verification failed:\n- {boolean}\n- {unknown}");
        root.text(&line, "enable=maybe&bad=1", "400", &both);
        let twice = format!("{one}'enable': duplicate parameter.");
        root.text(&format!("{line}?enable=0"), "enable=1", "400", &twice);
        let extjs = json!({
            "message": "parameter verification errors", "success": false, "status": 400,
            "errors": {"bad": "schema does not allow additional properties."},
        });
        root.body(&line.replace("json", "extjs"), "bad=1", "200", extjs);
        let missing = format!("{one}'userid': parameter is missing and it is not optional.");
        root.text("POST /api2/json/access/users", "", "400", &missing);
        let given = json!({"data": {"userid": id, "enable": true, "comment": "a b"}});
        let with_query = format!("{line}?comment=a+b&_dc=7");
        root.body(&with_query, "enable=Yes", "200", given);
        let tasks = "GET /api2/json/nodes/localhost/tasks?limit=5";
        root.body(
            tasks,
            "",
            "200",
            json!({"data": {"node": "pve01", "limit": 5}}),
        );
        // With JSON the query counts for nothing, and values have types.
        let json = Way::new(product, Some("root@pam")).json();
        let given = json!({"data": {"userid": id, "enable": true}});
        json.body(&with_query, r#"{"enable": true}"#, "200", given);
        let typed = format!("{one}'enable': Expected boolean value.");
        json.text(&line, r#"{"enable": "yes"}"#, "400", &typed);
        json.body(&with_query, "", "200", json!({"data": {"userid": id}}));
    }
}

#[test]
fn bodies_that_are_no_json_objects() {
    let perl = Way::new(Product::Pve, Some("ann@pve")).json();
    let malformed = |at: usize, rest: &str| {
        format!(
            "malformed JSON string, neither tag, array, object, number, string or atom, \
             at character offset {at} (before \"{rest}\")"
        )
    };
    for (sent, text) in [
        ("vmid=1", malformed(0, "vmid=1")),
        ("", malformed(0, "(end of string)")),
        ("{\"a\":\n!", malformed(6, "!")),
        ("[]", "Not a HASH reference".to_owned()),
    ] {
        for path in ["/pools", "/nowhere"] {
            let line = format!("POST /api2/json{path}");
            perl.text(&line, sent, &format!("501 {text}"), &format!("{text}\n"));
        }
    }
    // Nothing at all is an object without members.
    let root = Way::new(Product::Pve, Some("root@pam")).json();
    let missing = "property is missing and it is not optional";
    let wanted = json!({"data": null, "errors": {"poolid": missing}, "message": "Parameter verification failed.\n"});
    let line = "POST /api2/json/pools";
    root.body(line, "null", "400 Parameter verification failed.", wanted);
    let rust = Way::new(Product::Pbs, Some("root@pam")).json();
    let line = "PUT /api2/json/access/users/joe@pbs";
    for (sent, text) in [
        ("nope", "expected ident at line 1 column 2"),
        ("[]", "Expected object - got array."),
        ("1", "Expected object - got scalar value."),
    ] {
        rust.text(line, sent, "400", text);
    }
    let mut plain = Way::new(Product::Pbs, Some("root@pam"));
    plain.fields.push(field("content-type", "text/plain"));
    plain.text(
        line,
        "x",
        "400",
        "unsupported content type Ok(\"text/plain\")",
    );
    let mut plain = Way::new(Product::Pve, None);
    plain.fields.push(field("content-type", "text/plain"));
    let text = "upload 'Content-Type 'text/plain' not implemented";
    plain.text("POST /api2/json/pools", "x", &format!("506 {text}"), text);
}
