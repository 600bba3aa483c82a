//! Patterns of documents, in Perl's spelling and in the Rust products': every client can send a value as long as
//! a body to be matched, and a document may come from anywhere.

use std::borrow::Cow;

use proptest::prelude::*;
use serde_json::json;

use mock_server::contract::Contract;
use mock_server::http::form::Form;
use mock_server::proxmox::Product;
use mock_server::proxmox::arguments::{Body, Reader, Sent};

use super::{config, nasty};

/// Whether a product takes a value for a parameter with this pattern.
fn takes(product: Product, pattern: &str, value: &str) -> bool {
    let content = json!({"application/x-www-form-urlencoded": {"schema": {"type": "object",
        "additionalProperties": false, "properties": {"p": {"type": "string", "x-pattern": pattern}}}}});
    let document = json!({"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {"/a": {"post": {
        "operationId": "a", "requestBody": {"content": content}, "responses": {"200": {"description": ""}}}}}});
    let contract = Contract::parse(document.to_string().as_bytes(), "x.json").unwrap();
    let reader = Reader::new(product, &contract);
    let body = json!({"p": value}).as_object().cloned().unwrap();
    let sent = Sent {
        query: Form::default(),
        body: Body::Json(body),
    };
    let path = std::iter::empty::<(&str, Cow<'_, str>)>();
    reader.read(&contract.operations[0], path, sent).is_ok()
}

fn patterns() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => prop::sample::select(vec![
            "(", ")", "[", "]", "{", "}", "(?:", "(?^i:", "(?^", "(?>", "(?=", "(?<a>", "[^", "[]", "[[:alpha:]", "[:",
            ":]", "*", "+", "?", "{,3}", "{2,}", "{1000}", "{99999999999}", "|", "^", "$", "\\", "\\Z", "\\0", "\\w",
            "\\pL", "\\x{110000}", "\\1", "/", "a", "é", "-", "&&", "~~", ".",
        ]).prop_map(str::to_owned),
        1 => nasty(),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(config(150))]

    #[test]
    fn any_pattern_gets_an_answer(pattern in patterns(), value in nasty()) {
        let _ = takes(Product::Pve, &pattern, &value);
        let _ = takes(Product::Pbs, &format!("/{pattern}/"), &value);
    }
}

#[test]
fn patterns_that_ruin_others() {
    let long = "a".repeat(20_000) + "!";
    let check = |pattern: &str| {
        let _ = takes(Product::Pve, pattern, &long);
        let _ = takes(Product::Pbs, &format!("/^{pattern}$/"), &long);
    };
    // Exponential where a pattern is tried by going back.
    check("(a+)+");
    check("(a|aa)+");
    check("(.*a){30}");
    check("([a-zA-Z]+)*");
    // More states than memory.
    check("(?:(?:(?:a{1000}){1000}){1000}){1000}");
    check("(?:\\w{1000}){1000}");
    check("(((((((((.{0,99}){0,99}){0,99}){0,99}){0,99}){0,99}){0,99}){0,99}){0,99})");
    // Long in themselves.
    check(&"(".repeat(100_000));
    check(&"[[:".repeat(300_000));
    check(&"\\w".repeat(300_000));
    check(&"(?i)\\pL".repeat(100_000));
    check(&"a|".repeat(300_000));
    check(&"[".repeat(300_000));
    // Short enough to be compiled.
    check(&"[[:".repeat(2_500));
    check(&"\\w".repeat(1_000));
    check(&"(?i)\\pL".repeat(150));
}
