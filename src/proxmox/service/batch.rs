//! Several calls in one: each goes the way of a call of its own, through the gate and to its handler, and what
//! becomes of it is an item of the answer (`execute` of `PVE::API2::Nodes`).

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::Service;
use crate::http::{Headers, Method, Request};
use crate::proxmox::address::{Address, Target};
use crate::proxmox::call::Call;
use crate::proxmox::envelope::{Answer, Format};
use crate::proxmox::percent;
use crate::proxmox::state::State;
use crate::record::Tally;

/// What a sender is known by; the calls are made in their name.
const CREDENTIALS: [&str; 3] = ["cookie", "authorization", "csrfpreventiontoken"];

/// One call of a batch.
struct Command<'a> {
    method: &'a str,
    path: &'a str,
    arguments: Map<String, Value>,
}

impl<W: State> Service<W> {
    /// Answers the calls in their order; one that is refused does not keep the next from being made.
    pub(super) fn batch(&self, call: &Call<'_>) -> Answer {
        let text = call.text("commands");
        let commands: Vec<Value> = serde_json::from_str(text).unwrap_or_default();
        let commands = commands.iter().filter_map(command);
        let rows = commands.map(|command| self.one(&command, call));
        Answer::new(rows.collect::<Vec<_>>())
    }

    fn one(&self, command: &Command<'_>, call: &Call<'_>) -> Value {
        let node = call.text("node");
        let shown = format!("nodes/{node}/{}", command.path);
        let request = request(command, node, call);
        let Some(target) = self.target(&request) else {
            return json!({"status": 500, "message": format!("no handler for '{shown}'\n")});
        };
        let result = self.called(&request, &target, call.now, &mut Tally::default());
        let reply = self.reply(result, Format::Json, call.now);
        let status = reply.status;
        let mut body: Map<String, Value> =
            serde_json::from_slice(&reply.bytes()).unwrap_or_default();
        if status == 200 {
            let data = body.shift_remove("data").unwrap_or_default();
            return json!({"status": status, "data": data});
        }
        let reason = reply.reason.as_deref().unwrap_or_default();
        let message = body.shift_remove("message");
        let message = message.unwrap_or_else(|| json!(format!("{reason}\n")));
        let mut row = json!({"status": status, "message": message});
        if let Some(errors) = body.shift_remove("errors") {
            row["errors"] = errors;
        }
        row
    }

    /// Where a call goes. A batch within a batch goes nowhere: it could hold itself up without end.
    fn target(&self, request: &Request) -> Option<Target> {
        if request.path().trim_end_matches('/').ends_with("/execute") {
            return None;
        }
        match Address::read(self.context.product, request.path()) {
            Ok(Address::Api(target)) => Some(target),
            _ => None,
        }
    }
}

/// The gate has seen that the commands are of their form.
fn command(value: &Value) -> Option<Command<'_>> {
    let arguments = value.get("args").and_then(Value::as_object);
    Some(Command {
        method: value.get("method")?.as_str()?,
        path: value.get("path")?.as_str()?.trim_matches('/'),
        arguments: arguments.cloned().unwrap_or_default(),
    })
}

/// The request that the command would have been by itself.
fn request(command: &Command<'_>, node: &str, call: &Call<'_>) -> Request {
    let mut headers = Headers::default();
    for (name, value) in call.request.headers.iter() {
        if CREDENTIALS
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known))
        {
            headers.push(name, value);
        }
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~');
    let path = percent::escape(command.path, |c| !plain(c) && c != '/');
    let mut target = format!("/api2/json/nodes/{node}/{path}");
    let has_body = matches!(command.method, "POST" | "PUT");
    let mut body = String::new();
    if has_body && !command.arguments.is_empty() {
        body = Value::Object(command.arguments.clone()).to_string();
        headers.push("content-type", b"application/json");
        headers.push("content-length", body.len().to_string().as_bytes());
    } else {
        for (n, (key, value)) in command.arguments.iter().enumerate() {
            let value = match value {
                Value::String(text) => text.clone(),
                Value::Bool(truth) => u8::from(*truth).to_string(),
                value => value.to_string(),
            };
            let start = if n == 0 { '?' } else { '&' };
            let pair = [key.as_str(), &value].map(|text| percent::escape(text, |c| !plain(c)));
            target.push(start);
            target.push_str(&pair.join("="));
        }
    }
    Request {
        method: Method::parse(command.method),
        target: target.into(),
        headers,
        body: Bytes::from(body),
        body_fault: None,
        upload: None,
        peer: call.request.peer,
        listener: call.request.listener,
        secure: call.request.secure,
    }
}
