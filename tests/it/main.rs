//! All integration tests in one program, in the shape of the source tree.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    missing_docs,
    unreachable_pub,
    reason = "a test stops at the first surprise"
)]

mod support;

mod architecture;

mod control;

mod hostile;

mod import;

mod net;

mod plexd;

mod program;

mod pve;
mod sweep;
