//! How an answer or a refusal looks on the wire: status, reason phrase, body, headers.
//!
//! The only place with status codes: when a code is wrong, it is wrong here. Proxmox VE is in `perl.rs`, the two
//! others in `rust.rs`; the facts are proxmox.md 1.1 to 1.3. Compression and delays come later on the way out.

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::console::{self, Console};
use super::fault::{Fault, Unacceptable};
use super::product::{Edition, Product};
use super::written::Written;
use crate::http::websocket::Handshake;
use crate::http::{Body, Refusal, Reply, Request};

mod documented;
mod perl;
mod rust;

pub use documented::{Documented, Of, Shown, documented};

const JSON: &str = "application/json;charset=UTF-8";

/// The second part of a path, after `/api2`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For programs: refusals have their own status.
    Json,
    /// For the web interface: 200, and the status in the body.
    Extjs,
}

impl Format {
    /// The format of this name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "json" => Some(Self::Json),
            "extjs" => Some(Self::Extjs),
            _ => None,
        }
    }
}

/// Whether truth values in an answer are written the product's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Booleans {
    /// 0 and 1 in Proxmox VE, `false` and `true` in the others.
    #[default]
    OfTheProduct,
    /// As they stand: for what Proxmox VE passes on from elsewhere (guest agents, Ceph), and where its code says
    /// `JSON::true`.
    AsTheyStand,
}

/// What a handler answers.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// `data`.
    pub data: Value,
    /// `data` as text in the place of the above. It tells the time in whole seconds at most and takes no ids:
    /// within a second, who asks the same of an unchanged world is told it again.
    pub written: Option<Written>,
    /// Members beside `data`: `total`, `changes`, `digest`, ... Proxmox VE sends the first two only.
    pub attributes: Map<String, Value>,
    /// How truth values in `data` are written.
    pub booleans: Booleans,
    /// A cookie to set.
    pub cookie: Option<String>,
    /// The content type, where it is not that of all answers: Datacenter Manager's logins (proxmox.md 2.5).
    pub content_type: Option<&'static str>,
    /// A console that the connection becomes, instead of all else.
    pub console: Option<Console>,
    /// A file to be saved, in the place of all of the above.
    pub download: Option<Download>,
}

/// A file that a client is to save.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Download {
    /// Its name.
    pub name: String,
    /// Its type.
    pub content_type: &'static str,
    /// What is in it.
    pub content: String,
}

impl Answer {
    /// An answer without attributes.
    pub fn new(data: impl Into<Value>) -> Self {
        Self {
            data: data.into(),
            ..Self::default()
        }
    }

    /// An answer whose truth values stand as they are.
    pub fn as_it_stands(data: impl Into<Value>) -> Self {
        Self {
            booleans: Booleans::AsTheyStand,
            ..Self::new(data)
        }
    }

    /// An answer whose `data` is text already.
    pub fn written(text: Written) -> Self {
        Self {
            written: Some(text),
            ..Self::default()
        }
    }

    /// An answer by which the connection becomes a console; `None` when the request does not ask for a WebSocket.
    pub fn console(request: &Request, kind: console::Kind) -> Option<Self> {
        let handshake = Handshake::read(request)?;
        Some(Self {
            console: Some(Console {
                handshake,
                kind,
                task: None,
                seat: None,
            }),
            ..Self::default()
        })
    }

    /// The same answer, where it is a console, with the task that goes on for as long as somebody sits at it.
    #[must_use]
    pub fn attended(mut self, task: Option<String>) -> Self {
        if let Some(console) = &mut self.console {
            console.task = task;
        }
        self
    }

    /// An answer that is a file.
    pub fn file(download: Download) -> Self {
        Self {
            download: Some(download),
            ..Self::default()
        }
    }

    /// The same answer with one more member beside `data`.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.attributes.insert(name.to_owned(), value.into());
        self
    }
}

/// Everything besides answer and fault that decides how a reply looks.
#[derive(Debug, Clone, Copy)]
pub struct Envelope {
    /// The product's release.
    pub edition: Edition,
    /// The format asked for; `Json` where none was understood.
    pub format: Format,
    /// The time, for headers.
    pub now: Timestamp,
}

impl Envelope {
    /// The reply to a call.
    pub fn reply(&self, result: Result<Answer, Fault>) -> Reply {
        let result = match result {
            Ok(Answer {
                console: Some(console),
                ..
            }) => return switched(console, self.edition.product()),
            Ok(Answer {
                download: Some(file),
                ..
            }) => return saved(file),
            result => result,
        };
        match (self.edition.product(), result) {
            (Product::Pve, Ok(answer)) => perl::answer(self, answer),
            (Product::Pve, Err(fault)) => perl::refusal(self, &fault),
            (_, Ok(answer)) => rust::answer(self, answer),
            (_, Err(fault)) => rust::refusal(self, &fault),
        }
    }

    /// The reply of a file laid over the world: the whole body as it stands there, or what it has under `data`
    /// where the format wants another envelope.
    pub fn canned(&self, body: &Value, text: Bytes) -> Reply {
        if self.format == Format::Extjs {
            let data = body.get("data").unwrap_or(body).clone();
            return self.reply(Ok(Answer {
                booleans: Booleans::AsTheyStand,
                ..Answer::new(data)
            }));
        }
        self.verbatim(text)
    }

    /// The reply of a body that is made already, in the format for programs.
    pub fn verbatim(&self, text: Bytes) -> Reply {
        let mut reply = self.reply(Ok(Answer::default()));
        reply.body = Body::Whole(text);
        reply
    }

    /// The reply to what `net` refuses by itself.
    pub fn refuse(&self, refusal: Refusal) -> Reply {
        self.reply(Err(Fault::Unacceptable(match refusal {
            Refusal::BodyTooLarge { .. } => Unacceptable::BodyTooLarge,
            Refusal::Timeout => Unacceptable::Timeout,
            Refusal::BrokenBody => Unacceptable::BrokenBody,
        })))
    }
}

/// A refusal as `proxmox-client` words it, the library by which the products ask each other: status and message of
/// the `extjs` format, and below it what is wrong with which parameter (from memory of its `error.rs`).
pub fn client_error(edition: Edition, fault: &Fault) -> String {
    let envelope = Envelope {
        edition,
        format: Format::Extjs,
        now: Timestamp::UNIX_EPOCH,
    };
    let reply = envelope.reply(Err(fault.clone()));
    let bytes = reply.bytes();
    let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let status = body["status"].as_u64().unwrap_or(reply.status.into());
    let message = match body["message"].as_str() {
        Some(message) => message.trim_end().to_owned(),
        None if bytes.is_empty() => reply.reason.unwrap_or_default().to_string(),
        None => String::from_utf8_lossy(&bytes).trim_end().to_owned(),
    };
    let errors = body["errors"].as_object().into_iter().flatten();
    let errors: String = errors
        .map(|(name, error)| {
            format!(
                "\n{name}: {}",
                error.as_str().unwrap_or_default().trim_end()
            )
        })
        .collect();
    let phrase = match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        _ => "<unknown status code>",
    };
    format!("api error (status = {status} {phrase}): {message}{errors}")
}

/// The connection becomes a console.
fn switched(mut console: Console, product: Product) -> Reply {
    let mut reply = Reply::empty(101)
        .with("upgrade", "websocket")
        .with("connection", "Upgrade")
        .with(
            "sec-websocket-accept",
            std::mem::take(&mut console.handshake.accept),
        );
    if let Some(protocol) = console.handshake.protocol.take() {
        reply = reply.with("sec-websocket-protocol", protocol);
    }
    reply.body = Body::Talk(console.talk(product));
    reply
}

/// A file for a client to save; all three products send it without an envelope.
fn saved(file: Download) -> Reply {
    let name = file.name.replace(['"', '\\', '\r', '\n'], "_");
    Reply::new(200, file.content_type, file.content).with(
        "content-disposition",
        format!("attachment; filename=\"{name}\""),
    )
}

#[cfg(test)]
mod tests;
