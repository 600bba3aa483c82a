//! The order in which a request is checked: form, sender, operation, permission, node, parameters.
//!
//! Clients see this order: who lacks a permission is told so even when the parameters are wrong, and an unknown
//! path with a bad ticket is a matter of the ticket. The Perl product's order is proxmox.md 1.1, "Order of checks
//! for one request"; that of the Rust products is proxmox-rest-server's `handle_request`, where the body is not
//! looked at before the permission is. What is wrong with parameters is found by [`super::arguments`].

use std::borrow::Cow;

use jiff::Timestamp;

use super::address::Target;
use super::arguments::{Arguments, Gathered, Reader, Sent};
use super::fault::Fault;
use super::identity::Identity;
use super::permission::Asking;
use super::product::{Edition, Product};
use super::token::{Credentials, credentials};
use crate::contract::Operation;
use crate::http::{Method, Request};
use crate::routes::{Found, Origin, Table, Values};

mod form;
mod house;
mod rules;
mod sent;
mod who;

pub use form::{LONGEST_BODY, is_upload};
pub use house::{House, KnownToken, Mode, Place, Standing};
pub use rules::{Rule, RuleFault, Rules};
pub use who::claimed;

/// What does not change from call to call.
pub struct Gate<'t, H> {
    /// The release's words.
    pub edition: Edition,
    /// The operations with their origins.
    pub table: &'t Table<H>,
    /// What is checked about them.
    pub rules: &'t Rules,
    /// What reads their parameters.
    pub reader: &'t Reader,
}

impl<H> std::fmt::Debug for Gate<'_, H> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate").finish_non_exhaustive()
    }
}

/// A call that passed.
#[derive(Debug)]
pub struct Admitted<'t, H> {
    /// The operation.
    pub operation: &'t Operation,
    /// What answers it.
    pub origin: &'t Origin<H>,
    /// Who calls; `None` where nobody needs to say.
    pub identity: Option<Identity>,
    /// What the request said about its sender: a login may renew by it.
    pub credentials: Credentials,
    /// The parameters; `localhost` is replaced by the node's name.
    pub parameters: Arguments<'t>,
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
    pub fn admit(
        &self,
        house: &dyn House,
        request: &Request,
        target: &Target,
    ) -> Result<Admitted<'t, H>, Refused<'t>> {
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
            reader: self.reader,
            house,
            request,
            target,
        };
        form::before_all(self.edition, request, target).map_err(refused)?;
        let credentials = credentials(product, request);
        let is_open = operation.is_some_and(|operation| self.rules.of(operation).is_open());
        let identity = call.sender(&credentials, is_open).map_err(refused)?;
        // What is wrong with JSON is said before anybody looks whether the path exists.
        let sent = product.is_perl().then(|| sent::perl(request, target));
        let sent = sent.transpose().map_err(refused)?;
        let Found::Route {
            operation,
            origin,
            values,
        } = found
        else {
            return Err(refused(call.no_operation()));
        };
        let rule = self.rules.of(operation);
        let gathered = call
            .gathered(operation, rule, identity.as_ref(), &values, sent)
            .map_err(refused)?;
        let parameters = self.reader.check(operation, gathered);
        let parameters = parameters.map_err(|problems| refused(problems.into()))?;
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
    reader: &'a Reader,
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

    /// Everything about parameters that comes before their schema. The Perl product has `sent` read already and
    /// looks for contradictions to the path before permissions; the Rust products read after these.
    fn gathered(
        &self,
        operation: &Operation,
        rule: &Rule,
        identity: Option<&Identity>,
        values: &Values<'_, '_>,
        sent: Option<Sent>,
    ) -> Result<Gathered, Fault> {
        let mut gathered = match sent {
            Some(sent) => {
                let gathered = self.reader.gather(values.iter(), sent)?;
                let text = |name: &str| gathered.text(name).map(Cow::into_owned);
                self.permitted(operation, rule, identity, &text)?;
                gathered
            }
            None => {
                let text = |name: &str| values.get(name).map(Cow::into_owned);
                self.permitted(operation, rule, identity, &text)?;
                self.reader
                    .gather(values.iter(), sent::rust(self.request)?)?
            }
        };
        self.at_node(rule, &mut gathered)?;
        Ok(gathered)
    }

    fn permitted(
        &self,
        operation: &Operation,
        rule: &Rule,
        identity: Option<&Identity>,
        parameter: &dyn Fn(&str) -> Option<String>,
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
            parameter,
        })?)
    }

    /// Whether the node that the call is for answers; `localhost` becomes its name.
    fn at_node(&self, rule: &Rule, gathered: &mut Gathered) -> Result<(), Fault> {
        let Some(name) = rule.node.as_deref() else {
            return Ok(());
        };
        let Some(node) = gathered.text(name) else {
            return Ok(());
        };
        if node == "localhost" {
            gathered.replace(name, self.house.own_node());
            return Ok(());
        }
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
