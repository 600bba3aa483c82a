//! Uploads: valid bodies, and the same bodies damaged.

use bytes::Bytes;
use proptest::prelude::*;

use mock_server::http::multipart::{Multipart, MultipartFault};

use super::config;
use super::damage::cuts;

/// A part as a client means it: its name, its file's name, its type, its content.
type Sent = (String, Option<String>, Option<String>, Vec<u8>);

/// Content with everything in it that looks like the end of a part.
fn content() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "\r\n", "\n", "\r", "--", "--B", "\r\n--", "\r\n--b", "x", "\0", "\r\n\r\n"
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..40),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

fn parts() -> impl Strategy<Value = Vec<Sent>> {
    let text = || "[a-zA-Z0-9 ;:=,/\\\\é._-]{1,12}";
    let part = (
        text(),
        prop::option::of(text()),
        prop::option::of("[a-z]{1,8}/[a-z0-9.+-]{1,8}"),
        content(),
    );
    prop::collection::vec(part, 0..6)
}

/// The body that a client writes of them.
fn written(parts: &[Sent], boundary: &str) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, filename, kind, content) in parts {
        let filename = filename
            .as_ref()
            .map(|name| format!("; filename=\"{name}\""));
        let kind = kind
            .as_ref()
            .map(|kind| format!("Content-Type: {kind}\r\n"));
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"{}\r\n{}\r\n",
            filename.unwrap_or_default(),
            kind.unwrap_or_default()
        );
        body.extend(head.as_bytes());
        body.extend(content);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{boundary}--\r\n").as_bytes());
    body
}

/// Whether no line of any content starts with the boundary, as RFC 2046 demands of whoever chooses it.
fn is_free(parts: &[Sent], boundary: &str) -> bool {
    let delimiter = format!("\n--{boundary}");
    parts.iter().all(|(.., content)| {
        let lined = [b"\n".as_slice(), content].concat();
        !lined
            .windows(delimiter.len())
            .any(|window| window == delimiter.as_bytes())
    })
}

fn read(boundary: &str, body: Vec<u8>) -> Result<Vec<Sent>, MultipartFault> {
    let content_type = format!("multipart/form-data; boundary=\"{boundary}\"");
    let multipart = Multipart::parse(&content_type, &Bytes::from(body))?;
    let part = |part: &mock_server::http::multipart::Part| {
        let content = multipart.content(part).to_vec();
        assert_eq!(content.len(), part.size());
        (
            part.name.clone(),
            part.filename.clone(),
            part.content_type.clone(),
            content,
        )
    };
    Ok(multipart.parts().iter().map(part).collect())
}

proptest! {
    #![proptest_config(config(500))]

    #[test]
    fn a_valid_body_gives_its_parts(parts in parts(), boundary in "B[a-zA-Z0-9'()+_,./:=? -]{0,60}b") {
        prop_assume!(is_free(&parts, &boundary));
        prop_assert_eq!(read(&boundary, written(&parts, &boundary)), Ok(parts));
    }

    #[test]
    fn a_damaged_body_gets_an_answer(parts in parts(), cuts in prop::collection::vec(cuts(), 1..5)) {
        let mut body = written(&parts, "Bb");
        cuts.iter().for_each(|cut| cut.apply(&mut body));
        let size = body.len();
        if let Ok(found) = read("Bb", body) {
            let content: usize = found.iter().map(|(.., content)| content.len()).sum();
            prop_assert!(content <= size);
        }
    }

    #[test]
    fn any_content_type_gets_an_answer(parameters in "(;|=|\"|boundary|B|b| |é|[a-z]){0,12}") {
        let _ = Multipart::parse(&format!("multipart/form-data;{parameters}"), &Bytes::from_static(b"--B--"));
        let _ = Multipart::parse(&parameters, &Bytes::new());
    }
}

#[test]
fn very_long_bodies() {
    let check = |start: &str, piece: &str| {
        let body = start.to_owned() + &piece.repeat(200_000);
        assert!(
            read("Bb", body.into_bytes()).is_err(),
            "{start:?} {piece:?}"
        );
    };
    let part = "--Bb\r\nContent-Disposition: form-data; name=a\r\n\r\n";
    check("", "\n");
    check("", "\n-");
    check("", "--B");
    check("--Bb\r\n", "a: b\r\n");
    check("--Bb\r\nContent-Disposition: form-data", ";a=");
    check(part, "\r\n--B");
    check("", part);
}
