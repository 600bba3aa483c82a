//! The contract of one release of a product: its operations and types, read from an `OpenAPI` document.
//!
//! A contract is read once, at the start, and never changes. The document itself is not kept, only what
//! is asked of it: `operation` holds what an operation is, `schema` what a value is, `lenient` and
//! `check` the two ways of holding a value against its schema (as the product does, and as a person
//! wants it who wrote a world file), `sample` an answer of a declared type where nothing better answers.
//! `document` and the private modules do the reading; `import` makes documents of the descriptions that Proxmox products carry.

use std::collections::BTreeMap;

use bytes::Bytes;

pub mod check;
mod document;
mod facts;
pub mod import;
pub mod lenient;
mod merge;
mod moment;
pub mod operation;
mod parameters;
pub mod place;
mod product;
mod reduce;
mod resolve;
pub mod sample;
mod scan;
pub mod schema;
mod schema_facts;
mod text;

pub use check::{Problem, strict};
pub use lenient::Malformed;
pub use merge::merge;
pub use operation::{BodyRule, Operation, Parameter, PathItem, Place, Returns};
pub use schema::{Format, Kind, Property, Schema, Shape};

/// The contract of one release of a product.
#[derive(Debug, Clone)]
pub struct Contract {
    /// What the product calls its API (`info.title`).
    pub title: String,
    /// The release (`info.version`).
    pub version: String,
    /// The paths, in the order of the document.
    pub paths: Vec<PathItem>,
    /// The operations, in the order of the document; within a path GET, PUT, POST, DELETE and the others.
    pub operations: Vec<Operation>,
    /// The product's own counters, in the order the product lists them (`x-counters`).
    pub counters: Vec<String>,
    /// The names under which last bodies are kept (`x-captures`).
    pub captures: Vec<String>,
    /// The document as it is served: the same JSON without white space.
    pub document: Bytes,
    /// The types under `components/schemas`.
    schemas: BTreeMap<String, Schema>,
}

impl Contract {
    /// Reads a contract from an `OpenAPI` 3.0 document. `place` is what errors call it, a file name as a
    /// rule.
    ///
    /// # Errors
    /// When it is no JSON, no `OpenAPI` 3.0, or contradicts itself.
    pub fn parse(text: &[u8], place: &str) -> Result<Self, ContractError> {
        document::read(text, place)
    }

    /// A type by its name under `components/schemas`.
    pub fn schema(&self, name: &str) -> Option<&Schema> {
        self.schemas.get(name)
    }
}

/// Why a document is no contract, in one sentence that says where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ContractError {
    /// The text is no JSON.
    #[error("{place}, line {line}, column {column}: {message}")]
    Syntax {
        /// The file.
        place: String,
        /// The line, counted from 1.
        line: usize,
        /// The column, counted from 1.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// The JSON is no contract.
    #[error("{place}: {at}: {message}")]
    Content {
        /// The file.
        place: String,
        /// The operation or the part of the document, with the field.
        at: String,
        /// What is wrong.
        message: String,
    },
}

#[cfg(test)]
mod tests;
