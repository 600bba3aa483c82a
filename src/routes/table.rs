//! The look-up of a personality: contract, bindings and fixtures joined once, at start.

use std::borrow::Cow;

use matchit::{Params, Router};

use super::{Listing, Origin, Route};
use crate::contract::{Contract, Operation, PathItem};
use crate::fixture::{Canned, Fixtures};
use crate::http::path;
use crate::http::{ListenerRole, Method};

/// Every operation of a contract with its origin, found by listener, method and path. Immutable.
///
/// The cost of a look-up does not grow with the number of operations: templates stand in a radix tree.
#[derive(Debug)]
pub struct Table<H> {
    operations: Vec<(Operation, Origin<H>)>,
    paths: Vec<PathItem>,
    main: Router<usize>,
    local: Router<usize>,
}

/// What a personality adds to the join of contract, bindings and fixtures.
pub struct Additions<'a, H> {
    /// What answers an operation that has neither handler nor fixture; `None` when nothing does.
    pub fallback: &'a dyn Fn(&Operation) -> Option<Origin<H>>,
    /// Whether the last part of this path template takes the whole rest of a path, slashes included.
    pub takes_rest: fn(&str) -> bool,
}

impl<H> Additions<'_, H> {
    /// No additions: an operation without an answer fails the start.
    pub const NONE: Self = Self {
        fallback: &|_| None,
        takes_rest: |_| false,
    };
}

impl<H> std::fmt::Debug for Additions<'_, H> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Additions").finish_non_exhaustive()
    }
}

/// What a look-up found.
#[derive(Debug)]
pub enum Found<'t, 'p, H> {
    /// An operation.
    Route {
        /// The operation.
        operation: &'t Operation,
        /// What answers it.
        origin: &'t Origin<H>,
        /// What stands in the places of the template's parameters.
        values: Values<'t, 'p>,
    },
    /// The path exists, but not with this method.
    WrongMethod(&'t PathItem),
    /// No such path on this listener.
    NoPath,
}

/// The values of a path template's parameters.
#[derive(Debug)]
pub struct Values<'t, 'p>(Params<'t, 'p>);

impl<'p> Values<'_, 'p> {
    /// The decoded value of a parameter.
    pub fn get(&self, name: &str) -> Option<Cow<'p, str>> {
        self.0
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, segment)| path::value(segment))
    }

    /// All of them in the order of the template, decoded.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Cow<'p, str>)> {
        self.0
            .iter()
            .map(|(key, segment)| (key, path::value(segment)))
    }
}

/// Why contract, bindings and fixtures do not fit together.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// A binding names an operation that the contract does not have.
    #[error("{place} binds {method} {template}, which the contract does not have")]
    NoSuchOperation {
        /// The source line.
        place: String,
        /// The bound method.
        method: Method,
        /// The bound template.
        template: &'static str,
    },
    /// An operation has neither a handler nor a canned answer.
    #[error(
        "{method} {template} has nothing that answers it: add the fixture {file}, or leave the content out of its {status} response"
    )]
    NoOrigin {
        /// The method.
        method: Method,
        /// The template.
        template: String,
        /// The fixture that is missing.
        file: String,
        /// The success status of the contract.
        status: u16,
    },
    /// A fixture is broken.
    #[error(transparent)]
    Fixture(#[from] crate::fixture::load::FixtureError),
    /// Two templates cannot be told apart.
    #[error("the path {template} cannot be told apart from another one of the contract: {reason}")]
    Conflict {
        /// The later one.
        template: String,
        /// What the router says.
        reason: matchit::InsertError,
    },
}

impl<H> Table<H> {
    /// Joins contract, bindings and fixtures.
    ///
    /// # Errors
    /// When a binding has no operation, an operation has no origin, or two templates are alike.
    pub fn build(
        contract: &Contract,
        bindings: Vec<Route<H>>,
        fixtures: &Fixtures,
    ) -> Result<Self, TableError> {
        Self::build_with(contract, bindings, fixtures, &Additions::NONE)
    }

    /// Joins contract, bindings and fixtures with what the personality adds.
    ///
    /// # Errors
    /// As [`Table::build`].
    pub fn build_with(
        contract: &Contract,
        bindings: Vec<Route<H>>,
        fixtures: &Fixtures,
        additions: &Additions<'_, H>,
    ) -> Result<Self, TableError> {
        let mut bindings: Vec<Option<Route<H>>> = bindings.into_iter().map(Some).collect();
        let mut operations = Vec::with_capacity(contract.operations.len());
        for operation in &contract.operations {
            let bound = bindings.iter_mut().find_map(|slot| {
                slot.take_if(|route| {
                    route.method == operation.method && route.template == operation.template
                })
            });
            let origin = match bound {
                Some(Route {
                    handler, location, ..
                }) => Origin::Handler { handler, location },
                None => unbound(operation, fixtures, additions)?,
            };
            operations.push((operation.clone(), origin));
        }
        if let Some(route) = bindings.into_iter().flatten().next() {
            return Err(TableError::NoSuchOperation {
                place: format!("{}:{}", route.location.file(), route.location.line()),
                method: route.method,
                template: route.template,
            });
        }
        Ok(Self {
            operations,
            paths: contract.paths.clone(),
            main: router(&contract.paths, ListenerRole::Main, additions.takes_rest)?,
            local: router(&contract.paths, ListenerRole::Local, additions.takes_rest)?,
        })
    }

    /// Finds what answers a request. `path` is canonical ([`path::canonical`]). `HEAD` finds what `GET`
    /// does.
    pub fn look_up<'t, 'p>(
        &'t self,
        listener: ListenerRole,
        method: &Method,
        path: &'p str,
    ) -> Found<'t, 'p, H> {
        let router = match listener {
            ListenerRole::Main => &self.main,
            ListenerRole::Local => &self.local,
        };
        let Ok(found) = router.at(path) else {
            return Found::NoPath;
        };
        let item = &self.paths[*found.value];
        let method = method.routed();
        let named = item
            .operations
            .iter()
            .map(|&index| &self.operations[usize::from(index)])
            .find(|(operation, _)| operation.method == method);
        match named {
            Some((operation, origin)) => Found::Route {
                operation,
                origin,
                values: Values(found.params),
            },
            None => Found::WrongMethod(item),
        }
    }

    /// The methods that a path takes, as an `Allow` header lists them: sorted, `HEAD` beside `GET`.
    pub fn allowed(&self, item: &PathItem) -> String {
        let mut methods: Vec<&str> = Vec::new();
        for &index in &item.operations {
            let method = &self.operations[usize::from(index)].0.method;
            methods.push(method.as_str());
            if *method == Method::Get {
                methods.push("HEAD");
            }
        }
        methods.sort_unstable();
        methods.join(", ")
    }

    /// All operations with their origins, in the order of the contract.
    pub fn listing(&self) -> Vec<Listing> {
        self.operations
            .iter()
            .map(|(operation, origin)| Listing {
                method: operation.method.to_string(),
                template: operation.template.clone(),
                operation: operation.id.clone(),
                origin: origin.name(),
                place: origin.place(),
            })
            .collect()
    }
}

/// What answers an operation that no handler is bound to: its fixture, else what the personality has for it.
fn unbound<H>(
    operation: &Operation,
    fixtures: &Fixtures,
    additions: &Additions<'_, H>,
) -> Result<Origin<H>, TableError> {
    let name = operation.fixture.as_deref().unwrap_or(&operation.id);
    if let Some(content_type) = operation.content_type.as_deref()
        && let Some(canned) = fixtures.answer(name, operation.success, content_type)?
    {
        return Ok(Origin::Fixture(canned));
    }
    if let Some(origin) = (additions.fallback)(operation) {
        return Ok(origin);
    }
    if operation.content_type.is_none() {
        return Ok(Origin::Fixture(Canned::empty(operation.success)));
    }
    Err(TableError::NoOrigin {
        method: operation.method.clone(),
        template: operation.template.clone(),
        file: fixtures.file_name(name),
        status: operation.success,
    })
}

fn router(
    paths: &[PathItem],
    listener: ListenerRole,
    takes_rest: fn(&str) -> bool,
) -> Result<Router<usize>, TableError> {
    let mut router = Router::new();
    for (index, item) in paths.iter().enumerate() {
        if item.listeners.contains(&listener) {
            router
                .insert(pattern(&item.template, takes_rest), index)
                .map_err(|reason| TableError::Conflict {
                    template: item.template.clone(),
                    reason,
                })?;
        }
    }
    Ok(router)
}

/// The router's form of a template: it marks a last part that takes the rest by a star.
fn pattern(template: &str, takes_rest: fn(&str) -> bool) -> String {
    match template.rsplit_once("/{") {
        Some((before, last)) if last.ends_with('}') && takes_rest(template) => {
            format!("{before}/{{*{last}")
        }
        _ => template.to_owned(),
    }
}

#[cfg(test)]
mod tests;
