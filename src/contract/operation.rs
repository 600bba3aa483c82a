//! One operation of a contract, with the facts for which `OpenAPI` has no word.

use super::schema::Schema;
use crate::http::{ListenerRole, Method};

/// One path of a contract.
#[derive(Debug, Clone)]
pub struct PathItem {
    /// The path, with parameters in braces.
    pub template: String,
    /// The listeners that know it (`x-listeners`); the main one when the document says nothing.
    pub listeners: Vec<ListenerRole>,
    /// How a method that it does not have is refused (`x-wrong-method`), in a word that the personality
    /// understands.
    pub wrong_method: Option<String>,
    /// The indices of its operations.
    pub operations: Vec<u16>,
}

/// A method on a path.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Its place among the operations of the contract.
    pub index: u16,
    /// Its name (`operationId`), which no other has.
    pub id: String,
    /// The method.
    pub method: Method,
    /// The path, with parameters in braces.
    pub template: String,
    /// What becomes of a body.
    pub body: BodyRule,
    /// What a body has to be.
    pub request: Option<Schema>,
    /// The status when all goes well: the first below 300 that the document lists.
    pub success: u16,
    /// The content type of that answer; `None` when it has no body.
    pub content_type: Option<String>,
    /// What the body of that answer is.
    pub response: Option<Schema>,
    /// All statuses that the document lists, in its order.
    pub statuses: Vec<u16>,
    /// The counter that a success adds to (`x-counter`), as an index of the contract's counters.
    pub counter: Option<u16>,
    /// The name under which the body is kept (`x-capture`), as an index of the contract's captures.
    pub capture: Option<u16>,
    /// The file of the canned answer (`x-fixture`), when it is not named like the operation.
    pub fixture: Option<String>,
}

/// What becomes of the body of a request (`x-body`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyRule {
    /// It is not looked at. The document says nothing.
    Unread,
    /// It is kept, but never decoded (`raw`).
    Raw,
    /// It is decoded as Go would decode it (`go-json`).
    GoJson,
}
