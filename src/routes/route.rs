//! A route: method and path template bound to behaviour, with the line that binds it.

use std::panic::Location;

use crate::http::Method;

/// One binding. `H` is whatever a personality calls a handler.
#[derive(Debug)]
pub struct Route<H> {
    /// The method.
    pub method: Method,
    /// The path template, spelled as in the contract.
    pub template: &'static str,
    /// The behaviour.
    pub handler: H,
    /// Where the binding stands in the source, for `mock-server routes` and the journal.
    pub location: &'static Location<'static>,
}

/// Binds a `GET` (and with it `HEAD`).
#[track_caller]
pub const fn get<H>(template: &'static str, handler: H) -> Route<H> {
    bind(Method::Get, template, handler)
}

/// Binds a `POST`.
#[track_caller]
pub const fn post<H>(template: &'static str, handler: H) -> Route<H> {
    bind(Method::Post, template, handler)
}

/// Binds a `PUT`.
#[track_caller]
pub const fn put<H>(template: &'static str, handler: H) -> Route<H> {
    bind(Method::Put, template, handler)
}

/// Binds a `DELETE`.
#[track_caller]
pub const fn delete<H>(template: &'static str, handler: H) -> Route<H> {
    bind(Method::Delete, template, handler)
}

#[track_caller]
const fn bind<H>(method: Method, template: &'static str, handler: H) -> Route<H> {
    Route {
        method,
        template,
        handler,
        location: Location::caller(),
    }
}
