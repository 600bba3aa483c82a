//! The five committed documents: their patterns, and what every operation that writes refuses.

use super::*;
use crate::contract::{Kind, Parameter, Place};

#[test]
fn all_patterns_compile() {
    for (name, product, contract) in &DOCUMENTS {
        let reader = Reader::new(*product, contract);
        assert_eq!(reader.patterns.broken(), [""; 0], "{name}");
    }
}

/// What an operation says to a form, with something in each place of the path.
fn refused(reader: &Reader, operation: &Operation, form: &str) -> Vec<(String, String)> {
    let places = operation
        .parameters
        .iter()
        .filter(|one| one.place == Place::Path);
    let path = places.map(|one| (&*one.name, Cow::Borrowed("100")));
    let body = Form::parse(form.as_bytes(), Syntax::Standard).unwrap();
    let sent = Sent {
        query: Form::default(),
        body: Body::Form(body),
    };
    let problems = reader.read(operation, path, sent).err().unwrap_or_default();
    let all = problems.iter();
    all.map(|(name, text)| (name.to_owned(), text.to_owned()))
        .collect()
}

/// What is said to `x` where it is of the wrong type.
fn wrong_type(product: Product, kind: &Kind) -> Option<&'static str> {
    Some(match (kind, product.is_perl()) {
        (Kind::Integer, true) => "type check ('integer') failed - got 'x'",
        (Kind::Number, true) => "type check ('number') failed - got 'x'",
        (Kind::Boolean, true) => "type check ('boolean') failed - got 'x'",
        (Kind::Integer, false) => "invalid digit found in string",
        (Kind::Number, false) => "invalid float literal",
        (Kind::Boolean, false) => "Unable to parse boolean option.",
        _ => return None,
    })
}

#[test]
fn writes_refuse_what_is_unknown_missing_or_of_another_type() {
    let mut counts = [0_u32; 3];
    for (name, product, contract) in &DOCUMENTS {
        let product = *product;
        let reader = Reader::new(product, contract);
        let writes = |one: &&Operation| one.request.is_some();
        for operation in contract.operations.iter().filter(writes) {
            let check = |form: &str, parameter: &str, text: &str| {
                let found = refused(&reader, operation, form);
                let want = |(name, found): &(String, String)| name == parameter && found == text;
                assert!(
                    found.iter().any(want),
                    "{name} {} {form}: {found:?}",
                    operation.id
                );
            };
            if !operation.additional {
                check(
                    "no-such-thing=1",
                    "no-such-thing",
                    &Problem::Unknown.text(product),
                );
                counts[0] += 1;
            }
            let rest = |one: &&Parameter| {
                let facts = one.schema.facts();
                one.place == Place::Rest && !facts.indexed && facts.type_property.is_none()
            };
            let required = operation
                .parameters
                .iter()
                .filter(rest)
                .find(|one| one.required);
            let path_fits = refused(&reader, operation, "")
                .iter()
                .all(|(_, text)| *text == Problem::Missing.text(product));
            if let Some(parameter) = required.filter(|_| product.is_perl() || path_fits) {
                check("", &parameter.name, &Problem::Missing.text(product));
                counts[1] += 1;
            }
            let typed = operation.parameters.iter().filter(rest);
            for parameter in typed {
                let Some(text) = wrong_type(product, &parameter.schema.kind) else {
                    continue;
                };
                check(&format!("{}=x", parameter.name), &parameter.name, text);
                counts[2] += 1;
            }
        }
    }
    assert!(counts.iter().all(|&count| count > 300), "{counts:?}");
}
