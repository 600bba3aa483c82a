//! Paths of the three products, and the templates that take the rest of one.

use std::fs;

use proptest::prelude::*;

use super::*;
use crate::contract::Contract;

fn api(product: Product, path: &str) -> Target {
    match Address::read(product, path) {
        Ok(Address::Api(target)) => target,
        other => panic!("{path}: {other:?}"),
    }
}

#[test]
fn operation_paths() {
    let check = |path: &str, pve: &str, pbs: &str| {
        assert_eq!(api(Product::Pve, path).path, pve, "{path}");
        assert_eq!(api(Product::Pbs, path).path, pbs, "{path}");
    };
    check("/api2/json", "/", "/");
    check("/api2/json/", "/", "/");
    check("/api2/json/nodes", "/nodes", "/nodes");
    check("/api2//json//nodes/", "/nodes", "/nodes");
    check("/api2/json/a%20b", "/a b", "/a b");
    check("/api2/json/a%2Fb", "/a/b", "/a%2Fb");
    check("/api2/json/a%252Fb", "/a%252Fb", "/a%252Fb");
    check("/api2/json/100%", "/100%25", "/100%25");
    check(
        "/api2/json/access/users/root%40pam",
        "/access/users/root@pam",
        "/access/users/root@pam",
    );
}

#[test]
fn formats_and_shown_paths() {
    let target = api(Product::Pve, "/api2/extjs/nodes//x/");
    assert_eq!(target.format, Format::Extjs);
    assert_eq!(target.shown, "/nodes//x/");
    let target = api(Product::Pve, "/api2/html/nodes");
    assert_eq!(target.unknown_format.as_deref(), Some("html"));
    let target = api(Product::Pdm, "/api2//extjs/ping/");
    assert_eq!(target.format, Format::Extjs);
    assert_eq!(
        (&*target.shown, &*target.full),
        ("/ping", "/api2/extjs/ping")
    );
}

#[test]
fn what_is_refused_at_once() {
    let check = |product: Product, path: &str, want: Fault| {
        assert_eq!(Address::read(product, path), Err(want), "{path}");
    };
    let no_path = |path: &str| Fault::NoApiPath(path.to_owned());
    for path in ["/api2", "/api2/", "/api2x", "/api2/JSON/nodes", "/api2/j"] {
        check(Product::Pve, path, no_path(path));
    }
    check(Product::Pbs, "/api2/", no_path("/api2"));
    let format = Fault::NoFormat {
        path: "/nodes".into(),
        format: "html".into(),
    };
    check(Product::Pbs, "/api2/html/nodes", format);
    let dots = Fault::Failed("path contains illegal components".into());
    check(Product::Pdm, "/api2/json/../x", dots.clone());
    check(Product::Pdm, "/.hidden", dots);
}

#[test]
fn what_is_outside() {
    let check = |product: Product, path: &str, want: &str| {
        let outside = Ok(Address::Outside(want.to_owned()));
        assert_eq!(Address::read(product, path), outside, "{path}");
    };
    for product in Product::ALL {
        check(product, "/", "/");
        check(product, "//pve2//images/a%20b.png", "/pve2/images/a b.png");
    }
    check(Product::Pbs, "/api2x", "/api2x");
    check(Product::Pve, "/x/../api2/json", "/x/../api2/json");
}

#[test]
fn which_templates_take_the_rest() {
    let check = |name: &str, want: usize| {
        let path = format!("{}/openapi/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let contract = Contract::parse(&fs::read(path).unwrap(), name).unwrap();
        let rest: Vec<_> = contract
            .paths
            .iter()
            .map(|item| &*item.template)
            .filter(|template| takes_rest(template))
            .collect();
        assert_eq!(rest.len(), want, "{name}: {rest:?}");
        // Nothing stands below them that the rest would hide.
        for template in rest {
            let below = format!("{template}/");
            let mut others = contract.paths.iter();
            assert!(!others.any(|item| item.template.starts_with(&below)));
        }
    };
    check("pve-9.2", 4);
    check("pve-8.4", 4);
    check("pve-7.4", 4);
    check("pbs-4", 0);
    check("pdm-1", 0);
}

proptest! {
    #[test]
    fn any_path_is_an_address_or_refused(path in "(/api2)?(/json)?[/%0-9a-f.é\\PC]{0,60}") {
        for product in Product::ALL {
            if let Ok(Address::Api(target)) = Address::read(product, &path) {
                prop_assert!(target.path.starts_with('/'), "{target:?}");
                prop_assert!(!target.path.contains("//"), "{target:?}");
                let parts = parts(&target.path).count();
                let again = Address::read(product, &format!("/api2/json{}", target.path));
                if let Ok(Address::Api(again)) = again {
                    prop_assert_eq!(super::parts(&again.path).count(), parts);
                }
            }
        }
    }
}
