//! Whatever is taken out of the lab, it loads and holds, or it is refused with a path.

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::pve::world::invariants;
use crate::pve::world::resource::resources;

/// How many members and items there are below.
fn count(value: &Value) -> usize {
    children(value).map(|child| 1 + count(child)).sum()
}

fn children(value: &Value) -> impl Iterator<Item = &Value> {
    let items = value.as_array().into_iter().flatten();
    let members = value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(_, value)| value);
    items.chain(members)
}

/// Takes the n-th one out, in the order of the file; gives what is left to count.
fn remove(value: &mut Value, mut n: usize) -> Result<(), usize> {
    let keys = 0..children(value).count();
    for at in keys {
        if n == 0 {
            match value {
                Value::Array(items) => drop(items.remove(at)),
                Value::Object(members) => {
                    let key = members.keys().nth(at).cloned().unwrap();
                    members.shift_remove(&key);
                }
                _ => {}
            }
            return Ok(());
        }
        let child = match value {
            Value::Array(items) => &mut items[at],
            Value::Object(members) => members.values_mut().nth(at).unwrap(),
            _ => return Err(n),
        };
        match remove(child, n - 1) {
            Ok(()) => return Ok(()),
            Err(left) => n = left,
        }
    }
    Err(n)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn deletions(places in prop::collection::vec(any::<Index>(), 1..6)) {
        let mut file = json(DEFAULT);
        for place in places {
            let n = place.index(count(&file));
            prop_assert_eq!(remove(&mut file, n), Ok(()));
        }
        match World::read(&file) {
            Ok(world) => {
                prop_assert_eq!(invariants(&world), Vec::<String>::new());
                prop_assert!(!resources(&world, noon()).is_empty());
                prop_assert_eq!(World::read(&world.export()), Ok(world));
            }
            Err(problems) => {
                prop_assert!(!problems.is_empty());
                for problem in problems {
                    let top = file.as_object().unwrap().len() < 15;
                    prop_assert!(!problem.path.is_empty() || top, "{problem:?}");
                    prop_assert!(!problem.message.is_empty());
                }
            }
        }
    }
}
