//! Stories about access, told through the API.

use crate::proxmox::service::testing::{Desk, Got};
use crate::pve::testing::{desk, desk_of, holds, strict_desk};
use crate::pve::world::World;

mod factors;
mod logins;
mod realms;
mod rights;
mod users;

/// What a refused call says: the status line, and the errors where there are some.
fn refused(got: &Got) -> String {
    match got.body.get("errors") {
        Some(errors) => format!("{} {errors}", got.status),
        None => got.status.clone(),
    }
}

#[test]
fn everything_that_is_read_has_its_declared_type() {
    for release in ["7.4", "8.4", "9.2"] {
        let desk = desk_of(release);
        for path in [
            "/access",
            "/access/acl",
            "/access/domains",
            "/access/domains/lab-ldap",
            "/access/groups",
            "/access/groups/auditors",
            "/access/openid",
            "/access/permissions",
            "/access/roles",
            "/access/roles/LabOperator",
            "/access/tfa",
            "/access/tfa/operator@pve",
            "/access/tfa/operator@pve/totp-0001",
            "/access/ticket",
            "/access/users",
            "/access/users?full=1",
            "/access/users/operator@pve",
            "/access/users/operator@pve/tfa",
            "/access/users/root@pam",
            "/access/users/root@pam/token",
            "/access/users/root@pam/token/mock",
        ] {
            desk.get(path);
        }
        for role in desk.get("/access/roles").as_array().unwrap() {
            let name = role["roleid"].as_str().unwrap();
            desk.get(&format!("/access/roles/{name}"));
        }
    }
}

/// Calls that must be refused, each with its words.
fn check(desk: &Desk<World>, cases: &[(&str, &str, &str)]) {
    for (line, body, want) in cases {
        let got = desk.ask(line, body);
        assert_eq!(refused(&got), *want, "{line} {body}");
    }
}

/// A text as it stands in a form.
fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let one = |byte: u8| match plain(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    text.bytes().map(one).collect()
}
