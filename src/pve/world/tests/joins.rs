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

static ZONES: Collection = Collection::new(
    "/cluster/sdn/zones",
    "zone",
    "cluster/sdn/zones",
    Words::perl(
        "sdn zone object ID '{id}' already defined",
        "sdn '{id}' does not exist",
    ),
)
.typed(Kind::Parameter("type"));

static SUBNETS: Collection = Collection::new(
    "/cluster/sdn/vnets/{vnet}/subnets",
    "subnet",
    "cluster/sdn/vnets/{vnet}/subnets",
    Words::perl(
        "sdn subnet object ID '{id}' already defined",
        "sdn subnet '{id}' does not exist",
    ),
)
.typed(Kind::Fixed("subnet"));

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
    let mut zones = |action, given: Value| ask(&mut lab, &ZONES, action, &given);
    let ids = |list: Value| -> Vec<String> {
        let items = list.as_array().unwrap().iter();
        items
            .map(|item| item["zone"].as_str().unwrap().to_owned())
            .collect()
    };
    let list = zones(Action::List, json!({})).unwrap();
    assert_eq!(list[0]["type"], "simple");
    assert_eq!(ids(list), ["lab", "lanes"]);

    let new = json!({"zone": "more", "type": "simple", "mtu": 1450, "advertise-subnets": 1});
    zones(Action::Create, new.clone()).unwrap();
    assert_eq!(
        zones(Action::Create, new).unwrap_err(),
        Fault::Failed("sdn zone object ID 'more' already defined".to_owned())
    );
    let read = zones(Action::Read, json!({"zone": "more"})).unwrap();
    assert_eq!(
        (&read["type"], &read["mtu"]),
        (&json!("simple"), &json!(1450))
    );

    let change = |digest: &Value| json!({"zone": "more", "mtu": 9000, "digest": digest});
    let refused = zones(Action::Update, change(&json!("00"))).unwrap_err();
    assert_eq!(refused, Fault::configuration_changed());
    zones(Action::Update, change(&read["digest"])).unwrap();
    let after = zones(Action::Read, json!({"zone": "more"})).unwrap();
    assert_eq!(after["mtu"], 9000);
    assert_ne!(after["digest"], read["digest"]);
    // The world keeps what the collection kept, with its types, and files carry it.
    let kept = &lab.sections["cluster/sdn/zones"].0["more"];
    assert_eq!(kept.properties["mtu"], 9000);
    assert_eq!(World::read(&lab.export()), Ok(lab.clone()));

    let mut zones = |action, given: Value| ask(&mut lab, &ZONES, action, &given);
    zones(Action::Delete, json!({"zone": "more"})).unwrap();
    let list = zones(Action::List, json!({})).unwrap();
    assert_eq!(ids(list), ["lab", "lanes"]);
    assert_eq!(invariants(&lab), Vec::<String>::new());
}

#[test]
fn collections_below_other_things_find_theirs() {
    let mut lab = lab();
    let mut subnets = |action, given: Value| ask(&mut lab, &SUBNETS, action, &given).unwrap();
    let list = subnets(Action::List, json!({"vnet": "labnet"}));
    assert_eq!(list[0]["subnet"], "lab-10.20.0.0-24");
    assert_eq!(list[0]["snat"], true);
    assert_eq!(subnets(Action::List, json!({"vnet": "lane20"})), json!([]));
    let id = json!({"vnet": "labnet", "subnet": "lab-10.20.0.0-24"});
    assert_eq!(subnets(Action::Read, id)["gateway"], "10.20.0.1");
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
