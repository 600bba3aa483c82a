//! What to send: plans that say nothing of any one operation, so that one can be carried out on all of them.

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use mock_server::contract::{Kind, Schema};

use crate::hostile::damage::values;
use crate::hostile::nasty;

/// What to send for one parameter.
#[derive(Debug, Clone)]
pub enum Given {
    /// What fits.
    Good,
    /// Something at an edge of its schema.
    Edge(Index),
    /// Some text.
    Text(String),
    /// Some JSON; in a form its text.
    Json(Value),
}

/// What to send to an operation.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Whether what is required is there.
    pub complete: bool,
    /// Parameters, by their place among the operation's, and what to send for them.
    pub some: Vec<(Index, Given)>,
    /// Names that are perhaps not declared.
    pub others: Vec<(String, String)>,
    /// The number of an indexed one.
    pub number: String,
}

/// Plans with a little of everything.
pub fn plans() -> impl Strategy<Value = Plan> {
    let given = prop_oneof![
        2 => Just(Given::Good),
        4 => any::<Index>().prop_map(Given::Edge),
        3 => nasty().prop_map(Given::Text),
        3 => values().prop_map(Given::Json),
    ];
    let number = prop::sample::select(vec![
        "0",
        "1",
        "31",
        "00",
        "256",
        "4294967296",
        "99999999999999999999",
        "٣",
        "n",
    ]);
    (
        prop::bool::weighted(0.8),
        prop::collection::vec((any::<Index>(), given), 0..4),
        prop::collection::vec((nasty(), nasty()), 0..2),
        number.prop_map(str::to_owned),
    )
        .prop_map(|(complete, some, others, number)| Plan {
            complete,
            some,
            others,
            number,
        })
}

/// Values at the edges of a schema, on both sides.
pub fn edges(schema: &Schema) -> Vec<Value> {
    let facts = schema.facts();
    let mut edges = vec![
        json!(0),
        json!(1),
        json!(i64::MAX),
        json!(u64::MAX),
        json!("x"),
        json!(true),
    ];
    edges.extend([
        json!("99999999999999999999"),
        json!("1e400"),
        json!("-1e400"),
        json!(1e300),
    ]);
    edges.extend(schema.choices.iter().cloned());
    for bound in facts.minimum.iter().chain(&facts.maximum) {
        edges.push(Value::Number(bound.clone()));
        if let Some(whole) = bound.as_i64() {
            edges.extend([
                json!(whole.saturating_sub(1)),
                json!(whole.saturating_add(1)),
            ]);
            edges.extend([
                json!(format!("{whole}.0")),
                json!(format!("{whole}e0")),
                json!(format!("+{whole}")),
            ]);
        }
    }
    for length in facts.shortest.iter().chain(&facts.longest) {
        let length = usize::try_from(*length).unwrap().min(5000);
        edges.extend([length.saturating_sub(1), length, length + 1].map(|n| json!("é".repeat(n))));
        edges.extend([length, length + 1].map(|n| json!("a".repeat(n))));
    }
    if let Kind::Array(items) = &schema.kind {
        edges.push(json!(vec!["a"; 300]));
        let inner = self::edges(items);
        edges.push(inner.clone().into());
        edges.extend(inner.into_iter().map(|item| json!([item])));
    }
    edges
}
