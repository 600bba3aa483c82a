//! The network layer alone, with an answerer made for it.

mod limits;
mod protocols;
mod server;
mod stopping;
mod streams;
