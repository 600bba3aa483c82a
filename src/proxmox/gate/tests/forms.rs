//! What is checked about the form of a request, and when.

use super::*;
use crate::proxmox::fault::Unacceptable;

#[test]
fn the_perl_product_looks_at_the_form_first() {
    let hut = Hut::new(Product::Pve, Mode::Strict, &[]);
    let check = |line: &str, fields: &Fields, body: &str, want: Unacceptable| {
        let found = fault(&hut, line, fields, body);
        assert_eq!(found, Fault::Unacceptable(want), "{line}");
    };
    let none = Fields::new();
    let method = |name: &str| Unacceptable::Method(name.into());
    check("HEAD /api2/json/version", &none, "", method("HEAD"));
    check("PATCH /api2/json/nowhere", &none, "x", method("PATCH"));
    check(
        "DELETE /api2/json/pools/x",
        &none,
        "a=1",
        Unacceptable::BodyNotExpected("DELETE".into()),
    );
    check(
        "POST /api2/json/pools",
        &vec![field("content-type", "text/plain; charset=x")],
        "a",
        Unacceptable::ContentType("text/plain; charset=x".into()),
    );
    check(
        "POST /api2/json/pools",
        &vec![field("transfer-encoding", "chunked")],
        "a",
        Unacceptable::Chunked,
    );
    let large = "a".repeat(LONGEST_BODY + 1);
    check(
        "PUT /api2/json/pools",
        &none,
        &large,
        Unacceptable::BodyTooLarge,
    );
    check(
        "POST /api2/json/nodes/pve01/storage/local/upload",
        &none,
        "a",
        Unacceptable::ContentType(String::new()),
    );
}

#[test]
fn the_rust_products_look_at_the_body_last() {
    let hut = Hut::new(Product::Pbs, Mode::Strict, &[]);
    let (joe, mut root) = (hut.logged_in("joe@pbs"), hut.logged_in("root@pam"));
    let line = "PUT /api2/json/config/datastore/store1";
    let mut plain = joe.clone();
    plain.push(field("content-type", "text/plain"));
    assert!(matches!(fault(&hut, line, &plain, "x"), Fault::Denied(_)));
    let large = "a".repeat(LONGEST_BODY + 1);
    let too_large = Fault::Unacceptable(Unacceptable::BodyTooLarge);
    assert_eq!(fault(&hut, line, &root, &large), too_large);
    let found = fault(&hut, line, &root, "name=store1");
    assert_eq!(found, Fault::parameter("name", "duplicate parameter."));
    let node = fault(&hut, "GET /api2/json/nodes/other/time?bad=1", &root, "");
    assert_eq!(node, Fault::parameter("node", "no such node 'other'"));
    let long = format!("GET /api2/json/version?{}", "a".repeat(3100));
    let too_long = Fault::Unacceptable(Unacceptable::TargetTooLong);
    assert_eq!(fault(&hut, &long, &Fields::new(), ""), too_long);
    root.push(field("content-type", "application/json; charset=utf-8"));
    let body = r#"{"name": "x"}"#;
    assert_eq!(hut.ask(line, &root, body).unwrap().1["name"], "store1");
    root[2].1 = "text/plain".into();
    let kind = Unacceptable::ContentType("text/plain".into());
    assert_eq!(fault(&hut, line, &root, "x"), Fault::Unacceptable(kind));
}

#[test]
fn uploads_need_a_privilege_and_no_csrf_token() {
    let grants = ["/storage/local ann@pve PVEDatastoreAdmin"];
    let hut = Hut::new(Product::Pve, Mode::Strict, &grants);
    let form = field("content-type", "multipart/form-data; boundary=x");
    let disposition = "Content-Disposition: form-data; name=";
    let body = format!(
        "--x\r\n{disposition}\"content\"\r\n\r\niso\r\n\
         --x\r\n{disposition}\"filename\"; filename=\"a.iso\"\r\n\r\nbytes\r\n--x--\r\n"
    );
    let check = |storage: &str, user: &str, body: &str| {
        let line = format!("POST /api2/json/nodes/pve01/storage/{storage}/upload");
        let fields = vec![hut.logged_in(user)[0].clone(), form.clone()];
        hut.ask(&line, &fields, body)
    };
    let given = check("local", "ann@pve", &body).unwrap().1;
    assert_eq!(
        (&given["content"], &given["filename"]),
        (&"iso".into(), &"a.iso".into())
    );
    let broken = Fault::Unacceptable(Unacceptable::Upload);
    assert_eq!(check("local", "ann@pve", "--y").unwrap_err(), broken);
    let why = Denied::because("/storage/other, Datastore.AllocateTemplate");
    assert_eq!(
        check("other", "ann@pve", &body).unwrap_err(),
        Fault::UploadDenied(why)
    );
}
