//! Tests of the certificates: what clients with strict checks make of them.

use std::fs;
use std::path::PathBuf;

use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::{ServerName, UnixTime};

use super::*;

const NOW: &str = "2026-11-20T12:00:00Z";

fn profile() -> CertificateProfile {
    CertificateProfile {
        organization: "plexd-e2e-mock".to_owned(),
        names: vec!["mock-api".to_owned(), "localhost".to_owned()],
        ips: vec!["127.0.0.1".parse().unwrap(), "::1".parse().unwrap()],
    }
}

/// A folder of its own for a test, removed when it is over.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("mock-server-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Leaf and authority of a generated certificate, as DER.
fn generated() -> (CertificateDer<'static>, CertificateDer<'static>) {
    let now = NOW.parse().unwrap();
    let authority = authority(now).unwrap();
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let leaf = leaf(&profile(), now)
        .unwrap()
        .signed_by(&key, &authority)
        .unwrap();
    (leaf.der().clone(), authority.der().clone())
}

#[test]
fn webpki_accepts_every_name_for_a_year() {
    let (leaf, authority) = generated();
    let mut roots = RootCertStore::empty();
    roots.add(authority.clone()).unwrap();
    let verifier =
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::new(provider()))
            .build()
            .unwrap();
    let check = |name: &'static str, at: &str, good: bool| {
        let at: Timestamp = at.parse().unwrap();
        let at = UnixTime::since_unix_epoch(Duration::from_secs(at.as_second() as u64));
        let name = ServerName::try_from(name).unwrap();
        let result =
            verifier.verify_server_cert(&leaf, std::slice::from_ref(&authority), &name, &[], at);
        assert_eq!(result.is_ok(), good, "{name:?} {at:?}: {result:?}");
    };
    check("mock-api", NOW, true);
    check("localhost", "2026-11-20T11:00:01Z", true);
    check("127.0.0.1", "2027-11-20T11:59:59Z", true);
    check("::1", NOW, true);
    check("other", NOW, false);
    check("mock-api", "2026-11-20T10:59:59Z", false);
    check("mock-api", "2027-11-20T12:00:01Z", false);
}

#[test]
fn openssl_accepts_it_with_strict_checks_where_there_is_an_openssl() {
    let folder = Folder::new("openssl");
    let now = NOW.parse().unwrap();
    let authority = authority(now).unwrap();
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let leaf = leaf(&profile(), now)
        .unwrap()
        .signed_by(&key, &authority)
        .unwrap();
    let root = folder.write("ca.pem", authority.pem());
    let leaf = folder.write("leaf.pem", leaf.pem());
    let at = now.as_second().to_string();
    let verified = std::process::Command::new("openssl")
        .args(["verify", "-x509_strict", "-purpose", "sslserver"])
        .args(["-verify_hostname", "mock-api", "-attime", &at, "-CAfile"])
        .args([&root, &leaf])
        .output();
    match verified {
        Ok(output) => assert!(output.status.success(), "{output:?}"),
        Err(fault) => assert_eq!(fault.kind(), std::io::ErrorKind::NotFound),
    }
}

#[test]
fn names_that_are_not_ascii_are_refused() {
    let mut profile = profile();
    profile.names.push("möck".to_owned());
    let fault = Tls::generate(&profile, NOW.parse().unwrap()).unwrap_err();
    assert_eq!(
        fault.to_string(),
        "`möck` cannot be a name in a certificate: only ASCII can"
    );
}

#[test]
fn a_generated_certificate_says_whom_to_trust() {
    let tls = Tls::generate(&profile(), NOW.parse().unwrap()).unwrap();
    assert!(tls.ca_pem().starts_with("-----BEGIN CERTIFICATE-----"));
    let other = Tls::generate(&profile(), NOW.parse().unwrap()).unwrap();
    assert_ne!(tls.ca_pem(), other.ca_pem());
}

#[test]
fn loading_names_the_file_and_the_fault() {
    let folder = Folder::new("load");
    let now = NOW.parse().unwrap();
    let authority = authority(now).unwrap();
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let leaf = leaf(&profile(), now)
        .unwrap()
        .signed_by(&key, &authority)
        .unwrap();
    let chain = folder.write("chain.pem", leaf.pem() + &authority.pem());
    let right = folder.write("key.pem", key.serialize_pem());
    let wrong = folder.write("other.pem", authority.key().serialize_pem());
    let nothing = folder.write("nothing.pem", "nothing");
    let broken = folder.write("broken.pem", "-----BEGIN CERTIFICATE-----\n!!!\n-----END");

    let loaded = Tls::load(&chain, &right).unwrap();
    assert_eq!(
        loaded.ca_pem().replace("\r\n", "\n"),
        authority.pem().replace("\r\n", "\n")
    );

    let check = |certificate: &Path, key: &Path, file: &str, what: &str| {
        let message = Tls::load(certificate, key).unwrap_err().to_string();
        assert!(
            message.contains(file) && message.contains(what),
            "{message}"
        );
    };
    check(&chain, &wrong, "other.pem", "not the key of");
    check(
        &chain,
        &nothing,
        "nothing.pem",
        "no private key in PEM form",
    );
    check(
        &nothing,
        &right,
        "nothing.pem",
        "no certificate in PEM form",
    );
    check(&broken, &right, "broken.pem", "not PEM");
    check(
        &folder.0.join("absent.pem"),
        &right,
        "absent.pem",
        "No such file",
    );
}
