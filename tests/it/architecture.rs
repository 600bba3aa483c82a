//! The house rules, checked: who imports whom, how long files are, what is absent and where.
//!
//! These are the ranks and the list of absent things of the crate's map (`src/lib.rs`). A rule that stands in
//! the way is changed here, in its own commit, with the reason.

use std::fs;
use std::path::{Path, PathBuf};

/// Rank of each top-level module: it may import lower ranks only.
const RANKS: &[(&str, u8)] = &[
    ("main", 9),
    ("cli", 9),
    ("server", 8),
    ("dispatch", 7),
    ("roster", 7),
    ("control", 6),
    // The one product that may see others: it manages them.
    ("pdm", 6),
    ("plexd", 5),
    ("pve", 5),
    ("pbs", 5),
    ("proxmox", 4),
    ("personality", 3),
    ("routes", 2),
    ("stubs", 2),
    ("fixture", 2),
    ("contract", 1),
    ("record", 1),
    ("net", 1),
    ("http", 0),
    ("clock", 0),
    ("random", 0),
];

/// Pairs of one rank of which the first may use the second: routes are answered by fixtures, and the program
/// is its command line.
const SIBLINGS: &[(&str, &str)] = &[("routes", "fixture"), ("main", "cli")];

/// Files are 100 to 400 lines; what is longer has more than one subject.
const LONGEST_FILE: usize = 400;

#[derive(Debug)]
struct Source {
    path: PathBuf,
    module: String,
    /// The lines before the unit tests.
    code: String,
    whole: String,
}

#[test]
fn modules_import_lower_ranks_only() {
    let mut faults = Vec::new();
    for source in sources() {
        let own = rank(&source.module).unwrap_or_else(|| panic!("{} has no rank", source.module));
        for imported in imports(&source.whole) {
            let Some(theirs) = rank(&imported) else {
                continue;
            };
            let sibling = SIBLINGS.contains(&(source.module.as_str(), imported.as_str()));
            if imported != source.module && theirs >= own && !sibling {
                faults.push(format!("{} imports {imported}", source.path.display()));
            }
        }
    }
    none(&faults);
}

#[test]
fn every_file_says_what_it_is_and_is_not_too_long() {
    let mut faults = Vec::new();
    for source in sources()
        .into_iter()
        .chain(files("tests"))
        .chain(files("benches"))
    {
        if !source.whole.starts_with("//!") {
            faults.push(format!("{} has no module doc", source.path.display()));
        }
        let lines = source.whole.lines().count();
        if lines > LONGEST_FILE {
            faults.push(format!("{} has {lines} lines", source.path.display()));
        }
    }
    none(&faults);
}

/// One thing that is absent: the text, the places where it may stand, and what would break.
struct Absent {
    text: &'static str,
    allowed: &'static [&'static str],
    because: &'static str,
}

const ABSENT: &[Absent] = &[
    Absent {
        text: "async ",
        allowed: &["src/net/", "src/server.rs"],
        because: "behaviour is tested without a runtime, and no lock is held across an await",
    },
    Absent {
        text: ".await",
        allowed: &["src/net/", "src/server.rs"],
        because: "behaviour is tested without a runtime",
    },
    Absent {
        text: "tokio::",
        allowed: &["src/net/", "src/server.rs"],
        because: "the network is one folder",
    },
    Absent {
        text: "hyper::",
        allowed: &["src/net/"],
        because: "the network is one folder",
    },
    Absent {
        text: "rustls::",
        allowed: &["src/net/"],
        because: "the provider is chosen at one place",
    },
    Absent {
        text: "SystemTime",
        allowed: &[],
        because: "a frozen clock must freeze everything",
    },
    Absent {
        text: "Instant::now",
        // The network's time-outs run on tokio's own clock; std's is banned there too (clippy.toml).
        allowed: &["src/clock.rs", "src/net/"],
        because: "a frozen clock must freeze everything",
    },
    Absent {
        text: "Timestamp::now",
        allowed: &["src/clock.rs"],
        because: "a frozen clock must freeze everything",
    },
    Absent {
        text: "ToSocketAddrs",
        allowed: &[],
        because: "a static binary resolves no names",
    },
    Absent {
        text: ".unwrap()",
        allowed: &[],
        because: "`expect` names the invariant",
    },
    Absent {
        text: "println!",
        allowed: &[],
        because: "a closed pipe would be a panic",
    },
    Absent {
        text: "Mutex<",
        allowed: &["src/record/", "src/clock.rs", "src/random.rs", "src/net/"],
        because: "one lock per world, taken at one line",
    },
    Absent {
        text: "RwLock<",
        // Not the world, but what was told of it and who sits at its consoles, is behind the locks of `kept` and
        // `attended`.
        allowed: &[
            "src/plexd/mod.rs",
            "src/proxmox/service/mod.rs",
            "src/proxmox/service/kept.rs",
            "src/proxmox/service/attended.rs",
        ],
        because: "one lock per world, taken at one line",
    },
];

#[test]
fn what_is_absent_stays_absent() {
    let mut faults = Vec::new();
    for source in sources() {
        let path = source.path.display().to_string();
        for Absent {
            text,
            allowed,
            because,
        } in ABSENT
        {
            let here = allowed.iter().any(|place| path.starts_with(place));
            let found = source
                .code
                .lines()
                .any(|line| line.contains(text) && !line.trim_start().starts_with("//"));
            if found && !here {
                faults.push(format!("{path} has `{text}`: {because}"));
            }
        }
    }
    none(&faults);
}

#[test]
fn worlds_know_neither_http_nor_the_wire() {
    let worlds = sources().into_iter().filter(|source| {
        let path = source.path.display().to_string();
        path.contains("/world/") || path.ends_with("/world.rs")
    });
    let faults: Vec<String> = worlds
        .filter(|source| imports(&source.code).iter().any(|module| module == "http"))
        .map(|source| format!("{} imports http", source.path.display()))
        .collect();
    none(&faults);
}

/// The files of `proxmox` that know requests and replies; the others could serve any transport.
const WIRE_OF_PROXMOX: &[&str] = &[
    "token.rs",
    "gate",
    "envelope",
    "service",
    "call.rs",
    "console.rs",
];

#[test]
fn proxmox_knows_http_in_few_places() {
    let faults: Vec<String> = sources()
        .into_iter()
        .filter(|source| source.module == "proxmox")
        .filter(|source| {
            let path = source.path.display().to_string();
            let inner = path.strip_prefix("src/proxmox/").unwrap_or_default();
            !WIRE_OF_PROXMOX.iter().any(|wire| inner.starts_with(wire))
        })
        // Checksums are counted on bytes, wherever these come from, a form is a list of pairs, and operations
        // have methods.
        .filter(|source| {
            source
                .code
                .replace("crate::http::checksum", "")
                .replace("crate::http::form", "")
                .replace("crate::http::Method", "")
                .contains("crate::http")
        })
        .map(|source| format!("{} imports http", source.path.display()))
        .collect();
    none(&faults);
}

fn none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

fn rank(module: &str) -> Option<u8> {
    RANKS
        .iter()
        .find(|(name, _)| *name == module)
        .map(|(_, rank)| *rank)
}

/// The sources of the crate; `lib.rs` is the map and imports nothing.
fn sources() -> Vec<Source> {
    let mut sources = files("src");
    sources.retain(|source| source.module != "lib");
    assert!(sources.len() > 20, "the sources were not found");
    sources
}

fn files(folder: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                found.push(source(root, &path));
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn source(root: &Path, path: &Path) -> Source {
    let relative = path.strip_prefix(root).unwrap();
    let whole = fs::read_to_string(path).unwrap();
    let first = relative.components().nth(1).unwrap();
    let module = Path::new(&first)
        .file_stem()
        .unwrap()
        .to_string_lossy()
        .into_owned();
    let name = relative.file_stem().unwrap().to_string_lossy();
    let in_tests = relative
        .components()
        .any(|part| part.as_os_str() == "tests");
    let tests_only = in_tests || name.ends_with("tests") || name == "testing";
    let code = match whole.split_once("#[cfg(test)]\nmod tests {") {
        _ if tests_only => String::new(),
        Some((code, _)) => code.to_owned(),
        None => whole.clone(),
    };
    Source {
        path: relative.to_owned(),
        module,
        code,
        whole,
    }
}

/// The top-level modules that a source names by `crate::`, in imports and in paths alike.
fn imports(text: &str) -> Vec<String> {
    let code: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect();
    let code = code.join("\n");
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let names = match rest.strip_prefix('{') {
            Some(list) => top_level(list.split_once("};").map_or(list, |(list, _)| list)),
            None => vec![rest.to_owned()],
        };
        for name in names {
            let end = name.find(|c: char| !c.is_alphanumeric() && c != '_');
            found.push(name[..end.unwrap_or(name.len())].to_owned());
        }
    }
    found
}

/// The parts of a braced import that stand at its own level.
fn top_level(list: &str) -> Vec<String> {
    let mut depth = 0;
    let mut parts = vec![String::new()];
    for character in list.chars() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => parts.push(String::new()),
            _ if depth == 0 => parts.last_mut().unwrap().push(character),
            _ => {}
        }
    }
    parts.iter().map(|part| part.trim().to_owned()).collect()
}
