//! Patterns of the products that a contract has in the product's spelling only, in a spelling that tools read.
//!
//! The import hands on what all flavours read alike. Here a few words of one flavour are put into those of all, for
//! requests: a tool that makes values up would else make up what is refused.

use regex::Regex;

/// What Rust and Perl write, and what all understand. The first is a class of its own, so it comes before the part
/// of a class; groups lose flags that say that there are none.
const WORDS: [(&str, &str); 4] = [
    ("[[:^cntrl:]]", r"[^\x00-\x1f\x7f]"),
    ("[:cntrl:]", r"\x00-\x1f\x7f"),
    ("(?^:", "(?:"),
    ("(?^u:", "(?:"),
];

/// The pattern for tools; none when something in it has no such spelling.
pub(super) fn portable(pattern: &str) -> Option<String> {
    let quoted = pattern
        .strip_prefix('/')
        .and_then(|rest| rest.strip_suffix('/'));
    let mut whole = quoted.unwrap_or(pattern).to_owned();
    for (word, common) in WORDS {
        whole = whole.replace(word, common);
    }
    whole = without_names(&whole)?;
    if quoted.is_none() {
        // Perl's are anchored on both sides by whoever uses them.
        whole = format!("^(?:{whole})$");
    }
    let strange = ["[:", r"\0", r"\w", r"\A", r"\z", "&&", "++", "*+"];
    let flags = whole.split("(?").skip(1).any(|rest| !rest.starts_with(':'));
    if flags || strange.iter().any(|word| whole.contains(word)) {
        return None;
    }
    Regex::new(&whole).is_ok().then_some(whole)
}

/// Groups without their names.
fn without_names(pattern: &str) -> Option<String> {
    let mut parts = pattern.split("(?P<");
    let mut whole = parts.next()?.to_owned();
    for part in parts {
        let (_, rest) = part.split_once('>')?;
        whole.push_str("(?:");
        whole.push_str(rest);
    }
    Some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_one_flavour() {
        let check = |pattern: &str, want: Option<&str>| {
            assert_eq!(portable(pattern).as_deref(), want, "{pattern}");
        };
        check("/^[[:^cntrl:]]*$/", Some(r"^[^\x00-\x1f\x7f]*$"));
        check(
            r"/^(?:[^\s:/[:cntrl:]]+)@x$/",
            Some(r"^(?:[^\s:/\x00-\x1f\x7f]+)@x$"),
        );
        check("/^(?P<node>a)(?P<b>c)$/", Some("^(?:a)(?:c)$"));
        check("(?^:^[^:/]+$)", Some("^(?:(?:^[^:/]+$))$"));
        check("(?^u:a)|b", Some("^(?:(?:a)|b)$"));
        for pattern in [
            "(?^i:a)",
            "/^(?i)a$/",
            "/(?m)^a$/",
            "[[:alpha:]]",
            r"(?^:\w)",
            "(?P<a",
            "(",
        ] {
            check(pattern, None);
        }
    }

    #[test]
    fn both_spellings_mean_the_same() {
        let texts = [
            "",
            "a",
            "a@b",
            "a@b!c",
            "a:b@c",
            "a\u{1}b@c",
            "a\u{7f}",
            "a b@c",
            "é@b",
            "a\n",
        ];
        let of_rust = [
            "/^[[:^cntrl:]]*$/",
            r"/^(?:[^\s:/[:cntrl:]]+)@(?:[A-Za-z0-9_][A-Za-z0-9._\-]*)$/",
            r"/^(?P<user>[^\s:/[:cntrl:]]+)@(?P<realm>b|c)$/",
        ];
        for pattern in of_rust {
            let theirs = Regex::new(pattern.trim_matches('/')).unwrap();
            let ours = Regex::new(&portable(pattern).unwrap()).unwrap();
            for text in texts {
                assert_eq!(
                    theirs.is_match(text),
                    ours.is_match(text),
                    "{pattern} {text:?}"
                );
            }
        }
    }
}
