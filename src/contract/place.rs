//! Where in a file a field stands, so that a sentence about a world file can name its line.

use std::borrow::Cow;

use super::scan::{Malformed, Next, Scanner};

/// The line, counted from 1, on which the value at `path` begins ([`super::Problem::path`]), or that of the
/// innermost object or list around it when the field is missing. `None` when the text is no JSON.
pub fn line_of(text: &str, path: &str) -> Option<usize> {
    let steps = steps(path);
    let mut scan = Scanner::new(text.as_bytes());
    let offset = descend(&mut scan, &steps).ok()?;
    let before = text.as_bytes().get(..offset)?;
    Some(before.iter().filter(|&&byte| byte == b'\n').count() + 1)
}

/// The keys and positions of a path: `a.b`, `a[0]`, and `a["x.y"]` for a key that is no plain word.
fn steps(path: &str) -> Vec<Cow<'_, str>> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if rest.starts_with("[\"") {
            let mut quoted = serde_json::Deserializer::from_str(&rest[1..]).into_iter::<String>();
            if let Some(Ok(key)) = quoted.next() {
                steps.push(Cow::Owned(key));
                rest = &rest[1 + quoted.byte_offset()..];
                continue;
            }
        }
        let (step, after) = match rest.find(['.', '[', ']']) {
            Some(0) => (&rest[..0], &rest[1..]),
            Some(end) => rest.split_at(end),
            None => (rest, ""),
        };
        if !step.is_empty() {
            steps.push(Cow::Borrowed(step));
        }
        rest = after;
    }
    steps
}

/// Follows the steps as far as they lead and gives the offset of the value found last.
fn descend(scan: &mut Scanner<'_>, steps: &[Cow<'_, str>]) -> Result<usize, Malformed> {
    let mut steps = steps.iter();
    loop {
        let kind = scan.peek()?;
        let offset = scan.position();
        let Some(step) = steps.next() else {
            return Ok(offset);
        };
        let found = match kind {
            b'{' => enter_member(scan, step)?,
            b'[' => enter_item(scan, step)?,
            _ => false,
        };
        if !found {
            return Ok(offset);
        }
    }
}

/// Leaves the scanner before the value of the member of that name.
fn enter_member(scan: &mut Scanner<'_>, name: &str) -> Result<bool, Malformed> {
    scan.open()?;
    let mut next = scan.empty(b'}')?;
    while next == Next::Item {
        if scan.key()? == name.as_bytes() {
            return Ok(true);
        }
        scan.value()?;
        next = scan.next(b'}')?;
    }
    Ok(false)
}

/// Leaves the scanner before the item of that number.
fn enter_item(scan: &mut Scanner<'_>, number: &str) -> Result<bool, Malformed> {
    scan.open()?;
    let mut next = scan.empty(b']')?;
    let mut items = 0;
    while next == Next::Item {
        if number.parse() == Ok(items) {
            return Ok(true);
        }
        scan.value()?;
        next = scan.next(b']')?;
        items += 1;
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_fields() {
        let text = "{\n  \"peers\": [\n    {\"id\": 1},\n    {\n      \"id\": 2 }\n  ],\n  \"data\": null\n}";
        let check = |path: &str, want: usize| assert_eq!(line_of(text, path), Some(want), "{path}");
        check("", 1);
        check("peers", 2);
        check("peers[0].id", 3);
        check("peers[1]", 4);
        check("peers[1].id", 5);
        check("peers[1].mesh_ip", 4);
        check("peers[7]", 2);
        check("data", 7);
        check("data.x", 7);
        check("nothing", 1);
        let text = "{\n\"a.b\": {\n\"c[0]\": 1,\n\"d e\": [1,\n2]}\n}";
        let check = |path: &str, want: usize| assert_eq!(line_of(text, path), Some(want), "{path}");
        check("[\"a.b\"]", 2);
        check("[\"a.b\"][\"c[0]\"]", 3);
        check("[\"a.b\"][\"d e\"][1]", 5);
        check("[\"a.b", 1);
        assert_eq!(line_of("{\"a\" 1}", "a"), None);
        assert_eq!(line_of("", ""), None);
    }
}
