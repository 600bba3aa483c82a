//! Tables with additions: what is fallen back on, and templates that take the rest of a path.

use serde_json::json;

use super::*;
use crate::routes::route;

fn contract() -> Contract {
    let operation = |id: &str| {
        json!({"operationId": id, "responses": {"200": {
            "description": "", "content": {"application/json": {"schema": {"type": "object"}}},
        }}})
    };
    let parameter =
        json!([{"name": "b", "in": "path", "required": true, "schema": {"type": "string"}}]);
    let document = json!({
        "openapi": "3.0.3",
        "info": {"title": "x", "version": "1"},
        "paths": {
            "/a": {"get": operation("list"), "post": operation("make")},
            "/a/{b}": {"parameters": parameter, "get": operation("one")},
        },
    });
    Contract::parse(document.to_string().as_bytes(), "x").unwrap()
}

fn build(additions: &Additions<'_, u8>) -> Result<Table<u8>, TableError> {
    let fixtures = Fixtures::load("none", None, minijinja::Value::UNDEFINED).unwrap();
    Table::build_with(&contract(), vec![route::get("/a", 1)], &fixtures, additions)
}

#[test]
fn without_additions_every_operation_needs_an_answer() {
    let refused = build(&Additions::NONE).unwrap_err();
    assert!(matches!(refused, TableError::NoOrigin { .. }), "{refused}");
}

#[test]
fn the_fallback_answers_what_nothing_else_does() {
    let additions = Additions {
        fallback: &|operation| {
            Some(match &*operation.id {
                "make" => Origin::Collection {
                    handler: 2,
                    location: std::panic::Location::caller(),
                },
                _ => Origin::Sample,
            })
        },
        takes_rest: |template| template == "/a/{b}",
    };
    let table = build(&additions).unwrap();
    let listing = table.listing();
    let origins: Vec<_> = listing.iter().map(|line| line.origin).collect();
    assert_eq!(origins, ["handler", "collection", "sample"]);
    assert!(listing[1].place.contains("tests.rs:"));
    let check = |path: &str, want: Option<&str>| {
        let value = match table.look_up(ListenerRole::Main, &Method::Get, path) {
            Found::Route { values, .. } => values.get("b").map(Cow::into_owned),
            _ => None,
        };
        assert_eq!(value.as_deref(), want, "{path}");
    };
    check("/a/x", Some("x"));
    check("/a/x/y%2Fz", Some("x/y/z"));
    check("/a", None);
    check("/b/x", None);
}
