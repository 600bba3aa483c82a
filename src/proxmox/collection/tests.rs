//! Collections of the real documents.

use std::fs;

use serde_json::{Map, Value, json};

use super::*;
use crate::contract::Contract;
use crate::proxmox::product::Product;
use crate::proxmox::section::Sections;

fn contract(name: &str) -> Contract {
    let path = format!("{}/openapi/{name}.json", env!("CARGO_MANIFEST_DIR"));
    Contract::parse(&fs::read(path).unwrap(), name).unwrap()
}

static STORAGE: Collection = Collection::new(
    "/storage",
    "storage",
    "storage",
    Words::perl(
        "create storage failed: storage ID '{id}' already defined",
        "storage '{id}' does not exist",
    ),
)
.typed(Kind::Parameter("type"))
.hiding(&["password"]);

static METRICS: Collection = Collection::new(
    "/cluster/metrics/server",
    "id",
    "metrics",
    Words::perl(
        "Metric server '{id}' already exists",
        "no such server '{id}'",
    ),
)
.typed(Kind::Parameter("type"));

static SUBNETS: Collection = Collection::new(
    "/cluster/sdn/vnets/{vnet}/subnets",
    "subnet",
    "subnet",
    Words::perl(
        "sdn subnet object ID '{id}' already defined",
        "sdn subnet '{id}' does not exist",
    ),
);

static JOBS: Collection = Collection::new(
    "/cluster/backup",
    "id",
    "vzdump",
    Words {
        exists: Text::Failed("Job '{id}' already exists"),
        missing: Text::Parameter("id", "No such job '{id}'"),
        nothing_to_delete: Text::Silent,
    },
);

static REMOTES: Collection = Collection::new(
    "/config/remote",
    "name",
    "remote",
    Words::rust(
        "name",
        "remote '{id}' already exists.",
        "no such remote '{id}'",
        "remote '{id}' does not exist.",
    ),
)
.hiding(&["password"]);

mod arguments;
mod shapes;

struct Desk {
    bound: Bound,
    sections: Sections,
}

impl Desk {
    fn new(product: Product, collection: &'static Collection) -> Self {
        let name = if product.is_perl() {
            "pve-9.2"
        } else {
            "pbs-4"
        };
        Self {
            bound: Bound::new(product, collection, &contract(name)).unwrap(),
            sections: Sections::default(),
        }
    }

    fn ask(&mut self, action: Action, given: Value) -> Result<Value, Fault> {
        let given: Map<String, Value> = serde_json::from_value(given).unwrap();
        let answer = match action.writes() {
            true => self.bound.change(action, &mut self.sections, &given),
            false => self.bound.look(action, &self.sections, &given),
        };
        answer.map(|answer| answer.data)
    }

    fn done(&mut self, action: Action, given: Value) -> Value {
        self.ask(action, given).unwrap()
    }

    fn failed(&mut self, action: Action, given: Value) -> String {
        let before = self.sections.clone();
        let refused = self.ask(action, given).unwrap_err();
        assert_eq!(self.sections, before);
        match refused {
            Fault::Failed(text) => text,
            Fault::NotFound(text) => format!("404 {text}"),
            Fault::Parameters(problems) => {
                let (name, text) = problems.iter().next().unwrap();
                format!("{name}: {text}")
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_life_of_a_storage() {
    let mut desk = Desk::new(Product::Pve, &STORAGE);
    let new = json!({"storage": "nfs1", "type": "nfs", "server": "10.0.0.1", "export": "/x", "shared": 1});
    let made = desk.done(Action::Create, new.clone());
    assert_eq!(made, json!({"storage": "nfs1", "type": "nfs"}));
    let text = desk.failed(Action::Create, new);
    assert_eq!(
        text,
        "create storage failed: storage ID 'nfs1' already defined"
    );
    let read = desk.done(Action::Read, json!({"storage": "nfs1"}));
    let digest = read["digest"].as_str().unwrap().to_owned();
    assert_eq!(digest.len(), 40);
    assert_eq!(read["type"], "nfs");
    assert_eq!(read["shared"], true);
    let change = |digest: &str| json!({"storage": "nfs1", "digest": digest, "delete": "shared", "nodes": "pve01"});
    let text = "detected modified configuration - file changed by other user? Try again.";
    assert_eq!(desk.failed(Action::Update, change("00")), text);
    desk.done(Action::Update, change(&digest));
    let read = desk.done(Action::Read, json!({"storage": "nfs1"}));
    assert_eq!(read.get("shared"), None);
    assert_eq!(read["nodes"], "pve01");
    assert_ne!(read["digest"], digest);
    assert_eq!(
        desk.done(Action::Delete, json!({"storage": "nfs1"})),
        Value::Null
    );
    let gone = "storage 'nfs1' does not exist";
    for action in [Action::Read, Action::Update, Action::Delete] {
        assert_eq!(desk.failed(action, json!({"storage": "nfs1"})), gone);
    }
}

#[test]
fn lists_are_ordered_and_filtered() {
    let mut desk = Desk::new(Product::Pve, &STORAGE);
    for (id, kind) in [("zfs1", "zfspool"), ("local", "dir"), ("data", "dir")] {
        let new = json!({"storage": id, "type": kind, "password": "hidden", "disable": "0"});
        desk.done(Action::Create, new);
    }
    let check = |given: Value, want: &[&str]| {
        let list = desk
            .bound
            .look(Action::List, &desk.sections, given.as_object().unwrap());
        let list = list.unwrap().data;
        let items = list.as_array().unwrap();
        let ids: Vec<_> = items
            .iter()
            .map(|item| item["storage"].as_str().unwrap())
            .collect();
        assert_eq!(ids, want);
        assert!(items.iter().all(|item| item.get("password").is_none()));
        assert!(items.iter().all(|item| item["disable"] == false));
    };
    check(json!({}), &["data", "local", "zfs1"]);
    check(json!({"type": "dir"}), &["data", "local"]);
    check(json!({"type": "nfs"}), &[]);
}

#[test]
fn deletions_of_options_that_are_refused() {
    let mut desk = Desk::new(Product::Pve, &STORAGE);
    let new = json!({"storage": "local", "type": "dir", "path": "/x", "nodes": "pve01"});
    desk.done(Action::Create, new);
    let mut check = |delete: &str, want: &str| {
        let given = json!({"storage": "local", "delete": delete, "content": "iso"});
        assert_eq!(desk.failed(Action::Update, given), want);
    };
    check("nodes,wrong", "no such option 'wrong'");
    check("path", "unable to delete fixed option 'path'");
    check(
        "content",
        "cannot set and delete property 'content' at the same time!",
    );
    let mut desk = Desk::new(Product::Pve, &METRICS);
    let new = json!({"id": "m", "type": "graphite", "server": "10.0.0.9", "port": 2003});
    desk.done(Action::Create, new);
    let given = json!({"id": "m", "delete": ["port"]});
    let text = "unable to delete required option 'port'";
    assert_eq!(desk.failed(Action::Update, given), text);
}

#[test]
fn items_may_be_created_at_their_own_path() {
    let bound = Desk::new(Product::Pve, &METRICS).bound;
    let creations = bound
        .actions()
        .filter(|(_, action)| *action == Action::Create);
    assert_eq!(creations.count(), 1);
    let bound = Desk::new(Product::Pve, &STORAGE).bound;
    assert_eq!(bound.actions().count(), 5);
}

#[test]
fn things_below_things() {
    let mut desk = Desk::new(Product::Pve, &SUBNETS);
    let new = |vnet: &str| json!({"vnet": vnet, "subnet": "10.0.0.0-24", "type": "subnet", "gateway": "10.0.0.1"});
    desk.done(Action::Create, new("v1"));
    desk.done(Action::Create, new("v2"));
    let text = desk.failed(Action::Create, new("v1"));
    assert_eq!(text, "sdn subnet object ID '10.0.0.0-24' already defined");
    let list = desk.done(Action::List, json!({"vnet": "v1"}));
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!(list[0]["subnet"], "10.0.0.0-24");
    assert_eq!(list[0]["gateway"], "10.0.0.1");
    assert!(desk.sections.0.contains_key("v2/10.0.0.0-24"));
}

#[test]
fn words_about_parameters_and_silence() {
    let mut desk = Desk::new(Product::Pve, &JOBS);
    let missing = json!({"id": "j1"});
    assert_eq!(
        desk.failed(Action::Read, missing.clone()),
        "id: No such job 'j1'"
    );
    assert_eq!(desk.done(Action::Delete, missing), Value::Null);
}

#[test]
fn the_rust_products() {
    let mut desk = Desk::new(Product::Pbs, &REMOTES);
    let new =
        json!({"name": "r1", "host": "a", "auth-id": "root@pam", "password": "x", "comment": "c"});
    assert_eq!(desk.done(Action::Create, new.clone()), Value::Null);
    let text = desk.failed(Action::Create, new);
    assert_eq!(text, "name: remote 'r1' already exists.");
    let given = json!({"name": "r1"});
    let answer = desk
        .bound
        .look(Action::Read, &desk.sections, given.as_object().unwrap());
    let answer = answer.unwrap();
    assert_eq!(answer.attributes["digest"].as_str().unwrap().len(), 64);
    assert_eq!(
        answer.data,
        json!({"name": "r1", "host": "a", "auth-id": "root@pam", "comment": "c"})
    );
    let both = json!({"name": "r1", "delete": ["comment"], "comment": "new"});
    desk.done(Action::Update, both);
    assert_eq!(desk.done(Action::Read, given)["comment"], "new");
    let wrong = json!({"name": "r1", "delete": ["host"]});
    let text = "delete: value 'host' is not defined in the enumeration.";
    assert_eq!(desk.failed(Action::Update, wrong), text);
    let other = json!({"name": "r2"});
    assert_eq!(
        desk.failed(Action::Read, other.clone()),
        "no such remote 'r2'"
    );
    assert_eq!(
        desk.failed(Action::Delete, other),
        "404 remote 'r2' does not exist."
    );
}
