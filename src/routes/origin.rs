//! Which source answers an operation: exactly one for each.

use std::panic::Location;

use crate::fixture::Canned;

/// The source of an operation's answers.
#[derive(Debug)]
pub enum Origin<H> {
    /// Code of the personality.
    Handler {
        /// The behaviour.
        handler: H,
        /// The line that binds it.
        location: &'static Location<'static>,
    },
    /// A canned answer.
    Fixture(Canned),
}

impl<H> Origin<H> {
    /// The word for it in listings and in the journal.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Handler { .. } => "handler",
            Self::Fixture(_) => "fixture",
        }
    }

    /// Where to look for it: a source line, or a fixture's file.
    pub fn place(&self) -> String {
        match self {
            Self::Handler { location, .. } => format!("{}:{}", location.file(), location.line()),
            Self::Fixture(canned) => canned.place().to_owned(),
        }
    }
}
