//! The command line: flags, environment, and the commands `serve`, `check`, `routes` and `openapi`.
//!
//! A user who got something wrong reads one sentence: what was wrong, where, and what to do. Bad arguments
//! end with 2, what does not load or cannot be bound ends with 1.

mod flags;

mod legacy;

mod settings;

mod health;

mod import;

#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;
use tracing_subscriber::EnvFilter;

pub use flags::{Arguments, Command, Import, Openapi, Serve};
pub use settings::settings;

use crate::routes::listing;
use crate::server;

/// Why the program ends without having done what it was asked for.
#[derive(Debug)]
pub enum Failure {
    /// The arguments are wrong: exit code 2.
    Usage(String),
    /// Something did not load or work: exit code 1.
    Work(anyhow::Error),
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Work(error)
    }
}

/// Runs the program with the arguments it was started with.
pub fn main(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let arguments = legacy::rewrite(arguments.collect());
    let parsed = match Arguments::try_parse_from(&arguments.words) {
        Ok(parsed) => parsed,
        Err(error) if error.exit_code() == 0 => {
            // Help and version: printed as clap lays them out, also into a pipe that is closed early.
            let _ = error.print();
            return ExitCode::SUCCESS;
        }
        Err(error) => return report(&Failure::Usage(sentence(&error))),
    };
    match run(parsed, arguments.mockapi) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => report(&failure),
    }
}

fn run(arguments: Arguments, mockapi: bool) -> Result<(), Failure> {
    match arguments.command.unwrap_or(Command::Serve(arguments.serve)) {
        Command::Serve(serve) => {
            start_logging(&serve.log).map_err(Failure::Usage)?;
            settings::warn_of_unknown_variables();
            let mut settings = settings(&serve)?;
            settings.announce_mockapi = mockapi;
            Ok(server::run(&settings)?)
        }
        Command::Check { url } => {
            let line = health::check(url.as_deref())?;
            print(&line);
            Ok(())
        }
        Command::Routes { serve, json } => {
            let settings = settings(&serve)?;
            let listing = build(&settings)?.listing();
            print(&if json {
                format!("{:#}", listing::json(&listing))
            } else {
                listing::text(&listing).trim_end().to_owned()
            });
            Ok(())
        }
        Command::Openapi {
            command: Some(Openapi::Import(flags)),
            ..
        } => Ok(import::import(&flags)?),
        Command::Openapi {
            command: None,
            serve,
        } => {
            let settings = settings(&serve)?;
            let document = build(&settings)?.contract();
            print(&String::from_utf8_lossy(&document));
            Ok(())
        }
    }
}

fn build(settings: &server::Settings) -> anyhow::Result<Box<dyn crate::personality::Personality>> {
    Ok((settings.description.build)(&settings.setup)?)
}

/// Logs go to stderr, one line each; stdout belongs to the addresses.
fn start_logging(filter: &str) -> Result<(), String> {
    let parsed = EnvFilter::try_new(filter)
        .map_err(|error| format!("--log {filter}: {error}; try info or mock_server=debug"))?;
    // A second start within one process keeps the first one's subscriber.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(parsed)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .try_init();
    Ok(())
}

/// What clap says, as one sentence: without its usage block and hints.
fn sentence(error: &clap::Error) -> String {
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return "an argument is missing; --help lists them".into();
    }
    let text = error.to_string();
    let said = text.strip_prefix("error: ").unwrap_or(&text);
    let paragraph = said.split("\n\n").next().unwrap_or(said);
    let words: Vec<&str> = paragraph.split_whitespace().collect();
    format!("{}; --help lists all flags", words.join(" "))
}

/// Writes a line to stdout. A reader that went away is not a fault.
fn print(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

fn report(failure: &Failure) -> ExitCode {
    let (code, text) = match failure {
        Failure::Usage(text) => (2, text.clone()),
        Failure::Work(error) => (1, format!("{error:#}")),
    };
    let _ = writeln!(std::io::stderr().lock(), "mock-server: {text}");
    ExitCode::from(code)
}
