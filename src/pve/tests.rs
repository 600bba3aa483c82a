//! What must hold of the personality as a whole, whatever its handlers do.

use std::collections::HashSet;

use super::testing::{desk, desk_of};
use super::*;
use crate::contract::Contract;

mod storm;

#[test]
fn every_handler_has_an_operation_in_some_release() {
    let contracts = release::RELEASES
        .iter()
        .map(|release| Contract::parse(release.document, release.place).unwrap());
    let operations: Vec<_> = contracts.flat_map(|contract| contract.operations).collect();
    let known: HashSet<_> = operations
        .iter()
        .map(|operation| (&operation.method, operation.template.as_str()))
        .collect();
    let mut bound = HashSet::new();
    for route in api::routes() {
        let (method, template) = (&route.method, route.template);
        assert!(known.contains(&(method, template)), "{method} {template}");
        assert!(
            bound.insert((route.method.clone(), template)),
            "{method} {template} twice"
        );
    }
}

#[test]
fn the_version_answers() {
    for release in release::NAMES {
        let desk = desk_of(release);
        assert_eq!(desk.get("/version")["release"], *release);
    }
    let got = desk().ask("GET /nothing", "");
    assert_eq!(got.status, "501 Method 'GET /nothing' not implemented");
}
