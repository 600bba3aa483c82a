//! The control plane over real sockets: what a test of somebody's client does with it.

mod about;
mod clock;
mod journal;
mod wait;
