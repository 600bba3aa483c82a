//! `mock-server`: a stand-in for a product's HTTP API, for the tests of that product's clients.
//!
//! One static binary becomes one **personality** at start: Proxmox VE, Backup Server, Datacenter Manager, or the
//! Central API of plexd. Its client is real and unmodified; only the server is ours. So it speaks as the product
//! does (TLS, logins, refusals, tasks, streams, state that follows writes), and a test can look inside it, change
//! it, break it, and wait for it without sleeping, through the control plane under `/__admin`.
//!
//! # Words
//!
//! | Word | Meaning, once and everywhere |
//! |---|---|
//! | Personality | one product that the server can be |
//! | Contract | the OpenAPI document of one release, loaded, checked, immutable |
//! | Operation | method + path template + body + answer, from the contract |
//! | Route | a binding of an operation to behaviour, in code |
//! | Origin | which source answers an operation: `Handler`, `Collection`, `Fixture` or `Sample` |
//! | World | the mutable state of one personality |
//! | Call | what a handler is given |
//! | Answer, Fault | what it returns, or why it refuses |
//! | Dialect | how a product speaks HTTP: limits, h2 or not, words for what is refused before routing |
//! | Exchange | one request with its reply, origin and time, as the journal keeps it |
//! | Instance | a personality with its record and clock: nothing is global |
//! | Control | the test and admin plane |
//!
//! # The path of a request
//!
//! 1. `net::listener` accepts; the first byte tells whether this is TLS ([`net`]).
//! 2. `net::connection` gives the socket to hyper, configured from the personality's [`http::Dialect`].
//! 3. `net::intake` reads the whole request into an [`http::Request`], refusing what the dialect refuses.
//! 4. [`dispatch`] finds the instance; under the control prefix the request goes to [`control`], else on.
//! 5. The personality looks its operation up in an immutable [`routes::Table`]: no path, no method, or a
//!    route.
//! 6. What was sent is checked as the product does: the body captured and decoded as the contract says
//!    ([`contract::lenient`], the Central API), or form, sender, permission and parameters in the product's order
//!    ([`proxmox::gate`]).
//! 7. What is due is settled, the world is locked as the handler asks (read or write), the handler runs, the lock
//!    is released; a fixture needs no lock. [`proxmox::envelope`] makes the reply. Lists of thousands copy the rows
//!    that are still right from the answer before ([`proxmox::written`]).
//! 8. [`dispatch`] writes the exchange into the [`record`], then sends the events that the answer brought.
//! 9. `net::outlet` waits for the reply's delay, outside every lock, and writes it; an event stream or a console
//!    leaves hyper here and lives on as a small task of its own.
//!
//! # Where things are, and who may import whom
//!
//! A module imports lower ranks only; `tests/it/architecture.rs` holds everyone to it, and to what is absent
//! (async outside `net` and `server`, clocks outside `clock`, locks outside their rooms, `unwrap`).
//!
//! | Rank | Modules |
//! |---|---|
//! | 9 | `main`, [`cli`] |
//! | 8 | [`server`]: load, build, bind, announce, accept, drain |
//! | 7 | [`dispatch`], [`roster`] |
//! | 6 | [`control`]; [`pdm`], which manages `pve` and `pbs` |
//! | 5 | [`plexd`], [`pve`], [`pbs`], never importing each other |
//! | 4 | [`proxmox`]: what the three Proxmox personalities share |
//! | 3 | [`personality`] |
//! | 2 | [`routes`], [`stubs`], [`fixture`] |
//! | 1 | [`contract`], [`record`], [`net`] |
//! | 0 | [`http`], [`clock`], [`random`] |
//!
//! # How things are added
//!
//! *A route with a fixed answer*: an operation in the OpenAPI document and a file of the operation's name in
//! the fixtures folder; no Rust. Its counter and capture are named in the document (`x-counter`,
//! `x-capture`). *A route that behaves*: the operation, one function in the file of its URL, one line in the
//! table above it. *A personality*: a document, its fixtures, a folder with a `mod.rs` that implements
//! [`personality::Personality`], and one entry in [`roster`].

pub mod cli;

pub mod server;

pub mod dispatch;

pub mod roster;

pub mod control;

pub mod pdm;

pub mod plexd;

pub mod pve;

pub mod pbs;

pub mod proxmox;

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
