//! Logins of the three products, one way in after another.

use jiff::Timestamp;
use serde_json::Value;

use super::*;
use crate::proxmox::gate::{KnownToken, Place};
use crate::proxmox::identity::TokenId;
use crate::proxmox::rights::Rights;
use crate::proxmox::rights::testing::Lab;
use crate::proxmox::second_factor::Used;
use crate::proxmox::ticket::Signer;
use crate::proxmox::token::Credentials;

struct Hut {
    lab: Lab,
    signer: Signer,
    mode: Mode,
    has_bare_codes: bool,
}

impl House for Hut {
    fn mode(&self) -> Mode {
        self.mode
    }

    fn now(&self) -> Timestamp {
        "2026-03-01T12:00:00Z".parse().unwrap()
    }

    fn signer(&self) -> &Signer {
        &self.signer
    }

    fn rights(&self) -> Rights<'_> {
        self.lab.rights()
    }

    fn standing(&self, user: &UserId) -> Standing {
        match user.name() {
            "off" => Standing::Disabled,
            "nobody" => Standing::Missing,
            _ => Standing::Good,
        }
    }

    fn token(&self, _: &TokenId) -> Option<KnownToken<'_>> {
        None
    }

    fn own_node(&self) -> &'static str {
        "pve01"
    }

    fn place(&self, _: &str) -> Place {
        Place::Reachable
    }
}

impl Accounts for Hut {
    fn password_fits(&self, _: &UserId, password: &str) -> bool {
        password == ROOT_PASSWORD
    }

    fn challenge(&self, user: &UserId) -> Option<String> {
        (user.name() == "tom").then(|| r#"{"totp":true}"#.to_owned())
    }

    fn prove(&self, _: &UserId, answer: &str) -> Proof {
        match answer {
            "totp:123456" => Proof::Fits(Used::Nothing),
            _ => Proof::Refused,
        }
    }

    fn required_factor(&self, _: &UserId) -> Option<FactorKind> {
        None
    }

    fn takes_bare_codes(&self) -> bool {
        self.has_bare_codes
    }

    fn only_user_named(&self, name: &str) -> Option<UserId> {
        (name == "joe").then(|| UserId::parse("joe@pam", self.lab.product).unwrap())
    }

    fn cluster_name(&self) -> Option<&str> {
        Some("e2e-cluster")
    }
}

impl Hut {
    fn new(product: Product) -> Self {
        Self {
            lab: Lab::granting(product, &["/vms joe@pam Administrator"]),
            signer: Signer::new(product, &[7; 32]),
            mode: Mode::Strict,
            has_bare_codes: false,
        }
    }

    fn ticket(&self, user: &str) -> String {
        let user = UserId::parse(user, self.lab.product).unwrap();
        self.signer.ticket(&user, self.now())
    }

    fn log_in(&self, parameters: &Value) -> Result<Answer, Fault> {
        self.log_in_with(parameters, &Credentials::None)
    }

    fn log_in_with(&self, parameters: &Value, held: &Credentials) -> Result<Answer, Fault> {
        let parameters = parameters.as_object().unwrap();
        log_in(
            self,
            self,
            &Attempt::read(self.lab.product, parameters, held),
        )
    }
}

fn members(answer: &Answer) -> Vec<&str> {
    let mut names: Vec<_> = answer.data.as_object().unwrap().keys().collect();
    names.sort();
    names.into_iter().map(String::as_str).collect()
}

fn password(user: &str, password: &str) -> Value {
    json!({"username": user, "password": password, "new-format": true})
}

#[test]
fn passwords() {
    let check = |product: Product, want: &[&str]| {
        let hut = Hut::new(product);
        let answer = hut.log_in(&password("root@pam", ROOT_PASSWORD)).unwrap();
        assert_eq!(members(&answer), want, "{product:?}");
        assert_eq!(answer.data["username"], "root@pam");
        for (user, word) in [
            ("root@pam", "wrong"),
            ("root@pam", ""),
            ("nobody@pam", ROOT_PASSWORD),
            ("off@pam", ROOT_PASSWORD),
            ("unknown", ROOT_PASSWORD),
        ] {
            let refused = hut.log_in(&password(user, word)).unwrap_err();
            assert_eq!(refused, Fault::LoginFailed, "{product:?} {user} {word}");
        }
        answer
    };
    let pve = [
        "CSRFPreventionToken",
        "cap",
        "clustername",
        "ticket",
        "username",
    ];
    let answer = check(Product::Pve, &pve);
    assert!(answer.cookie.is_none() && answer.attributes.is_empty());
    let answer = check(Product::Pbs, &["CSRFPreventionToken", "ticket", "username"]);
    assert!(answer.cookie.is_none() && answer.attributes.is_empty());
    let pdm = ["CSRFPreventionToken", "ticket-info", "username"];
    let answer = check(Product::Pdm, &pdm);
    let cookie = answer.cookie.unwrap();
    assert!(
        cookie.starts_with("__Host-PDMAuthCookie=PDM:root@pam:"),
        "{cookie}"
    );
    assert_eq!(answer.attributes["success"], true);
    assert_eq!(answer.attributes["status"], 200);
}

#[test]
fn realms() {
    let hut = Hut::new(Product::Pve);
    let check = |parameters: Value, want: Option<&str>| {
        let answer = hut.log_in(&parameters).ok();
        let user = answer
            .as_ref()
            .and_then(|answer| answer.data["username"].as_str());
        assert_eq!(user, want, "{parameters}");
    };
    let with_realm = |realm: &str| json!({"username": "ann", "realm": realm, "password": "secret"});
    check(with_realm("pve"), Some("ann@pve"));
    check(with_realm("9"), None);
    check(
        json!({"username": "joe", "password": "secret"}),
        Some("joe@pam"),
    );
    check(json!({"username": "ann", "password": "secret"}), None);
}

#[test]
fn renewal() {
    for product in Product::ALL {
        let hut = Hut::new(product);
        let joe = hut.ticket("joe@pam");
        assert!(hut.log_in(&password("joe@pam", &joe)).is_ok());
        assert!(hut.log_in(&password("ann@pam", &joe)).is_err());
        let root = hut.log_in(&password("joe@pam", &hut.ticket("root@pam")));
        assert_eq!(root.is_ok(), product.is_perl());
        let held = Credentials::Ticket {
            ticket: joe.clone(),
            csrf: None,
        };
        let alone = hut.log_in_with(&json!({"username": "joe@pam"}), &held);
        assert_eq!(alone.is_ok(), product == Product::Pdm);
        let asked = json!({"username": "joe@pam", "http-only": true});
        let alone = hut.log_in_with(&asked, &held);
        assert_eq!(alone.is_ok(), !product.is_perl());
    }
}

#[test]
fn second_factors() {
    for product in Product::ALL {
        let hut = Hut::new(product);
        let first = hut.log_in(&password("tom@pam", ROOT_PASSWORD)).unwrap();
        let ticket = first.data["ticket"].as_str().unwrap();
        let start = format!("{}:!tfa!", product.ticket_prefix());
        assert!(ticket.starts_with(&start), "{ticket}");
        assert!(first.cookie.is_none());
        match product {
            Product::Pve => {
                assert!(
                    ticket.starts_with("PVE:!tfa!%7B%22totp%22%3Atrue%7D:"),
                    "{ticket}"
                );
                assert_eq!(first.data["NeedTFA"], 1);
                assert!(first.data.get("cap").is_none());
            }
            _ => assert_eq!(first.data["CSRFPreventionToken"], "invalid"),
        }
        let second = |challenge: &str, answer: &str| {
            hut.log_in(&json!({
                "username": "tom@pam", "password": answer, "tfa-challenge": challenge,
            }))
        };
        assert!(second(ticket, "totp:000000").is_err());
        assert!(second(&hut.ticket("tom@pam"), "totp:123456").is_err());
        let answer = second(ticket, "totp:123456").unwrap();
        assert_eq!(answer.cookie.is_some(), product == Product::Pdm);
        assert!(answer.data.get("NeedTFA").is_none());
    }
    let mut hut = Hut::new(Product::Pve);
    let at_once =
        |user: &str, otp: &str| json!({"username": user, "password": "secret", "otp": otp});
    let answer = hut.log_in(&at_once("tom@pam", "totp:123456")).unwrap();
    assert!(answer.data.get("NeedTFA").is_none());
    assert!(hut.log_in(&at_once("tom@pam", "123456")).is_err());
    assert!(hut.log_in(&at_once("joe@pam", "totp:123456")).is_err());
    hut.has_bare_codes = true;
    assert!(hut.log_in(&at_once("tom@pam", "123456")).is_ok());
}

#[test]
fn verification_makes_no_ticket() {
    let hut = Hut::new(Product::Pve);
    let check = |path: &str, privileges: &str, word: &str| {
        let asked = json!({
            "username": "joe@pam", "password": word, "path": path, "privs": privileges,
        });
        let answer = hut.log_in(&asked).ok();
        answer.map(|answer| members(&answer).join(" "))
    };
    let verified = Some("cap username".to_owned());
    assert_eq!(check("/vms/100", "VM.Audit,VM.Console", "secret"), verified);
    assert_eq!(
        check("/vms/100", "VM.Audit", &hut.ticket("joe@pam")),
        verified
    );
    assert_eq!(check("/vms/100", "VM.Audit", "wrong"), None);
    assert_eq!(check("/nodes", "Sys.Audit", "secret"), None);
    let hut = Hut::new(Product::Pbs);
    let who = UserId::root();
    let console = hut.signer.console(&who.into(), "/system", 5900, hut.now());
    let asked = json!({
        "username": "root@pam", "password": console, "path": "/system",
        "privs": "Sys.Console", "port": 5900,
    });
    assert_eq!(members(&hut.log_in(&asked).unwrap()), ["username"]);
}

#[test]
fn capabilities_are_by_area() {
    let hut = Hut::new(Product::Pve);
    let joe = Identity::parse("joe@pam", Product::Pve).unwrap();
    let cap = capabilities(&hut.rights(), &joe);
    let areas: Vec<_> = cap.as_object().unwrap().keys().collect();
    let want = ["vms", "access", "storage", "nodes", "sdn", "dc", "mapping"];
    assert_eq!(areas, want);
    assert_eq!(cap["vms"]["VM.Audit"], 1);
    assert_eq!(cap["vms"]["Permissions.Modify"], 1);
    assert_eq!(cap["vms"].get("Sys.Audit"), None);
    assert_eq!(cap["dc"], json!({}));
    let root = capabilities(&hut.rights(), &UserId::root().into());
    assert_eq!(root["dc"]["Sys.Audit"], 1);
    assert_eq!(root["mapping"]["Mapping.Use"], 1);
}

#[test]
fn in_open_mode_every_password_is_right() {
    for product in Product::ALL {
        let mut hut = Hut::new(product);
        hut.mode = Mode::Open;
        let answer = hut.log_in(&password("nobody@pam", "wrong")).unwrap();
        assert_eq!(answer.data["username"], "nobody@pam");
    }
}

#[test]
fn logging_out() {
    let answer = log_out(Product::Pdm);
    let cookie = answer.cookie.unwrap();
    assert!(
        cookie.starts_with("__Host-PDMAuthCookie=; Expires="),
        "{cookie}"
    );
    assert_eq!(answer.data, json!({}));
}
