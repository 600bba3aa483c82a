//! The form of tickets, and what is refused when.

use super::*;

fn signer(product: Product) -> Signer {
    Signer::new(product, &[7; 32])
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn user(text: &str) -> UserId {
    UserId::parse(text, Product::Pve).unwrap()
}

const NOW: i64 = 0x6900_0000;

#[test]
fn tickets_look_like_the_products() {
    let check = |product: Product, start: &str, length: usize, end: &str| {
        let ticket = signer(product).ticket(&UserId::root(), at(NOW));
        let signature = ticket.strip_prefix(start).unwrap();
        assert_eq!(signature.len(), length, "{ticket}");
        assert!(signature.ends_with(end), "{ticket}");
        assert!(signer(product).looks_like_ticket(&ticket));
    };
    check(Product::Pve, "PVE:root@pam:69000000::", 344, "==");
    check(Product::Pbs, "PBS:root@pam:69000000::", 86, "");
    check(Product::Pdm, "PDM:root@pam:69000000::", 86, "");
    assert!(!signer(Product::Pve).looks_like_ticket("PVE"));
    let info = signer(Product::Pdm).ticket_info(&UserId::root(), at(NOW));
    assert_eq!(info, "PDM:root@pam:69000000::ticketinfo");
}

#[test]
fn tickets_live_two_hours() {
    let check = |product: Product, age: i64, want: Result<&str, TicketFault>| {
        let ticket = signer(product).ticket(&user("joe@pve"), at(NOW));
        let found = signer(product).verify(&ticket, at(NOW + age));
        let found = found.as_ref().map(UserId::as_str).map_err(|fault| *fault);
        assert_eq!(found, want, "{product:?} at {age}");
    };
    for product in Product::ALL {
        check(product, 0, Ok("joe@pve"));
        check(product, LIFETIME - 1, Ok("joe@pve"));
        check(product, LIFETIME + 1, Err(TicketFault::Expired));
        check(product, -299, Ok("joe@pve"));
        check(product, -301, Err(TicketFault::FromTheFuture));
    }
    check(Product::Pve, LIFETIME, Err(TicketFault::Expired));
    check(Product::Pbs, LIFETIME, Ok("joe@pve"));
    check(Product::Pve, -300, Err(TicketFault::FromTheFuture));
    check(Product::Pbs, -300, Ok("joe@pve"));
}

#[test]
fn foreign_tickets_are_refused() {
    let check = |ticket: &str, want: TicketFault| {
        let found = signer(Product::Pve).verify(ticket, at(NOW));
        assert_eq!(found, Err(want), "{ticket}");
    };
    check("", TicketFault::Malformed);
    check("PVE", TicketFault::Malformed);
    check("PVE:root@pam:69000000", TicketFault::Malformed);
    check("PVE:root@pam:69000000::é", TicketFault::Malformed);
    check("PVE:root@pam:6900000::AAAA", TicketFault::Malformed);
    check("PVE:root@pam:69000000::AAAA", TicketFault::WrongSignature);
    let other = Signer::new(Product::Pve, &[8; 32]).ticket(&UserId::root(), at(NOW));
    check(&other, TicketFault::WrongSignature);
    let pbs = signer(Product::Pbs).ticket(&UserId::root(), at(NOW));
    check(&pbs, TicketFault::WrongSignature);
    let good = signer(Product::Pve).ticket(&UserId::root(), at(NOW));
    let later = good.replace("69000000", "69000001");
    check(&later, TicketFault::WrongSignature);
}

#[test]
fn renewal() {
    let check = |product: Product, holder: &str, wanted: &str, want: Result<(), TicketFault>| {
        let ticket = signer(product).ticket(&user(holder), at(NOW));
        let found = signer(product).renew(&ticket, &user(wanted), at(NOW + 60));
        assert_eq!(found, want, "{product:?}: {holder} for {wanted}");
    };
    for product in Product::ALL {
        check(product, "joe@pve", "joe@pve", Ok(()));
        check(product, "joe@pve", "root@pam", Err(TicketFault::OtherUser));
    }
    check(Product::Pve, "root@pam", "joe@pve", Ok(()));
    let other = Err(TicketFault::OtherUser);
    check(Product::Pbs, "root@pam", "joe@pve", other);
}

#[test]
fn challenges_carry_json_and_are_bound_to_the_user() {
    let json = r#"{"totp":true,"recovery":["a:b"]}"#;
    for product in Product::ALL {
        let signer = signer(product);
        let ticket = signer.challenge(&user("joe@pve"), json, at(NOW));
        let prefix = product.ticket_prefix();
        let start = format!(r#"{prefix}:!tfa!{{"totp"%3Atrue,"recovery"%3A["a%3Ab"]}}:69000000::"#);
        assert!(ticket.starts_with(&start), "{ticket}");
        let verify = |name: &str, age| signer.verify_challenge(&ticket, &user(name), at(NOW + age));
        assert_eq!(verify("joe@pve", 10).as_deref(), Ok(json));
        assert_eq!(verify("jim@pve", 10), Err(TicketFault::WrongSignature));
        assert_eq!(verify("joe@pve", 601).is_ok(), product.is_perl());
        let as_login = signer.verify(&ticket, at(NOW));
        assert_eq!(as_login, Err(TicketFault::WrongSignature));
        let login = signer.ticket(&user("joe@pve"), at(NOW));
        let as_challenge = signer.verify_challenge(&login, &user("joe@pve"), at(NOW));
        assert_eq!(as_challenge, Err(TicketFault::WrongSignature));
    }
}

#[test]
fn console_tickets() {
    let who = Identity::from(user("joe@pve"));
    for product in Product::ALL {
        let signer = signer(product);
        let ticket = signer.console(&who, "/vms/100", 5900, at(NOW));
        let start = match product {
            Product::Pve => "PVEVNC:69000000::",
            Product::Pbs => "PBSTERM::69000000::",
            Product::Pdm => "PDMTERM::69000000::",
        };
        assert!(ticket.starts_with(start), "{ticket}");
        let verify =
            |path, port, age| signer.verify_console(&ticket, &who, path, port, at(NOW + age));
        assert_eq!(verify("/vms/100", 5900, 39), Ok(()));
        assert_eq!(
            verify("/vms/101", 5900, 0),
            Err(TicketFault::WrongSignature)
        );
        assert_eq!(
            verify("/vms/100", 5901, 0),
            Err(TicketFault::WrongSignature)
        );
        assert_eq!(verify("/vms/100", 5900, 40).is_err(), product.is_perl());
        let login = signer.ticket(&who.user, at(NOW));
        assert!(
            signer
                .verify_console(&login, &who, "/vms/100", 5900, at(NOW))
                .is_err()
        );
    }
}

#[test]
fn csrf_tokens() {
    for product in Product::ALL {
        let signer = signer(product);
        let token = signer.csrf(&user("joe@pve"), at(NOW));
        let (time, tag) = token.split_once(':').unwrap();
        assert_eq!((time, tag.len()), ("69000000", 43));
        let verify =
            |name: &str, token: &str, age| signer.verify_csrf(&user(name), token, at(NOW + age));
        assert_eq!(verify("joe@pve", &token, 100), Ok(()));
        assert_eq!(
            verify("jim@pve", &token, 100),
            Err(TicketFault::WrongSignature)
        );
        assert_eq!(
            verify("joe@pve", &token, LIFETIME + 1),
            Err(TicketFault::Expired)
        );
        assert_eq!(verify("joe@pve", "invalid", 0), Err(TicketFault::Malformed));
        assert_eq!(
            verify("joe@pve", "69000000:é", 0),
            Err(TicketFault::Malformed)
        );
        let moved = token.replacen("69000000", "69000001", 1);
        assert_eq!(
            verify("joe@pve", &moved, 0),
            Err(TicketFault::WrongSignature)
        );
    }
}
