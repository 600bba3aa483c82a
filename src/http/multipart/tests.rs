//! Bodies as browsers, Python and Go write them, and bodies that nobody should write.

use proptest::prelude::*;

use super::*;

const TYPE: &str = "multipart/form-data; boundary=XX";

fn parse(body: &str) -> Result<Multipart, MultipartFault> {
    Multipart::parse(TYPE, &Bytes::copy_from_slice(body.as_bytes()))
}

#[test]
fn an_upload_as_proxmoxer_sends_it() {
    let body = "--XX\r\nContent-Disposition: form-data; name=\"content\"\r\n\r\niso\r\n\
        --XX\r\nContent-Disposition: form-data; name=\"checksum-algorithm\"\r\n\r\nsha256\r\n\
        --XX\r\nContent-Disposition: form-data; name=\"filename\"; filename=\"a;b.iso\"\r\n\
        Content-Type: application/octet-stream\r\n\r\n\r\n--XY\r\n--X\n\r\n--XX--\r\n";
    let multipart = parse(body).unwrap();
    assert_eq!(multipart.text("content").as_deref(), Some("iso"));
    assert_eq!(
        multipart.text("checksum-algorithm").as_deref(),
        Some("sha256")
    );
    let file = multipart.file().unwrap();
    assert_eq!(file.name, "filename");
    assert_eq!(file.filename.as_deref(), Some("a;b.iso"));
    assert_eq!(
        file.content_type.as_deref(),
        Some("application/octet-stream")
    );
    assert_eq!(&multipart.content(file)[..], b"\r\n--XY\r\n--X\n");
    assert_eq!(file.size(), 12);
    let sum = Checksum::Sha256.hex(b"\r\n--XY\r\n--X\n");
    assert_eq!(multipart.checksum(file, Checksum::Sha256), sum);
    assert_eq!(multipart.parts().len(), 3);
    assert_eq!(multipart.text("nothing"), None);
}

#[test]
fn bodies() {
    let check = |body: &str, want: Result<&[(&str, &str)], MultipartFault>| {
        let found = parse(body).map(|multipart| {
            let text = |part: &Part| String::from_utf8_lossy(&multipart.content(part)).into_owned();
            let parts = multipart.parts().iter();
            parts
                .map(|part| (part.name.clone(), text(part)))
                .collect::<Vec<_>>()
        });
        let want = want.map(|parts| {
            let owned = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
            parts.iter().map(owned).collect::<Vec<_>>()
        });
        assert_eq!(found, want, "{body:?}");
    };
    let part = |content: &str, end: &str| {
        format!("--XX\r\nContent-Disposition: form-data; name=a\r\n\r\n{content}{end}--XX--")
    };
    check("--XX--", Ok(&[]));
    check(&part("1", "\r\n"), Ok(&[("a", "1")]));
    check(&part("1", "\n"), Ok(&[("a", "1")]));
    check(&part("1\r\n", "\r\n"), Ok(&[("a", "1\r\n")]));
    check(&part("", "\r\n"), Ok(&[("a", "")]));
    check(&part("", ""), Ok(&[("a", "")]));
    check(&part("1", ""), Err(MultipartFault::NoEnd));
    check("preamble\r\n--XX--", Ok(&[]));
    check(
        "--XX\ncontent-disposition:form-data;name=\"x y\"\n\n7\n--XX--",
        Ok(&[("x y", "7")]),
    );
    check("", Err(MultipartFault::NoStart));
    check("preamble --XX--", Err(MultipartFault::NoStart));
    check("--XXa\r\n", Err(MultipartFault::BadDelimiter));
    check("--XX", Err(MultipartFault::BadDelimiter));
    check("--XX\r\n", Err(MultipartFault::BadHeaders));
    check(
        "--XX\r\nnonsense\r\n\r\n1\r\n--XX--",
        Err(MultipartFault::BadHeaders),
    );
    check("--XX\r\n\r\n1\r\n--XX--", Err(MultipartFault::NoName));
    let attachment = "--XX\r\nContent-Disposition: attachment; name=a\r\n\r\n1\r\n--XX--";
    check(attachment, Err(MultipartFault::NoName));
    let long = format!("--XX\r\nx: {}\r\n\r\n1\r\n--XX--", "x".repeat(9_000));
    check(&long, Err(MultipartFault::BadHeaders));
    let one = "--XX\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n";
    check(
        &format!("{}--XX--", one.repeat(65)),
        Err(MultipartFault::TooManyParts),
    );
}

#[test]
fn boundaries() {
    let check = |content_type: &str, want: Result<&str, MultipartFault>| {
        assert_eq!(boundary(content_type), want, "{content_type}");
    };
    check("multipart/form-data; boundary=abc", Ok("abc"));
    check(
        "Multipart/Form-Data;charset=utf-8; Boundary=\"a b;c\"; x=y",
        Ok("a b;c"),
    );
    check("multipart/form-data", Err(MultipartFault::BadBoundary));
    check(
        "multipart/form-data; boundary=",
        Err(MultipartFault::BadBoundary),
    );
    check(
        "multipart/form-data; boundary=\"",
        Err(MultipartFault::BadBoundary),
    );
    check(
        "multipart/form-data; boundary=é",
        Err(MultipartFault::BadBoundary),
    );
    let long = format!("multipart/form-data; boundary={}", "x".repeat(71));
    check(&long, Err(MultipartFault::BadBoundary));
    check("application/json", Err(MultipartFault::OtherType));
}

proptest! {
    #[test]
    fn any_bytes_get_an_answer(bytes in "(--XX|--|\r|\n|:|;|=|\"|name|Content-Disposition: form-data|x){0,40}") {
        let _ = Multipart::parse(TYPE, &Bytes::from(bytes.clone()));
        let _ = boundary(&bytes);
    }

    #[test]
    fn what_is_written_is_read_back(content in proptest::collection::vec(any::<u8>(), 0..100)) {
        let mut body = b"--XX\r\nContent-Disposition: form-data; name=f; filename=f\r\n\r\n".to_vec();
        body.extend_from_slice(&content);
        body.extend_from_slice(b"\r\n--XX--\r\n");
        let multipart = Multipart::parse(TYPE, &Bytes::from(body)).unwrap();
        let file = multipart.file().unwrap();
        prop_assert_eq!(&multipart.content(file)[..], &content[..]);
    }
}
