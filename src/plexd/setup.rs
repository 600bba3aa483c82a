//! Contract, fixtures, keys and first world joined into a Central API, with every fault found at start.

use std::path::Path;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use minijinja::context;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::call::{Central, Secret};
use super::keys::Keys;
use super::world::Identity;
use super::{Plexd, answers, routes, world_file};
use crate::contract::place::line_of;
use crate::contract::{Contract, Schema, lenient};
use crate::fixture::Fixtures;
use crate::http::Dialect;
use crate::personality::{Personality, Setup, SetupError, WorldSource};
use crate::random::Random;
use crate::routes::Table;

/// The documents that the binary carries, by release.
const CONTRACTS: &[(&str, &[u8])] = &[(
    "2026-02",
    include_bytes!("../../openapi/plexd-2026-02.json"),
)];

/// Upstream's interval; an agent gives a silent stream up after 90 s.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The most bytes of a body. Upstream has no limit; agents send a few KiB, and 500 audit records are well
/// below a MiB.
const BODY_BYTES: usize = 8 * 1024 * 1024;

/// Builds the personality.
///
/// # Errors
/// When the contract, a fixture or the world is missing, broken, or does not fit the others; the sentence
/// names the file.
pub fn build(setup: &Setup) -> Result<Box<dyn Personality>, SetupError> {
    let contract = contract(setup)?;
    let keys = Keys::new(setup.key_seed);
    let constants = context! {
        keys => context! { signing_public_key => keys.signing_public_key() },
    };
    let fixtures = Fixtures::load(
        super::DESCRIPTION.name,
        setup.fixtures.as_deref(),
        constants,
    )
    .map_err(sentence)?;
    let table = Table::build(&contract, routes(), &fixtures).map_err(sentence)?;
    let central = central(setup, &contract, keys, &fixtures)?;
    let first_world = first_world(&setup.world, &central, &fixtures)?;
    let body_bytes = setup.body_bytes.unwrap_or(BODY_BYTES);
    Ok(Box::new(Plexd {
        release: setup.release.clone(),
        table,
        world: RwLock::new(first_world.clone()),
        first_world,
        main: Arc::new(dialect(body_bytes)),
        local: Arc::new(Dialect {
            // plexd-central.md 1.9: HTTP/1.1 over TLS.
            http2: false,
            refuse: answers::refuse_local,
            ..dialect(body_bytes)
        }),
        contract,
        central,
    }))
}

fn contract(setup: &Setup) -> Result<Contract, SetupError> {
    if let Some(path) = &setup.contract {
        let text = std::fs::read(path)
            .map_err(|error| SetupError(format!("cannot read {}: {error}", path.display())))?;
        return Contract::parse(&text, &path.display().to_string()).map_err(sentence);
    }
    let carried = CONTRACTS
        .iter()
        .find(|(release, _)| *release == setup.release);
    let (release, text) = carried
        .ok_or_else(|| SetupError(format!("plexd-central has no release {}", setup.release)))?;
    Contract::parse(text, &format!("openapi/plexd-{release}.json")).map_err(sentence)
}

fn central(
    setup: &Setup,
    contract: &Contract,
    keys: Keys,
    fixtures: &Fixtures,
) -> Result<Central, SetupError> {
    let (registration, place) = fixtures.text("register").map_err(sentence)?;
    let identity: Identity = read_json(&registration, place)?;
    if identity.node_secret_key.len() != 32 {
        let length = identity.node_secret_key.len();
        return Err(SetupError(format!(
            "{place}: node_secret_key has {length} bytes: it is an AES-256 key and must have 32"
        )));
    }
    let registration = lenient::compact(&registration)
        .map_err(|malformed| SetupError(format!("{place}: {malformed}")))?;
    let (secret, place) = fixtures.text("secrets").map_err(sentence)?;
    let secret: Secret = read_json(&secret, place)?;
    Ok(Central {
        keys,
        identity,
        registration: format!("{registration}\n").into(),
        secret,
        distinct_nodes: setup.distinct_nodes,
        keep_alive: setup.keep_alive.unwrap_or(KEEP_ALIVE),
        random: Random::new(setup.seed),
        state_schema: schema(contract, "State")?,
        heartbeat_schema: schema(contract, "HeartbeatAnswer")?,
        world_schema: schema(contract, "World")?,
        captures: contract.captures.clone(),
        counters: contract.counters.clone(),
    })
}

fn first_world(
    source: &WorldSource,
    central: &Central,
    fixtures: &Fixtures,
) -> Result<super::World, SetupError> {
    let carried = |name| -> Result<(String, String), SetupError> {
        let (text, place) = fixtures.text(name).map_err(sentence)?;
        Ok((text, place.to_owned()))
    };
    let given = |path: &Path| -> Result<(String, String), SetupError> {
        let text = fixtures.text_of(path).map_err(sentence)?;
        Ok((text, path.display().to_string()))
    };
    let (text, place) = match source {
        WorldSource::Default => carried("default"),
        WorldSource::Empty => carried("empty"),
        WorldSource::Large(guests) => Err(SetupError(format!(
            "--world large:{guests} makes guests, which this product has not"
        ))),
        WorldSource::File(path) => given(path),
    }?;
    let world: Value = read_json(&text, &place)?;
    world_file::read(&world, &text, central).map_err(|problems| {
        let sentences: Vec<String> = problems
            .iter()
            .map(|problem| {
                let line = line_of(&text, &problem.path).unwrap_or(1);
                format!("line {line}: {}", world_file::sentence(problem))
            })
            .collect();
        SetupError(format!("{place}: {}", sentences.join("; ")))
    })
}

fn read_json<T: DeserializeOwned>(text: &str, place: &str) -> Result<T, SetupError> {
    serde_json::from_str(text).map_err(|error| SetupError(format!("{place}: {error}")))
}

fn schema(contract: &Contract, name: &str) -> Result<Schema, SetupError> {
    contract.schema(name).cloned().ok_or_else(|| {
        SetupError(format!(
            "the contract {} has no schema {name}",
            contract.title
        ))
    })
}

fn dialect(body_bytes: usize) -> Dialect {
    Dialect {
        http2: true,
        header_bytes: 64 * 1024,
        header_fields: 100,
        body_bytes,
        inflate: true,
        patience: Duration::from_secs(10),
        idle: Duration::from_secs(120),
        requests: u32::MAX,
        // Upstream's mock compresses nothing.
        codings: &[],
        compress_above: 0,
        drops_file: |_, _| false,
        refuse: answers::refuse,
    }
}

fn sentence(error: impl std::fmt::Display) -> SetupError {
    SetupError(error.to_string())
}
