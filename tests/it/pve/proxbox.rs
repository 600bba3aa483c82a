//! Every read of a real consumer in its order, with its token, over TLS, and every field that it uses with its
//! type (proxbox.md 1.3, 1.5 and 2.2 to 2.5): of the lab, and of a file of canned answers laid over it.

use serde_json::{Value, json};

use crate::support::client::{Answer, Client};
use crate::support::server::TestServer;

mod guests;
mod reads;
mod stages;

/// What the consumer sends with every call.
const TOKEN: (&str, &str) = ("authorization", "PVEAPIToken=root@pam!e2e=e2e-secret");

/// A file of the form that its testers mount.
pub(super) const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/pve/overlay.json");

/// The consumer at one server.
struct Consumer {
    server: TestServer,
    ca: String,
    /// The world, for messages.
    world: &'static str,
}

impl Consumer {
    /// Those that a stage must satisfy: of the lab and of the file.
    fn all() -> [Self; 2] {
        let overlay = format!("--overlay={FILE}");
        [
            Self::of("the lab", &[]),
            Self::of("the file", &[&overlay, "--auth=strict"]),
        ]
    }

    fn of(world: &'static str, flags: &[&str]) -> Self {
        let server = TestServer::of("pve", &[&["--log=error", "--seed=7"], flags].concat());
        let ca = server.get("/__admin/ca.pem").expect(200);
        let ca = String::from_utf8(ca.body).unwrap();
        Self { server, ca, world }
    }

    /// Asks on a connection of its own, as the consumer does for each of its operations.
    fn ask(&self, path: &str) -> Answer {
        let mut client = Client::tls(self.server.main, &self.ca, "localhost", &["http/1.1"]);
        client.exchange("GET", &format!("/api2/json/{path}"), &[TOKEN], b"")
    }

    /// `data` of an answer that must be 200.
    #[track_caller]
    fn read(&self, path: &str) -> Value {
        let answer = self.ask(path);
        let (status, world) = (answer.status(), self.world);
        assert_eq!(
            status,
            200,
            "{world}: {path}: {} {}",
            answer.head.reason,
            answer.text()
        );
        let body = answer.json();
        assert!(body.is_object(), "{world}: {path}: {body}");
        body["data"].clone()
    }

    /// The rows of a list.
    #[track_caller]
    fn rows(&self, path: &str) -> Vec<Value> {
        match self.read(path) {
            Value::Array(rows) => rows,
            other => panic!("{}: {path} is no list: {other}", self.world),
        }
    }

    /// The rows of a list, all of which have these members.
    #[track_caller]
    fn typed(&self, path: &str, members: &[(&str, Type)]) -> Vec<Value> {
        let rows = self.rows(path);
        for row in &rows {
            self.check(path, row, members);
        }
        rows
    }

    /// An object with these members.
    #[track_caller]
    fn object(&self, path: &str, members: &[(&str, Type)]) -> Value {
        let object = self.read(path);
        assert!(object.is_object(), "{}: {path}: {object}", self.world);
        self.check(path, &object, members);
        object
    }

    /// Holds an object to types. A name that ends with `?` may be missing.
    #[track_caller]
    fn check(&self, path: &str, object: &Value, members: &[(&str, Type)]) {
        for (name, kind) in members {
            let (name, is_optional) = match name.strip_suffix('?') {
                Some(name) => (name, true),
                None => (*name, false),
            };
            match object.get(name) {
                None if is_optional => {}
                found => assert!(
                    found.is_some_and(|value| kind.fits(value)),
                    "{}: {path}: {name} is no {kind:?}: {object}",
                    self.world
                ),
            }
        }
    }

    /// The names of the nodes.
    fn nodes(&self) -> Vec<String> {
        texts(&self.rows("nodes/"), "node")
    }
}

/// What the consumer's models take.
#[derive(Debug, Clone, Copy)]
enum Type {
    Text,
    /// A whole number.
    Whole,
    Number,
    /// 0 or 1.
    Truth,
    List,
    Object,
    /// A text, or a whole number.
    TextOrWhole,
}

impl Type {
    fn fits(self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::Whole => value.is_i64() || value.is_u64(),
            Self::Number => value.is_number(),
            Self::Truth => *value == json!(0) || *value == json!(1),
            Self::List => value.is_array(),
            Self::Object => value.is_object(),
            Self::TextOrWhole => Self::Text.fits(value) || Self::Whole.fits(value),
        }
    }
}

/// A text member of all rows, in order.
fn texts(rows: &[Value], name: &str) -> Vec<String> {
    let texts = rows.iter().filter_map(|row| row[name].as_str());
    let mut texts: Vec<String> = texts.map(str::to_owned).collect();
    texts.sort();
    texts
}

/// The row with this member.
#[track_caller]
fn row<'a>(rows: &'a [Value], name: &str, value: impl Into<Value>) -> &'a Value {
    let value = value.into();
    let found = rows.iter().find(|row| row[name] == value);
    found.unwrap_or_else(|| panic!("no row with {name} {value}"))
}
