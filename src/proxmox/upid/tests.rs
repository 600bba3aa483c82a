//! UPIDs that clients know, and texts that are none.

use std::collections::HashSet;

use super::*;

const PVE: &str = "UPID:pve01:0000A1B2:0001C3D4:69000000:qmstart:100:root@pam:";
const PBS: &str =
    "UPID:pbs:000002F1:00000480:0000000A:69000000:verify:store1\\x3avm-100:joe@pbs!ci:";

#[test]
fn the_products_forms() {
    let upid = Upid::parse(PVE, Product::Pve).unwrap();
    assert_eq!(
        (upid.node.as_str(), upid.kind.as_str(), upid.id.as_str()),
        ("pve01", "qmstart", "100")
    );
    assert_eq!((upid.process.pid, upid.process.start), (0xA1B2, 0x1_C3D4));
    assert_eq!(upid.start, 0x6900_0000);
    assert_eq!(upid.to_string(), PVE);
    assert_eq!(PVE.split(':').count(), 9);

    let upid = Upid::parse(PBS, Product::Pbs).unwrap();
    assert_eq!(upid.id, "store1:vm/100");
    assert_eq!(upid.process.task, Some(10));
    assert_eq!(upid.user.token.as_deref(), Some("ci"));
    assert_eq!(upid.to_string(), PBS);
    assert_eq!(PBS.split(':').count(), 10);
}

#[test]
fn what_is_none() {
    let check = |from: &str, to: &str| {
        let text = PVE.replace(from, to);
        let fault = Upid::parse(&text, Product::Pve).unwrap_err();
        assert_eq!(
            fault.to_string(),
            format!("unable to parse worker upid '{text}'")
        );
    };
    check("pam:", "pam");
    check("UPID:", "XPID:");
    check("pve01", "");
    check("pve01", "-pve");
    check("0000A1B2", "A1B2");
    check("0001C3D4", "0000001C3D4");
    check("69000000", "6900000G");
    check("qmstart", "");
    check("qmstart", "qm start");
    check(":100:", ":a/b:");
    check(":100:", ":a:b:");
    check("root@pam", "root");
    assert!(Upid::parse(PVE, Product::Pbs).is_err());
    assert!(Upid::parse(PBS, Product::Pve).is_err());
    for broken in ["\\", "\\x3", "\\y3a", "\\xff"] {
        let text = PBS.replace("\\x3a", broken);
        let fault = Upid::parse(&text, Product::Pdm).unwrap_err();
        assert_eq!(fault.to_string(), format!("unable to parse UPID '{text}'"));
    }
}

#[test]
fn small_digits_and_long_starts_are_read() {
    let text = PVE
        .replace("0000A1B2", "0000a1b2")
        .replace("0001C3D4", "10001C3D4");
    let upid = Upid::parse(&text, Product::Pve).unwrap();
    assert_eq!(upid.process.start, 0x1_0001_C3D4);
    assert!(upid.to_string().contains(":0000A1B2:10001C3D4:"));
}

#[test]
fn ids_are_escaped() {
    let check = |product: Product, id: &str, want: &str| {
        let upid = Upid {
            node: "n".into(),
            process: Process::nth(product, 1),
            start: 1,
            kind: "t".into(),
            id: id.into(),
            user: Identity::parse("root@pam", product).unwrap(),
        };
        let text = upid.to_string();
        assert!(text.contains(&format!(":t:{want}:root@pam:")), "{text}");
        let read = Upid::parse(&text, product).unwrap();
        assert_eq!(read.to_string(), text);
        assert_eq!(read.id == id, want == id || !product.is_perl());
    };
    check(Product::Pve, "100@local", "100@local");
    check(Product::Pve, "a b:c/d", "a-b-c-d");
    check(Product::Pbs, "", "");
    check(Product::Pbs, ".x-y/é", "\\x2ex\\x2dy-\\xc3\\xa9");
}

#[test]
fn processes_are_repeatable_and_different() {
    let of = |product: Product| (0..20_000).map(move |n| Process::nth(product, n));
    for product in Product::ALL {
        let different: HashSet<_> = of(product).collect();
        assert_eq!(different.len(), 20_000);
        assert_eq!(Process::nth(product, 7), Process::nth(product, 7));
    }
    let pids: HashSet<_> = of(Product::Pve).map(|process| process.pid).collect();
    assert_eq!(pids.len(), 20_000);
    let far = Process::nth(Product::Pve, u64::MAX);
    assert!(far.pid < 1 << 22 && far.start <= 0xFFFF_FFFF);
}

#[test]
fn upids_of_remotes() {
    let check = |text: &str, want: Option<(Product, &str)>| {
        let found = RemoteUpid::parse(text);
        let parts = found
            .as_ref()
            .ok()
            .map(|upid| (upid.product, upid.remote.as_str()));
        assert_eq!(parts, want, "{text}");
    };
    check(&format!("pve:lab!{PVE}"), Some((Product::Pve, "lab")));
    check(&format!("pbs:backup!{PBS}"), Some((Product::Pbs, "backup")));
    check(&format!("lab!{PVE}"), Some((Product::Pve, "lab")));
    check(&format!("backup!{PBS}"), Some((Product::Pbs, "backup")));
    check(&format!("pve:lab!{PBS}"), None);
    check(&format!("xyz:lab!{PVE}"), None);
    check(&format!("pve:!{PVE}"), None);
    check(PVE, None);
    let text = format!("pbs:backup!{PBS}");
    assert_eq!(RemoteUpid::parse(&text).unwrap().to_string(), text);
}
