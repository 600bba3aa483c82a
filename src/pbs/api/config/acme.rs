//! `/config/acme`: accounts at certificate authorities, which tasks register and give up.

use serde_json::{Map, Value, json};

use crate::pbs::api::single;
use crate::pbs::world::World;
use crate::pbs::world::task::Effect;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::section::Section;
use crate::proxmox::work::Job;
use crate::routes::Route;
use crate::routes::route::{delete, get, post, put};

const ACCOUNTS: &str = "config/acme/account";

const DIRECTORIES: &[(&str, &str)] = &[
    (
        "Let's Encrypt V2",
        "https://acme-v02.api.letsencrypt.org/directory",
    ),
    (
        "Let's Encrypt V2 Staging",
        "https://acme-staging-v02.api.letsencrypt.org/directory",
    ),
];

const TERMS: &str = "https://letsencrypt.org/documents/LE-SA-v1.5-February-24-2025.pdf";

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let one = "/config/acme/account/{name}";
    vec![
        get("/config/acme/account", Handler::Read(list)),
        post("/config/acme/account", Handler::Write(register)),
        get(one, Handler::Read(read)),
        put(one, Handler::Write(update)),
        delete(one, Handler::Write(deactivate)),
        get("/config/acme/plugins/{id}", Handler::Read(plugin)),
        get("/config/acme/directories", Handler::Read(directories)),
        get("/config/acme/tos", Handler::Read(terms)),
        get("/config/acme/challenge-schema", Handler::Read(challenges)),
    ]
}

fn list(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    let accounts = world.sections_of(ACCOUNTS);
    let items = accounts.map(|(name, _)| json!({"name": name}));
    Ok(Answer::new(items.collect::<Vec<_>>()))
}

fn account<'w>(world: &'w World, call: &Call<'_>) -> Result<&'w Section, Fault> {
    let name = call.text("name");
    let found = world.section(ACCOUNTS, name);
    // From memory of `acme_account_path` and its reader.
    let why = "No such file or directory (os error 2)";
    let text = || format!("failed to open \"/etc/proxmox-backup/acme/accounts/{name}\": {why}");
    found.ok_or_else(|| Fault::Failed(text()))
}

fn read(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let account = account(world, call)?;
    let property = |name: &str| account.properties.get(name).cloned().unwrap_or_default();
    let mut data = json!({
        "account": {
            "contact": property("contact"),
            "onlyReturnExisting": false,
            "status": "valid",
            "termsOfServiceAgreed": true,
        },
        "directory": property("directory"),
        "location": property("location"),
    });
    if let Some(terms) = account.properties.get("tos") {
        data["tos"] = terms.clone();
    }
    Ok(Answer::new(data))
}

/// `mailto:` and an address for each.
fn contact(call: &Call<'_>) -> Value {
    let addresses = call.arguments.list("contact");
    let addresses = addresses
        .iter()
        .map(|address| json!(format!("mailto:{address}")));
    addresses.collect()
}

fn register(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.arguments.text("name").unwrap_or("default").to_owned();
    if world.section(ACCOUNTS, &name).is_some() {
        let text = format!("account {name} already exists");
        return Err(Fault::Failed(text));
    }
    let default = DIRECTORIES.first().map_or("", |(_, url)| *url);
    let directory = call.arguments.text("directory").unwrap_or(default);
    let origin = directory.trim_end_matches("/directory");
    let number = call.random() % 1_000_000_000;
    let mut properties = Map::new();
    properties.insert("contact".to_owned(), contact(call));
    properties.insert("directory".to_owned(), json!(directory));
    let location = format!("{origin}/acme/acct/{number}");
    properties.insert("location".to_owned(), json!(location));
    if let Some(terms) = call.arguments.text("tos_url") {
        properties.insert("tos".to_owned(), json!(terms));
    }
    let job = Job::new("acme-register", &name)
        .saying(format!("Registering ACME account '{name}'..."))
        .saying(format!("Registration successful, account URL: {location}"))
        .doing(Effect::Put(
            ACCOUNTS.to_owned(),
            name,
            single::section("", properties),
        ));
    call.start(world, job)
}

fn update(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let mut section = account(world, call)?.clone();
    if call.arguments.has("contact") {
        section
            .properties
            .insert("contact".to_owned(), contact(call));
    }
    let name = call.text("name").to_owned();
    let job = Job::new("acme-update", &name).doing(Effect::Put(ACCOUNTS.to_owned(), name, section));
    call.start(world, job)
}

fn deactivate(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    account(world, call)?;
    let name = call.text("name").to_owned();
    let job = Job::new("acme-deactivate", &name).doing(Effect::Drop(ACCOUNTS.to_owned(), name));
    call.start(world, job)
}

/// A plugin is called `plugin` where it is shown and `id` where it is changed.
fn plugin(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (file, id) = ("config/acme/plugins", call.text("id"));
    let Some(plugin) = world.section(file, id) else {
        let text = format!("ACME plugin '{id}' does not exist");
        return Err(Fault::Failed(text));
    };
    let mut answer = single::read(world, file, id);
    answer.data["plugin"] = json!(id);
    answer.data["type"] = json!(plugin.kind);
    Ok(answer)
}

fn directories(_: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    let known = DIRECTORIES.iter();
    let items = known.map(|(name, url)| json!({"name": name, "url": url}));
    Ok(Answer::new(items.collect::<Vec<_>>()))
}

fn terms(_: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    Ok(Answer::new(TERMS))
}

/// A few of the providers that the product knows, with what each wants to be told.
fn challenges(_: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    let provider = |id: &str, name: &str, fields: &[(&str, &str)]| {
        let fields = fields.iter().map(|(field, description)| {
            let field_schema = json!({"type": "string", "description": description});
            ((*field).to_owned(), field_schema)
        });
        let fields = Value::Object(fields.collect());
        json!({"id": id, "name": name, "type": "dns", "schema": {"fields": fields}})
    };
    Ok(Answer::new(json!([
        provider(
            "acmedns",
            "acmedns",
            &[
                ("ACMEDNS_BASE_URL", "The base URL of the API"),
                ("ACMEDNS_PASSWORD", "The password"),
                ("ACMEDNS_USERNAME", "The name of the user"),
            ]
        ),
        provider(
            "cf",
            "Cloudflare Managed DNS",
            &[
                ("CF_Account_ID", "The account"),
                ("CF_Token", "The API token"),
            ]
        ),
        provider(
            "rfc2136",
            "rfc2136",
            &[
                ("NSUPDATE_KEY", "The key file"),
                ("NSUPDATE_SERVER", "The server"),
                ("NSUPDATE_ZONE", "The zone"),
            ]
        ),
    ])))
}
