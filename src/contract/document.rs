//! From an `OpenAPI` document to a contract, and one sentence about the first thing that is wrong with it.
//!
//! The document is taken apart piece by piece and each piece given to `openapiv3` alone: read as a whole,
//! its errors would not say which path they are about.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use openapiv3::{ReferenceOr, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::facts::{
    METHODS, body_rule, known_keys, listeners, nameless, names, parameters_of, position,
    repeated_path, same_parameters, word,
};
use super::operation::{BodyRule, Operation, PathItem};
use super::resolve::{Fault, Resolver};
use super::schema::Schema;
use super::{Contract, ContractError};
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
        let info = openapiv3::Info::deserialize(&document["info"])
            .map_err(|error| Fault::at("info", error.to_string()))?;
        let contract = Contract {
            title: info.title,
            version: info.version,
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
        let paths = self.document["paths"].as_object();
        let paths = paths.ok_or_else(|| Fault::at("paths", "must be an object"))?;
        for (template, item) in paths {
            if !template.starts_with("x-") {
                self.path(template, item)?;
            }
        }
        Ok(())
    }

    fn path(&mut self, template: &str, item: &Value) -> Result<(), Fault> {
        let item = item
            .as_object()
            .ok_or_else(|| Fault::at(template, "a path must be an object"))?;
        known_keys(template, item)?;
        let wanted = parameters_of(template)?;
        self.same_template(template)?;
        let mut path = PathItem {
            template: template.to_owned(),
            listeners: listeners(template, item)?,
            wrong_method: word(item, "x-wrong-method", template)?,
            operations: Vec::new(),
        };
        let shared = self.declared(item.get("parameters"), template)?;
        for method in METHODS {
            let Some(operation) = item.get(method) else {
                continue;
            };
            let method = Method::parse(&method.to_ascii_uppercase());
            let at = format!("{method} {template}");
            let mut declared = self.declared(operation.get("parameters"), &at)?;
            declared.extend(shared.iter().cloned());
            same_parameters(&at, &wanted, &declared)?;
            let operation = self.operation(&at, method, template, operation)?;
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
        item: &Value,
    ) -> Result<Operation, Fault> {
        let operation = openapiv3::Operation::deserialize(item)
            .map_err(|error| Fault::at(at, error.to_string()))?;
        let index = u16::try_from(self.contract.operations.len())
            .map_err(|_| Fault::at(at, "a contract holds at most 65,536 operations"))?;
        let facts = &Map::from_iter(operation.extensions);
        let body = body_rule(facts, at)?;
        let request = self.request(operation.request_body, at)?;
        if body == BodyRule::GoJson && request.is_none() {
            return Err(Fault::at(
                at,
                "`x-body` is \"go-json\", but `requestBody` has no schema",
            ));
        }
        let fixture = word(facts, "x-fixture", at)?;
        if fixture
            .as_ref()
            .is_some_and(|name| name.contains(['/', '\\']))
        {
            return Err(Fault::at(
                at,
                "`x-fixture` must be the name of a file, without a folder",
            ));
        }
        let id = self.id(operation.operation_id, at)?;
        let answers = self.answers(operation.responses, at)?;
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
            counter: position(facts, "x-counter", &self.contract.counters, at)?,
            capture: position(facts, "x-capture", &self.contract.captures, at)?,
            fixture,
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

    fn request(
        &mut self,
        body: Option<ReferenceOr<openapiv3::RequestBody>>,
        at: &str,
    ) -> Result<Option<Schema>, Fault> {
        let at = format!("{at}: requestBody");
        let Some(body) = body else { return Ok(None) };
        let body = self.resolver.item(body, "requestBodies", &at)?;
        self.content(&body.content, &at)
            .map(|content| content.and_then(|(_, schema)| schema))
    }

    /// The first content type with its schema: no product has operations with several.
    fn content(
        &mut self,
        content: &openapiv3::Content,
        at: &str,
    ) -> Result<Option<(String, Option<Schema>)>, Fault> {
        let Some((name, media)) = content.first() else {
            return Ok(None);
        };
        let schema = match &media.schema {
            Some(schema) => Some(self.resolver.schema(schema, at)?),
            None => None,
        };
        Ok(Some((name.clone(), schema)))
    }

    fn answers(&mut self, responses: openapiv3::Responses, at: &str) -> Result<Answers, Fault> {
        let mut statuses = Vec::with_capacity(responses.responses.len());
        let mut success = None;
        for (status, response) in responses.responses {
            let at = format!("{at}: responses.{status}");
            let StatusCode::Code(status) = status else {
                return Err(Fault::at(&at, "each status must be written out"));
            };
            let response = self.resolver.item(response, "responses", &at)?;
            let content = self.content(&response.content, &at)?;
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

    /// The path parameters of a list of parameters.
    fn declared(&self, list: Option<&Value>, at: &str) -> Result<BTreeSet<String>, Fault> {
        let at = &format!("{at}: parameters");
        let Some(list) = list else {
            return Ok(BTreeSet::new());
        };
        let list = Vec::<ReferenceOr<openapiv3::Parameter>>::deserialize(list)
            .map_err(|error| Fault::at(at, error.to_string()))?;
        let mut names = BTreeSet::new();
        for parameter in list {
            let parameter = self.resolver.item(parameter, "parameters", at)?;
            if let openapiv3::Parameter::Path { parameter_data, .. } = parameter {
                names.insert(parameter_data.name);
            }
        }
        Ok(names)
    }
}

/// What an operation answers.
struct Answers {
    statuses: Vec<u16>,
    success: u16,
    content_type: Option<String>,
    response: Option<Schema>,
}
