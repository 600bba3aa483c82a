//! What the integration tests share.

pub mod api;
pub mod client;
pub mod server;
