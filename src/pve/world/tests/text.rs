//! World files as text: what JSON alone would not see, and the line of what is wrong.

use super::*;
use crate::contract::place::line_of;

#[test]
fn no_number_twice() {
    let text = DEFAULT.replacen("\"104\": {", "\"103\": {", 1);
    let problems = World::read_text(&text).unwrap_err();
    assert_eq!(problems[0].path, "guests.103");
    assert_eq!(problems[0].message, "is there twice");
    assert!(World::read_text("{").is_err());
}

/// The line that a person has to look at is found from the path.
#[test]
fn every_path_leads_to_its_line() {
    let check = |good: &str, bad: &str| {
        assert_eq!(DEFAULT.matches(good).count(), 1, "{good}");
        let text = DEFAULT.replace(good, bad);
        let problems = World::read_text(&text).unwrap_err();
        let line = line_of(&text, &problems[0].path).unwrap();
        let line = text.lines().nth(line - 1).unwrap();
        assert!(line.contains(bad), "{}: {line}", problems[0].path);
    };
    check(
        "\"parent\": \"pre-upgrade\"",
        "\"parent\": \"pre-upgrades\"",
    );
    check("\"vztmpl\", \"snippets\"", "\"vztmpl\", \"snacks\"");
    check(
        "\"lane20\": {\"type\": \"vnet\"",
        "\"lane20\": {\"type\": {}",
    );
}

#[test]
fn a_file_is_told_all_its_faults() {
    let mut file = json(DEFAULT);
    file["guests"]["101"]["node"] = 1.into();
    file["guests"]["102"]["kind"] = "docker".into();
    file["storages"]["local"]["size"] = "big".into();
    file["tasks"] = 0.into();
    let problems = World::read(&file).unwrap_err();
    let paths: Vec<&str> = problems.iter().map(|problem| &*problem.path).collect();
    // What comes first in the file, then every entry; the tasks' turn comes when these are right.
    assert_eq!(
        paths,
        ["guests.101.node", "guests.102.kind", "storages.local.size"]
    );
}
