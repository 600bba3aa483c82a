//! Ordering, renewing and revoking a certificate (`PVE::API2::ACME`). No authority is asked: an order goes well
//! when its account is known.

use super::issue;
use super::read::Certificate;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::work::Job;
use crate::pve::api::nodes::domains::{self, Wanted};
use crate::pve::api::nodes::machine;
use crate::pve::world::World;
use crate::pve::world::node_effect::NodeEffect;
use crate::pve::world::task::Effect;
use crate::routes::Route;
use crate::routes::route::{delete, post, put};

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    use Handler::Write;
    vec![
        post("/nodes/{node}/certificates/acme/certificate", Write(order)),
        put("/nodes/{node}/certificates/acme/certificate", Write(renew)),
        delete("/nodes/{node}/certificates/acme/certificate", Write(revoke)),
    ]
}

/// How near its end a certificate is before it is renewed without being told to: 30 days.
const SOON: i64 = 30 * 24 * 3600;

fn wanted(world: &World, call: &Call<'_>) -> Result<Wanted, Fault> {
    let (_, node) = machine::node(world, call)?;
    let wanted = domains::of(&node.options, world)?;
    if wanted.domains.is_empty() {
        let text = "ACME domain list in node configuration is missing!";
        return Err(Fault::Invalid(text.to_owned()));
    }
    Ok(wanted)
}

fn order(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (_, node) = machine::node(world, call)?;
    if node.certificates.custom.is_some() && !call.arguments.is_set("force") {
        let text = "Custom certificate exists but 'force' is not set.";
        return Err(Fault::parameter("force", text));
    }
    let wanted = wanted(world, call)?;
    let job = ordered(world, call, &wanted, Job::new("acmenewcert", ""))?;
    call.start(world, job)
}

fn renew(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (_, node) = machine::node(world, call)?;
    let Some(custom) = &node.certificates.custom else {
        let text = "No current (custom) certificate found, please order a new certificate!";
        return Err(Fault::Failed(text.to_owned()));
    };
    let end = Certificate::read(&custom.chain).map(|certificate| certificate.not_after);
    let is_near = end.is_none_or(|end| end.as_second() < call.now.as_second().saturating_add(SOON));
    if !is_near && !call.arguments.is_set("force") {
        let text = "Certificate does not expire within the next 30 days, and 'force' is not set.";
        return Err(Fault::parameter("force", text));
    }
    let wanted = wanted(world, call)?;
    let job = ordered(world, call, &wanted, Job::new("acmerenew", ""))?;
    let job = job.saying("Revoking old certificate");
    call.start(world, job)
}

/// The task of an order: what it says, and the certificate at its end.
fn ordered(
    world: &World,
    call: &Call<'_>,
    wanted: &Wanted,
    job: Job<Effect>,
) -> Result<Job<Effect>, Fault> {
    let (name, _) = machine::node(world, call)?;
    let Some(mut job) = with_account(world, wanted, job) else {
        return Ok(Job::new("acmenewcert", "").failing(no_account(wanted)));
    };
    job = job.saying("Placing ACME order");
    for domain in wanted.domains.keys() {
        job = job
            .saying(format!("The validation for {domain} is pending!"))
            .saying("Triggering validation")
            .saying(format!("Status is 'valid', domain '{domain}' OK!"));
    }
    let domains: Vec<_> = wanted.domains.keys().map(String::as_str).collect();
    let certificate = issue::certificate(&domains, call.now, call.random());
    let effect = Effect::Node(name.clone(), NodeEffect::Certificate(Some(certificate)));
    Ok(job
        .saying("All domains validated!")
        .saying("Creating CSR")
        .saying("Order is ready, finalizing order")
        .saying("valid!")
        .saying("Downloading certificate")
        .saying("Setting pveproxy certificate and key")
        .saying("Restarting pveproxy")
        .doing(effect))
}

/// The task with its first line, where the account is known.
fn with_account(world: &World, wanted: &Wanted, job: Job<Effect>) -> Option<Job<Effect>> {
    let accounts = world.sections.get("cluster/acme/account");
    let is_known = accounts.is_some_and(|accounts| accounts.0.contains_key(&wanted.account));
    is_known.then(|| job.saying("Loading ACME account details"))
}

fn no_account(wanted: &Wanted) -> String {
    format!(
        "ACME account config file '{}' does not exist.",
        wanted.account
    )
}

fn revoke(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let wanted = wanted(world, call)?;
    let (name, node) = machine::node(world, call)?;
    if node.certificates.custom.is_none() {
        let path = format!("/etc/pve/nodes/{name}/pveproxy-ssl.pem");
        let text = format!("can't open '{path}' - No such file or directory");
        return Err(Fault::Failed(text));
    }
    let job = Job::new("acmerevoke", "");
    let Some(job) = with_account(world, &wanted, job) else {
        let job = Job::new("acmerevoke", "").failing(no_account(&wanted));
        return call.start(world, job);
    };
    let effect = Effect::Node(name.clone(), NodeEffect::Certificate(None));
    let job = job
        .saying("Revoking old certificate")
        .saying("Deleting certificate files")
        .saying("Restarting pveproxy to revert to self-signed certificates")
        .doing(effect);
    call.start(world, job)
}
