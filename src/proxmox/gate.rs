//! The order in which a request is checked: form, sender, operation, permission, node, parameters.
//!
//! Clients see this order: who lacks a permission is told so even when the parameters are wrong, and an unknown
//! path with a bad ticket is a matter of the ticket. The Perl product's order is proxmox.md 1.1, "Order of checks
//! for one request"; that of the Rust products is proxmox-rest-server's `handle_request`, where the body is not
//! looked at before the permission is. Reading and checking parameters is the caller's part ([`Parameters`]).

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::address::Target;
use super::fault::Fault;
use super::identity::Identity;
use super::permission::Asking;
use super::product::Product;
use super::token::{Credentials, credentials};
use crate::contract::Operation;
use crate::http::{Method, Request};
use crate::routes::{Found, Origin, Table, Values};

mod form;
mod house;
mod merge;
mod rules;
mod who;

pub use form::{LONGEST_BODY, is_upload};
pub use house::{House, KnownToken, Mode, Place, Standing};
pub use rules::{Rule, RuleFault, Rules};
pub use who::claimed;

/// How the parameters of a call are read and checked.
pub trait Parameters {
    /// Parameters that are as the contract wants them.
    type Checked;

    /// The parameters of query and body, as they came: a value that repeats is a list.
    ///
    /// # Errors
    /// When the body is not of the form that it claims to be.
    fn read(&self, request: &Request, operation: &Operation) -> Result<Map<String, Value>, Fault>;

    /// Holds parameters, those of the path included, against the contract.
    ///
    /// # Errors
    /// All that is wrong with them.
    fn check(
        &self,
        operation: &Operation,
        given: Map<String, Value>,
    ) -> Result<Self::Checked, Fault>;
}

/// What does not change from call to call.
pub struct Gate<'t, H> {
    /// The operations with their origins.
    pub table: &'t Table<H>,
    /// What is checked about them.
    pub rules: &'t Rules,
}

impl<H> std::fmt::Debug for Gate<'_, H> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate").finish_non_exhaustive()
    }
}

/// A call that passed.
#[derive(Debug)]
pub struct Admitted<'t, H, C> {
    /// The operation.
    pub operation: &'t Operation,
    /// What answers it.
    pub origin: &'t Origin<H>,
    /// Who calls; `None` where nobody needs to say.
    pub identity: Option<Identity>,
    /// What the request said about its sender: a login may renew by it.
    pub credentials: Credentials,
    /// The parameters; `localhost` is replaced by the node's name.
    pub parameters: C,
}

/// A call that did not pass.
#[derive(Debug)]
pub struct Refused<'t> {
    /// The operation, once it is known.
    pub operation: Option<&'t Operation>,
    /// Why.
    pub fault: Fault,
}

impl<'t, H> Gate<'t, H> {
    /// Takes a request through all checks.
    ///
    /// # Errors
    /// The first that it fails.
    pub fn admit<P: Parameters>(
        &self,
        house: &dyn House,
        parameters: &P,
        request: &Request,
        target: &Target,
    ) -> Result<Admitted<'t, H, P::Checked>, Refused<'t>> {
        let product = house.rights().product;
        let found = match (product, &request.method) {
            // The Rust products know four methods; the Perl one says so before it looks for anything.
            (Product::Pbs | Product::Pdm, Method::Head) => Found::NoPath,
            (_, method) => self.table.look_up(request.listener, method, &target.path),
        };
        let operation = match &found {
            Found::Route { operation, .. } => Some(*operation),
            Found::NoPath | Found::WrongMethod(_) => None,
        };
        let refused = |fault| Refused { operation, fault };
        let call = Checks {
            product,
            house,
            request,
            target,
        };
        form::before_all(product, request, target).map_err(refused)?;
        let credentials = credentials(product, request);
        let is_open = operation.is_some_and(|operation| self.rules.of(operation).is_open());
        let identity = call.sender(&credentials, is_open).map_err(refused)?;
        let Found::Route {
            operation,
            origin,
            values,
        } = found
        else {
            return Err(refused(call.no_operation()));
        };
        let rule = self.rules.of(operation);
        let parameters = call
            .arguments(operation, rule, identity.as_ref(), &values, parameters)
            .map_err(refused)?;
        Ok(Admitted {
            operation,
            origin,
            identity,
            credentials,
            parameters,
        })
    }
}

/// One request on its way through.
struct Checks<'a> {
    product: Product,
    house: &'a dyn House,
    request: &'a Request,
    target: &'a Target,
}

impl Checks<'_> {
    /// Who calls, and for the Perl product also whether the format exists: it tells only those it knows.
    fn sender(&self, credentials: &Credentials, is_open: bool) -> Result<Option<Identity>, Fault> {
        let identity = match (self.house.mode(), is_open) {
            (Mode::Open, _) => Some(who::claimed(self.house.signer(), credentials, self.now())),
            (Mode::Strict, true) => None,
            (Mode::Strict, false) => Some(who::proven(
                self.product,
                self.house,
                credentials,
                self.request,
                self.target,
            )?),
        };
        match &self.target.unknown_format {
            None => Ok(identity),
            Some(format) => Err(Fault::NoFormat {
                path: self.target.shown.clone(),
                format: format.clone(),
            }),
        }
    }

    fn no_operation(&self) -> Fault {
        Fault::NoOperation {
            method: self.request.method.to_string(),
            path: self.target.shown.clone(),
            full_path: self.target.full.clone(),
        }
    }

    /// Everything from the parameters on; the Rust products look at the body after the permission.
    fn arguments<P: Parameters>(
        &self,
        operation: &Operation,
        rule: &Rule,
        identity: Option<&Identity>,
        values: &Values<'_, '_>,
        parameters: &P,
    ) -> Result<P::Checked, Fault> {
        let mut uri = Map::new();
        for (name, value) in values.iter() {
            uri.insert(name.to_owned(), Value::String(value.into_owned()));
        }
        let mut given = if self.product.is_perl() {
            let given = merge::perl(uri, parameters.read(self.request, operation)?)?;
            self.permitted(operation, rule, identity, &given)?;
            given
        } else {
            self.permitted(operation, rule, identity, &uri)?;
            form::rust_body(self.request)?;
            merge::rust(uri, parameters.read(self.request, operation)?, self.request)?
        };
        self.at_node(rule, &mut given)?;
        parameters.check(operation, given)
    }

    fn permitted(
        &self,
        operation: &Operation,
        rule: &Rule,
        identity: Option<&Identity>,
        given: &Map<String, Value>,
    ) -> Result<(), Fault> {
        if self.house.mode() == Mode::Open {
            return Ok(());
        }
        let by_token = identity.is_some_and(|identity| identity.token.is_some());
        if by_token && !operation.facts.allow_token {
            return Err(Fault::NoTokens(self.target.shown.clone()));
        }
        Ok(rule.permission.allows(&Asking {
            who: identity,
            rights: self.house.rights(),
            parameter: &|name| given.get(name).map(|value| merge::text(value).into_owned()),
        })?)
    }

    /// Whether the node that the call is for answers; `localhost` becomes its name.
    fn at_node(&self, rule: &Rule, given: &mut Map<String, Value>) -> Result<(), Fault> {
        let Some(name) = rule.node.as_deref() else {
            return Ok(());
        };
        let Some(value) = given.get_mut(name) else {
            return Ok(());
        };
        if value == "localhost" {
            *value = Value::String(self.house.own_node().to_owned());
            return Ok(());
        }
        let node = merge::text(value);
        match self.house.place(&node) {
            Place::Reachable => Ok(()),
            _ if !rule.is_passed_on => Ok(()),
            Place::Offline(how, words) => Err(Fault::Unreachable(how, words)),
            Place::Unknown if self.product.is_perl() => Err(Fault::no_such_node(&node)),
            Place::Unknown => Err(Fault::parameter(name, format!("no such node '{node}'"))),
        }
    }

    fn now(&self) -> Timestamp {
        self.house.now()
    }
}

#[cfg(test)]
mod testing;

#[cfg(test)]
mod tests;
