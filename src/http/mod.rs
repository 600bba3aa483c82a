//! Plain HTTP types: what a request is, what a reply is, how a product speaks.
//!
//! Nothing in this folder is asynchronous and nothing does I/O. Everything above it talks in these
//! types, so behaviour can be tested without a socket and `net` can be replaced without a personality
//! noticing.

pub mod checksum;
pub mod compress;
pub mod dialect;
pub mod form;
pub mod headers;
pub mod method;
pub mod multipart;
pub mod path;
pub mod reply;
pub mod request;
pub mod sieve;
pub mod websocket;

pub use dialect::{Dialect, Refusal};
pub use headers::Headers;
pub use method::Method;
pub use reply::{Body, EventSource, Outcome, Piece, Reply, Wait};
pub use request::{BodyFault, ListenerRole, Request};
pub use sieve::FileFacts;
pub use websocket::Talk;
