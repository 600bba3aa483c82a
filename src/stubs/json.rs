//! Whether two JSON values are alike: `WireMock`'s `equalToJson` with its two liberties.
//!
//! Arrays whose order does not matter are compared by finding a partner for each expected element. Taking
//! the first that fits is not enough when extra elements are allowed, because then one element may fit
//! several; so partners are exchanged along a chain when that frees one. No step recurses by the length
//! of an array, only by the depth of the values, which the parser bounds.

use serde_json::{Map, Value};

/// What may differ.
#[derive(Debug, Clone, Copy, Default)]
pub struct Liberties {
    /// The order of array elements.
    pub ignore_array_order: bool,
    /// Fields and array elements beyond the expected ones.
    pub ignore_extra_elements: bool,
}

/// Whether `actual` is what is expected, within the liberties.
pub fn alike(expected: &Value, actual: &Value, liberties: Liberties) -> bool {
    match (expected, actual) {
        (Value::Object(expected), Value::Object(actual)) => objects(expected, actual, liberties),
        (Value::Array(expected), Value::Array(actual)) => arrays(expected, actual, liberties),
        (Value::String(text), actual) => text == "${json-unit.ignore}" || expected == actual,
        _ => expected == actual,
    }
}

fn objects(
    expected: &Map<String, Value>,
    actual: &Map<String, Value>,
    liberties: Liberties,
) -> bool {
    let fits = |(key, value)| {
        let found = actual.get(key);
        found.is_some_and(|found| alike(value, found, liberties))
    };
    (liberties.ignore_extra_elements || expected.len() == actual.len()) && expected.iter().all(fits)
}

fn arrays(expected: &[Value], actual: &[Value], liberties: Liberties) -> bool {
    let enough = match liberties.ignore_extra_elements {
        true => expected.len() <= actual.len(),
        false => expected.len() == actual.len(),
    };
    if !enough {
        return false;
    }
    if !liberties.ignore_array_order {
        let mut pairs = expected.iter().zip(actual);
        return pairs.all(|(expected, actual)| alike(expected, actual, liberties));
    }
    let fits: Vec<Vec<usize>> = expected
        .iter()
        .map(|expected| {
            let candidates = actual.iter().enumerate();
            candidates
                .filter(|(_, actual)| alike(expected, actual, liberties))
                .map(|(at, _)| at)
                .collect()
        })
        .collect();
    every_one_finds_a_partner(&fits, actual.len())
}

/// Whether each row can have a candidate of its own; `fits` lists the candidates of each row.
fn every_one_finds_a_partner(fits: &[Vec<usize>], candidates: usize) -> bool {
    let mut owner: Vec<Option<usize>> = vec![None; candidates];
    let mut partner: Vec<Option<usize>> = vec![None; fits.len()];
    (0..fits.len()).all(|row| find_partner(row, fits, &mut owner, &mut partner))
}

/// Finds a free candidate for `row` over a chain of exchanges, breadth first.
fn find_partner(
    row: usize,
    fits: &[Vec<usize>],
    owner: &mut [Option<usize>],
    partner: &mut [Option<usize>],
) -> bool {
    let mut reached_from: Vec<Option<usize>> = vec![None; owner.len()];
    let mut queue = vec![row];
    let mut next = 0;
    while let Some(&asking) = queue.get(next) {
        next += 1;
        for &candidate in &fits[asking] {
            if reached_from[candidate].is_some() {
                continue;
            }
            reached_from[candidate] = Some(asking);
            if let Some(holder) = owner[candidate] {
                queue.push(holder);
                continue;
            }
            let mut freed = Some(candidate);
            while let Some(taken) = freed {
                let Some(taker) = reached_from[taken] else {
                    break;
                };
                owner[taken] = Some(taker);
                freed = partner[taker].replace(taken);
            }
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_alike_within_the_liberties() {
        let check = |order: bool, extra: bool, expected: &str, actual: &str, want: bool| {
            let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
            let liberties = Liberties {
                ignore_array_order: order,
                ignore_extra_elements: extra,
            };
            let got = alike(&read(expected), &read(actual), liberties);
            assert_eq!(got, want, "{expected} / {actual} ({order}, {extra})");
        };
        check(
            false,
            false,
            r#"{"a":1,"b":[1,2]}"#,
            r#"{"b":[1,2],"a":1}"#,
            true,
        );
        check(false, false, r#"{"a":1}"#, r#"{"a":1,"b":2}"#, false);
        check(false, true, r#"{"a":1}"#, r#"{"a":1,"b":2}"#, true);
        check(false, true, r#"{"a":1,"b":2}"#, r#"{"a":1}"#, false);
        check(false, false, "[1,2]", "[2,1]", false);
        check(true, false, "[1,2]", "[2,1]", true);
        check(true, false, "[1,1,2]", "[2,2,1]", false);
        check(true, false, "[1]", "[1,2]", false);
        check(true, true, "[3,1]", "[1,2,3]", true);
        check(false, true, "[1,2]", "[1,2,3]", true);
        check(false, true, "[1,3]", "[1,2,3]", false);
        check(false, false, r#"{"a":null}"#, "{}", false);
        check(
            false,
            false,
            r#"{"a":"${json-unit.ignore}"}"#,
            r#"{"a":[7]}"#,
            true,
        );
        check(false, false, "1", "\"1\"", false);
    }

    #[test]
    fn partners_are_exchanged_where_the_first_fit_would_fail() {
        let check = |expected: &str, actual: &str, want: bool| {
            let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
            let liberties = Liberties {
                ignore_array_order: true,
                ignore_extra_elements: true,
            };
            assert_eq!(alike(&read(expected), &read(actual), liberties), want);
        };
        check(r#"[{},{"a":1}]"#, r#"[{"a":1},{"b":1}]"#, true);
        check(
            r#"[{},{"a":1},{"a":1,"b":1}]"#,
            r#"[{"a":1,"b":1},{"a":1},{"c":1}]"#,
            true,
        );
        check(r#"[{"a":1},{"a":1}]"#, r#"[{"a":1},{"b":1}]"#, false);
    }

    #[test]
    fn long_arrays_do_not_exhaust_the_stack() {
        let fits: Vec<Vec<usize>> = (0..20_000).map(|row| vec![row, row + 1]).collect();
        assert!(every_one_finds_a_partner(&fits, 20_001));
        let crowded: Vec<Vec<usize>> = (0..500).map(|_| (0..499).collect()).collect();
        assert!(!every_one_finds_a_partner(&crowded, 499));
    }
}
