//! What must hold of the personality as a whole, whatever its handlers do.

use std::collections::HashSet;

use super::testing::{desk, empty_desk};
use super::*;
use crate::contract::Contract;

#[test]
fn every_handler_has_an_operation() {
    let release = &RELEASES[0];
    let contract = Contract::parse(release.document, release.place).unwrap();
    let known: HashSet<_> = contract
        .operations
        .iter()
        .map(|operation| (&operation.method, operation.template.as_str()))
        .collect();
    let mut bound = HashSet::new();
    for route in api::routes() {
        let (method, template) = (&route.method, route.template);
        // The access API is that of both Rust products; what one lacks falls out.
        if template.starts_with("/access/") {
            continue;
        }
        assert!(known.contains(&(method, template)), "{method} {template}");
        assert!(
            bound.insert((route.method.clone(), template)),
            "{method} {template} twice"
        );
    }
}

#[test]
fn the_version_answers() {
    let desk = desk();
    assert_eq!(desk.get("/version")["version"], "1.1.7");
    assert_eq!(desk.get("/ping"), "pong");
    let got = desk.ask("GET /nothing", "");
    assert_eq!(got.status, "404");
    assert_eq!(got.body, "Path '/api2/json/nothing' not found.");
}

#[test]
fn a_fresh_installation_has_no_remotes() {
    let desk = empty_desk();
    assert_eq!(desk.get("/remotes/remote"), serde_json::json!([]));
    assert_eq!(desk.get("/resources/list"), serde_json::json!([]));
    assert_eq!(world::invariants(&desk.world()), Vec::<String>::new());
}

mod walk;

mod guests;

mod remotes;

mod keys;
