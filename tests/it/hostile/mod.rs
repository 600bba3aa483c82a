//! Input that nobody should send: whatever comes, there is an answer, soon, and it is the product's.
//!
//! Each file feeds one surface with values that are wrong in a way somebody might think of, and holds what comes
//! back against what must be true of it. Nothing here measures time or memory: where a surface once took time
//! that grows with the square of the input, its case is so large that the run would not end.
//!
//! | Surface | File | What holds |
//! |---|---|---|
//! | paths of requests and of permissions | [`paths`] | one form of each; reading it again changes nothing |
//! | queries and form bodies | [`forms`] | pairs are those that were written; nothing is refused but their number |
//! | arguments of every operation of the five documents | [`arguments`] | what is accepted is of the declared type and within its bounds |
//! | property strings | [`property_strings`] | what is read and written again reads the same |
//! | uploads | [`multipart`] | a valid body gives the very same parts, a damaged one gives some or a refusal |
//! | ids of users, tokens and tasks | [`names`] | what is read and written again reads the same |
//! | cookies, tickets and tokens | [`credentials`] | nobody gets in by noise |
//! | trees for the importer, documents | [`contracts`] | a document that can be read back, or a place in the input |
//! | patterns of documents | [`patterns`] | bounded, and linear in the value |
//! | world files | [`worlds`] | a world that keeps all its rules, or the problems with their paths |
//!
//! Over sockets the same will be said to the running server; that has a file of its own when it comes.
//!
//! Runs repeat: the seed is fixed, the number of cases is chosen so that all of it takes some seconds.
//! `PROPTEST_CASES=100000 cargo test --test it hostile` takes that many for each property, and
//! `PROPTEST_RNG_SEED=7` begins elsewhere.

mod paths;

mod forms;

mod arguments;

mod property_strings;

mod multipart;

mod names;

mod credentials;

mod contracts;

mod patterns;

mod worlds;

mod damage;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// Settings of a property that takes this many cases unless the environment asks for more.
fn config(cases: u32) -> ProptestConfig {
    let standard = ProptestConfig::default();
    let chosen = std::env::var_os("PROPTEST_CASES").is_some();
    ProptestConfig {
        cases: if chosen { standard.cases } else { cases },
        rng_seed: match standard.rng_seed {
            RngSeed::Random => RngSeed::Fixed(20_260_704),
            fixed @ RngSeed::Fixed(_) => fixed,
        },
        failure_persistence: None,
        ..standard
    }
}

/// Texts that have been trouble somewhere: numbers at the edges of types, separators of every syntax in this
/// server, escapes, controls, letters of several bytes.
const TROUBLE: &[&str] = &[
    "",
    " ",
    "0",
    "-0",
    "+1",
    "007",
    "1.",
    ".5",
    "1e400",
    "-1e400",
    "1e-400",
    "1e99999999999999999999",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775809",
    "18446744073709551616",
    "99999999999999999999999999999999999999999",
    "NaN",
    "inf",
    "0x10",
    "true",
    "on",
    "null",
    "undefined",
    "[]",
    "{}",
    "[[[[[[[[]]]]]]]]",
    "{\"a\":{\"a\":[1e999]}}",
    "../../etc/passwd",
    "..",
    "%",
    "%00",
    "%2",
    "%252F",
    "\0",
    "\r\n",
    "a\nb",
    "\u{feff}",
    "\u{202e}x",
    "ß",
    "İ",
    "e\u{301}",
    "\u{10ffff}",
    "a=b,c=d",
    ",,,,",
    ";;;;",
    "=",
    "root@pam",
    "net99999999999999999999",
    "file=x,file=y",
    "local:100/vm-100-disk-0.qcow2",
    "::1",
    "fe80::1%eth0",
    "1.2.3.4/99",
    "00:00:00:00:00:00",
];

/// Texts that have been trouble, some of the same letters, and some of any.
fn nasty() -> impl Strategy<Value = String> {
    let known = prop::sample::select(TROUBLE);
    prop_oneof![
        6 => known.prop_map(|text| text.to_owned()),
        2 => "\\PC{0,12}",
        1 => "[0-9]{1,40}",
        1 => "[-+.,;:=%&/\\\\\"'{}\\[\\]()!@ \\x00-\\x1f]{1,20}",
        1 => ("\\PC", 1_usize..3000).prop_map(|(text, times): (String, _)| text.repeat(times)),
        1 => any::<String>(),
    ]
}
