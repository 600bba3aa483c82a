//! Contract, handlers, collections, fixtures and the first world joined, with every fault found at start.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, OnceLock, RwLock};

use super::attended::Attended;
use super::kept::Kept;
use super::samples::Samples;
use super::{Service, dialect};
use crate::contract::place::line_of;
use crate::contract::{Contract, Operation, Problem};
use crate::fixture::Fixtures;
use crate::personality::{Auth, Description, Setup, SetupError, WorldSource};
use crate::proxmox::address::takes_rest;
use crate::proxmox::arguments::Reader;
use crate::proxmox::call::{Around, Context, Handler};
use crate::proxmox::collection::{Bound, Collection};
use crate::proxmox::gate::{Mode, Rules};
use crate::proxmox::identity::UserId;
use crate::proxmox::index::Index;
use crate::proxmox::overlay::{Overlay, Remark};
use crate::proxmox::product::Edition;
use crate::proxmox::role::Catalog;
use crate::proxmox::state::State;
use crate::proxmox::ticket::Signer;
use crate::proxmox::world_file;
use crate::random::{self, Random};
use crate::routes::{Additions, Origin, Route, Table};

/// One release of a product that the binary carries.
#[derive(Debug, Clone, Copy)]
pub struct Release {
    /// Its name: `9.2`.
    pub name: &'static str,
    /// Its words.
    pub edition: Edition,
    /// Where its contract is in the project.
    pub place: &'static str,
    /// The contract.
    pub document: &'static [u8],
}

/// What makes a product of the shared machinery.
pub struct Blueprint<W> {
    /// What the roster knows of it.
    pub description: &'static Description,
    /// Its releases.
    pub releases: &'static [Release],
    /// Its handlers. Those whose operations a release does not have are left out there.
    pub routes: Vec<Route<Handler<W>>>,
    /// Its plain collections.
    pub collections: &'static [Collection],
}

impl<W> std::fmt::Debug for Blueprint<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Blueprint")
            .field("name", &self.description.name)
            .finish_non_exhaustive()
    }
}

impl<W: State> Blueprint<W> {
    /// Builds the product.
    ///
    /// # Errors
    /// When the contract, a fixture or the world is missing, broken, or does not fit the others; the sentence
    /// names the file.
    pub fn build(self, setup: &Setup) -> Result<Service<W>, SetupError> {
        let release = self.release(&setup.release)?;
        let contract = contract(&release, setup)?;
        let name = self.description.name;
        let fixtures = Fixtures::load(name, setup.fixtures.as_deref(), minijinja::Value::UNDEFINED)
            .map_err(sentence)?;
        let product = release.edition.product();
        let table = table(
            self.routes,
            self.collections,
            &release,
            &contract,
            &fixtures,
        )?;
        let context = context(&release, setup);
        let mut first_world: W = first_world(&setup.world, context.seed, &fixtures)?;
        let overlay = overlay(name, &mut first_world, setup)?;
        if let Some(password) = &setup.root_password {
            let root = first_world.accounts_mut().0.users.entry(UserId::root());
            root.or_default().password = Some(password.clone());
        }
        Ok(Service {
            description: self.description,
            context,
            overlay,
            attended: Attended::default(),
            kept: Kept::default(),
            published: OnceLock::new(),
            table,
            rules: Rules::read(product, &contract).map_err(sentence)?,
            reader: Reader::new(product, &contract),
            samples: Samples::new(product, &contract),
            dialect: Arc::new(dialect::dialect(release.edition, setup.body_bytes)),
            is_slow_to_refuse: setup.auth_delay,
            world: RwLock::new(first_world.clone()),
            first_world,
            contract,
        })
    }

    fn release(&self, name: &str) -> Result<Release, SetupError> {
        let found = self.releases.iter().find(|release| release.name == name);
        let product = self.description.name;
        found
            .copied()
            .ok_or_else(|| SetupError(format!("{product} has no release {name}")))
    }
}

/// The contract of a release as the binary carries it.
pub(super) fn carried(release: &Release) -> Result<Contract, SetupError> {
    Contract::parse(release.document, release.place).map_err(sentence)
}

fn contract(release: &Release, setup: &Setup) -> Result<Contract, SetupError> {
    let Some(path) = &setup.contract else {
        return carried(release);
    };
    let text = std::fs::read(path)
        .map_err(|error| SetupError(format!("cannot read {}: {error}", path.display())))?;
    Contract::parse(&text, &path.display().to_string()).map_err(sentence)
}

/// The secret that a seed stands for.
pub(super) fn secret(seed: u64) -> [u8; 32] {
    let mut secret = [0x5a; 32];
    secret[..8].copy_from_slice(&seed.to_le_bytes());
    secret
}

fn context(release: &Release, setup: &Setup) -> Context {
    let product = release.edition.product();
    let secret = match setup.seed {
        None => random::secret(),
        // The same seed takes the same tickets, so that a restarted server knows its clients.
        Some(seed) => secret(seed),
    };
    let random = Random::new(setup.seed);
    Context {
        product,
        edition: release.edition,
        release: release.name.to_owned(),
        catalog: Catalog::new(release.edition),
        signer: Signer::new(product, &secret),
        seed: setup.seed.unwrap_or_else(|| random.next()),
        random,
        mode: match setup.auth {
            Auth::Open => Mode::Open,
            Auth::Strict => Mode::Strict,
        },
        task_time: setup.task_time,
    }
}

pub(super) fn table<W: State>(
    routes: Vec<Route<Handler<W>>>,
    collections: &'static [Collection],
    release: &Release,
    contract: &Contract,
    fixtures: &Fixtures,
) -> Result<Table<Handler<W>>, SetupError> {
    let product = release.edition.product();
    let bound = collections
        .iter()
        .filter_map(|collection| Bound::new(product, collection, contract));
    let mut sections = HashMap::new();
    for bound in bound.map(Arc::new) {
        for (operation, action) in bound.actions() {
            sections.insert(operation, (Arc::clone(&bound), action));
        }
    }
    let fallback = |operation: &Operation| {
        if let Some((bound, action)) = sections.get(&operation.index) {
            let location = bound.collection().location;
            let handler = Handler::Section(Arc::clone(bound), *action, Around::Nothing);
            return Some(Origin::Collection { handler, location });
        }
        let index = Index::of(product, contract, operation).map(Handler::Index);
        Some(match index {
            Some(handler) => Origin::Handler {
                handler,
                location: Index::LOCATION,
            },
            None => Origin::Sample,
        })
    };
    let operations = contract.operations.iter();
    let known: HashMap<_, u16> = operations
        .map(|operation| {
            let (method, template) = (&operation.method, operation.template.as_str());
            ((method, template), operation.index)
        })
        .collect();
    let mut kept = Vec::new();
    for mut route in routes {
        let Some(index) = known.get(&(&route.method, route.template)) else {
            continue;
        };
        if let Handler::Around(around) = route.handler {
            let (bound, action) = sections.get(index).ok_or_else(|| {
                let (method, template) = (&route.method, route.template);
                SetupError(format!("{method} {template} is of no collection"))
            })?;
            route.handler = Handler::Section(Arc::clone(bound), *action, around);
        }
        kept.push(route);
    }
    let additions = Additions {
        fallback: &fallback,
        takes_rest,
    };
    Table::build_with(contract, kept, fixtures, &additions).map_err(sentence)
}

/// Canned answers, with what they say about the world taken into it.
fn overlay<W: State>(name: &str, world: &mut W, setup: &Setup) -> Result<Overlay, SetupError> {
    let Some(path) = &setup.overlay else {
        return Ok(Overlay::default());
    };
    let place = path.display();
    if !W::TAKES_OVERLAYS {
        tracing::warn!("overlay {place} is about Proxmox VE: {name} serves its own world");
        return Ok(Overlay::default());
    }
    let mut overlay = Overlay::read(path).map_err(SetupError)?;
    world.lay(&mut overlay);
    for Remark { key, text } in overlay.remarks() {
        tracing::warn!(key, "overlay {place}: {key} {text}");
    }
    let (taken, kept) = overlay.counts();
    tracing::info!(
        taken,
        kept,
        "overlay {place}: the world took {taken} answers, {kept} are served as they stand"
    );
    Ok(overlay)
}

fn first_world<W: State>(
    source: &WorldSource,
    seed: u64,
    fixtures: &Fixtures,
) -> Result<W, SetupError> {
    if let WorldSource::Large(guests) = source {
        let lab: W = first_world(&WorldSource::Default, seed, fixtures)?;
        let grown = lab.large(*guests, seed);
        return grown.map_err(|why| SetupError(format!("--world large:{guests} {why}")));
    }
    let carried = |name| -> Result<(String, String), SetupError> {
        let (text, place) = fixtures.text(name).map_err(sentence)?;
        Ok((text, place.to_owned()))
    };
    let given = |path: &Path| -> Result<(String, String), SetupError> {
        let text = fixtures.text_of(path).map_err(sentence)?;
        Ok((text, path.display().to_string()))
    };
    let (text, place) = match source {
        WorldSource::Default | WorldSource::Large(_) => carried("default"),
        WorldSource::Empty => carried("empty"),
        WorldSource::File(path) => given(path),
    }?;
    let world = world_file::json(&text).and_then(|file| W::read(&file));
    world.map_err(|problems| {
        let sentences: Vec<String> = problems
            .iter()
            .map(|problem| located(&text, problem))
            .collect();
        SetupError(format!("{place}: {}", sentences.join("; ")))
    })
}

fn located(text: &str, problem: &Problem) -> String {
    let line = line_of(text, &problem.path).unwrap_or(1);
    format!("line {line}: {}", world_file::sentence(problem))
}

fn sentence(error: impl std::fmt::Display) -> SetupError {
    SetupError(error.to_string())
}
