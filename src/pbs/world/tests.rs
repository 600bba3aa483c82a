//! The worlds that the binary carries, and what is refused of others.

use serde_json::{Value, json};

use super::*;

const DEFAULT: &str = include_str!("../../../fixtures/pbs/default.json");
const EMPTY: &str = include_str!("../../../fixtures/pbs/empty.json");

fn file(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn there_and_back() {
    for text in [DEFAULT, EMPTY] {
        let world = World::read(&file(text)).unwrap();
        assert_eq!(World::read(&world.export()).unwrap(), world);
        assert!(invariants(&world).is_empty());
    }
}

#[test]
fn broken_files() {
    let check = |pointer: &str, value: Value, want: &str| {
        let mut file = file(DEFAULT);
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let parent = file.pointer_mut(parent).expect(pointer);
        parent[key.replace("~1", "/")] = value;
        let problems = World::read(&file).unwrap_err();
        let texts: Vec<_> = problems
            .iter()
            .map(|problem| format!("{}: {}", problem.path, problem.message))
            .collect();
        assert!(
            texts.iter().any(|text| text.contains(want)),
            "{pointer}: {texts:?}"
        );
    };
    check(
        "/datastores/main/namespaces/a~1b",
        json!({}),
        "namespace a does not exist",
    );
    check(
        "/datastores/main/size",
        json!(10),
        "is less than what is used",
    );
    check("/datastores/main/unknown", json!(1), "unknown");
    check("/remotes/nobody", json!({}), "remote nobody does not exist");
    check(
        "/access/users/joe@moon",
        json!({}),
        "realm moon does not exist",
    );
    check(
        "/sections/config~1access",
        json!({}),
        "realm pam does not exist",
    );
}
