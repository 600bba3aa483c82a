//! The program: parse, start logging, run, turn the result into an exit code.

use std::process::ExitCode;

use mock_server::cli;

/// See style.md 4.2 of the project's notes on static builds: the largest single gain in a static binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::main(std::env::args_os())
}
