//! Percent escapes in tickets, cookies and secrets, where a plus sign is a plus sign.

/// The text with all `%XX` decoded; a broken escape stays as it stands, and bytes that are not UTF-8 become
/// U+FFFD.
pub(super) fn decode(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        match (first, escaped(tail)) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            (byte, _) => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The text with the characters that `which` names written as `%XX`, in upper-case digits.
pub(crate) fn escape(text: &str, which: impl Fn(char) -> bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut buffer = [0; 4];
    for c in text.chars() {
        if which(c) {
            for byte in c.encode_utf8(&mut buffer).bytes() {
                escaped.push_str(&format!("%{byte:02X}"));
            }
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// The byte that the two hexadecimal digits at the start of `digits` stand for.
fn escaped(digits: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*digits.get(at)?).to_digit(16);
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let check = |text: &str, want: &str| assert_eq!(decode(text), want, "{text}");
        check("PVE%3Aroot%40pam", "PVE:root@pam");
        check("a+b", "a+b");
        check("50%", "50%");
        check("%zz%4", "%zz%4");
        check("%c3%a9%ff", "é\u{fffd}");
        assert_eq!(escape("a:é%", |c| c == ':' || c == 'é'), "a%3A%C3%A9%");
    }
}
