//! Patterns of the products that mean the same to an `OpenAPI` tool as they do to the product.
//!
//! One product hands out Perl patterns and puts `^` and `$` around them; the others hand out patterns of
//! Rust's `regex` between slashes. A tool reads ECMA patterns. What the three read alike is handed on; for
//! the rest a document has the product's own spelling only (`x-pattern`).

use regex::Regex;

/// Longer ones are not tried: a tool has no use for them, and trying takes time.
const LONGEST: usize = 4096;

/// The pattern for tools, if it is one that they read as the product does.
pub(super) fn portable(pattern: &str) -> Option<String> {
    if pattern.len() > LONGEST {
        return None;
    }
    let quoted = pattern
        .strip_prefix('/')
        .and_then(|rest| rest.strip_suffix('/'));
    let whole = match quoted {
        Some(rust) => rust.to_owned(),
        None => anchored(pattern),
    };
    let alike = alike(&whole)?;
    Regex::new(&alike).is_ok().then_some(alike)
}

/// With both anchors; those that are there already are not repeated.
fn anchored(pattern: &str) -> String {
    let head = if pattern.starts_with('^') { "" } else { "^" };
    let escaped = || {
        let body = pattern.trim_end_matches('$');
        body.ends_with('\\')
    };
    let tail = if pattern.ends_with('$') && !escaped() {
        ""
    } else {
        "$"
    };
    format!("{head}{pattern}{tail}")
}

/// The pattern without needless backslashes, which some tools refuse; `None` when something in it has
/// another meaning in another flavour.
fn alike(pattern: &str) -> Option<String> {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern.chars().peekable();
    let mut class = false;
    while let Some(char) = rest.next() {
        let next = rest.peek().copied();
        match (char, next) {
            ('\\', Some(escaped)) => {
                rest.next();
                match escaped {
                    'x' if rest.peek() == Some(&'{') => return None,
                    'd' | 'D' | 'w' | 'W' | 's' | 'S' | 'n' | 't' | 'r' | 'f' | 'v' | 'x' => {
                        out.push('\\');
                    }
                    '^' | '$' | '\\' | '.' | '*' | '+' | '?' | '/' => out.push('\\'),
                    '(' | ')' | '[' | ']' | '{' | '}' | '|' => out.push('\\'),
                    '-' if class => out.push('\\'),
                    '-' | '_' | '@' | ':' | ',' | ';' | '=' | '!' | '"' | '\'' | '%' => {}
                    _ => return None,
                }
                out.push(escaped);
                continue;
            }
            // A class with a name, and an empty one, which is no class elsewhere.
            ('[', Some('[' | ':' | ']')) => return None,
            ('^', Some(']')) if class => return None,
            // Rust nests classes and has set operations; the others take them as characters.
            ('[', _) if class => return None,
            ('[', _) => class = true,
            (']', _) => class = false,
            ('&' | '~' | '-', Some(next)) if class && next == char => return None,
            ('(', Some('?')) if !class => {
                let mut ahead = rest.clone();
                ahead.next();
                if ahead.peek() != Some(&':') {
                    return None;
                }
            }
            // A repetition from nothing, new in Perl; and what holds on to what it took.
            ('{', Some(',')) if !class => return None,
            ('+' | '*' | '?' | '}', Some('+')) if !class => return None,
            (other, _) if !other.is_ascii() => return None,
            _ => {}
        }
        out.push(char);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_all_read_alike_is_handed_on() {
        let check = |pattern: &str, want: Option<&str>| {
            assert_eq!(portable(pattern).as_deref(), want, "{pattern}");
        };
        check(r"[1-9]\d*", Some(r"^[1-9]\d*$"));
        check("^a$", Some("^a$"));
        check(r"a\$", Some(r"^a\$$"));
        check("a|b", Some("^a|b$"));
        check(
            r"/^(?:[A-Za-z0-9_][A-Za-z0-9._\-]*)$/",
            Some(r"^(?:[A-Za-z0-9_][A-Za-z0-9._\-]*)$"),
        );
        check("/([a-f]:)a/", Some("([a-f]:)a"));
        check(r"(?^:\d+)", None);
        check(r"(?^i:[a-z]+)", None);
        check("/^[[:^cntrl:]]*$/", None);
        check(r"/^[^\s:/[:cntrl:]]+$/", None);
        check("/^(?P<node>a)$/", None);
        check("/^(?i)a$/", None);
        check(r"[A-Z\-\_]+\-\@\.", Some(r"^[A-Z\-_]+-@\.$"));
        check(r"\<a", None);
        check(r"\x{41}", None);
        check(r"[^\x00-\x1f]", Some(r"^[^\x00-\x1f]$"));
        check("[(?{,]", Some("^[(?{,]$"));
        check("(?>a+)", None);
        check("a++", None);
        check("a{,16}", None);
        check(r"\Aa\z", None);
        check(r"(a)\1", None);
        check("(", None);
        check("é", None);
        check("[a&&b]", None);
        check("[^]a]", None);
        check("/", Some("^/$"));
        check("", Some("^$"));
        check(&"a".repeat(5000), None);
    }
}
