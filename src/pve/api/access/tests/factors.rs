//! Second factors: what is added is what a login asks for.

use serde_json::{Value, json};

use super::*;
use crate::proxmox::second_factor::Totp;

const URI: &str = "otpauth://totp/Lab:ci?secret=GEZDGNBVGY3TQOJQ&issuer=Lab";

fn code(desk: &Desk<World>) -> String {
    Totp::from_uri(URI).unwrap().code(desk.now()).unwrap()
}

fn with_totp(desk: &Desk<World>) -> Value {
    let body = format!(
        "type=totp&description=Phone&totp={}&value={}&password=ci-runner-secret",
        escaped(URI),
        code(desk)
    );
    desk.must("POST /access/tfa/ci@pve", &body)["id"].clone()
}

/// The first step of a login, which must ask for more: its ticket.
fn first_step(desk: &Desk<World>) -> String {
    let data = desk.must(
        "POST /access/ticket",
        "username=ci@pve&password=ci-runner-secret",
    );
    assert_eq!(data["NeedTFA"], 1);
    assert!(data.get("cap").is_none());
    data["ticket"].as_str().unwrap().to_owned()
}

fn second_step(desk: &Desk<World>, answer: &str) -> Got {
    let body = format!(
        "username=ci@pve&tfa-challenge={}&password={}",
        escaped(&first_step(desk)),
        escaped(answer)
    );
    desk.ask("POST /access/ticket", &body)
}

#[test]
fn codes_of_a_phone() {
    let mut desk = strict_desk();
    desk.log_in("ci@pve");
    let id = with_totp(&desk);
    let id = id.as_str().unwrap();
    let listed = json!([{
        "id": id, "type": "totp", "description": "Phone", "created": desk.now().as_second(),
    }]);
    assert_eq!(desk.get("/access/tfa/ci@pve"), listed);
    assert_eq!(desk.get(&format!("/access/tfa/ci@pve/{id}")), listed[0]);
    let all = desk.get("/access/tfa");
    assert_eq!(all, json!([{"userid": "ci@pve", "entries": listed}]));
    let kinds = desk.get("/access/users/ci@pve/tfa?multiple=1");
    assert_eq!(kinds, json!({"types": ["totp"]}));
    assert_eq!(desk.get("/access/users")[0]["keys"], "x");
    let ticket = first_step(&desk);
    assert!(
        ticket.starts_with("PVE:!tfa!%7B%22totp%22%3Atrue%7D:"),
        "{ticket}"
    );
    let good = format!("totp:{}", code(&desk));
    assert!(second_step(&desk, "totp:000000").status.starts_with("401"));
    let data = second_step(&desk, &good).ok();
    assert!(data["cap"].is_object());
    assert!(second_step(&desk, &good).status.starts_with("401"), "used");
    desk.step(60);
    let at_once = format!(
        "username=ci@pve&password=ci-runner-secret&otp=totp:{}",
        code(&desk)
    );
    desk.must("POST /access/ticket", &at_once);
    let path = format!("/access/tfa/ci@pve/{id}");
    desk.must(&format!("PUT {path}"), "enable=0&password=ci-runner-secret");
    assert_eq!(desk.get(&path)["enable"], 0);
    let data = desk.must(
        "POST /access/ticket",
        "username=ci@pve&password=ci-runner-secret",
    );
    assert!(data.get("NeedTFA").is_none());
    desk.must(&format!("DELETE {path}?password=ci-runner-secret"), "");
    assert_eq!(desk.get("/access/tfa/ci@pve"), json!([]));
    assert!(desk.get("/access/users")[0].get("keys").is_none());
    holds(&desk);
}

#[test]
fn who_fails_too_often_is_locked_out() {
    let mut desk = strict_desk();
    desk.log_in("ci@pve");
    with_totp(&desk);
    let body = "type=recovery&password=ci-runner-secret";
    let keys = desk.must("POST /access/tfa/ci@pve", body);
    assert_eq!(keys["id"], "recovery");
    let key = |n: usize| format!("recovery:{}", keys["recovery"][n].as_str().unwrap());
    for _ in 0..8 {
        assert!(second_step(&desk, "totp:1").status.starts_with("401"));
    }
    let good = format!("totp:{}", code(&desk));
    assert!(second_step(&desk, &good).status.starts_with("401"));
    assert_eq!(desk.get("/access/tfa")[0]["totp-locked"], 1);
    assert_eq!(desk.get("/access/users")[0]["totp-locked"], 1);
    second_step(&desk, &key(3)).ok();
    assert!(second_step(&desk, &key(3)).status.starts_with("401"));
    assert!(first_step(&desk).contains("%5B0%2C1%2C2%2C4%2C5"));
    assert!(desk.get("/access/tfa")[0].get("totp-locked").is_none());
    desk.log_in("root@pam");
    for _ in 0..100 {
        second_step(&desk, "recovery:x");
    }
    let until = desk.now().as_second() + 3_600;
    let row = desk.get("/access/tfa")[0].clone();
    assert_eq!(row["tfa-locked-until"], until);
    assert!(second_step(&desk, &key(0)).status.starts_with("401"));
    assert_eq!(desk.must("PUT /access/users/ci@pve/unlock-tfa", ""), 1);
    assert_eq!(desk.must("PUT /access/users/ci@pve/unlock-tfa", ""), 0);
    second_step(&desk, &key(0)).ok();
}

#[test]
fn refusals_about_factors() {
    let mut desk = strict_desk();
    let password =
        r#"400 Parameter verification failed. {"password":"password is required to modify user"}"#;
    desk.log_in("ci@pve");
    check(
        &desk,
        &[
            ("POST /access/tfa/ci@pve", "type=recovery", password),
            (
                "POST /access/tfa/ci@pve",
                "type=recovery&password=wrong",
                "500 invalid credentials",
            ),
            (
                "POST /access/tfa/root@pam",
                "type=recovery&password=wrong",
                "403 Permission check failed",
            ),
        ],
    );
}

#[test]
fn refusals_of_the_library() {
    let mut desk = strict_desk();
    desk.log_in("root@pam");
    check(
        &desk,
        &[
            (
                "POST /access/tfa/ci@pve",
                "type=totp&description=x",
                "500 'totp' type requires both 'totp' and 'value' parameters",
            ),
            (
                "POST /access/tfa/ci@pve",
                "type=totp&description=x&totp=x&value=1",
                "500 not an otpauth uri",
            ),
            (
                "POST /access/tfa/ci@pve",
                "type=webauthn&description=x",
                "500 no webauthn configuration available",
            ),
            (
                "POST /access/tfa/ci@pve",
                "type=yubico&description=x&value=y",
                "500 no yubico otp configuration available for realm pve",
            ),
            ("GET /access/tfa/ci@pve/x", "", "404 No such tfa entry 'x'"),
            ("PUT /access/tfa/ci@pve/x", "enable=1", "500 no such entry"),
            ("DELETE /access/tfa/ci@pve/x", "", "500 no such entry"),
            (
                "POST /access/tfa/ann@pve",
                "type=recovery",
                "500 no such user ('ann@pve')",
            ),
            (
                "PUT /access/users/ci@pve/unlock-tfa",
                "",
                "500 no such user",
            ),
        ],
    );
    let old = desk_of("7.4").ask("POST /access/tfa", "response=123456");
    assert_eq!(old.status, "500 no u2f data available");
}

#[test]
fn realms_that_ask_for_a_factor() {
    let mut desk = strict_desk();
    desk.log_in("ci@pve");
    with_totp(&desk);
    desk.log_in("root@pam");
    desk.must("PUT /access/domains/pve", "tfa=type%3Doath%2Cdigits%3D6");
    assert_eq!(
        desk.get("/access/users/ci@pve/tfa"),
        json!({"realm": "oath", "user": "oath"})
    );
    let none = desk.ask(
        "POST /access/ticket",
        "username=auditor@pve&password=auditor-secret",
    );
    assert!(none.status.starts_with("401"), "{none:?}");
    let good = format!("totp:{}", code(&desk));
    second_step(&desk, &good).ok();
}

#[test]
fn constant_codes_of_world_files() {
    let desk = strict_desk();
    desk.change(|world| {
        let mut file = world.export();
        file["access"]["users"]["ci@pve"]["totp"] = json!("123456");
        *world = World::read(&file).unwrap();
    });
    for _ in 0..2 {
        second_step(&desk, "totp:123456").ok();
    }
    let mut old = desk_of("7.4");
    old.change(|world| {
        let mut file = world.export();
        file["access"]["users"]["root@pam"]["totp"] = json!("123456");
        *world = World::read(&file).unwrap();
    });
    old.log_in("root@pam");
    let data = old.must("POST /access/tfa", "response=123456");
    assert!(
        data["ticket"]
            .as_str()
            .unwrap()
            .starts_with("PVE:root@pam:")
    );
}
