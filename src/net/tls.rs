//! Certificates: one made at start by a small authority of its own, or one from files.
//!
//! The authority exists so that a client can be told once what to trust (`ca_pem`), with the checks of
//! OpenSSL, Go and Python switched on. Its key is forgotten as soon as the one certificate is signed.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, SanType,
    SerialNumber,
};
use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

use crate::http::Dialect;
use crate::random::secret;

/// A certificate is valid from one hour before it is made, so that a client whose clock is a little behind
/// accepts it; the product does the same (contract of plexd-central, 1.9).
const BACKDATED: Duration = Duration::from_secs(3600);

/// A year, where the product's own lives for 24 hours: a stub that is left running on a laptop must not
/// die over night.
const LIFETIME: Duration = Duration::from_secs(365 * 24 * 3600);

/// What a generated certificate says about the server.
#[derive(Debug, Clone, Default)]
pub struct CertificateProfile {
    /// The organization of the subject, which some clients of a product look at.
    pub organization: String,
    /// DNS names; the first one is the common name too.
    pub names: Vec<String>,
    /// IP addresses.
    pub ips: Vec<IpAddr>,
}

/// A certificate that is ready to be served.
#[derive(Debug, Clone)]
pub struct Tls {
    parts: Arc<Parts>,
}

#[derive(Debug)]
struct Parts {
    ca_pem: String,
    http1: Arc<ServerConfig>,
    http2: Arc<ServerConfig>,
}

/// Why there is no certificate to serve.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{}: {fault}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        fault: std::io::Error,
    },
    /// A file does not hold what it should.
    #[error("{}: {what}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// A name cannot stand in a certificate.
    #[error("`{name}` cannot be a name in a certificate: only ASCII can")]
    BadName {
        /// The name.
        name: String,
    },
    /// The certificate could not be made or signed.
    #[error("no certificate could be generated: {0}")]
    Generation(String),
}

impl Tls {
    /// Makes a certificate, ECDSA P-256, and the authority that signs it.
    ///
    /// # Errors
    /// [`TlsError::BadName`] for a name that is not ASCII.
    pub fn generate(profile: &CertificateProfile, now: Timestamp) -> Result<Self, TlsError> {
        let broken = |fault: rcgen::Error| TlsError::Generation(fault.to_string());
        let authority = authority(now).map_err(broken)?;
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(broken)?;
        let leaf = leaf(profile, now)?
            .signed_by(&key, &authority)
            .map_err(broken)?;
        let chain = vec![leaf.der().clone(), authority.der().clone()];
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        Self::assemble(authority.pem(), &chain, &PrivateKeyDer::Pkcs8(key))
            .map_err(|fault| TlsError::Generation(fault.to_string()))
    }

    /// Reads a certificate chain and its key from PEM files.
    ///
    /// # Errors
    /// Each names the file, and whether it cannot be read, holds no certificate or key, or whether the two
    /// do not belong together.
    pub fn load(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let unusable = |path: &Path, what: String| TlsError::Unusable {
            path: path.to_owned(),
            what,
        };
        let text = read(certificate)?;
        let chain = CertificateDer::pem_slice_iter(&text)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|fault| unusable(certificate, format!("not PEM: {fault}")))?;
        let Some(last) = last_certificate(&text).filter(|_| !chain.is_empty()) else {
            return Err(unusable(
                certificate,
                "no certificate in PEM form".to_owned(),
            ));
        };
        let private = PrivateKeyDer::from_pem_slice(&read(key)?)
            .map_err(|fault| unusable(key, format!("no private key in PEM form: {fault}")))?;
        Self::assemble(last, &chain, &private).map_err(|fault| {
            unusable(
                key,
                format!("not the key of {}: {fault}", certificate.display()),
            )
        })
    }

    /// The certificate a client has to trust, in PEM: the generated authority, or the last certificate of
    /// the loaded chain.
    pub fn ca_pem(&self) -> &str {
        &self.parts.ca_pem
    }

    /// What makes TLS of a connection, with the protocols that the dialect offers.
    pub(super) fn acceptor(&self, dialect: &Dialect) -> TlsAcceptor {
        let config = if dialect.http2 {
            &self.parts.http2
        } else {
            &self.parts.http1
        };
        TlsAcceptor::from(Arc::clone(config))
    }

    fn assemble(
        ca_pem: String,
        chain: &[CertificateDer<'static>],
        key: &PrivateKeyDer<'static>,
    ) -> Result<Self, rustls::Error> {
        let config = |protocols: &[&[u8]]| {
            // The provider is named here and nowhere else; a process-wide default would be a global.
            let provider = Arc::new(provider());
            let mut config = ServerConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()?
                .with_no_client_auth()
                .with_single_cert(chain.to_vec(), key.clone_key())?;
            config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
            Ok::<_, rustls::Error>(Arc::new(config))
        };
        let parts = Parts {
            ca_pem,
            http1: config(&[b"http/1.1"])?,
            http2: config(&[b"h2", b"http/1.1"])?,
        };
        Ok(Self {
            parts: Arc::new(parts),
        })
    }
}

fn provider() -> CryptoProvider {
    rustls::crypto::ring::default_provider()
}

fn authority(now: Timestamp) -> Result<CertifiedIssuer<'static, KeyPair>, rcgen::Error> {
    let mut params = dated(now);
    params
        .distinguished_name
        .push(DnType::CommonName, "mock-server CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    CertifiedIssuer::self_signed(params, key)
}

fn leaf(profile: &CertificateProfile, now: Timestamp) -> Result<CertificateParams, TlsError> {
    let mut params = dated(now);
    if !profile.organization.is_empty() {
        params
            .distinguished_name
            .push(DnType::OrganizationName, profile.organization.as_str());
    }
    if let Some(name) = profile.names.first() {
        params
            .distinguished_name
            .push(DnType::CommonName, name.as_str());
    }
    for name in &profile.names {
        let text = name
            .as_str()
            .try_into()
            .map_err(|_| TlsError::BadName { name: name.clone() })?;
        params.subject_alt_names.push(SanType::DnsName(text));
    }
    let addresses = profile.ips.iter().copied().map(SanType::IpAddress);
    params.subject_alt_names.extend(addresses);
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![
        KeyUsagePurpose::DigitalSignature,
        KeyUsagePurpose::KeyEncipherment,
    ];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

/// Parameters with validity and serial number, and with no name at all.
fn dated(now: Timestamp) -> CertificateParams {
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    let since_epoch = Duration::from_secs(u64::try_from(now.as_second()).unwrap_or(0));
    let mut params = CertificateParams::default();
    params.not_before = epoch + since_epoch.saturating_sub(BACKDATED);
    params.not_after = epoch + since_epoch + LIFETIME;
    params.serial_number = Some(serial());
    params.distinguished_name = DistinguishedName::new();
    params
}

/// A random serial number of 128 bits. The first bit is clear, or DER would need a 17th byte to keep the
/// number positive.
fn serial() -> SerialNumber {
    let mut bytes = secret::<16>();
    bytes[0] = bytes[0] & 0x7f | 0x40;
    SerialNumber::from_slice(&bytes)
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|fault| TlsError::Unreadable {
        path: path.to_owned(),
        fault,
    })
}

/// The last certificate of a PEM file, as it stands there.
fn last_certificate(pem: &[u8]) -> Option<String> {
    const END: &str = "-----END CERTIFICATE-----";
    let text = std::str::from_utf8(pem).ok()?;
    let start = text.rfind("-----BEGIN CERTIFICATE-----")?;
    let length = text[start..].find(END)? + END.len();
    Some(format!("{}\n", &text[start..start + length]))
}

#[cfg(test)]
#[path = "tls_tests.rs"]
mod tests;
