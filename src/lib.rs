//! `mock-server`: a stand-in for a product's HTTP API, for the tests of that product's clients.

pub mod control;

pub mod plexd;

pub mod personality;

pub mod routes;

pub mod stubs;

pub mod fixture;

pub mod contract;

pub mod record;

pub mod net;

pub mod http;

pub mod clock;

pub mod random;
