//! `mock-server openapi import` as a user runs it: what it prints, writes and refuses.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

const SCRIPT: &str = r#"const apiSchema = [
   { "path": "/version", "text": "version", "leaf": 1, "info": { "GET": {
      "method": "GET", "name": "version", "permissions": { "user": "all", "description": "Prose." },
      "parameters": { "additionalProperties": 0 }, "returns": { "type": "object" } } } }
]
;
Ext.onReady(function() {});
"#;

/// A folder of this test alone.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn run(folder: &Path, line: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mock-server"))
        .args(line.split_whitespace())
        .current_dir(folder)
        // What a container is configured with has nothing to do with importing.
        .env("MOCK_SERVER_RELEASE", "2026-02")
        .env("MOCK_SERVER_PERSONALITY", "plexd")
        .output()
        .unwrap()
}

fn check(output: &Output, code: i32, said: &str) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(stderr, said);
    assert_eq!(output.status.code(), Some(code), "{stderr}");
}

#[test]
fn a_script_becomes_a_contract() {
    let folder = folder("import");
    fs::write(folder.join("apidoc.js"), SCRIPT).unwrap();
    let output = run(
        &folder,
        "openapi import apidoc.js --release 9.9 --title Mine",
    );
    check(&output, 0, "");
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["info"]["title"], "Mine");
    assert_eq!(document["info"]["version"], "9.9");
    assert_eq!(document["info"]["x-source"], "apidoc.js");
    assert_eq!(
        document["paths"]["/version"]["get"]["operationId"],
        "get_version"
    );
    assert!(!String::from_utf8_lossy(&output.stdout).contains("Prose"));
    let written = run(
        &folder,
        "openapi import ./apidoc.js --release 9.9 --title Mine --output out.json",
    );
    check(&written, 0, "out.json: 1 operation\n");
    assert!(written.stdout.is_empty());
    assert_eq!(fs::read(folder.join("out.json")).unwrap(), output.stdout);
    let unnamed = run(&folder, "openapi import apidoc.js");
    let document: Value = serde_json::from_slice(&unnamed.stdout).unwrap();
    assert_eq!(document["info"]["version"], "unknown");
}

#[test]
fn printing_the_contract_in_force_stays() {
    let output = run(&folder("openapi"), "openapi");
    check(&output, 0, "");
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["info"]["title"], "Central API of plexd");
}

#[test]
fn what_is_wrong_is_said_in_one_sentence() {
    let folder = folder("import-wrong");
    let broken = SCRIPT.replace("\"object\"", "\"objekt\"");
    fs::write(folder.join("broken.js"), broken).unwrap();
    fs::write(folder.join("good.js"), SCRIPT).unwrap();
    check(
        &run(&folder, "openapi import ./broken.js --output never.json"),
        1,
        "mock-server: ./broken.js, line 4, column 73: GET /version: `returns.type` is \"objekt\", which is no type\n",
    );
    assert!(!folder.join("never.json").exists());
    check(
        &run(&folder, "openapi import missing.js"),
        1,
        "mock-server: missing.js cannot be read: No such file or directory (os error 2)\n",
    );
    check(
        &run(&folder, "openapi import good.js --output no/where.json"),
        1,
        "mock-server: no/where.json cannot be written: No such file or directory (os error 2)\n",
    );
    let output = run(&folder, "openapi import");
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("<FILE>") && said.trim_end().lines().count() == 1,
        "{said}"
    );
}
