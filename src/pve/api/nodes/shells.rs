//! Shells on a node: tickets for them, and the streams behind the tickets.
//!
//! As with the consoles of guests, a call makes a port, a ticket bound to it and a task, the stream is a WebSocket,
//! and the port's number says what is behind it: an odd one is a terminal, an even one a screen.

use serde_json::json;

use super::machine;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::console;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::{BadCredentials, Fault};
use crate::proxmox::permission::Denied;
use crate::proxmox::product::Edition;
use crate::proxmox::work::Job;
use crate::pve::world::World;
use crate::pve::world::certificate::AUTHORITY;
use crate::routes::Route;
use crate::routes::route::{get, post};

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    use Handler::{Read, Write};
    vec![
        post("/nodes/{node}/vncshell", Write(screen)),
        post("/nodes/{node}/termproxy", Write(terminal)),
        post("/nodes/{node}/spiceshell", Write(spice)),
        get("/nodes/{node}/vncwebsocket", Read(socket)),
    ]
}

/// The path that a ticket is bound to.
fn path(call: &Call<'_>) -> String {
    format!("/nodes/{}", call.text("node"))
}

/// The product takes the first free port of its range; here they go round.
fn screen_port(call: &Call<'_>) -> u16 {
    5900 + 2 * u16::try_from(call.random() % 50).unwrap_or(0)
}

/// Everybody else than the superuser gets a login and nothing else.
fn only_login(call: &Call<'_>) -> Result<(), Fault> {
    let wants_more = !matches!(call.text("cmd"), "" | "login");
    if wants_more && !call.is_root() {
        return Err(Fault::Denied(Denied::because("user != root@pam")));
    }
    Ok(())
}

fn ticket(call: &Call<'_>, port: u16) -> String {
    let signer = &call.context.signer;
    signer.console(&call.caller, &path(call), port, call.now)
}

fn screen(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    machine::node(world, call)?;
    only_login(call)?;
    let port = screen_port(call);
    let upid = call.start(world, Job::new("vncshell", ""))?.data;
    let mut answer = json!({
        "user": call.caller.user.to_string(),
        "ticket": ticket(call, port),
        "cert": AUTHORITY,
        "port": port,
        "upid": upid,
    });
    // Since 9 the screen has a password of its own when its stream is a WebSocket.
    if call.arguments.is_set("websocket") && call.context.edition == Edition::Pve9 {
        let password = format!("{:016x}", call.random());
        let password = password.get(..8).unwrap_or_default();
        let ticket = answer["ticket"].as_str().unwrap_or_default();
        answer["ticket"] = json!(format!("{password}:{ticket}"));
        answer["password"] = json!(password);
    }
    Ok(Answer::new(answer))
}

fn terminal(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    machine::node(world, call)?;
    only_login(call)?;
    let port = screen_port(call) + 1;
    let upid = call.start(world, Job::new("vncshell", ""))?.data;
    Ok(Answer::new(json!({
        "user": call.caller.to_string(),
        "ticket": ticket(call, port),
        "port": port,
        "upid": upid,
    })))
}

/// What `remote-viewer` takes as its file.
fn spice(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    machine::node(world, call)?;
    only_login(call)?;
    let node = call.text("node").to_owned();
    let proxy = call.arguments.text("proxy").unwrap_or(&node).to_owned();
    let port = screen_port(call);
    call.start(world, Job::new("spiceshell", ""))?;
    let signed = ticket(call, port);
    let signature = signed.rsplit(':').next().unwrap_or_default();
    let time = format!("{:08x}", call.now.as_second());
    Ok(Answer::new(json!({
        "type": "spice",
        "title": format!("Shell on '{node}'"),
        "host": format!("pvespiceproxy:{time}:0:{node}:{port}::{signature}"),
        "proxy": format!("http://{proxy}:3128"),
        "tls-port": 61_000 + i64::from(port - 5900),
        "password": format!("{:016x}{:016x}", call.random(), call.random()),
        "ca": AUTHORITY.replace('\n', "\\n"),
        "host-subject": format!("OU=PVE Cluster Node,O=Proxmox Virtual Environment,CN={node}"),
        "delete-this-file": 1,
        "secure-attention": "Ctrl+Alt+Ins",
        "release-cursor": "Ctrl+Alt+R",
        "toggle-fullscreen": "Shift+F11",
    })))
}

/// The stream; without an `Upgrade` header the port, as in the product. A ticket may have the screen's password
/// before it.
fn socket(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    machine::node(world, call)?;
    let node = call.text("node").to_owned();
    let port = call.arguments.integer("port").unwrap_or_default();
    let number = u16::try_from(port).unwrap_or_default();
    let ticket = call.text("vncticket");
    let ticket = ticket
        .find("PVEVNC:")
        .and_then(|at| ticket.get(at..))
        .unwrap_or(ticket);
    let signer = &call.context.signer;
    let checked = signer.verify_console(ticket, &call.caller, &path(call), number, call.now);
    checked.map_err(|_| Fault::BadCredentials(BadCredentials::Ticket))?;
    let kind = match number % 2 {
        0 => console::Kind::Screen(node),
        _ => console::Kind::Terminal(format!("root@{node}:~# ")),
    };
    let console = Answer::console(call.request, kind);
    Ok(console.unwrap_or_else(|| Answer::new(json!({"port": port.to_string()}))))
}
