//! One operation of a contract, with the facts for which `OpenAPI` has no word.

use serde_json::Value;

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
    /// The parameters, those of the path first, then in the order of the contract. Those of a form body
    /// are among them: a product takes them from the query as well.
    pub parameters: Vec<Parameter>,
    /// Whether parameters that are not listed pass.
    pub additional: bool,
    /// Who may call it, as the product declares it (`x-permissions`); the Proxmox products understand it.
    pub permissions: Option<Value>,
    /// The other facts of a Proxmox product.
    pub facts: Facts,
}

/// What Proxmox products say about an operation besides its form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// What the product calls the method (`x-name`).
    pub name: Option<Box<str>>,
    /// Whether an API token may call it (`x-allowtoken`); yes unless the contract says no.
    pub allow_token: bool,
    /// Whether a process with more rights than the web server answers it (`x-protected`).
    pub protected: bool,
    /// The parameter that names the node that answers it (`x-proxyto`).
    pub proxy_to: Option<Box<str>>,
    /// Whether it takes a file (`x-upload`).
    pub upload: bool,
    /// Whether it gives one on request (`x-download-allowed`).
    pub download: bool,
    /// Whether the product says that it may change (`x-unstable`).
    pub unstable: bool,
    /// Whether the product declares that it answers with `null` (`x-returns-null`).
    pub returns_null: bool,
    /// What stands below this path (`x-links`): the templates of the next segments, filled from each item
    /// of the answer.
    pub links: Vec<Box<str>>,
}

/// One parameter of an operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name; `net[n]` when it is indexed.
    pub name: Box<str>,
    /// Where it stands.
    pub place: Place,
    /// Whether the call is refused without it.
    pub required: bool,
    /// What it has to be.
    pub schema: Schema,
}

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the path.
    Path,
    /// In the query, or in the body of a method that has one.
    Rest,
}

/// What an operation declares to answer with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Returns<'o> {
    /// Nothing is declared.
    Undeclared,
    /// `null`.
    Null,
    /// A value.
    Value(&'o Schema),
}

impl Operation {
    /// What it declares to answer with.
    pub fn returns(&self) -> Returns<'_> {
        match &self.response {
            _ if self.facts.returns_null => Returns::Null,
            Some(schema) => Returns::Value(schema),
            None => Returns::Undeclared,
        }
    }

    /// The parameter of this name, spelled exactly.
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters
            .iter()
            .find(|parameter| *parameter.name == *name)
    }
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
