//! From a product's own description of its API to an `OpenAPI` document.
//!
//! Every Proxmox product describes its API by a tree that its API viewer shows: one node for a path, with
//! its methods, their parameters and answers in a dialect of JSON Schema, and much prose. The document made
//! of it is `OpenAPI` 3.0.3 without the prose. What `OpenAPI` cannot say is kept as extensions (`x-`), so
//! that nothing that a server or a client could act on is lost; a word that is not known here is kept as
//! `x-<word>`. The same input gives the same bytes.

mod keyword;
mod members;
mod operation;
mod paths;
mod pattern;
mod print;
mod schema;
mod script;
mod tree;

#[cfg(test)]
mod tests;

use super::Contract;
use paths::Paths;
use serde_json::json;
use tree::Fault;

/// What an imported document says about itself.
#[derive(Debug, Clone, Default)]
pub struct Labels {
    /// Its title (`info.title`); guessed from the paths when nothing is said.
    pub title: Option<String>,
    /// The release of the product (`info.version`); `unknown` when nothing is said: a tree does not tell.
    pub release: Option<String>,
    /// The file that it was made of, without its folder. Faults name it too.
    pub source: String,
}

/// A document made of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The document, laid out for people, with a line feed at its end.
    pub document: String,
    /// How many operations it has.
    pub operations: usize,
}

/// Why a tree gives no document: one sentence that says where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}, line {line}, column {column}: {message}")]
pub struct ImportError {
    /// The file.
    pub place: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// What is wrong, after the operation in which it is.
    pub message: String,
}

/// Makes a document of a product's tree: the plain JSON list, or the script that assigns it.
///
/// # Errors
/// When the text holds no tree, or a tree that is none of a Proxmox product.
pub fn import(text: &[u8], labels: &Labels) -> Result<Imported, ImportError> {
    let at_line = |fault: Fault| located(text, &labels.source, fault);
    let root = script::find(text).map_err(at_line)?;
    let paths = Paths::read(&root).map_err(at_line)?;
    let operations = paths.operations;
    let title = labels.title.as_deref().unwrap_or_else(|| paths.product());
    let value = json!({
        "openapi": "3.0.3",
        "info": {
            "title": title,
            "version": labels.release.as_deref().unwrap_or("unknown"),
            "x-generator": concat!("mock-server openapi import ", env!("CARGO_PKG_VERSION")),
            "x-source": labels.source,
        },
        "servers": [{"url": "/api2/json"}],
        "x-envelope": "data",
        "paths": paths.items,
        "components": {"schemas": paths.schemas},
    });
    let document = print::pretty(&value);
    // Whoever imports a document serves it next: what cannot be read back is told now.
    if let Err(error) = Contract::parse(document.as_bytes(), "the document") {
        let message = format!("what is made of this tree cannot be read back: {error}");
        return Err(at_line(Fault::new(root.at, message)));
    }
    Ok(Imported {
        document,
        operations,
    })
}

fn located(text: &[u8], place: &str, fault: Fault) -> ImportError {
    let before = &text[..fault.at.min(text.len())];
    let start = before.iter().rposition(|&byte| byte == b'\n');
    let line = &before[start.map_or(0, |at| at + 1)..];
    ImportError {
        place: place.to_owned(),
        line: 1 + before.iter().filter(|&&byte| byte == b'\n').count(),
        column: 1 + String::from_utf8_lossy(line).chars().count(),
        message: fault.message,
    }
}
