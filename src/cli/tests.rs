//! The command line as a user meets it: what flags become, and the sentence for each that is wrong.

use clap::{CommandFactory, Parser};

use super::*;
use crate::personality::WorldSource;

fn settings_of(line: &str) -> Result<server::Settings, String> {
    let words = std::iter::once("mock-server").chain(line.split_whitespace());
    let parsed = Arguments::try_parse_from(words).map_err(|error| sentence(&error))?;
    settings(&parsed.serve).map_err(|failure| match failure {
        Failure::Usage(text) => text,
        Failure::Work(error) => error.to_string(),
    })
}

#[test]
fn the_flags_are_consistent() {
    Arguments::command().debug_assert();
}

#[test]
fn every_flag_has_its_variable() {
    for argument in Arguments::command().get_arguments() {
        let Some(long) = argument.get_long() else {
            continue;
        };
        if ["help", "version"].contains(&long) {
            continue;
        }
        let variable = format!("MOCK_SERVER_{}", long.replace('-', "_").to_uppercase());
        let env = argument
            .get_env()
            .map(|env| env.to_string_lossy().into_owned());
        assert_eq!(env, Some(variable), "--{long}");
    }
}

#[test]
fn addresses_as_people_write_them() {
    let check = |text: &str, want: &str| {
        let settings = settings_of(&format!("--personality plexd --listen {text}")).unwrap();
        let found: Vec<_> = settings.listen.iter().map(ToString::to_string).collect();
        assert_eq!(found.join(" "), want, "{text}");
    };
    check("127.0.0.1:0", "127.0.0.1:0");
    check("[::1]:8080", "[::1]:8080");
    check(":8080", "[::]:8080");
    check("localhost:80", "127.0.0.1:80");
    check(":1,127.0.0.1:2", "[::]:1 127.0.0.1:2");
    check(":1 --listen :2", "[::]:1 [::]:2");
}

#[test]
fn defaults_are_the_products() {
    let settings = settings_of("--personality plexd").unwrap();
    assert_eq!(settings.description.name, "plexd-central");
    assert_eq!(settings.setup.release, "2026-02");
    assert_eq!(settings.setup.world, WorldSource::Default);
    assert_eq!(settings.listen, ["127.0.0.1:8080".parse().unwrap()]);
    assert_eq!(settings.local_listen, ["127.0.0.1:8443".parse().unwrap()]);
    assert_eq!(settings.journal, 10_000);
}

#[test]
fn what_is_wrong_is_said_in_one_sentence() {
    let check = |line: &str, wants: &[&str]| {
        let said = settings_of(line).expect_err(line);
        assert!(!said.contains('\n'), "{line}: {said}");
        for want in wants {
            assert!(said.contains(want), "{line}: {said}");
        }
    };
    check("", &["--personality", "plexd-central (plexd)"]);
    check("--personality pv", &["\"pv\"", "plexd-central"]);
    check("--personality plexd --release 9.2", &["\"9.2\"", "2026-02"]);
    check(
        "--personality plexd --listen here:80",
        &["--listen here:80", "127.0.0.1:8080"],
    );
    check(
        "--personality plexd --listen 127.0.0.1:99999",
        &["--listen 127.0.0.1:99999"],
    );
    check("--personality plexd --clock noon", &["--clock", "RFC 3339"]);
    check(
        "--personality plexd --keys seed:00",
        &["--keys", "64 hexadecimal digits"],
    );
    check(
        "--personality plexd --nodes many",
        &["--nodes", "single, distinct"],
    );
    check(
        "--personality plexd --keep-alive 0s",
        &["--keep-alive", "longer than 0"],
    );
    check(
        "--personality plexd --task-time soon",
        &["--task-time", "15s"],
    );
    check("--personality plexd --journal -1", &["-1"]);
    check("--personality plexd --tls-cert a.pem", &["--tls-key"]);
    check(
        "--personality plexd --overlay x.json",
        &["--overlay", "--world FILE"],
    );
    check("--personality pve --world large:many", &["large:many"]);
    check("--personality pve --world large:0", &["1 to 1000000"]);
    check("--personality plexd --no-such-flag", &["--no-such-flag"]);
    check("--personality plexd nonsense", &["nonsense"]);
}

#[test]
fn keys_and_clock_are_read() {
    let hex: String = (0..32).map(|byte| format!("{byte:02x}")).collect();
    let line = format!(
        "--personality plexd --keys seed:{hex} --clock 2026-01-01T00:00:00Z --nodes distinct"
    );
    let settings = settings_of(&line).unwrap();
    assert_eq!(settings.setup.key_seed.unwrap()[31], 31);
    assert_eq!(settings.frozen.unwrap().to_string(), "2026-01-01T00:00:00Z");
    assert!(settings.setup.distinct_nodes);
}
