//! `/cluster/acme/**`: accounts with authorities for certificates, and what authorities say of themselves.
//!
//! Plug-ins are plain sections ([`crate::pve::sections`]). Accounts are made, changed and closed by tasks, because
//! an authority has to be asked; here every authority agrees.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};

use crate::proxmox::arguments::split_list;
use crate::proxmox::call::{Around, Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::section::Section;
use crate::proxmox::work::Job;
use crate::pve::world::World;
use crate::pve::world::task::Effect;
use crate::pve::world::upkeep::Upkeep;
use crate::routes::Route;
use crate::routes::route::{delete, get, post, put};

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let dressed = |dress| Handler::Around(Around::Dress(dress));
    vec![
        get("/cluster/acme/account", Handler::Read(list)),
        post("/cluster/acme/account", Handler::Write(register)),
        get("/cluster/acme/account/{name}", Handler::Read(read)),
        put("/cluster/acme/account/{name}", Handler::Write(update)),
        delete("/cluster/acme/account/{name}", Handler::Write(deactivate)),
        get("/cluster/acme/plugins", dressed(plugins)),
        get("/cluster/acme/plugins/{id}", dressed(plugin)),
        get("/cluster/acme/directories", Handler::Read(directories)),
        get("/cluster/acme/tos", Handler::Read(terms)),
        get("/cluster/acme/meta", Handler::Read(meta)),
        get("/cluster/acme/challenge-schema", Handler::Read(challenges)),
    ]
}

const ACCOUNTS: &str = "cluster/acme/account";

/// The authorities that the product knows by name.
const DIRECTORIES: [(&str, &str); 2] = [
    (
        "Let's Encrypt V2",
        "https://acme-v02.api.letsencrypt.org/directory",
    ),
    (
        "Let's Encrypt V2 Staging",
        "https://acme-staging-v02.api.letsencrypt.org/directory",
    ),
];

fn list(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    let accounts = world.sections.get(ACCOUNTS).into_iter();
    let names = accounts.flat_map(|accounts| accounts.0.keys());
    let rows = names.map(|name| json!({ "name": name }));
    Ok(Answer::new(rows.collect::<Value>()))
}

fn account<'a>(world: &'a World, name: &str) -> Option<&'a Section> {
    world.sections.get(ACCOUNTS)?.0.get(name)
}

fn known<'a>(world: &'a World, call: &Call<'_>) -> Result<&'a Section, Fault> {
    let name = call.text("name");
    account(world, name).ok_or_else(|| {
        let text = format!("ACME account config file '{name}' does not exist.");
        Fault::parameter("name", text)
    })
}

fn register(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("name").to_owned();
    if account(world, &name).is_some() {
        let text = format!("ACME account config file '{name}' already exists.");
        return Err(Fault::parameter("name", text));
    }
    let directory = call.text("directory").to_owned();
    let mut properties = Map::new();
    properties.insert("contact".to_owned(), json!(contacts(call)));
    properties.insert("directory".to_owned(), json!(directory));
    if let Some(terms) = call.arguments.text("tos_url") {
        properties.insert("tos".to_owned(), json!(terms));
    }
    let job = Job::new("acmeregister", "")
        .saying(format!("Registering new ACME account '{name}'.."))
        .saying("Generating ACME account key..")
        .saying("Registration successful, account URL is kept.");
    let section = Section {
        kind: String::new(),
        properties,
    };
    call.start(world, job.doing(kept(&name, Some(section))))
}

fn contacts(call: &Call<'_>) -> String {
    let addresses = call.arguments.list("contact");
    let addresses: Vec<_> = addresses
        .iter()
        .map(|address| format!("mailto:{address}"))
        .collect();
    addresses.join(",")
}

fn kept(name: &str, section: Option<Section>) -> Effect {
    Upkeep::Section {
        file: ACCOUNTS.to_owned(),
        id: name.to_owned(),
        section,
    }
    .into()
}

fn read(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let section = known(world, call)?;
    let text = |name: &str| section.properties.get(name).and_then(Value::as_str);
    let directory = text("directory").unwrap_or_default();
    let contact: Vec<_> = split_list(text("contact").unwrap_or_default()).collect();
    let base = directory.trim_end_matches("/directory");
    let mut shown = json!({
        "directory": directory,
        "location": format!("{base}/acme/acct/{}", call.text("name")),
        "account": {
            "contact": contact,
            "status": "valid",
            "createdAt": "2025-12-01T08:00:00Z",
        },
    });
    if let Some(terms) = text("tos") {
        shown["tos"] = json!(terms);
    }
    Ok(Answer::new(shown))
}

fn update(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let mut section = known(world, call)?.clone();
    if call.arguments.has("contact") {
        let contact = json!(contacts(call));
        section.properties.insert("contact".to_owned(), contact);
    }
    let name = call.text("name").to_owned();
    let job = Job::new("acmeupdate", "").saying(format!("Updating ACME account '{name}'.."));
    call.start(world, job.doing(kept(&name, Some(section))))
}

fn deactivate(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    known(world, call)?;
    let name = call.text("name").to_owned();
    let job =
        Job::new("acmedeactivate", "").saying(format!("Deactivating ACME account '{name}'.."));
    call.start(world, job.doing(kept(&name, None)))
}

/// The id of a plug-in is called `plugin` when it is read, and its data are decoded then.
fn plugins(_: &World, _: &Call<'_>, answer: &mut Answer) {
    answer
        .data
        .as_array_mut()
        .into_iter()
        .flatten()
        .for_each(shown);
}

fn plugin(_: &World, _: &Call<'_>, answer: &mut Answer) {
    shown(&mut answer.data);
}

fn shown(plugin: &mut Value) {
    let Some(members) = plugin.as_object_mut() else {
        return;
    };
    if let Some(id) = members.shift_remove("id") {
        members.insert("plugin".to_owned(), id);
    }
    let data = members.get("data").and_then(Value::as_str);
    let decoded = data.and_then(|data| {
        let plain = STANDARD
            .decode(data)
            .or_else(|_| URL_SAFE_NO_PAD.decode(data));
        String::from_utf8(plain.ok()?).ok()
    });
    if let Some(text) = decoded {
        members.insert("data".to_owned(), json!(text));
    }
}

fn directories(_: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    let rows = DIRECTORIES.map(|(name, url)| json!({"name": name, "url": url}));
    Ok(Answer::new(rows.to_vec()))
}

/// The terms of an authority; nothing of those that the product does not know, as if they named none.
fn terms_of(directory: &str) -> Option<&'static str> {
    let known = DIRECTORIES.iter().any(|(_, url)| *url == directory);
    known.then_some("https://letsencrypt.org/documents/LE-SA-v1.5-February-24-2025.pdf")
}

fn terms(_: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let terms = terms_of(call.text("directory"));
    Ok(Answer::new(terms.map_or(Value::Null, Value::from)))
}

fn meta(_: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let Some(terms) = terms_of(call.text("directory")) else {
        return Ok(Answer::new(json!({})));
    };
    Ok(Answer::new(json!({
        "termsOfService": terms,
        "website": "https://letsencrypt.org",
        "caaIdentities": ["letsencrypt.org"],
    })))
}

/// Ways to prove that a domain is one's own, with the settings that each needs: some of the product's many.
fn challenges(_: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    const WAYS: [(&str, &str, &[&str]); 8] = [
        (
            "acmedns",
            "acme-dns",
            &[
                "ACMEDNS_BASE_URL",
                "ACMEDNS_USERNAME",
                "ACMEDNS_PASSWORD",
                "ACMEDNS_SUBDOMAIN",
            ],
        ),
        (
            "aws",
            "Amazon Route53",
            &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
        ),
        (
            "cf",
            "Cloudflare Managed DNS",
            &[
                "CF_Account_ID",
                "CF_Email",
                "CF_Key",
                "CF_Token",
                "CF_Zone_ID",
            ],
        ),
        ("dgon", "DigitalOcean", &["DO_API_KEY"]),
        ("gandi_livedns", "Gandi LiveDNS", &["GANDI_LIVEDNS_KEY"]),
        ("hetzner", "Hetzner", &["HETZNER_Token"]),
        (
            "ovh",
            "OVH",
            &["OVH_AK", "OVH_AS", "OVH_CK", "OVH_END_POINT"],
        ),
        (
            "pdns",
            "PowerDNS",
            &["PDNS_Url", "PDNS_ServerId", "PDNS_Token", "PDNS_Ttl"],
        ),
    ];
    let rows = WAYS.iter().map(|(id, name, settings)| {
        let fields = settings.iter().map(|setting| {
            let field = json!({"type": "string", "description": setting});
            ((*setting).to_owned(), field)
        });
        let fields: Map<_, _> = fields.collect();
        json!({"id": id, "name": name, "type": "dns", "schema": {"fields": fields}})
    });
    Ok(Answer::new(rows.collect::<Value>()))
}
