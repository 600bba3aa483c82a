//! What the control plane says when it cannot do what is asked: `WireMock`'s form of errors.

use std::borrow::Cow;

use serde_json::{Value, json};

use crate::http::{Reply, Request};
use crate::stubs::PatternFault;

/// A refusal, before it is a reply.
#[derive(Debug)]
pub(super) struct Refusal {
    status: u16,
    title: Cow<'static, str>,
    detail: Option<String>,
    pointer: Option<String>,
    allow: Option<String>,
}

impl Refusal {
    /// A refusal with a sentence that says what is wrong.
    pub(super) fn new(status: u16, title: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            title: title.into(),
            detail: None,
            pointer: None,
            allow: None,
        }
    }

    /// A request that cannot be understood.
    pub(super) fn bad_request(title: impl Into<Cow<'static, str>>) -> Self {
        Self::new(400, title)
    }

    /// The same with more to say, such as line and column.
    pub(super) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// The same with the place in the body, as a JSON pointer.
    pub(super) fn at(mut self, pointer: impl Into<String>) -> Self {
        self.pointer = Some(pointer.into());
        self
    }

    /// A known path with a method it has no route for.
    pub(super) fn wrong_method(request: &Request, allowed: &[&str]) -> Self {
        let (method, path) = (&request.method, request.path());
        let allow = allowed.join(", ");
        let title = format!("{path} does not take {method}, it takes {allow}");
        Self {
            allow: Some(allow),
            ..Self::new(405, title)
        }
    }

    /// A path under the control prefix that no route has.
    pub(super) fn unknown_path(path: &str) -> Self {
        Self::new(404, format!("there is no control route {path}"))
            .detail("GET /__admin lists the routes there are")
    }

    pub(super) fn into_reply(self) -> Reply {
        let mut error = serde_json::Map::new();
        error.insert("code".into(), json!(10));
        if let Some(pointer) = self.pointer {
            error.insert("source".into(), json!({ "pointer": pointer }));
        }
        error.insert("title".into(), Value::String(self.title.into_owned()));
        if let Some(detail) = self.detail {
            error.insert("detail".into(), Value::String(detail));
        }
        let reply = super::json(self.status, &json!({ "errors": [error] }));
        match self.allow {
            Some(allow) => reply.with("allow", allow),
            None => reply,
        }
    }
}

impl From<PatternFault> for Refusal {
    fn from(fault: PatternFault) -> Self {
        Self::new(422, fault.problem).at(fault.pointer)
    }
}
