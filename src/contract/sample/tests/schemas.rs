//! Schemas that no document has: any small one has a sample that fits or none at all, and huge ones end.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::contract::schema::{Facts, Format};

fn facts() -> impl Strategy<Value = Facts> {
    let bound = || prop::option::of((-5_i64..5000).prop_map(Into::into));
    let length = || prop::option::of(0_u64..40);
    let pattern = prop::sample::select(vec![
        "[a-z]+",
        "/^x{2,}$/",
        "(?^:[A-F0-9]{4}(;\\d+)*)",
        "(",
        "a{99999999}",
        "[",
        "[^a1A0x-]",
        "((((((a*)*)*)*)*)*)*b|",
        "(((){9999}){9999}){18446744073709551615}",
    ]);
    let bounds = (bound(), bound(), length(), length());
    (bounds, prop::option::weighted(0.2, pattern)).prop_map(|(bounds, pattern)| Facts {
        minimum: bounds.0,
        maximum: bounds.1,
        shortest: bounds.2,
        longest: bounds.3,
        pattern: pattern.map(Into::into),
        ..Facts::default()
    })
}

fn leaf() -> impl Strategy<Value = Schema> {
    let format = prop::sample::select(vec!["ipv4", "mac-addr", "pve-vmid-list", "none"]);
    let kind = prop_oneof![
        Just(Kind::Integer),
        Just(Kind::Number),
        Just(Kind::Boolean),
        Just(Kind::Any),
        Just(Kind::String(Format::Text)),
        Just(Kind::String(Format::DateTime)),
        format.prop_map(|name| Kind::String(Format::Named(name.into()))),
    ];
    (kind, facts(), any::<bool>()).prop_map(|(kind, facts, nullable)| Schema {
        nullable,
        more: Some(Arc::new(facts)),
        ..Schema::of(kind)
    })
}

fn schema() -> impl Strategy<Value = Schema> {
    let name = prop::sample::select(vec![
        "vmid", "cpu", "net[n]", "net0", "net1", "", "é", "type", "id",
    ]);
    leaf().prop_recursive(4, 24, 4, move |inner| {
        let property = (name.clone(), any::<bool>(), inner.clone());
        let property = property.prop_map(|(name, required, schema)| Property {
            name: name.to_owned(),
            required,
            schema,
        });
        let properties = prop::collection::vec(property, 0..5).prop_map(|mut properties| {
            properties.sort_by(|a, b| a.name.cmp(&b.name));
            properties.dedup_by(|a, b| a.name == b.name);
            properties
        });
        let shape = (properties, prop::option::of(inner.clone()));
        let object = shape.prop_map(|(properties, additional)| {
            Kind::Object(Arc::new(Shape {
                properties,
                additional,
            }))
        });
        let list = (inner.clone(), facts()).prop_map(|(items, facts)| Schema {
            more: Some(Arc::new(facts)),
            ..Schema::of(Kind::Array(Arc::new(items)))
        });
        let variants = prop::collection::vec(inner, 1..3);
        prop_oneof![
            object.prop_map(Schema::of),
            list,
            variants.prop_map(|variants| Schema::of(Kind::OneOf(variants.into()))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// `null` says that there is none: bounds that contradict each other, a pattern that nothing spells.
    #[test]
    fn a_sample_fits_or_there_is_none(schema in schema()) {
        let hints = hints(Booleans::ZeroOrOne);
        let value = sample(&schema, &hints);
        prop_assert_eq!(&value, &sample(&schema, &hints));
        let problems = fits(&schema, &value, Booleans::ZeroOrOne);
        prop_assert!(problems.is_empty() || value.is_null(), "{value}: {problems:?}");
    }

    #[test]
    fn patterns_are_taken_as_they_come(pattern in "[\\[\\](){}|?*+^$.a-c\\\\0-9,:x-]{0,24}") {
        for text in spell::spellings(&pattern) {
            prop_assert!(text.chars().count() <= 10_000);
        }
        let schema = json!({"type": "string", "x-pattern": pattern});
        sample(&schema_of(&schema), &hints(Booleans::Real));
    }
}

#[test]
fn a_leaf_with_room_has_a_sample() {
    let check = |schema: Value| {
        let schema = schema_of(&schema);
        let value = sample(&schema, &hints(Booleans::Real));
        assert!(!value.is_null(), "{schema:?}");
        assert_eq!(fits(&schema, &value, Booleans::Real), []);
    };
    check(json!({"type": "number", "minimum": 0.5, "maximum": 0.75}));
    check(json!({"type": "integer", "minimum": 1.5}));
    check(json!({"type": "string", "minLength": 300, "maxLength": 300}));
    check(json!({"type": "string", "x-pattern": "[a-f0-9]{64}"}));
    check(json!({"type": "array", "minItems": 7, "items": {"type": "boolean"}}));
    check(json!({"type": "object", "additionalProperties": {"type": "string"}}));
}

#[test]
fn what_is_huge_ends() {
    let check = |schema: &Schema| {
        let text = sample(schema, &hints(Booleans::Real)).to_string();
        assert!(text.len() < 1 << 20, "{}", text.len());
    };
    check(&schema_of(
        &json!({"type": "array", "minItems": u64::MAX, "items": {"type": "string"}}),
    ));
    check(&schema_of(
        &json!({"type": "string", "minLength": u64::MAX}),
    ));
    let mut schema = Schema::of(Kind::Integer);
    for _ in 0..Schema::DEEPEST {
        let property = |name: &str| Property {
            name: name.to_owned(),
            required: true,
            schema: schema.clone(),
        };
        let shape = Shape {
            properties: vec![property("left"), property("right")],
            additional: None,
        };
        schema = Schema::of(Kind::Object(Arc::new(shape)));
    }
    check(&schema);
}
