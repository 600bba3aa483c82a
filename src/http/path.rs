//! Paths of requests: cleaned for look-up, decoded for use.

use std::borrow::Cow;

/// A path ready for look-up: every percent-encoded byte is decoded, except `%2F` and `%25`, which stay so
/// that an encoded slash does not become a separator. `None` when it is not valid: a broken escape,
/// or bytes that are not UTF-8.
pub fn canonical(path: &str) -> Option<Cow<'_, str>> {
    if !path.contains('%') {
        return Some(Cow::Borrowed(path));
    }
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        if first != b'%' {
            bytes.push(first);
            rest = tail;
            continue;
        }
        match escaped(tail)? {
            b'/' => bytes.extend_from_slice(b"%2F"),
            b'%' => bytes.extend_from_slice(b"%25"),
            byte => bytes.push(byte),
        }
        rest = &tail[2..];
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

/// The value of one segment of a canonical path: the two escapes that `canonical` kept are decoded.
pub fn value(segment: &str) -> Cow<'_, str> {
    if segment.contains('%') {
        Cow::Owned(segment.replace("%2F", "/").replace("%25", "%"))
    } else {
        Cow::Borrowed(segment)
    }
}

/// Percent-decoding of a query or form value: `+` is a blank; a broken escape stays as it stands.
pub fn decode_component(text: &str) -> Cow<'_, str> {
    if !text.contains(['%', '+']) {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        match (first, escaped(tail)) {
            (b'+', _) => bytes.push(b' '),
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            (byte, _) => bytes.push(byte),
        }
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

/// The path with empty, `.` and `..` segments taken out, if that makes it another one. Go's router
/// answers such a path with a redirect to the clean one.
pub fn cleaned(path: &str) -> Option<String> {
    if !path.contains("//") && !path.contains("/.") {
        return None;
    }
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            other => segments.push(other),
        }
    }
    let mut clean = format!("/{}", segments.join("/"));
    let names_folder = ["/", "/.", "/.."].iter().any(|end| path.ends_with(end));
    if names_folder && clean.len() > 1 {
        clean.push('/');
    }
    (clean != path).then_some(clean)
}

/// The byte that the two hexadecimal digits at the start of `digits` stand for.
fn escaped(digits: &[u8]) -> Option<u8> {
    let digit = |at: usize| (*digits.get(at)? as char).to_digit(16);
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_paths() {
        let check = |path: &str, want: Option<&str>| {
            assert_eq!(canonical(path).as_deref(), want, "{path}");
        };
        check("/v1/ping", Some("/v1/ping"));
        check("/v1/%70ing", Some("/v1/ping"));
        check("/v1/a%2fb", Some("/v1/a%2Fb"));
        check("/v1/100%25", Some("/v1/100%25"));
        check("/v1/%c3%a9", Some("/v1/é"));
        check("/v1/%ff", None);
        check("/v1/%zz", None);
        check("/v1/%2", None);
    }

    #[test]
    fn values_of_segments() {
        let check = |segment: &str, want: &str| {
            let path = canonical(segment).expect("valid");
            assert_eq!(value(&path), want, "{segment}");
        };
        check("plain", "plain");
        check("a%2Fb", "a/b");
        check("%252F", "%2F");
        check("50%25", "50%");
    }

    #[test]
    fn components_of_queries() {
        let check = |text: &str, want: &str| assert_eq!(decode_component(text), want, "{text}");
        check("a+b", "a b");
        check("a%20b%2B", "a b+");
        check("100%", "100%");
        check("%zz", "%zz");
        check("%ff", "\u{fffd}");
    }

    #[test]
    fn cleaned_paths() {
        let check = |path: &str, want: Option<&str>| {
            assert_eq!(cleaned(path).as_deref(), want, "{path}");
        };
        check("/v1/ping", None);
        check("/v1/ping/", None);
        check("//v1/ping", Some("/v1/ping"));
        check("/v1//ping/", Some("/v1/ping/"));
        check("/v1/./a/../ping", Some("/v1/ping"));
        check("/../..", Some("/"));
        check("/v1/.hidden", None);
    }
}
