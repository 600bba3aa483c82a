//! Certificates: read, given, ordered.

use super::*;
use crate::pve::testing::desk;

const EC_CERTIFICATE: &str = "\
-----BEGIN CERTIFICATE-----
MIIBRjCB7aADAgECAgFNMAoGCCqGSM49BAMCMBwxGjAYBgNVBAMMEXB2ZTAxLmV4
YW1wbGUub3JnMB4XDTI2MDEwMTAwMDAwMFoXDTI3MDEwMTAwMDAwMFowHDEaMBgG
A1UEAwwRcHZlMDEuZXhhbXBsZS5vcmcwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AATVjrIgNQ7NPE4LMhtLXoyHoH8z6ILmUqbVMFaZGXOasiQLjpnBZF+W/wPmhta9
pCQEFffUGfYzdyePRD/7GxlGoyAwHjAcBgNVHREEFTATghFwdmUwMS5leGFtcGxl
Lm9yZzAKBggqhkjOPQQDAgNIADBFAiBvZcLGOtTHsPaQ8+5PbwQIvfhoScwYQMyH
ptlw6lOYKAIhAIuIAobZEZc0J489TA+g3nkUqKkDsqTeih8dJIA/zNcM
-----END CERTIFICATE-----
";

const EC_KEY: &str = "\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgeNi6C6lANBL4bh9+
CKcFP6yQAl9G7SuvYYIQwYrUCx6hRANCAATVjrIgNQ7NPE4LMhtLXoyHoH8z6ILm
UqbVMFaZGXOasiQLjpnBZF+W/wPmhta9pCQEFffUGfYzdyePRD/7GxlG
-----END PRIVATE KEY-----
";

const EC_OLD_KEY: &str = "\
-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIHjYugupQDQS+G4ffginBT+skAJfRu0rr2GCEMGK1AseoAoGCCqGSM49
AwEHoUQDQgAE1Y6yIDUOzTxOCzIbS16Mh6B/M+iC5lKm1TBWmRlzmrIkC46ZwWRf
lv8D5obWvaQkBBX31Bn2M3cnj0Q/+xsZRg==
-----END EC PRIVATE KEY-----
";

const ED_CERTIFICATE: &str = "\
-----BEGIN CERTIFICATE-----
MIIBBjCBuaADAgECAgFNMAUGAytlcDAcMRowGAYDVQQDDBFwdmUwMS5leGFtcGxl
Lm9yZzAeFw0yNjAxMDEwMDAwMDBaFw0yNzAxMDEwMDAwMDBaMBwxGjAYBgNVBAMM
EXB2ZTAxLmV4YW1wbGUub3JnMCowBQYDK2VwAyEA6Y6oiUdthXdk07Z7TQzmUdCK
5hagvPHIVrEMbRWxxNCjIDAeMBwGA1UdEQQVMBOCEXB2ZTAxLmV4YW1wbGUub3Jn
MAUGAytlcANBAPuSlnvAknoIHwzwde2j7QwnLGHLGscvX8Y7ievP8CuLNd93P4Gi
Nf5iZEvzdxxnriMl5eWTMdGFfkng1MBO8Aw=
-----END CERTIFICATE-----
";

const ED_KEY: &str = "\
-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIOt2EMnrF+eFO7k87RK4S9zWy1KdpJ4Pbz0mwQeWDHRm
-----END PRIVATE KEY-----
";

const RSA_CERTIFICATE: &str = "\
-----BEGIN CERTIFICATE-----
MIIC0zCCAbugAwIBAgIBTTANBgkqhkiG9w0BAQsFADAcMRowGAYDVQQDDBFwdmUw
MS5leGFtcGxlLm9yZzAeFw0yNjAxMDEwMDAwMDBaFw0yNzAxMDEwMDAwMDBaMBwx
GjAYBgNVBAMMEXB2ZTAxLmV4YW1wbGUub3JnMIIBIjANBgkqhkiG9w0BAQEFAAOC
AQ8AMIIBCgKCAQEAoiURj3N4cI/cSZxuyHhlrBFtB9a6E3EriRZavrsRyFaKd2bv
kdagN+vjUDSF878Di2zl654t55hvA7NPm9c5reNyiDvHlccmOZssBiVV08hHogah
rDsDfOEzyFXXjsEJC76Sm7zwZSQ2UVT06gd75l2LhKd4NgfKYl0+55IgJ/pW/jBV
kbFd/jrNh0rDEe8fWaOwHzTjQRlUvTrVqVqwozt3w5NozugZ7eI6uwCOig+pXjIS
+2DIuMwwb4RYiOrS9FhgQfzJo0ippL8MO//15jD7M+rimAi5R3J4vQFXo0A/s/lz
/dNI4WLz9DLzdFbrAtroFSzjpMlu7Y6s/QH68wIDAQABoyAwHjAcBgNVHREEFTAT
ghFwdmUwMS5leGFtcGxlLm9yZzANBgkqhkiG9w0BAQsFAAOCAQEADDjZVRMkHn4B
6OqYiZouBRDazJFoRYh3euZh+Ye0qo0dw0i1DDFMgxTV5u0WsTxkTvl3fKFcYK2K
sNYkXoqxHFoN0gowopzIxawxXuLkUL4D4aUhV0KHsCBPCRsAGGJ6bLaAtw3arrZ/
rUrnNRhxB7a9eJeK6RAqm2ODJwWxCksvgP+BGFJ4fBHC1qGSCQsA33+HkGQUrkuv
MFg/SudyZHR24kbH3vxQfRBxGnWtdZWcvk8GNPbPojAunirrYHjT+VCnLVTXeCuO
pXc2kTd0D7pP2g0eDEhkRvSTcMpaWORQIzrl7jxniUEPIe9rESzvW5I4O9OoXCyf
TFdAqclGMg==
-----END CERTIFICATE-----
";

/// A value of a form: PEM has signs that mean something there.
fn form(text: &str) -> String {
    text.replace('+', "%2B")
        .replace('\n', "%0A")
        .replace('=', "%3D")
}

#[test]
fn keys_and_their_certificates() {
    let check = |certificate: &str, key: &str, want: Option<bool>| {
        let certificate = Certificate::read(certificate).unwrap();
        assert_eq!(certificate.belongs_to(key), want);
    };
    check(EC_CERTIFICATE, EC_KEY, Some(true));
    check(EC_CERTIFICATE, EC_OLD_KEY, Some(true));
    check(ED_CERTIFICATE, ED_KEY, Some(true));
    check(EC_CERTIFICATE, ED_KEY, Some(false));
    check(RSA_CERTIFICATE, EC_KEY, Some(false));
    check(EC_CERTIFICATE, "nothing", None);
    assert_eq!(Certificate::read("nothing"), None);
    // Whatever breaks off is no certificate, and nothing worse.
    let whole = read::block(EC_CERTIFICATE, "CERTIFICATE").unwrap();
    for length in 0..whole.len() {
        let cut = read::pem(&whole[..length], "CERTIFICATE");
        assert_eq!(Certificate::read(&cut), None, "{length}");
    }
}

#[test]
fn the_lab_shows_its_own() {
    let desk = desk();
    for (name, node) in &desk.world().nodes {
        let list = desk.get(&format!("/nodes/{name}/certificates/info"));
        assert_eq!(list[0]["filename"], "pve-root-ca.pem");
        assert_eq!(list[1]["issuer"], list[0]["subject"]);
        assert_eq!(list[1]["fingerprint"], node.fingerprint);
        let subject =
            format!("/OU=PVE Cluster Node/O=Proxmox Virtual Environment/CN={name}.e2e.example");
        assert_eq!(list[1]["subject"], subject);
        assert_eq!(list[1]["public-key-type"], "rsaEncryption");
        assert_eq!(list[1]["public-key-bits"], 2048);
        assert_eq!(list[1]["notbefore"], 1_764_547_200);
        let names = list[1]["san"].as_array().unwrap();
        assert!(names.contains(&json!(name.as_str())), "{names:?}");
        assert_eq!(names[1], "0000:0000:0000:0000:0000:0000:0000:0001");
    }
}

#[test]
fn one_is_given_and_taken_away() {
    let desk = desk();
    let path = "/nodes/pve01/certificates/custom";
    let body = format!("certificates={}", form(EC_CERTIFICATE));
    let got = desk.ask(&format!("POST {path}"), &body);
    let text = "Attempted to upload custom certificate without (existing) key.";
    assert_eq!(got.body["errors"]["key"], text);
    let wrong = format!("{body}&key={}", form(ED_KEY));
    let got = desk.ask(&format!("POST {path}"), &wrong);
    let text = "500 Setting certificate files failed - key does not match the certificate (chain)";
    assert_eq!(got.status, text);
    let right = format!("{body}&key={}", form(EC_KEY));
    let shown = desk.must(&format!("POST {path}"), &right);
    assert_eq!(shown["subject"], "/CN=pve01.example.org");
    assert_eq!(shown["public-key-bits"], 256);
    let list = desk.get("/nodes/pve01/certificates/info");
    assert_eq!(list[2], shown);
    let got = desk.ask(&format!("POST {path}"), &right);
    let text = "500 Custom certificate file exists but force flag is not set.";
    assert_eq!(got.status, text);
    desk.must(&format!("POST {path}"), &format!("{right}&force=1"));
    desk.must(&format!("DELETE {path}"), "");
    let list = desk.get("/nodes/pve01/certificates/info");
    assert_eq!(list.as_array().unwrap().len(), 2);
}

#[test]
fn one_is_ordered_renewed_and_revoked() {
    let mut desk = desk();
    let path = "/nodes/pve01/certificates/acme/certificate";
    let got = desk.ask(&format!("PUT {path}"), "");
    let text = "500 No current (custom) certificate found, please order a new certificate!";
    assert_eq!(got.status, text);
    let upid = desk.task(&format!("POST {path}"), "");
    assert!(upid.contains(":acmenewcert::"), "{upid}");
    let list = desk.get("/nodes/pve01/certificates/info");
    assert_eq!(list[2]["subject"], "/CN=pve01.e2e.example");
    assert_eq!(list[2]["san"], json!(["pve01.e2e.example"]));
    assert_eq!(list[2]["public-key-type"], "ED25519");
    let custom = desk
        .world()
        .nodes
        .values()
        .next()
        .unwrap()
        .certificates
        .custom
        .clone();
    let custom = custom.unwrap();
    let certificate = Certificate::read(&custom.chain).unwrap();
    assert_eq!(certificate.belongs_to(&custom.key), Some(true));

    let got = desk.ask(&format!("POST {path}"), "");
    let text = "Custom certificate exists but 'force' is not set.";
    assert_eq!(got.body["errors"]["force"], text);
    let got = desk.ask(&format!("PUT {path}"), "");
    assert!(
        got.body["errors"]["force"]
            .as_str()
            .unwrap()
            .contains("30 days")
    );
    desk.step(70 * 24 * 3600);
    desk.task(&format!("PUT {path}"), "");
    let renewed = desk.get("/nodes/pve01/certificates/info");
    assert_ne!(renewed[2]["fingerprint"], list[2]["fingerprint"]);
    desk.task(&format!("DELETE {path}"), "");
    let list = desk.get("/nodes/pve01/certificates/info");
    assert_eq!(list.as_array().unwrap().len(), 2);

    desk.must("PUT /nodes/pve01/config", "delete=acmedomain0");
    let got = desk.ask(&format!("POST {path}"), "");
    assert_eq!(
        got.status,
        "400 ACME domain list in node configuration is missing!"
    );
}
