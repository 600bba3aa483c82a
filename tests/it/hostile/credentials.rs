//! What a request says about its sender, and tickets that somebody made up.

use bytes::Bytes;
use jiff::Timestamp;
use proptest::prelude::*;

use mock_server::http::{Headers, ListenerRole, Method, Request};
use mock_server::proxmox::Product;
use mock_server::proxmox::identity::{Identity, UserId};
use mock_server::proxmox::ticket::Signer;
use mock_server::proxmox::token::{Credentials, credentials};

use super::damage::cuts;
use super::{config, nasty};

fn request(fields: &[(String, Vec<u8>)]) -> Request {
    let mut headers = Headers::default();
    for (name, value) in fields {
        headers.push(name, value);
    }
    Request {
        method: Method::Get,
        target: "/api2/json/version".into(),
        headers,
        body: Bytes::new(),
        body_fault: None,
        upload: None,
        peer: ([127, 0, 0, 1], 1).into(),
        listener: ListenerRole::Main,
        secure: true,
    }
}

/// Header fields that could carry something.
fn fields() -> impl Strategy<Value = Vec<(String, Vec<u8>)>> {
    let name = prop::sample::select(vec![
        "cookie",
        "Cookie",
        "authorization",
        "CSRFPreventionToken",
        "x",
    ]);
    let piece = prop_oneof![
        5 => prop::sample::select(vec![
            "PVEAuthCookie", "PBSAuthCookie", "__Host-PDMAuthCookie", "PVEAPIToken", "PBSAPIToken", "PDMAPIToken",
            "=", " ", ";", ":", "PVE:root@pam:00000000::", "root@pam!mock", "secret", "%", "%3D", "é",
        ]).prop_map(|text| text.as_bytes().to_vec()),
        1 => nasty().prop_map(String::into_bytes),
        1 => prop::collection::vec(any::<u8>(), 0..6),
    ];
    let value = prop::collection::vec(piece, 0..10).prop_map(|pieces| pieces.concat());
    prop::collection::vec((name.prop_map(str::to_owned), value), 0..5)
}

fn now() -> Timestamp {
    "2026-07-04T12:00:00Z".parse().unwrap()
}

fn signer(product: Product) -> Signer {
    Signer::new(product, &[7; 32])
}

proptest! {
    #![proptest_config(config(600))]

    #[test]
    fn headers_give_credentials_or_none(fields in fields()) {
        for product in Product::ALL {
            let size: usize = fields.iter().map(|(_, value)| value.len()).sum();
            match credentials(product, &request(&fields)) {
                Credentials::None => {}
                Credentials::Ticket { ticket, .. } => {
                    prop_assert!(ticket.len() <= 3 * size);
                    prop_assert!(signer(product).verify(&ticket, now()).is_err());
                }
                Credentials::Token { id, secret } => {
                    prop_assert!(secret.len() <= 3 * size);
                    let again = Identity::parse(&id.to_string(), product);
                    prop_assert_eq!(again, Ok(Identity::from(id)));
                }
                Credentials::Unreadable(text) => prop_assert!(text.len() <= 3 * size),
            }
        }
    }

    #[test]
    fn no_text_is_a_ticket(text in nasty(), time in "[0-9A-Fa-f]{8}", tail in "[A-Za-z0-9+/=%]{0,90}") {
        let user = UserId::root();
        for product in Product::ALL {
            let signer = signer(product);
            let prefix = product.ticket_prefix();
            for made in [text.clone(), format!("{prefix}:{text}:{time}::{tail}"), format!("{time}:{tail}")] {
                prop_assert!(signer.verify(&made, now()).is_err());
                prop_assert!(signer.renew(&made, &user, now()).is_err());
                prop_assert!(signer.verify_challenge(&made, &user, now()).is_err());
                prop_assert!(signer.verify_csrf(&user, &made, now()).is_err());
                let who = Identity::from(user.clone());
                prop_assert!(signer.verify_console(&made, &who, "/vms/100", 5900, now()).is_err());
            }
        }
    }

    #[test]
    fn a_changed_ticket_names_nobody_else(cuts in prop::collection::vec(cuts(), 1..4), seconds in any::<i32>()) {
        for product in Product::ALL {
            let signer = signer(product);
            let user = UserId::parse("alice@pve", product).unwrap();
            let mut bytes = signer.ticket(&user, now()).into_bytes();
            cuts.iter().for_each(|cut| cut.apply(&mut bytes));
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let later = Timestamp::from_second(i64::from(seconds)).unwrap();
            for moment in [now(), later, Timestamp::MIN, Timestamp::MAX] {
                if let Ok(found) = signer.verify(&text, moment) {
                    prop_assert_eq!(&found, &user);
                }
            }
        }
    }

    /// But for percent signs, which the products do not escape either.
    #[test]
    fn a_challenge_comes_back_whole(challenge in nasty()) {
        let challenge = challenge.replace('%', "");
        let user = UserId::root();
        for product in Product::ALL {
            let signer = signer(product);
            let ticket = signer.challenge(&user, &challenge, now());
            prop_assert_eq!(signer.verify_challenge(&ticket, &user, now()), Ok(challenge.clone()));
        }
    }
}

#[test]
fn very_long_headers() {
    let check = |name: &str, piece: &str| {
        let value = piece.repeat(100_000).into_bytes();
        for product in Product::ALL {
            let _ = credentials(product, &request(&[(name.to_owned(), value.clone())]));
        }
    };
    check("cookie", "PVEAuthCookie");
    check("cookie", "PVEAuthCookie ");
    check("cookie", ";=");
    check("cookie", "%");
    check("authorization", " PVEAPIToken");
    check("authorization", "PBSAPIToken=@!");
}
