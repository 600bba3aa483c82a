//! Named formats as patterns that tools of others read, for documents.
//!
//! Only those for which a pattern says no more and no less than the check does: a tool takes it for the whole
//! truth, refuses what does not match and expects a refusal of it from the product.

use super::patterns;

/// What separates the items of a list, as far as documents say.
const BETWEEN: &str = "[,; ]";

/// Those that are checked by code, not by the table, and yet are patterns.
const RULES: [(&str, &str); 3] = [
    ("pve-storage-id", "[a-zA-Z][a-zA-Z0-9._-]*[a-zA-Z0-9]"),
    ("acme-plugin-id", "[a-zA-Z][a-zA-Z0-9._-]*[a-zA-Z0-9]"),
    ("pve-userid", r"[^\s:/]+@[A-Za-z][A-Za-z0-9._-]+"),
];

/// Ranges of letters in patterns that do not tell cases apart, with both cases.
const BOTH_CASES: [(&str, &str); 3] = [
    ("a-z", "a-zA-Z"),
    ("a-f", "a-fA-F"),
    ("02468ace", "02468aceACE"),
];

/// The pattern of a format, `-list` and `-opt` included; none when there is no such pattern.
pub(in crate::proxmox) fn pattern(format: &str) -> Option<String> {
    if let Some(item) = format.strip_suffix("-list").and_then(one) {
        return Some(format!(
            "^{BETWEEN}*(?:(?:{item})(?:{BETWEEN}+(?:{item}))*)?{BETWEEN}*$"
        ));
    }
    if let Some(whole) = format.strip_suffix("-opt").and_then(one) {
        return Some(format!("^(?:0|{whole})?$"));
    }
    one(format).map(|whole| format!("^(?:{whole})$"))
}

fn one(name: &str) -> Option<String> {
    let rule = RULES.iter().find(|(known, _)| *known == name);
    match rule {
        Some((_, pattern)) => Some((*pattern).to_owned()),
        None => portable(patterns::pattern(name)?),
    }
}

/// The pattern without flags, which others spell in other ways or not at all; nor do they agree on the letters of
/// words.
fn portable(pattern: &str) -> Option<String> {
    let Some(rest) = pattern.strip_prefix("(?i)") else {
        let same = !pattern.contains("(?") && !pattern.contains(r"\w");
        return same.then(|| pattern.to_owned());
    };
    let mut bare = rest.replace(r"\d", "");
    let mut whole = rest.to_owned();
    for (range, both) in BOTH_CASES {
        bare = bare.replace(range, "");
        whole = whole.replace(range, both);
    }
    let bare = bare.replace("(?:", "");
    let letters = bare.contains(|char: char| char.is_ascii_alphabetic() || char == '?');
    (!letters).then_some(whole)
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::super::{check, patterns};
    use super::*;

    const TEXTS: [&str; 34] = [
        "a",
        "A",
        "ab",
        "AB",
        "a1",
        "1a",
        "a-",
        "a.b",
        "a.b.",
        "a_b",
        "-a",
        "_a",
        "a b",
        "a,b",
        "ab,cd",
        "ab cd",
        ",ab",
        "ab;",
        "100",
        "99",
        "100,200",
        "0",
        "root@pam",
        "root@p",
        "a:b@pve",
        "02:00:00:00:00:01",
        "03:00:00:00:00:01",
        "AA:BB:CC:DD:EE:FF",
        "local:iso/x",
        "4G",
        "é",
        "mon",
        "MON",
        "a@b.c",
    ];

    #[test]
    fn patterns_say_what_checks_say() {
        let mut count = 0;
        let rules = RULES.iter().map(|(name, _)| *name);
        for name in rules.chain(patterns::names()) {
            for format in [
                name.to_owned(),
                format!("{name}-list"),
                format!("{name}-opt"),
            ] {
                let Some(pattern) = pattern(&format) else {
                    continue;
                };
                let regex = Regex::new(&pattern).unwrap();
                for text in TEXTS {
                    let want = check(&format, text).is_ok();
                    assert_eq!(regex.is_match(text), want, "{format} {text}: {pattern}");
                }
                count += 1;
            }
        }
        assert!(count > 90, "{count}");
    }

    #[test]
    fn what_no_pattern_says() {
        for format in [
            "pve-bridge-id",
            "email",
            "pve-task-status-type",
            "CIDR",
            "nonsense",
            "",
        ] {
            assert_eq!(pattern(format), None, "{format}");
        }
        let want = "^(?:[a-zA-Z][a-zA-Z0-9_-]+)$";
        assert_eq!(pattern("pve-configid").as_deref(), Some(want));
    }
}
