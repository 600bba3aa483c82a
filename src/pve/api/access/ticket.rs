//! `/access/ticket` and `/access/vncticket`: who comes in with a password, and whether a console's ticket is good.

use crate::proxmox::Product;
use crate::proxmox::acl::normalized;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::gate::Mode;
use crate::proxmox::identity::Identity;
use crate::proxmox::lodge::Lodge;
use crate::proxmox::login::{enter, may_verify};
use crate::pve::world::World;
use crate::routes::Route;
use crate::routes::route::{get, post};

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/access/ticket", Handler::Read(nothing)),
        post("/access/ticket", Handler::Write(enter)),
        post("/access/vncticket", Handler::Read(verify_console)),
    ]
}

/// It is there for formatters only.
fn nothing(_: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    Ok(Answer::default())
}

/// Whether the ticket of a console is good and whoever it is for may have what it is about. Nobody is told what is
/// wrong, in open mode neither: the ticket is the question here.
fn verify_console(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let lodge = Lodge::new(world, call.context, call.now);
    let who = Identity::parse(call.text("authid"), Product::Pve);
    let who = who.map_err(|_| Fault::LoginFailed)?;
    let path = normalized(call.text("path")).ok_or(Fault::LoginFailed)?;
    let port = call.arguments.integer("port").unwrap_or_default();
    let port = u16::try_from(port).map_err(|_| Fault::LoginFailed)?;
    let signer = &call.context.signer;
    signer
        .verify_console(call.text("vncticket"), &who, &path, port, call.now)
        .map_err(|_| Fault::LoginFailed)?;
    let is_open = call.context.mode == Mode::Open;
    let may = is_open || may_verify(&lodge, &who, &path, call.text("privs"));
    may.then(Answer::default).ok_or(Fault::LoginFailed)
}
