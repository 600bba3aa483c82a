//! Flags of the program that plexd-central replaces, rewritten into ours before they are parsed.
//!
//! plexd's own test double is written in Go, whose flags take one dash or two, and `=` or a blank
//! (plexd-central.md 1.1): `-addr`, `-tls-addr` and `-check`.

use std::ffi::OsString;

/// Arguments in our own spelling.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rewritten {
    /// The words, the program's name first.
    pub(super) words: Vec<OsString>,
    /// Whether the old program was meant, whose first line on stdout scripts read.
    pub(super) mockapi: bool,
}

/// Rewrites the old program's flags. Whoever uses one of them means plexd-central.
pub(super) fn rewrite(words: Vec<OsString>) -> Rewritten {
    let mut rest = words.into_iter();
    let mut ours: Vec<OsString> = rest.next().into_iter().collect();
    let mut mockapi = ours.first().is_some_and(named_mockapi);
    let mut check = None;
    while let Some(word) = rest.next() {
        let text = word.to_string_lossy();
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(OsString::from(value))),
            None => (&*text, None),
        };
        let flag = match name {
            "-addr" | "--addr" => "--listen",
            "-tls-addr" | "--tls-addr" => "--local-listen",
            "-check" | "--check" => {
                check = value.or_else(|| rest.next());
                continue;
            }
            _ => {
                ours.push(word);
                continue;
            }
        };
        mockapi = true;
        ours.push(flag.into());
        ours.extend(value.or_else(|| rest.next()));
    }
    if let Some(url) = check {
        ours.truncate(1);
        ours.extend(["check".into(), url]);
    } else if mockapi {
        assume_plexd(&mut ours);
    }
    Rewritten {
        words: ours,
        mockapi,
    }
}

fn named_mockapi(program: &OsString) -> bool {
    std::path::Path::new(program)
        .file_stem()
        .is_some_and(|name| name == "mockapi")
}

fn assume_plexd(words: &mut Vec<OsString>) {
    let named = words
        .iter()
        .any(|word| word.to_string_lossy().starts_with("--personality"));
    let command = words
        .get(1)
        .is_some_and(|word| !word.to_string_lossy().starts_with('-'));
    if !named && !command && std::env::var_os("MOCK_SERVER_PERSONALITY").is_none() {
        words.insert(1, "--personality=plexd-central".into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn go_flags_become_ours() {
        let check = |line: &str, want: &str, mockapi: bool| {
            let words = line.split(' ').map(OsString::from).collect();
            let want: Vec<OsString> = want.split(' ').map(OsString::from).collect();
            assert_eq!(
                rewrite(words),
                Rewritten {
                    words: want,
                    mockapi
                },
                "{line}"
            );
        };
        let plexd = "--personality=plexd-central";
        check("mock-server --listen :1", "mock-server --listen :1", false);
        check("m -addr :8080", &format!("m {plexd} --listen :8080"), true);
        check(
            "m -addr=:80 --tls-addr=:84",
            &format!("m {plexd} --listen :80 --local-listen :84"),
            true,
        );
        check(
            "m --personality plexd -addr :1",
            "m --personality plexd --listen :1",
            true,
        );
        check(
            "m -check http://localhost:8080/v1/ping",
            "m check http://localhost:8080/v1/ping",
            false,
        );
        check(
            "m --check=http://[::1]:80/",
            "m check http://[::1]:80/",
            false,
        );
        check(
            "/usr/local/bin/mockapi",
            &format!("/usr/local/bin/mockapi {plexd}"),
            true,
        );
    }
}
