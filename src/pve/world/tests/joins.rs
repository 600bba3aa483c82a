//! The lab and the shared parts of the products: collections work on its sections, logins on its accounts.

use serde_json::json;

use super::*;
use crate::contract::Contract;
use crate::proxmox::Product;
use crate::proxmox::collection::{Action, Bound, Collection, Kind, Words};
use crate::proxmox::fault::Fault;
use crate::proxmox::gate::Standing;
use crate::proxmox::identity::{TokenId, UserId};
use crate::proxmox::login::{ROOT_PASSWORD, TOKEN_NAME, TOKEN_SECRET};
use crate::proxmox::rights::Separation;
use crate::pve::world::invariants;

static SERVERS: Collection = Collection::new(
    "/cluster/metrics/server",
    "id",
    "cluster/metrics/server",
    Words::perl(
        "Metric server '{id}' already exists",
        "no such server '{id}'",
    ),
)
.typed(Kind::Parameter("type"));

/// Asks a collection about the world's sections.
fn ask(
    lab: &mut World,
    collection: &'static Collection,
    action: Action,
    given: &Value,
) -> Result<Value, Fault> {
    let path = format!("{}/openapi/pve-9.2.json", env!("CARGO_MANIFEST_DIR"));
    let contract = Contract::parse(&std::fs::read(path).unwrap(), "pve-9.2").unwrap();
    let bound = Bound::new(Product::Pve, collection, &contract).unwrap();
    let sections = lab.sections.get_mut(collection.file).unwrap();
    let given = given.as_object().unwrap();
    let answer = match action.writes() {
        true => bound.change(action, sections, given),
        false => bound.look(action, sections, given),
    };
    answer.map(|answer| answer.data)
}

#[test]
fn a_collection_works_on_a_section_of_the_lab() {
    let mut lab = lab();
    let mut servers = |action, given: Value| ask(&mut lab, &SERVERS, action, &given);
    let ids = |list: Value| -> Vec<String> {
        let items = list.as_array().unwrap().iter();
        items
            .map(|item| item["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let list = servers(Action::List, json!({})).unwrap();
    assert_eq!(list[0]["type"], "graphite");
    assert_eq!(ids(list), ["graphite"]);

    let new =
        json!({"id": "more", "type": "influxdb", "server": "10.0.0.9", "port": 8089, "mtu": 1450});
    servers(Action::Create, new.clone()).unwrap();
    assert_eq!(
        servers(Action::Create, new).unwrap_err(),
        Fault::Failed("Metric server 'more' already exists".to_owned())
    );
    let read = servers(Action::Read, json!({"id": "more"})).unwrap();
    assert_eq!(
        (&read["type"], &read["mtu"]),
        (&json!("influxdb"), &json!(1450))
    );

    let change = |digest: &Value| json!({"id": "more", "mtu": 9000, "digest": digest});
    let refused = servers(Action::Update, change(&json!("00"))).unwrap_err();
    assert_eq!(refused, Fault::configuration_changed());
    servers(Action::Update, change(&read["digest"])).unwrap();
    let after = servers(Action::Read, json!({"id": "more"})).unwrap();
    assert_eq!(after["mtu"], 9000);
    assert_ne!(after["digest"], read["digest"]);
    // The world keeps what the collection kept, with its types, and files carry it.
    let kept = &lab.sections["cluster/metrics/server"].0["more"];
    assert_eq!(kept.properties["mtu"], 9000);
    assert_eq!(World::read(&lab.export()), Ok(lab.clone()));

    let mut servers = |action, given: Value| ask(&mut lab, &SERVERS, action, &given);
    servers(Action::Delete, json!({"id": "more"})).unwrap();
    let list = servers(Action::List, json!({})).unwrap();
    assert_eq!(ids(list), ["graphite"]);
    assert_eq!(invariants(&lab), Vec::<String>::new());
}

#[test]
fn both_worlds_admit_the_superuser() {
    let now = noon().now;
    for world in [lab(), world(EMPTY)] {
        let directory = &world.access.directory;
        let root = UserId::root();
        assert_eq!(directory.standing(&root, now), Standing::Good);
        assert!(directory.password_fits(&root, ROOT_PASSWORD));
        assert!(!directory.password_fits(&root, "wrong"));
        assert_eq!(directory.challenge(&root), None);
        assert_eq!(directory.only_user_named("root"), Some(root.clone()));
        let id = TokenId {
            user: root,
            name: TOKEN_NAME.into(),
        };
        let token = directory.token(&id, now).unwrap();
        assert_eq!(token.secret, TOKEN_SECRET);
        assert_eq!(token.standing, Standing::Good);
        assert_eq!(directory.separation(&id), Some(Separation::Shared));
    }
}
