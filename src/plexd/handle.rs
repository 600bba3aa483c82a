//! The handle by which tests reach into the Central API: its world as a file, changed whole or in part.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::Plexd;
use super::{injection, world_file};
use crate::contract::Problem;
use crate::personality::{Control, Injection, Refused};

impl Control for Plexd {
    fn export(&self) -> Value {
        world_file::export(&self.read(), &self.central)
    }

    fn import(&self, world: &Value) -> Result<(), Refused> {
        let world = world_file::read(world, &world.to_string(), &self.central).map_err(refused)?;
        *self.write() = world;
        Ok(())
    }

    fn patch(&self, patch: &Value) -> Result<(), Refused> {
        // Locked from reading to writing, so that two patches at once both take effect.
        let mut world = self.write();
        let mut changed = world_file::export(&world, &self.central);
        merge(&mut changed, patch);
        let state = world_file::with_untouched(&changed, &world, patch);
        *world = world_file::read(&changed, &state, &self.central).map_err(refused)?;
        Ok(())
    }

    fn reset(&self) {
        *self.write() = self.first_world.clone();
    }

    fn event(&self, description: &Value, now: Timestamp) -> Result<Injection, Refused> {
        injection::event(description, &self.central, now)
    }
}

fn refused(problems: Vec<Problem>) -> Refused {
    let sentences: Vec<String> = problems.iter().map(world_file::sentence).collect();
    Refused(sentences.join("; "))
}

/// JSON merge patch (RFC 7396): members are replaced one by one, `null` takes a member away.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(members) = target else {
        return;
    };
    for (name, change) in patch {
        if change.is_null() {
            members.shift_remove(name);
        } else {
            merge(members.entry(name.as_str()).or_insert(Value::Null), change);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of RFC 7396, appendix A, in part.
    #[test]
    fn merge_patches() {
        let check = |target: &str, patch: &str, want: &str| {
            let parse = |text| serde_json::from_str::<Value>(text).unwrap();
            let mut value = parse(target);
            merge(&mut value, &parse(patch));
            assert_eq!(value, parse(want), "{target} with {patch}");
        };
        check(r#"{"a":"b"}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#);
        check(r#"{"a":"b"}"#, r#"{"b":"c"}"#, r#"{"a":"b","b":"c"}"#);
        check(r#"{"a":"b","b":"c"}"#, r#"{"a":null}"#, r#"{"b":"c"}"#);
        check(r#"{"a":["b"]}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#);
        check(
            r#"{"a":{"b":"c"}}"#,
            r#"{"a":{"b":"d","c":null}}"#,
            r#"{"a":{"b":"d"}}"#,
        );
        check(r#"{"a":[{"b":"c"}]}"#, r#"{"a":[1]}"#, r#"{"a":[1]}"#);
        check(r#"{"e":null}"#, r#"{"a":1}"#, r#"{"e":null,"a":1}"#);
        check("[1,2]", r#"{"a":"b","c":null}"#, r#"{"a":"b"}"#);
        check("{}", r#"{"a":{"bb":{"ccc":null}}}"#, r#"{"a":{"bb":{}}}"#);
    }
}
