//! Ids that are ids, and texts that are not.

use super::*;

#[test]
fn users() {
    let check = |text: &str, product: Product, want: Option<(&str, &str)>| {
        let user = UserId::parse(text, product);
        let parts = user.as_ref().ok().map(|user| (user.name(), user.realm()));
        assert_eq!(parts, want, "{text} of {product:?}");
    };
    for product in Product::ALL {
        check("root@pam", product, Some(("root", "pam")));
        check("a@b.c@ad-1", product, Some(("a@b.c", "ad-1")));
        check("é!x@pbs", product, Some(("é!x", "pbs")));
        check("root", product, None);
        check("@pam", product, None);
        check("root@", product, None);
        check("ro ot@pam", product, None);
        check("ro:ot@pam", product, None);
        check("root@pam!x", product, None);
        check(&format!("{}@pam", "x".repeat(61)), product, None);
    }
    check("a\u{1}b@pve", Product::Pve, Some(("a\u{1}b", "pve")));
    check("a\u{1}b@pve", Product::Pbs, None);
    check("a@1x", Product::Pve, None);
    check("a@p", Product::Pve, None);
    check("a@p", Product::Pbs, Some(("a", "p")));
    check("a@1x", Product::Pdm, Some(("a", "1x")));
}

#[test]
fn tokens() {
    let check = |text: &str, product: Product, want: Option<(&str, &str)>| {
        let token = TokenId::parse(text, product);
        let parts = token.as_ref().ok();
        let parts = parts.map(|token| (token.user.as_str(), &*token.name));
        assert_eq!(parts, want, "{text} of {product:?}");
        let known = parts.is_some();
        assert_eq!(known, token.is_ok_and(|token| token.to_string() == text));
    };
    for product in Product::ALL {
        check("root@pam!mock", product, Some(("root@pam", "mock")));
        check("a!b@pam!mock", product, Some(("a!b@pam", "mock")));
        check("root@pam", product, None);
        check("root@pam!", product, None);
        check("root!mock", product, None);
        check("root@pam!a b", product, None);
        check("root@pam!a!b", product, None);
    }
    check("root@pam!2x", Product::Pve, None);
    check("root@pam!2xy", Product::Pbs, Some(("root@pam", "2xy")));
    check("root@pam!ab", Product::Pve, Some(("root@pam", "ab")));
    check("root@pam!a", Product::Pve, None);
    check("root@pam!a", Product::Pbs, Some(("root@pam", "a")));
}

#[test]
fn identities() {
    let check = |text: &str, token: Option<&str>, root: bool| {
        let identity = Identity::parse(text, Product::Pve).unwrap();
        assert_eq!(identity.token.as_deref(), token);
        assert_eq!(identity.is_root(), root);
        assert_eq!(identity.to_string(), text);
        assert_eq!(identity.token_id().is_some(), token.is_some());
    };
    check("root@pam", None, true);
    check("root@pam!mock", Some("mock"), false);
    check("joe@pve", None, false);
}

#[test]
fn refusals_in_the_words_of_pve() {
    let check = |text: &str, want: &str| {
        let fault = UserId::parse(text, Product::Pve).unwrap_err();
        assert_eq!(fault.to_string(), want);
    };
    check("ab", "user name 'ab' is too short");
    check("joe", "value 'joe' does not look like a valid user name");
    let long = "x".repeat(65);
    check(&long, &format!("user name '{long}' is too long (65 > 64)"));
    let token = TokenId::parse("joe", Product::Pve).unwrap_err();
    assert_eq!(
        token.to_string(),
        "value 'joe' does not look like a valid token ID"
    );
}
