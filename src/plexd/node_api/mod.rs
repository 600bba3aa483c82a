//! The routes under `/v1` that need code. The others are fixtures: their answer never changes, and the
//! contract says what is decoded, captured and counted.

mod register;

mod heartbeat;

mod state;

mod secrets;

mod events;

use super::call::Handler;
use super::call::Handler::{Read, Write};
use crate::routes::Route;
use crate::routes::route::{get, post};

/// The bindings, in the order of the contract.
pub(super) fn routes() -> Vec<Route<Handler>> {
    vec![
        post("/v1/register", Write(register::register)),
        post("/v1/nodes/{id}/heartbeat", Read(heartbeat::heartbeat)),
        get("/v1/nodes/{id}/state", Read(state::state)),
        get("/v1/nodes/{id}/events", Write(events::events)),
        get("/v1/nodes/{id}/secrets/{key}", Read(secrets::secret)),
    ]
}
