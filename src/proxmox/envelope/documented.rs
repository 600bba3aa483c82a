//! The refusals that a client has to reckon with, for the document that describes the answers.
//!
//! Statuses have one home, so they stand here and not where the document is written. What is refused before
//! there is an operation (time-outs, broken requests, foreign formats) is no part of any operation's answers.

use super::Product;

/// A refusal as a document describes it.
#[derive(Debug, Clone, Copy)]
pub struct Documented {
    /// The status.
    pub status: u16,
    /// When it is given, in a sentence.
    pub description: &'static str,
    /// What stands in the body.
    pub shown: Shown,
    /// Whose answer it can be.
    pub of: Of,
}

/// What stands in the body of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Nothing, text, or JSON in some cases only: nothing that can be relied on.
    Anything,
    /// The envelope of the Perl product, with the message.
    Message,
    /// The same with what is wrong with each parameter.
    Problems,
}

/// Whose answer a refusal can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// Every operation.
    All,
    /// Operations that take a body.
    WithBody,
    /// Operations that a node answers which may be another than the one asked.
    Nodes,
}

const fn of(of: Of, status: u16, shown: Shown, description: &'static str) -> Documented {
    Documented {
        status,
        description,
        shown,
        of,
    }
}

/// Proxmox VE (proxmox.md 1.1, "Status catalogue"). A login that fails has a body under 401, and not everything
/// under 501 has JSON in it.
const PERL: [Documented; 10] = [
    of(Of::All, 400, Shown::Problems, "Parameters are wrong."),
    of(
        Of::All,
        401,
        Shown::Anything,
        "No credentials, or none that count; the body is empty.",
    ),
    of(Of::All, 403, Shown::Message, "Not permitted."),
    of(
        Of::All,
        404,
        Shown::Message,
        "There is no such thing, where the product tells this from other failures.",
    ),
    of(
        Of::All,
        500,
        Shown::Message,
        "Anything else that went wrong; the message is also the reason phrase.",
    ),
    of(
        Of::All,
        501,
        Shown::Anything,
        "No such path or method, or a request that is not understood.",
    ),
    of(
        Of::WithBody,
        506,
        Shown::Anything,
        "A body of a type that is not understood.",
    ),
    of(
        Of::Nodes,
        595,
        Shown::Anything,
        "The node cannot be reached.",
    ),
    of(
        Of::Nodes,
        596,
        Shown::Anything,
        "The node broke the connection.",
    ),
    of(
        Of::Nodes,
        599,
        Shown::Anything,
        "The node did not answer properly.",
    ),
];

/// Backup Server and Datacenter Manager (proxmox.md 1.2). The body is bare text, although its content type says
/// JSON, so that no type can be given for it.
const RUST: [Documented; 6] = [
    of(
        Of::All,
        400,
        Shown::Anything,
        "Parameters are wrong, or the operation failed; the body is plain text.",
    ),
    of(
        Of::All,
        401,
        Shown::Anything,
        "No credentials, or none that count; the body is plain text.",
    ),
    of(
        Of::All,
        403,
        Shown::Anything,
        "Not permitted; the body is plain text.",
    ),
    of(
        Of::All,
        404,
        Shown::Anything,
        "No such path, method or thing; the body is plain text.",
    ),
    of(
        Of::All,
        409,
        Shown::Anything,
        "What is asked for contradicts what is there; the body is plain text.",
    ),
    of(
        Of::All,
        414,
        Shown::Anything,
        "Path and query are longer than 3072 bytes.",
    ),
];

/// The refusals of a product, by status.
pub fn documented(product: Product) -> &'static [Documented] {
    if product.is_perl() { &PERL } else { &RUST }
}
