//! What is wrong with a world that could be read, gathered by the rules of its product.

use std::fmt::Display;

use crate::contract::Problem;

/// What was found so far.
#[derive(Debug, Default)]
pub struct Report(Vec<Problem>);

impl Report {
    /// Adds a problem: `message` is a clause that follows the path.
    pub fn add(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.0.push(Problem {
            path: path.into(),
            message: message.into(),
        });
    }

    /// A reference that must lead somewhere.
    pub fn expect(&mut self, exists: bool, path: impl Into<String>, what: impl Display) {
        if !exists {
            self.add(path, format!("{what} does not exist"));
        }
    }

    /// All of it, as problems of a world file.
    pub fn into_problems(self) -> Vec<Problem> {
        self.0
    }
}
