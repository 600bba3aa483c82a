//! What must hold of the personality as a whole, whatever its handlers do.

mod access;

mod config;

mod datastores;

mod jobs;

mod nodes;

mod rights;

mod tape;

use std::collections::HashSet;

use super::testing::desk;
use super::*;
use crate::contract::Contract;

/// A table of calls with the status and the text of each answer.
fn refusals(
    desk: &crate::proxmox::service::testing::Desk<World>,
    table: &[(&str, &str, &str, &str)],
) {
    for (line, body, status, text) in table {
        let got = desk.ask(line, body);
        assert_eq!(
            (got.status.as_str(), &got.body),
            (*status, &serde_json::json!(text)),
            "{line} {body}"
        );
    }
    assert!(world::invariants(&desk.world()).is_empty());
}

#[test]
fn every_handler_has_an_operation() {
    let release = &release::RELEASES[0];
    let contract = Contract::parse(release.document, release.place).unwrap();
    let known: HashSet<_> = contract
        .operations
        .iter()
        .map(|operation| (&operation.method, operation.template.as_str()))
        .collect();
    let mut bound = HashSet::new();
    for route in api::routes() {
        let (method, template) = (&route.method, route.template);
        assert!(known.contains(&(method, template)), "{method} {template}");
        assert!(
            bound.insert((route.method.clone(), template)),
            "{method} {template} twice"
        );
    }
}

#[test]
fn the_version_answers() {
    let desk = desk();
    assert_eq!(desk.get("/version")["version"], "4.1");
    assert_eq!(desk.get("/ping")["pong"], true);
    let got = desk.ask("GET /nothing", "");
    assert_eq!(got.status, "404");
    assert_eq!(got.body, "Path '/api2/json/nothing' not found.");
}

/// Every path that lists lead to, with the values that the lists show.
#[test]
fn everything_that_can_be_reached_answers_and_fits_its_type() {
    let desk = desk();
    let snapshot = "backup-type=vm&backup-id=101&backup-time=1767225600&ns=lab";
    let host = "backup-type=host&backup-id=pbs01&backup-time=1767326400";
    let mut asked = vec![
        "/admin/datastore/{store}/catalog",
        "/admin/datastore/{store}/files",
        "/admin/datastore/{store}/notes",
        "/admin/datastore/{store}/protected",
        "/admin/datastore/{store}/group-notes",
    ];
    for (template, query) in [
        ("catalog", format!("{host}&filepath=root")),
        ("files", snapshot.to_owned()),
        ("notes", snapshot.to_owned()),
        ("protected", snapshot.to_owned()),
        (
            "group-notes",
            "backup-type=vm&backup-id=101&ns=lab".to_owned(),
        ),
    ] {
        desk.get(&format!("/admin/datastore/main/{template}?{query}"));
    }
    // Files, protocols and sockets are no JSON; a tape is destroyed by a GET.
    asked.extend([
        "/admin/datastore/{store}/download",
        "/admin/datastore/{store}/download-decoded",
        "/admin/datastore/{store}/pxar-file-download",
        "/nodes/{node}/vncwebsocket",
        "/tape/media/destroy",
    ]);
    let release = &release::RELEASES[0];
    let contract = Contract::parse(release.document, release.place).unwrap();
    let gets = contract.operations.iter().filter(|operation| {
        operation.method == crate::http::Method::Get
            && !asked.contains(&operation.template.as_str())
            && !operation.template.starts_with("/backup")
            && !operation.template.starts_with("/reader")
    });
    let mut count = 0;
    for operation in gets {
        for path in paths(&desk, &operation.template) {
            desk.get(&path);
            count += 1;
        }
    }
    assert!(count > 250, "{count}");
    assert!(world::invariants(&desk.world()).is_empty());
}

/// A template with values of the default world in it, and what else an operation must be given.
fn paths(desk: &crate::proxmox::service::testing::Desk<World>, template: &str) -> Vec<String> {
    let ids = |list: &str, key: &str| -> Vec<String> {
        let items = desk.get(list);
        let items = items.as_array().unwrap().clone();
        assert!(!items.is_empty(), "{list} is empty");
        items
            .iter()
            .map(|item| item[key].as_str().unwrap().replace(':', "%3A"))
            .collect()
    };
    let query = match template {
        "/admin/datastore/{store}/rrd" | "/nodes/{node}/rrd" => "?cf=AVERAGE&timeframe=hour",
        "/nodes/{node}/disks/smart" => "?disk=sda",
        "/nodes/{node}/apt/changelog" => "?name=proxmox-backup",
        _ => "",
    };
    let mut done = vec![String::new()];
    for part in template.split('/').skip(1) {
        let values = match part
            .strip_prefix('{')
            .and_then(|part| part.strip_suffix('}'))
        {
            None => vec![part.to_owned()],
            Some("node") => vec!["localhost".to_owned(), "pbs01".to_owned()],
            Some("userid") => ids("/access/users", "userid"),
            Some("token-name") => vec!["exporter".to_owned()],
            Some("upid") => ids("/nodes/localhost/tasks", "upid"),
            Some("service") => ids("/nodes/localhost/services", "service"),
            Some("iface") => ids("/nodes/localhost/network", "name"),
            Some("drive") => ids("/tape/drive", "name"),
            Some("uuid") => ids("/tape/media/list", "uuid"),
            Some("s3-client-id") => ids("/config/s3", "id"),
            Some("store") if template.starts_with("/config/remote") => {
                ids("/config/remote/offsite/scan", "store")
            }
            Some("store") => ids("/admin/datastore", "store"),
            Some("fingerprint") => ids("/config/tape-encryption-keys", "fingerprint"),
            Some("id") if template.starts_with("/access/tfa") => vec!["totp-0001".to_owned()],
            Some("id") if template.starts_with("/config/acme") => {
                ids("/config/acme/plugins", "plugin")
            }
            Some("name") if template.starts_with("/tape/changer") => ids("/tape/changer", "name"),
            Some(key) => ids(&list_of(template, part), key),
        };
        done = done
            .iter()
            .flat_map(|path| values.iter().map(move |value| format!("{path}/{value}")))
            .collect();
    }
    // Tokens and second factors are not everybody's.
    if template.contains("{token-name}") {
        done.retain(|path| path.contains("auditor@pbs"));
    }
    if template.ends_with("/{userid}/{id}") {
        done.retain(|path| path.contains("operator@pbs"));
    }
    done.iter()
        .map(|path| format!("{}{query}", if path.is_empty() { "/" } else { path }))
        .collect()
}

/// The list before a parameter.
fn list_of(template: &str, part: &str) -> String {
    let (list, _) = template.split_once(&format!("/{part}")).unwrap();
    list.replace("{node}", "localhost")
}
