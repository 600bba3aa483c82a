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
    /// Behaviour that is the same for many paths, bound to one of them by a line of data.
    Collection {
        /// The behaviour.
        handler: H,
        /// The line.
        location: &'static Location<'static>,
    },
    /// A canned answer.
    Fixture(Canned),
    /// A value that the personality makes of the declared answer type.
    Sample,
}

impl<H> Origin<H> {
    /// The word for it in listings and in the journal.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Handler { .. } => "handler",
            Self::Collection { .. } => "collection",
            Self::Fixture(_) => "fixture",
            Self::Sample => "sample",
        }
    }

    /// Where to look for it: a source line, a fixture's file, or the contract.
    pub fn place(&self) -> String {
        match self {
            Self::Handler { location, .. } | Self::Collection { location, .. } => {
                format!("{}:{}", location.file(), location.line())
            }
            Self::Fixture(canned) => canned.place().to_owned(),
            Self::Sample => "the declared answer type".to_owned(),
        }
    }
}
