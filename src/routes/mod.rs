//! Routes: which operation of the contract a request names, and what answers it.
//!
//! A personality binds some operations to handlers in plain constant tables ([`route::get`] and its
//! siblings); the others are answered by fixtures, or by what the personality falls back on
//! ([`Additions`]). [`Table::build`] joins contract, bindings and fixtures once, at start, and says so when
//! something does not fit; after that nothing changes.

pub mod route;

pub mod origin;

pub mod table;

pub mod listing;

pub use listing::Listing;
pub use origin::Origin;
pub use route::Route;
pub use table::{Additions, Found, Table, TableError, Values};
