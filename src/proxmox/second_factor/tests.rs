//! Factors of one user, from their beginning to their end.

use super::*;
use crate::proxmox::fault::Fault;

const URI: &str = "otpauth://totp/Lab:ann@pve?secret=GEZDGNBVGY3TQOJQ&issuer=Lab";

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn code(second: i64) -> String {
    Totp::from_uri(URI).unwrap().code(at(second)).unwrap()
}

fn wanted(kind: FactorKind) -> Wanted<'static> {
    Wanted {
        kind,
        description: Some("Phone"),
        totp: None,
        value: None,
        challenge: None,
    }
}

fn with_totp(second: i64) -> User {
    let mut user = User::default();
    let code = code(second);
    let wanted = Wanted {
        totp: Some(URI),
        value: Some(&code),
        ..wanted(FactorKind::Totp)
    };
    let added = user.add_factor(&wanted, at(second), || 7).unwrap();
    assert!(added.recovery.is_empty());
    assert!(user.factors.contains_key(&added.id));
    user
}

/// Answers a challenge as a login does.
fn answer(user: &mut User, answer: &str, second: i64) -> bool {
    let proof = user.prove(answer, at(second));
    user.settle(&proof, at(second));
    proof.fits()
}

#[test]
fn a_code_counts_once() {
    let mut user = with_totp(3_000);
    assert_eq!(user.challenge().unwrap(), r#"{"totp":true}"#);
    let first = format!("totp:{}", code(3_000));
    assert!(!answer(&mut user, &code(3_000), 3_000));
    assert!(answer(&mut user, &first, 3_000));
    assert!(!answer(&mut user, &first, 3_010));
    let next = format!("totp:{}", code(3_060));
    assert!(answer(&mut user, &next, 3_060));
    assert_eq!(user.lockout, Lockout::default());
}

#[test]
fn recovery_keys_count_once_and_unlock() {
    let mut user = with_totp(3_000);
    let mut bits = 0;
    let keys = user
        .add_factor(
            &Wanted {
                description: None,
                ..wanted(FactorKind::Recovery)
            },
            at(3_000),
            || {
                bits += 1;
                bits
            },
        )
        .unwrap();
    assert_eq!(keys.recovery.len(), 10);
    assert_eq!(keys.recovery[9], "0000-0000-0000-000a");
    for _ in 0..8 {
        assert!(!user.lockout.totp_locked);
        assert!(!answer(&mut user, "totp:1", 3_000));
    }
    assert!(user.lockout.totp_locked);
    let good = format!("totp:{}", code(3_000));
    assert!(!answer(&mut user, &good, 3_000));
    let key = format!("recovery:{}", keys.recovery[1]);
    assert!(answer(&mut user, &key, 3_000));
    assert!(!answer(&mut user, &key, 3_000));
    assert!(answer(&mut user, &good, 3_000));
    let challenge = user.challenge().unwrap();
    assert_eq!(challenge, r#"{"totp":true,"recovery":[0,2,3,4,5,6,7,8,9]}"#);
}

#[test]
fn too_many_failures_lock_for_an_hour() {
    let mut user = with_totp(3_000);
    for _ in 0..100 {
        assert!(!answer(&mut user, "recovery:x", 3_000));
    }
    assert_eq!(user.lockout.tfa_locked_until, Some(6_600));
    assert_eq!(user.lockout.shown(at(6_599)).len(), 1);
    assert_eq!(user.lockout.shown(at(6_600)).len(), 0);
    assert_eq!(user.prove("recovery:x", at(6_599)), Proof::Refused);
    assert!(user.unlock_factors(at(6_599)));
    assert!(!user.unlock_factors(at(6_599)));
    assert!(answer(&mut user, &format!("totp:{}", code(6_599)), 6_599));
}

#[test]
fn what_cannot_be_added() {
    let mut user = with_totp(3_000);
    let check = |user: &mut User, wanted: Wanted<'_>, want: &str| {
        let refused = user.add_factor(&wanted, at(3_000), || 7).unwrap_err();
        assert_eq!(refused, Fault::Failed(want.to_owned()));
    };
    let totp = wanted(FactorKind::Totp);
    check(
        &mut user,
        totp,
        "'totp' type requires both 'totp' and 'value' parameters",
    );
    let wrong = Wanted {
        totp: Some(URI),
        value: Some("1"),
        ..totp
    };
    check(&mut user, wrong, "failed to verify TOTP challenge");
    let bare = Wanted {
        description: None,
        ..totp
    };
    check(&mut user, bare, "'description' is required for new entries");
    let webauthn = wanted(FactorKind::Webauthn);
    check(&mut user, webauthn, "no webauthn configuration available");
    let recovery = wanted(FactorKind::Recovery);
    user.add_factor(&recovery, at(3_000), || 7).unwrap();
    check(&mut user, recovery, "user already has recovery keys");
    assert_eq!(user.factors.len(), 2);
}

#[test]
fn lists_changes_and_ends() {
    let mut user = with_totp(3_000);
    user.add_factor(&wanted(FactorKind::Recovery), at(3_001), || 7)
        .unwrap();
    let shown = user.shown_factors();
    assert_eq!(shown[0]["type"], "recovery");
    assert_eq!(shown[1]["description"], "Phone");
    assert_eq!(shown[1].get("enable"), None);
    let id = shown[1]["id"].as_str().unwrap();
    assert!(user.change_factor(id, Some("Old phone"), Some(false)));
    assert!(!user.change_factor(RECOVERY, None, Some(false)));
    assert!(!user.change_factor("x", None, None));
    assert_eq!(user.factors[id].shown(id)["enable"], false);
    assert!(user.remove_factor(RECOVERY));
    assert!(!user.remove_factor(RECOVERY));
    assert_eq!(user.challenge(), None, "the one left does not count");
}

#[test]
fn security_keys_are_asked_for_and_never_fit() {
    let mut user = User::default();
    for (id, kind) in [("w", FactorKind::Webauthn), ("u", FactorKind::U2f)] {
        let factor = Factor::new(kind, "Key", at(0));
        user.factors.insert(id.to_owned(), factor);
    }
    let challenge: Value = serde_json::from_str(&user.challenge().unwrap()).unwrap();
    assert_eq!(challenge["webauthn"]["publicKey"]["challenge"], "w");
    assert_eq!(challenge["u2f"]["keys"][0]["keyHandle"], "u");
    assert_eq!(user.prove("webauthn:{}", at(0)), Proof::Wrong(Tried::Other));
    assert_eq!(user.prove("webauthn:{", at(0)), Proof::Refused);
    assert_eq!(user.prove("yubico:x", at(0)), Proof::Refused);
}
