//! The Central API over real sockets, in the shape of its routes.

mod bodies;
mod events;
mod fixtures;
mod local_api;
mod nodes;
mod register;
mod routing;
mod secrets;
mod state;
mod test_api;
