//! `/nodes/{node}/certificates`: the certificate of the server, of one's own or from an authority.

use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

use crate::http::checksum::Checksum;
use crate::pbs::world::World;
use crate::pbs::world::node::Certificate;
use crate::pbs::world::task::Effect;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::work::Job;
use crate::routes::Route;
use crate::routes::route::{delete, get, post, put};

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let custom = "/nodes/{node}/certificates/custom";
    let acme = "/nodes/{node}/certificates/acme/certificate";
    vec![
        get("/nodes/{node}/certificates/info", Handler::Read(info)),
        post(custom, Handler::Write(upload)),
        delete(custom, Handler::Write(remove)),
        post(acme, Handler::Write(order)),
        put(acme, Handler::Write(renew)),
    ]
}

fn shown(certificate: &Certificate) -> Value {
    let mut item = json!({
        "filename": "proxy.pem",
        "subject": certificate.subject,
        "issuer": certificate.issuer,
        "san": certificate.names,
        "notbefore": certificate.since.as_second(),
        "notafter": certificate.until.as_second(),
        "public-key-type": "rsaEncryption",
        "public-key-bits": 4096,
        "fingerprint": certificate.fingerprint,
    });
    if let Some(pem) = &certificate.pem {
        item["pem"] = json!(pem);
    }
    item
}

fn info(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    Ok(Answer::new(json!([shown(&world.node.certificate)])))
}

/// A fingerprint as clients see it: the digest of a text, in octets.
fn fingerprint(text: &str) -> String {
    let hex = Checksum::Sha256.hex(text.as_bytes());
    let octets = hex.as_bytes().chunks(2);
    let octets: Vec<_> = octets.map(String::from_utf8_lossy).collect();
    octets.join(":")
}

/// The names that this machine goes by.
fn names(world: &World) -> Vec<String> {
    let node = &world.node;
    vec![
        node.name.clone(),
        format!("{}.{}", node.name, node.dns.search),
    ]
}

fn until(call: &Call<'_>, days: i64) -> (Timestamp, Timestamp) {
    let now = Timestamp::from_second(call.now.as_second()).unwrap_or(call.now);
    let hours = days.saturating_mul(24).hours();
    (now, now.checked_add(hours).unwrap_or(Timestamp::MAX))
}

fn self_signed(world: &World, call: &Call<'_>) -> Certificate {
    let names = names(world);
    let full = names.last().cloned().unwrap_or_default();
    let subject = format!(
        "O = Proxmox Backup Server, OU = {:016x}, CN = {full}",
        call.random()
    );
    let (since, until) = until(call, 365 * 100);
    Certificate {
        fingerprint: fingerprint(&subject),
        issuer: subject.clone(),
        subject,
        names: ["localhost".to_owned(), "127.0.0.1".to_owned()]
            .into_iter()
            .chain(names)
            .collect(),
        since,
        until,
        pem: None,
    }
}

/// Takes a certificate of one's own. What it says is not read: it is shown as one for this machine.
fn upload(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let pem = call.text("certificates");
    if !pem.contains("-----BEGIN CERTIFICATE-----") {
        let text = "at least one certificate is required"; // From memory of `config::certs`.
        return Err(Fault::Failed(text.to_owned()));
    }
    if !call.arguments.has("key") {
        return Err(Fault::Failed("a private key must be provided".to_owned()));
    }
    let (since, until) = until(call, 365);
    let names = names(world);
    let full = names.last().cloned().unwrap_or_default();
    world.node.certificate = Certificate {
        fingerprint: fingerprint(pem),
        subject: format!("CN = {full}"),
        issuer: "CN = Custom authority".to_owned(),
        names,
        since,
        until,
        pem: Some(pem.to_owned()),
    };
    Ok(Answer::new(json!([shown(&world.node.certificate)])))
}

fn remove(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    world.node.certificate = self_signed(world, call);
    Ok(Answer::default())
}

/// The domains that the node's configuration names.
fn domains(world: &World) -> Vec<String> {
    let config = world.section("nodes/config", "node");
    let properties = config.into_iter().flat_map(|config| &config.properties);
    let texts = properties
        .filter(|(name, _)| name.starts_with("acmedomain"))
        .filter_map(|(_, value)| value.as_str());
    let domain = |text: &str| {
        let parts = text.split(',');
        let named = parts.clone().find_map(|part| part.strip_prefix("domain="));
        named
            .or_else(|| parts.clone().find(|part| !part.contains('=')))
            .map(str::to_owned)
    };
    texts.filter_map(domain).collect()
}

fn order(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    certify(world, call, "acme-new-cert")
}

/// A certificate that is good for more than a month is not renewed, unless that is forced.
fn renew(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let left = world
        .node
        .certificate
        .until
        .as_second()
        .saturating_sub(call.now.as_second());
    if left > 30 * 86_400 && !call.arguments.is_set("force") {
        let text = "Certificate does not expire within the next 30 days and 'force' is not set.";
        return Err(Fault::Failed(text.to_owned()));
    }
    certify(world, call, "acme-renew-cert")
}

fn certify(world: &mut World, call: &Call<'_>, kind: &str) -> Result<Answer, Fault> {
    let domains = domains(world);
    let mut job = Job::new(kind, "");
    let Some(first) = domains.first() else {
        return call.start(
            world,
            job.failing("No domains configured to be ordered from an ACME server."),
        );
    };
    let (since, until) = until(call, 90);
    for domain in &domains {
        job = job.saying(format!("Placing ACME order for {domain}"));
    }
    let subject = format!("CN = {first}");
    let certificate = Certificate {
        fingerprint: fingerprint(&format!("{subject} {:016x}", call.random())),
        subject,
        issuer: "C = US, O = Let's Encrypt, CN = R12".to_owned(),
        names: domains,
        since,
        until,
        pem: None,
    };
    let job = job
        .saying("Finalizing order")
        .doing(Effect::Certify(Box::new(certificate)));
    call.start(world, job)
}
