//! Accounts of a world file, and what is asked about them.

use serde_json::json;

use super::*;

fn user(text: &str) -> UserId {
    UserId::parse(text, Product::Pve).unwrap()
}

fn token(text: &str) -> TokenId {
    TokenId::parse(text, Product::Pve).unwrap()
}

fn now() -> Timestamp {
    Timestamp::from_second(1_000).unwrap()
}

fn directory() -> Directory {
    serde_json::from_value(json!({
        "users": {
            "ann@pve": {"password": "a", "totp": "123456", "tokens": {
                "t1": {"secret": "s", "privsep": false}, "old": {"secret": "s", "expire": 1_000},
            }},
            "off@pve": {"enable": false},
            "old@pve": {"expire": 999},
            "new@pve": {"expire": 1_001},
            "two@pve": {},
            "two@pam": {},
        },
        "groups": {"ops": {"members": ["ann@pve"]}},
        "roles": {"Mine": ["VM.Audit"]},
    }))
    .unwrap()
}

#[test]
fn world_files() {
    let whole = directory();
    let file = serde_json::to_value(&whole).unwrap();
    assert_eq!(serde_json::from_value::<Directory>(file).unwrap(), whole);
    let wrong = json!({"users": {"ann@pve": {"pasword": "x"}}});
    let refused = serde_json::from_value::<Directory>(wrong).unwrap_err();
    assert!(refused.to_string().contains("unknown field `pasword`"));
}

#[test]
fn standings() {
    let directory = directory();
    let check = |id: &str, want: Standing| {
        assert_eq!(directory.standing(&user(id), now()), want, "{id}");
    };
    check("ann@pve", Standing::Good);
    check("off@pve", Standing::Disabled);
    check("old@pve", Standing::Expired);
    check("new@pve", Standing::Good);
    check("ann@pam", Standing::Missing);
    check("root@pam", Standing::Good);
    let old = directory.token(&token("ann@pve!old"), now()).unwrap();
    assert_eq!(old.standing, Standing::Expired);
    assert_eq!(directory.token(&token("ann@pve!none"), now()), None);
    let shared = directory.separation(&token("ann@pve!t1"));
    assert_eq!(shared, Some(Separation::Shared));
}

#[test]
fn passwords_and_factors() {
    let directory = directory();
    let ann = user("ann@pve");
    assert!(directory.password_fits(&ann, "a"));
    assert!(!directory.password_fits(&ann, "b"));
    assert!(!directory.password_fits(&user("new@pve"), ""));
    assert!(directory.challenge(&ann).is_some());
    assert!(directory.prove(&ann, "totp:123456", now()).fits());
    assert!(!directory.prove(&ann, "123456", now()).fits());
    assert!(!directory.prove(&user("new@pve"), "totp:1", now()).fits());
    assert_eq!(directory.only_user_named("ann"), Some(ann));
    assert_eq!(directory.only_user_named("two"), None);
}

#[test]
fn what_goes_with_a_user() {
    let mut directory = directory();
    let mut list = AccessList::default();
    let (ann, owned) = (user("ann@pve"), token("ann@pve!t1"));
    list.grant("/", Subject::User(ann.clone()), "Mine", Reach::Below);
    list.grant("/", Subject::Token(owned.clone()), "Mine", Reach::Below);
    assert!(directory.is_member(&ann, "ops"));
    assert!(directory.remove_token(&owned, &mut list));
    assert!(!directory.remove_token(&owned, &mut list));
    assert_eq!(list.entries().count(), 1);
    assert!(directory.remove_user(&ann, &mut list));
    assert_eq!(list.entries().count(), 0);
    assert!(!directory.is_member(&ann, "ops"));
    assert_eq!(directory.group_names(), ["ops"]);
}

#[test]
fn documented_accounts() {
    for product in Product::ALL {
        let mut list = AccessList::default();
        let directory = Directory::documented(product, "secret", &mut list);
        assert!(directory.password_fits(&UserId::root(), "secret"));
        let id = token("root@pam!mock");
        let known = directory.token(&id, now()).unwrap();
        assert_eq!(known.secret, TOKEN_SECRET);
        assert_eq!(list.entries().count(), usize::from(!product.is_perl()));
    }
}
