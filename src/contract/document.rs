//! From an `OpenAPI` document to a contract, and one sentence about the first thing that is wrong with it.
//!
//! The document is read piece by piece, so that a fault names the operation that it is about.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::{Map, Value};

use super::facts::{
    METHODS, body_rule, known_keys, listeners, nameless, names, parameters_of, position,
    repeated_path, same_parameters, word,
};
use super::operation::{BodyRule, Operation, Parameter, PathItem};
use super::resolve::{Fault, Resolver, members};
use super::schema::Schema;
use super::{Contract, ContractError, parameters, product};
use crate::http::Method;

/// Reads a contract.
pub(super) fn read(text: &[u8], place: &str) -> Result<Contract, ContractError> {
    let document: Value = serde_json::from_slice(text).map_err(|error| syntax(place, &error))?;
    let in_place = |fault: Fault| ContractError::Content {
        place: place.to_owned(),
        at: fault.at,
        message: fault.message,
    };
    repeated_path(text).map_or(Ok(()), Err).map_err(in_place)?;
    let mut reading = Reading::begin(&document).map_err(in_place)?;
    reading.paths().map_err(in_place)?;
    reading.finish().map_err(in_place)
}

fn syntax(place: &str, error: &serde_json::Error) -> ContractError {
    let message = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    ContractError::Syntax {
        place: place.to_owned(),
        line: error.line(),
        column: error.column(),
        message: message.replace(&position, ""),
    }
}

/// A contract while it is being read.
struct Reading<'d> {
    document: &'d Value,
    resolver: Resolver<'d>,
    contract: Contract,
    /// The operation that has an id.
    ids: BTreeMap<String, String>,
    /// The path that has a template, parameters without their names.
    templates: BTreeMap<String, String>,
}

impl<'d> Reading<'d> {
    fn begin(document: &'d Value) -> Result<Self, Fault> {
        let version = document.get("openapi").and_then(Value::as_str);
        if !version.is_some_and(|version| version.starts_with("3.0.")) {
            return Err(Fault::at("openapi", "must be \"3.0.x\""));
        }
        let info = members(&document["info"], "info")?;
        let field = |name: &str| {
            let text = word(info, name, "info")?;
            text.ok_or_else(|| Fault::at("info", format!("missing field `{name}`")))
        };
        let contract = Contract {
            title: field("title")?,
            version: field("version")?,
            paths: Vec::new(),
            operations: Vec::new(),
            counters: names(document, "x-counters")?,
            captures: names(document, "x-captures")?,
            document: Bytes::from(document.to_string()),
            schemas: BTreeMap::new(),
        };
        Ok(Self {
            document,
            resolver: Resolver::new(&document["components"]),
            contract,
            ids: BTreeMap::new(),
            templates: BTreeMap::new(),
        })
    }

    fn finish(self) -> Result<Contract, Fault> {
        let schemas = self.resolver.finish()?;
        Ok(Contract {
            schemas,
            ..self.contract
        })
    }

    fn paths(&mut self) -> Result<(), Fault> {
        let paths = members(&self.document["paths"], "paths")?;
        for (template, item) in paths {
            if !template.starts_with("x-") {
                self.path(template, item)?;
            }
        }
        Ok(())
    }

    fn path(&mut self, template: &str, item: &'d Value) -> Result<(), Fault> {
        let wanted = parameters_of(template)?;
        let item = item
            .as_object()
            .ok_or_else(|| Fault::at(template, "a path must be an object"))?;
        known_keys(template, item)?;
        self.same_template(template)?;
        let mut path = PathItem {
            template: template.to_owned(),
            listeners: listeners(template, item)?,
            wrong_method: word(item, "x-wrong-method", template)?,
            operations: Vec::new(),
        };
        for name in METHODS {
            let Some(operation) = item.get(name) else {
                continue;
            };
            let method = Method::parse(&name.to_ascii_uppercase());
            let at = format!("{method} {template}");
            let operation = members(operation, &at)?;
            let mut known = Vec::new();
            let (own, shared) = (operation.get("parameters"), item.get("parameters"));
            parameters::declared(&mut known, own, &mut self.resolver, &at)?;
            parameters::declared(&mut known, shared, &mut self.resolver, template)?;
            same_parameters(&at, &wanted, &parameters::in_path(&known))?;
            let operation = self.operation(&at, method, template, operation, known)?;
            path.operations.push(operation.index);
            self.contract.operations.push(operation);
        }
        self.contract.paths.push(path);
        Ok(())
    }

    fn operation(
        &mut self,
        at: &str,
        method: Method,
        template: &str,
        item: &'d Map<String, Value>,
        mut known: Vec<Parameter>,
    ) -> Result<Operation, Fault> {
        let index = u16::try_from(self.contract.operations.len())
            .map_err(|_| Fault::at(at, "a contract holds at most 65,536 operations"))?;
        let body = body_rule(item, at)?;
        let body_item = self.body(item.get("requestBody"), at)?;
        let request = match body_item {
            Some(body) => self.content(body, &format!("{at}: requestBody"))?,
            None => None,
        };
        let request = request.and_then(|(_, schema)| schema);
        if body == BodyRule::GoJson && request.is_none() {
            let message = "`x-body` is \"go-json\", but `requestBody` has no schema";
            return Err(Fault::at(at, message));
        }
        let id = self.id(word(item, "operationId", at)?, at)?;
        let answers = self.answers(item.get("responses"), at)?;
        let additional = parameters::with_form(&mut known, body_item, request.as_ref(), item);
        Ok(Operation {
            index,
            id,
            method,
            template: template.to_owned(),
            body,
            request,
            success: answers.success,
            content_type: answers.content_type,
            response: answers.response,
            statuses: answers.statuses,
            counter: position(item, "x-counter", &self.contract.counters, at)?,
            capture: position(item, "x-capture", &self.contract.captures, at)?,
            fixture: fixture(item, at)?,
            parameters: known,
            additional,
            permissions: item.get("x-permissions").cloned(),
            facts: product::facts(item, at)?,
        })
    }

    fn id(&mut self, id: Option<String>, at: &str) -> Result<String, Fault> {
        let id = id.filter(|id| !id.is_empty());
        let id = id.ok_or_else(|| Fault::at(at, "`operationId` is missing"))?;
        match self.ids.insert(id.clone(), at.to_owned()) {
            None => Ok(id),
            Some(other) => {
                let message = format!("`operationId` is `{id}`, as is that of {other}");
                Err(Fault::at(at, message))
            }
        }
    }

    fn same_template(&mut self, template: &str) -> Result<(), Fault> {
        let nameless = nameless(template);
        match self.templates.insert(nameless, template.to_owned()) {
            None => Ok(()),
            Some(other) => Err(Fault::at(template, format!("is the same path as {other}"))),
        }
    }

    fn body(
        &self,
        body: Option<&'d Value>,
        at: &str,
    ) -> Result<Option<&'d Map<String, Value>>, Fault> {
        let at = format!("{at}: requestBody");
        body.map(|body| self.resolver.part(body, "requestBodies", &at))
            .transpose()
    }

    /// The first content type with its schema: where products have several, they have the same schema.
    fn content(
        &mut self,
        owner: &'d Map<String, Value>,
        at: &str,
    ) -> Result<Option<(String, Option<Schema>)>, Fault> {
        let content = match owner.get("content") {
            Some(content) => members(content, at)?,
            None => return Ok(None),
        };
        let Some((name, media)) = content.iter().next() else {
            return Ok(None);
        };
        let schema = match members(media, at)?.get("schema") {
            Some(schema) => Some(self.resolver.schema(schema, at)?),
            None => None,
        };
        Ok(Some((name.clone(), schema)))
    }

    fn answers(&mut self, responses: Option<&'d Value>, at: &str) -> Result<Answers, Fault> {
        let Some(Value::Object(responses)) = responses else {
            return Err(Fault::at(at, "missing field `responses`"));
        };
        let mut statuses = Vec::with_capacity(responses.len());
        let mut success = None;
        for (status, response) in responses {
            if status.starts_with("x-") {
                continue;
            }
            let within = format!("{at}: responses.{status}");
            let number = status.parse().ok().filter(|_| status.len() == 3);
            let Some(status) = number else {
                return Err(Fault::at(&within, "each status must be written out"));
            };
            let response = self.resolver.part(response, "responses", &within)?;
            if !response.contains_key("description") {
                return Err(Fault::at(at, "missing field `description`"));
            }
            let content = self.content(response, &within)?;
            if success.is_none() && status < 300 {
                success = Some((status, content));
            }
            statuses.push(status);
        }
        let Some((success, content)) = success else {
            return Err(Fault::at(at, "`responses` has none below 300"));
        };
        let (content_type, response) = content.unzip();
        Ok(Answers {
            statuses,
            success,
            content_type,
            response: response.flatten(),
        })
    }
}

/// The file of a canned answer.
fn fixture(item: &Map<String, Value>, at: &str) -> Result<Option<String>, Fault> {
    let fixture = word(item, "x-fixture", at)?;
    match &fixture {
        Some(name) if name.contains(['/', '\\']) => {
            let message = "`x-fixture` must be the name of a file, without a folder";
            Err(Fault::at(at, message))
        }
        _ => Ok(fixture),
    }
}

/// What an operation answers.
struct Answers {
    statuses: Vec<u16>,
    success: u16,
    content_type: Option<String>,
    response: Option<Schema>,
}
