//! Paths: of requests as the three products read them, as the lenient look-up reads them, and of permissions.

use proptest::prelude::*;

use mock_server::http::path;
use mock_server::proxmox::Product;
use mock_server::proxmox::acl;
use mock_server::proxmox::address::{Address, Target};

use super::{config, nasty};

/// Something between the start of a request line and its end.
fn paths() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "/", "//", "/.", "/..", "/api2", "/json", "/extjs", "/html", "/nodes", "%2f", "%2F", "%25", "%252F",
            "%2e%2e", "%00", "%ff", "%c3%a9", "%c3", "%", "%g0", "a", "\\", "?", "#", ";", "\u{0}", "é",
        ]).prop_map(str::to_owned),
        1 => nasty(),
    ];
    let start = prop::sample::select(vec![
        "",
        "/api2",
        "/api2/json",
        "/api2/json/",
        "/api2/extjs",
    ]);
    (start, prop::collection::vec(piece, 0..12))
        .prop_map(|(start, pieces)| start.to_owned() + &pieces.concat())
}

fn read(product: Product, path: &str) -> Option<Target> {
    match Address::read(product, path) {
        Ok(Address::Api(target)) => Some(target),
        Ok(Address::Outside(_)) | Err(_) => None,
    }
}

/// One form: rooted, without empty parts, with no escapes but the two that look-up keeps.
fn is_canonical(found: &str) -> bool {
    let parts_are_there = found == "/" || !found[1..].split('/').any(str::is_empty);
    found.starts_with('/') && parts_are_there && path::canonical(found).as_deref() == Some(found)
}

proptest! {
    #![proptest_config(config(800))]

    #[test]
    fn addresses_have_one_form(path in paths()) {
        for product in Product::ALL {
            let Some(target) = read(product, &path) else {
                continue;
            };
            prop_assert!(is_canonical(&target.path), "{target:?}");
            prop_assert!(target.path.len() <= 3 * (path.len() + 1), "{target:?}");
            let dotted = target.path.contains("/.");
            match read(product, &format!("/api2/json{}", target.path)) {
                Some(again) => prop_assert_eq!(&again.path, &target.path),
                // A dot that came escaped is refused where it stands plain.
                None => prop_assert!(dotted && !product.is_perl(), "{target:?}"),
            }
        }
    }

    #[test]
    fn paths_have_one_form(path in paths()) {
        if let Some(canonical) = path::canonical(&path) {
            let again = path::canonical(&canonical);
            prop_assert_eq!(again.as_deref(), Some(&*canonical));
            for segment in canonical.split('/') {
                let value = path::value(segment);
                let written = value.replace('%', "%25").replace('/', "%2F");
                prop_assert!(!path.contains('%') || written == segment, "{segment:?} is {value:?}");
            }
        }
        if let Some(clean) = path::cleaned(&path) {
            prop_assert_eq!(path::cleaned(&clean), None);
            prop_assert!(clean.starts_with('/'));
        }
    }

    #[test]
    fn paths_of_permissions_have_one_form(path in paths()) {
        if let Some(normal) = acl::normalized(&path) {
            prop_assert!(normal == "/" || normal.starts_with('/') && !normal.ends_with('/'));
            prop_assert!(!normal.contains("//"));
            let again = acl::normalized(&normal);
            prop_assert_eq!(again.as_deref(), Some(&*normal));
        }
    }
}

#[test]
fn very_long_paths() {
    let check = |piece: &str| {
        let path = format!("/api2/json/{}", piece.repeat(200_000));
        for product in Product::ALL {
            let target = read(product, &path).unwrap();
            assert!(is_canonical(&target.path), "{piece}");
        }
        assert!(acl::normalized(&path).is_none_or(|normal| normal.len() <= path.len()));
        assert!(path::cleaned(&path).is_none_or(|clean| clean.len() <= path.len()));
    };
    check("/");
    check("/a");
    check("/%2f");
    check("%");
    check("%25");
    check("/%2e%2e");
}
