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

#[test]
fn bodies_that_are_too_large() {
    let check = |release: &str, length: usize, want: &str| {
        let desk = desk_of(release);
        let body = format!("comment={}", "a".repeat(length));
        assert_eq!(
            desk.ask("PUT /pools/production", &body).status,
            want,
            "{release} {length}"
        );
    };
    let refused = "501 for data too large";
    check("7.4", 60 * 1024, "200");
    check("7.4", 65 * 1024, refused);
    check("8.4", 65 * 1024, "200");
    check("9.2", 500 * 1024, "200");
    check("9.2", 513 * 1024, refused);
}
