//! JSON as people read it in a diff: what fits on a line stands on one line, the rest is indented by one.

use serde_json::Value;

/// How long a line may become before its value is broken up.
const WIDTH: usize = 118;

/// The document as text, with a line feed at its end.
pub(super) fn pretty(value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value, 0, 0);
    out.push('\n');
    out
}

/// Writes a value that begins after `used` bytes of its line.
fn write(out: &mut String, value: &Value, depth: usize, used: usize) {
    let (open, close, empty) = match value {
        Value::Array(items) => ('[', ']', items.is_empty()),
        Value::Object(members) => ('{', '}', members.is_empty()),
        _ => return out.push_str(&value.to_string()),
    };
    let line = value.to_string();
    if empty || depth > 0 && used + line.len() <= WIDTH {
        return out.push_str(&line);
    }
    out.push(open);
    let inside = depth + 1;
    let mut first = true;
    let mut begin = |out: &mut String| {
        out.push_str(if first { "\n" } else { ",\n" });
        out.extend(std::iter::repeat_n(' ', inside));
        first = false;
    };
    match value {
        Value::Array(items) => {
            for item in items {
                begin(out);
                write(out, item, inside, inside);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                begin(out);
                let name = format!("{}: ", Value::from(name.as_str()));
                out.push_str(&name);
                write(out, member, inside, inside + name.len());
            }
        }
        _ => {}
    }
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', depth));
    out.push(close);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn short_values_stay_on_a_line() {
        let long = "x".repeat(120);
        let value = json!({"a": {"b": [1, "é\n"]}, "c": [], "d": {"e": long}, "f": [{"g": 1}]});
        let want = format!(
            "{{\n \"a\": {{\"b\":[1,\"é\\n\"]}},\n \"c\": [],\n \"d\": {{\n  \"e\": \"{long}\"\n }},\n \"f\": [{{\"g\":1}}]\n}}\n"
        );
        assert_eq!(pretty(&value), want);
        let read: Value = serde_json::from_str(&pretty(&value)).unwrap();
        assert_eq!(read, value);
    }
}
