//! `/nodes/{node}/termproxy` and `/nodes/{node}/vncwebsocket`: a shell of the machine.

use serde_json::json;

use crate::pbs::world::World;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::console;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::work::Job;
use crate::routes::Route;
use crate::routes::route::{get, post};

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        post("/nodes/{node}/termproxy", Handler::Write(open)),
        get("/nodes/{node}/vncwebsocket", Handler::Read(connect)),
    ]
}

/// Where tickets of shells are good for.
const PATH: &str = "/system";

/// Only people have shells.
fn open(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    if call.caller.token.is_some() {
        // From memory of `api2/node/mod.rs`.
        let text = "API tokens cannot access this API endpoint";
        return Err(Fault::Failed(text.to_owned()));
    }
    let port = 5900 + u16::try_from(call.random() % 100).unwrap_or(0);
    let user = call.caller.to_string();
    let ticket = call
        .context
        .signer
        .console(&call.caller, PATH, port, call.now);
    let node = world.node.name.clone();
    let id = call.text("cmd");
    let upid = call.begin(world, &node, Job::new("termproxy", id));
    Ok(Answer::new(json!({
        "user": user,
        "ticket": ticket,
        "port": port,
        "upid": upid,
    })))
}

/// Says what is missing for a `WebSocket`, first the ticket, then the header (proxmox-http, `websocket`).
fn connect(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let port = call.arguments.integer("port").unwrap_or(0);
    let port = u16::try_from(port).unwrap_or(0);
    let (signer, ticket) = (&call.context.signer, call.text("vncticket"));
    signer
        .verify_console(ticket, &call.caller, PATH, port, call.now)
        .map_err(|_| Fault::Failed("invalid ticket".to_owned()))?;
    let shell = console::Kind::Terminal(format!("root@{}:~# ", world.node.name));
    if let Some(answer) = Answer::console(call.request, shell) {
        return Ok(answer);
    }
    let header = |name: &str| call.request.headers.text(name);
    let text = match (header("upgrade"), header("sec-websocket-version")) {
        (None, _) => "missing Upgrade header",
        (Some(protocol), _) if !protocol.eq_ignore_ascii_case("websocket") => {
            "invalid protocol name"
        }
        (_, None) => "missing websocket version",
        (_, Some(version)) if version != "13" => "invalid websocket version",
        _ => "missing websocket key",
    };
    Err(Fault::Failed(text.to_owned()))
}
