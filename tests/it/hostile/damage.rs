//! Ways to spoil a document: bytes that are cut, doubled or exchanged, and JSON values that are something else
//! than they were.

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use super::nasty;

/// One thing done to a text.
#[derive(Debug, Clone)]
pub enum Cut {
    /// It ends here.
    End(Index),
    /// These bytes are missing.
    Out(Index, u8),
    /// These stand there as well.
    In(Index, Vec<u8>),
    /// This byte is another one.
    Byte(Index, u8),
}

/// Any one of them.
pub fn cuts() -> impl Strategy<Value = Cut> {
    let place = any::<Index>;
    let bytes = prop_oneof![
        prop::collection::vec(any::<u8>(), 1..6),
        "[\\[\\]{}:,\"\\\\0-9a-z]{1,6}".prop_map(String::into_bytes),
    ];
    prop_oneof![
        place().prop_map(Cut::End),
        (place(), 1_u8..).prop_map(|(at, length)| Cut::Out(at, length)),
        (place(), bytes).prop_map(|(at, bytes)| Cut::In(at, bytes)),
        (place(), any::<u8>()).prop_map(|(at, byte)| Cut::Byte(at, byte)),
    ]
}

impl Cut {
    /// Does it.
    pub fn apply(&self, text: &mut Vec<u8>) {
        let at = |place: &Index| place.index(text.len() + 1);
        match self {
            Self::End(place) => text.truncate(at(place)),
            Self::Out(place, length) => {
                let start = at(place);
                let end = text.len().min(start + usize::from(*length));
                text.drain(start..end);
            }
            Self::In(place, bytes) => {
                let start = at(place);
                text.splice(start..start, bytes.iter().copied());
            }
            Self::Byte(place, byte) => {
                let start = at(place);
                if let Some(known) = text.get_mut(start) {
                    *known = *byte;
                }
            }
        }
    }
}

/// One thing done to a JSON value.
#[derive(Debug, Clone)]
pub enum Twist {
    /// A value is gone.
    Remove(Index),
    /// A value stands where another stood.
    Copy(Index, Index),
    /// A value is another one.
    Replace(Index, Value),
    /// A member has another name.
    Rename(Index, String),
    /// A value stands inside lists and objects.
    Wrap(Index, u8),
}

/// Any one of them.
pub fn twists() -> impl Strategy<Value = Twist> {
    let place = any::<Index>;
    prop_oneof![
        2 => place().prop_map(Twist::Remove),
        2 => (place(), place()).prop_map(|(to, from)| Twist::Copy(to, from)),
        4 => (place(), values()).prop_map(|(at, value)| Twist::Replace(at, value)),
        1 => (place(), nasty()).prop_map(|(at, name)| Twist::Rename(at, name)),
        1 => (place(), any::<u8>()).prop_map(|(at, levels)| Twist::Wrap(at, levels)),
    ]
}

/// Values of every type, those at the edges first.
pub fn values() -> impl Strategy<Value = Value> {
    let known = prop::sample::select(vec![
        Value::Null,
        json!(true),
        json!(false),
        json!(0),
        json!(-1),
        json!(1),
        json!(65_536),
        json!(u32::MAX),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(0.5),
        json!(1e308),
        json!(-1e-308),
        json!([]),
        json!({}),
        json!([[[]]]),
        json!({"": {"": null}}),
        json!("9999-12-30T22:00:00.9Z"),
        json!("-009999-01-02T01:59:59Z"),
        json!("16383P"),
        json!("16777215T"),
        json!("(?:(?:a{1000}){1000}){1000}"),
        json!("{x}"),
        json!("/{x}/{x}"),
    ]);
    prop_oneof![
        3 => known,
        1 => any::<i64>().prop_map(Value::from),
        2 => nasty().prop_map(Value::from),
    ]
}

impl Twist {
    /// Does it.
    pub fn apply(&self, value: &mut Value) {
        let mut places = Vec::new();
        walk(value, &mut String::new(), &mut places);
        let pick = |index: &Index| places[index.index(places.len())].clone();
        match self {
            Self::Remove(at) => remove(value, &pick(at)),
            Self::Copy(to, from) => {
                let copy = value.pointer(&pick(from)).cloned().unwrap_or_default();
                set(value, &pick(to), copy);
            }
            Self::Replace(at, other) => set(value, &pick(at), other.clone()),
            Self::Rename(at, name) => rename(value, &pick(at), name),
            Self::Wrap(at, levels) => {
                let place = pick(at);
                let inner = value.pointer(&place).cloned().unwrap_or_default();
                let wrapped = (0..*levels).fold(inner, |inner, n| match n % 2 {
                    0 => json!([inner]),
                    _ => json!({"properties": inner}),
                });
                set(value, &place, wrapped);
            }
        }
    }
}

/// The JSON pointers of a value and of everything in it.
fn walk(value: &Value, path: &mut String, places: &mut Vec<String>) {
    places.push(path.clone());
    let length = path.len();
    let mut inside = |name: &str, value: &Value, path: &mut String| {
        path.push('/');
        path.push_str(&name.replace('~', "~0").replace('/', "~1"));
        walk(value, path, places);
        path.truncate(length);
    };
    match value {
        Value::Array(items) => {
            for (n, item) in items.iter().enumerate() {
                inside(&n.to_string(), item, path);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                inside(name, member, path);
            }
        }
        _ => {}
    }
}

fn set(value: &mut Value, place: &str, other: Value) {
    if let Some(known) = value.pointer_mut(place) {
        *known = other;
    }
}

/// The value around a place, and the last step to it.
fn owner<'v>(value: &'v mut Value, place: &str) -> Option<(&'v mut Value, String)> {
    let (path, last) = place.rsplit_once('/')?;
    let name = last.replace("~1", "/").replace("~0", "~");
    Some((value.pointer_mut(path)?, name))
}

fn remove(value: &mut Value, place: &str) {
    match owner(value, place) {
        Some((Value::Object(members), name)) => drop(members.shift_remove(&name)),
        Some((Value::Array(items), n)) => drop(items.remove(n.parse().unwrap())),
        _ => *value = Value::Null,
    }
}

fn rename(value: &mut Value, place: &str, name: &str) {
    if let Some((Value::Object(members), known)) = owner(value, place)
        && let Some(member) = members.shift_remove(&known)
    {
        members.insert(name.to_owned(), member);
    }
}
